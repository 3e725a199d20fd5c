"""What an agent can be doing, why he is not ready, and how a call ended for him."""

from enum import IntEnum, StrEnum


class AgentState(IntEnum):
    """The state of an agent; the numbers are positions in lists of seconds, nobody's ids."""

    OFFLINE = 0
    LOGON = 1
    REGISTERING = 2
    READY = 3
    NOT_READY = 4
    RESERVED = 5
    IN_CALL = 6
    HOLD = 7
    TRANSFERRING = 8
    WRAP_UP = 9
    MANUAL_DIAL = 10
    PREVIEW_DIAL = 11
    DIALING = 12


WORKING = frozenset(
    {
        AgentState.RESERVED,
        AgentState.IN_CALL,
        AgentState.HOLD,
        AgentState.TRANSFERRING,
        AgentState.WRAP_UP,
        AgentState.MANUAL_DIAL,
        AgentState.PREVIEW_DIAL,
        AgentState.DIALING,
    }
)
"""States in which an agent works for one queue, and cannot be had by his others."""

TALKING = frozenset({AgentState.IN_CALL, AgentState.HOLD, AgentState.TRANSFERRING})
"""States in which an agent has a customer on the line."""


class Reason(IntEnum):
    """Why an agent is not ready; NONE is an agent who gave no reason."""

    NONE = 0
    LUNCH = 1
    TRAINING = 2
    BREAK = 3
    MEETING = 4
    TECH_DIFFICULTIES = 5
    OTHER = 6


class Outcome(IntEnum):
    """How an agent's call ended: right party (with or without a result), wrong party, nobody."""

    RIGHT_PARTY_COMPLETE = 0
    RIGHT_PARTY_INCOMPLETE = 1
    WRONG_PARTY = 2
    NON_CONTACT = 3


class CallType(StrEnum):
    """How a call came about."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    MANUAL = "manual"
    PREVIEW = "preview"


class CallResult(StrEnum):
    """How a call ended, for the platform."""

    HANDLED = "handled"
    ABANDONED = "abandoned"
    ABANDONED_MAX_WAIT = "abandoned_max_wait"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    MACHINE = "machine"
    LISTENED = "listened"
