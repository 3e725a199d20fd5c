"""The ledger: counters and what they are made from, which advance together or not at all.

Changes are gathered in memory and committed in one transaction, by one thread of its own. Only
what is committed is told as a count, so that a crash takes nothing back that was ever shown.
"""

import logging
import math
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from types import MappingProxyType

from exporter.accumulator import DayState, SeriesKey
from exporter.errors import LedgerError
from exporter.ledger_sqlite import Contents, FeedKey, LedgerFile, Queue, QueueKey, queue_of

log = logging.getLogger(__name__)

SEEN_SECONDS = 60.0  # how exactly it is kept when a queue was last there

_NOTHING: Mapping[SeriesKey, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Change:
    """What one reading or event changes; it lands whole or not at all.

    Counters rise by `increments`, finite and not negative; those of `known` start at 0 if they
    are new. `day` is a feed and its state, in which no label set is missing that was there before.
    `queues` are the names of the queues by id as they are now. `at` is Unix seconds.
    """

    source: str
    _: KW_ONLY
    at: float
    increments: Mapping[SeriesKey, float] = field(default_factory=dict)
    known: Iterable[SeriesKey] = ()
    day: tuple[str, DayState] | None = None
    queues: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not math.isfinite(self.at):
            raise ValueError(f"a change at {self.at} has no time")
        for key, value in self.increments.items():
            if not 0 <= value < math.inf:
                raise ValueError(f"{key[0]} can not rise by {value}")


@dataclass(slots=True)
class _Pending:
    """What is to be committed: rises of counters, and which states and queues are new."""

    increments: dict[str, dict[SeriesKey, float]] = field(default_factory=dict)
    feeds: set[FeedKey] = field(default_factory=set)
    queues: set[QueueKey] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.increments or self.feeds or self.queues)

    def add(self, source: str, increments: Mapping[SeriesKey, float]) -> None:
        rises = self.increments.setdefault(source, {})
        if not rises:
            rises.update(increments)
            return
        for key, value in increments.items():
            rises[key] = rises.get(key, 0.0) + value

    def join(self, later: "_Pending") -> None:
        for source, increments in later.increments.items():
            self.add(source, increments)
        self.feeds |= later.feeds
        self.queues |= later.queues


class Ledger:
    """Counters, day states and queue names of all sources. Every method is thread-safe."""

    def __init__(self, file: LedgerFile) -> None:
        """Takes over an open file; `open` is how to get a ledger."""
        self.commits = 0
        self.failures = 0
        self.failing = False
        self._file = file
        contents = file.read()
        self._counters = {
            source: MappingProxyType(dict(values)) for source, values in contents.counters.items()
        }
        self._states = dict(contents.states)
        self._queues = dict(contents.queues)
        self._pending = _Pending()
        self._lock = threading.Lock()  # held for moments, never while the disk is written
        self._committing = threading.Lock()
        self._closed = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @classmethod
    def open(
        cls, path: Path | None, *, retention: Mapping[str, float] | None = None, now: float
    ) -> "Ledger":
        """Opens or creates the file at `path`; None is a ledger in memory. Raises LedgerError.

        A source's queues that were last there more than `retention` seconds before `now` (Unix
        seconds) are forgotten with all that is known of them.
        """
        file = LedgerFile.open(path)
        try:
            for source, seconds in (retention or {}).items():
                file.forget(source, now - seconds)
            return cls(file)
        except BaseException:
            file.close()
            raise

    @property
    def size_bytes(self) -> int:
        """Bytes of the file and of its write-ahead log; 0 in memory."""
        return self._file.size_bytes

    def counters(self, source: str) -> Mapping[SeriesKey, float]:
        """The source's counters as of the last commit: a snapshot that does not change."""
        return self._counters.get(source, _NOTHING)

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
        queues: dict[str, str | None] = dict.fromkeys(
            queue for queue in map(queue_of, change.increments) if queue is not None
        )
        queues.update(change.queues)
        with self._lock:
            if self._closed:
                raise LedgerError("the ledger is closed")
            committed = self._counters.get(change.source, _NOTHING)
            new = {key: 0.0 for key in change.known if key not in committed}
            if new or change.increments:
                self._pending.add(change.source, new)
                self._pending.add(change.source, change.increments)
            if change.day is not None:
                feed = (change.source, change.day[0])
                self._states[feed] = change.day[1]
                self._pending.feeds.add(feed)
            for queue_id, name in queues.items():
                self._see_queue((change.source, queue_id), name, change.at)

    def commit(self) -> frozenset[str]:
        """Commits everything pending in one transaction; returns the sources whose counters
        changed. Raises LedgerError, and then everything is still pending."""
        with self._committing:
            with self._lock:
                pending, self._pending = self._pending, _Pending()
                states = {feed: self._states[feed] for feed in pending.feeds}
                queues = {key: self._queues[key] for key in pending.queues}
            if not pending:
                return frozenset()
            values = {
                source: {key: committed.get(key, 0.0) + rise for key, rise in rises.items()}
                for source, rises in pending.increments.items()
                for committed in (self._counters.get(source, _NOTHING),)
            }
            try:
                self._file.write(Contents(values, states, queues))
            except BaseException:
                self._keep(pending)
                raise
            with self._lock:
                for source, changed in values.items():
                    before = self._counters.get(source, _NOTHING)
                    self._counters[source] = MappingProxyType({**before, **changed})
            self.commits += 1
            self.failing = False
            return frozenset(values)

    def start(self, on_commit: Callable[[frozenset[str]], None], interval: float = 1.0) -> None:
        """Starts the thread that commits every `interval` seconds when something is pending.

        It calls `on_commit` with the sources whose counters a commit changed.
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

    def _see_queue(self, key: QueueKey, name: str | None, at: float) -> None:
        before = self._queues.get(key)
        if before is not None:
            name = before.name if name is None else name
            if name == before.name and at < before.seen + SEEN_SECONDS:
                return
            at = max(at, before.seen)
        self._queues[key] = Queue(name, at)
        self._pending.queues.add(key)

    def _keep(self, pending: _Pending) -> None:
        self.failures += 1
        self.failing = True
        with self._lock:
            pending.join(self._pending)
            self._pending = pending

    def _commit_regularly(
        self, on_commit: Callable[[frozenset[str]], None], interval: float
    ) -> None:
        lost = 0
        while not self._stopping.wait(interval):
            try:
                changed = self.commit()
            except Exception as error:
                lost += 1
                if lost == 1:
                    log.error("counters stand still until the ledger can be written: %s", error)
                continue
            if lost and not self.failing:
                log.info("the ledger is written again after %d attempts failed", lost)
                lost = 0
            if changed:
                _tell(on_commit, changed)


def _tell(on_commit: Callable[[frozenset[str]], None], changed: frozenset[str]) -> None:
    try:
        on_commit(changed)
    except Exception:
        # The thread is the only writer: it must outlive a bug of whoever listens.
        log.exception("a bug in this program: a commit could not be published")
