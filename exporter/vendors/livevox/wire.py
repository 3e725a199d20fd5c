"""The documents of LiveVox: the fields that are read, with every type they were seen in.

Ids are numbers or strings, numbers may be strings, and anything may be null, the text "null",
blank or missing; `decoding` reads all of these. Attributes carry the vendor's own names.
Source: the Real-Time Reporting, Configuration, Campaign and Session API pages.
"""

from datetime import datetime

import msgspec

from exporter.decoding import (
    Duration,
    Flag,
    Id,
    Number,
    RowDecoder,
    Switch,
    Text,
    Whole,
    identity,
    text,
)

NO_ID = frozenset({None, "", "null", "NULL", "Null"})  # as LiveVox may write that there is none
FULL_PAGE = 1000  # events of one page of a feed at most
MILLISECONDS_FROM = 1e12  # a time at least this large is in milliseconds, a smaller in seconds


class ServiceStats(msgspec.Struct, frozen=True, gc=False):
    """One service of service/stats."""

    serviceId: Id = None
    serviceName: Text = None
    callCenterId: Id = None
    callCenterName: Text = None
    cip: Number = None
    totalOffered: Number = None
    totalHandled: Number = None
    totalAbandoned: Number = None
    abandonRate: Number = None
    serviceLevel: Number = None
    averageSpeedOfAnswer: Number = None
    averageDurationToAbandon: Number = None
    averageTalkDuration: Number = None
    averageWrapupDuration: Number = None
    averageHandleDuration: Number = None
    totalCallsAnsweredWithinSLA: Number = None
    totalCallsAbandonedWithinSLA: Number = None
    pacingMethod: Text = None
    throttle: Number = None
    units: Text = None
    totalCallsInQueue: Number = None
    callsWithAgent: Number = None
    totalAgents: Number = None
    longestCallInQueue: Number = None
    maxHoldTime: Number = None
    loaded: Number = None
    remaining: Number = None
    playingDialable: Number = None
    percentComplete: Number = None


class AgentDetail(msgspec.Struct, frozen=True, gc=False):
    """One agent in one service, of service/agents/status."""

    serviceId: Id = None
    serviceName: Text = None
    callCenterId: Id = None
    agentLoginId: Id = None
    agentName: Text = None
    state: Text = None
    stateId: Number = None
    reasonCode: Text = None
    callType: Text = None
    isAgentMonitored: Flag = None


class CallDetail(msgspec.Struct, frozen=True, gc=False):
    """One call on hold, of service/calls/status."""

    serviceId: Id = None
    serviceName: Text = None
    timeStamp: Number = None
    agentSkill: Id = None


class AgentAverages(msgspec.Struct, frozen=True, gc=False):
    """One point of service/agents/averages; it does not say of which service."""

    timeStamp: Number = None
    averageReadyTime: Number = None
    averageNotReadyTime: Number = None
    averageTalkTime: Number = None
    averageWrapupTime: Number = None
    averagePreviewDialTime: Number = None
    averageManualDialTime: Number = None
    averageHoldTime: Number = None
    averageTransferringTime: Number = None
    averageRegisteringTime: Number = None
    averageDialingTime: Number = None
    averageReservedTime: Number = None


class LiveConnects(msgspec.Struct, frozen=True, gc=False):
    """One point of service/liveConnects; it does not say of which service."""

    timeStamp: Number = None
    total: Number = None


