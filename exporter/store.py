"""The present: one frame for each (source, feed, part), rendered when it is published.

Publishing replaces the frame before it whole, and an aged frame is not selected: nothing is
diffed and nothing needs to be cleaned up. Publishers may be on any thread, and so may readers:
those of one feed take turns, and nothing is rendered under the lock that readers take.
"""

import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from exporter.exposition import Chunk, is_said, label_texts, render
from exporter.model import FOREVER, Block, Column, Family, Frame, Histogram, Key

log = logging.getLogger(__name__)

GZIP_KEPT_FOR = 300.0  # seconds after somebody asked for gzip in which publishing compresses


class Place(NamedTuple):
    """Where a frame belongs."""

    source: str
    feed: str
    part: str


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Selection:
    """What is shown at one moment: chunks by family in order of name, and label sets counted.

    `series` counts them by source and family. It stays the right answer until something is
    published or withdrawn, or the monotonic time `until` has passed.
    """

    families: tuple[tuple[Family, tuple[Chunk, ...]], ...]
    series: Mapping[tuple[str, Family], int]
    until: float


class _Texts(NamedTuple):
    """The label texts of a block's rows, and whether they are all different."""

    keys: tuple[Key, ...]
    texts: list[bytes]
    unique: bool


@dataclass(slots=True)
class _Published:
    """A frame as it is shown.

    `texts` are kept by label schema for the next frame. `shown` has the label texts of each
    family's lines, `dropped` the number of those that were refused.
    """

    expires: float
    chunks: list[tuple[Family, Chunk]] = field(default_factory=list)
    texts: dict[tuple[str, ...], list[_Texts]] = field(default_factory=dict)
    shown: dict[Family, Collection[bytes]] = field(default_factory=dict)
    dropped: Counter[Family] = field(default_factory=Counter)


