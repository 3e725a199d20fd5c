"""What is recorded and not yet committed, merged so that a second of it costs little.

Recording is done in the event loop for every batch of events, so that all that can wait is left
to the commit.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from exporter.accumulator import SeriesKey
from exporter.ledger_change import StreamChange
from exporter.ledger_histograms import Bounds, nothing_observed, summed
from exporter.model import Observations

FeedKey = tuple[str, str]  # source and feed
QueueKey = tuple[str, str]  # source and queue id

FOLD_AT = 16  # observations of one label set that are kept before they are added up
_NEVER = float("-inf")  # the time of a rise by 0 that tells nothing of its queue


def queue_of(key: SeriesKey) -> str | None:
    """The id of the queue that a label set belongs to, if it belongs to one."""
    for label, value in key[1]:
        if label == "queue_id":
            return value
    return None


@dataclass(slots=True)
class Rises:
    """Rises of one source's counters and histograms, each with the time of the last one.

    A counter's entry is [rise, time]; a histogram's are (time, observations), oldest first.
    """

    counters: dict[SeriesKey, list[float]] = field(default_factory=dict)
    histograms: dict[SeriesKey, list[tuple[float, Observations]]] = field(default_factory=dict)

    def count(self, increments: Mapping[SeriesKey, float], at: float) -> None:
        """Adds to counters."""
        counters = self.counters
        find = counters.get
        for key, value in increments.items():
            found = find(key)
            if found is None:
                counters[key] = [value, at]
            else:
                found[0] += value
                found[1] = at

    def start(self, keys: Iterable[SeriesKey]) -> None:
        """Starts counters at 0."""
        for key in keys:
            self.counters.setdefault(key, [0.0, _NEVER])

    def observe(self, observations: Mapping[SeriesKey, Observations], at: float) -> None:
        """Adds to histograms."""
        histograms = self.histograms
        find = histograms.get
        for key, observed in observations.items():
            found = find(key)
            if found is None:
                histograms[key] = [(at, observed)]
            else:
                found.append((at, observed))
                if len(found) >= FOLD_AT:
                    found[:] = [_folded(found)]

    def start_histogram(self, key: SeriesKey, bounds: Bounds) -> None:
        """Starts a histogram at 0, or gives it these bounds."""
        found = self.histograms.setdefault(key, [])
        if not found or found[-1][1].bounds != bounds:
            found.append((_NEVER, nothing_observed(bounds)))

    def observed(self) -> dict[SeriesKey, Observations]:
        """What each histogram rises by."""
        return {key: _folded(parts)[1] for key, parts in self.histograms.items()}

    def queues(self) -> dict[str, float]:
        """The queues that counted something, by id, with the time of the last count."""
        times: dict[str, float] = {}
        for key, (_, at) in self.counters.items():
            _note(times, key, at)
        for key, parts in self.histograms.items():
            for at, _ in parts:
                _note(times, key, at)
        return times

    def join(self, later: "Rises") -> None:
        """Adds what was recorded later."""
        for key, (rise, at) in later.counters.items():
            found = self.counters.setdefault(key, [0.0, at])
            found[0] += rise
            found[1] = max(found[1], at)
        for key, parts in later.histograms.items():
            self.histograms[key] = [_folded([*self.histograms.get(key, []), *parts])]


def _folded(parts: list[tuple[float, Observations]]) -> tuple[float, Observations]:
    if len(parts) == 1:
        return parts[0]
    return max([at for at, _ in parts]), summed([observed for _, observed in parts])


def _note(times: dict[str, float], key: SeriesKey, at: float) -> None:
    queue = queue_of(key)
    if queue is not None and at > times.get(queue, _NEVER):
        times[queue] = at


@dataclass(slots=True)
class PendingStream:
    """How a stream's state is changed. `cursor` is None where it stays; it was told `at`."""

    ids: deque[str]
    cursor: str | None = None
    at: float = 0.0
    memory: dict[str, str | None] = field(default_factory=dict)
    restarted: bool = False

    def add(self, change: StreamChange, at: float) -> None:
        """Adds a change that was made later; of the ids the newest stay."""
        if change.restarted:
            self.memory.clear()
            self.restarted = True
        self.memory.update(change.memory)
        self.ids.extend(change.ids)
        if change.cursor is not None:
            self.cursor = change.cursor
            self.at = at


@dataclass(slots=True)
class Pending:
    """Everything that is to be committed; `event_ids` is how many ids of a stream are kept.

    Of states and queues it says only which are new.
    """

    event_ids: int
    rises: dict[str, Rises] = field(default_factory=dict)
    streams: dict[FeedKey, PendingStream] = field(default_factory=dict)
    feeds: set[FeedKey] = field(default_factory=set)
    queues: set[QueueKey] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.rises or self.streams or self.feeds or self.queues)

    def of(self, source: str) -> Rises:
        """The rises of a source."""
        found = self.rises.get(source)
        if found is None:
            found = self.rises[source] = Rises()
        return found

    def advance(self, source: str, change: StreamChange, at: float) -> None:
        """Moves a stream."""
        key = (source, change.feed)
        stream = self.streams.get(key)
        if stream is None:
            stream = self.streams[key] = PendingStream(deque(maxlen=self.event_ids))
        stream.add(change, at)

    def join(self, later: "Pending") -> None:
        """Adds what was recorded later."""
        for source, rises in later.rises.items():
            self.of(source).join(rises)
        for (source, feed), stream in later.streams.items():
            change = StreamChange(
                feed, stream.cursor, stream.ids, stream.memory, restarted=stream.restarted
            )
            self.advance(source, change, stream.at)
        self.feeds |= later.feeds
        self.queues |= later.queues
