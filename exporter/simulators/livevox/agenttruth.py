"""What a perfect exporter shows of agents: from the scenario's state."""

from collections import Counter

from exporter.simulators.livevox.samples import TODAY, Samples, queue_labels
from exporter.simulators.scenario import Scenario
from exporter.simulators.states import AgentState, Outcome, Reason
from exporter.simulators.tallies import Tally
from exporter.simulators.world import Agent, Desk

CANONICAL = {
    AgentState.READY: "available",
    AgentState.NOT_READY: "away",
    AgentState.WRAP_UP: "after_contact_work",
    AgentState.OFFLINE: "offline",
    AgentState.LOGON: "other",
    AgentState.REGISTERING: "other",
}
"""The canonical state of each; the rest is busy."""

BUSIEST = ("busy", "after_contact_work", "available", "away", "other", "offline")
"""Canonical states; of an agent whose queues see him differently, the first counts."""

_OUTCOMES = {
    Outcome.RIGHT_PARTY_COMPLETE: "rpc_complete",
    Outcome.RIGHT_PARTY_INCOMPLETE: "rpc_incomplete",
    Outcome.WRONG_PARTY: "wpc",
    Outcome.NON_CONTACT: "non_contacts",
}
_UNREADY = (
    Reason.LUNCH,
    Reason.TRAINING,
    Reason.BREAK,
    Reason.MEETING,
    Reason.TECH_DIFFICULTIES,
    Reason.OTHER,
)


def canonical(state: AgentState) -> str:
    """The canonical word for a state."""
    return CANONICAL.get(state, "busy")


def reason_of(tally: Tally) -> str:
    """The reason label: the Not Ready reason, or how an agent is busy; else empty."""
    if tally.state is AgentState.NOT_READY:
        return "" if tally.reason is Reason.NONE else tally.reason.name.lower()
    return tally.state.name.lower() if canonical(tally.state) == "busy" else ""


def persons_by_state(scenario: Scenario, samples: Samples) -> None:
    """Persons by state, each once."""
    by_state = Counter(
        (canonical(desk.tally.state), reason_of(desk.tally)) for _, desk in _at_work(scenario)
    )
    for state in BUSIEST:
        by_state.setdefault((state, ""), 0)
    for (state, reason), count in sorted(by_state.items()):
        samples.add("contactcenter_agents", {"state": state, "reason": reason}, count)


def agent_status(scenario: Scenario, samples: Samples, named: bool) -> None:
    """Gauges of agents/status but `persons_by_state`: each agent in each of his queues."""
    persons = _at_work(scenario)
    for queue in scenario.visible_queues:
        seen = Counter(
            canonical(desk.tally.state)
            for desk in queue.desks
            if desk.tally.state is not AgentState.OFFLINE
        )
        for state in BUSIEST:
            labels = {**queue_labels(queue), "state": state}
            samples.add("contactcenter_queue_agents", labels, seen[state])
    monitored = sum(agent.monitored for agent, _ in persons)
    samples.add("livevox_agents_monitored", {}, monitored)
    types = Counter(
        agent.call.type.value
        for agent, _ in persons
        if agent.call is not None and agent.call.queue.hidden_since is None
    )
    for call_type, count in sorted(types.items()):
        samples.add("livevox_agents_on_call", {"call_type": call_type}, count)
    for agent, desk in persons if named else []:
        for state in BUSIEST:
            labels = {"agent": agent.login, "state": state}
            now = canonical(desk.tally.state) == state
            samples.add("contactcenter_agent_state", labels, int(now))


