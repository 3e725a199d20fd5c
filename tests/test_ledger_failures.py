"""The ledger's thread, commits that fail, processes that are killed, files that are in use."""

import logging
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from exporter.accumulator import DayState, SeriesKey, Total
from exporter.errors import LedgerError, LedgerInUseError
from exporter.ledger import Change, Committed, Ledger


def key(queue: str) -> SeriesKey:
    return "contactcenter_contacts_offered_total", (("queue_id", queue), ("channel", "voice"))


def rise(value: float, queue: str = "7001", source: str = "acme") -> Change:
    return Change(source, at=0, increments={key(queue): value})


def state(highest: float) -> DayState:
    return DayState(0, 1.5, None, None, {key("7001"): Total(highest, highest, 0)})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(path, now=0)
    yield opened
    opened.close()


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.002)


@contextmanager
def reopened(path: Path) -> Iterator[Ledger]:
    with closing(Ledger.open(path, now=0)) as again:
        yield again


@contextmanager
def taken_away(path: Path) -> Iterator[None]:
    """The file is moved while it is in use, and put back."""
    elsewhere = path.with_name("elsewhere")
    path.rename(elsewhere)
    try:
        yield
    finally:
        elsewhere.rename(path)


def test_a_failed_commit_keeps_everything_pending(path: Path, ledger: Ledger) -> None:
    ledger.record(rise(1))
    ledger.commit()
    ledger.record(Change("acme", at=0, increments={key("7001"): 2}, day=("live", state(3))))
    with taken_away(path):
        for failed in (1, 2):
            with pytest.raises(LedgerError, match=r"ledger\.sqlite: was removed or replaced"):
                ledger.commit()
            assert (ledger.commits, ledger.failures, ledger.failing) == (1, failed, True)
        assert ledger.counters("acme") == {key("7001"): 1}
        assert ledger.day_state("acme", "live") == state(3)
        ledger.record(Change("acme", at=0, increments={key("7001"): 4}, queues={"7001": "Sales"}))
    assert ledger.commit().keys() == {"acme"}
    assert (ledger.commits, ledger.failures, ledger.failing) == (2, 2, False)
    assert ledger.counters("acme") == {key("7001"): 7}
    ledger.close()
    with reopened(path) as again:
        assert again.counters("acme") == {key("7001"): 7}
        assert again.day_state("acme", "live") == state(3)
        assert again.queue_names("acme") == {"7001": "Sales"}


