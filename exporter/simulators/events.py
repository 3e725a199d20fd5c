"""What happened, in order: event feeds are made from this."""

from collections import deque
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from exporter.simulators.states import AgentState, Reason

if TYPE_CHECKING:
    from exporter.simulators.world import Agent, Call

DEFAULT_KEPT = 200_000


class EventKind(StrEnum):
    """Kinds of events."""

    AGENT_LOGON = "agent_logon"
    AGENT_LOGOFF = "agent_logoff"
    AGENT_STATE = "agent_state"
    CALL_START = "call_start"
    CALL_ANSWER = "call_answer"
    CALL_END = "call_end"
    CALL_DISPOSITION = "call_disposition"


class Event(NamedTuple):
    """One thing that happened.

    `sequence` counts from 1 without gaps; `tick` is in simulated seconds since the scenario's
    first second. Agent events carry the state the agent went into, call events their call.
    """

    sequence: int
    tick: int
    kind: EventKind
    agent: "Agent | None"
    call: "Call | None"
    state: AgentState | None
    reason: Reason | None


class EventLog:
    """The newest events; older ones than `kept` are forgotten."""

    def __init__(self, kept: int = DEFAULT_KEPT) -> None:
        self._events: deque[Event] = deque(maxlen=kept)
        self.last_sequence = 0

    def agent(self, tick: int, kind: EventKind, agent: "Agent", call: "Call | None") -> None:
        """Record that an agent logged on or off, or changed his state."""
        self._append(tick, kind, agent, call, agent.tally.state, agent.tally.reason)

    def call(self, tick: int, kind: EventKind, call: "Call") -> None:
        """Record that a call started, was answered, ended or was given its result."""
        self._append(tick, kind, call.agent, call, None, None)

    def after(self, sequence: int) -> Iterator[Event]:
        """The events after a sequence number that are still kept, oldest first."""
        return (event for event in self._events if event.sequence > sequence)

    def __len__(self) -> int:
        return len(self._events)

    def _append(
        self,
        tick: int,
        kind: EventKind,
        agent: "Agent | None",
        call: "Call | None",
        state: AgentState | None,
        reason: Reason | None,
    ) -> None:
        self.last_sequence += 1
        self._events.append(Event(self.last_sequence, tick, kind, agent, call, state, reason))
