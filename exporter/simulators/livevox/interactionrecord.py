"""A record of every interaction event there ever was, small enough to be kept for ever."""

from array import array
from bisect import bisect_right
from collections import Counter
from typing import Any, NamedTuple

_NONE = -1


class Shape(NamedTuple):
    """What events have in common that are counted in the same places; words are the platform's.

    `threshold` is in seconds; `offered` and `reached` are about an agent.
    """

    queue_id: str
    interaction_type: str
    event_type: str
    direction: str | None
    campaign_type: str | None
    result: str | None
    threshold: int
    offered: bool
    reached: bool


class Happened(NamedTuple):
    """Events of one shape and the same durations, in seconds; None is what an event has not."""

    shape: Shape
    hold: int | None
    duration: int | None
    ivr: int | None


class InteractionRecord:
    """What is counted of each event, in order of creation."""

    def __init__(self, opened_ms: int) -> None:
        self._opened_ms = opened_ms
        self._shapes: list[Shape] = []
        self._numbers: dict[Shape, int] = {}
        self._at = array("q")
        self._shape = array("l")
        self._hold = array("l")
        self._duration = array("l")
        self._ivr = array("l")

    def __len__(self) -> int:
        return len(self._at)

    def add(self, at_ms: int, document: dict[str, Any]) -> None:
        """Record an event that was created at a moment, not before the last one."""
        tell = document.get
        shape = Shape(
            str(document["serviceId"]),
            document["interactionType"],
            tell("callEventType") or tell("eventType") or "",
            tell("callDirection"),
            tell("campaignType"),
            tell("lvResult"),
            tell("serviceLevelThreshold") or 0,
            tell("operatorTransfer") == 1,
            tell("operatorTransferSuccessful") == 1,
        )
        number = self._numbers.get(shape)
        if number is None:
            number = self._numbers[shape] = len(self._shapes)
            self._shapes.append(shape)
        self._at.append(max(at_ms, self._at[-1]) if self._at else at_ms)
        self._shape.append(number)
        for kept, name in (
            (self._hold, "transferHoldDuration"),
            (self._duration, "duration"),
            (self._ivr, "roundedIvrDuration"),
        ):
            value = tell(name)
            kept.append(_NONE if value is None else value)

    def since(self, since_ms: int) -> Counter[Happened]:
        """The events created after a moment, each once; all of them from the opening on."""
        start = 0 if since_ms <= self._opened_ms else bisect_right(self._at, since_ms)
        same = Counter(
            zip(
                self._shape[start:],
                self._hold[start:],
                self._duration[start:],
                self._ivr[start:],
                strict=True,
            )
        )
        counted: Counter[Happened] = Counter()
        for (number, hold, duration, ivr), count in same.items():
            happened = Happened(
                self._shapes[number], _seconds(hold), _seconds(duration), _seconds(ivr)
            )
            counted[happened] += count
        return counted


def _seconds(value: int) -> int | None:
    return None if value == _NONE else value
