"""Interaction events as they come: decoded, told apart by id, and how late they are."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import cast

from exporter.decoding import Id, Rows, identity, text
from exporter.errors import FeedError
from exporter.feeds import Rejected
from exporter.vendors.livevox import wire

Event = wire.InteractionEvent

LIKENESS = "\0"  # begins what stands for an id that LiveVox did not give
_TEXTS = {str}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_identify = attrgetter("eventId")
_told = attrgetter("timestamp")


def rows_of(payloads: Sequence[bytes]) -> Rows[Event]:
    """The events of payloads: all at once, or one by one where one of them is not JSON."""
    try:
        return wire.INTERACTIONS.rows(b"[" + b",".join(payloads) + b"]")
    except FeedError:
        pass
    rows: list[Event] = []
    rejected = Rejected()
    for payload in payloads:
        try:
            found = wire.INTERACTIONS.rows(b"[" + payload + b"]")
        except FeedError:
            rejected += Rejected(1)
            continue
        rows += found.rows
        rejected += found.rejected
    return Rows(rows, rejected)


def by_id(rows: Sequence[Event]) -> Mapping[str, Event]:
    """The events by id; of several with one id the first."""
    events: dict[Id, Event] = dict(zip(map(_identify, rows), rows, strict=True))
    if len(events) == len(rows) and wire.NO_ID.isdisjoint(events):
        kinds = set(map(type, events))
        if kinds <= _TEXTS and not any(map(str.isspace, cast("dict[str, Event]", events))):
            return cast("dict[str, Event]", events)
    first: dict[str, Event] = {}
    for row in rows:
        key = key_of(row)
        if key:
            first.setdefault(key, row)
    return first


def as_told(event_id: Id) -> str:
    """An event's id as it came, so that it is the same in every batch; empty for none."""
    told = identity(event_id)
    return event_id if told and isinstance(event_id, str) else told


def key_of(event: Event) -> str:
    """The event's id; of one that lacks it, its call or session, kind and time; else empty."""
    told = as_told(event.eventId)
    if told:
        return told
    call = identity(event.transactionId) or text(event.sessionId)
    if not call or event.timestamp is None:
        return ""
    kind = event.callEventType or event.eventType
    likeness = f"{call} {kind} {event.timestamp.isoformat()}"
    # it is kept in the ledger, where no id of a call belongs
    return LIKENESS + hashlib.sha256(likeness.encode("utf-8", "replace")).hexdigest()[:24]


def lags_of(events: Sequence[Event], at: float) -> tuple[list[float], float | None]:
    """Seconds from each event to now, never negative, and the last event's time."""
    told = [time for time in map(_told, events) if time is not None]
    if not told:
        return [], None
    try:
        times = [(time - _EPOCH).total_seconds() for time in told]
    except TypeError:  # a time without a zone is taken for UTC
        times = [
            (time.replace(tzinfo=time.tzinfo or UTC) - _EPOCH).total_seconds() for time in told
        ]
    return [max(0.0, at - time) for time in times], max(times)