@contextmanager
def files_can_not_grow(limit: int) -> Iterator[None]:
    """What a full disk does to a file: writes behind the limit fail."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_loses_nothing(path: Path, ledger: Ledger) -> None:
    many = {key(str(number)): 1.0 for number in range(5000)}
    ledger.record(rise(1))
    ledger.commit()
    ledger.record(Change("acme", at=0, increments=many, day=("live", state(2))))
    with files_can_not_grow(ledger.size_bytes), pytest.raises(LedgerError, match="SQLITE_"):
        ledger.commit()
    assert ledger.counters("acme") == {key("7001"): 1}
    ledger.commit()
    assert ledger.counters("acme") == {key("7001"): 1, **many}
    ledger.close()
    with reopened(path) as again:
        assert again.counters("acme") == {key("7001"): 1, **many}
        assert again.day_state("acme", "live") == state(2)


def test_a_stranger_who_writes_to_the_file_is_waited_for(path: Path, ledger: Ledger) -> None:
    ledger.record(rise(1))
    with closing(sqlite3.connect(path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="database is locked"):
            ledger.commit()
        stranger.execute("ROLLBACK")
    assert ledger.commit().keys() == {"acme"}


def test_recording_never_waits_for_a_commit_and_nothing_of_it_is_lost(
    path: Path, ledger: Ledger
) -> None:
    recorded = 0
    with closing(sqlite3.connect(path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        ledger.start(lambda changed: None, interval=0.001)
        while ledger.failures < 2:  # each commit waits for the stranger and then fails
            ledger.record(rise(1))
            recorded += 1
            time.sleep(0.001)
        stranger.execute("ROLLBACK")
    until(lambda: ledger.counters("acme") == {key("7001"): recorded})
    assert recorded > 10


def test_the_thread_commits_and_tells(ledger: Ledger) -> None:
    told: list[Mapping[str, Committed]] = []
    ledger.start(told.append, interval=0.001)
    with pytest.raises(RuntimeError, match="runs already"):
        ledger.start(told.append)
    ledger.record(rise(1))
    until(lambda: told)
    ledger.record(Change("acme", at=0, queues={"1": "Sales"}))
    until(lambda: ledger.commits == 2)
    ledger.record(rise(2, source="b"))
    until(lambda: len(told) == 2)
    assert told == [
        {"acme": Committed({key("7001"): 1}, {})},
        {"b": Committed({key("7001"): 2}, {})},
    ]
    assert ledger.counters("b") == {key("7001"): 2}


def test_a_failure_is_logged_once_and_so_is_the_recovery(
    path: Path, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with taken_away(path):
        ledger.record(rise(1))
        ledger.start(lambda changed: None, interval=0.001)
        until(lambda: ledger.failures > 3)
    until(lambda: ledger.commits == 1)
    until(lambda: len(caplog.records) == 2)
    error, recovery = caplog.records
    assert (error.levelname, recovery.levelname) == ("ERROR", "INFO")
    assert "was removed or replaced while in use" in error.message
    assert "written again" in recovery.message
    ledger.record(rise(1))
    until(lambda: ledger.commits == 2)
    assert len(caplog.records) == 2


def test_the_thread_outlives_a_bug_of_its_listener(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    def buggy(committed: Mapping[str, Committed]) -> None:
        raise KeyError(*committed)

    ledger.start(buggy, interval=0.001)
    ledger.record(rise(1))
    until(lambda: caplog.records)
    ledger.record(rise(1))
    until(lambda: ledger.commits == 2)
    assert not ledger.failing


def test_closing_commits_what_is_pending_and_ends_the_thread(path: Path, ledger: Ledger) -> None:
    ledger.start(lambda changed: None, interval=3600)
    ledger.record(rise(1))
    ledger.close()
    ledger.close()
    assert "ledger" not in {thread.name for thread in threading.enumerate()}
    assert ledger.counters("acme") == {key("7001"): 1}
    with pytest.raises(LedgerError, match="is closed"):
        ledger.record(rise(1))
    with reopened(path) as again:
        assert again.counters("acme") == {key("7001"): 1}


def test_closing_tells_if_the_last_commit_failed_and_lets_go_of_the_file(
    path: Path, ledger: Ledger
) -> None:
    ledger.record(rise(1))
    with taken_away(path), pytest.raises(LedgerError, match="was removed or replaced"):
        ledger.close()
    ledger.close()
    with reopened(path) as again:
        assert again.counters("acme") == {}


def test_many_threads_record_while_one_commits(ledger: Ledger) -> None:
    ledger.start(lambda changed: None, interval=0.001)
    seen: list[float] = []

    def count(queue: str) -> None:
        for _ in range(300):
            ledger.record(rise(1, queue))
            seen.append(ledger.counters("acme").get(key("0"), 0))

    threads = [threading.Thread(target=count, args=(str(number % 2),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.close()
    assert ledger.counters("acme") == {key("0"): 600, key("1"): 600}
    assert max(seen) <= 600


COUNTING = """
import sys
import time
from pathlib import Path
from exporter.ledger import Change, Ledger, Observations, StreamChange

SOURCES = [("acme", "x"), ("acme", "y"), ("other", "x")]
BATCH = 7
ledger = Ledger.open(Path(sys.argv[1]), event_ids=50, now=0)
states = {place: ledger.stream_state(*place) for place in SOURCES}
counts = {place: int(state.cursor or 0) for place, state in states.items()}
ledger.start(lambda committed: print(counts["other", "x"], flush=True), interval=0.0005)
while True:
    for source, feed in SOURCES:
        count = counts[source, feed]
        ids = [str(number) for number in range(count, count + BATCH)]
        counts[source, feed] = count = count + BATCH
        memory = {"last": str(count), ids[0]: "", ids[0] if count % 2 else "": None}
        ledger.record(Change(
            source,
            at=count,
            increments={("x_total", (("feed", feed),)): BATCH, ("y_total", ()): 1.0},
            observations={
                ("w_seconds", (("queue_id", feed),)): Observations((1.0,), (BATCH, 0), BATCH)
            },
            stream=StreamChange(feed, str(count), ids, memory, restarted=count % 5 == 0),
        ))
    time.sleep(0)
