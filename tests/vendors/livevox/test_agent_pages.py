"""Pages of agents' events as they come: duplicates, garbage, times that can not be, full pages."""

import pytest

from exporter.errors import FeedError, Reason
from tests.vendors.livevox.events import NOBODY, answered
from tests.vendors.livevox.test_agent_events import BEGAN, begun, event, machine, seconds, told


def test_duplicates_change_nothing() -> None:
    of = machine()
    ready = event(1, "READY")
    step = told(of, 0, ready, ready)
    assert (step.duplicates, step.events, len(step.ids)) == (1, {"ready": 1}, 1)
    told(of, 5, event(1, "IN_CALL", 5))
    again = told(of, 6, ready)
    assert (again.duplicates, again.events, seconds(again)) == (1, {}, {("busy", "in_call"): 1})


@pytest.mark.parametrize("nothing", [None, "", "null"])
def test_an_event_without_an_id_is_known_by_agent_time_and_number(nothing: object) -> None:
    one = event(1, "READY", eventId=nothing)
    other = event(2, "READY", eventId=nothing)
    step = told(machine(), 0, one, other, one)
    assert (step.duplicates, step.events) == (1, {"ready": 2})


def test_garbage_does_not_lose_its_neighbours() -> None:
    bad = [7, None, {}, {"agentId": 1}, event({}, "READY"), event(1, "READY", timestamp="soon")]
    nobody = [event(nothing, "READY", 2) for nothing in (None, "null", "")]
    of = machine()
    step = told(of, 0, *bad, event(1, "READY", seqNum="many"), *nobody)
    assert step.events == {"ready": 1}
    assert step.malformed == len(bad) + len(nobody)
    assert step.rejected.fields == {"agentEvent.seqNum": 1}
    assert seconds(told(of, 3)) == {("available",): 3}


@pytest.mark.parametrize("ahead", [3e9, 1e14, 1e250])
def test_a_time_that_can_not_be_does_not_run_the_counters_away(ahead: float) -> None:
    of = machine()
    told(of, 0, event(1, "READY"))
    steps = [told(of, 10, event(2, "READY", timestamp=BEGAN + ahead)), told(of, 20)]
    assert 20 <= seconds(*steps)["available",] <= 20 + 10  # both, from when they were told of


def test_an_event_from_the_future_has_no_lag() -> None:
    assert list(told(machine(), 0, event(1, "READY", 5)).lags) == [0]


@pytest.mark.parametrize("body", [b'{"token": "t"}', b'{"token": "t", "agentEvent": null}'])
def test_a_page_may_have_no_array(body: bytes) -> None:
    step = machine().answered(answered(body), NOBODY)
    assert (step.cursor, step.events, step.full, step.newest) == ("t", {}, False, None)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"agentEvent": []}', b'{"token": "null"}'])
def test_what_is_no_page_is_a_failure(body: bytes) -> None:
    with pytest.raises(FeedError) as failure:
        machine().answered(answered(body), NOBODY)
    assert failure.value.reason is Reason.DECODE


def test_a_full_page_tells_nothing_of_the_time_after_its_last_event() -> None:
    of = begun()
    told(of, 0, event(0, "READY"))
    full = told(of, 500, *[event(n, "LEVITATING", 100) for n in range(1000)])
    assert seconds(full) == {("available",): 100}
    assert seconds(told(of, 500, event(0, "IN_CALL", 150))) == {
        ("available",): 50,
        ("busy", "in_call"): 350,
    }


def test_a_full_page_is_followed_at_once() -> None:
    events = [event(n, "READY") for n in range(1000)]
    assert told(machine(), 0, *events).full
    assert not told(machine(), 0, *events[1:]).full
