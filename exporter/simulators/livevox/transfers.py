"""Transfers of calls, as the agent event feed tells of them."""

import random
from typing import Any, NamedTuple

from exporter.simulators.livevox.eventwords import (
    TO_AGENT,
    TO_SUPERVISOR,
    TRANSFER_ENDS,
    TRANSFER_INITIATED,
)
from exporter.simulators.people import CALL_SESSION_HOST
from exporter.simulators.world import Agent, Call

_SUPERVISOR_SHARE = 0.3


class Transfer(NamedTuple):
    """One transfer: the eventTypes that begin and end it, and what its events carry."""

    beginning: str
    ending: tuple[str, ...]
    fields: dict[str, Any]


def begin(rng: random.Random, agent: Agent, call: Call) -> Transfer:
    """A transfer of an agent's call, to a colleague at work or to a supervisor."""
    colleagues = [
        desk.agent for desk in call.queue.desks if desk.agent is not agent and desk.agent.logged_in
    ]
    fields: dict[str, Any]
    if colleagues and rng.random() >= _SUPERVISOR_SHARE:
        target = TO_AGENT
        fields = {"agent2Id": rng.choice(colleagues).id}
    else:
        target = TO_SUPERVISOR
        fields = {
            "supervisorSessionId": f"U{call.id:X}S{agent.team:X}{CALL_SESSION_HOST}",
            "supervisorPhoneNumber": rng.choice(call.queue.desks).agent.phone,
        }
    ending = rng.choice(TRANSFER_ENDS)
    return Transfer(
        TRANSFER_INITIATED.format(target), tuple(step.format(target) for step in ending), fields
    )