def agent_stats_ex(scenario: Scenario, samples: Samples, named: bool) -> None:
    """Gauges of agent/stats/ex: agents who were logged in today, summed by queue."""
    for queue in scenario.visible_queues:
        present = [desk for desk in queue.desks if desk.tally.present]
        if not present:
            continue
        labels = queue_labels(queue)
        totals: Counter[tuple[str, str, str]] = Counter()
        for desk in present:
            for key, value in _totals(desk.tally, scenario.tick).items():
                totals[key] += value
        _add_totals(samples, "livevox_queue_window_agent_seconds", "livevox_queue", labels, totals)
        for desk in present if named else []:
            mine = {"agent": desk.agent.login, **labels}
            own = _totals(desk.tally, scenario.tick)
            _add_totals(samples, "livevox_agent_window_seconds", "livevox_agent", mine, own)


def times_in_state(scenario: Scenario, samples: Samples, named: bool) -> None:
    """For how long agents are in their states, by the older agent/stats."""
    agents = [agent for agent, _ in _at_work(scenario)]
    longest: dict[str, int] = {}
    for agent in agents:
        state = canonical(agent.tally.state)
        longest[state] = max(longest.get(state, 0), scenario.tick - agent.tally.since)
    for state, seconds in sorted(longest.items()):
        samples.add("contactcenter_agents_longest_in_state_seconds", {"state": state}, seconds)
    names = Counter(agent.name for agent in agents)
    for agent in agents if named else []:
        if names[agent.name] == 1:
            samples.add(
                "contactcenter_agent_state_since_timestamp_seconds",
                {"agent": agent.login},
                scenario.ms(agent.tally.since) / 1000,
            )


def agent_stats_totals(scenario: Scenario, samples: Samples) -> None:
    """Sums over the source by the older agent/stats, of the agents who are logged in."""
    totals: Counter[tuple[str, str, str]] = Counter()
    for agent, _ in _at_work(scenario):
        for key, value in _totals(agent.tally, scenario.tick).items():
            totals[key] += value
    _add_totals(samples, "livevox_source_window_agent_seconds", "livevox_source", {}, totals)


def _totals(tally: Tally, tick: int) -> dict[tuple[str, str, str], int]:
    """An agent's totals of the day by (kind, label, reason)."""
    totals = {
        ("seconds", "ready", ""): tally.seconds(tick, AgentState.READY),
        ("seconds", "talk", ""): tally.talk_seconds(tick),
        ("seconds", "wrapup", ""): tally.seconds(tick, AgentState.WRAP_UP),
        ("calls", "inbound", ""): tally.inbound,
        ("calls", "outbound", ""): tally.outbound,
    }
    for reason in _UNREADY:
        key = ("seconds", "not_ready", reason.name.lower())
        totals[key] = tally.not_ready_seconds(tick, reason)
    for outcome, word in _OUTCOMES.items():
        totals["outcomes", word, ""] = tally.outcomes[outcome]
    return totals


def _add_totals(
    samples: Samples,
    seconds_family: str,
    prefix: str,
    labels: dict[str, str],
    totals: dict[tuple[str, str, str], int] | Counter[tuple[str, str, str]],
) -> None:
    for (kind, word, reason), value in totals.items():
        if kind == "seconds":
            own = {"state": word, "reason": reason}
            samples.add(seconds_family, {**labels, **own, "window": TODAY}, value)
        elif kind == "calls":
            own = {**labels, "direction": word, "window": TODAY}
            samples.add(f"{prefix}_window_calls", own, value)
        else:
            own = {**labels, "outcome": word, "window": TODAY}
            samples.add(f"{prefix}_window_call_outcomes", own, value)


def counted_by(agent: Agent) -> Desk | None:
    """The desk whose state counts for the person: the busiest one in a visible queue.

    None for an agent who is not logged in to any such queue.
    """
    desks = [desk for desk in agent.desks if desk.queue.hidden_since is None]
    if not agent.logged_in or not desks:
        return None
    return min(desks, key=lambda desk: BUSIEST.index(canonical(desk.tally.state)))


def _at_work(scenario: Scenario) -> list[tuple[Agent, Desk]]:
    """Agents who are logged in to a visible queue, with the desk that counts."""
    found = ((agent, counted_by(agent)) for agent in scenario.agents)
    return [(agent, desk) for agent, desk in found if desk is not None]
