"""The metric families that only LiveVox has. One table."""

from exporter.model import Family, Kind

QUEUE = ("queue_id", "queue")
WINDOW = (*QUEUE, "window")
CAMPAIGN = ("campaign_id", *QUEUE)
TODAY = "today"


def _gauge(name: str, help_text: str, labels: tuple[str, ...], origin: str) -> Family:
    return Family(f"livevox_{name}", Kind.GAUGE, help_text, labels, (f"LiveVox {origin}",))


def _agent(name: str, help_text: str, labels: tuple[str, ...], origin: str) -> Family:
    origins = (f"LiveVox {origin}",)
    return Family(f"livevox_{name}", Kind.GAUGE, help_text, labels, origins, per_agent=True)


CALLS_IN_PROGRESS = _gauge(
    "queue_calls_in_progress", "Calls of the service in progress now.", QUEUE, "service/stats cip"
)
MAX_HOLD = _gauge(
    "queue_max_hold_seconds",
    "The longest wait that the service is configured for.",
    QUEUE,
    "service/stats maxHoldTime",
)
THROTTLE = _gauge(
    "queue_pacing_throttle",
    "Limit of the pacing method in its unit; where the unit is percent, a ratio from 0 to 1.",
    (*QUEUE, "unit"),
    "service/stats throttle, units",
)
PACING = Family(
    "livevox_queue_pacing_info",
    Kind.INFO,
    "How calls of the service are paced.",
    (*QUEUE, "method"),
    ("LiveVox service/stats pacingMethod",),
)
RECORDS_LOADED = _gauge(
    "queue_records_loaded",
    "Records accepted for dialing today.",
    QUEUE,
    "service/stats loaded",
)
RECORDS_REMAINING = _gauge(
    "queue_records_remaining", "Records still to dial today.", QUEUE, "service/stats remaining"
)
PLAYING_DIALABLE = _gauge(
    "queue_records_playing_dialable",
    "Records of playing campaigns that can be dialed now.",
    QUEUE,
    "service/stats playingDialable",
)
COMPLETE = _gauge(
    "queue_complete_ratio",
    "Share of the loaded records that is done, 0 to 1; 1 when nothing is loaded.",
    QUEUE,
    "service/stats percentComplete",
)

AGENTS_MONITORED = _gauge(
    "agents_monitored",
    "Agents that a supervisor listens to now, each person once.",
    (),
    "service/agents/status isAgentMonitored",
)
AGENTS_ON_CALL = _gauge(
    "agents_on_call",
    "Agents by the type of the call they have now, each person once.",
    ("call_type",),
    "service/agents/status callType",
)

CALLS_ON_HOLD = _gauge(
    "queue_calls_on_hold",
    "Calls on hold now; one line without a skill where there is none.",
    (*QUEUE, "skill"),
    "service/calls/status callsDetails, agentSkill",
)
LONGEST_HOLD = _gauge(
    "queue_longest_hold_seconds",
    "How long the call on hold for longest has been; 0 where none is.",
    QUEUE,
    "service/calls/status timeStamp",
)

WINDOW_AGENT_STATE = _gauge(
    "queue_window_agent_state_seconds",
    "Average time agents spent in a state, as LiveVox gives it; its newest point.",
    (*QUEUE, "state", "window"),
    "service/agents/averages averageReadyTime, averageNotReadyTime, averageTalkTime,"
    " averageWrapupTime, averagePreviewDialTime, averageManualDialTime, averageHoldTime,"
    " averageTransferringTime, averageRegisteringTime, averageDialingTime, averageReservedTime",
)
RIGHT_PARTY_CONNECTS = _gauge(
    "queue_window_right_party_connects",
    "Right-party connects of the 30 minutes before the newest point.",
    WINDOW,
    "service/liveConnects total",
)

