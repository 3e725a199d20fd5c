"""What the ledger keeps of streams: cursors, ids of counted events, memory."""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.accumulator import SeriesKey
from exporter.errors import LedgerError
from exporter.ledger import Change, Ledger, Observations, StreamChange, StreamState
from exporter.model import Histogram

EVENTS: SeriesKey = ("livevox_agent_events_total", (("event", "logon"),))
WAIT: SeriesKey = ("contactcenter_contact_wait_seconds", (("queue_id", "1"),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with closing(Ledger.open(path, now=0)) as opened:
        yield opened


def advance(feed: str = "events", source: str = "acme", **stream: Any) -> Change:
    return Change(source, at=5, stream=StreamChange(feed, **stream))


def kept(path: Path, feed: str = "events", source: str = "acme", **how: Any) -> StreamState:
    """What a new process goes on from."""
    with closing(Ledger.open(path, now=0, **how)) as again:
        return again.stream_state(source, feed)


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as reader:
        return reader.execute(query).fetchall()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Somebody else writes to the file for so long that commits fail."""
    with closing(sqlite3.connect(path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        yield
        stranger.execute("ROLLBACK")


def test_a_stream_goes_on_where_it_was_counted(path: Path, ledger: Ledger) -> None:
    assert ledger.stream_state("acme", "events") == StreamState()
    ledger.record(advance(cursor="a", ids=["1", "2"], memory={"call": "ringing", "x": "y"}))
    ledger.record(advance(cursor="b", ids=["3"], memory={"x": None}))
    ledger.record(advance(ids=["4"]))
    assert ledger.commit() == {}
    ledger.close()
    state = StreamState("b", ("1", "2", "3", "4"), {"call": "ringing"})
    with closing(Ledger.open(path, now=0)) as again:
        assert again.stream_state("acme", "events") == state
        with pytest.raises(RuntimeError, match="the stream acme/events goes on already"):
            again.stream_state("acme", "events")
        assert again.stream_state("acme", "other") == StreamState()
    assert kept(path) == state
    assert rows(path, "SELECT cursor, at FROM cursors") == [("b", 5.0)]


def test_a_cursor_can_be_forgotten(path: Path, ledger: Ledger) -> None:
    ledger.record(advance(cursor="a", ids=["1"], memory={"k": "v"}))
    ledger.commit()
    ledger.record(advance(cursor=""))
    ledger.close()
    assert kept(path) == StreamState("", ("1",), {"k": "v"})


@pytest.mark.parametrize("committed_before", [False, True])
def test_a_restarted_stream_keeps_ids_and_forgets_its_memory(
    path: Path, ledger: Ledger, committed_before: bool
) -> None:
    ledger.record(advance(cursor="a", ids=["1"], memory={"old": "1", "both": "1", "gone": "1"}))
    if committed_before:
        ledger.commit()
    ledger.record(advance(memory={"both": "2"}))
    ledger.record(advance(memory={"both": "3", "gone": None}, restarted=True))
    ledger.record(advance(memory={"new": "4"}))
    ledger.close()
    assert kept(path) == StreamState("a", ("1",), {"both": "3", "new": "4"})


def test_sources_and_feeds_are_kept_apart(path: Path, ledger: Ledger) -> None:
    places = [(source, feed) for source in ("a", "b") for feed in ("x", "y", "z")]
    for source, feed in places:
        name = source + feed
        ledger.record(advance(feed, source, cursor=name, ids=[name, "1"], memory={"k": name}))
        ledger.commit()
    ledger.record(advance("x", "a", restarted=True, ids=["2"]))
    ledger.close()
    for source, feed in places[1:]:
        name = source + feed
        assert kept(path, feed, source) == StreamState(name, (name, "1"), {"k": name})
    assert kept(path, "x", "a") == StreamState("ax", ("ax", "1", "2"), {})


def test_a_feed_that_was_switched_off_does_not_resume(path: Path, ledger: Ledger) -> None:
    for source in ("a", "b", "c"):
        for feed in ("x", "y"):
            ledger.record(advance(feed, source, cursor="1", ids=["1"], memory={"k": "v"}))
            ledger.record(Change(source, at=0, increments={EVENTS: 1}))
    ledger.close()
    with closing(Ledger.open(path, streams={"a": ["y"], "b": []}, now=0)) as again:
        assert again.counters("a") == again.counters("b") == {EVENTS: 2}
    state = StreamState("1", ("1",), {"k": "v"})
    assert kept(path, "x", "a") == kept(path, "x", "b") == kept(path, "y", "b") == StreamState()
    assert kept(path, "y", "a") == kept(path, "x", "c") == kept(path, "y", "c") == state
    assert {row[:2] for row in rows(path, "SELECT source, feed FROM event_ids")} == {
        ("a", "y"),
        ("c", "x"),
        ("c", "y"),
    }


ODD = ["", " ", "\n", "a\nb", '"', "\\", "\0", "Ü", "☎", "\U0001f600", "\ud800", "x" * 10_000]


def test_ids_may_hold_any_character(path: Path, ledger: Ledger) -> None:
    ledger.record(advance(ids=ODD))
    ledger.commit()
    ledger.record(advance(ids=ODD[:-2]))
    ledger.close()
    assert kept(path).ids == (*ODD, *ODD[:-2])


def test_texts_may_hold_any_character_of_unicode(path: Path, ledger: Ledger) -> None:
    texts = [text for text in ODD if text != "\ud800"]
    both = {text: text for text in texts}
    ledger.record(advance("\n☎", cursor="".join(texts), memory={**both, "last": "v"}))
    ledger.commit()
    ledger.record(advance("\n☎", memory=dict.fromkeys(texts[:7])))
    ledger.close()
    left = {**{text: text for text in texts[7:]}, "last": "v"}
    assert kept(path, "\n☎") == StreamState("".join(texts), (), left)


def test_more_memory_than_one_statement_holds(path: Path, ledger: Ledger) -> None:
    many = {str(number): "v" * number for number in range(1234)}
    ledger.record(advance(memory=many))
    ledger.commit()
    ledger.record(advance(memory=dict.fromkeys(list(many)[:1100])))
    ledger.close()
    assert kept(path).memory == dict(list(many.items())[1100:])


def test_the_window_holds_the_newest_ids(path: Path) -> None:
    numbers = [str(number) for number in range(100)]
    with closing(Ledger.open(path, event_ids=10, now=0)) as ledger:
        for start in range(0, 100, 4):
            ledger.record(advance(ids=numbers[start : start + 4]))
            ledger.commit()
            assert sum(count for (count,) in rows(path, "SELECT count FROM event_ids")) <= 10 + 3
    assert kept(path, event_ids=10).ids == tuple(numbers[-10:])
    assert kept(path, event_ids=3).ids == tuple(numbers[-3:])
    assert kept(path, event_ids=0).ids == ()
    assert len(kept(path).ids) == 12  # what is wholly beyond the window is gone


def test_of_one_commit_no_more_than_the_window_is_written(path: Path) -> None:
    with closing(Ledger.open(path, event_ids=10, now=0)) as ledger:
        ledger.record(advance(ids=["a", "b"]))
        ledger.commit()
        for start in range(0, 1000, 100):
            ledger.record(advance(ids=[str(start + number) for number in range(100)]))
        ledger.commit()
        ((count, text),) = rows(path, "SELECT count, ids FROM event_ids")
    assert (count, text) == (10, '["990","991","992","993","994","995","996","997","998","999"]')


def test_a_smaller_window_makes_the_file_smaller(path: Path, ledger: Ledger) -> None:
    for number in range(50):
        ledger.record(advance(ids=[str(number)]))
        ledger.commit()
    ledger.close()
    with closing(Ledger.open(path, event_ids=2, now=0)) as again:
        again.record(advance(ids=["50"]))
    assert rows(path, "SELECT ids FROM event_ids ORDER BY n") == [('["49"]',), ('["50"]',)]


def test_a_window_is_not_negative() -> None:
    with pytest.raises(ValueError, match="-1 ids of events can not be kept"):
        Ledger.open(None, event_ids=-1, now=0)


def everything(source: str, number: int) -> Change:
    """A change of all that a stream may change."""
    return Change(
        source,
        at=number,
        increments={EVENTS: 1},
        observations={WAIT: Observations((1.0,), (1, 0), 0.5)},
        stream=StreamChange("events", str(number), [str(number)], {"last": str(number)}),
    )


def test_a_failed_commit_keeps_everything_pending_in_its_order(path: Path, ledger: Ledger) -> None:
    ledger.record(everything("acme", 1))
    ledger.commit()
    for number in (2, 3):
        ledger.record(everything("acme", number))
        ledger.record(everything("other", number))
        ledger.record(advance("dropped", memory={"a": "1", str(number): "2"}))
        with locked(path), pytest.raises(LedgerError, match="database is locked"):
            ledger.commit()
        assert ledger.counters("acme") == {EVENTS: 1}
        assert ledger.histograms("acme") == {WAIT: Histogram((1.0,), (1, 0), 0.5)}
    ledger.record(advance("dropped", memory={"a": None}, restarted=True))
    ledger.record(everything("acme", 4))
    ledger.commit()
    assert ledger.counters("acme") == {EVENTS: 4}
    assert ledger.histograms("acme") == {WAIT: Histogram((1.0,), (4, 0), 2.0)}
    ledger.close()
    assert kept(path) == StreamState("4", ("1", "2", "3", "4"), {"last": "4"})
    assert kept(path, source="other") == StreamState("3", ("2", "3"), {"last": "3"})
    assert kept(path, "dropped") == StreamState()


def test_what_is_recorded_while_a_commit_fails_comes_after_it(path: Path, ledger: Ledger) -> None:
    number = 0
    with locked(path):
        ledger.start(lambda committed: None, interval=0.001)
        while ledger.failures < 2:  # each commit waits for the stranger and then fails
            number += 1
            ledger.record(everything("acme", number))
            gone = {str(number - 1): None} if number % 3 else {}
            ledger.record(advance("calls", memory={**gone, str(number): "v"}))
            ledger.record(advance("again", memory={str(number): "v"}, restarted=True))
            time.sleep(0.001)
    ledger.close()
    assert number > 10
    numbers = [str(each) for each in range(1, number + 1)]
    with closing(Ledger.open(path, now=0)) as again:
        assert again.counters("acme") == {EVENTS: number}
        assert again.histograms("acme") == {WAIT: Histogram((1.0,), (number, 0), number / 2)}
        state = again.stream_state("acme", "events")
        assert state == StreamState(str(number), tuple(numbers), {"last": str(number)})
        left = [each for each in numbers if int(each) % 3 == 2 or int(each) == number]
        assert again.stream_state("acme", "calls").memory == dict.fromkeys(left, "v")
        assert again.stream_state("acme", "again").memory == {str(number): "v"}


def test_a_ledger_that_fails_for_long_holds_no_more_ids_than_the_window(path: Path) -> None:
    with closing(Ledger.open(path, event_ids=3, now=0)) as ledger:
        with locked(path):
            for number in range(4):
                ledger.record(advance(ids=[f"{number}-{part}" for part in range(2)]))
                with pytest.raises(LedgerError, match="database is locked"):
                    ledger.commit()
        ledger.commit()
    assert kept(path, event_ids=3).ids == ("2-1", "3-0", "3-1")


batches = st.lists(
    st.tuples(
        st.sampled_from(["x", "y"]),
        st.one_of(st.none(), st.sampled_from(["", "a", "b", "c"])),
        st.lists(st.text(max_size=2), max_size=5),
        st.dictionaries(st.sampled_from("pqr"), st.one_of(st.none(), st.text(max_size=2))),
        st.booleans(),
        st.sampled_from(["", "", "commit", "fail", "restart"]),
    ),
    max_size=12,
)


class Model:
    """What a stream's state is, without a file."""

    def __init__(self) -> None:
        self.cursor = ""
        self.ids: list[str] = []
        self.memory: dict[str, str] = {}

    def change(
        self,
        cursor: str | None,
        ids: list[str],
        memory: Mapping[str, str | None],
        restarted: bool,
    ) -> None:
        if restarted:
            self.memory = {}
        both: dict[str, str | None] = {**self.memory, **memory}
        self.memory = {key: value for key, value in both.items() if value is not None}
        self.ids += ids
        self.cursor = self.cursor if cursor is None else cursor


class Failing:
    """Makes commits fail at once, as a full disk does, by a trigger in the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        self._run("CREATE TRIGGER full BEFORE INSERT ON queues BEGIN SELECT RAISE(FAIL, 'x'); END")

    def __exit__(self, *_: object) -> None:
        self._run("DROP TRIGGER full")

    def _run(self, statement: str) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as stranger:
            stranger.execute(statement)


@settings(max_examples=40, deadline=None)
@given(batches, st.integers(1, 6))
def test_any_order_of_changes_commits_failures_and_restarts(
    steps: list[tuple[str, str | None, list[str], dict[str, str | None], bool, str]], window: int
) -> None:
    models = {"x": Model(), "y": Model()}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        ledger = Ledger.open(path, event_ids=window, now=0)
        for number, (feed, cursor, ids, memory, restarted, then) in enumerate(steps):
            models[feed].change(cursor, ids, memory, restarted)
            stream = StreamChange(feed, cursor, ids, memory, restarted)
            # a queue, for that is what the trigger refuses
            queues = {str(number): ""}
            ledger.record(Change("acme", at=0, queues=queues, stream=stream))
            if then == "commit":
                ledger.commit()
            if then == "fail":
                with Failing(path), pytest.raises(LedgerError):
                    ledger.commit()
            if then == "restart":
                ledger.close()
                ledger = Ledger.open(path, event_ids=window, now=0)
        ledger.close()
        for feed, model in models.items():
            state = kept(path, feed, event_ids=window)
            newest = tuple(model.ids[-window:])
            assert state == StreamState(model.cursor, newest, model.memory)
