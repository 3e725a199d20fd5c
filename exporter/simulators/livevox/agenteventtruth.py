"""What a perfect exporter shows from the agent event feed, and of the calls that it announces."""

from exporter.simulators.livevox.agentevents import AgentEvents
from exporter.simulators.livevox.agenttruth import CANONICAL, canonical, persons_by_state
from exporter.simulators.livevox.eventwords import EVENT_TYPES, OTHER, event_label, slug
from exporter.simulators.livevox.samples import Samples, queue_labels
from exporter.simulators.livevox.statehistory import StateKey
from exporter.simulators.scenario import Scenario
from exporter.simulators.states import AgentState

_ALWAYS_TIMED: tuple[StateKey, ...] = (
    *((canonical(state), "") for state in CANONICAL if state is not AgentState.OFFLINE),
    *(("busy", state.name.lower()) for state in AgentState if canonical(state) == "busy"),
)
"""The states that have a line also when nobody was in them: all but the reasons of away."""


def agent_events(
    scenario: Scenario, events: AgentEvents, samples: Samples, since_ms: int, named: bool
) -> None:
    """Counters since a moment, and gauges, of a feed whose events are all told at once.

    Raises ValueError when the moment is no longer known.
    """
    counts = events.counts.since(since_ms)
    for label in (*map(event_label, EVENT_TYPES), OTHER):
        samples.add("livevox_agent_events_total", {"event": label}, counts.get(label, 0))
    persons_by_state(scenario, samples)
    spent = dict.fromkeys(_ALWAYS_TIMED, 0)
    spent.update(events.history.milliseconds(since_ms, scenario.now_ms))
    for (state, reason), milliseconds in spent.items():
        labels = {"state": state, "reason": reason}
        samples.add("contactcenter_agent_state_seconds_total", labels, milliseconds / 1000)
    _longest(scenario, events, samples, since_ms)
    for agent in scenario.agents if named else []:
        shown = events.shown.get(agent.id)
        if shown is not None and shown.since_ms > since_ms:
            samples.add(
                "contactcenter_agent_state_since_timestamp_seconds",
                {"agent": agent.login},
                shown.since_ms / 1000,
            )


def _longest(scenario: Scenario, events: AgentEvents, samples: Samples, since_ms: int) -> None:
    """For how long agents have been in their states.

    Who was in his state before the reader came, no event tells since when: of a state with such
    an agent there is no sample.
    """
    oldest: dict[str, int] = {}
    for shown in events.shown.values():
        state = shown.key[0]
        oldest[state] = min(oldest.get(state, shown.since_ms), shown.since_ms)
    for state, entered_ms in sorted(oldest.items()):
        if entered_ms > since_ms:
            name = "contactcenter_agents_longest_in_state_seconds"
            samples.add(name, {"state": state}, (scenario.now_ms - entered_ms) / 1000)


def call_data(events: AgentEvents, samples: Samples, since_ms: int) -> None:
    """Calls that agent events after a moment told of: those in progress, and those that ended.

    Raises ValueError when the moment is no longer known.
    """
    in_progress = events.calls.in_progress(since_ms)
    for (queue, direction), count in in_progress.items():
        labels = {**queue_labels(queue), "direction": direction}
        samples.add("livevox_calls_in_progress", labels, count)
    for completed, count in events.calls.completed(since_ms).items():
        labels = {
            **queue_labels(completed.queue),
            "result": slug(completed.result),
            "term_code": slug(completed.term_code),
        }
        if count:
            samples.add("livevox_completed_calls_total", labels, count)
