"""The machine of agents' events: states, times, corrections, what is shown and what is kept."""

from collections.abc import Mapping
from typing import Any

import pytest

from exporter import families as c
from exporter.errors import FeedError
from exporter.streams import Step
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox.agent_time import Snapshot, State, in_state
from exporter.vendors.livevox.agent_words import EFFECTS
from exporter.vendors.livevox.directory import LiveVoxDirectory
from tests.vendors.livevox.account import document
from tests.vendors.livevox.events import (
    NOBODY,
    Event,
    LiveVoxMachine,
    answered,
    of_family,
    page,
    resumed,
    shown,
    stream,
)

BEGAN = 1_767_625_200_000  # milliseconds
SECONDS, EVENTS = c.AGENT_STATE_SECONDS, f.AGENT_EVENTS
LOGINS = {"1": "ALICE", "2": "BOB", "3": "CAROL"}
AGENTS = LiveVoxDirectory(
    agent_logins=LOGINS, agent_ids={login.casefold(): agent for agent, login in LOGINS.items()}
)
NO_AGENTS = {f'{{state="{state}"}}': 0.0 for state in c.AGENT_STATES}
READY, AWAY, IN_CALL = in_state("available"), in_state("away"), in_state("busy", "in_call")


def machine(**changes: Any) -> LiveVoxMachine:
    return stream("agent_events", **changes).machine(resumed())


def event(agent: object, kind: object, after: float = 0, **more: Any) -> Event:
    """An event of an agent so many seconds after the beginning."""
    at = BEGAN + round(after * 1000)
    sequence = more.pop("seqNum", round(after * 1000))
    return {
        "timestamp": at,
        "agentId": agent,
        "agentServiceId": 7001,
        "lineNumber": "ACD",
        "eventType": kind,
        "seqNum": sequence,
        "eventId": f"aid={agent}:time={at}:seq={sequence}:{more.get('lineNumber', 'ACD')}",
        **more,
    }


def begun(**changes: Any) -> LiveVoxMachine:
    """A machine that has had the first page, which is always empty."""
    of = machine(**changes)
    told(of, 0)
    return of


def told(
    of: LiveVoxMachine,
    after: float,
    *events: object,
    directory: LiveVoxDirectory = AGENTS,
) -> Step:
    """A page that comes so many seconds after the beginning."""
    at = BEGAN / 1000 + after
    return of.answered(answered(page("agentEvent", *events), at, at), directory)


def seen(after: float, **agents: State) -> Snapshot:
    return Snapshot(BEGAN + round(after * 1000), agents)


def seconds(*steps: Step) -> dict[tuple[str, ...], float]:
    """The time that the steps counted, by state."""
    total: dict[tuple[str, ...], float] = {}
    for step in steps:
        for labels, time in of_family(step, SECONDS).items():
            total[labels] = round(total.get(labels, 0) + time, 3)
    return total


def now(of: LiveVoxMachine, directory: LiveVoxDirectory = AGENTS) -> Mapping[str, float]:
    """How many agents are in each state; without those in which nobody is."""
    lines = shown(of.blocks(BEGAN / 1000 + 100, directory), c.AGENTS)
    return {labels: value for labels, value in lines.items() if value}


def test_the_vendors_own_sample() -> None:
    of = machine()
    step = of.answered(answered(document("agent_events.seed"), 1463032805.5, 1463032805.0), NOBODY)
    assert step.cursor == "aea12ef0-1809-11e6-af08-8f619b2ec41c"
    assert of_family(step, EVENTS) == {("not_ready",): 1}
    assert (step.events, list(step.lags), step.newest) == ({"not_ready": 1}, [5.5], 1463032800.0)
    assert list(step.ids) == ["cid=47315:aid=393401:time=146303243000:seq=123"]
    assert (step.malformed, step.duplicates, step.full) == (0, 0, False)
    assert seconds(step) == {}


def test_time_grows_with_each_page() -> None:
    of = machine()
    assert seconds(told(of, 0, event(1, "READY"))) == {}
    assert seconds(told(of, 10)) == {("available",): 10}
    assert seconds(told(of, 15, event(2, "READY", 12))) == {("available",): 8}
    assert seconds(told(of, 20)) == {("available",): 10}


def test_time_before_the_first_page_is_not_counted() -> None:
    of = machine()
    assert seconds(told(of, 100, event(1, "READY", 0), event(1, "IN_CALL", 40))) == {}
    assert seconds(told(of, 101)) == {("busy", "in_call"): 1}


