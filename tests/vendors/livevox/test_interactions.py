"""Interaction events: what each counts, and what is counted of those that can not be read."""

from typing import Any

import pytest

from exporter import families as c
from exporter.streams import Step
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox.directory import Include, LiveVoxDirectory
from tests.vendors.livevox.account import AT, document
from tests.vendors.livevox.events import (
    NOBODY,
    Event,
    LiveVoxMachine,
    answered,
    data_of,
    key,
    observed,
    of_family,
    page,
    payloads,
    resumed,
    shown,
    stream,
)

CALL = ("7001", "voice", "inbound")


def machine(**changes: Any) -> LiveVoxMachine:
    return stream("interaction_events", **changes).machine(resumed())


def ended(event_id: object = "e1", **changes: Any) -> Event:
    """A call that was offered to agents and answered in time."""
    return {
        "eventId": event_id,
        "interactionType": "VOICE",
        "callEventType": "CALL_TERMINATION",
        "transactionId": 880011,
        "serviceId": 7001,
        "callCenterId": 31,
        "campaignType": "INBOUND",
        "callDirection": "INBOUND",
        "timestamp": "2026-01-05T15:00:00.000Z",
        "serviceLevelThreshold": 20,
        "transferHoldDuration": 3,
        "roundedIvrDuration": 6,
        "duration": 61,
        "lvResult": "Operator Transfer",
        "operatorTransfer": 1,
        "operatorTransferSuccessful": 1,
        **changes,
    }


def told(*events: object, at: float = AT, **changes: Any) -> Step:
    """What a page of these events says."""
    return machine(**changes).answered(answered(page("events", *events), at), NOBODY)


def test_the_vendors_own_sample_of_every_channel() -> None:
    step = machine().answered(answered(document("interaction_events.seed")), NOBODY)
    assert step.events == {
        "attempt": 2,
        "call_start": 1,
        "call_termination": 1,
        "call_disposition": 1,
    }
    assert of_family(step, f.INTERACTIONS) == {
        ("83447", "sms", "attempt", "outbound", "ob"): 1,
        ("83447", "email", "attempt", "outbound", "ob"): 1,
        ("149926", "voice", "call_start", "outbound", "manual"): 1,
        (
            "149926",
            "voice",
            "call_termination",
            "outbound",
            "manual",
            "operator_transfer_agent_terminated_call",
        ): 1,
        ("149926", "voice", "call_disposition"): 1,
    }
    assert step.cursor == "8fe74990-0384-11ee-8080-808080808080"
    assert len(step.ids) == 5
    assert step.newest == 1685957825.611
    assert (step.malformed, step.duplicates, step.rejected.rows) == (0, 0, 0)
    assert not step.rejected.fields


def test_the_vendors_own_sample_of_a_call_is_one_handled_contact() -> None:
    step = machine().answered(answered(document("interaction_events.seed")), NOBODY)
    contact = ("149926", "voice", "outbound")
    for family in (c.CONTACTS_OFFERED, c.CONTACTS_HANDLED, c.CONTACTS_HANDLED_IN_THRESHOLD):
        assert of_family(step, family) == {contact: 1}
    for family in (c.CONTACTS_ABANDONED, c.CONTACTS_ABANDONED_IN_THRESHOLD):
        assert of_family(step, family) == {}
    assert observed(step, c.CONTACT_WAIT) == {("149926", "voice", "handled"): (1, 0)}
    assert observed(step, c.CONTACT_HANDLE) == {("149926", "voice"): (1, 12)}
    assert observed(step, f.IVR) == {("149926",): (1, 0)}


def test_the_vendors_own_sample_of_messages() -> None:
    step = machine().answered(answered(document("interaction_events_messages.seed")), NOBODY)
    assert of_family(step, f.INTERACTIONS) == {
        ("93140", "sms", "attempt", "outbound", "ob"): 1,
        ("93140", "email", "attempt", "outbound", "ob"): 1,
    }
    assert not step.observations


def test_the_vendors_own_sample_of_a_stream() -> None:
    of = machine()
    first = of.received(data_of("interaction_stream.seed.txt"), AT, NOBODY)
    assert first.events == {"attempt": 2}
    again = of.received(data_of("interaction_stream_resumed.seed.txt"), AT, NOBODY)
    assert (again.events, again.duplicates) == ({"attempt": 1}, 1)
    # the page's own timestamp is none: the event counts, its time is unknown
    assert again.rejected.fields == {"events.timestamp": 1}
    assert list(again.lags) == []


