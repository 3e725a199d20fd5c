"""What happened, in order: event feeds are made from this."""

from collections import deque
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from exporter.simulators.states import AgentState, Reason

if TYPE_CHECKING:
    from exporter.simulators.world import Agent, Call, Message

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
    MESSAGE_ATTEMPT = "message_attempt"


class Event(NamedTuple):
    """One thing that happened.

    `sequence` counts from 1 without gaps; `tick` is in simulated seconds since the scenario's
    first second. Agent events carry the state the agent went into, call events their call, and
    message events their message.
    """

    sequence: int
    tick: int
    kind: EventKind
    agent: "Agent | None"
    call: "Call | None"
    state: AgentState | None
    reason: Reason | None
    message: "Message | None" = None


class EventLog:
    """The newest events; older ones than `kept` are forgotten."""

    def __init__(self, kept: int = DEFAULT_KEPT) -> None:
        self._events: deque[Event] = deque(maxlen=kept)
        self._listeners: list[Callable[[Event], None]] = []
        self.last_sequence = 0

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Tell of every event from now on, at the moment it happens."""
        self._listeners.append(listener)

    def agent(self, tick: int, kind: EventKind, agent: "Agent", call: "Call | None") -> None:
        """Record that an agent logged on or off, or changed his state."""
        self._append(tick, kind, agent, call, agent.tally.state, agent.tally.reason)

    def call(self, tick: int, kind: EventKind, call: "Call") -> None:
        """Record that a call started, was answered, ended or was given its result."""
        self._append(tick, kind, call.agent, call, None, None)

    def message(self, tick: int, message: "Message") -> None:
        """Record that a message was sent."""
        self._append(tick, EventKind.MESSAGE_ATTEMPT, None, None, None, None, message)

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
        message: "Message | None" = None,
    ) -> None:
        self.last_sequence += 1
        event = Event(self.last_sequence, tick, kind, agent, call, state, reason, message)
        self._events.append(event)
        for listener in self._listeners:
            listener(event)
