"""What ended calls say of contacts, waits, handle times and the IVR; the words of events."""

from typing import Any

import pytest

from exporter import families as c
from exporter.accumulator import SeriesKey
from exporter.model import Family
from exporter.streams import Step
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox.contacts import series
from exporter.vendors.livevox.interaction_words import channel_of, direction_of, kind_of
from tests.vendors.livevox.account import AT
from tests.vendors.livevox.events import (
    NOBODY,
    Event,
    answered,
    key,
    observed,
    of_family,
    page,
    resumed,
    stream,
)
from tests.vendors.livevox.test_interactions import CALL, ended

FAMILIES = (
    c.CONTACTS_OFFERED,
    c.CONTACTS_HANDLED,
    c.CONTACTS_ABANDONED,
    c.CONTACTS_HANDLED_IN_THRESHOLD,
    c.CONTACTS_ABANDONED_IN_THRESHOLD,
)


def told(*events: Event, **changes: Any) -> Step:
    machine = stream("interaction_events", **changes).machine(resumed())
    return machine.answered(answered(page("events", *events)), NOBODY)


def counts(step: Step, queue: tuple[str, ...] = CALL) -> tuple[float, ...]:
    """Offered, handled, abandoned, handled in threshold, abandoned in threshold."""
    return tuple(of_family(step, family).get(queue, 0) for family in FAMILIES)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (1, 1, 0, 1, 0)),
        ({"transferHoldDuration": 20}, (1, 1, 0, 1, 0)),
        ({"transferHoldDuration": 21}, (1, 1, 0, 0, 0)),
        ({"transferHoldDuration": "20"}, (1, 1, 0, 1, 0)),
        ({"operatorTransferSuccessful": 0}, (1, 0, 1, 0, 1)),
        ({"operatorTransferSuccessful": 0, "transferHoldDuration": 20}, (1, 0, 1, 0, 1)),
        ({"operatorTransferSuccessful": 0, "transferHoldDuration": 20.5}, (1, 0, 1, 0, 0)),
        ({"transferHoldDuration": None}, (1, 1, 0, 0, 0)),
        ({"operatorTransferSuccessful": "0", "transferHoldDuration": "null"}, (1, 0, 1, 0, 0)),
        ({"operatorTransferSuccessful": None}, (1, 0, 0, 0, 0)),
        ({"operatorTransfer": "1", "operatorTransferSuccessful": "1"}, (1, 1, 0, 1, 0)),
        ({"operatorTransfer": 0}, (0, 0, 0, 0, 0)),
        ({"operatorTransfer": None}, (0, 0, 0, 0, 0)),
        ({"operatorTransfer": "null"}, (0, 0, 0, 0, 0)),
        ({"callEventType": "CALL_START"}, (0, 0, 0, 0, 0)),
        ({"callEventType": "CALL_DISPOSITION"}, (0, 0, 0, 0, 0)),
    ],
)
def test_a_call_that_ended_counts_by_what_became_of_it(
    changes: Event, expected: tuple[int, ...]
) -> None:
    assert counts(told(ended(**changes))) == expected


def test_only_what_rises_is_told() -> None:
    step = told(ended(operatorTransferSuccessful=0))
    assert not of_family(step, c.CONTACTS_HANDLED)
    assert all(increment > 0 for increment in step.increments.values())


@pytest.mark.parametrize(
    ("threshold", "in_threshold"), [(30, 1), (29, 0), (0, 0), (None, 1), ("null", 1), ("30", 1)]
)
def test_the_events_own_threshold_decides_else_the_sources(
    threshold: object, in_threshold: int
) -> None:
    event = ended(serviceLevelThreshold=threshold, transferHoldDuration=30)
    step = told(event, service_level_threshold="30s")
    assert counts(step) == (1, 1, 0, in_threshold, 0)


def test_two_events_of_one_queue_may_have_two_thresholds() -> None:
    step = told(
        ended("a", serviceLevelThreshold=10, transferHoldDuration=15),
        ended("b", serviceLevelThreshold=20, transferHoldDuration=15),
    )
    assert counts(step) == (2, 2, 0, 1, 0)