def test_interactions_count_by_what_they_say() -> None:
    step = told(
        ended("a"),
        ended("b"),
        ended("c", lvResult="Busy", operatorTransfer=0),
        ended("d", serviceId="7001"),
        ended("e", callEventType="CALL_START", lvResult=None),
        ended("f", callDirection=None, campaignType="null", lvResult="null"),
    )
    assert of_family(step, f.INTERACTIONS) == {
        ("7001", "voice", "call_termination", "inbound", "inbound", "operator_transfer"): 3,
        ("7001", "voice", "call_termination", "inbound", "inbound", "busy"): 1,
        ("7001", "voice", "call_start", "inbound", "inbound"): 1,
        ("7001", "voice", "call_termination"): 1,
    }


@pytest.mark.parametrize(
    ("changes", "kind", "channel"),
    [
        ({"callEventType": "CALL_RESURRECTION"}, "other", "voice"),
        ({"callEventType": None}, "other", "voice"),
        ({"callEventType": "null", "eventType": "Attempt"}, "attempt", "voice"),
        (
            {"callEventType": None, "eventType": "Bounce", "interactionType": "Email"},
            "other",
            "email",
        ),
        ({"interactionType": "TELEGRAPH"}, "call_termination", "other"),
        ({"interactionType": "null"}, "call_termination", "other"),
        ({"interactionType": "voice"}, "call_termination", "voice"),
    ],
)
def test_what_nobody_documented_is_other(changes: Event, kind: str, channel: str) -> None:
    step = told(ended(**changes))
    assert step.events == {kind: 1}
    ((labels, count),) = of_family(step, f.INTERACTIONS).items()
    assert (labels[1:3], count) == ((channel, kind), 1)


@pytest.mark.parametrize("nothing", [None, "null", ""])
def test_an_event_that_says_nothing_but_its_id_is_one_interaction(nothing: object) -> None:
    step = told(dict.fromkeys(ended(), nothing) | {"eventId": "e1"})
    assert of_family(step, f.INTERACTIONS) == {("other", "other"): 1}
    assert (step.events, step.malformed) == ({"other": 1}, 0)
    assert not step.rejected.fields
    assert not step.observations


def test_results_and_campaign_types_beyond_the_cap_are_other() -> None:
    many = [
        ended(f"e{n}", lvResult=f"Result {n}", campaignType=f"Type {n}", operatorTransfer=0)
        for n in range(250)
    ]
    found = of_family(told(*many), f.INTERACTIONS)
    assert found["7001", "voice", "call_termination", "inbound", "other", "other"] == 50
    assert len(found) == 201


def test_values_seen_before_a_restart_keep_their_labels() -> None:
    of = stream("interaction_events")
    first = [ended(f"e{n}", lvResult=f"Result {n}", campaignType=f"Type {n}") for n in range(200)]
    before = of.machine(resumed()).answered(answered(page("events", *first)), NOBODY)
    after = of.machine(resumed(before.ids, counted=before.increments)).answered(
        answered(
            page(
                "events",
                ended("new", lvResult="Unheard of", campaignType="Nor this"),
                ended("old", lvResult="Result 199", campaignType="Type 0"),
            )
        ),
        NOBODY,
    )
    assert of_family(after, f.INTERACTIONS) == {
        ("7001", "voice", "call_termination", "inbound", "other", "other"): 1,
        ("7001", "voice", "call_termination", "inbound", "type_0", "result_199"): 1,
    }


def test_a_limited_source_counts_its_own_queues_alone() -> None:
    limited = LiveVoxDirectory(Include(frozenset({"7001"}), frozenset({"32"})))
    of = machine()
    events = [
        ended("mine"),
        ended("mine too", serviceId=7002, callCenterId=32),
        ended("theirs", serviceId=7003),
        ended("nobody's", serviceId=None, callCenterId=None),
    ]
    step = of.answered(answered(page("events", *events)), limited)
    assert {labels[0] for labels in of_family(step, f.INTERACTIONS)} == {"7001", "7002"}
    assert of_family(step, c.CONTACTS_OFFERED) == {CALL: 1, ("7002", "voice", "inbound"): 1}
    assert (step.events, step.malformed) == ({"call_termination": 2}, 0)
    assert '{queue_id="7003",queue="7003"}' not in shown(of.blocks(AT, limited), c.QUEUE_THRESHOLD)
    again = of.answered(answered(page("events", *events)), limited)
    assert again.duplicates >= 2
    assert not again.increments


def test_every_queue_of_the_directory_starts_at_zero() -> None:
    known = machine().known(LiveVoxDirectory(listed={"7001": "Collections", "7002": "Care"}))
    counters, histograms = set(known.counters), known.histograms
    for family in (
        c.CONTACTS_OFFERED,
        c.CONTACTS_HANDLED,
        c.CONTACTS_ABANDONED,
        c.CONTACTS_HANDLED_IN_THRESHOLD,
        c.CONTACTS_ABANDONED_IN_THRESHOLD,
    ):
        for queue in ("7001", "7002"):
            for way in ("inbound", "outbound"):
                assert key(family, queue_id=queue, channel="voice", direction=way) in counters
    for outcome in ("handled", "abandoned"):
        wait = key(c.CONTACT_WAIT, queue_id="7002", channel="voice", outcome=outcome)
        assert histograms[wait][0] == 5
    assert histograms[key(c.CONTACT_HANDLE, queue_id="7002", channel="voice")][0] == 30
    assert key(f.IVR, queue_id="7002") in histograms
    assert not any(dict(labels).get("channel", "voice") != "voice" for _, labels in counters)


