"""The ledger's file: one SQLite database that one process has open at a time.

The only importer of sqlite3. Methods are not thread-safe: the ledger calls one at a time, from
any thread. Every error is a LedgerError that names the file and the reason; a file is never
replaced or removed.
"""

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from exporter import ledger_place, ledger_rows, ledger_schema, ledger_streams
from exporter.accumulator import DayState, SeriesKey, Total
from exporter.errors import LedgerError
from exporter.ledger_pending import FeedKey, PendingStream, QueueKey
from exporter.ledger_rows import Queue, put
from exporter.ledger_streams import StreamState
from exporter.model import Histogram

BUSY_SECONDS = 0.25  # how long a commit waits for a stranger, such as a backup, to let go

_Fresh = dict[tuple[str, SeriesKey], int]  # the numbers of series that the file does not hold


@dataclass(frozen=True, slots=True)
class Contents:
    """What the file holds, or a part of it that replaces what the file holds of the same keys.

    Counters and histograms are by source, day states by (source, feed), queues by (source, queue
    id).
    """

    counters: Mapping[str, Mapping[SeriesKey, float]]
    histograms: Mapping[str, Mapping[SeriesKey, Histogram]]
    states: Mapping[FeedKey, DayState]
    queues: Mapping[QueueKey, Queue]


