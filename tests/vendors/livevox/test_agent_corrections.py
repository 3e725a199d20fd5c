"""Snapshots correct the machine of agents: what it shows then, restarts, limits of a source."""

from typing import Any

from exporter import families as c
from exporter.vendors.livevox.agent_time import in_state
from exporter.vendors.livevox.directory import Include, LiveVoxDirectory
from tests.vendors.livevox.events import NOBODY, LiveVoxMachine, resumed, shown, stream
from tests.vendors.livevox.test_agent_events import (
    AGENTS,
    AWAY,
    BEGAN,
    IN_CALL,
    LOGINS,
    NO_AGENTS,
    READY,
    begun,
    event,
    machine,
    now,
    seconds,
    seen,
    told,
)

LONGEST = c.AGENTS_LONGEST_IN_STATE


def at(after: float) -> float:
    return BEGAN / 1000 + after


def longest(of: LiveVoxMachine, after: float) -> dict[str, float]:
    return shown(of.blocks(at(after), AGENTS), LONGEST)


def test_before_a_snapshot_nothing_is_shown_of_what_is_now() -> None:
    of = begun()
    told(of, 0, event(1, "READY"))
    assert of.blocks(at(0), AGENTS) == ()
    assert of.drift() is None


def test_the_first_snapshot_tells_who_is_there() -> None:
    of = begun()
    step = of.corrected(seen(0, alice=READY, BOB=in_state("away", "lunch")), AGENTS)
    assert shown(of.blocks(at(0), AGENTS), c.AGENTS) == {
        **NO_AGENTS,
        '{state="available"}': 1,
        '{state="away",reason="lunch"}': 1,
    }
    assert of.drift() in (None, 0)  # the machine knew of nobody, so it was not wrong
    assert seconds(step, told(of, 5)) == {("available",): 5, ("away", "lunch"): 5}


def test_the_snapshot_may_come_before_the_first_page() -> None:
    of = machine()
    of.corrected(seen(-5, alice=READY), AGENTS)
    told(of, 0)
    assert now(of) == {'{state="available"}': 1}
    assert seconds(told(of, 5, event(1, "IN_CALL", 2))) == {
        ("available",): 2,
        ("busy", "in_call"): 3,
    }


def test_every_state_has_a_line_when_nobody_is_there() -> None:
    of = begun()
    of.corrected(seen(0), AGENTS)
    assert shown(of.blocks(at(0), AGENTS), c.AGENTS) == NO_AGENTS


def test_events_move_agents_between_two_snapshots() -> None:
    of = begun()
    of.corrected(seen(0, alice=READY, bob=READY), AGENTS)
    told(of, 1, event(1, "IN_CALL", 1), event(3, "READY", 1))
    assert now(of) == {'{state="available"}': 2, '{state="busy",reason="in_call"}': 1}
    told(of, 2, event(1, "LOGOFF", 2, lineNumber=None))
    assert now(of) == {'{state="available"}': 2}


def test_a_snapshot_corrects_and_says_by_how_much_the_machine_was_wrong() -> None:
    of = begun()
    of.corrected(seen(0, alice=READY, bob=READY), AGENTS)
    told(of, 20)
    of.corrected(seen(20, alice=READY, bob=READY), AGENTS)
    assert of.drift() == 0
    step = of.corrected(seen(20, alice=IN_CALL, carol=AWAY), AGENTS)
    assert of.drift() == 3
    assert now(of) == {'{state="busy",reason="in_call"}': 1, '{state="away"}': 1}
    assert seconds(step, told(of, 25)) == {("busy", "in_call"): 5, ("away",): 5}
    of.corrected(seen(25, alice=IN_CALL, carol=AWAY), AGENTS)
    assert of.drift() == 0


def test_a_snapshot_of_an_earlier_moment_is_compared_with_that_moment() -> None:
    of = begun()
    of.corrected(seen(0, alice=READY), AGENTS)
    told(of, 30, event(1, "IN_CALL", 20))
    of.corrected(seen(10, alice=READY), AGENTS)
    assert of.drift() == 0
    of.corrected(seen(15, alice=AWAY), AGENTS)
    assert of.drift() == 1
    assert now(of) == {'{state="busy",reason="in_call"}': 1}


def test_a_correction_moves_the_time_since_the_snapshot() -> None:
    of = begun()
    steps = [
        of.corrected(seen(0, alice=READY), AGENTS),
        told(of, 20),
        of.corrected(seen(15, alice=AWAY), AGENTS),
        told(of, 40),
    ]
    assert seconds(*steps) == {("available",): 20, ("away",): 25}
    steps.append(told(of, 50, event(1, "READY", 40)))
    assert seconds(*steps) == {("available",): 25, ("away",): 25}


