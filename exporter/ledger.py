"""The ledger: counters and what they are made from, which advance together or not at all.

Changes are gathered in memory and committed in one transaction, by one thread of its own. Only
what is committed is told as a count, so that a crash takes nothing back that was ever shown.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from exporter.accumulator import DayState, SeriesKey
from exporter.errors import LedgerError
from exporter.ledger_change import Change, StreamChange
from exporter.ledger_histograms import risen
from exporter.ledger_pending import FeedKey, Pending, QueueKey
from exporter.ledger_rows import Queue
from exporter.ledger_sqlite import Contents, LedgerFile
from exporter.ledger_streams import StreamState
from exporter.model import Histogram, Observations

__all__ = [
    "EVENT_IDS",
    "Change",
    "Committed",
    "Ledger",
    "Observations",
    "StreamChange",
    "StreamState",
]

log = logging.getLogger(__name__)

EVENT_IDS = 50_000  # how many ids of a stream are kept unless it is said
SEEN_SECONDS = 60.0  # how exactly it is kept when a queue was last there

_NO_COUNTERS: Mapping[SeriesKey, float] = MappingProxyType({})
_NO_HISTOGRAMS: Mapping[SeriesKey, Histogram] = MappingProxyType({})


@dataclass(slots=True)
class Committed:
    """The new values of a source's counters and histograms that a commit changed."""

    counters: Mapping[SeriesKey, float]
    histograms: Mapping[SeriesKey, Histogram]


OnCommit = Callable[[Mapping[str, Committed]], None]


