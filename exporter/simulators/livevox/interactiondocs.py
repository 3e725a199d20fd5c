"""Interaction events as documents, with the fields and JSON types of the public samples.

Voice events have numbers as ids and times in UTC; text messages and e-mails have strings as ids
and times with an offset.
"""

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from exporter.simulators.livevox.agentdocs import call_session
from exporter.simulators.livevox.callresults import result_of
from exporter.simulators.livevox.sessions import CLIENT_ID
from exporter.simulators.livevox.vocabulary import CALL_TYPES
from exporter.simulators.states import CallResult, CallType
from exporter.simulators.world import Call, Message, MessageChannel

Document = dict[str, Any]
OFFSET = timezone(timedelta(hours=-4))
"""The offset from UTC that the platform prints times with."""

START = "CALL_START"
TERMINATION = "CALL_TERMINATION"
DISPOSITION = "CALL_DISPOSITION"
_DIRECTIONS = {
    CallType.INBOUND: "INBOUND",
    CallType.OUTBOUND: "OUTBOUND",
    CallType.MANUAL: "MANUAL",
    CallType.PREVIEW: "MANUAL",
}
_STATES = {
    "202": "DC", "212": "NY", "303": "CO", "404": "GA", "415": "CA", "617": "MA", "808": "null",
}  # fmt: skip
_FIRST_STANDING_CAMPAIGN_ID = 900_000
_SMS_TYPE_ID = 6
_EMAIL_TYPE_ID = 11


class Moments:
    """Turns ticks into texts: `first_ms` is the moment of tick 0, in milliseconds."""

    def __init__(self, first_ms: int) -> None:
        self._first_ms = first_ms

    def utc(self, tick: int) -> str:
        """A tick as voice events write it."""
        return utc_text(self._first_ms + tick * 1000)

    def ms(self, tick: int) -> int:
        """A tick in milliseconds since the Unix epoch."""
        return self._first_ms + tick * 1000


@lru_cache(maxsize=4096)
def utc_text(ms: int) -> str:
    """A moment in UTC, as `2026-01-05T15:00:00.000Z`."""
    return _iso(ms, UTC).removesuffix("+00:00") + "Z"


def offset_text(ms: int) -> str:
    """A moment with its offset from UTC, as `2026-01-05T11:00:00.000-04:00`."""
    return _iso(ms, OFFSET)


