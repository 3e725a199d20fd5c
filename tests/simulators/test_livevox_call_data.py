"""callData: what is known of a call while it lasts, and after it ended."""

from collections import Counter
from typing import Any

import pytest
from starlette.datastructures import QueryParams

from exporter.simulators.livevox.agenteventtruth import call_data
from exporter.simulators.livevox.calldata import CallData
from exporter.simulators.livevox.errors import LiveVoxError
from exporter.simulators.livevox.samples import Samples
from tests.simulators.agentfeed import Feed
from tests.simulators.site import Site

HOUR = 3600
IN_CALL = "/realtime/callData/inCall"
POST_CALL = "/realtime/callData/postCall"


def ask(event: dict[str, Any]) -> str:
    """The parameters that ask for the call of an event."""
    return f"session={event['sessionId']}&transaction={event['transactionId']}"


def in_call(feed: Feed, event: dict[str, Any]) -> dict[str, Any] | None:
    """The answer of inCall; None for 404."""
    return answer(feed.told.calls.in_call, event)


def post_call(feed: Feed, event: dict[str, Any]) -> dict[str, Any] | None:
    """The answer of postCall; None for 404."""
    return answer(feed.told.calls.post_call, event)


def answer(method: Any, event: dict[str, Any]) -> dict[str, Any] | None:
    """What a method answers about the call of an event; None for 404."""
    try:
        document: dict[str, Any] = method(QueryParams(ask(event)))
    except LiveVoxError as error:
        if error.status == 404:
            return None
        raise
    return document


def truth(feed: Feed, family: str, since_ms: int = 0) -> Counter[tuple[str, ...]]:
    """A family's values by queue id and the labels that follow the queue's name."""
    samples = Samples()
    call_data(feed.told, samples, since_ms)
    found: Counter[tuple[str, ...]] = Counter()
    for sample in samples.document():
        labels, value = sample["labels"], sample["value"]
        assert isinstance(labels, dict)
        assert isinstance(value, int)
        if sample["name"] == family:
            del labels["queue"]
            found[tuple(labels.values())] += value
    return found


def of_calls(feed: Feed) -> dict[int, list[dict[str, Any]]]:
    """The events of each call."""
    found: dict[int, list[dict[str, Any]]] = {}
    for event in feed.events:
        if "transactionId" in event:
            found.setdefault(event["transactionId"], []).append(event)
    return found


def test_a_call_is_in_one_phase_at_a_time_and_the_feed_says_when_it_ends() -> None:
    feed = Feed()
    seen, phases = 0, Counter[str]()
    for _ in range(600):
        feed.advance(3)
        for event in feed.events[seen:]:
            if "transactionId" in event:
                during, after = in_call(feed, event), post_call(feed, event)
                assert (during is None) != (after is None)
                if event["eventType"] == "WRAP_UP":
                    assert after is not None
                phases["in" if during else "post"] += 1
        seen = len(feed.events)
    assert phases["in"] > 100
    assert phases["post"] > 100


def test_in_call_has_the_types_of_the_public_sample() -> None:
    feed = Feed()
    feed.advance(HOUR)
    found = [in_call(feed, events[-1]) for events in of_calls(feed).values()]
    documents = [document for document in found if document is not None]
    due = next(document for document in documents if "totalDue" in document)
    assert {name: type(value) for name, value in due.items()} == {
        "consumer": dict,
        "serviceId": int,
        "callCenterId": int,
        "account": str,
        "zipCode": type(None),
        "totalDue": float,
        "callDirectionOutbound": bool,
        "callStartTime": int,
    }
    assert set(due["consumer"]) == {"firstName", "lastName"}
    assert {document["callDirectionOutbound"] for document in documents} == {True, False}


def test_post_call_tells_result_and_term_code() -> None:
    feed = Feed()
    feed.advance(4 * HOUR)
    codes = set()
    for events in of_calls(feed).values():
        document, last = post_call(feed, events[-1]), events[-1]
        if document is None:
            continue
        assert document["lvResult"] == last["result"]
        assert document["phoneDialed"] == last["phoneNumber"]
        assert document["serviceId"] == last["callServiceId"]
        assert document["callEndTime"] == last["timestamp"]
        codes.add(document["termCodeName"])
    assert codes == {"RPC - Payment", "RPC - No Payment", "Wrong Party", None}


def test_calls_of_yesterday_are_not_found() -> None:
    feed = Feed()
    feed.advance(13 * HOUR)
    ended = next(event for event in reversed(feed.events) if event["eventType"] == "WRAP_UP")
    assert post_call(feed, ended) is not None
    feed.advance(HOUR + 60)
    assert post_call(feed, ended) is None


def test_only_so_many_ended_calls_are_known() -> None:
    feed = Feed()
    few = CallData(feed.scenario, kept=50)
    feed.scenario.log.subscribe(
        lambda event: few.announce(event.call) if event.call and event.state else None
    )
    feed.advance(2 * HOUR)
    ended = [e for e in feed.events if e["eventType"] == "WRAP_UP" and "transactionId" in e]
    known = [event for event in ended if answer(few.post_call, event) is not None]
    assert len(ended) > 200
    assert known == ended[-50:]


