"""A change: what one reading, or one batch of events, does to the ledger."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from exporter.accumulator import DayState, SeriesKey
from exporter.ledger_histograms import Bounds, check_bounds, check_rises
from exporter.model import Observations


@dataclass(frozen=True, slots=True)
class StreamChange:
    """How far a stream is read once the change is counted.

    `cursor` is where to go on ("" forgets it, None leaves it as it is); `ids` are those of the
    events that the change counts, oldest first; `memory` is what the feed's machine must not
    forget, by key (None forgets a key). `restarted` forgets all memory before that, and no ids.
    All texts can be encoded as UTF-8.
    """

    feed: str
    cursor: str | None = None
    ids: Sequence[str] = ()
    memory: Mapping[str, str | None] = field(default_factory=dict)
    restarted: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What one reading or batch of events changes; it lands whole or not at all.

    Counters rise by `increments`, finite and not negative, and histograms by `observations`;
    those of `known`, and of `known_histograms` with their bounds, start at 0 if they are new. A
    histogram that has other bounds is carried over to these. `day` is a feed and its state, in
    which no label set is missing that was there before. `stream` is how far a stream is read.
    `queues` are the names of the queues by id as they are now. `at` is Unix seconds. The ledger
    keeps the observations and may read them later: they are not changed after this.
    """

    source: str
    _: KW_ONLY
    at: float
    increments: Mapping[SeriesKey, float] = field(default_factory=dict)
    known: Iterable[SeriesKey] = ()
    observations: Mapping[SeriesKey, Observations] = field(default_factory=dict)
    known_histograms: Mapping[SeriesKey, Bounds] = field(default_factory=dict)
    day: tuple[str, DayState] | None = None
    stream: StreamChange | None = None
    queues: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not math.isfinite(self.at):
            raise ValueError(f"a change at {self.at} has no time")
        for key, value in self.increments.items():
            if not 0 <= value < math.inf:
                raise ValueError(f"{key[0]} can not rise by {value}")
        check_rises(self.observations.values())
        for bounds in self.known_histograms.values():
            check_bounds(bounds)