"""

COMMITTING = """
import sys
from pathlib import Path
from exporter.accumulator import Reading, accumulate
from exporter.ledger import Change, Ledger

keys = [("x_total", (("queue_id", str(number)),)) for number in range(300)]
ledger = Ledger.open(Path(sys.argv[1]), now=0)
state = ledger.day_state("acme", "live")
count = 0 if state is None else int(state.totals[keys[0]].highest) + 1
while True:
    outcome = accumulate(state, Reading(count, dict.fromkeys(keys, count)))
    state = outcome.state
    ledger.record(Change("acme", at=0, increments=outcome.increments, day=("live", state)))
    ledger.commit()
    print(count, flush=True)
    count += 1
"""


@contextmanager
def committing(path: Path, program: str = COMMITTING) -> Iterator[subprocess.Popen[bytes]]:
    """A process that commits without end; it is killed at the end of the block."""
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline(), "it could not commit"
            yield child
        finally:
            child.kill()


def test_a_kill_at_any_moment_leaves_counters_and_states_in_step(path: Path) -> None:
    chance = random.Random(4)
    reached = 0.0
    for _ in range(20):
        with committing(path) as child:
            assert child.stdout is not None
            time.sleep(chance.uniform(0, 0.03))  # the random moment itself
            child.send_signal(signal.SIGKILL)
            acknowledged = [float(line) for line in child.stdout if line.endswith(b"\n")]
        with reopened(path) as ledger:
            state = ledger.day_state("acme", "live")
            assert state is not None
            highest = {name: total.highest for name, total in state.totals.items()}
            assert {name: ledger.counters("acme").get(name, 0.0) for name in highest} == highest
            assert len(highest) == 300
            (count,) = set(highest.values())
            assert count >= max(acknowledged, default=reached)
            reached = count
    assert reached > 20


def test_a_kill_at_any_moment_leaves_streams_and_counts_in_step(path: Path) -> None:
    chance = random.Random(5)
    reached = 0
    for _ in range(20):
        with committing(path, COUNTING) as child:
            assert child.stdout is not None
            time.sleep(chance.uniform(0, 0.03))  # the random moment itself
            child.send_signal(signal.SIGKILL)
            child.wait()
        with closing(Ledger.open(path, event_ids=50, now=0)) as ledger:
            batches = {"acme": 0, "other": 0}
            for source, feed in (("acme", "x"), ("acme", "y"), ("other", "x")):
                state = ledger.stream_state(source, feed)
                count = int(state.cursor)
                batches[source] += count // 7
                seen = ledger.histograms(source)[("w_seconds", (("queue_id", feed),))]
                assert ledger.counters(source)[("x_total", (("feed", feed),))] == count
                assert (seen.counts, seen.total) == ((count, 0), count)
                newest = range(max(0, count - 50), count)
                assert state.ids == tuple([str(number) for number in newest])
                assert state.memory["last"] == str(count)
            for source, number in batches.items():
                assert ledger.counters(source)[("y_total", ())] == number
            assert count >= reached
            reached = count
    assert reached > 20 * 7


def test_a_ledger_in_use_is_refused_until_its_process_is_gone(path: Path) -> None:
    with committing(path), pytest.raises(LedgerInUseError, match="in use by another process"):
        Ledger.open(path, now=0)
    with reopened(path) as ledger:
        assert ledger.day_state("acme", "live") is not None


def test_a_second_ledger_of_the_same_process_is_refused_too(path: Path, ledger: Ledger) -> None:
    refusal = r"ledger .*ledger\.sqlite: in use by another process"
    with pytest.raises(LedgerInUseError, match=refusal):
        Ledger.open(path, now=0)
    ledger.record(rise(1))
    ledger.commit()
    ledger.close()
    with reopened(path) as again:
        assert again.counters("acme") == {key("7001"): 1}