_DURATIONS = (
    "readyDuration, talkDuration, wrapupDuration, notReadyLunchDuration, notReadyTrainingDuration,"
    " notReadyBreakDuration, notReadyMeetingDuration, notReadyTechDiffDuration,"
    " notReadyOtherDuration"
)
_OUTCOMES = "rpcComplete, rpcIncomplete, wpc, nonContacts"
QUEUE_AGENT_SECONDS = _gauge(
    "queue_window_agent_seconds",
    "Time of all agents of the service by state and not-ready reason today.",
    (*QUEUE, "state", "reason", "window"),
    f"service/agent/stats/ex {_DURATIONS}",
)
QUEUE_CALLS = _gauge(
    "queue_window_calls",
    "Calls of all agents of the service today.",
    (*QUEUE, "direction", "window"),
    "service/agent/stats/ex inboundCalls, outboundCalls",
)
QUEUE_OUTCOMES = _gauge(
    "queue_window_call_outcomes",
    "Calls of all agents of the service by outcome today.",
    (*QUEUE, "outcome", "window"),
    f"service/agent/stats/ex {_OUTCOMES}",
)
AGENT_SECONDS = _agent(
    "agent_window_seconds",
    "Time of one agent in the service by state and not-ready reason today.",
    ("agent", *QUEUE, "state", "reason", "window"),
    f"service/agent/stats/ex {_DURATIONS}",
)
AGENT_CALLS = _agent(
    "agent_window_calls",
    "Calls of one agent in the service today.",
    ("agent", *QUEUE, "direction", "window"),
    "service/agent/stats/ex inboundCalls, outboundCalls",
)
AGENT_OUTCOMES = _agent(
    "agent_window_call_outcomes",
    "Calls of one agent in the service by outcome today.",
    ("agent", *QUEUE, "outcome", "window"),
    f"service/agent/stats/ex {_OUTCOMES}",
)
SOURCE_AGENT_SECONDS = _gauge(
    "source_window_agent_seconds",
    "Time of the agents logged in now by state and not-ready reason today; only while"
    " agent_stats_ex is off.",
    ("state", "reason", "window"),
    f"service/agent/stats {_DURATIONS}",
)
SOURCE_CALLS = _gauge(
    "source_window_calls",
    "Calls of the agents logged in now today; only while agent_stats_ex is off.",
    ("direction", "window"),
    "service/agent/stats inboundCalls, outboundCalls",
)
SOURCE_OUTCOMES = _gauge(
    "source_window_call_outcomes",
    "Calls of the agents logged in now by outcome today; only while agent_stats_ex is off.",
    ("outcome", "window"),
    f"service/agent/stats {_OUTCOMES}",
)

CAMPAIGN_UPLOADED = _gauge(
    "campaign_records_uploaded",
    "Records in the campaign's uploaded file.",
    CAMPAIGN,
    "campaign/stats uploaded",
)
CAMPAIGN_LOADED = _gauge(
    "campaign_records_loaded",
    "Records of the campaign accepted for dialing; missing while it is built.",
    CAMPAIGN,
    "campaign/stats loaded",
)
CAMPAIGN_REMAINING = _gauge(
    "campaign_records_remaining",
    "Records of the campaign still to dial.",
    CAMPAIGN,
    "campaign/stats remaining",
)
CAMPAIGN_COMPLETED = _gauge(
    "campaign_records_completed",
    "Records of the campaign for which dialing is complete; missing while it is built.",
    CAMPAIGN,
    "campaign/stats completed",
)
CAMPAIGN_TIMEZONES = _gauge(
    "campaign_timezone_records",
    "Records of the campaign by time zone.",
    (*CAMPAIGN, "timezone"),
    "campaign/stats timezoneBreakdown",
)
CAMPAIGN_INFO = Family(
    "livevox_campaign_info",
    Kind.INFO,
    "A campaign of the last 30 days.",
    ("campaign_id", "campaign", "status", "type", *QUEUE),
    ("LiveVox campaign search id, name, status, typeId, serviceId",),
)
DIRECTORY_TRUNCATED = _gauge(
    "directory_truncated",
    "1 while a list of call centers, services or campaigns could not be read to its end.",
    (),
    "configuration and campaign lists, next",
)
INTERACTIONS = Family(
    "livevox_interactions_total",
    Kind.COUNTER,
    "Interaction events by what they say; a call has several.",
    (*QUEUE, "channel", "event", "direction", "campaign_type", "result"),
    (
        "LiveVox event/feed and event/feed/sse interactionType, callEventType, eventType",
        "callDirection, campaignType, lvResult",
    ),
)
IVR = Family(
    "livevox_ivr_seconds",
    Kind.HISTOGRAM,
    "Time that ended calls had spent in the IVR, rounded by LiveVox.",
    QUEUE,
    ("LiveVox event/feed and event/feed/sse roundedIvrDuration of CALL_TERMINATION",),
)
AGENT_EVENTS = Family(
    "livevox_agent_events_total",
    Kind.COUNTER,
    "Events of agents on every line; other where nobody documented the type.",
    ("event",),
    ("LiveVox agentEvent/feed eventType",),
)
ANNOUNCED_CALLS = _gauge(
    "calls_in_progress",
    "Calls that the agent feed announced and that have not ended, as far as they were read."
    " Experimental.",
    (*QUEUE, "direction"),
    "callData/inCall serviceId, callDirectionOutbound",
)
COMPLETED_CALLS = Family(
    "livevox_completed_calls_total",
    Kind.COUNTER,
    "Calls that the agent feed announced and that have ended, by their result. Experimental.",
    (*QUEUE, "result", "term_code"),
    ("LiveVox callData/postCall serviceId, lvResult, termCodeName",),
)
UNREAD_CALLS = Family(
    "livevox_completed_calls_unread_total",
    Kind.COUNTER,
    "Ended calls that were given up, as they could not be read within 60 s. Experimental.",
    (),
    ("LiveVox agentEvent/feed transactionId without callData/postCall",),
)
PASSWORD_EXPIRY = _gauge(
    "password_expiry_timestamp_seconds",
    "When the password of the account's user expires, Unix time.",
    (),
    "session login daysUntilPasswordExpires",
)