class _Feed:
    """The frames of one feed by part, and the part that shows each label set.

    Changed under `lock` and the store's lock together, so that either is enough to read.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.parts: dict[str, _Published] = {}
        self._owners: dict[Family, dict[bytes, str]] = defaultdict(dict)
        self._soonest = FOREVER  # no part expires before it

    def put(self, part: str, published: _Published) -> None:
        """Replaces what the part shows."""
        self.forget(part)
        self.parts[part] = published
        self._soonest = min(self._soonest, published.expires)
        if part:
            for family, shown in published.shown.items():
                self._owners[family].update(dict.fromkeys(shown, part))

    def forget(self, part: str) -> None:
        """Removes the part and what it owns."""
        gone = self.parts.pop(part, None)
        if gone is not None and part:
            for family, shown in gone.shown.items():
                for text in shown:
                    del self._owners[family][text]

    def forget_expired(self, part: str, now: float) -> None:
        """Removes what other parts do not show any more, so that this one may show it."""
        if now <= self._soonest:
            return
        others = {name: frame.expires for name, frame in self.parts.items() if name != part}
        for name, expires in others.items():
            if expires < now:
                self.forget(name)
        self._soonest = min((e for e in others.values() if e >= now), default=FOREVER)

    def rendered(self, place: Place, frame: Frame, cap: int) -> _Published:
        """The frame as it may be shown at its place: no duplicate, nothing above the cap."""
        previous = self.parts.get(place.part)
        fresh = _Published(frame.expires)
        columns: dict[Family, list[tuple[_Texts, Column]]] = defaultdict(list)
        for block in frame.blocks:
            texts = _texts(place.source, block, previous, fresh)
            for family, column in block.columns:
                columns[family].append((texts, column))
        for family, found in columns.items():
            (texts, column), *more = found
            if place.part or more or not texts.unique or len(column) > cap:
                known = previous.shown.get(family, ()) if previous else ()
                admitted = self._admitted(place.part, family, found, known, cap, fresh)
                for (texts, _), column in zip(found, admitted, strict=True):
                    fresh.chunks.append((family, render(family, texts.texts, column)))
            else:
                chunk = render(family, texts.texts, column)
                fresh.chunks.append((family, chunk))
                whole = chunk.series == len(column)
                fresh.shown[family] = texts.texts if whole else _said(texts, column)
        return fresh

    def _admitted(
        self,
        part: str,
        family: Family,
        columns: Sequence[tuple[_Texts, Column]],
        known: Collection[bytes],
        cap: int,
        fresh: _Published,
    ) -> list[Column]:
        """The columns without duplicates, and without what is above the cap."""
        owners = self._owners.get(family, {})
        first: dict[bytes, tuple[int, int]] = {}
        said = 0
        for block, (texts, column) in enumerate(columns):
            for row, (text, value) in enumerate(zip(texts.texts, column, strict=True)):
                if is_said(value):
                    said += 1
                    if owners.get(text, part) == part:
                        first.setdefault(text, (block, row))
        room = max(0, cap - len(owners) + (len(known) if part else 0))
        if len(first) > room:
            # what was shown before stays: a cap must not make series come and go
            before = set(known)
            kept = sorted(first, key=lambda text: text not in before)[:room]
            first = {text: first[text] for text in kept}
        admitted: list[list[float | Histogram | None]] = [[None] * len(c) for _, c in columns]
        for block, row in first.values():
            admitted[block][row] = columns[block][1][row]
        fresh.shown[family] = set(first)
        if said > len(first):
            fresh.dropped[family] = said - len(first)
        return cast("list[Column]", admitted)


class Store:
    """Frames by place. `cap` is the most label sets of one family in one source.

    A feed has one part without a name, or named parts.
    """

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._lock = threading.Lock()
        self._feeds: dict[tuple[str, str], _Feed] = {}
        self._ranks: Mapping[tuple[str, str], int] = {}
        self._version = 0
        self._selection: Selection | None = None
        self._gzip_asked = -FOREVER
        self._dropped: Counter[tuple[str, Family]] = Counter()

    def rank(self, source: str, feeds: Sequence[str]) -> None:
        """The order in which the feeds of a source own a family that several can give.

        A feed that is not named comes after those that are.
        """
        ranks = {(source, feed): position for position, feed in enumerate(feeds)}
        with self._lock:
            self._ranks = {**self._ranks, **ranks}
            self._changed()

    def publish(self, place: Place, frame: Frame) -> None:
        """Replaces the frame at `place`. What is refused is counted, the rest is shown."""
        feed = self._feed(place.source, place.feed)
        with feed.lock:
            if feed.parts and (place.part == "") is not ("" in feed.parts):
                raise ValueError(f"{place}: a feed has one part without a name, or named parts")
            with self._lock:
                feed.forget_expired(place.part, frame.at)
            previous = feed.parts.get(place.part)
            fresh = feed.rendered(place, frame, self._cap)
            if self._gzip_asked >= frame.at - GZIP_KEPT_FOR:
                for _, chunk in fresh.chunks:
                    _ = chunk.deflated
            with self._lock:
                feed.put(place.part, fresh)
                for family, count in fresh.dropped.items():
                    self._dropped[place.source, family] += count
                self._changed()
        _log_dropped(place, fresh.dropped, previous.dropped if previous else {})

    def withdraw(self, place: Place) -> None:
        """Shows nothing of `place` any more."""
        feed = self._feed(place.source, place.feed)
        with feed.lock, self._lock:
            feed.forget(place.part)
            self._changed()

    def retain(self, source: str, feed: str, parts: Iterable[str]) -> None:
        """Withdraws the parts of a feed that are not named."""
        kept = set(parts)
        found = self._feed(source, feed)
        with found.lock, self._lock:
            for part in found.parts.keys() - kept:
                found.forget(part)
                self._changed()

    def gzip_asked(self, now: float) -> None:
        """Somebody reads gzip: for a while, chunks are compressed when they are published."""
        self._gzip_asked = now

    @property
    def dropped(self) -> Mapping[tuple[str, Family], int]:
        """How many label sets were refused so far, by source and family."""
        with self._lock:
            return dict(self._dropped)

    def selection(self, now: float) -> Selection:
        """What is shown at the monotonic time `now`."""
        with self._lock:
            last = self._selection
            if last is not None and now <= last.until:
                return last
            version = self._version
            places = [
                (Place(source, name, part), published)
                for (source, name), feed in self._feeds.items()
                for part, published in feed.parts.items()
            ]
            ranks = self._ranks
        selection = _selected(places, ranks, now)
        with self._lock:
            if version == self._version:
                self._selection = selection
        return selection

    def _feed(self, source: str, feed: str) -> _Feed:
        with self._lock:
            return self._feeds.setdefault((source, feed), _Feed())

    def _changed(self) -> None:
        self._version += 1
        self._selection = None  # it would keep the old chunks until the next scrape


def _log_dropped(place: Place, now: Mapping[Family, int], before: Mapping[Family, int]) -> None:
    for family, count in now.items():
        if family not in before:
            log.warning(
                "label sets dropped: duplicates, or above limits.series_per_family",
                extra={**place._asdict(), "family": family.name, "dropped": count},
            )


def _texts(source: str, block: Block, previous: _Published | None, fresh: _Published) -> _Texts:
    """The label texts of a block; those of the frame before where the keys are the same."""
    kept = fresh.texts.setdefault(block.labels, [])
    old = previous.texts.get(block.labels, []) if previous else []
    found = next((texts for texts in (*kept, *old) if texts.keys == block.keys), None)
    if found is None:
        texts = label_texts(source, block.labels, block.keys)
        found = _Texts(block.keys, texts, len(set(texts)) == len(texts))
    kept.append(found)
    return found


def _said(texts: _Texts, column: Column) -> list[bytes]:
    return [text for text, value in zip(texts.texts, column, strict=True) if is_said(value)]


def _selected(
    places: list[tuple[Place, _Published]], ranks: Mapping[tuple[str, str], int], now: float
) -> Selection:
    until = FOREVER
    found: dict[Family, list[tuple[Place, Chunk]]] = defaultdict(list)
    owners: dict[tuple[str, Family], tuple[int, str]] = {}
    for place, published in sorted(places, key=lambda item: item[0]):
        if published.expires < now:
            continue
        until = min(until, published.expires)
        rank = (ranks.get(place[:2], len(ranks)), place.feed)
        for family, chunk in published.chunks:
            found[family].append((place, chunk))
            key = (place.source, family)
            owners[key] = min(owners.get(key, rank), rank)
    series: Counter[tuple[str, Family]] = Counter()
    families = []
    for family in sorted(found, key=lambda family: family.name):
        chunks = []
        for place, chunk in found[family]:
            if owners[place.source, family][1] != place.feed:
                continue
            series[place.source, family] += chunk.series
            if chunk.series:
                chunks.append(chunk)
        if chunks:
            families.append((family, tuple(chunks)))
    return Selection(tuple(families), series, until)
