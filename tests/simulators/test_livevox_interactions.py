"""Interaction events: the samples' fields and types, the life of a call, and the truth of them."""

import re
import uuid
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

import pytest

from exporter.simulators.livevox.interactionrecord import InteractionRecord
from exporter.simulators.livevox.interactiontruth import (
    HANDLE_BOUNDS,
    WAIT_BOUNDS,
    interaction_events,
)
from exporter.simulators.livevox.samples import Samples
from exporter.simulators.tallies import Contact
from tests.simulators.site import START_MS, Site

HOUR = 3600
Event = dict[str, Any]
TOTALS = {
    "offered": Contact.OFFERED,
    "handled": Contact.HANDLED,
    "abandoned": Contact.ABANDONED,
    "handled_in_threshold": Contact.HANDLED_IN_THRESHOLD,
    "abandoned_in_threshold": Contact.ABANDONED_IN_THRESHOLD,
}
FEED = "feed=interaction_events"


class Day(Site):
    """A site whose interaction events are read from the raw truth."""

    def __init__(self) -> None:
        super().__init__()
        self.log_in()

    def events(self, after: int = 0) -> list[Event]:
        """The events after a position."""
        found: list[Event] = []
        while listed := self.get(f"/_events?{FEED}&after={after}")["events"]:
            found += [one["event"] for one in listed]
            after = listed[-1]["position"]
        return found

    def samples(self, query: str = "") -> dict[tuple[str, ...], float]:
        """The truth of the feed: values by family and the labels, as sorted texts."""
        samples = self.get(f"/_truth?{FEED}{query}")["samples"]
        return {
            (one["name"], *sorted(f"{k}={v}" for k, v in one["labels"].items())): one["value"]
            for one in samples
        }


@pytest.fixture(scope="module")
def day() -> Day:
    """A site some hours later."""
    made = Day()
    made.advance(3 * HOUR)
    made.log_in()
    return made


@pytest.fixture(scope="module")
def events(day: Day) -> list[Event]:
    """What happened in those hours."""
    return day.events()


def of_type(events: list[Event], event_type: str) -> list[Event]:
    """The events of a callEventType."""
    return [event for event in events if event.get("callEventType") == event_type]


