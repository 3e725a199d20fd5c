"""Realtime documents about agents, with the types of the public samples."""

from typing import Any

from exporter.simulators.livevox.selection import Selection
from exporter.simulators.livevox.vocabulary import (
    CALL_TYPES,
    OUTCOME_FIELDS,
    REASON_FIELDS,
    REASONS,
    STATES,
)
from exporter.simulators.people import CALL_SESSION_HOST
from exporter.simulators.scenario import Scenario
from exporter.simulators.states import AgentState
from exporter.simulators.tallies import Tally
from exporter.simulators.world import Agent, Call, Desk, Queue

Document = dict[str, Any]


def call_session(call: Call) -> str:
    """sessionId of a call."""
    return f"U{call.id:X}T{call.queue.id:X}{CALL_SESSION_HOST}"


def agents_status(scenario: Scenario, selection: Selection) -> Document:
    """agents/status: one row for each agent who is logged in, in each of his services."""
    after = selection.changed_after_ms
    return {
        "agentDetails": [
            _status_row(scenario, desk)
            for queue in selection.queues(scenario)
            for desk in queue.desks
            if desk.tally.state is not AgentState.OFFLINE
            and (after is None or scenario.ms(desk.tally.since) > after)
        ],
        "timeStamp": scenario.now_ms,
    }


def _status_row(scenario: Scenario, desk: Desk) -> Document:
    agent, queue = desk.agent, desk.queue
    state_id, state = STATES[desk.tally.state]
    call = agent.call if agent.call is not None and agent.call.queue is queue else None
    return {
        "serviceId": queue.id,
        "serviceName": queue.name,
        "agentLoginId": agent.login,
        "agentName": agent.name,
        "state": state,
        "stateId": state_id,
        "reasonCode": REASONS[desk.tally.reason],
        "callType": CALL_TYPES[call.type] if call else None,
        "stateChangedAfter": scenario.ms(desk.tally.since),
        "inboundCalls": None,
        "outboundCalls": None,
        "isAgentMonitored": agent.monitored,
        "transactionId": call.id if call else None,
        "sessionId": call_session(call) if call else None,
        "account": call.customer.account if call else None,
        "agentSkill": (call.skill or None) if call else None,
        "phone": call.customer.phone if call else None,
        "callCenterId": str(queue.call_center.id),
        "callCenterName": queue.call_center.name,
    }


def agent_stats(scenario: Scenario, selection: Selection) -> Document:
    """agent/stats, the older method: agents logged in now, by name alone, over all services."""
    agents = _agents(selection.queues(scenario), present=False)
    return {
        "agentStatistics": [
            {
                "agentName": agent.name,
                "agentStatus": STATES[agent.tally.state][1],
                "stateChangedTime": scenario.ms(agent.tally.since),
                **_durations(agent.tally, scenario.tick),
            }
            for agent in agents
        ]
    }


def agent_stats_ex(scenario: Scenario, selection: Selection) -> Document:
    """agent/stats/ex: every agent who was logged in today, by service."""
    queues = selection.queues(scenario)
    shown = set(queues)
    return {
        "agentStatistics": [
            {
                "services": [
                    {
                        "id": desk.queue.id,
                        "callCenterId": str(desk.queue.call_center.id),
                        **_durations(desk.tally, scenario.tick),
                    }
                    for desk in agent.desks
                    if desk.tally.present and desk.queue in shown
                ],
                "agentName": agent.name,
                "agentLoginId": agent.login,
            }
            for agent in _agents(queues, present=True)
        ]
    }


def _durations(tally: Tally, tick: int) -> Document:
    reasons = {
        field: tally.not_ready_seconds(tick, reason) for field, reason in REASON_FIELDS.items()
    }
    return {
        "inboundCalls": tally.inbound,
        "outboundCalls": tally.outbound,
        "readyDuration": tally.seconds(tick, AgentState.READY),
        "totalNotReadyDuration": tally.seconds(tick, AgentState.NOT_READY),
        **reasons,
        "wrapupDuration": tally.seconds(tick, AgentState.WRAP_UP),
        "talkDuration": tally.talk_seconds(tick),
        **{field: tally.outcomes[outcome] for field, outcome in OUTCOME_FIELDS.items()},
    }


def _agents(queues: list[Queue], present: bool) -> list[Agent]:
    """The agents with a desk in these queues who are logged in, or were today; each once."""
    found = {
        desk.agent.id: desk.agent
        for queue in queues
        for desk in queue.desks
        if (desk.tally.present if present else desk.tally.state is not AgentState.OFFLINE)
    }
    return [found[agent_id] for agent_id in sorted(found)]