def test_what_starts_at_zero_is_what_is_counted() -> None:
    queue = LiveVoxDirectory(listed={"7001": "Collections"})
    of = machine()
    known = of.known(queue)
    lost = {"operatorTransferSuccessful": 0}
    step = of.answered(answered(page("events", ended("a"), ended("b", **lost))), queue)
    contacts = {at for at in step.increments if at[0] != f.INTERACTIONS.name}
    assert len(contacts) == 5
    assert contacts <= set(known.counters)
    assert step.observations.keys() <= known.histograms.keys()
    for at, seen in step.observations.items():
        assert seen.bounds == known.histograms[at]


def test_bounds_of_histograms_are_the_sources() -> None:
    step = told(ended(transferHoldDuration=4), histograms={"wait_seconds": [1, 4]})
    wait = step.observations[
        key(c.CONTACT_WAIT, queue_id="7001", channel="voice", outcome="handled")
    ]
    assert (wait.bounds, list(wait.counts)) == ((1, 4), [0, 1, 0])


def test_lag_is_from_the_event_to_its_counting_and_never_negative() -> None:
    behind, ahead = "2026-01-05T15:00:00.000Z", "2026-01-05T10:00:05-05:00"
    step = told(
        ended("a", timestamp=behind), ended("b", timestamp=ahead), ended("c", timestamp=None)
    )
    assert list(step.lags) == [3.0, 0.0]
    assert step.newest == AT + 2
    unzoned = told(ended("a", timestamp="2026-01-05T15:00:00"), ended("b", timestamp=ahead))
    assert list(unzoned.lags) == [3.0, 0.0]


def test_the_threshold_is_that_of_the_queues_last_event() -> None:
    queues = LiveVoxDirectory(listed={"7001": "Collections", "7002": "Care"})
    of = machine(service_level_threshold="25s")
    one, two = '{queue_id="7001",queue="Collections"}', '{queue_id="7002",queue="Care"}'
    assert shown(of.blocks(AT, queues), c.QUEUE_THRESHOLD) == {one: 25, two: 25}
    for n, threshold in enumerate((20, 30, None, "null", "35")):
        event = ended(f"e{n}", serviceLevelThreshold=threshold)
        of.received(payloads([event]), AT, queues)
    assert shown(of.blocks(AT, queues), c.QUEUE_THRESHOLD) == {one: 35, two: 25}


def test_a_queue_that_no_directory_names_has_a_threshold_once_an_event_told_it() -> None:
    of = machine()
    assert shown(of.blocks(AT, NOBODY), c.QUEUE_THRESHOLD) == {}
    of.received(payloads([ended(serviceLevelThreshold=40)]), AT, NOBODY)
    queue = '{queue_id="7001",queue="7001"}'
    assert shown(of.blocks(AT, NOBODY), c.QUEUE_THRESHOLD) == {queue: 40}


def test_an_event_of_no_queue_makes_no_gauge_of_no_queue() -> None:
    of = machine()
    of.received(payloads([ended(serviceId=None)]), AT, NOBODY)
    assert shown(of.blocks(AT, NOBODY), c.QUEUE_THRESHOLD) == {}


@pytest.mark.parametrize("other", ["12", "e9"])
def test_an_id_that_is_a_number_is_an_id(other: str) -> None:
    of = machine()
    step = of.received(payloads([ended(12), ended(other)]), AT, NOBODY)
    again = of.received(payloads([ended(12)]), AT, NOBODY)
    assert (step.malformed, again.malformed) == (0, 0)
    assert sum(step.events.values()) == len({"12", other})
    assert (again.events, again.duplicates) == ({}, 1)


def test_flags_may_be_truth_values() -> None:
    step = told(ended(operatorTransfer=True, operatorTransferSuccessful=False))
    assert of_family(step, c.CONTACTS_ABANDONED) == {CALL: 1}
    assert not step.rejected.fields


def test_of_two_events_with_one_id_the_first_counts_in_whatever_batch_the_second_comes() -> None:
    first, second = ended(duration=10), ended(duration=99)
    together = told(first, second)
    assert observed(together, c.CONTACT_HANDLE) == {("7001", "voice"): (1, 10)}
    assert (sum(together.events.values()), together.duplicates) == (1, 1)
