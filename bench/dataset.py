"""The data set: 25 gauge families of N/25 services, about 140 bytes a line.

Whole numbers are 60 % of the values, the others have three decimals; the seed is always the same.
Text and numbers are such that the exporter and prometheus_client write the same number of bytes.
"""

import random
from dataclasses import dataclass

from exporter.model import Block, Family, Key, Kind

SOURCE = "acme-us"
LABELS = ("service_id", "service_name", "call_center")
SEED = 1
WHOLE_SHARE = 0.6
STEP = 1.0  # what separates a value from that of the next variant; keeps it whole or not
VARIANTS = 2
NAMES = (
    "abandon_rate",
    "agents_logged_in",
    "average_delay_to_abandon_seconds",
    "average_handle_seconds",
    "average_speed_of_answer_seconds",
    "average_talk_seconds",
    "average_wrapup_seconds",
    "calls_abandoned",
    "calls_abandoned_in_threshold",
    "calls_handled",
    "calls_handled_in_threshold",
    "calls_in_progress",
    "calls_in_queue",
    "calls_offered",
    "calls_on_hold",
    "calls_with_agent",
    "longest_wait_seconds",
    "max_hold_seconds",
    "pacing_throttle",
    "percent_complete",
    "records_loaded",
    "records_playing_dialable",
    "records_remaining",
    "right_party_connects",
    "service_level",
)
FAMILIES = tuple(
    Family(f"bench_{name}", Kind.GAUGE, f"A statistic of a service: {name}.", LABELS)
    for name in NAMES
)


@dataclass(frozen=True, slots=True)
class DataSet:
    """The keys of the services, and one column of values for each family."""

    keys: tuple[Key, ...]
    columns: tuple[list[float], ...]

    def blocks(self) -> tuple[Block, ...]:
        """What the feed says, as the product's tables would put it."""
        return (Block(LABELS, self.keys, tuple(zip(FAMILIES, self.columns, strict=True))),)


def dataset(series: int, variant: int = 0) -> DataSet:
    """The data set of so many series; raises ValueError if 25 families can not share them.

    In the next variant every value differs, and every key is the same, made of new texts: so it
    is with the answers of a vendor.
    """
    services, rest = divmod(series, len(FAMILIES))
    if rest or services < 1:
        raise ValueError(f"{series} series are not a multiple of {len(FAMILIES)}")
    numbers = random.Random(SEED)
    keys = tuple(
        (f"70{n:05d}", f"Collections Outbound {n:05d}", f"Call Center {n % 40:02d}")
        for n in range(services)
    )
    step = variant * STEP
    return DataSet(keys, tuple([_value(numbers, step) for _ in range(services)] for _ in FAMILIES))


def _value(numbers: random.Random, step: float) -> float:
    if numbers.random() < WHOLE_SHARE:
        return float(numbers.randrange(5000)) + step
    return round(numbers.uniform(0.0, 1000.0) + step, 3)


class Kept:
    """The variants of a process: each made when it is first used, until all are forgotten."""

    def __init__(self, series: int) -> None:
        self._series = series
        self._made: dict[int, DataSet] = {}

    def variant(self, number: int) -> DataSet:
        """One variant."""
        if number not in self._made:
            self._made[number] = dataset(self._series, number)
        return self._made[number]

    def forget(self) -> None:
        """Frees them; what a program shows does not need what it was made from."""
        self._made.clear()
