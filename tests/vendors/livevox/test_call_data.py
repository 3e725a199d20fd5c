"""Calls that agents' events announce, read one by one within a budget."""

import pytest

from exporter.vendors.livevox import families as f
from exporter.vendors.livevox.directory import Include, LiveVoxDirectory
from tests.vendors.livevox.account import account, document, feed, samples
from tests.vendors.livevox.announced import (
    BEGAN,
    COMPLETED,
    IN_CALL,
    POST_CALL,
    UNREAD,
    after_call,
    calls,
    in_call,
    missing,
)
from tests.vendors.livevox.events import NOBODY, ON, Event, key


def test_a_call_is_read_while_it_lasts_and_after_its_end() -> None:
    of = calls()
    of.told(0, in_call(1, 11))
    now = of.read(1)
    assert of.asked == [(IN_CALL, "11")]
    assert samples(now, f.ANNOUNCED_CALLS) == {
        '{queue_id="7001",queue="7001",direction="outbound"}': 1
    }
    assert of.counted == {UNREAD: 0}
    of.read(2)
    assert of.asked == []
    of.told(30, after_call(1))
    ended = of.read(31)
    assert of.asked == [(POST_CALL, "11")]
    assert samples(ended, f.ANNOUNCED_CALLS) == {}
    assert of.counted == {UNREAD: 0, COMPLETED: 1}
    of.read(32)
    assert of.asked == []
    assert of.counted[COMPLETED] == 1


def test_a_call_is_asked_for_by_session_and_transaction() -> None:
    of = calls(api_version="v6.0")
    of.told(0, in_call(1, 11))
    (request,) = next(of.feed.read(NOBODY, "", BEGAN))
    assert (request.method, request.body) == ("GET", None)
    assert request.path == "realtime/v6.0/callData/inCall"
    assert request.params == (("session", "U11@10"), ("transaction", "11"))


def test_the_vendors_own_samples() -> None:
    of = calls()
    of.told(0, in_call(1, 21162784221, sessionId="UD6134T518A1E40@10.10.112.81"))
    now = of.read(1, lambda _: document("call_data_in_call.seed"))
    queue = '{queue_id="4199",queue="4199",direction="outbound"}'
    assert samples(now, f.ANNOUNCED_CALLS) == {queue: 1}
    of.told(20, after_call(1))
    of.read(21, lambda _: document("call_data_post_call.seed"))
    series = key(f.COMPLETED_CALLS, queue_id="4199", result="invalid_phone_number")
    assert of.counted[series] == 1


def test_queues_without_a_call_show_zero_in_both_directions() -> None:
    of = calls()
    of.directory = LiveVoxDirectory(listed={"7001": "Collections"})
    of.told(0, in_call(1, 11))
    inbound = '{queue_id="7001",queue="Collections",direction="inbound"}'
    outbound = '{queue_id="7001",queue="Collections",direction="outbound"}'
    reply = {"serviceId": 7001, "callDirectionOutbound": False}
    assert samples(of.read(1, lambda _: reply), f.ANNOUNCED_CALLS) == {inbound: 1, outbound: 0}


@pytest.mark.parametrize("kind", ["WRAP_UP", "READY", "NOT_READY", "LOGOFF"])
def test_what_ends_a_call(kind: str) -> None:
    of = calls()
    of.told(0, in_call(1, 11))
    of.told(5, after_call(1, kind, lineNumber=None if kind == "LOGOFF" else "ACD"))
    of.read(6)
    assert of.asked == [(POST_CALL, "11")]


@pytest.mark.parametrize(
    "event",
    [
        after_call(1, "AGENT_HOLD"),
        after_call(1, "AGENT_RESUMED"),
        after_call(1, "READY", lineNumber="DIRECT"),
        after_call(2),
        in_call(1, 11),
    ],
)
def test_what_does_not_end_a_call(event: Event) -> None:
    of = calls()
    of.told(0, in_call(1, 11))
    of.told(5, dict(event))
    of.read(6)
    assert of.asked == [(IN_CALL, "11")]


@pytest.mark.parametrize("lost", ["transactionId", "sessionId"])
def test_a_call_without_ids_can_not_be_read(lost: str) -> None:
    of = calls()
    of.told(0, *[in_call(1, 11, **{lost: nothing}) for nothing in (None, "", "null")])
    of.read(1)
    assert of.asked == []


def test_the_next_call_of_an_agent_ends_the_one_before() -> None:
    of = calls()
    of.told(0, in_call(1, 11))
    of.told(5, in_call(1, 12))
    of.read(6)
    assert of.asked == [(POST_CALL, "11"), (IN_CALL, "12")]


