"""Fields of the documented methods that are not exported, each with the reason."""

from exporter.feeds import Unexported

_PERSONAL = "personal data"
_CALL = "identifies one call"

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
    Unexported("campaign search", "uploadDate", "chooses the campaigns of the last 30 days"),
    Unexported("configuration lists", "clientId", "the account itself"),
)
