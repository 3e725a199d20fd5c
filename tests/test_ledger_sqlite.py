"""Files the ledger makes, and files it refuses, which stay as they are."""

import os
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from exporter.accumulator import DayState, SeriesKey, Total
from exporter.errors import LedgerError
from exporter.ledger import Change, Ledger, Observations, StreamChange, StreamState
from exporter.ledger_schema import DROP_MEMORY, FORGET_EVENT_IDS, LAST_EVENT_ID, MIGRATIONS
from exporter.ledger_sqlite import check_library
from exporter.model import Histogram

KEY: SeriesKey = ("contactcenter_contacts_offered_total", (("queue_id", "7001"),))
WAIT: SeriesKey = ("contactcenter_contact_wait_seconds", (("queue_id", "7001"),))
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def make(path: Path, series: int = 1) -> None:
    """A ledger with that many counters of value 1, a histogram and a stream."""
    keys: list[SeriesKey] = [(KEY[0], (("queue_id", str(number)),)) for number in range(series)]
    rises = dict.fromkeys(keys, 1.0)
    waits = {WAIT: Observations((1.0, 2.5), (1, 0, 2), 10)}
    stream = StreamChange("events", "token", ["a", "b"], {"call": "ringing"})
    with closing(Ledger.open(path, now=0)) as ledger:
        ledger.record(Change("acme", at=0, increments=rises, observations=waits, stream=stream))


def change(path: Path, *statements: str) -> None:
    """What a stranger does to a database."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def refusal(path: Path) -> str:
    """Why a ledger can not be opened; the file is as before."""
    before = path.read_bytes()
    with pytest.raises(LedgerError) as caught:
        Ledger.open(path, now=0)
    assert path.read_bytes() == before
    message = str(caught.value)
    assert message.startswith(f"ledger {path}: ")
    return message


@contextmanager
def as_nobody() -> Iterator[Path]:
    """An empty directory of somebody else, whom permissions bind; root is bound by none."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        user = os.geteuid()
        if user == 0:
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            os.seteuid(user)


def test_the_file_and_its_directories_are_made_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "ledger.sqlite"
    make(path)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"ledger.sqlite": 0o600, "ledger.sqlite.lock": 0o600}


def test_the_file_is_made_for_durability_and_can_be_read_meanwhile(path: Path) -> None:
    with closing(Ledger.open(path, now=0)) as ledger:
        ledger.record(Change("acme", at=0, increments={KEY: 2.5}))
        ledger.commit()
        with closing(sqlite3.connect(path)) as reader:
            assert reader.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert reader.execute("SELECT value FROM counters").fetchall() == [(2.5,)]


def test_an_empty_file_is_migrated_to_the_newest_format(path: Path) -> None:
    path.touch()
    make(path)
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        strict = reader.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
        tables = {name: bool(flag) for name, flag in strict if not name.startswith("sqlite_")}
    counts = {"series", "counters", "histograms", "days", "totals", "queues"}
    assert set(tables) == counts | {"cursors", "event_ids", "memory"}
    assert all(tables.values())


def test_a_file_of_the_version_before_is_migrated_and_keeps_what_it_has(path: Path) -> None:
    change(
        path,
        "PRAGMA journal_mode = WAL",
        *MIGRATIONS[0],
        "INSERT INTO series VALUES (5, 'acme', 'x_total', '[[\"queue_id\", \"1\"]]', '1')",
        "INSERT INTO counters VALUES (5, 7.5)",
        "INSERT INTO days VALUES ('acme', 'live', 3, 9.5, NULL, '2026-03-10')",
        "INSERT INTO totals VALUES (5, 'live', 8, 7, 3)",
        "INSERT INTO queues VALUES ('acme', '1', 'Sales', 90)",
        "PRAGMA user_version = 1",
    )
    old: SeriesKey = ("x_total", (("queue_id", "1"),))
    state = DayState(3, 9.5, None, "2026-03-10", {old: Total(8, 7, 3)})
    waits = {WAIT: Observations((1.0,), (1, 2), 9)}
    for cursor, counted in (("a", 7.5), ("b", 8.5)):
        with closing(Ledger.open(path, now=0)) as ledger:
            assert ledger.counters("acme") == {old: counted}
            assert ledger.day_state("acme", "live") == state
            assert ledger.queue_names("acme") == {"1": "Sales"}
            stream = StreamChange("events", cursor, [cursor])
            rises = {old: 1.0}
            ledger.record(Change("acme", at=0, increments=rises, observations=waits, stream=stream))
    with closing(Ledger.open(path, now=0)) as ledger:
        assert ledger.counters("acme") == {old: 9.5}
        assert ledger.histograms("acme") == {WAIT: Histogram((1.0,), (2, 4), 18)}
        assert ledger.stream_state("acme", "events") == StreamState("b", ("a", "b"))
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_what_each_commit_does_to_a_stream_needs_no_look_at_all_rows(path: Path) -> None:
    make(path)
    often = (LAST_EVENT_ID, FORGET_EVENT_IDS, DROP_MEMORY.for_rows(2))
    with closing(sqlite3.connect(path)) as reader:
        for statement in often:
            some = [""] * statement.count("?")
            plan = reader.execute(f"EXPLAIN QUERY PLAN {statement}", some).fetchall()
            steps = " ".join(step for *_, step in plan)
            assert "SEARCH" in steps
            assert "SCAN event_ids" not in steps
            assert "SCAN memory" not in steps


