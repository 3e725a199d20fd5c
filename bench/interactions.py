"""Interaction events as LiveVox streams them: 50 services, calls with three events each, and SMS.

The texts are made once. Before a chunk is sent only the first eight digits of its ids and its
times are written anew, so that the sender is never what is measured.
"""

import json
import random
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

SERVICES = {str(149900 + n): f"Collections {n:02d}" for n in range(50)}
PER_CHUNK = 500  # events; the least that LiveVox sends at once when there are many
CHUNKS = 40  # that differ in more than ids and times
SEED = 4
SMS_SHARE = 0.03  # of events
RESULTS = (
    "Operator Transfer (Agent Terminated Call)",
    "Operator Transfer (Abandoned Max Hold Time)",
    "AGENT - Customer Hung Up",
    "Answering Machine (Hung Up)",
    "No Answer",
    "Busy",
    "Hung Up in Opening",
    "Invalid Phone Number",
    "Not Attempted (Not Made)",
    "Listened",
)
DIRECTIONS = (("INBOUND", "INBOUND"), ("OUTBOUND", "OUTBOUND"), ("MANUAL", "MANUAL"))
THRESHOLD = 20  # seconds
SERIAL = b"@@@@@@@@"  # where the number of a chunk stands in its ids
TIME = b"0000-00-00T00:00:00.000"  # where the time stands at which it is sent

OFFERED = "contactcenter_contacts_offered_total"
HANDLED = "contactcenter_contacts_handled_total"
ABANDONED = "contactcenter_contacts_abandoned_total"
HANDLED_IN_THRESHOLD = "contactcenter_contacts_handled_in_threshold_total"
ABANDONED_IN_THRESHOLD = "contactcenter_contacts_abandoned_in_threshold_total"
WAIT = "contactcenter_contact_wait_seconds"
HANDLE = "contactcenter_contact_handle_seconds"
IVR = "livevox_ivr_seconds"
INTERACTIONS = "livevox_interactions_total"
EVENTS = "contactcenter_feed_events_total"
DUPLICATES = "contactcenter_feed_duplicate_events_total"
LAG = "contactcenter_feed_event_lag_seconds"

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some events as server-sent events, and by how much each family's sum rises by them."""

    text: bytes
    rises: Mapping[str, int]

    def sent(self, serial: int, at: float) -> bytes:
        """The text with ids that no other serial number has; `at` is Unix seconds."""
        now = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        return self.text.replace(SERIAL, b"%08x" % serial).replace(TIME, now.encode())


def chunks() -> list[Chunk]:
    """The chunks of a stream, which are sent in turns."""
    numbers = random.Random(SEED)
    return [_chunk(numbers) for _ in range(CHUNKS)]


def single() -> Chunk:
    """One event alone, the start of a call."""
    call = _call(random.Random(SEED))
    return Chunk(_text(call[0]), _rises(call[:1]))


def total(all_chunks: list[Chunk], sent: int) -> Mapping[str, int]:
    """The sums of all families after so many chunks, sent in turns."""
    rounds, rest = divmod(sent, len(all_chunks))
    sums = Counter({DUPLICATES: 0})
    for n, chunk in enumerate(all_chunks):
        times = rounds + (n < rest)
        for family, rise in chunk.rises.items():
            sums[family] += times * rise
    return sums


def _chunk(numbers: random.Random) -> Chunk:
    """Calls that overlap: their events stand in any order, as those of a busy account do."""
    events: list[Event] = []
    while len(events) < PER_CHUNK:
        sms = numbers.random() < SMS_SHARE * 3
        events += [_message(numbers)] if sms else _call(numbers)
    events = events[:PER_CHUNK]
    numbers.shuffle(events)
    return Chunk(b"".join(map(_text, events)), _rises(events))


def _text(event: Event) -> bytes:
    return b"data: " + json.dumps(event, separators=(",", ":")).encode() + b"\n\n"


def _id(numbers: random.Random) -> str:
    rest = str(uuid.UUID(int=numbers.getrandbits(128), version=1))
    return SERIAL.decode() + rest[8:]


