"""The common vocabulary: what means the same on every platform. One table."""

from exporter.model import Family, Kind

_QUEUE = ("queue_id", "queue")
_QUEUE_CHANNEL = (*_QUEUE, "channel")
_QUEUE_WINDOW = (*_QUEUE, "window")
_CONTACT = (*_QUEUE, "channel", "direction")

AGENT_STATES = ("available", "busy", "after_contact_work", "away", "offline", "other")


def _gauge(name: str, help_text: str, labels: tuple[str, ...], *origins: str) -> Family:
    return Family(f"contactcenter_{name}", Kind.GAUGE, help_text, labels, origins)


def _agent(name: str, help_text: str, labels: tuple[str, ...], *origins: str) -> Family:
    return Family(f"contactcenter_{name}", Kind.GAUGE, help_text, labels, origins, per_agent=True)


def _window(name: str, help_text: str, *origins: str) -> Family:
    text = f"{help_text}, as the platform gives it for a window of its own."
    return _gauge(f"queue_window_{name}", text, _QUEUE_WINDOW, *origins)


def _contacts(name: str, help_text: str, *origins: str) -> Family:
    full = f"contactcenter_contacts_{name}_total"
    return Family(full, Kind.COUNTER, help_text, _CONTACT, origins)


QUEUE_WAITING = _gauge(
    "queue_waiting_contacts",
    "Contacts that wait in the queue now.",
    _QUEUE_CHANNEL,
    "LiveVox service/stats totalCallsInQueue",
)
QUEUE_LONGEST_WAIT = _gauge(
    "queue_longest_wait_seconds",
    "How long the contact at the head of the queue has waited.",
    _QUEUE_CHANNEL,
    "LiveVox service/stats longestCallInQueue",
)
QUEUE_ACTIVE = _gauge(
    "queue_active_contacts",
    "Contacts of the queue that are with an agent now.",
    _QUEUE_CHANNEL,
    "LiveVox service/stats callsWithAgent",
)
QUEUE_AGENTS_LOGGED_IN = _gauge(
    "queue_agents_logged_in",
    "Agents logged in to the queue now.",
    _QUEUE,
    "LiveVox service/stats totalAgents",
)
QUEUE_AGENTS = _gauge(
    "queue_agents",
    "Agents of the queue by state now; who serves several queues counts in each.",
    (*_QUEUE, "state"),
    "LiveVox service/agents/status stateId, state",
)
QUEUE_THRESHOLD = _gauge(
    "queue_service_level_threshold_seconds",
    "The wait up to which a contact counts as answered in time.",
    _QUEUE,
    "LiveVox event/feed and event/feed/sse serviceLevelThreshold",
    "the source's setting service_level_threshold where the platform does not tell it",
)
QUEUE_INFO = Family(
    "contactcenter_queue_info",
    Kind.INFO,
    "A queue and the group it belongs to.",
    (*_QUEUE, "group_id", "group"),
    ("LiveVox service/stats serviceName, callCenterId, callCenterName",),
)

AGENTS = _gauge(
    "agents",
    "Agents by state now, each person once. Sum over reason for all of a state.",
    ("state", "reason"),
    "LiveVox agentEvent/feed eventType, notReadyReasonCode",
    "LiveVox service/agents/status stateId, state, reasonCode",
)
AGENTS_LONGEST_IN_STATE = _gauge(
    "agents_longest_in_state_seconds",
    "How long the agent who has been in the state for longest has been in it.",
    ("state",),
    "LiveVox service/agent/stats agentStatus, stateChangedTime",
    "LiveVox agentEvent/feed eventType, timestamp",
)
AGENT_STATE = _agent(
    "agent_state",
    "1 for the state the agent is in, 0 for the others.",
    ("agent", "state"),
    "LiveVox agentEvent/feed eventType",
    "LiveVox service/agents/status stateId, state",
)
AGENT_STATE_SINCE = _agent(
    "agent_state_since_timestamp_seconds",
    "Since when the agent has been in the present state, Unix time.",
    ("agent",),
    "LiveVox service/agent/stats stateChangedTime",
    "LiveVox agentEvent/feed timestamp",
)

