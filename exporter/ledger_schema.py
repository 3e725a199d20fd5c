"""The ledger's tables and statements. Data only.

A change of the tables is one more migration at the end; those before it are never edited, for
files that they made are in use. `user_version` in a file is the number of migrations it has had.
"""

from dataclasses import dataclass

APPLICATION_ID = 0x43434558  # tells a ledger from other people's databases
OLDEST_SQLITE = (3, 37, 0)  # the first with STRICT tables
# One step for many rows: sqlite3 gives the interpreter lock away at each step, and a busy thread
# keeps it for milliseconds.
ROWS_PER_STATEMENT = 500

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        f"PRAGMA application_id = {APPLICATION_ID}",
        """CREATE TABLE series (
            id INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            family TEXT NOT NULL,
            labels TEXT NOT NULL,
            queue_id TEXT,
            UNIQUE (source, family, labels)
        ) STRICT""",
        """CREATE TABLE counters (
            series INTEGER PRIMARY KEY REFERENCES series (id) ON DELETE CASCADE,
            value REAL NOT NULL
        ) STRICT""",
        """CREATE TABLE days (
            source TEXT NOT NULL,
            feed TEXT NOT NULL,
            day INTEGER NOT NULL,
            at REAL NOT NULL,
            turned REAL,
            named TEXT,
            PRIMARY KEY (source, feed)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE totals (
            series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
            feed TEXT NOT NULL,
            highest REAL NOT NULL,
            last REAL NOT NULL,
            day INTEGER NOT NULL,
            PRIMARY KEY (series, feed)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE queues (
            source TEXT NOT NULL,
            queue_id TEXT NOT NULL,
            name TEXT,
            seen REAL NOT NULL,
            PRIMARY KEY (source, queue_id)
        ) STRICT, WITHOUT ROWID""",
    ),
    (
        # bounds and counts are JSON lists; counts are not cumulative
        """CREATE TABLE histograms (
            series INTEGER PRIMARY KEY REFERENCES series (id) ON DELETE CASCADE,
            bounds TEXT NOT NULL,
            counts TEXT NOT NULL,
            total REAL NOT NULL
        ) STRICT""",
        """CREATE TABLE cursors (
            source TEXT NOT NULL,
            feed TEXT NOT NULL,
            cursor TEXT NOT NULL,
            at REAL NOT NULL,
            PRIMARY KEY (source, feed)
        ) STRICT, WITHOUT ROWID""",
        # a row for each commit: a JSON list, and n, the number of its last id since the first
        """CREATE TABLE event_ids (
            source TEXT NOT NULL,
            feed TEXT NOT NULL,
            n INTEGER NOT NULL,
            count INTEGER NOT NULL,
            ids TEXT NOT NULL,
            UNIQUE (source, feed, n)
        ) STRICT""",
        """CREATE TABLE memory (
            source TEXT NOT NULL,
            feed TEXT NOT NULL,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (source, feed, key)
        ) STRICT, WITHOUT ROWID""",
    ),
)


@dataclass(frozen=True, slots=True)
class Upsert:
    """A statement for any number of rows of so many columns."""

    head: str
    columns: int
    tail: str = ""

    def for_rows(self, count: int) -> str:
        """The statement for `count` rows."""
        row = "(" + ",".join("?" * self.columns) + ")"
        return self.head + ",".join([row] * count) + self.tail


PUT_SERIES = Upsert("INSERT INTO series (id, source, family, labels, queue_id) VALUES ", 5)
PUT_COUNTERS = Upsert(
    "INSERT INTO counters (series, value) VALUES ",
    2,
    " ON CONFLICT (series) DO UPDATE SET value = excluded.value",
)
PUT_HISTOGRAMS = Upsert(
    "INSERT INTO histograms (series, bounds, counts, total) VALUES ",
    4,
    " ON CONFLICT (series) DO UPDATE"
    " SET bounds = excluded.bounds, counts = excluded.counts, total = excluded.total",
)
PUT_TOTALS = Upsert(
    "INSERT INTO totals (series, feed, highest, last, day) VALUES ",
    5,
    " ON CONFLICT (series, feed) DO UPDATE"
    " SET highest = excluded.highest, last = excluded.last, day = excluded.day",
)
PUT_DAYS = Upsert("REPLACE INTO days (source, feed, day, at, turned, named) VALUES ", 6)
PUT_QUEUES = Upsert("REPLACE INTO queues (source, queue_id, name, seen) VALUES ", 4)
PUT_MEMORY = Upsert("REPLACE INTO memory (source, feed, key, value) VALUES ", 4)
# row values would not use the index; source and feed come first
DROP_MEMORY = Upsert("DELETE FROM memory WHERE source = ? AND feed = ? AND key IN (VALUES ", 1, ")")

PUT_CURSOR = "REPLACE INTO cursors (source, feed, cursor, at) VALUES (?, ?, ?, ?)"
LAST_EVENT_ID = "SELECT coalesce(max(n), 0) FROM event_ids WHERE source = ? AND feed = ?"
PUT_EVENT_IDS = "INSERT INTO event_ids (source, feed, n, count, ids) VALUES (?, ?, ?, ?, ?)"
FORGET_EVENT_IDS = "DELETE FROM event_ids WHERE source = ? AND feed = ? AND n <= ?"
FORGET_MEMORY = "DELETE FROM memory WHERE source = ? AND feed = ?"
FORGET_STREAMS = (
    "DELETE FROM cursors WHERE source = ? AND feed NOT IN (SELECT value FROM json_each(?))",
    "DELETE FROM event_ids WHERE source = ? AND feed NOT IN (SELECT value FROM json_each(?))",
    "DELETE FROM memory WHERE source = ? AND feed NOT IN (SELECT value FROM json_each(?))",
)
# Daily totals that are counted from now on, as the stream that took them over is off, start with
# a base: until the end of the run before, the stream may have counted the same.
FORGET_BASE = (
    """DELETE FROM totals WHERE feed = ?3 AND series IN (SELECT id FROM series WHERE source = ?1)
        AND EXISTS (SELECT 1 FROM cursors WHERE source = ?1 AND feed = ?2)""",
    """DELETE FROM days WHERE source = ?1 AND feed = ?3
        AND EXISTS (SELECT 1 FROM cursors WHERE source = ?1 AND feed = ?2)""",
)

FORGET = (
    """DELETE FROM series WHERE source = :source AND queue_id IN (
        SELECT queue_id FROM queues WHERE source = :source AND seen < :before
    )""",
    "DELETE FROM queues WHERE source = :source AND seen < :before",
)
