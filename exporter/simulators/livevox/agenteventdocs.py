"""Documents of the agent event feed, with the types of the public sample."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from exporter.simulators.livevox.agentdocs import call_session
from exporter.simulators.livevox.callresults import result_of
from exporter.simulators.livevox.sessions import CLIENT_ID
from exporter.simulators.livevox.vocabulary import CALL_TYPES
from exporter.simulators.world import Agent, Call

Document = dict[str, Any]
_NO_TEAM_EVERY = 9


class AgentEventDocuments:
    """Writes events; the numbers of each agent's rise by one from event to event."""

    def __init__(self) -> None:
        self._sequences: dict[int, Iterator[int]] = {}

    def write(
        self,
        at_ms: int,
        agent: Agent,
        service_id: int,
        event_type: str,
        line: str | None,
        fields: Document,
    ) -> Document:
        """An event; one without a line carries no lineNumber."""
        document: Document = {
            "timestamp": at_ms,
            "clientId": CLIENT_ID,
            "agentId": agent.id,
            "agentServiceId": service_id,
        }
        if agent.id % _NO_TEAM_EVERY:
            document["agentTeamId"] = agent.team
        if line is not None:
            document["lineNumber"] = line
        number = next(self._sequences.setdefault(agent.id, count(1 + agent.id % 50)))
        event_id = f"cid={CLIENT_ID}:aid={agent.id}:time={at_ms}:seq={number}"
        return {
            **document,
            "eventType": event_type,
            **fields,
            "seqNum": number,
            "eventId": event_id,
        }


def call_fields(call: Call, event_type: str) -> Document:
    """What an event of a call carries of it; its result only when the agent wraps up."""
    fields: Document = {
        "callServiceId": call.queue.id,
        "transactionId": call.id,
        "sessionId": call_session(call),
        "phoneNumber": call.customer.phone,
    }
    if event_type == "WRAP_UP":
        fields["result"] = result_of(call)[1]
    return {**fields, "campaignType": CALL_TYPES[call.type]}