def test_a_call_that_no_event_told_of_is_not_known() -> None:
    feed = Feed()
    before = [call for queue in feed.scenario.queues for call in queue.talking.values()]
    assert before
    for call in before:
        event = {"transactionId": call.id, "sessionId": "U1T1@203.0.113.77"}
        assert in_call(feed, event) is None
    assert not truth(feed, "livevox_calls_in_progress")


def test_the_truth_of_calls_in_progress_is_what_in_call_answers() -> None:
    feed = Feed()
    feed.advance(700)
    since = feed.scenario.now_ms
    feed.advance(150)
    for begin in (0, since):
        expected: Counter[tuple[str, ...]] = Counter()
        for events in of_calls(feed).values():
            document = in_call(feed, events[-1])
            if document is not None and events[-1]["timestamp"] > begin:
                outbound = document["callDirectionOutbound"]
                direction = "outbound" if outbound else "inbound"
                expected[str(document["serviceId"]), direction] += 1
        assert truth(feed, "livevox_calls_in_progress", begin) == expected
        assert expected
    by_status = sum(len(q.talking) + len(q.connecting) for q in feed.scenario.queues)
    assert by_status >= sum(truth(feed, "livevox_calls_in_progress").values()) > 0


def test_the_truth_of_completed_calls_is_what_post_call_answers() -> None:
    feed = Feed()
    feed.advance(HOUR)
    since = feed.scenario.now_ms
    feed.advance(HOUR)
    for begin in (feed.scenario.start_ms, since):
        expected: Counter[tuple[str, ...]] = Counter()
        for events in of_calls(feed).values():
            document = post_call(feed, events[-1])
            if document is not None and events[-1]["timestamp"] > begin:
                code = document["termCodeName"]
                labels = [str(document["serviceId"]), slug(document["lvResult"])]
                expected[tuple([*labels, slug(code)] if code else labels)] += 1
        assert truth(feed, "livevox_completed_calls_total", begin) == expected
        assert sum(expected.values()) > 100


def slug(text: str) -> str:
    """A text as a label value, for the words that occur here."""
    kept = "".join(letter if letter.isalnum() else " " for letter in text.lower())
    return "_".join(kept.split())


def test_calls_of_a_vanished_service_can_not_be_read() -> None:
    feed = Feed()
    feed.advance(600)
    event = next(e for e in reversed(feed.events) if e["eventType"] == "WRAP_UP")
    queue = feed.scenario.queue(event["callServiceId"])
    assert queue is not None
    assert post_call(feed, event) is not None
    queue.hidden_since = feed.scenario.tick
    feed.told.review()
    assert post_call(feed, event) is None
    assert str(queue.id) not in {key[0] for key in truth(feed, "livevox_calls_in_progress")}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("transaction=880001", 400),
        ("session=U1T1@203.0.113.77", 400),
        ("session=U1T1@203.0.113.77&transaction=", 400),
        ("session=U1T1@203.0.113.77&transaction=-1", 400),
        ("session=U1T1@203.0.113.77&transaction=1e5", 400),
        ("session=U1T1@203.0.113.77&transaction=" + "9" * 5000, 400),
        ("session=U1T1@203.0.113.77&transaction=880001", 404),
        ("session=U1T1@203.0.113.77&transaction=880001&client=1", 403),
    ],
)
@pytest.mark.parametrize("path", [IN_CALL, POST_CALL])
def test_a_bad_question_gets_a_clear_error(
    still_site: Site, path: str, query: str, status: int
) -> None:
    document = still_site.get(f"{path}?{query}", status)
    assert document["message"]


def announced(site: Site) -> dict[str, Any]:
    """The newest call that the agent feed of a site tells of as going on."""
    token = site.post("/realtime/agentEvent/feed", {})["token"]
    site.advance(120)
    site.get("/_clock")
    events = site.post("/realtime/agentEvent/feed", {"token": token})["agentEvent"]
    found: dict[str, Any] = next(
        event for event in reversed(events) if event["eventType"] == "IN_CALL"
    )
    return found


def test_a_call_of_the_feed_is_read_over_http_and_its_session_must_be_right(site: Site) -> None:
    event = announced(site)
    path = f"{IN_CALL}?{ask(event)}&client={event['clientId']}"
    assert site.get(path)["serviceId"] == event["callServiceId"]
    site.get(f"{POST_CALL}?{ask(event)}", 404)
    site.get(f"{IN_CALL}?session=U1T1&transaction={event['transactionId']}", 404)
    site.advance(2 * HOUR - 60)
    site.get(path, 404)
    assert site.get(f"{POST_CALL}?{ask(event)}")["phoneDialed"] == event["phoneNumber"]
    counted = site.truth("livevox_completed_calls_total", "feed=call_data")
    assert sum(counted) > 100
    assert site.truth("livevox_calls_in_progress", "feed=call_data")
    site.session = "none"
    site.get(path, 401)


def test_a_user_without_the_rights_is_refused_and_a_call_read_is_no_change(site: Site) -> None:
    event = announced(site)
    site.fault("status", IN_CALL, status=403)
    assert site.get(f"{IN_CALL}?{ask(event)}", 403)["code"] == 103
    site.get(f"{POST_CALL}?{ask(event)}", 404)
    requests = site.get("/_requests")
    assert requests["changes"] == []
    assert requests["counts"][f"GET {IN_CALL}"] == 1
