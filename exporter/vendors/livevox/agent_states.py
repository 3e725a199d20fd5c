"""States of agents in the common words, and how a single agent is shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from exporter.labels import hashed, slug

# stateId → canonical state, and the finer word that becomes the reason
STATES: Mapping[int, tuple[str, str]] = {
    0: ("offline", ""),
    1: ("other", ""),
    2: ("available", ""),
    3: ("away", ""),
    4: ("busy", "in_call"),
    5: ("after_contact_work", ""),
    6: ("busy", "transferring"),
    7: ("busy", "manual_dial"),
    8: ("busy", "preview_dial"),
    9: ("busy", "dialing"),
    10: ("other", ""),
    11: ("busy", "hold"),
    12: ("busy", "reserved"),
    13: ("other", ""),
}
WORDS: Mapping[str, int] = {
    "logoff": 0,
    "logged_off": 0,
    "logon": 1,
    "ready": 2,
    "not_ready": 3,
    "in_call": 4,
    "wrap_up": 5,
    "wrapup": 5,
    "transferring": 6,
    "manual_dial": 7,
    "preview_dial": 8,
    "dialing": 9,
    "registering": 10,
    "hold": 11,
    "reserved": 12,
}
BUSIEST_FIRST = ("busy", "after_contact_work", "available", "away", "other", "offline")


def state_of(state_id: float | None, word: str) -> tuple[str, str]:
    """The canonical state and the finer word: by id, else by text, else `other`."""
    if state_id is not None and state_id in STATES:
        return STATES[int(state_id)]
    return STATES.get(WORDS.get(slug(word), -1), ("other", ""))


@dataclass(frozen=True, slots=True)
class Naming:
    """How an agent is shown: hidden, hashed with a key, or named by login."""

    mode: str = "hidden"
    key: str = ""

    @property
    def shows(self) -> bool:
        """Whether there are series of single agents at all."""
        return self.mode != "hidden"

    def label(self, login: str) -> str:
        """The label value of an agent."""
        return hashed(login, self.key) if self.mode == "hashed" else login
