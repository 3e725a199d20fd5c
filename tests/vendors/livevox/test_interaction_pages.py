"""Interaction events as they come: pages, streams, cursors, duplicates, garbage, restarts."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from exporter import families as c
from exporter.errors import FeedError, Reason
from exporter.vendors.livevox import families as f
from tests.vendors.livevox.account import AT
from tests.vendors.livevox.events import (
    NOBODY,
    Event,
    LiveVoxMachine,
    answered,
    of_family,
    page,
    payloads,
    resumed,
    stream,
)


def machine(ids: tuple[str, ...] = (), cursor: str = "") -> LiveVoxMachine:
    return stream("interaction_events").machine(resumed(ids, cursor))


def started(event_id: object, **changes: Any) -> Event:
    """A call that began."""
    return {
        "eventId": event_id,
        "interactionType": "VOICE",
        "callEventType": "CALL_START",
        "transactionId": 880011,
        "serviceId": 7001,
        "timestamp": "2026-01-05T15:00:00Z",
        **changes,
    }


def test_a_page_moves_the_cursor_to_its_token() -> None:
    of = machine()
    step = of.answered(answered(page("events", started("a"), token="t1")), NOBODY)
    assert (step.cursor, list(step.ids), step.full) == ("t1", ["a"], False)
    assert of.answered(answered(page("events", token="t2")), NOBODY).cursor == "t2"
    assert of.answered(answered(b'{"token": 7}'), NOBODY).cursor == "7"


@pytest.mark.parametrize("token", [None, "", "null", {}, []])
def test_a_page_without_a_token_is_a_failure_and_counts_nothing(token: object) -> None:
    of = machine()
    with pytest.raises(FeedError, match="the page has no token") as failure:
        of.answered(answered(page("events", started("a"), token=token)), NOBODY)
    assert failure.value.reason is Reason.DECODE
    assert of.answered(answered(page("events", started("a"))), NOBODY).events == {"call_start": 1}


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"token": "t", "events": 5}'])
def test_what_is_no_page_is_a_failure(body: bytes) -> None:
    with pytest.raises(FeedError) as failure:
        machine().answered(answered(body), NOBODY)
    assert failure.value.reason is Reason.DECODE


@pytest.mark.parametrize(
    ("count", "bad", "full"), [(999, 0, False), (1000, 0, True), (999, 1, True)]
)
def test_a_full_page_is_followed_at_once(count: int, bad: int, full: bool) -> None:
    events = [started(f"e{n}") for n in range(count)]
    assert machine().answered(answered(page("events", *events, *[7] * bad)), NOBODY).full is full


def test_an_empty_page_says_nothing_but_its_token() -> None:
    for body in (page("events"), b'{"token": "next"}', b'{"token": "next", "events": null}'):
        step = machine().answered(answered(body), NOBODY)
        assert (step.cursor, step.full, step.newest) == ("next", False, None)
        said = (step.events, step.increments, step.observations, step.ids, step.lags)
        assert not any(said)


def test_duplicates_are_counted_and_count_nothing_else() -> None:
    of = machine(("before",))
    step = of.answered(
        answered(page("events", started("a"), started("a"), started("before"), started("b"))),
        NOBODY,
    )
    assert (step.duplicates, step.events, list(step.ids)) == (2, {"call_start": 2}, ["a", "b"])
    again = of.received(payloads([started("b"), started("c"), started("c")]), AT, NOBODY)
    assert (again.duplicates, again.events, list(again.ids)) == (2, {"call_start": 1}, ["c"])
    assert list(again.lags) == [3.0]


@pytest.mark.parametrize("nothing", [None, "", "null", "NULL", "  "])
def test_an_event_without_an_id_is_known_by_its_call_kind_and_time(nothing: object) -> None:
    one = started(nothing)
    other_call = {**one, "transactionId": 880012}
    other_kind = {**one, "callEventType": "CALL_TERMINATION"}
    other_time = {**one, "timestamp": "2026-01-05T15:00:01Z"}
    by_session = {**one, "transactionId": None, "sessionId": "U1@10"}
    events = [one, other_call, other_kind, other_time, by_session]
    of = machine()
    step = of.answered(answered(page("events", *events, *events)), NOBODY)
    assert (sum(step.events.values()), step.duplicates, step.malformed) == (5, 5, 0)
    assert of.received(payloads(events), AT, NOBODY).duplicates == 5


def test_an_event_that_can_not_be_told_from_others_is_malformed() -> None:
    nameless = started(None, transactionId=None)
    timeless = started("null", timestamp=None)
    step = machine().answered(answered(page("events", nameless, timeless, started("a"))), NOBODY)
    assert (step.events, step.malformed, step.duplicates) == ({"call_start": 1}, 2, 0)


def test_a_field_that_can_not_be_read_does_not_lose_the_event() -> None:
    bad = started("a", transferHoldDuration="long", timestamp="yesterday", zipCode={})
    step = machine().answered(answered(page("events", bad)), NOBODY)
    assert step.events == {"call_start": 1}
    assert step.rejected.fields == {"events.transferHoldDuration": 1, "events.timestamp": 1}
    assert (step.malformed, step.rejected.rows) == (0, 0)


@pytest.mark.parametrize(
    "garbage",
    [
        b"{",
        b"",
        b"null",
        b"7",
        b'"text"',
        b"[]",
        b"}{",
        b"\xff\xfe",
        b'{"eventId": "x"',
        b'{"eventId": {}}',
        b'{"eventId": "x", "timestamp": NaN}',
        b"[" * 100_000,
        b"data: {}",
    ],
)
def test_garbage_in_a_stream_does_not_lose_its_neighbours(garbage: bytes) -> None:
    good = payloads([started("a"), started("b")])
    step = machine().received([good[0], garbage, good[1]], AT, NOBODY)
    assert step.events == {"call_start": 2}
    assert list(step.ids) == ["a", "b"]
    assert step.malformed == (1 if garbage else 0)


@pytest.mark.parametrize("garbage", ["7", "null", '"text"', "[]", '{"eventId": {}}', "{}"])
def test_garbage_in_a_page_does_not_lose_its_neighbours(garbage: str) -> None:
    good = msgspec.json.encode(started("a")).decode()
    body = f'{{"token": "t", "events": [{garbage}, {good}]}}'.encode()
    step = machine().answered(answered(body), NOBODY)
    assert (step.events, step.malformed, step.cursor) == ({"call_start": 1}, 1, "t")


def test_nothing_in_a_stream_moves_nothing() -> None:
    of = machine((), "start")
    for batch in ([], [b"{"], payloads([{"eventId": None}])):
        step = of.received(batch, AT, NOBODY)
        assert (step.cursor, list(step.ids)) == (None, [])


def _cursors(of: LiveVoxMachine, count: int, each: float, began: float = AT) -> list[str]:
    """Where a stream would resume after each of so many events, so many seconds apart."""
    cursor = ""
    cursors = []
    for n in range(count):
        step = of.received(payloads([started(f"e{n}")]), began + n * each, NOBODY)
        cursor = cursor if step.cursor is None else step.cursor
        cursors.append(cursor)
    return cursors


def test_a_stream_resumes_some_events_before_the_last_one_and_moves_on() -> None:
    places = [int(cursor.removeprefix("e")) for cursor in _cursors(machine(), 300, 0.01)]
    behind = [n - place for n, place in enumerate(places)]
    assert all(earlier <= later for earlier, later in pairwise(places))
    assert all(10 <= distance <= 100 for distance in behind[100:])


def test_in_a_quiet_stream_the_cursor_does_not_stay_hours_behind() -> None:
    places = [int(cursor.removeprefix("e")) for cursor in _cursors(machine(), 50, 20.0)]
    behind = [n - place for n, place in enumerate(places)]
    assert all(1 <= distance <= 5 for distance in behind[5:])


def test_after_a_silence_a_stream_resumes_before_the_first_event_that_follows_it() -> None:
    of = machine()
    of.received(payloads([started("e0")]), AT, NOBODY)
    step = of.received(payloads([started("e2")]), AT + 600, NOBODY)
    # e1 was made just before e2, comes just after it, and the program dies in between
    assert step.cursor != "e2"


def test_a_stream_that_was_resumed_does_not_run_ahead_of_what_it_repeats() -> None:
    seen = [f"e{n}" for n in range(64)]
    of = machine(tuple(seen), "e0")
    step = of.received(payloads([*map(started, seen[1:]), started("e65")]), AT, NOBODY)
    # e64 was made before e65, comes just after it, and the program dies in between
    assert step.duplicates == 63
    assert step.cursor != "e65"


def test_events_that_come_again_one_by_one_do_not_drag_the_cursor_to_the_last_of_them() -> None:
    seen = [f"e{n}" for n in range(41) if n != 20]
    of = machine(tuple(seen), "e0")
    cursor = "e0"
    for event in seen[1:21]:
        step = of.received(payloads([started(event)]), AT, NOBODY)
        cursor = cursor if step.cursor is None else step.cursor
    # e20 was made before e21, comes just after it, and the program dies in between
    assert int(cursor.removeprefix("e")) < 20


def test_a_stream_that_is_cut_again_and_again_gets_on() -> None:
    ids, cursor = [f"e{n}" for n in range(64)], "e0"
    for _ in range(50):  # lives of 20 events each, less than what is repeated
        of = machine(tuple(ids), cursor)
        begins = int(cursor.removeprefix("e")) + 1
        for n in range(begins, begins + 20, 2):
            step = of.received(payloads([started(f"e{n}"), started(f"e{n + 1}")]), AT, NOBODY)
            ids += step.ids
            cursor = cursor if step.cursor is None else step.cursor
    assert int(cursor.removeprefix("e")) > 64


def test_an_id_that_we_made_up_is_no_place_to_resume_at() -> None:
    of = machine()
    for n in range(200):
        event = started(None if n % 2 else f"e{n}", transactionId=n)
        cursor = of.received(payloads([event]), AT + n, NOBODY).cursor
        assert cursor is None or cursor.startswith("e")


def test_after_a_restart_of_the_feed_only_news_count_and_the_cursor_starts_again() -> None:
    of = machine()
    of.received(payloads([started("a"), started("b")]), AT, NOBODY)
    assert of.restarted().cursor == ""
    step = of.received(payloads([started("b"), started("c")]), AT, NOBODY)
    assert (step.events, step.duplicates) == ({"call_start": 1}, 1)
    assert step.cursor in ("b", "c")


def test_a_machine_of_the_next_run_counts_what_the_last_one_did_not() -> None:
    first = machine().received(payloads([started("a"), started("b")]), AT, NOBODY)
    again = machine(tuple(first.ids), first.cursor or "")
    step = again.received(payloads([started("b"), started("c")]), AT, NOBODY)
    assert (step.events, step.duplicates) == ({"call_start": 1}, 1)


def test_no_snapshot_tells_of_interactions() -> None:
    of = machine()
    step = of.corrected(object(), NOBODY)
    assert not any((step.increments, step.events, step.memory))
    assert of.drift() is None


def test_the_kinds_of_events_are_a_closed_list() -> None:
    of = machine()
    assert sorted(of.kinds) == [
        "attempt",
        "call_disposition",
        "call_start",
        "call_termination",
        "other",
    ]
    step = of.received(payloads([started("a", callEventType="NEW")]), AT, NOBODY)
    assert of_family(step, f.INTERACTIONS).keys() == {("7001", "voice", "other")}
    assert not of_family(step, c.CONTACTS_OFFERED)
