"""Calls that agents' events announce: refusals, garbage, and what is counted all the same."""

import pytest

from exporter.errors import FeedError, Reason
from exporter.feeds import Request
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox.directory import Include, LiveVoxDirectory
from tests.vendors.livevox.announced import (
    COMPLETED,
    POST_CALL,
    UNREAD,
    Reply,
    after_call,
    calls,
    found,
    in_call,
    refused,
)
from tests.vendors.livevox.events import Event, key


@pytest.mark.parametrize("reply", [refused, lambda _: FeedError(Reason.SERVER, "HTTP 500")])
def test_a_refusal_fails_the_feed_and_loses_no_call(reply: Reply) -> None:
    of = calls()
    of.told(0, in_call(1, 11), after_call(1))
    with pytest.raises(FeedError):
        of.read(1, reply)
    of.read(20)
    assert of.counted == {UNREAD: 0, COMPLETED: 1}


def test_what_was_counted_before_a_failure_is_told_later() -> None:
    of = calls()
    of.told(0, in_call(1, 11), in_call(2, 12), after_call(1), after_call(2))
    replies = iter([found, refused])
    with pytest.raises(FeedError):
        of.read(1, lambda request: next(replies)(request))
    of.read(20)
    assert of.counted == {UNREAD: 0, COMPLETED: 2}


def test_calls_are_given_up_after_a_minute_while_the_feed_fails_too() -> None:
    of = calls()
    of.told(0, in_call(1, 11), after_call(1))
    for after in (1, 30, 55):
        with pytest.raises(FeedError):
            of.read(after, refused)
    of.told(66, in_call(2, 12), after_call(2))
    of.read(67)
    assert of.asked == [(POST_CALL, "12")]
    assert of.counted == {UNREAD: 1, COMPLETED: 1}


@pytest.mark.parametrize("garbage", [b"", b"[]", b"<html>", b"\xff"])
def test_a_call_that_can_not_be_read_does_not_stand_in_the_way_of_others(garbage: bytes) -> None:
    of = calls(60)
    of.told(0, in_call(1, 11), in_call(2, 12), after_call(1))
    of.told(1, after_call(2))

    def reply(request: Request) -> object:
        return garbage if ("transaction", "11") in request.params else found(request)

    reasons = set()
    for after in range(2, 80):
        try:
            of.read(after, reply)
        except FeedError as error:
            reasons.add(error.reason)
    assert reasons == {Reason.DECODE}
    assert of.counted == {UNREAD: 1, COMPLETED: 1}


def test_a_call_that_is_forgotten_while_it_is_read_is_no_mistake() -> None:
    of = calls()
    of.directory = LiveVoxDirectory(Include(frozenset({"7001"})), {"7001": "A"})
    of.told(0, in_call(1, 880011, callServiceId=7001))

    def reply(request: Request) -> object:
        of.machine.restarted()
        return {"serviceId": 4711, "callDirectionOutbound": True}

    assert of.read(1, reply).increments[UNREAD] == 0
    assert of.read(2).blocks
    assert of.asked == []


@pytest.mark.parametrize(
    "changes", [{"termCodeName": 7}, {"lvResult": {}}, {"serviceId": [], "callEndTime": "soon"}]
)
def test_a_field_that_can_not_be_read_does_not_lose_the_call(changes: Event) -> None:
    of = calls()
    of.told(0, in_call(1, 11), after_call(1))
    of.read(1, lambda request: {"serviceId": 7001, "lvResult": "Promise", **changes})
    assert sum(of.counted.values()) == 1


def test_a_call_of_which_nothing_is_said_counts_without_labels() -> None:
    of = calls()
    of.told(0, in_call(1, 11), after_call(1))
    of.read(1, lambda _: {"serviceId": "null", "lvResult": None, "termCodeName": ""})
    assert of.counted == {UNREAD: 0, (f.COMPLETED_CALLS.name, ()): 1}


def test_results_and_term_codes_end_in_other() -> None:
    of = calls(6000)
    of.told(0, *[in_call(n, n) for n in range(1, 251)], *[after_call(n) for n in range(1, 251)])
    count = iter(range(250))

    def reply(request: Request) -> object:
        n = next(count)
        return {"serviceId": 7001, "lvResult": f"Result {n}", "termCodeName": f"Code {n}"}

    for after in range(1, 5):
        of.read(after, reply)
    other = key(f.COMPLETED_CALLS, queue_id="7001", result="other", term_code="other")
    assert of.counted[other] == 50