def test_a_call_that_is_transferred_ends_when_the_last_agent_leaves_it() -> None:
    of = calls()
    of.told(0, in_call(1, 11))
    of.told(5, in_call(2, 11))
    of.told(6, after_call(1))
    of.read(7)
    assert of.asked == [(IN_CALL, "11")]
    of.told(20, after_call(2))
    of.read(21)
    assert of.asked == [(POST_CALL, "11")]
    assert of.counted[COMPLETED] == 1


def test_a_call_that_is_handed_over_after_its_first_agent_left_is_one_call() -> None:
    of = calls()
    of.told(0, in_call(1, 11))
    of.told(5, after_call(1), in_call(2, 11))
    of.read(6)
    assert of.asked == [(IN_CALL, "11")]
    of.told(20, after_call(2))
    of.read(21)
    of.told(22, in_call(3, 11), after_call(3))
    of.read(40)
    assert of.asked == []
    assert of.counted == {UNREAD: 0, COMPLETED: 1}


def test_a_call_that_is_not_found_is_asked_for_again() -> None:
    of = calls()
    of.told(0, in_call(1, 11), after_call(1))
    of.read(1, missing)
    assert of.asked == [(POST_CALL, "11")]
    of.read(2)
    assert of.asked == []
    of.read(7)
    assert of.asked == [(POST_CALL, "11")]
    assert of.counted == {UNREAD: 0, COMPLETED: 1}


def test_a_call_that_is_never_found_is_given_up_after_a_minute_and_counted_once() -> None:
    of = calls()
    of.told(0, in_call(1, 11), after_call(1))
    for after in range(1, 60):
        of.read(after, missing)
    assert of.counted == {UNREAD: 0}
    for after in range(60, 80):
        of.read(after, missing)
    assert of.counted == {UNREAD: 1}
    of.read(100)
    assert of.asked == []
    of.told(101, in_call(2, 11), after_call(2))
    of.read(102)
    assert of.counted == {UNREAD: 1}


def test_a_call_that_was_over_before_it_was_read_is_read_after_its_end() -> None:
    of = calls()
    of.told(0, in_call(1, 11))
    now = of.read(1, missing)
    assert samples(now, f.ANNOUNCED_CALLS) == {}
    of.read(7)
    assert of.asked == []
    of.told(10, after_call(1))
    of.read(11)
    assert of.asked == [(POST_CALL, "11")]


@pytest.mark.parametrize(
    ("a_minute", "interval", "each"), [(60, 1, 1), (600, 1, 10), (90, 4 / 3, 2), (1, 60, 1)]
)
def test_a_reading_keeps_to_the_budget(a_minute: int, interval: float, each: int) -> None:
    of = calls(a_minute)
    assert of.feed.interval == pytest.approx(interval)
    of.told(0, *[in_call(n, n) for n in range(1, 50)])
    of.read(1)
    assert len(of.asked) == each
    assert each * 60 / of.feed.interval <= a_minute + 1e-9


def test_calls_that_ended_are_read_before_those_that_last_oldest_first() -> None:
    of = calls(180)
    of.told(0, in_call(1, 11), in_call(2, 12), in_call(3, 13), in_call(4, 14))
    of.told(5, after_call(3))
    of.told(6, after_call(2))
    of.read(7)
    assert of.asked == [(POST_CALL, "13"), (POST_CALL, "12"), (IN_CALL, "11")]


def test_what_the_budget_left_out_is_counted() -> None:
    of = calls(60)
    of.told(0, *[in_call(n, n) for n in range(1, 101)])
    of.told(0, *[after_call(n) for n in range(1, 101)])
    for after in range(1, 90):
        of.read(after)
    assert of.counted[COMPLETED] + of.counted[UNREAD] == 100
    assert 55 <= of.counted[COMPLETED] <= 62


def test_a_limited_source_reads_no_calls_of_others() -> None:
    of = calls()
    of.directory = LiveVoxDirectory(Include(frozenset({"7001"})))
    theirs = {"agentServiceId": 7002, "callServiceId": 7002}
    of.told(0, in_call(1, 11), in_call(2, 12, **theirs))
    of.told(1, after_call(1), after_call(2, agentServiceId=7002))
    of.read(2)
    assert of.asked == [(POST_CALL, "11")]


def test_without_the_feed_of_calls_none_are_noted() -> None:
    of = account(feeds={"agent_events": ON})
    assert "call_data" not in [one.name for one in of.feeds]
    assert feed(account(feeds={"agent_events": ON, "call_data": ON}), "call_data").interval == 1