def test_waits_and_handle_times_are_observed() -> None:
    lost = {"operatorTransferSuccessful": 0, "duration": 99}
    step = told(
        ended("a", transferHoldDuration=3, duration=61),
        ended("b", transferHoldDuration=20, duration="30"),
        ended("c", transferHoldDuration=None, duration=None),
        ended("d", transferHoldDuration=7, **lost),
        ended("e", transferHoldDuration=7, **lost, callDirection="OUTBOUND"),
    )
    assert observed(step, c.CONTACT_WAIT) == {
        ("7001", "voice", "handled"): (2, 23),
        ("7001", "voice", "abandoned"): (2, 14),
    }
    assert observed(step, c.CONTACT_HANDLE) == {("7001", "voice"): (2, 91)}
    wait = step.observations[
        key(c.CONTACT_WAIT, queue_id="7001", channel="voice", outcome="handled")
    ]
    assert wait.bounds[:5] == (5, 10, 15, 20, 30)
    assert list(wait.counts)[:5] == [1, 0, 0, 1, 0]
    assert len(wait.counts) == len(wait.bounds) + 1


def test_the_time_in_the_ivr_is_that_of_every_call_that_ended() -> None:
    step = told(
        ended("a", roundedIvrDuration=6),
        ended("b", roundedIvrDuration="12", serviceId="7001", operatorTransfer=0),
        ended("c", roundedIvrDuration=None),
        ended("d", roundedIvrDuration=0, operatorTransfer=None, serviceId=7002),
        ended("e", roundedIvrDuration=50, callEventType="CALL_START"),
    )
    assert observed(step, f.IVR) == {("7001",): (2, 18), ("7002",): (1, 0)}


def test_contacts_count_by_queue_and_direction() -> None:
    step = told(
        ended("a"),
        ended("b", serviceId="7001"),
        ended("c", callDirection="MANUAL"),
        ended("d", callDirection=None, campaignType="OUTBOUND"),
        ended("e", callDirection=None, campaignType=None),
        ended("f", serviceId=7002.0),
    )
    assert of_family(step, c.CONTACTS_OFFERED) == {
        CALL: 2,
        ("7001", "voice", "outbound"): 2,
        ("7001", "voice"): 1,
        ("7002", "voice", "inbound"): 1,
    }


def test_batches_do_not_mix() -> None:
    machine = stream("interaction_events").machine(resumed())
    for n in range(3):
        step = machine.answered(answered(page("events", ended(f"e{n}")), AT), NOBODY)
        assert counts(step) == (1, 1, 0, 1, 0)
        assert observed(step, c.CONTACT_HANDLE) == {("7001", "voice"): (1, 61)}
    quiet = machine.answered(
        answered(page("events", ended("x", callEventType="CALL_START"))), NOBODY
    )
    assert counts(quiet) == (0, 0, 0, 0, 0)
    assert not quiet.observations


@pytest.mark.parametrize(
    ("told_direction", "campaign", "direction"),
    [
        ("INBOUND", "OUTBOUND", "inbound"),
        ("outbound", None, "outbound"),
        ("MANUAL", "MANUAL", "outbound"),
        (None, "INBOUND", "inbound"),
        ("null", "CALLBACK", "inbound"),
        ("", "HCI", "outbound"),
        ("SIDEWAYS", "PREVIEW", "outbound"),
        (None, "SCHEDULE_CALL_BACK", "outbound"),
        (None, "OB", "outbound"),
        (None, "NEW TYPE", ""),
        (None, None, ""),
    ],
)
def test_a_direction_is_what_the_event_says_else_what_its_campaign_does(
    told_direction: str | None, campaign: str | None, direction: str
) -> None:
    assert direction_of(told_direction, campaign) == direction


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("VOICE", "voice"),
        ("Email", "email"),
        ("EMAIL", "email"),
        (" SMS ", "sms"),
        ("Chat", "chat"),
        ("FAX", "other"),
        ("null", "other"),
        (None, "other"),
    ],
)
def test_a_channel_is_one_of_a_closed_list(word: str | None, channel: str) -> None:
    assert channel_of(word) == channel


def test_a_kind_is_the_call_events_else_the_messages() -> None:
    assert kind_of("CALL_START", "Attempt") == "call_start"
    assert kind_of(None, "Attempt") == kind_of("null", "ATTEMPT") == "attempt"
    assert kind_of("Attempted", None) == kind_of(None, None) == kind_of("other", "") == "other"


@pytest.mark.parametrize(
    ("family", "values", "expected"),
    [
        (f.IVR, ("7001",), key(f.IVR, queue_id="7001")),
        (f.IVR, ("",), (f.IVR.name, ())),
        (
            c.CONTACTS_OFFERED,
            ("7001", "", "inbound"),
            key(c.CONTACTS_OFFERED, queue_id="7001", direction="inbound"),
        ),
    ],
)
def test_a_label_without_a_value_is_left_out(
    family: Family, values: tuple[str, ...], expected: SeriesKey
) -> None:
    assert series(family, *values) == expected


def test_a_label_set_has_a_value_for_each_label() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        series(c.CONTACTS_OFFERED, "7001", "voice")
