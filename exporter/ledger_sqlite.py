"""The ledger's file: one SQLite database that one process has open at a time.

The only importer of sqlite3. Methods are not thread-safe: the ledger calls one at a time, from
any thread. Every error is a LedgerError that names the file and the reason; a file is never
replaced or removed.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from exporter import ledger_place, ledger_schema
from exporter.accumulator import DayState, SeriesKey, Total
from exporter.errors import LedgerError
from exporter.ledger_schema import Upsert

BUSY_SECONDS = 0.25  # how long a commit waits for a stranger, such as a backup, to let go
# One step for many rows: sqlite3 gives the interpreter lock away at each step, and a busy thread
# keeps it for milliseconds.
_ROWS_PER_STATEMENT = 500

FeedKey = tuple[str, str]
QueueKey = tuple[str, str]
_Fresh = dict[tuple[str, SeriesKey], int]  # the numbers of series that the file does not hold


@dataclass(frozen=True, slots=True)
class Queue:
    """The last name of a queue (None: never told), and when it was last there, Unix seconds."""

    name: str | None
    seen: float


@dataclass(frozen=True, slots=True)
class Contents:
    """What the file holds, or a part of it that replaces what the file holds of the same keys.

    Counters are by source, day states by (source, feed), queues by (source, queue id).
    """

    counters: Mapping[str, Mapping[SeriesKey, float]]
    states: Mapping[FeedKey, DayState]
    queues: Mapping[QueueKey, Queue]


def queue_of(key: SeriesKey) -> str | None:
    """The id of the queue that a label set belongs to, if it belongs to one."""
    for label, value in key[1]:
        if label == "queue_id":
            return value
    return None


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
        """Forgets the source's queues that were last there earlier: names, counters, totals.

        Comes before `read`.
        """
        with _naming(self._path), _transaction(self._connection):
            for statement in ledger_schema.FORGET:
                self._connection.execute(statement, {"source": source, "before": before})

    def read(self) -> Contents:
        """Everything in the file."""
        with _naming(self._path):
            try:
                series = self._read_series()
                counters = self._read_counters(series)
                self._states = self._read_states(series)
            except (ValueError, TypeError, LookupError) as error:
                raise LedgerError(f"is corrupt: {error!r}") from error
            rows = self._connection.execute("SELECT source, queue_id, name, seen FROM queues")
            queues = {(source, queue): Queue(name, seen) for source, queue, name, seen in rows}
        return Contents(counters, dict(self._states), queues)

    def write(self, changes: Contents) -> None:
        """Commits all changes in one transaction, or none of them and raises LedgerError."""
        fresh: _Fresh = {}
        counters = [
            (self._id(source, key, fresh), value)
            for source, values in changes.counters.items()
            for key, value in values.items()
        ]
        totals = [
            row
            for feed, state in changes.states.items()
            for row in self._changed_totals(feed, state, fresh)
        ]
        with _naming(self._path), _transaction(self._connection):
            self._check_still_there()
            self._put(ledger_schema.PUT_SERIES, _series_rows(fresh))
            self._put(ledger_schema.PUT_COUNTERS, counters)
            self._put(ledger_schema.PUT_TOTALS, totals)
            self._put(ledger_schema.PUT_DAYS, _day_rows(changes.states))
            self._put(ledger_schema.PUT_QUEUES, _queue_rows(changes.queues))
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
            key = (family, tuple([(label, value) for label, value in json.loads(labels)]))
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

    def _put(self, upsert: Upsert, rows: Sequence[tuple[object, ...]]) -> None:
        for start in range(0, len(rows), _ROWS_PER_STATEMENT):
            part = rows[start : start + _ROWS_PER_STATEMENT]
            self._connection.execute(upsert.for_rows(len(part)), list(chain.from_iterable(part)))

    def _check_still_there(self) -> None:
        if self._path and ledger_place.identity(self._path) != self._identity:
            raise LedgerError("was removed or replaced while in use")


def _series_rows(fresh: _Fresh) -> list[tuple[object, ...]]:
    return [
        (number, source, key[0], json.dumps(key[1]), queue_of(key))
        for (source, key), number in fresh.items()
    ]


def _day_rows(states: Mapping[FeedKey, DayState]) -> list[tuple[object, ...]]:
    return [
        (*feed, state.day, state.at, state.turned, state.named) for feed, state in states.items()
    ]


def _queue_rows(queues: Mapping[QueueKey, Queue]) -> list[tuple[object, ...]]:
    return [(*key, queue.name, queue.seen) for key, queue in queues.items()]


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
