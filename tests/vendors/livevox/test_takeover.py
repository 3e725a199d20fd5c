"""Contacts that daily totals counted before the feed of interactions was switched on."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from exporter import families as c
from exporter.streams import Step
from exporter.vendors.livevox import families as f
from tests.vendors.livevox.account import AT
from tests.vendors.livevox.events import (
    NOBODY,
    LiveVoxMachine,
    observed,
    of_family,
    payloads,
    resumed,
    shown,
    stream,
)
from tests.vendors.livevox.test_interactions import CALL, ended

COUNTERS = {
    "offered": c.CONTACTS_OFFERED,
    "handled": c.CONTACTS_HANDLED,
    "abandoned": c.CONTACTS_ABANDONED,
    "handled_in_threshold": c.CONTACTS_HANDLED_IN_THRESHOLD,
    "abandoned_in_threshold": c.CONTACTS_ABANDONED_IN_THRESHOLD,
}
STREAM = stream("interaction_events")


def switched_on() -> LiveVoxMachine:
    """The machine of a source of which service_stats counted contacts until AT."""
    machine = STREAM.machine(replace(resumed(), takes_over=True))
    machine.connected(AT)
    return machine


def told(machine: LiveVoxMachine, seconds_after: float, **changes: object) -> Step:
    """What a call says that ended so many seconds after the switch."""
    at = datetime.fromtimestamp(AT + seconds_after, UTC).isoformat()
    event = ended(str(seconds_after), timestamp=at, **changes)
    return machine.received(payloads([event]), AT + seconds_after, NOBODY)


def counted(step: Step) -> set[str]:
    return {name for name, family in COUNTERS.items() if of_family(step, family)}


@pytest.mark.parametrize(
    ("ended_after", "talked", "waited", "expected"),
    [
        (100, 200, 10, set()),
        (100, 95, 10, {"handled", "handled_in_threshold"}),
        (100, 50, 10, {"offered", "handled", "handled_in_threshold"}),
    ],
)
def test_what_the_totals_counted_of_a_call_is_not_counted_again(
    ended_after: int, talked: int, waited: int, expected: set[str]
) -> None:
    step = told(switched_on(), ended_after, duration=talked, transferHoldDuration=waited)
    assert counted(step) == expected
    assert observed(step, c.CONTACT_WAIT) == {("7001", "voice", "handled"): (1, waited)}
    assert observed(step, c.CONTACT_HANDLE) == {("7001", "voice"): (1, talked)}
    assert sum(of_family(step, f.INTERACTIONS).values()) == 1


@pytest.mark.parametrize(
    ("waited", "expected"),
    [(15, {"abandoned", "abandoned_in_threshold"}), (5, {"offered", *("abandoned",)})],
)
def test_who_gives_up_after_the_switch_is_counted(waited: int, expected: set[str]) -> None:
    step = told(
        switched_on(),
        10,
        operatorTransferSuccessful=0,
        duration=None,
        transferHoldDuration=waited,
        serviceLevelThreshold=20 if waited == 15 else 3,
    )
    assert counted(step) == expected


def test_a_restart_knows_when_the_switch_was() -> None:
    first = switched_on()
    step = told(first, 100, duration=50)
    memory = {key: value for key, value in step.memory.items() if value is not None}
    again = STREAM.machine(resumed(step.ids, str(step.cursor), memory))
    again.connected(AT + 150)
    assert counted(told(again, 200, duration=300)) == set()
    assert counted(told(again, 210, duration=100)) >= {"offered", "handled"}


def test_without_totals_before_it_the_feed_counts_every_call() -> None:
    machine = STREAM.machine(resumed())
    machine.connected(AT)
    assert counted(told(machine, 100, duration=200)) == {
        "offered",
        "handled",
        "handled_in_threshold",
    }
    assert of_family(told(machine, 101), c.CONTACTS_OFFERED) == {CALL: 1}


def test_a_restart_knows_the_thresholds_that_events_told() -> None:
    step = told(switched_on(), 5, serviceLevelThreshold=35)
    memory = {key: value for key, value in step.memory.items() if value is not None}
    again = STREAM.machine(resumed(step.ids, str(step.cursor), memory))
    assert shown(again.blocks(AT, NOBODY), c.QUEUE_THRESHOLD) == {
        '{queue_id="7001",queue="7001"}': 35
    }
    assert told(again, 6, serviceLevelThreshold=35).memory == {}


def test_a_token_that_is_too_old_does_not_forget_when_the_switch_was() -> None:
    of = switched_on()
    told(of, 5, serviceLevelThreshold=35)
    step = of.restarted()
    memory = {key: value for key, value in step.memory.items() if value is not None}
    again = STREAM.machine(resumed(memory=memory))
    assert counted(told(again, 100, duration=200)) == set()
    assert len(memory) == 2
