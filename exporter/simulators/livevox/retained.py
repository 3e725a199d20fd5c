"""What an event feed keeps: the events of the last 24 simulated hours, in order of creation."""

import asyncio
import json
from bisect import bisect_left
from typing import Any, NamedTuple

RETENTION_MS = 24 * 3600 * 1000
_FORGOTTEN_AT_ONCE = 1024
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Kept(NamedTuple):
    """One event of a feed.

    `at_ms` is when it was created; `event_id` is empty where the event has none; `body` is its
    JSON. `facets` are what filters ask for: interaction type in capitals, call center, service.
    """

    position: int
    at_ms: int
    event_id: str
    body: bytes
    facets: tuple[str, str, str]


class Retained:
    """The events of one feed. Positions count from 1 without gaps, also over what is forgotten."""

    def __init__(self) -> None:
        self._events: list[Kept] = []
        self._positions: dict[str, int] = {}
        self._facets: dict[tuple[str, str, str], tuple[str, str, str]] = {}
        self._waiting: set[asyncio.Event] = set()
        self.last = 0

    @property
    def first(self) -> int:
        """The position of the oldest event that is kept, or of the next one to come."""
        return self._events[0].position if self._events else self.last + 1

    def append(self, at_ms: int, event_id: str, document: dict[str, Any]) -> None:
        """Keep an event that has just been created, and tell who waits for one.

        `document` is encoded at once, and may be changed afterwards.
        """
        if self._events:
            at_ms = max(at_ms, self._events[-1].at_ms)
        self.last += 1
        body = _ENCODER.encode(document).encode()
        self._events.append(Kept(self.last, at_ms, event_id, body, self._facets_of(document)))
        if event_id:
            self._positions[event_id] = self.last
        self._forget(at_ms - RETENTION_MS)
        if self._waiting:
            for told in self._waiting:
                told.set()
            self._waiting.clear()

    def position_of(self, event_id: str) -> int | None:
        """The position of the event with an id; None where there is none, or none any more."""
        return self._positions.get(event_id)

    def after(self, position: int, most: int) -> list[Kept]:
        """The events after a position that are still kept, oldest first, at most so many."""
        start = max(0, position + 1 - self.first)
        return self._events[start : start + most]

    def at_ms(self, position: int) -> int | None:
        """When the event at a position was created; None where it is not kept."""
        kept = self.after(position - 1, 1)
        return kept[0].at_ms if kept and kept[0].position == position else None

    async def more(self, position: int, seconds: float) -> None:
        """Wait until there is an event after a position, or until real seconds have passed."""
        if self.last > position:
            return
        told = asyncio.Event()
        self._waiting.add(told)
        try:
            async with asyncio.timeout(seconds):
                await told.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(told)

    def _facets_of(self, document: dict[str, Any]) -> tuple[str, str, str]:
        facets = (
            str(document.get("interactionType", "")).upper(),
            str(document.get("callCenterId", "")),
            str(document.get("serviceId", "")),
        )
        return self._facets.setdefault(facets, facets)

    def _forget(self, before_ms: int) -> None:
        """Forget what is too old, many at a time: tokens know their age, so this may be late."""
        events = self._events
        if len(events) <= _FORGOTTEN_AT_ONCE or events[_FORGOTTEN_AT_ONCE].at_ms >= before_ms:
            return
        end = bisect_left(events, before_ms, key=lambda kept: kept.at_ms)
        for kept in events[:end]:
            self._positions.pop(kept.event_id, None)
        del events[:end]
