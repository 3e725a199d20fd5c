"""The event types of agents, and the state that each puts an agent into."""

from collections.abc import Mapping
from enum import Enum

from exporter.labels import OTHER
from exporter.vendors.livevox.agent_time import State, in_state, name_and_reason


class Effect(Enum):
    """What an event type does that sets no state of its own."""

    NONE = "none"
    GONE = "gone"
    AWAY = "away"  # the reason is the event's


_OTHER = in_state("other")
_IN_CALL = in_state("busy", "in_call")
_TRANSFERRING = in_state("busy", "transferring")
_PREVIEW = in_state("busy", "preview_dial")
_TRANSFERS: Mapping[str, State | Effect] = {
    "initiated": _TRANSFERRING,
    "connected": _TRANSFERRING,
    "conferenced": _TRANSFERRING,
    "hold": _TRANSFERRING,
    "resumed": _TRANSFERRING,
    "reconnected": _IN_CALL,
    "complete": Effect.NONE,
}
EFFECTS: Mapping[str, State | Effect] = {
    "logon": _OTHER,
    "logoff": Effect.GONE,
    "registering": _OTHER,
    "ready": in_state("available"),
    "not_ready": Effect.AWAY,
    "reserved": in_state("busy", "reserved"),
    "dialing": in_state("busy", "dialing"),
    "manual_dial": in_state("busy", "manual_dial"),
    "preview_dial_offered": _PREVIEW,
    "preview_dial_accepted": _PREVIEW,
    "preview_dial_skipped": Effect.NONE,
    "in_call": _IN_CALL,
    "agent_hold": in_state("busy", "hold"),
    "agent_resumed": _IN_CALL,
    "transferring": _TRANSFERRING,
    "wrap_up": in_state("after_contact_work"),
    "agent_transfer_failed": _IN_CALL,
    **{
        f"agent_transfer_{step}_{to}": effect
        for step, effect in _TRANSFERS.items()
        for to in ("supervisor", "agent2")
    },
    OTHER: Effect.NONE,
}
"""By the slug of the documented types; `other` stands for the rest."""

STATES = (
    in_state("available"),
    in_state("after_contact_work"),
    in_state("away"),
    in_state("other"),
    *sorted(
        {
            effect
            for effect in EFFECTS.values()
            if not isinstance(effect, Effect) and name_and_reason(effect)[1]
        }
    ),
)
"""The states that time is counted for from the start."""