class AgentTotals(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What an agent did today, in service/agent/stats and in each service of stats/ex."""

    inboundCalls: Number = None
    outboundCalls: Number = None
    readyDuration: Number = None
    talkDuration: Number = None
    wrapupDuration: Number = None
    notReadyLunchDuration: Number = None
    notReadyTrainingDuration: Number = None
    notReadyBreakDuration: Number = None
    notReadyMeetingDuration: Number = None
    notReadyTechDiffDuration: Number = None
    notReadyOtherDuration: Number = None
    rpcComplete: Number = None
    rpcIncomplete: Number = None
    wpc: Number = None
    nonContacts: Number = None


class AgentStats(AgentTotals, frozen=True, gc=False, kw_only=True):
    """One agent of service/agent/stats, the older method: no login, no service."""

    agentName: Text = None
    agentStatus: Text = None
    stateChangedTime: Number = None


class ServiceAgentStats(AgentTotals, frozen=True, gc=False, kw_only=True):
    """One service of one agent of service/agent/stats/ex."""

    id: Id = None
    callCenterId: Id = None


class AgentStatsEx(msgspec.Struct, frozen=True, gc=False):
    """One agent of service/agent/stats/ex; `services` is decoded in a second step."""

    agentLoginId: Id = None
    services: msgspec.Raw = msgspec.Raw(b"[]")


class TimezoneCount(msgspec.Struct, frozen=True, gc=False):
    """Records of one time zone."""

    timezone: Text = None
    count: Number = None


class CampaignStats(msgspec.Struct, frozen=True, gc=False):
    """One campaign of campaign/stats; `timezoneBreakdown` is decoded in a second step."""

    campaignId: Id = None
    serviceId: Id = None
    uploaded: Number = None
    loaded: Number = None
    remaining: Number = None
    completed: Number = None
    timezoneBreakdown: msgspec.Raw = msgspec.Raw(b"[]")


class CallCenter(msgspec.Struct, frozen=True, gc=False):
    """One call center of the configuration."""

    callCenterId: Id = None
    name: Text = None


class Service(msgspec.Struct, frozen=True, gc=False):
    """One service of the configuration."""

    serviceId: Id = None
    name: Text = None


class Campaign(msgspec.Struct, frozen=True, gc=False):
    """One campaign of the campaign search."""

    id: Id = None
    name: Text = None
    typeId: Id = None
    serviceId: Id = None
    status: Text = None


class Agent(msgspec.Struct, frozen=True, gc=False):
    """One agent of the configuration."""

    id: Id = None
    loginId: Id = None


class AgentEvent(msgspec.Struct, frozen=True, gc=False):
    """One event of agentEvent/feed. The times are milliseconds."""

    eventId: Id = None
    timestamp: Whole = None
    seqNum: Whole = None
    agentId: Id = None
    agentServiceId: Id = None
    lineNumber: Text = None
    eventType: Text = None
    notReadyReasonCode: Text = None
    callServiceId: Id = None
    transactionId: Id = None
    sessionId: Text = None


class InteractionEvent(msgspec.Struct, frozen=True, gc=False):
    """One event of event/feed or event/feed/sse, of any channel. Durations are seconds."""

    eventId: Id = None
    interactionType: Text = None
    callEventType: Text = None
    eventType: Text = None
    timestamp: datetime | None = None
    serviceId: Id = None
    callCenterId: Id = None
    campaignType: Text = None
    callDirection: Text = None
    transactionId: Id = None
    sessionId: Text = None
    lvResult: Text = None
    operatorTransfer: Switch = None
    operatorTransferSuccessful: Switch = None
    transferHoldDuration: Duration = None
    serviceLevelThreshold: Duration = None
    duration: Duration = None
    roundedIvrDuration: Duration = None


SERVICE_STATS = RowDecoder(
    "stats", ServiceStats, ("serviceId",), lambda row: identity(row.serviceId) != ""
)
AGENT_DETAILS = RowDecoder(
    "agentDetails",
    AgentDetail,
    ("serviceId", "agentLoginId"),
    lambda row: identity(row.serviceId) != "" and identity(row.agentLoginId) != "",
)
CALL_DETAILS = RowDecoder(
    "callsDetails", CallDetail, ("serviceId",), lambda row: identity(row.serviceId) != ""
)
AGENT_AVERAGES = RowDecoder(
    "agentAverages", AgentAverages, ("timeStamp",), lambda row: row.timeStamp is not None
)
LIVE_CONNECTS = RowDecoder(
    "liveConnects", LiveConnects, ("timeStamp",), lambda row: row.timeStamp is not None
)
AGENT_STATS = RowDecoder(
    "agentStatistics", AgentStats, ("agentName",), lambda row: text(row.agentName) != ""
)
AGENT_STATS_EX = RowDecoder(
    "agentStatistics",
    AgentStatsEx,
    ("agentLoginId",),
    lambda row: identity(row.agentLoginId) != "",
)
AGENT_SERVICES = RowDecoder(
    "services", ServiceAgentStats, ("id",), lambda row: identity(row.id) != ""
)
CAMPAIGN_STATS = RowDecoder(
    "stats", CampaignStats, ("campaignId",), lambda row: identity(row.campaignId) != ""
)
TIMEZONES = RowDecoder(
    "timezoneBreakdown", TimezoneCount, ("timezone",), lambda row: text(row.timezone) != ""
)
CALL_CENTERS = RowDecoder(
    "callCenter", CallCenter, ("callCenterId",), lambda row: identity(row.callCenterId) != ""
)
SERVICES = RowDecoder("service", Service, ("serviceId",), lambda row: identity(row.serviceId) != "")
AGENTS = RowDecoder("agent", Agent, ("id",), lambda row: identity(row.id) != "")
AGENT_EVENTS = RowDecoder(
    "agentEvent",
    AgentEvent,
    ("agentId", "timestamp"),
    lambda row: row.timestamp is not None and row.agentId not in NO_ID,
    beside=("token",),
    optional=True,
)
INTERACTIONS = RowDecoder(
    "events",
    InteractionEvent,
    ("eventId",),
    lambda row: row.eventId is not None or row.timestamp is not None,
    beside=("token",),
    optional=True,
)
CAMPAIGNS = RowDecoder("campaign", Campaign, ("id",), lambda row: identity(row.id) != "")


def unix_seconds(time: float | None) -> float | None:
    """A time of any unit LiveVox uses, as Unix seconds; none where it is 0, which is no time."""
    if not time:
        return None
    return time / 1000 if time >= MILLISECONDS_FROM else time