def test_a_day_of_an_agent() -> None:
    of = machine()
    steps = [
        told(of, 0),
        told(
            of,
            40,
            event(1, "LOGON", 1, lineNumber=None, seqNum=1),
            event(1, "NOT_READY", 1, notReadyReasonCode="LUNCH", seqNum=2),
            event(1, "READY", 5),
            event(1, "RESERVED", 10),
            event(1, "IN_CALL", 12),
            event(1, "AGENT_HOLD", 20),
            event(1, "AGENT_RESUMED", 22),
            event(1, "WRAP_UP", 30),
        ),
        told(of, 60, event(1, "LOGOFF", 50, lineNumber=None)),
    ]
    assert seconds(*steps) == {
        ("away", "lunch"): 4,
        ("available",): 5,
        ("busy", "reserved"): 2,
        ("busy", "in_call"): 16,
        ("busy", "hold"): 2,
        ("after_contact_work",): 20,
    }
    assert sum(seconds(*steps).values()) == 49


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("READY", ("available",)),
        ("ready", ("available",)),
        ("NOT_READY", ("away",)),
        ("LOGON", ("other",)),
        ("REGISTERING", ("other",)),
        ("RESERVED", ("busy", "reserved")),
        ("DIALING", ("busy", "dialing")),
        ("MANUAL_DIAL", ("busy", "manual_dial")),
        ("PREVIEW_DIAL_OFFERED", ("busy", "preview_dial")),
        ("PREVIEW_DIAL_ACCEPTED", ("busy", "preview_dial")),
        ("IN_CALL", ("busy", "in_call")),
        ("In Call", ("busy", "in_call")),
        ("AGENT_HOLD", ("busy", "hold")),
        ("AGENT_RESUMED", ("busy", "in_call")),
        ("TRANSFERRING", ("busy", "transferring")),
        ("AGENT_TRANSFER_INITIATED_AGENT2", ("busy", "transferring")),
        ("AGENT_TRANSFER_CONNECTED_SUPERVISOR", ("busy", "transferring")),
        ("AGENT_TRANSFER_CONFERENCED_AGENT2", ("busy", "transferring")),
        ("AGENT_TRANSFER_RECONNECTED_AGENT2", ("busy", "in_call")),
        ("AGENT_TRANSFER_FAILED", ("busy", "in_call")),
        ("WRAP_UP", ("after_contact_work",)),
        ("PREVIEW_DIAL_SKIPPED", ("available",)),
        ("AGENT_TRANSFER_COMPLETE_AGENT2", ("available",)),
        ("LEVITATING", ("available",)),
        (None, ("available",)),
        ("null", ("available",)),
    ],
)
def test_an_event_puts_an_agent_into_a_state_or_leaves_him_where_he_was(
    kind: object, state: tuple[str, ...]
) -> None:
    of = machine()
    told(of, 0, event(1, "READY"))
    told(of, 10, event(1, kind, 10))
    assert seconds(told(of, 15)) == {state: 5}


def test_events_count_by_type_and_unknown_ones_as_other() -> None:
    events = [
        event(1, "READY", 1),
        event(1, "READY", 2, lineNumber="DIRECT"),
        event(1, "LEVITATING", 3),
        event(1, None, 4),
        event(1, "AGENT_TRANSFER_COMPLETE_AGENT2", 5),
    ]
    step = told(machine(), 10, *events)
    expected = {"ready": 2, "other": 2, "agent_transfer_complete_agent2": 1}
    assert step.events == expected
    assert of_family(step, EVENTS) == {(kind,): count for kind, count in expected.items()}


def test_only_the_line_that_calls_are_distributed_to_decides() -> None:
    of = machine()
    told(of, 0, event(1, "READY"))
    others = [event(1, "NOT_READY", 1, lineNumber=line) for line in ("DIRECT", "EXT1", "EXT20")]
    others += [event(2, "IN_CALL", 1, lineNumber="DIRECT")]
    told(of, 1, *others)
    assert seconds(told(of, 11)) == {("available",): 10}
    told(of, 12, event(1, "LOGOFF", 12, lineNumber="DIRECT"))
    assert seconds(told(of, 20)) == {}


def test_the_order_of_one_millisecond_is_that_of_the_numbers() -> None:
    of = machine()
    logon = event(1, "LOGON", 0, lineNumber=None, seqNum=8)
    away = event(1, "NOT_READY", 0, notReadyReasonCode="BREAK", seqNum=9)
    told(of, 0, away, logon)
    assert seconds(told(of, 5)) == {("away", "break"): 5}


def test_reasons_are_slugged_capped_and_remembered() -> None:
    one = stream("agent_events")
    of = one.machine(resumed())
    told(of, 0, *[event(n, "NOT_READY", notReadyReasonCode=f"Reason {n}") for n in range(250)])
    step = told(of, 1)
    found = seconds(step)
    assert found["away", "reason_0"] == 1
    assert found["away", "other"] == 50
    assert len(found) == 201
    again = one.machine(resumed(counted=step.increments))
    told(again, 0)
    told(again, 0, event(1, "NOT_READY", notReadyReasonCode="Unheard of"))
    told(again, 0, event(2, "NOT_READY", notReadyReasonCode="Reason 199"))
    assert seconds(told(again, 1)) == {("away", "other"): 1, ("away", "reason_199"): 1}


@pytest.mark.parametrize("nothing", [None, "null", ""])
def test_a_reason_may_be_left_out(nothing: object) -> None:
    of = machine()
    told(of, 0, event(1, "NOT_READY", notReadyReasonCode=nothing))
    assert seconds(told(of, 1)) == {("away",): 1}


def test_what_comes_late_moves_time_and_takes_none_back() -> None:
    of = machine()
    told(of, 0, event(1, "READY"))
    first = told(of, 10)
    late = told(of, 12, event(1, "IN_CALL", 4))
    assert seconds(late) == {("busy", "in_call"): 8}
    last = told(of, 30, event(1, "READY", 12))
    assert seconds(first, late, last) == {("busy", "in_call"): 8, ("available",): 22}


def test_every_type_and_state_starts_at_zero() -> None:
    known = set(machine().known(AGENTS).counters)
    assert {(EVENTS.name, (("event", kind),)) for kind in EFFECTS} < known
    assert (EVENTS.name, (("event", "other"),)) in known
    for labels in (
        (("state", "available"),),
        (("state", "away"),),
        (("state", "after_contact_work"),),
        (("state", "other"),),
        (("state", "busy"), ("reason", "in_call")),
        (("state", "busy"), ("reason", "hold")),
    ):
        assert (SECONDS.name, labels) in known
    assert machine().kinds == tuple(EFFECTS)


def test_agents_events_are_no_event_stream() -> None:
    with pytest.raises(FeedError):
        machine().received([b"{}"], 0.0, NOBODY)
