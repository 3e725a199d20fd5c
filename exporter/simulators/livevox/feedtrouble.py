"""What faults do to the delivery of a feed: order, repetition, rubbish, and cuts.

Whatever they do, an event arrives at least once at a reader that goes on from the last event it
read whole, or from any before.
"""

import random
from collections.abc import Mapping
from typing import NamedTuple

from exporter.simulators.faults import Fault, Faults
from exporter.simulators.livevox.feedrequest import Wanted
from exporter.simulators.livevox.feedshapes import shaped
from exporter.simulators.livevox.retained import Kept

GARBAGE = (b"7", b'"x"', b"null", b"[]")
"""Elements of a page that are JSON, but no events."""
NO_JSON = (b'{"eventId": ', b"maintenance", b"<html>")
"""Lines of a stream that are no JSON."""
_MOST_ECHOES = 200
_LONGEST_DELAY = 10


class Delivery(NamedTuple):
    """What leaves: JSON texts in their order, and where the connection ends in the middle of one.

    `cut` is the index of the text that does not arrive whole; None where all do.
    """

    texts: list[bytes]
    cut: int | None


class _Echo(NamedTuple):
    kept: Kept
    due: int


class FeedTrouble:
    """The faults of one path of a feed, and what they must remember from page to page."""

    def __init__(self, faults: Faults, path: str, garbage: tuple[bytes, ...], seed: int) -> None:
        self._faults = faults
        self._path = path
        self._garbage = garbage
        self._rng = random.Random(f"trouble of {path} of {seed}")
        self._echoes: dict[int, _Echo] = {}
        self._sent = 0
        self._until_garbage = 0
        self._until_cut: int | None = None
        self._overtaken: dict[int, int] = {}

    @property
    def in_force(self) -> Mapping[str, Fault]:
        """The faults of the path now, by their names."""
        return self._faults.in_force(self._path)

    def spend(self, fault: Fault) -> None:
        """Let a fault that was met have one less to meet."""
        self._faults.spend(fault)

    def begin(self, position: int) -> None:
        """A reader has come who has read nothing up to a position: nothing of it is repeated."""
        self._echoes = {at: echo for at, echo in self._echoes.items() if at > position}

    def owed_after(self, position: int) -> int | None:
        """What a reader of a stream may have missed whose last event was at a position.

        That is the position of an event that was to come after it, though created before.
        """
        return self._overtaken.get(position)

    def deliver(self, events: list[Kept], read: int, wanted: Wanted, may_cut: bool) -> Delivery:
        """Events as they leave, for a reader who has read up to the position `read`.

        Without events only those leave that are repeated.
        """
        faults = self.in_force
        if not faults and not self._echoes:
            return Delivery([kept.body for kept in events], None)
        if "duplicates" not in faults:
            self._echoes.clear()
        if (fault := faults.get("reordering")) is not None:
            events = self._reordered(events, fault.share)
        texts = self._texts(events, read, wanted, faults)
        return Delivery(texts, self._cut(len(texts), faults) if may_cut else None)

    def _texts(
        self, events: list[Kept], read: int, wanted: Wanted, faults: Mapping[str, Fault]
    ) -> list[bytes]:
        texts = []
        repeating, garbage = faults.get("duplicates"), faults.get("garbage")
        if not events:
            texts = [shaped(kept.body, faults) for kept in self._due(read, wanted)]
        for kept in events:
            texts.append(shaped(kept.body, faults))
            read = max(read, kept.position)
            self._sent += 1
            if repeating is not None:
                texts.extend(shaped(one.body, faults) for one in self._due(read, wanted, 1))
                if self._rng.random() < repeating.share:
                    self._remember(kept)
            if garbage is not None and self._sent >= self._until_garbage:
                self._until_garbage = self._sent + garbage.every
                texts.append(self._rng.choice(self._garbage))
        return texts

    def _remember(self, kept: Kept) -> None:
        """Repeat an event a little later, unless it is to be repeated already."""
        if len(self._echoes) < _MOST_ECHOES and kept.position not in self._echoes:
            due = self._sent + self._rng.randint(1, _LONGEST_DELAY)
            self._echoes[kept.position] = _Echo(kept, due)

    def _due(self, read: int, wanted: Wanted, most: int | None = None) -> list[Kept]:
        """The events to repeat now: only such as the reader has read already.

        At most so many of those whose time has come; else all of them.
        """
        due = [
            echo.kept
            for echo in self._echoes.values()
            if echo.kept.position <= read
            and (most is None or echo.due <= self._sent)
            and wanted.of([echo.kept])
        ][:most]
        for kept in due:
            del self._echoes[kept.position]
        return due

    def _reordered(self, events: list[Kept], share: float) -> list[Kept]:
        events, index = list(events), 0
        while index + 1 < len(events):
            if self._rng.random() < share:
                first, second = events[index : index + 2]
                events[index : index + 2] = second, first
                self._overtaken[second.position] = first.position
                index += 1
            index += 1
        return events

    def _cut(self, texts: int, faults: Mapping[str, Fault]) -> int | None:
        fault = faults.get("cut_events")
        if fault is None:
            self._until_cut = None
            return None
        if self._until_cut is None:
            self._until_cut = self._rng.randint(fault.every // 2, fault.every * 3 // 2)
        if self._until_cut >= texts:
            self._until_cut -= texts
            return None
        cut, self._until_cut = self._until_cut, None
        self._faults.spend(fault)
        return cut