def _iso(ms: int, zone: timezone) -> str:
    moment = datetime.fromtimestamp(ms // 1000, zone) + timedelta(milliseconds=ms % 1000)
    return moment.isoformat(timespec="milliseconds")


def call_start(event_id: str, call: Call, tick: int, moments: Moments) -> Document:
    """CALL_START; no agent is named for a call that no agent places."""
    return {**_voice(event_id, START, call, moments), "timestamp": moments.utc(tick)}


def call_termination(event_id: str, call: Call, moments: Moments) -> Document:
    """CALL_TERMINATION, the event that says how a call went; all durations are whole seconds."""
    ended = call.started if call.ended is None else call.ended
    result_id, result = result_of(call)
    reached = call.result is CallResult.HANDLED
    return {
        **_voice(event_id, TERMINATION, call, moments),
        "end": moments.utc(ended),
        "timestamp": moments.utc(ended),
        "callerId": call.customer.phone if call.inbound else None,
        "serviceLevelThreshold": call.queue.threshold,
        "transferHoldDuration": hold_seconds(call, ended),
        "roundedIvrDuration": _ivr_seconds(call, ended),
        "duration": call.talk if reached else None,
        "agentSkillId": call.skill,
        "phonePosition": 1 + call.id % 3,
        "priority": call.priority,
        "lvResultId": result_id,
        "lvResult": result,
        "operatorTransferSuccessful": int(reached),
        "operatorTransfer": int(reached or call.offered is not None),
        "zipCode": f"{10_001 + call.id % 89_000}" if call.id % 5 else "null",
    }


def call_disposition(event_id: str, call: Call, tick: int, moments: Moments) -> Document:
    """CALL_DISPOSITION: it comes after the termination, and says little."""
    return {
        "eventId": event_id,
        "callEventType": DISPOSITION,
        "interactionType": "VOICE",
        **_call_keys(call),
        "campaignId": None,
        "campaignType": None,
        "phoneDialed": None,
        "account": None,
        "areaCodeState": "null",
        "zipCode": "null",
        "callDirection": None,
        "agentActionType": None,
        "start": moments.utc(call.started - ivr_seconds_before(call)),
        "timestamp": moments.utc(tick),
    }


def message_attempt(event_id: str, message: Message, moments: Moments) -> Document:
    """The attempt to send a text message or an e-mail."""
    sent_ms = moments.ms(message.sent)
    queue, sms = message.queue, message.channel is MessageChannel.SMS
    separator = "-" if sms else "_"
    document: Document = {
        "eventId": event_id,
        "interactionType": "SMS" if sms else "Email",
        "clientId": str(CLIENT_ID),
        "callCenterId": str(queue.call_center.id),
        "serviceId": str(queue.id),
        "timestamp": offset_text(sent_ms),
        "campaignId": str(_FIRST_STANDING_CAMPAIGN_ID + queue.id),
        "sessionId": separator.join((str(queue.id), str(message.id), str(sent_ms))),
        "acctTransactionId": str(message.id),
        "eventType": "Attempt",
        "threadId": str(message.id) if message.threaded else None,
        "accountNumber": message.customer.account,
        "campaignType": "OB",
        "campaignTypeId": str(_SMS_TYPE_ID if sms else _EMAIL_TYPE_ID),
        "carrier": "example_sms" if sms else "example_mail",
    }
    if sms:
        more = {"phoneNumber": message.customer.phone, "smsCode": "53063"}
        return {**document, **more, "callStartTime": str(sent_ms)}
    return {**document, "fromEmail": "service@example.com", "toEmail": message.customer.email}


def hold_seconds(call: Call, ended: int) -> int:
    """Seconds that a call waited for an agent; 0 where it waited for nobody."""
    if call.offered is None:
        return 0
    return (ended if call.answered is None else call.answered) - call.offered


def ivr_seconds_before(call: Call) -> int:
    """Seconds that a customer who called spoke with the IVR before his call came to the queue."""
    return call.id % 17 if call.inbound else 0


def _ivr_seconds(call: Call, ended: int) -> int | None:
    """Seconds with the IVR; None where nobody was reached."""
    if call.inbound:
        return ivr_seconds_before(call)
    if call.result is CallResult.LISTENED:
        return max(1, (ended - call.started) * (1 + call.id % 4) // 4)
    return call.id % 4 if call.offered is not None else 0 if call.answered is not None else None


def _voice(event_id: str, event_type: str, call: Call, moments: Moments) -> Document:
    agent, phone = call.agent, call.customer.phone
    standing = _FIRST_STANDING_CAMPAIGN_ID + call.queue.id
    return {
        "eventId": event_id,
        "callEventType": event_type,
        "interactionType": "VOICE",
        **_call_keys(call),
        "campaignId": call.campaign.id if call.campaign else standing,
        "phoneDialed": phone,
        "account": call.customer.account,
        "operatorPhone": agent.phone if agent else "0",
        "areaCodeState": _STATES.get(phone[:3], "null"),
        "callDirection": _DIRECTIONS[call.type],
        "campaignType": CALL_TYPES[call.type],
        "agentLoginId": agent.login if agent else None,
        "agentId": str(agent.id) if agent else None,
        "start": moments.utc(call.started - ivr_seconds_before(call)),
    }


def _call_keys(call: Call) -> Document:
    return {
        "transactionId": call.id,
        "clientId": CLIENT_ID,
        "serviceId": call.queue.id,
        "callCenterId": call.queue.call_center.id,
        "sessionId": call_session(call),
    }