def _common(numbers: random.Random, now: str) -> dict[str, Any]:
    direction, campaign = numbers.choice(DIRECTIONS)
    return {
        "interactionType": "VOICE",
        "transactionId": numbers.randrange(10**12, 10**13),
        "clientId": 83424,
        "serviceId": int(numbers.choice(list(SERVICES))),
        "callCenterId": 6799,
        "sessionId": f"U{numbers.getrandbits(44):011X}@10.111.17.{numbers.randrange(256)}",
        "campaignId": 751740268,
        "phoneDialed": f"628{numbers.randrange(10**7):07d}",
        "account": f"A{numbers.randrange(10**8):08d}",
        "operatorPhone": "0",
        "areaCodeState": "CA",
        "callDirection": direction,
        "campaignType": campaign,
        "agentLoginId": f"AGENT{numbers.randrange(200):03d}",
        "agentId": str(544000 + numbers.randrange(200)),
        "start": now,
        "timestamp": now,
    }


def _call(numbers: random.Random) -> list[Event]:
    """The three events of a call. Most calls are offered to agents, and most of these answered."""
    now = f"{TIME.decode()}Z"
    common = _common(numbers, now)
    transfer = int(numbers.random() < 0.7)
    answered = int(transfer and numbers.random() < 0.85)
    end = {
        "end": now,
        "callerId": None,
        "serviceLevelThreshold": THRESHOLD,
        "transferHoldDuration": min(600, int(numbers.expovariate(1 / 18))) if transfer else 0,
        "roundedIvrDuration": numbers.choice((None, 0, 6, 12, 18, 30, 60)),
        "duration": min(3600, int(numbers.expovariate(1 / 240))) if answered else 0,
        "agentSkillId": "",
        "lvResultId": numbers.randrange(600, 700),
        "priority": 308,
        "lvResult": numbers.choice(RESULTS),
        "operatorTransferSuccessful": answered,
        "operatorTransfer": transfer,
    }
    nothing = dict.fromkeys(("campaignId", "phoneDialed", "account", "start"))
    return [
        {"eventId": _id(numbers), "callEventType": "CALL_START", **common},
        {"eventId": _id(numbers), "callEventType": "CALL_TERMINATION", **common, **end},
        {"eventId": _id(numbers), "callEventType": "CALL_DISPOSITION", **common, **nothing},
    ]


def _message(numbers: random.Random) -> Event:
    service = numbers.choice(list(SERVICES))
    thread = str(numbers.randrange(10**12, 10**13))
    return {
        "eventId": _id(numbers),
        "interactionType": "SMS",
        "clientId": "83424",
        "callCenterId": "6799",
        "serviceId": service,
        "timestamp": f"{TIME.decode()}+00:00",
        "campaignId": "751740258",
        "sessionId": f"{service}-{thread}-1685957638296",
        "phoneNumber": f"415{numbers.randrange(10**7):07d}",
        "acctTransactionId": thread,
        "eventType": "Attempt",
        "threadId": thread,
        "accountNumber": "13213",
        "campaignType": "OB",
        "carrier": "sap_sms365",
        "smsCode": "53063",
        "campaignTypeId": "6",
        "callStartTime": "1685957638000",
    }


def _rises(events: list[Event]) -> Mapping[str, int]:
    """What the events count, worked out from the events' meaning alone."""
    sums = Counter({EVENTS: len(events), INTERACTIONS: len(events), f"{LAG}_count": len(events)})
    for event in events:
        if event.get("callEventType") != "CALL_TERMINATION":
            continue
        ivr = event["roundedIvrDuration"]
        if ivr is not None:
            sums[f"{IVR}_count"] += 1
            sums[f"{IVR}_sum"] += ivr
        if event["operatorTransfer"]:
            sums.update(_contact(event))
    return sums


def _contact(event: Event) -> Mapping[str, int]:
    hold = event["transferHoldDuration"]
    in_time = int(hold <= THRESHOLD)
    rises = {OFFERED: 1, f"{WAIT}_count": 1, f"{WAIT}_sum": hold}
    if not event["operatorTransferSuccessful"]:
        return {**rises, ABANDONED: 1, ABANDONED_IN_THRESHOLD: in_time}
    talked = {f"{HANDLE}_count": 1, f"{HANDLE}_sum": event["duration"]}
    return {**rises, **talked, HANDLED: 1, HANDLED_IN_THRESHOLD: in_time}