def test_a_snapshot_that_is_newer_than_what_the_feed_told_waits() -> None:
    of = begun()
    of.corrected(seen(0, alice=READY), AGENTS)
    told(of, 10)
    of.corrected(seen(12, alice=IN_CALL), AGENTS)
    assert now(of) == {'{state="available"}': 1}
    told(of, 11)
    assert now(of) == {'{state="available"}': 1}
    told(of, 13, event(1, "IN_CALL", 11.5))
    assert of.drift() == 0
    assert now(of) == {'{state="busy",reason="in_call"}': 1}


def test_of_two_snapshots_that_wait_the_last_one_counts() -> None:
    of = begun()
    of.corrected(seen(0, alice=READY), AGENTS)
    of.corrected(seen(5, alice=AWAY), AGENTS)
    of.corrected(seen(6, alice=IN_CALL), AGENTS)
    told(of, 7)
    assert now(of) == {'{state="busy",reason="in_call"}': 1}


def test_an_agent_that_the_directory_does_not_know_hides_how_many_there_are() -> None:
    of = begun()
    of.corrected(seen(0, alice=READY, stranger=IN_CALL), AGENTS)
    assert of.blocks(at(0), AGENTS) == ()
    told(of, 1, event(9, "IN_CALL", 1))
    of.corrected(seen(1, alice=READY, stranger=IN_CALL), AGENTS)
    assert of.blocks(at(1), AGENTS) == ()
    # the one of whom the feed told may be the stranger
    assert seconds(told(of, 3)) == {("available",): 2, ("busy", "in_call"): 2}
    knowing = LiveVoxDirectory(
        agent_logins={**LOGINS, "9": "STRANGER"}, agent_ids={**AGENTS.agent_ids, "stranger": "9"}
    )
    of.corrected(seen(3, alice=READY, stranger=IN_CALL), knowing)
    assert now(of, knowing) == {'{state="available"}': 1, '{state="busy",reason="in_call"}': 1}
    assert of.drift() == 0


def test_the_longest_in_a_state_is_known_only_if_it_is_known_of_all() -> None:
    of = begun()
    of.corrected(seen(0, alice=READY, bob=READY), AGENTS)
    assert longest(of, 5) == {}
    told(of, 10, event(1, "IN_CALL", 10))
    assert longest(of, 12) == {'{state="busy"}': 2}
    told(of, 20, event(2, "IN_CALL", 15), event(1, "READY", 20))
    assert longest(of, 22) == {'{state="available"}': 2, '{state="busy"}': 7}
    assert longest(of, 0) == {'{state="available"}': 0, '{state="busy"}': 0}
    told(of, 30, event(1, "IN_CALL", 29))
    assert longest(of, 30) == {'{state="busy"}': 15}


def test_no_single_agent_is_shown_unless_the_source_asks_for_it() -> None:
    one = stream("agent_events")
    assert not [family.name for family in one.families if family.per_agent]
    of = one.machine(resumed())
    told(of, 0)
    of.corrected(seen(0, alice=READY), AGENTS)
    families = {family for block in of.blocks(at(0), AGENTS) for family, _ in block.columns}
    assert families == {c.AGENTS, LONGEST}


def _each(**changes: Any) -> tuple[dict[str, float], dict[str, float]]:
    """The state and the time of each agent."""
    one = stream("agent_events", **changes)
    assert {c.AGENT_STATE, c.AGENT_STATE_SINCE} <= set(one.families)
    of = one.machine(resumed())
    told(of, 0)
    of.corrected(seen(0, alice=READY, bob=READY, carol=READY), AGENTS)
    told(of, 9, event(1, "IN_CALL", 7), event(3, "LOGOFF", 8), event(77, "READY", 8))
    blocks = of.blocks(at(9), AGENTS)
    return shown(blocks, c.AGENT_STATE), shown(blocks, c.AGENT_STATE_SINCE)


def test_named_agents_have_a_line_for_each_state_and_the_time_where_it_is_known() -> None:
    states, since = _each(agents="named")
    assert {labels for labels, value in states.items() if value} == {
        '{agent="ALICE",state="busy"}',
        '{agent="BOB",state="available"}',
    }
    assert len(states) == 12
    assert since == {'{agent="ALICE"}': at(7)}


