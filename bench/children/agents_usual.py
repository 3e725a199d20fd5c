"""A page of agents' events as it is usually read: json, pydantic, a dict of states, `labels()`.

    python -m bench.children.agents_usual few|all

Verbs: `read PAGE` tells the seconds of the whole; `counts` tells the events by type. `few` counts
events and has agents by state; `all` counts the other families of ours too: events by kind, their
lag, the time in states. Neither takes late events in their order or survives a restart, as ours.
"""

import json
import sys
import time
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from pydantic import BaseModel

from bench.agent_page import agent_page, told_at
from bench.channel import answer
from bench.dataset import SOURCE
from exporter.families import AGENT_STATE_SECONDS
from exporter.health import EVENT_LAG, EVENTS, LAG_BOUNDS
from exporter.vendors.livevox.families import AGENT_EVENTS

FEED = "agent_events"
STATES = {
    "READY": "available",
    "NOT_READY": "away",
    "RESERVED": "busy",
    "IN_CALL": "busy",
    "AGENT_HOLD": "busy",
    "AGENT_RESUMED": "busy",
    "WRAP_UP": "after_contact_work",
}


class Event(BaseModel):
    """One event: the fields that ours reads."""

    eventId: str
    timestamp: int
    seqNum: int
    agentId: int
    agentServiceId: int
    lineNumber: str | None = None
    eventType: str
    notReadyReasonCode: str | None = None
    callServiceId: int | None = None
    transactionId: int | None = None
    sessionId: str | None = None


class Reader:
    """Counts events one by one, and has the agents by state."""

    def __init__(self, every: bool) -> None:
        self._every = every
        registry = CollectorRegistry()
        states, kinds = ("source", "state", "reason"), ("source", "feed", "kind")
        self._events = Counter(AGENT_EVENTS.name, "x", ("source", "event"), registry=registry)
        self._agents = Gauge("contactcenter_agents", "x", states, registry=registry)
        self._kinds = Counter(EVENTS.name, "x", kinds, registry=registry)
        self._seconds = Counter(AGENT_STATE_SECONDS.name, "x", states, registry=registry)
        self._lags = Histogram(
            EVENT_LAG.name, "x", ("source", "feed"), buckets=LAG_BOUNDS, registry=registry
        )
        self._seen: set[str] = set()
        self._states: dict[int, tuple[str, str]] = {}
        self._since: dict[int, int] = {}

    def read(self, page: int) -> Mapping[str, float]:
        """Reads one page; the seconds it took."""
        body, at = agent_page(page), told_at(page)
        began = time.perf_counter()
        for row in json.loads(body)["agentEvent"]:
            event = Event.model_validate(row)
            if event.eventId not in self._seen:
                self._seen.add(event.eventId)
                if self._every:
                    self._take_the_rest(event, at)
                self._take(event)
        return {"whole": time.perf_counter() - began}

    def _take(self, event: Event) -> None:
        self._events.labels(SOURCE, event.eventType.lower()).inc()
        if event.lineNumber != "ACD":
            return
        state = STATES[event.eventType], (event.notReadyReasonCode or "").lower()
        before = self._states.get(event.agentId)
        if before is not None:
            self._agents.labels(SOURCE, *before).dec()
        self._agents.labels(SOURCE, *state).inc()
        self._states[event.agentId] = state

    def _take_the_rest(self, event: Event, at: float) -> None:
        self._kinds.labels(SOURCE, FEED, event.eventType.lower()).inc()
        self._lags.labels(SOURCE, FEED).observe(max(0.0, at - event.timestamp / 1000))
        before = self._states.get(event.agentId)
        if before is not None:
            seconds = (event.timestamp - self._since[event.agentId]) / 1000
            self._seconds.labels(SOURCE, *before).inc(max(0.0, seconds))
        self._since[event.agentId] = event.timestamp

    def counts(self) -> Mapping[str, float]:
        """The events by type."""
        samples = [sample for family in self._events.collect() for sample in family.samples]
        return {
            sample.labels["event"]: sample.value
            for sample in samples
            if sample.name == AGENT_EVENTS.name
        }


def main() -> None:
    """Reads until standard input ends."""
    reader = Reader(sys.argv[1] == "all")
    verbs = {"read": lambda page: reader.read(int(page)), "counts": lambda _: reader.counts()}
    answer(len(agent_page(0)), verbs)


if __name__ == "__main__":
    main()
