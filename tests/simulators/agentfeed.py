"""A scenario with its agent event feed, and a reader who knows only what the platform says."""

from collections import Counter
from typing import Any

from exporter.simulators.livevox.agentdocs import agents_status
from exporter.simulators.livevox.agentevents import AgentEvents
from exporter.simulators.livevox.agenteventtruth import agent_events
from exporter.simulators.livevox.samples import Samples
from exporter.simulators.livevox.selection import read_selection
from tests.simulators.site import HandClock, scenario

State = tuple[str, str]

OTHER: State = ("other", "")
SETS: dict[str, State] = {
    "LOGON": OTHER,
    "REGISTERING": OTHER,
    "READY": ("available", ""),
    "RESERVED": ("busy", "reserved"),
    "DIALING": ("busy", "dialing"),
    "MANUAL_DIAL": ("busy", "manual_dial"),
    "PREVIEW_DIAL_OFFERED": ("busy", "preview_dial"),
    "PREVIEW_DIAL_ACCEPTED": ("busy", "preview_dial"),
    "IN_CALL": ("busy", "in_call"),
    "AGENT_HOLD": ("busy", "hold"),
    "AGENT_RESUMED": ("busy", "in_call"),
    "TRANSFERRING": ("busy", "transferring"),
    "WRAP_UP": ("after_contact_work", ""),
    "AGENT_TRANSFER_FAILED": ("busy", "in_call"),
}
TRANSFER_STEPS = {
    "INITIATED": ("busy", "transferring"),
    "CONNECTED": ("busy", "transferring"),
    "CONFERENCED": ("busy", "transferring"),
    "HOLD": ("busy", "transferring"),
    "RESUMED": ("busy", "transferring"),
    "RECONNECTED": ("busy", "in_call"),
}
BY_STATE_ID: dict[int, State] = {
    1: OTHER,
    2: ("available", ""),
    4: ("busy", "in_call"),
    5: ("after_contact_work", ""),
    6: ("busy", "transferring"),
    7: ("busy", "manual_dial"),
    8: ("busy", "preview_dial"),
    9: ("busy", "dialing"),
    10: OTHER,
    11: ("busy", "hold"),
    12: ("busy", "reserved"),
}
BUSIEST = ("busy", "after_contact_work", "available", "away", "other")


def state_set_by(event: dict[str, Any]) -> State | None:
    """The state that an ACD-line event puts an agent into; None where it changes nothing."""
    event_type = event["eventType"]
    if event_type == "NOT_READY":
        return ("away", event.get("notReadyReasonCode", "").lower().replace(" ", "_"))
    if event_type in SETS:
        return SETS[event_type]
    step = event_type.removeprefix("AGENT_TRANSFER_").rpartition("_")[0]
    return TRANSFER_STEPS.get(step)


class Feed:
    """The events from a scenario's first look on; time passes with `advance`."""

    def __init__(self, seed: int = 1, **sizes: int) -> None:
        self.hand = HandClock()
        self.scenario = scenario(self.hand, seed, **sizes)
        self.events: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.told = AgentEvents(self.scenario, self._append)
        self._agent_ids = {agent.login: agent.id for agent in self.scenario.agents}

    def _append(self, at_ms: int, event_id: str, event: dict[str, Any]) -> None:
        assert (event["timestamp"], event["eventId"]) == (at_ms, event_id)
        self.ids.append(event_id)
        self.events.append(event)

    def advance(self, seconds: float) -> None:
        """Let simulated time pass, and everything happen that happens in it."""
        self.hand.seconds += seconds
        self.scenario.catch_up()

    def snapshot(self) -> dict[int, State]:
        """The state of each agent by agents/status, the busiest of his services'."""
        rows = agents_status(self.scenario, read_selection({}, self.scenario))["agentDetails"]
        states: dict[int, State] = {}
        for row in rows:
            agent_id = self._agent_ids[row["agentLoginId"]]
            reason = row["reasonCode"].lower().replace(" ", "_")
            state = BY_STATE_ID.get(row["stateId"], ("away", reason))
            known = states.setdefault(agent_id, state)
            if BUSIEST.index(state[0]) < BUSIEST.index(known[0]):
                states[agent_id] = state
        return states

    def truth(
        self, family: str, since_ms: int | None = None, named: bool = False
    ) -> dict[tuple[str, ...], float]:
        """A family's values by the values of its labels, for a reader who came then."""
        since = self.scenario.start_ms if since_ms is None else since_ms
        samples = Samples()
        agent_events(self.scenario, self.told, samples, since, named)
        found: dict[tuple[str, ...], float] = {}
        for sample in samples.document():
            labels, value = sample["labels"], sample["value"]
            assert isinstance(labels, dict)
            assert isinstance(value, int | float)
            if sample["name"] == family:
                found[tuple(labels.values())] = value
        return found


class Replay:
    """The states of agents by a snapshot and the events after it, and how long each lasted.

    `since_ms` is of those agents alone whose coming into their state an event told of.
    """

    def __init__(self, states: dict[int, State], at_ms: int) -> None:
        self.states = dict(states)
        self.since_ms: dict[int, int] = {}
        self.spent_ms: Counter[State] = Counter()
        self._at_ms = at_ms

    def apply(self, event: dict[str, Any]) -> None:
        """Go on to an event."""
        self.pass_time(event["timestamp"])
        agent_id = event["agentId"]
        if event["eventType"] == "LOGOFF":
            del self.states[agent_id]
            self.since_ms.pop(agent_id, None)
        elif event.get("lineNumber", "ACD") == "ACD":
            state = state_set_by(event)
            if state is not None and state != self.states.get(agent_id):
                self.states[agent_id] = state
                self.since_ms[agent_id] = event["timestamp"]

    def pass_time(self, at_ms: int) -> None:
        """Let every agent stay as he is until a moment."""
        for state, agents in Counter(self.states.values()).items():
            self.spent_ms[state] += agents * (at_ms - self._at_ms)
        self._at_ms = at_ms