def test_hashed_agents_are_not_named() -> None:
    states, since = _each(agents="hashed", agents_key="salt")
    names = {labels.split('"')[1] for labels in (*states, *since)}
    assert len(names) == 2
    assert all(len(name) == 12 and int(name, 16) >= 0 for name in names)


def test_an_agent_of_a_service_that_is_not_included_is_none_of_ours() -> None:
    limited = LiveVoxDirectory(
        Include(frozenset({"7001"})), agent_logins=LOGINS, agent_ids=AGENTS.agent_ids
    )
    of = begun()
    of.corrected(seen(0, alice=READY), limited)
    told(of, 1, event(2, "READY", 1, agentServiceId=7002), directory=limited)
    assert now(of, limited) == {'{state="available"}': 1}
    # he works for others now
    told(of, 2, event(1, "READY", 2, agentServiceId=7002), directory=limited)
    assert now(of, limited) == {}
    assert seconds(told(of, 10, directory=limited)) == {}
    told(of, 11, event(1, "READY", 11, agentServiceId="7001"), directory=limited)
    assert now(of, limited) == {'{state="available"}': 1}


def test_who_went_to_others_is_gone_in_whatever_order_it_is_told() -> None:
    limited = LiveVoxDirectory(
        Include(frozenset({"7001"})), agent_logins=LOGINS, agent_ids=AGENTS.agent_ids
    )
    of = begun()
    of.corrected(seen(0), limited)
    ours, theirs = event(1, "READY", 1), event(1, "READY", 2, agentServiceId=7002)
    told(of, 3, theirs, ours, directory=limited)
    assert now(of, limited) == {}


def test_after_a_gap_the_next_snapshot_tells_everything() -> None:
    of = begun()
    of.corrected(seen(0, alice=READY, bob=IN_CALL), AGENTS)
    told(of, 10, event(3, "READY", 5))
    assert of.restarted().cursor == ""
    assert (of.blocks(at(10), AGENTS), of.drift()) == ((), None)
    assert seconds(told(of, 99), told(of, 100, event(2, "READY", 99))) == {("available",): 1}
    step = of.corrected(seen(100, alice=AWAY, bob=READY), AGENTS)
    assert now(of) == {'{state="away"}': 1, '{state="available"}': 1}
    assert of.drift() in (None, 0)
    assert seconds(step, told(of, 105)) == {("away",): 5, ("available",): 5}


def test_a_restart_loses_no_second_and_no_agent() -> None:
    one = stream("agent_events", agents="named")
    of = one.machine(resumed())
    steps = [
        told(of, 0),
        of.corrected(seen(0, alice=READY, bob=READY), AGENTS),
        told(of, 10, event(1, "IN_CALL", 4)),
    ]
    memory: dict[str, str] = {}
    for step in steps:
        memory.update({key: value for key, value in step.memory.items() if value is not None})
    assert not any(login in text for login in LOGINS.values() for text in memory.values())
    again = one.machine(resumed(steps[-1].ids, "next", memory))
    assert again.blocks(at(10), AGENTS) == ()  # a snapshot has not been seen yet
    steps.append(told(again, 30, event(1, "IN_CALL", 4)))
    assert steps[-1].duplicates == 1
    assert seconds(*steps) == {("available",): 34, ("busy", "in_call"): 26}
    again.corrected(seen(30, alice=IN_CALL, bob=READY), AGENTS)
    blocks = again.blocks(at(30), AGENTS)
    assert shown(blocks, c.AGENT_STATE_SINCE) == {'{agent="ALICE"}': at(4)}
    assert now(again) == {'{state="available"}': 1, '{state="busy",reason="in_call"}': 1}


def test_a_directory_without_agents_shows_nothing() -> None:
    of = begun()
    of.corrected(seen(0, alice=READY), NOBODY)
    assert of.blocks(at(0), NOBODY) == ()


def test_who_logged_off_a_day_ago_is_forgotten_and_the_ledger_told_so() -> None:
    of = begun()
    told(of, 0, event(1, "READY"), event(2, "READY"))
    told(of, 10, event(1, "LOGOFF", 10, lineNumber=None))
    day = 24 * 3600
    told(of, day)
    kept = of.corrected(seen(day, bob=READY), AGENTS)
    assert "agent 1" not in kept.memory
    told(of, day + 20)
    gone = of.corrected(seen(day + 20, bob=READY), AGENTS)
    assert gone.memory["agent 1"] is None
    assert now(of) == {'{state="available"}': 1}