WINDOW_OFFERED = _window(
    "offered_contacts", "Contacts offered to agents", "LiveVox service/stats totalOffered"
)
WINDOW_HANDLED = _window(
    "handled_contacts", "Contacts answered by agents", "LiveVox service/stats totalHandled"
)
WINDOW_ABANDONED = _window(
    "abandoned_contacts", "Contacts abandoned", "LiveVox service/stats totalAbandoned"
)
WINDOW_HANDLED_IN_THRESHOLD = _window(
    "handled_in_threshold_contacts",
    "Contacts answered within the service level's threshold",
    "LiveVox service/stats totalCallsAnsweredWithinSLA",
)
WINDOW_ABANDONED_IN_THRESHOLD = _window(
    "abandoned_in_threshold_contacts",
    "Contacts abandoned within the service level's threshold",
    "LiveVox service/stats totalCallsAbandonedWithinSLA",
)
WINDOW_ABANDON_RATIO = _window(
    "abandon_ratio", "Share of contacts abandoned, 0 to 1", "LiveVox service/stats abandonRate"
)
WINDOW_SERVICE_LEVEL = _window(
    "service_level_ratio", "Service level, 0 to 1", "LiveVox service/stats serviceLevel"
)
WINDOW_ANSWER = _window(
    "answer_seconds",
    "Average time until contacts were answered",
    "LiveVox service/stats averageSpeedOfAnswer",
)
WINDOW_ABANDON = _window(
    "abandon_seconds",
    "Average time until contacts were abandoned",
    "LiveVox service/stats averageDurationToAbandon",
)
WINDOW_TALK = _window(
    "talk_seconds",
    "Average time agents talked per contact",
    "LiveVox service/stats averageTalkDuration",
)
WINDOW_WRAPUP = _window(
    "wrapup_seconds",
    "Average time agents wrapped up per contact",
    "LiveVox service/stats averageWrapupDuration",
)
WINDOW_HANDLE = _window(
    "handle_seconds",
    "Average time agents spent per contact",
    "LiveVox service/stats averageHandleDuration",
)

_EVENTS = "event/feed and event/feed/sse CALL_TERMINATION with operatorTransfer 1"
_ACCUMULATED = "accumulated over days where interaction_events is off"
CONTACTS_OFFERED = _contacts(
    "offered",
    "Contacts offered to agents.",
    f"LiveVox {_EVENTS}",
    f"LiveVox service/stats totalOffered, {_ACCUMULATED}",
)
CONTACTS_HANDLED = _contacts(
    "handled",
    "Contacts answered by agents.",
    f"LiveVox {_EVENTS}, operatorTransferSuccessful 1",
    f"LiveVox service/stats totalHandled, {_ACCUMULATED}",
)
CONTACTS_ABANDONED = _contacts(
    "abandoned",
    "Contacts abandoned before an agent answered.",
    f"LiveVox {_EVENTS}, operatorTransferSuccessful 0",
    f"LiveVox service/stats totalAbandoned, {_ACCUMULATED}",
)
CONTACTS_HANDLED_IN_THRESHOLD = _contacts(
    "handled_in_threshold",
    "Contacts answered within the service level's threshold.",
    f"LiveVox {_EVENTS}, transferHoldDuration up to serviceLevelThreshold",
    f"LiveVox service/stats totalCallsAnsweredWithinSLA, {_ACCUMULATED}",
)
CONTACTS_ABANDONED_IN_THRESHOLD = _contacts(
    "abandoned_in_threshold",
    "Contacts abandoned within the service level's threshold.",
    f"LiveVox {_EVENTS}, transferHoldDuration up to serviceLevelThreshold",
    f"LiveVox service/stats totalCallsAbandonedWithinSLA, {_ACCUMULATED}",
)

CONTACT_WAIT = Family(
    "contactcenter_contact_wait_seconds",
    Kind.HISTOGRAM,
    "How long contacts waited from the offer to the answer, or until they gave up.",
    (*_QUEUE_CHANNEL, "outcome"),
    (f"LiveVox {_EVENTS}, transferHoldDuration",),
)
CONTACT_HANDLE = Family(
    "contactcenter_contact_handle_seconds",
    Kind.HISTOGRAM,
    "How long answered contacts were connected.",
    _QUEUE_CHANNEL,
    (f"LiveVox {_EVENTS}, duration",),
)
AGENT_STATE_SECONDS = Family(
    "contactcenter_agent_state_seconds_total",
    Kind.COUNTER,
    "Time of all agents by state; it grows with everything that the feed of agents' events tells.",
    ("state", "reason"),
    ("LiveVox agentEvent/feed eventType, notReadyReasonCode, timestamp",),
)
