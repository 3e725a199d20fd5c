"""The ledger's tables and statements. Data only.

A change of the tables is one more migration at the end; those before it are never edited, for
files that they made are in use. `user_version` in a file is the number of migrations it has had.
"""

from dataclasses import dataclass

APPLICATION_ID = 0x43434558  # tells a ledger from other people's databases
OLDEST_SQLITE = (3, 37, 0)  # the first with STRICT tables

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
PUT_TOTALS = Upsert(
    "INSERT INTO totals (series, feed, highest, last, day) VALUES ",
    5,
    " ON CONFLICT (series, feed) DO UPDATE"
    " SET highest = excluded.highest, last = excluded.last, day = excluded.day",
)
PUT_DAYS = Upsert("REPLACE INTO days (source, feed, day, at, turned, named) VALUES ", 6)
PUT_QUEUES = Upsert("REPLACE INTO queues (source, queue_id, name, seen) VALUES ", 4)

FORGET = (
    """DELETE FROM series WHERE source = :source AND queue_id IN (
        SELECT queue_id FROM queues WHERE source = :source AND seen < :before
    )""",
    "DELETE FROM queues WHERE source = :source AND seen < :before",
)
