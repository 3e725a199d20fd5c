"""When a stream can not be resumed: what is forgotten, what is counted, and where it goes on."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from exporter.ledger import Ledger, StreamState
from tests.calls import NOON, call, page_of, stream
from tests.streaming import (
    ACTIVE_NOW,
    DUPLICATES,
    GAPS,
    STARTS,
    Stage,
    as_after_a_crash,
    kept,
    opened,
)


@pytest.fixture
def stage() -> Iterator[Stage]:
    with closing(Ledger.open(None, now=NOON)) as ledger:
        yield Stage(ledger)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


# ---- The cursor of another transport --------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), [("sse", "longpoll"), ("longpoll", "sse")])
def test_a_cursor_of_the_other_transport_is_a_gap_and_starts_again(
    path: Path, before: str, after: str
) -> None:
    with opened(path, stream(before)) as first:
        first.calls.answered(page_of("t1", call("a"), call("b")))
    with opened(path, stream(after)) as again:
        assert again.calls.cursor() == ""
        again.calls.connected()
        again.calls.answered(page_of("t2", call("b"), call("c")))
        page = again.committed()
        assert page[GAPS] == 1
        assert page[ACTIVE_NOW] == 1  # the memory is forgotten
        assert (page[STARTS], page[DUPLICATES]) == (3, 1)  # ids are the same by either transport
    assert kept(path) == StreamState(f"{after} t2", ("a", "b", "c"), {"1": "1"})


def test_the_change_of_the_transport_is_one_gap_though_nothing_came_before_the_next_start(
    path: Path,
) -> None:
    with opened(path, stream("sse")) as first:
        first.calls.received([call("a")])
    for _ in range(2):
        with opened(path, stream("longpoll")) as again:
            assert again.committed()[GAPS] == 1
    assert kept(path) == StreamState("", ("a",), {})


def test_a_cursor_with_a_blank_in_it_is_kept_whole(path: Path) -> None:
    with opened(path, stream("longpoll")) as first:
        first.calls.answered(page_of("t 1"))
    with opened(path, stream("longpoll")) as again:
        assert again.calls.cursor() == "t 1"
        assert again.committed()[GAPS] == 0


# ---- A cursor that the vendor gave up -------------------------------------------------------


def test_a_cursor_that_expired_is_a_gap_and_forgets_what_was_so_but_no_ids(path: Path) -> None:
    with opened(path) as first:
        first.calls.received([call("a"), call("b")])
        first.commit()
        first.calls.expired()
        assert first.calls.cursor() == ""
        page = first.committed()
        assert page[GAPS] == 1
        assert ACTIVE_NOW not in page
        assert page[STARTS] == 2
    assert kept(path) == StreamState("", ("a", "b"), {})


def test_what_expired_stays_expired_after_a_crash(path: Path, tmp_path: Path) -> None:
    with opened(path) as first:
        first.calls.received([call("a")])
        first.commit()
        first.calls.expired()
        first.commit()
        crashed = as_after_a_crash(path, tmp_path / "crashed")
    with opened(crashed) as again:
        assert again.calls.cursor() == ""
        again.calls.received([call("a"), call("b")])
        page = again.committed()
    assert (page[STARTS], page[DUPLICATES], page[GAPS]) == (2, 1, 1)


def test_events_after_it_expired_are_counted_and_move_the_cursor_again(stage: Stage) -> None:
    stage.calls.received([call("a")])
    stage.calls.expired()
    stage.calls.received([call("a"), call("b")])
    page = stage.committed()
    assert stage.calls.cursor() == "b"
    assert (page[STARTS], page[DUPLICATES], page[ACTIVE_NOW]) == (2, 1, 1)


def test_what_expires_at_the_start_is_one_gap(path: Path) -> None:
    with opened(path) as first:
        first.calls.received([call("a")])
    with opened(path) as again:
        again.calls.expired()
        again.calls.disconnected()
        again.calls.connected()
        assert again.committed()[GAPS] == 1


def test_what_expires_after_a_connection_is_one_gap(stage: Stage) -> None:
    stage.calls.connected()
    stage.calls.received([call("a")])
    stage.calls.disconnected()
    stage.calls.expired()
    stage.calls.disconnected()
    stage.calls.connected()
    assert stage.committed()[GAPS] == 1


# ---- Connections without a cursor -----------------------------------------------------------


def test_the_first_connection_without_a_cursor_is_no_gap(stage: Stage) -> None:
    stage.calls.connected()
    assert stage.committed()[GAPS] == 0


def test_a_connection_without_a_cursor_after_another_is_a_gap_each_time(stage: Stage) -> None:
    for _ in range(3):
        stage.calls.connected()
        stage.calls.alive()
        stage.calls.disconnected()
    assert stage.committed()[GAPS] == 2


def test_a_stream_that_is_closed_in_good_order_is_no_gap(stage: Stage) -> None:
    for _ in range(3):
        stage.calls.connected()
        stage.calls.alive()
        stage.calls.ended()
        stage.calls.disconnected()
    assert stage.committed()[GAPS] == 0


def test_a_connection_that_resumes_is_no_gap(stage: Stage) -> None:
    stage.calls.connected()
    stage.calls.received([call("a")])
    stage.calls.disconnected()
    stage.calls.connected()
    assert stage.committed()[GAPS] == 0
