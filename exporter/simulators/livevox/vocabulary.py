"""LiveVox's words and numbers for what the scenario knows."""

from exporter.simulators.campaigns import Campaign, CampaignStatus
from exporter.simulators.states import AgentState, CallType, Outcome, Reason
from exporter.simulators.world import Pacing

STATES: dict[AgentState, tuple[int, str]] = {
    AgentState.OFFLINE: (0, "Logoff"),
    AgentState.LOGON: (1, "Logon"),
    AgentState.READY: (2, "Ready"),
    AgentState.NOT_READY: (3, "Not Ready"),
    AgentState.IN_CALL: (4, "In Call"),
    AgentState.WRAP_UP: (5, "Wrap Up"),
    AgentState.TRANSFERRING: (6, "Transferring"),
    AgentState.MANUAL_DIAL: (7, "Manual Dial"),
    AgentState.PREVIEW_DIAL: (8, "Preview Dial"),
    AgentState.DIALING: (9, "Dialing"),
    AgentState.REGISTERING: (10, "Registering"),
    AgentState.HOLD: (11, "Hold"),
    AgentState.RESERVED: (12, "Reserved"),
}
"""stateId and state of agents/status."""

REASONS: dict[Reason, str] = {
    Reason.NONE: "",
    Reason.LUNCH: "Lunch",
    Reason.TRAINING: "Training",
    Reason.BREAK: "Break",
    Reason.MEETING: "Meeting",
    Reason.TECH_DIFFICULTIES: "Tech Difficulties",
    Reason.OTHER: "Other",
}
"""reasonCode of agents/status."""

REASON_FIELDS: dict[str, Reason] = {
    "notReadyLunchDuration": Reason.LUNCH,
    "notReadyTrainingDuration": Reason.TRAINING,
    "notReadyBreakDuration": Reason.BREAK,
    "notReadyMeetingDuration": Reason.MEETING,
    "notReadyTechDiffDuration": Reason.TECH_DIFFICULTIES,
    "notReadyOtherDuration": Reason.OTHER,
}

AVERAGE_FIELDS: dict[str, AgentState] = {
    "averageReadyTime": AgentState.READY,
    "averageNotReadyTime": AgentState.NOT_READY,
    "averageTalkTime": AgentState.IN_CALL,
    "averageWrapupTime": AgentState.WRAP_UP,
    "averagePreviewDialTime": AgentState.PREVIEW_DIAL,
    "averageManualDialTime": AgentState.MANUAL_DIAL,
    "averageHoldTime": AgentState.HOLD,
    "averageTransferringTime": AgentState.TRANSFERRING,
    "averageRegisteringTime": AgentState.REGISTERING,
    "averageDialingTime": AgentState.DIALING,
    "averageReservedTime": AgentState.RESERVED,
}

OUTCOME_FIELDS: dict[str, Outcome] = {
    "rpcComplete": Outcome.RIGHT_PARTY_COMPLETE,
    "rpcIncomplete": Outcome.RIGHT_PARTY_INCOMPLETE,
    "wpc": Outcome.WRONG_PARTY,
    "nonContacts": Outcome.NON_CONTACT,
}

CALL_TYPES: dict[CallType, str] = {
    CallType.INBOUND: "INBOUND",
    CallType.OUTBOUND: "OUTBOUND",
    CallType.MANUAL: "MANUAL",
    CallType.PREVIEW: "PREVIEW",
}

PACING: dict[Pacing, tuple[str, str]] = {
    Pacing.ABANDON_RATE: ("Abandon Rate", "%"),
    Pacing.LINES_PER_AGENT: ("Agent", "lines"),
    Pacing.CALLS_IN_PROGRESS: ("Max CIP", "calls"),
}
"""pacingMethod and units; only those of calls in progress are publicly known."""

STATUSES: dict[CampaignStatus, tuple[str, str]] = {
    CampaignStatus.UNBUILT: ("UNASSIGNED", "SCHEDULED_UNBUILT"),
    CampaignStatus.BUILDING: ("PREBUILT", "LOADING"),
    CampaignStatus.PLAYING: ("PLAYING", "PLAYING"),
    CampaignStatus.PAUSED: ("PAUSED", "PAUSED"),
    CampaignStatus.COMPLETED: ("COMPLETED", "DONE"),
}
"""status of a campaign, and the state that finds it in a search."""

SEARCH_STATES = (
    "LOADING",
    "SCHEDULED_UNBUILT",
    "READY_UNBUILT",
    "SCHEDULED",
    "READY",
    "REPORTED",
    "DONE",
    "PLAYING",
    "PAUSED",
)

OUTBOUND_TYPE_ID = 1
MANUAL_TYPE_ID = 5


def type_id(campaign: Campaign) -> int:
    """typeId of a campaign."""
    return MANUAL_TYPE_ID if campaign.dials_by_hand else OUTBOUND_TYPE_ID
