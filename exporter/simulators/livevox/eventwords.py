"""The words of the agent event feed, and the label values that metrics make of them."""

import re

from exporter.simulators.livevox.vocabulary import REASONS
from exporter.simulators.states import AgentState, Reason

ACD_LINE = "ACD"
DIRECT_LINE = "DIRECT"
LOGON = "LOGON"
LOGOFF = "LOGOFF"
NOT_READY = "NOT_READY"
READY = "READY"
RESUMED = "AGENT_RESUMED"
PREVIEW_ACCEPTED = "PREVIEW_DIAL_ACCEPTED"
PREVIEW_SKIPPED = "PREVIEW_DIAL_SKIPPED"
TRANSFER_INITIATED = "AGENT_TRANSFER_INITIATED_{}"
TO_AGENT = "AGENT2"
TO_SUPERVISOR = "SUPERVISOR"

STATE_EVENTS: dict[AgentState, str] = {
    AgentState.LOGON: "REGISTERING",
    AgentState.REGISTERING: "REGISTERING",
    AgentState.READY: READY,
    AgentState.NOT_READY: NOT_READY,
    AgentState.RESERVED: "RESERVED",
    AgentState.IN_CALL: "IN_CALL",
    AgentState.HOLD: "AGENT_HOLD",
    AgentState.TRANSFERRING: "TRANSFERRING",
    AgentState.WRAP_UP: "WRAP_UP",
    AgentState.MANUAL_DIAL: "MANUAL_DIAL",
    AgentState.PREVIEW_DIAL: "PREVIEW_DIAL_OFFERED",
    AgentState.DIALING: "DIALING",
}
"""eventType of the ACD-line event that puts an agent into a state.

LOGON itself belongs to no line, and NOT_READY follows it at once; an agent who is still shown as
logging on is told to be registering.
"""

TRANSFER_ENDS: tuple[tuple[str, ...], ...] = (
    ("AGENT_TRANSFER_CONNECTED_{}", "AGENT_TRANSFER_COMPLETE_{}"),
    ("AGENT_TRANSFER_FAILED",),
    (
        "AGENT_TRANSFER_CONNECTED_{}",
        "AGENT_TRANSFER_CONFERENCED_{}",
        "AGENT_TRANSFER_COMPLETE_{}",
    ),
    ("AGENT_TRANSFER_CONNECTED_{}", "AGENT_TRANSFER_RECONNECTED_{}"),
    (
        "AGENT_TRANSFER_CONNECTED_{}",
        "AGENT_TRANSFER_HOLD_{}",
        "AGENT_TRANSFER_RESUMED_{}",
        "AGENT_TRANSFER_COMPLETE_{}",
    ),
)
"""The ways a transfer can go on after it was initiated."""

EVENT_TYPES: tuple[str, ...] = (
    LOGON,
    LOGOFF,
    *dict.fromkeys(STATE_EVENTS.values()),
    RESUMED,
    PREVIEW_ACCEPTED,
    PREVIEW_SKIPPED,
    "AGENT_TRANSFER_FAILED",
    *(
        f"AGENT_TRANSFER_{step}_{target}"
        for step in (
            "INITIATED", "CONNECTED", "CONFERENCED", "RECONNECTED", "COMPLETE", "HOLD", "RESUMED",
        )
        for target in (TO_SUPERVISOR, TO_AGENT)
    ),
)  # fmt: skip
"""Every eventType that is publicly known."""

_LABELS = {event_type: event_type.lower() for event_type in EVENT_TYPES}
OTHER = "other"

UNKNOWN_TYPES = ("COACHING_STARTED", "AGENT_BIO_BREAK_V2", "AUX 7")
"""Values of eventType that nobody has documented."""

REASON_CODES: dict[Reason, str] = {reason: text.upper() for reason, text in REASONS.items() if text}
"""notReadyReasonCode; an agent without a reason has none."""


def event_label(event_type: str) -> str:
    """The label value for an eventType."""
    return _LABELS.get(event_type, OTHER)


def slug(word: str) -> str:
    """A word as label values have it: lower-case ASCII letters and digits, joined by `_`."""
    return re.sub(r"[^a-z0-9]+", "_", word.lower().replace("%", " percent ")).strip("_")