class Ledger:
    """Counts, day states, streams and queue names of all sources. Every method is thread-safe."""

    def __init__(self, file: LedgerFile, event_ids: int = EVENT_IDS) -> None:
        """Takes over an open file; `open` is how to get a ledger."""
        self.commits = 0
        self.failures = 0
        self.failing = False
        self._file = file
        contents = file.read()
        # Changed only by who holds both locks, so that a commit reads them with its own alone.
        self._counters = {source: dict(found) for source, found in contents.counters.items()}
        self._histograms = {source: dict(found) for source, found in contents.histograms.items()}
        self._states = dict(contents.states)
        self._queues = dict(contents.queues)
        self._streams = file.read_streams(event_ids)
        self._resumed: set[FeedKey] = set()
        self._event_ids = event_ids
        self._pending = Pending(event_ids)
        self._lock = threading.Lock()  # held for moments, never while the disk is written
        self._committing = threading.Lock()
        self._closed = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @classmethod
    def open(
        cls,
        path: Path | None,
        *,
        retention: Mapping[str, float] | None = None,
        event_ids: int = EVENT_IDS,
        streams: Mapping[str, Collection[str]] | None = None,
        takes_over: Mapping[str, str] | None = None,
        now: float,
    ) -> "Ledger":
        """Opens or creates the file at `path`; None is a ledger in memory. Raises LedgerError.

        A source's queues that were last there more than `retention` seconds before `now` (Unix
        seconds) are forgotten with all that is known of them. Of each stream the ids of the last
        `event_ids` events are kept. `streams` names the feeds of a source that go on where they
        were: the others start anew when they come back, and so do the daily totals of the feed
        that `takes_over` names for one of them, which counted the same.
        """
        if event_ids < 0:
            raise ValueError(f"{event_ids} ids of events can not be kept")
        file = LedgerFile.open(path)
        try:
            for source, seconds in (retention or {}).items():
                file.forget(source, now - seconds)
            for source, feeds in (streams or {}).items():
                file.forget_other_streams(source, feeds, takes_over or {})
            return cls(file, event_ids)
        except BaseException:
            file.close()
            raise

    @property
    def size_bytes(self) -> int:
        """Bytes of the file and of its write-ahead log; 0 in memory."""
        return self._file.size_bytes

    def counters(self, source: str) -> Mapping[SeriesKey, float]:
        """The source's counters as of the last commit: a snapshot that does not change."""
        with self._lock:
            return MappingProxyType(dict(self._counters.get(source, _NO_COUNTERS)))

    def histograms(self, source: str) -> Mapping[SeriesKey, Histogram]:
        """The source's histograms as of the last commit: a snapshot that does not change."""
        with self._lock:
            return MappingProxyType(dict(self._histograms.get(source, _NO_HISTOGRAMS)))

    def stream_state(self, source: str, feed: str) -> StreamState:
        """What the file held of a feed when it was opened. It is told once, and then let go of.

        Raises RuntimeError when it is asked for again: an old state would count events twice.
        """
        with self._lock:
            if (source, feed) in self._resumed:
                raise RuntimeError(f"the stream {source}/{feed} goes on already")
            self._resumed.add((source, feed))
            return self._streams.pop((source, feed), None) or StreamState()

    def day_state(self, source: str, feed: str) -> DayState | None:
        """The newest state of a feed, committed or not: what its next reading follows."""
        with self._lock:
            return self._states.get((source, feed))

    def queue_names(self, source: str) -> Mapping[str, str]:
        """The newest names of the source's queues by id."""
        with self._lock:
            return {
                queue_id: queue.name
                for (owner, queue_id), queue in self._queues.items()
                if owner == source and queue.name is not None
            }

    def record(self, change: Change) -> None:
        """Joins a change to what is committed next; never waits for the disk.

        Raises LedgerError after `close`.
        """
        source = change.source
        with self._lock:
            if self._closed:
                raise LedgerError("the ledger is closed")
            self._start_known(change)
            if change.increments:
                self._pending.of(source).count(change.increments, change.at)
            if change.observations:
                self._pending.of(source).observe(change.observations, change.at)
            if change.stream is not None:
                self._pending.advance(source, change.stream, change.at)
            if change.day is not None:
                feed = (source, change.day[0])
                self._states[feed] = change.day[1]
                self._pending.feeds.add(feed)
            for queue_id, name in change.queues.items():
                self._see_queue(self._pending, (source, queue_id), name, change.at)

    def commit(self) -> Mapping[str, Committed]:
        """Commits everything pending in one transaction; returns what it changed, by source.

        Raises LedgerError, and then everything is still pending.
        """
        with self._committing:
            with self._lock:
                pending, self._pending = self._pending, Pending(self._event_ids)
                # Now: a later one goes with the counts that are recorded with it.
                states = {feed: self._states[feed] for feed in pending.feeds}
            if not pending:
                return {}
            try:
                queues = self._queues_of(pending)
                committed = self._risen(pending)
                counters = {source: each.counters for source, each in committed.items()}
                histograms = {source: each.histograms for source, each in committed.items()}
                contents = Contents(counters, histograms, states, queues)
                self._file.write(contents, pending.streams, self._event_ids)
            except BaseException:
                self._keep(pending)
                raise
            with self._lock:
                for source, each in committed.items():
                    self._counters.setdefault(source, {}).update(each.counters)
                    self._histograms.setdefault(source, {}).update(each.histograms)
            self.commits += 1
            self.failing = False
            return committed

    def start(self, on_commit: OnCommit, interval: float = 1.0) -> None:
        """Starts the thread that commits every `interval` seconds when something is pending.

        It calls `on_commit` with what a commit changed, by source.
        """
        if self._thread is not None:
            raise RuntimeError("the ledger's thread runs already")
        self._thread = threading.Thread(
            target=self._commit_regularly, args=(on_commit, interval), name="ledger", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Commits what is pending, ends the thread and closes the file, also if the commit fails.

        Raises LedgerError if it did. Closing again does nothing.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        try:
            self.commit()
        finally:
            self._file.close()

    def _start_known(self, change: Change) -> None:
        counters = self._counters.get(change.source, _NO_COUNTERS)
        new = [key for key in change.known if key not in counters]
        if new:
            self._pending.of(change.source).start(new)
        histograms = self._histograms.get(change.source, _NO_HISTOGRAMS)
        for key, bounds in change.known_histograms.items():
            before = histograms.get(key)
            if before is None or before.bounds != bounds:
                self._pending.of(change.source).start_histogram(key, bounds)

    def _see_queue(self, pending: Pending, key: QueueKey, name: str | None, at: float) -> None:
        before = self._queues.get(key)
        if before is not None:
            name = before.name if name is None else name
            if name == before.name and at < before.seen + SEEN_SECONDS:
                return
            at = max(at, before.seen)
        self._queues[key] = Queue(name, at)
        pending.queues.add(key)

    def _queues_of(self, pending: Pending) -> dict[QueueKey, Queue]:
        """The queues that are new or were seen again, those that counted something included."""
        seen = {source: rises.queues() for source, rises in pending.rises.items()}
        with self._lock:
            for source, times in seen.items():
                for queue_id, at in times.items():
                    self._see_queue(pending, (source, queue_id), None, at)
            return {key: self._queues[key] for key in pending.queues}

    def _risen(self, pending: Pending) -> dict[str, Committed]:
        committed = {}
        for source, rises in pending.rises.items():
            before = self._counters.get(source, _NO_COUNTERS)
            was = self._histograms.get(source, _NO_HISTOGRAMS)
            committed[source] = Committed(
                {key: before.get(key, 0.0) + rise for key, (rise, _) in rises.counters.items()},
                {key: risen(was.get(key), rise) for key, rise in rises.observed().items()},
            )
        return committed

    def _keep(self, pending: Pending) -> None:
        self.failures += 1
        self.failing = True
        with self._lock:
            pending.join(self._pending)
            self._pending = pending

    def _commit_regularly(self, on_commit: OnCommit, interval: float) -> None:
        lost = 0
        while not self._stopping.wait(interval):
            try:
                committed = self.commit()
            except Exception as error:
                lost += 1
                if lost == 1:
                    log.error("counters stand still until the ledger can be written: %s", error)
                continue
            if lost and not self.failing:
                log.info("the ledger is written again after %d attempts failed", lost)
                lost = 0
            if committed:
                _tell(on_commit, committed)


def _tell(on_commit: OnCommit, committed: Mapping[str, Committed]) -> None:
    try:
        on_commit(committed)
    except Exception:
        # The thread is the only writer: it must outlive a bug of whoever listens.
        log.exception("a bug in this program: a commit could not be published")