def test_voice_events_have_the_types_of_the_sample(events: list[Event]) -> None:
    ended = next(e for e in of_type(events, "CALL_TERMINATION") if e["operatorTransfer"] == 1)
    for name in (
        "transactionId", "clientId", "serviceId", "callCenterId", "campaignId", "lvResultId",
        "serviceLevelThreshold", "transferHoldDuration", "roundedIvrDuration", "priority",
        "operatorTransfer", "operatorTransferSuccessful",
    ):  # fmt: skip
        assert type(ended[name]) is int, name
    assert ended["interactionType"] == "VOICE"
    assert re.fullmatch(r"U[0-9A-F]+T[0-9A-F]+@[0-9.]+", ended["sessionId"])
    for name in ("start", "end", "timestamp"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", ended[name])
    handled = next(e for e in of_type(events, "CALL_TERMINATION") if e["duration"])
    assert handled["agentId"].isdecimal()
    assert isinstance(handled["agentLoginId"], str)


def test_messages_have_the_types_of_the_samples(events: list[Event]) -> None:
    sms = next(event for event in events if event["interactionType"] == "SMS")
    email = next(event for event in events if event["interactionType"] == "Email")
    for message in (sms, email):
        for name in ("clientId", "callCenterId", "serviceId", "campaignId", "campaignTypeId"):
            assert message[name].isdecimal()
        assert (message["eventType"], message["campaignType"]) == ("Attempt", "OB")
        assert re.fullmatch(r"\S{19}\.\d{3}-04:00", message["timestamp"])
        assert "callEventType" not in message
    assert re.fullmatch(r"\d+-\d+-\d+", sms["sessionId"])
    assert re.fullmatch(r"\d+_\d+_\d+", email["sessionId"])
    assert int(sms["callStartTime"]) == _ms(sms["timestamp"])
    assert {"fromEmail", "toEmail"} < set(email)
    threads = {event["threadId"] for event in events if event["interactionType"] == "Email"}
    assert None in threads
    assert len(threads) > 1


def test_a_disposition_comes_later_and_is_mostly_null(events: list[Event]) -> None:
    disposed = of_type(events, "CALL_DISPOSITION")
    ended_at = {
        event["transactionId"]: index
        for index, event in enumerate(events)
        if event.get("callEventType") == "CALL_TERMINATION"
    }
    assert disposed
    for index, event in enumerate(events):
        if event.get("callEventType") == "CALL_DISPOSITION":
            assert ended_at.get(event["transactionId"], -1) < index
    null = {name for name, value in disposed[0].items() if value is None}
    assert null >= {"campaignId", "phoneDialed", "account", "callDirection"}
    assert (disposed[0]["areaCodeState"], disposed[0]["zipCode"]) == ("null", "null")


def test_calls_end_in_every_documented_way(events: list[Event]) -> None:
    ended = of_type(events, "CALL_TERMINATION")
    ways = Counter(
        (
            event["operatorTransfer"],
            event["operatorTransferSuccessful"],
            event["duration"] is not None,
            event["roundedIvrDuration"] is not None,
        )
        for event in ended
    )
    assert set(ways) == {
        (1, 1, True, True),
        (1, 0, False, True),
        (0, 0, False, True),
        (0, 0, False, False),
    }
    results = {event["lvResult"] for event in ended}
    assert results >= {"Busy", "No Answer", "Listened", "Operator Transfer", "Customer Hung Up"}
    assert any(result.endswith("(Not Made)") for result in results)
    assert any(result.startswith("AGENT - ") for result in results)
    directions = {(event["callDirection"], event["campaignType"]) for event in ended}
    assert directions == {
        ("INBOUND", "INBOUND"),
        ("OUTBOUND", "OUTBOUND"),
        ("MANUAL", "MANUAL"),
        ("MANUAL", "PREVIEW"),
    }
    assert all(_ms(event["start"]) <= _ms(event["end"]) for event in ended)


def test_ids_are_uuids_that_the_same_seed_gives_again(events: list[Event]) -> None:
    again = Day()
    for _ in range(6):
        again.advance(HOUR / 2)
        again.get("/_clock")
    assert again.events() == events
    found = {event["eventId"] for event in events}
    assert len(found) == len(events)
    assert all(str(uuid.UUID(event_id)) == event_id for event_id in found)
    other = Site(seed=2)
    other.advance(60)
    listed = other.get(f"/_events?{FEED}")["events"]
    assert not found & {one["event"]["eventId"] for one in listed}


def test_calls_that_waited_are_those_of_the_totals_of_the_day() -> None:
    site = Day()
    before = [_open_calls(queue) for queue in site.scenario.queues]
    site.advance(5 * HOUR)
    site.get("/_clock")
    counted: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for event in of_type(site.events(), "CALL_TERMINATION"):
        if event["operatorTransfer"] == 1 and event["callDirection"] != "MANUAL":
            outcome = "handled" if event["operatorTransferSuccessful"] else "abandoned"
            words = ["offered", outcome]
            if event["transferHoldDuration"] <= event["serviceLevelThreshold"]:
                words.append(f"{outcome}_in_threshold")
            counted[event["serviceId"]].update(words)
    for queue, opened in zip(site.scenario.queues, before, strict=True):
        still = _open_calls(queue)
        for word, contact in TOTALS.items():
            total = queue.counts[contact].since_start()
            assert counted[queue.id][word] == total + opened[word] - still[word], (queue.id, word)
    assert sum(counts["abandoned"] for counts in counted.values()) > 10


def _open_calls(queue: Any) -> Counter[str]:
    """Calls that the totals of the day have counted, and no event has told the end of."""
    counted: Counter[str] = Counter()
    for call in (*queue.waiting.values(), *queue.connecting.values(), *queue.talking.values()):
        if call.offered is not None:
            counted["offered"] += 1
            if call.answered is not None:
                counted["handled"] += 1
                counted["handled_in_threshold"] += call.answered - call.offered <= queue.threshold
    return counted


def test_the_truth_counts_every_event(day: Day, events: list[Event]) -> None:
    samples = day.samples()
    interactions = {
        key: value for key, value in samples.items() if key[0] == "livevox_interactions_total"
    }
    assert sum(interactions.values()) == len(events)
    assert (
        "livevox_interactions_total", "campaign_type=inbound", "channel=voice",
        "direction=inbound", "event=call_termination", "queue=Billing IN", "queue_id=7002",
        "result=agent_customer_hung_up",
    ) in interactions  # fmt: skip
    assert ("livevox_interactions_total", "channel=voice", "event=call_disposition",
            "queue=Billing IN", "queue_id=7002") in interactions  # fmt: skip
    assert ("livevox_interactions_total", "campaign_type=ob", "channel=email", "direction=outbound",
            "event=attempt", "queue=Collections OB", "queue_id=7001") in interactions  # fmt: skip


def test_the_truth_has_contacts_and_histograms(day: Day, events: list[Event]) -> None:
    samples = day.samples()
    ended = [e for e in of_type(events, "CALL_TERMINATION") if e["serviceId"] == 7003]
    handled = [event for event in ended if event["operatorTransferSuccessful"]]
    labels = ("channel=voice", "queue=Support IN", "queue_id=7003")
    contacts = samples["contactcenter_contacts_handled_total", labels[0], "direction=inbound",
                       *labels[1:]]  # fmt: skip
    assert contacts == len(handled) > 0
    name = "contactcenter_contact_wait_seconds"
    wait = ("channel=voice", "outcome=handled", "queue=Support IN", "queue_id=7003")
    within = sum(event["transferHoldDuration"] <= 20 for event in handled)
    assert samples[f"{name}_bucket", wait[0], "le=20.0", *wait[1:]] == within
    assert samples[f"{name}_bucket", wait[0], "le=+Inf", *wait[1:]] == len(handled)
    assert samples[f"{name}_count", *wait] == len(handled)
    assert samples[f"{name}_sum", *wait] == sum(e["transferHoldDuration"] for e in handled)
    spoken = samples["contactcenter_contact_handle_seconds_sum", *labels]
    assert spoken == sum(event["duration"] for event in handled)
    ivr = [e["roundedIvrDuration"] for e in ended if e["roundedIvrDuration"] is not None]
    assert samples["livevox_ivr_seconds_sum", *labels[1:]] == sum(ivr)
    assert samples["livevox_ivr_seconds_count", *labels[1:]] == len(ivr)


def test_the_threshold_itself_is_within_it(day: Day, events: list[Event]) -> None:
    model = next(e for e in of_type(events, "CALL_TERMINATION") if e["operatorTransferSuccessful"])
    record, samples = InteractionRecord(START_MS), Samples()
    for hold in (19, 20, 21):
        for reached in (0, 1):
            fields = {"transferHoldDuration": hold, "operatorTransferSuccessful": reached}
            record.add(START_MS, {**model, "serviceLevelThreshold": 20, **fields})
    interaction_events(day.scenario, record, samples, START_MS)
    counted: Counter[str] = Counter()
    for one in samples.document():
        value = one["value"]
        assert isinstance(value, int)
        counted[str(one["name"])] += value
    for outcome in ("handled", "abandoned"):
        assert counted[f"contactcenter_contacts_{outcome}_total"] == 3
        assert counted[f"contactcenter_contacts_{outcome}_in_threshold_total"] == 2


def test_the_truth_begins_with_lines_of_zero() -> None:
    samples = Day().samples()
    assert set(samples.values()) == {0}
    names = Counter(key[0] for key in samples)
    assert names == {
        **{f"contactcenter_contacts_{word}_total": 24 for word in TOTALS},
        "contactcenter_contact_wait_seconds_bucket": 24 * (len(WAIT_BOUNDS) + 1),
        "contactcenter_contact_handle_seconds_bucket": 12 * (len(HANDLE_BOUNDS) + 1),
        "livevox_ivr_seconds_bucket": 12 * (len(WAIT_BOUNDS) + 1),
        **dict.fromkeys(("contactcenter_contact_wait_seconds_sum",), 24),
        **dict.fromkeys(("contactcenter_contact_wait_seconds_count",), 24),
        "contactcenter_contact_handle_seconds_sum": 12,
        "contactcenter_contact_handle_seconds_count": 12,
        "livevox_ivr_seconds_sum": 12,
        "livevox_ivr_seconds_count": 12,
    }


def test_the_truth_counts_from_any_moment(day: Day) -> None:
    listed = day.get(f"/_events?{FEED}&after=1000")["events"]
    moment = listed[0]["at"]
    since = day.samples(f"&since={moment}")
    later = [one for one in listed if one["at"] > moment]
    total = sum(value for key, value in since.items() if key[0] == "livevox_interactions_total")
    assert total == len(later) < len(listed)


def test_contacts_are_those_of_the_events_where_both_feeds_are_on(day: Day) -> None:
    both = day.get(f"/_truth?{FEED}&feed=service_stats")["samples"]
    contacts = [one for one in both if one["name"].startswith("contactcenter_contacts_")]
    assert contacts
    assert all(one["labels"].get("direction") for one in contacts)
    assert any(one["name"] == "contactcenter_queue_waiting_contacts" for one in both)


def test_events_are_not_in_the_truth_unless_asked_for(day: Day) -> None:
    assert day.truth("livevox_interactions_total") == []


@pytest.mark.parametrize("query", ["", "feed=calls", f"{FEED}&after=x"])
def test_raw_events_need_a_feed_and_a_position(day: Day, query: str) -> None:
    assert "must be" in day.client.request("GET", f"/_events?{query}").json()["error"]
    assert day.client.request("GET", f"/_events?{query}").status_code == 400


def test_planted_addresses_are_among_the_secrets(day: Day, events: list[Event]) -> None:
    secrets = set(day.get("/_secrets"))
    email = next(event for event in events if event["interactionType"] == "Email")
    assert email["toEmail"] in secrets


def test_listed_moments_are_those_of_the_events(day: Day) -> None:
    for one in day.get(f"/_events?{FEED}")["events"][:500]:
        assert one["at"] == _ms(one["event"]["timestamp"]) > START_MS


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)
