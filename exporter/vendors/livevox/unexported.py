"""Fields of the documented methods that are not exported, each with the reason."""

from exporter.accounts import Unexported

_PERSONAL = "personal data"
_CALL = "identifies one call"
_INTERACTION = "identifies one interaction"
_INTERACTIONS = "event/feed, event/feed/sse"

UNEXPORTED = (
    Unexported("session/login", "sessionId", "a secret"),
    Unexported("session/login", "clientId, userId", "ids of the account itself"),
    Unexported("service/stats", "calls", "its objects are not documented"),
    Unexported(
        "service/agents/status", "agentName", f"{_PERSONAL}; it joins agent/stats to logins"
    ),
    Unexported("service/agents/status", "account, phone", _PERSONAL),
    Unexported("service/agents/status", "transactionId, sessionId", _CALL),
    Unexported(
        "service/agents/status",
        "stateChangedAfter",
        "in the documented sample it is the time of the answer; its meaning is not stated",
    ),
    Unexported(
        "service/agents/status",
        "inboundCalls, outboundCalls",
        "null in the documented sample; agent/stats/ex has both",
    ),
    Unexported("service/agents/status", "agentSkill", "null in the documented sample"),
    Unexported(
        "service/agents/status",
        "callCenterId, callCenterName",
        "on contactcenter_queue_info, from service/stats",
    ),
    Unexported("service/calls/status", "name, account, phone", _PERSONAL),
    Unexported("service/calls/status", "priority", "of one call; its scale is not stated"),
    Unexported("service/agent/stats", "agentName", _PERSONAL),
    Unexported(
        "service/agent/stats, service/agent/stats/ex",
        "totalNotReadyDuration",
        "the sum of the six not-ready durations, which are exported",
    ),
    Unexported("service/agent/stats/ex", "agentName", _PERSONAL),
    Unexported(
        "service/agent/stats/ex",
        "callCenterId",
        "on contactcenter_queue_info, from service/stats",
    ),
    Unexported("agentEvent/feed, event/feed, event/feed/sse", "token", "where a feed goes on"),
    Unexported(
        "agentEvent/feed, event/feed, event/feed/sse",
        "eventId",
        "tells an event that comes again from a new one",
    ),
    Unexported(
        "agentEvent/feed, event/feed, event/feed/sse, callData/inCall, callData/postCall",
        "clientId",
        "the account itself",
    ),
    Unexported("agentEvent/feed", "seqNum", "puts events of one time in order"),
    Unexported(
        "agentEvent/feed",
        "lineNumber",
        "chooses the line that calls are distributed to, which alone makes an agent's state",
    ),
    Unexported(
        "agentEvent/feed", "agentId", f"{_PERSONAL}; joined to the login where agents are shown"
    ),
    Unexported(
        "agentEvent/feed",
        "agentServiceId",
        "chooses the included services; agents by queue are those of service/agents/status",
    ),
    Unexported("agentEvent/feed", "agentTeamId", "the name of a team is in no list that is read"),
    Unexported("agentEvent/feed", "agent2Id", "another agent of one transfer"),
    Unexported(
        "agentEvent/feed", "transactionId, sessionId", f"{_CALL}; callData is asked with them"
    ),
    Unexported(
        "agentEvent/feed", "phoneNumber, supervisorPhoneNumber, supervisorSessionId", _PERSONAL
    ),
    Unexported(
        "agentEvent/feed",
        "callServiceId, campaignType, result",
        "of the call that an agent has; calls are counted by event/feed or callData",
    ),
    Unexported(
        _INTERACTIONS,
        "account, accountNumber, phoneDialed, phoneNumber, operatorPhone, callerId, fromEmail,"
        " toEmail, areaCodeState, zipCode",
        _PERSONAL,
    ),
    Unexported(_INTERACTIONS, "agentId, agentLoginId", f"{_PERSONAL}: one agent's calls"),
    Unexported(
        _INTERACTIONS, "transactionId, sessionId, acctTransactionId, threadId", _INTERACTION
    ),
    Unexported(
        _INTERACTIONS,
        "start, end, callStartTime",
        "times of one call; its durations are in the histograms",
    ),
    Unexported(
        _INTERACTIONS,
        "callCenterId",
        "on contactcenter_queue_info, from service/stats; chooses the included ones",
    ),
    Unexported(
        _INTERACTIONS,
        "campaignId",
        "too many in a month for a counter that is never dropped; campaignType is exported",
    ),
    Unexported(_INTERACTIONS, "campaignTypeId, lvResultId", "numbers of campaignType and lvResult"),
    Unexported(_INTERACTIONS, "carrier, smsCode", "who carried one message"),
    Unexported(_INTERACTIONS, "agentSkillId, phonePosition, priority", "of one call"),
    Unexported(
        _INTERACTIONS,
        "agentActionType, callOutcome1, callOutcome2, callOutcome3, customOutcome1,"
        " customOutcome2, customOutcome3",
        "named in the documentation without their meaning; free texts of a customer",
    ),
    Unexported("callData/inCall, callData/postCall", "callCenterId", "on contactcenter_queue_info"),
    Unexported("callData/inCall", "account, totalDue, zipCode, consumer", _PERSONAL),
    Unexported("callData/inCall", "callStartTime", "the time of one call"),
    Unexported("callData/postCall", "callEndTime", "the time of one call"),
    Unexported("callData/postCall", "phoneDialed", _PERSONAL),
    Unexported("campaign search", "uploadDate", "chooses the campaigns of the last 30 days"),
    Unexported("configuration lists", "clientId", "the account itself"),
)
