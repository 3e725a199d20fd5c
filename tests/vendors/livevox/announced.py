"""An account that reads the calls of its agents one by one, for tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from exporter.accumulator import SeriesKey
from exporter.errors import FeedError, Reason
from exporter.feeds import Answer, Document, Feed, Request
from exporter.streams import Stream
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox.directory import LiveVoxDirectory
from tests.vendors.livevox.account import account, feed
from tests.vendors.livevox.events import (
    NOBODY,
    ON,
    Event,
    LiveVoxMachine,
    answered,
    key,
    page,
    resumed,
    stream,
)

BEGAN = 1_767_625_200.0
IN_CALL, POST_CALL = "realtime/callData/inCall", "realtime/callData/postCall"
COMPLETED = key(f.COMPLETED_CALLS, queue_id="7001", result="promise", term_code="pay_day")
UNREAD = (f.UNREAD_CALLS.name, ())

Reply = Callable[[Request], object]


def found(request: Request) -> object:
    """Every call is found."""
    if request.path == IN_CALL:
        return {"serviceId": 7001, "callDirectionOutbound": True}
    return {"serviceId": "7001", "lvResult": "Promise", "termCodeName": "Pay day"}


def missing(request: Request) -> object:
    return FeedError(Reason.REJECTED, "HTTP 404", status=404)


def refused(request: Request) -> object:
    return FeedError(Reason.REJECTED, "HTTP 403", status=403)


@dataclass
class Calls:
    """An account that reads the calls of its agents; times are seconds after the beginning."""

    feed: Feed
    machine: LiveVoxMachine
    directory: LiveVoxDirectory = NOBODY
    pages: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    counted: dict[SeriesKey, float] = field(default_factory=dict)
    at: float = 0.0

    def told(self, after: float, *events: Event) -> None:
        """A page of the agents' events."""
        for event in events:
            self.pages += 1
            event.update(timestamp=(BEGAN + after) * 1000, eventId=f"e{self.pages}")
        body = page("agentEvent", *events)
        self.machine.answered(answered(body, BEGAN + after), self.directory)

    def read(self, after: float, reply: Reply = found) -> Document[Any]:
        """One reading; what it asked and counted is noted."""
        reading = self.feed.read(self.directory, "", BEGAN + after)
        self.asked = []
        try:
            requests: Sequence[Request] = next(reading)
            while True:
                assert len(requests) == 1
                self.asked.append((requests[0].path, dict(requests[0].params)["transaction"]))
                said = reply(requests[0])
                if isinstance(said, FeedError):
                    requests = reading.throw(said)
                else:
                    body = said if isinstance(said, bytes) else msgspec.json.encode(said)
                    requests = reading.send([Answer(body, BEGAN + after)])
        except StopIteration as stop:
            told: Document[Any] = stop.value
        for series, rise in told.increments.items():
            self.counted[series] = self.counted.get(series, 0) + rise
        return told


def calls(a_minute: int = 600, **changes: Any) -> Calls:
    of = account(
        feeds={"agent_events": ON, "call_data": {"enabled": True, "max_per_minute": a_minute}},
        **changes,
    )
    events: Stream[LiveVoxDirectory] = stream("agent_events", of)
    return Calls(feed(of, "call_data"), events.machine(resumed()))


def in_call(agent: int, transaction: object, **more: Any) -> Event:
    """An agent is in a call."""
    return {
        "agentId": agent,
        "agentServiceId": 7001,
        "callServiceId": 7001,
        "lineNumber": "ACD",
        "eventType": "IN_CALL",
        "transactionId": transaction,
        "sessionId": f"U{transaction}@10",
        **more,
    }


def after_call(agent: int, kind: str = "WRAP_UP", **more: Any) -> Event:
    """An agent is not in a call any more."""
    return {
        "agentId": agent,
        "agentServiceId": 7001,
        "lineNumber": "ACD",
        "eventType": kind,
        **more,
    }