class LedgerFile:
    """An open ledger file, or a database in memory where there is no path."""

    def __init__(
        self, path: Path | None, connection: sqlite3.Connection, resources: ExitStack
    ) -> None:
        self._path = path
        self._connection = connection
        self._resources = resources
        self._identity = path and ledger_place.identity(path)
        self._ids: dict[str, dict[SeriesKey, int]] = {}
        self._next_id = 1
        self._states: dict[FeedKey, DayState] = {}

    @classmethod
    def open(cls, path: Path | None) -> "LedgerFile":
        """Opens the file, creating or migrating it; raises LedgerError."""
        with _naming(path), ExitStack() as resources:
            check_library(sqlite3.sqlite_version_info)
            if path is not None:
                path = path.absolute()
                resources.enter_context(ledger_place.held(path))
            connection = sqlite3.connect(
                path or ":memory:", BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            resources.callback(connection.close)
            _check_contents(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            _migrate(connection)
            return cls(path, connection, resources.pop_all())

    @property
    def size_bytes(self) -> int:
        """Bytes of the file and of its write-ahead log; 0 in memory."""
        return ledger_place.size_bytes(self._path) if self._path else 0

    def forget(self, source: str, before: float) -> None:
        """Forgets the source's queues that were last there earlier, with their names and counts.

        Comes before `read`.
        """
        with _naming(self._path), _transaction(self._connection):
            for statement in ledger_schema.FORGET:
                self._connection.execute(statement, {"source": source, "before": before})

    def forget_other_streams(
        self, source: str, feeds: Collection[str], takes_over: Mapping[str, str]
    ) -> None:
        """Forgets the state of the source's streams besides these, and the base of the totals that
        they had taken over. Comes before `read`."""
        with _naming(self._path), _transaction(self._connection):
            ledger_streams.forget_others(self._connection.execute, source, feeds, takes_over)

    def read(self) -> Contents:
        """Everything in the file besides streams."""
        with _naming(self._path), _making_sense():
            series = self._read_series()
            counters = self._read_counters(series)
            histograms = self._read_histograms(series)
            self._states = self._read_states(series)
            rows = self._connection.execute("SELECT source, queue_id, name, seen FROM queues")
            queues = {(source, queue): Queue(name, seen) for source, queue, name, seen in rows}
        return Contents(counters, histograms, dict(self._states), queues)

    def read_streams(self, event_ids: int) -> dict[FeedKey, StreamState]:
        """The state of all streams, with at most so many of the newest ids."""
        with _naming(self._path), _making_sense():
            return ledger_streams.read(self._connection.execute, event_ids)

    def write(
        self, changes: Contents, streams: Mapping[FeedKey, PendingStream], event_ids: int
    ) -> None:
        """Commits all changes in one transaction, or none of them and raises LedgerError.

        Ids of events beyond the newest `event_ids` of a stream are forgotten.
        """
        fresh: _Fresh = {}
        counters = [
            (self._id(source, key, fresh), value)
            for source, values in changes.counters.items()
            for key, value in values.items()
        ]
        histograms = [
            ledger_rows.histogram_row(self._id(source, key, fresh), value)
            for source, values in changes.histograms.items()
            for key, value in values.items()
        ]
        totals = [
            row
            for feed, state in changes.states.items()
            for row in self._changed_totals(feed, state, fresh)
        ]
        with _naming(self._path), _transaction(self._connection):
            self._check_still_there()
            execute = self._connection.execute
            put(execute, ledger_schema.PUT_SERIES, ledger_rows.series_rows(fresh))
            put(execute, ledger_schema.PUT_COUNTERS, counters)
            put(execute, ledger_schema.PUT_HISTOGRAMS, histograms)
            put(execute, ledger_schema.PUT_TOTALS, totals)
            put(execute, ledger_schema.PUT_DAYS, ledger_rows.day_rows(changes.states))
            put(execute, ledger_schema.PUT_QUEUES, ledger_rows.queue_rows(changes.queues))
            ledger_streams.write(execute, streams, event_ids)
        for (source, key), number in fresh.items():
            self._ids.setdefault(source, {})[key] = number
        self._next_id += len(fresh)
        self._states.update(changes.states)

    def close(self) -> None:
        """Closes the file and lets others open it; raises LedgerError."""
        with _naming(self._path):
            self._resources.close()

    def _read_series(self) -> dict[int, tuple[str, SeriesKey]]:
        series: dict[int, tuple[str, SeriesKey]] = {}
        rows = self._connection.execute("SELECT id, source, family, labels FROM series")
        for number, source, family, labels in rows:
            key = ledger_rows.series_key(family, labels)
            series[number] = source, key
            self._ids.setdefault(source, {})[key] = number
        self._next_id = max(series, default=0) + 1
        return series

    def _read_counters(
        self, series: Mapping[int, tuple[str, SeriesKey]]
    ) -> dict[str, dict[SeriesKey, float]]:
        counters: dict[str, dict[SeriesKey, float]] = {}
        for number, value in self._connection.execute("SELECT series, value FROM counters"):
            source, key = series[number]
            counters.setdefault(source, {})[key] = value
        return counters

    def _read_histograms(
        self, series: Mapping[int, tuple[str, SeriesKey]]
    ) -> dict[str, dict[SeriesKey, Histogram]]:
        histograms: dict[str, dict[SeriesKey, Histogram]] = {}
        rows = self._connection.execute("SELECT series, bounds, counts, total FROM histograms")
        for number, bounds, counts, total in rows:
            source, key = series[number]
            found = histograms.setdefault(source, {})
            found[key] = ledger_rows.histogram_of(bounds, counts, total)
        return histograms

    def _read_states(self, series: Mapping[int, tuple[str, SeriesKey]]) -> dict[FeedKey, DayState]:
        totals: dict[FeedKey, dict[SeriesKey, Total]] = {}
        rows = self._connection.execute("SELECT series, feed, highest, last, day FROM totals")
        for number, feed, highest, last, day in rows:
            source, key = series[number]
            totals.setdefault((source, feed), {})[key] = Total(highest, last, day)
        rows = self._connection.execute("SELECT source, feed, day, at, turned, named FROM days")
        return {
            (source, feed): DayState(day, at, turned, named, totals.get((source, feed), {}))
            for source, feed, day, at, turned, named in rows
        }

    def _id(self, source: str, key: SeriesKey, fresh: _Fresh) -> int:
        number = self._ids.get(source, {}).get(key)
        if number is None:
            number = fresh.setdefault((source, key), self._next_id + len(fresh))
        return number

    def _changed_totals(
        self, feed: FeedKey, state: DayState, fresh: _Fresh
    ) -> Iterator[tuple[object, ...]]:
        before = self._states[feed].totals if feed in self._states else {}
        for key, total in state.totals.items():
            if before.get(key) is not total:
                number = self._id(feed[0], key, fresh)
                yield number, feed[1], total.highest, total.last, total.day

    def _check_still_there(self) -> None:
        if self._path and ledger_place.identity(self._path) != self._identity:
            raise LedgerError("was removed or replaced while in use")


def check_library(version: tuple[int, int, int]) -> None:
    """Raises LedgerError if SQLite of this version is too old for the ledger."""
    if version < ledger_schema.OLDEST_SQLITE:
        needed, found = (
            ".".join(map(str, each)) for each in (ledger_schema.OLDEST_SQLITE, version)
        )
        raise LedgerError(f"needs SQLite {needed} or newer, and this Python has {found}")


def _check_contents(connection: sqlite3.Connection) -> None:
    """Reads only, so that somebody else's file stays as it is."""
    application = _pragma(connection, "application_id")
    version = _pragma(connection, "user_version")
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != ledger_schema.APPLICATION_ID and (application or version or tables):
        raise LedgerError("is a database of another program")
    known = len(ledger_schema.MIGRATIONS)
    if version > known:
        raise LedgerError(
            f"was written by a newer version of the exporter"
            f" (format {version}; this one knows {known})"
        )
    verdict = _pragma(connection, "quick_check(1)")
    if verdict != "ok":
        raise LedgerError(f"is corrupt: {verdict}")


def _migrate(connection: sqlite3.Connection) -> None:
    done = _pragma(connection, "user_version")
    for version, statements in enumerate(ledger_schema.MIGRATIONS[done:], done + 1):
        with _transaction(connection):
            for statement in (*statements, f"PRAGMA user_version = {version}"):
                connection.execute(statement)


def _pragma(connection: sqlite3.Connection, name: str) -> Any:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # After some errors SQLite has rolled back already, and says so by one more.
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _making_sense() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, LookupError, msgspec.MsgspecError) as error:
        raise LedgerError(f"is corrupt: {error!r}") from error


@contextmanager
def _naming(path: Path | None) -> Iterator[None]:
    """Turns whatever goes wrong with the file into a LedgerError that names it."""
    name = f"ledger {path}" if path else "ledger in memory"
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", type(error).__name__)
        raise LedgerError(f"{name}: {error} ({code})") from error
    except OSError as error:
        raise LedgerError(f"{name}: {error.strerror}: {error.filename}") from error
    except LedgerError as error:
        raise type(error)(f"{name}: {error}") from error
    except ValueError as error:
        raise LedgerError(f"{name}: {error}") from error
