"""The present: one frame for each (source, feed, part), rendered when it is published.

Publishing replaces the frame before it whole, and an aged frame is not selected: nothing is
diffed and nothing needs to be cleaned up. Publishers may be on any thread, and so may readers:
those of one feed take turns, and nothing is rendered under the lock that readers take.
"""

import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from exporter.admission import FeedFrames, Published
from exporter.exposition import Chunk
from exporter.model import FOREVER, Family, Frame

log = logging.getLogger(__name__)

NAMED = 3  # families that a log line names
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


class Store:
    """Frames by place. `cap` is the most label sets of one family in one source.

    A feed has one part without a name, or named parts.
    """

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._lock = threading.Lock()
        self._feeds: dict[tuple[str, str], FeedFrames] = {}
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
            previous = feed.parts.get(place.part)
            self._forget(feed, feed.expired(frame.at, place.part))
            fresh = feed.rendered(place.source, place.part, frame, self._cap)
            if previous is not None:
                _keep_unchanged(previous, fresh)
            if self._gzip_asked >= frame.at - GZIP_KEPT_FOR:
                for _, chunk in fresh.chunks:
                    _ = chunk.deflated
            feed.claim(place.part, fresh)
            with self._lock:
                feed.parts[place.part] = fresh
                for family, count in fresh.dropped.items():
                    self._dropped[place.source, family] += count
                self._changed()
        _log_dropped(place, fresh.dropped, previous.dropped if previous else {})

    def withdraw(self, place: Place) -> None:
        """Shows nothing of `place` any more."""
        feed = self._feed(place.source, place.feed)
        with feed.lock:
            self._forget(feed, [place.part])

    def retain(self, source: str, feed: str, parts: Iterable[str]) -> None:
        """Withdraws the parts of a feed that are not named."""
        found = self._feed(source, feed)
        with found.lock:
            self._forget(found, found.parts.keys() - set(parts))

    def _forget(self, feed: FeedFrames, parts: Iterable[str]) -> None:
        for part in parts:
            feed.disclaim(part)
            with self._lock:
                feed.parts.pop(part, None)
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

    def _feed(self, source: str, feed: str) -> FeedFrames:
        with self._lock:
            return self._feeds.setdefault((source, feed), FeedFrames())

    def _changed(self) -> None:
        self._version += 1
        self._selection = None  # it would keep the old chunks until the next scrape


def _keep_unchanged(previous: Published, fresh: Published) -> None:
    """Takes over the chunks that are the same as before: they may be compressed already."""
    pairs = zip(fresh.chunks, previous.chunks, strict=False)
    for n, ((family, chunk), (former, old)) in enumerate(pairs):
        if family is former and chunk.text == old.text:
            fresh.chunks[n] = (family, old)


def _log_dropped(place: Place, now: Mapping[Family, int], before: Mapping[Family, int]) -> None:
    news = sorted(family.name for family in now.keys() - before.keys())
    if news:
        named = ", ".join(news[:NAMED]) + (f" and {len(news) - NAMED} more" if news[NAMED:] else "")
        log.warning(
            "label sets dropped: duplicates, or above limits.series_per_family",
            extra={**place._asdict(), "families": named, "dropped": sum(now.values())},
        )


def _selected(
    places: list[tuple[Place, Published]], ranks: Mapping[tuple[str, str], int], now: float
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
