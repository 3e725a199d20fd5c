"""The words of interaction events in the common vocabulary."""

from exporter.decoding import text
from exporter.labels import OTHER, slug

VOICE = "voice"
KINDS = ("call_start", "call_termination", "call_disposition", "attempt", OTHER)
CHANNELS = ("voice", "chat", "email", "sms", "social")
DIRECTIONS = ("inbound", "outbound")
# an agent places a manual call
_DIRECTION_OF = {"inbound": "inbound", "outbound": "outbound", "manual": "outbound"}
_DIRECTION_OF_CAMPAIGN = {
    "inbound": "inbound",
    "callback": "inbound",
    "outbound": "outbound",
    "manual": "outbound",
    "hci": "outbound",
    "preview": "outbound",
    "schedule_call_back": "outbound",
    "ob": "outbound",
}


def direction_of(call_direction: str | None, campaign_type: str | None) -> str:
    """Inbound or outbound: as the event says, else by its campaign; empty where neither tells."""
    told = _DIRECTION_OF.get(slug(text(call_direction)))
    return told or _DIRECTION_OF_CAMPAIGN.get(slug(text(campaign_type)), "")


def channel_of(interaction_type: str | None) -> str:
    """The canonical channel of an interactionType, in any case; `other` where it is none."""
    word = slug(text(interaction_type))
    return word if word in CHANNELS else OTHER


def kind_of(call_event_type: str | None, event_type: str | None) -> str:
    """The kind of an event; `other` where nobody documented it."""
    word = slug(text(call_event_type) or text(event_type))
    return word if word in KINDS else OTHER