def test_a_relative_path_stays_the_same_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    with closing(Ledger.open(Path(path.name), now=0)) as ledger:
        monkeypatch.chdir("/")
        ledger.record(Change("acme", at=0, increments={KEY: 1}))
        assert ledger.commit().keys() == {"acme"}
        assert ledger.size_bytes > 0


def test_a_newer_format_is_refused(path: Path) -> None:
    make(path)
    change(path, "PRAGMA user_version = 99")
    assert "newer version of the exporter (format 99; this one knows 2)" in refusal(path)


def test_a_database_of_another_program_is_refused(path: Path) -> None:
    change(path, "CREATE TABLE precious (id INTEGER)")
    assert "is a database of another program" in refusal(path)


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"My diary. " * 1000)
    assert "file is not a database" in refusal(path)


@pytest.mark.parametrize("damage", ["cut", "overwritten"])
def test_a_corrupt_file_is_refused(path: Path, damage: str) -> None:
    make(path, series=3000)
    content = bytearray(path.read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    else:
        content[8192:-8192] = bytes(len(content) - 16384)
    path.write_bytes(content)
    assert "corrupt" in refusal(path) or "malformed" in refusal(path)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE series SET labels = 'not JSON'",
        "UPDATE series SET labels = '[1]'",
        "UPDATE counters SET series = 99",
        "UPDATE histograms SET series = 99",
        "UPDATE histograms SET bounds = '[2.5, 1]'",
        "UPDATE histograms SET bounds = '[1]'",
        "UPDATE histograms SET counts = '[1, 2, \"3\"]'",
        "UPDATE histograms SET counts = ''",
        "UPDATE event_ids SET ids = 'a'",
        "UPDATE event_ids SET ids = '{}'",
        "UPDATE event_ids SET ids = '[1]'",
    ],
)
def test_contents_that_make_no_sense_are_refused(path: Path, statement: str) -> None:
    make(path)
    change(path, statement)
    assert "is corrupt" in refusal(path)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="is a directory"):
        Ledger.open(tmp_path, now=0)
    assert not tmp_path.with_name(tmp_path.name + ".lock").exists()


def test_what_is_no_regular_file_is_refused(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(LedgerError, match="is not a regular file"):
        Ledger.open(path, now=0)


def test_a_file_in_the_place_of_a_directory_is_refused(path: Path) -> None:
    path.write_text("not a directory")
    with pytest.raises(LedgerError, match=r"ledger\.sqlite"):
        Ledger.open(path / "ledger.sqlite", now=0)
    assert path.read_text() == "not a directory"


def test_a_path_that_can_not_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="null byte"):
        Ledger.open(tmp_path / "a\0b", now=0)


def seal_directory(path: Path) -> None:
    path.parent.chmod(0o555)


def seal_file(path: Path) -> None:
    path.chmod(0o444)


@pytest.mark.parametrize("seal", [seal_directory, seal_file])
def test_what_can_only_be_read_is_refused(seal: Callable[[Path], None]) -> None:
    with as_nobody() as folder:
        path = folder / "ledger.sqlite"
        user = os.geteuid()
        os.seteuid(os.getuid())
        folder.chmod(0o777)
        os.seteuid(user)
        make(path)
        path.with_name("ledger.sqlite.lock").unlink()
        os.seteuid(os.getuid())
        seal(path)
        os.seteuid(user)
        assert "Permission denied" in refusal(path)


def test_a_file_that_is_replaced_while_in_use_is_left_alone(path: Path) -> None:
    with closing(Ledger.open(path, now=0)) as ledger:
        path.rename(path.with_name("before"))
        path.write_bytes(b"restored from a backup")
        ledger.record(Change("acme", at=0, increments={KEY: 1}))
        with pytest.raises(LedgerError, match="was removed or replaced while in use"):
            ledger.commit()
        assert path.read_bytes() == b"restored from a backup"
        path.with_name("before").rename(path)


def test_an_old_sqlite_is_named() -> None:
    check_library((3, 37, 0))
    with pytest.raises(LedgerError, match=r"needs SQLite 3\.37\.0 or newer.* has 3\.34\.1"):
        check_library((3, 34, 1))
