"""Invented people: every name, telephone number and account here exists to be recognised.

Nobody real has them: the numbers are of the 555-01xx range that is reserved for fiction, and the
surnames are not found in any metric name, so that a test can search an exporter's output for them.
"""

import random
from dataclasses import dataclass

FIRST_NAMES = (
    "Zebulon", "Ottoline", "Ignatius", "Philippa", "Barnaby", "Cordelia", "Ferdinand", "Hermione",
    "Leopold", "Marigold", "Octavian", "Persephone", "Quentin", "Rosalind", "Sylvester", "Tabitha",
    "Ulysses", "Venetia", "Wilfred", "Xanthe", "Yolanda", "Zacharias", "Algernon", "Beatrix",
    "Crispin", "Drusilla", "Evander", "Florimond", "Griselda", "Humphrey",
)  # fmt: skip
CUSTOMER_SURNAMES = (
    "Quartermain", "Featherstone", "Cholmondeley", "Wigglesworth", "Babblebrook", "Thistlewood",
    "Umbridgeton", "Vandersloot", "Ravenscroft", "Pumblechook", "Ottershaw", "Nettlefold",
    "Mandeville", "Lillywhite", "Kettlewell", "Jollyfield", "Inglethorpe", "Hornblower",
    "Gillingwater", "Fotheringay",
)  # fmt: skip
AGENT_SURNAMES = (
    "ABERNATHY", "BLENKINSOP", "CLUTTERBUCK", "DALRYMPLE", "ENTWHISTLE", "FARTHINGALE", "GOLIGHTLY",
    "HEPPLEWHITE", "ISHERWOOD", "JELLICOE", "KNATCHBULL", "LOVELACE", "MUCKLEROY", "NIGHTINGALE",
    "OGILVIE", "PETTIGREW", "QUILLFEATHER", "RAMSBOTTOM", "SNODGRASS", "TREVELYAN", "UPJOHNSON",
    "VAVASOUR", "WHITTINGTON", "YARBOROUGH",
)  # fmt: skip
AREA_CODES = ("202", "212", "303", "404", "415", "617", "808")
CALL_SESSION_HOST = "@203.0.113.77"
"""Every call's session id ends with this, so that one search finds them all."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who calls or is called."""

    name: str
    phone: str
    account: str

    @property
    def email(self) -> str:
        """The e-mail address, of a domain that is reserved for examples."""
        return f"{self.account.lower()}@example.com"


def customers(rng: random.Random, count: int = 400) -> tuple[Customer, ...]:
    """The customers of a contact center; at most 700, the numbers that fiction has here."""
    phones = [f"{area}55501{last:02d}" for area in AREA_CODES for last in range(100)]
    rng.shuffle(phones)
    return tuple(
        Customer(
            f"{rng.choice(FIRST_NAMES)} {rng.choice(CUSTOMER_SURNAMES)}",
            phone,
            f"CUST{rng.randrange(10**7):07d}",
        )
        for phone in phones[:count]
    )


def agent_names(rng: random.Random, count: int) -> list[tuple[str, str]]:
    """First and last names of agents; the sixth has the fifth's, as it happens in real places.

    Further ones repeat only where there are more agents than names.
    """
    pairs = [(first, last) for last in AGENT_SURNAMES for first in FIRST_NAMES]
    rng.shuffle(pairs)
    names = [pairs[index % len(pairs)] for index in range(count)]
    if count > 5:
        names[5] = names[4]
    return names
