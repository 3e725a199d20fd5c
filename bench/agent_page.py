"""Full pages of agentEvent/feed: agents who take one call after the other."""

import json
import random
from typing import Any

AGENTS = 200
EVENTS = 1000  # of a page; the most that LiveVox sends
SEED = 5
BEGAN = 1_700_000_000_000  # the vendor's time of the first event, milliseconds
STEP = 25  # milliseconds from one event to the next: 40 events a second of all agents
# What an agent does, again and again; the reason of being not ready.
ROUND = (
    ("NOT_READY", "LUNCH"),
    ("READY", ""),
    ("RESERVED", ""),
    ("IN_CALL", ""),
    ("WRAP_UP", ""),
    ("READY", ""),
    ("IN_CALL", ""),
    ("AGENT_HOLD", ""),
    ("AGENT_RESUMED", ""),
    ("WRAP_UP", ""),
)
WITH_CALL = ("RESERVED", "IN_CALL", "AGENT_HOLD", "AGENT_RESUMED", "WRAP_UP")


def told_at(page: int) -> float:
    """The vendor's time when it sends a page, Unix seconds."""
    return (BEGAN + (page + 1) * EVENTS * STEP) / 1000


def agent_page(page: int) -> bytes:
    """The JSON of one page; the next goes on where it ends."""
    numbers = random.Random(SEED + page)
    events = [_event(page * EVENTS + n, numbers) for n in range(EVENTS)]
    return json.dumps({"agentEvent": events, "token": f"token-{page}"}).encode()


def _event(n: int, numbers: random.Random) -> dict[str, Any]:
    turn, agent = divmod(n, AGENTS)
    kind, reason = ROUND[(turn + agent) % len(ROUND)]
    at, agent_id = BEGAN + n * STEP, 5000 + agent
    event = {
        "timestamp": at,
        "clientId": 47415,
        "agentId": agent_id,
        "agentServiceId": 47416 + agent % 50,
        "agentTeamId": 1234,
        "lineNumber": "ACD",
        "eventType": kind,
        "seqNum": turn,
        "eventId": f"cid=47415:aid={agent_id}:time={at}:seq={turn}",
    }
    if reason:
        event["notReadyReasonCode"] = reason
    if kind in WITH_CALL:
        event |= {
            "callServiceId": 47416 + agent % 50,
            "transactionId": 51_296_267_124 + turn // len(ROUND),
            "sessionId": f"U{numbers.getrandbits(44):011X}@104.23.28.{agent}",
            "phoneNumber": f"650{numbers.randrange(10**7):07d}",
            "campaignType": "OUTBOUND",
        }
    return event
