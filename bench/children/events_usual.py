"""Interaction events as they are usually read: httpx-sse, pydantic, prometheus_client.

    python -m bench.children.events_usual SERIES FEED_PORT thread|asgi

The page is served by prometheus_client's own thread, or by uvicorn in the loop that reads. Verb:
`counted` tells the time and how many events are counted by now.
"""

import asyncio
import socket
import sys
import time
from datetime import datetime
from functools import cache
from typing import Any

import httpx
import uvicorn
from httpx_sse import aconnect_sse
from prometheus_client import Counter, Histogram, make_asgi_app, start_http_server
from pydantic import BaseModel

from bench import interactions as names
from bench.channel import answer
from bench.children.usual import Gauges
from bench.dataset import SOURCE, dataset
from exporter import families as common
from exporter import health
from exporter.labels import slug
from exporter.model import Family
from exporter.vendors.livevox import families as own
from exporter.vendors.livevox.interaction_words import channel_of, direction_of, kind_of

FEED = "interaction_events"
KEPT_ALIVE = 60  # seconds; the loop may be busy for longer than uvicorn's 5
WAITS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800, 3600)
HANDLES = (30, 60, 120, 180, 240, 300, 420, 600, 900, 1800, 3600, 7200)
word = cache(slug)
channel = cache(channel_of)
direction = cache(direction_of)
kind = cache(kind_of)


class Event(BaseModel):
    """One event: the fields that ours reads."""

    eventId: str
    interactionType: str | None = None
    callEventType: str | None = None
    eventType: str | None = None
    timestamp: datetime
    serviceId: int | str
    callCenterId: int | str | None = None
    campaignType: str | None = None
    callDirection: str | None = None
    transactionId: int | str | None = None
    sessionId: str | None = None
    lvResult: str | None = None
    operatorTransfer: float | None = None
    operatorTransferSuccessful: float | None = None
    transferHoldDuration: float | None = None
    serviceLevelThreshold: float | None = None
    duration: float | None = None
    roundedIvrDuration: float | None = None


class Reader:
    """Counts events one by one, in the families that ours shows."""

    def __init__(self, gauges: Gauges) -> None:
        self._registry = gauges.registry
        self.events = 0
        self._seen: set[str] = set()
        self._interactions = self._counter(own.INTERACTIONS)
        self._kinds = self._counter(health.EVENTS)
        self._duplicates = self._counter(health.DUPLICATE_EVENTS).labels(SOURCE, FEED)
        self._offered = self._counter(common.CONTACTS_OFFERED)
        self._handled = self._counter(common.CONTACTS_HANDLED)
        self._abandoned = self._counter(common.CONTACTS_ABANDONED)
        self._handled_in_time = self._counter(common.CONTACTS_HANDLED_IN_THRESHOLD)
        self._abandoned_in_time = self._counter(common.CONTACTS_ABANDONED_IN_THRESHOLD)
        self._waits = self._histogram(common.CONTACT_WAIT, WAITS)
        self._handles = self._histogram(common.CONTACT_HANDLE, HANDLES)
        self._ivr = self._histogram(own.IVR, WAITS)
        self._lags = self._histogram(health.EVENT_LAG, health.LAG_BOUNDS)

    def _counter(self, family: Family) -> Counter:
        labels = ("source", *family.labels)
        return Counter(family.name, family.help, labels, registry=self._registry)

    def _histogram(self, family: Family, bounds: tuple[float, ...]) -> Histogram:
        labels = ("source", *family.labels)
        return Histogram(family.name, family.help, labels, buckets=bounds, registry=self._registry)

    def take(self, data: str) -> None:
        """Counts the data of one event."""
        event = Event.model_validate_json(data)
        if event.eventId in self._seen:
            self._duplicates.inc()
            return
        self._seen.add(event.eventId)
        self.events += 1
        queue = str(event.serviceId)
        name = names.SERVICES.get(queue, queue)
        via, to = channel(event.interactionType), direction(event.callDirection, event.campaignType)
        told = kind(event.callEventType, event.eventType)
        campaign, result = word(event.campaignType or ""), word(event.lvResult or "")
        self._interactions.labels(SOURCE, queue, name, via, told, to, campaign, result).inc()
        self._kinds.labels(SOURCE, FEED, told).inc()
        lag = max(0.0, time.time() - event.timestamp.timestamp())
        self._lags.labels(SOURCE, FEED).observe(lag)
        if event.callEventType == "CALL_TERMINATION":
            self._terminated(event, (SOURCE, queue, name), via, to)

    def _terminated(self, event: Event, queue: tuple[str, ...], via: str, to: str) -> None:
        if event.roundedIvrDuration is not None:
            self._ivr.labels(*queue).observe(event.roundedIvrDuration)
        if not event.operatorTransfer:
            return
        hold = event.transferHoldDuration or 0.0
        in_time = hold <= (event.serviceLevelThreshold or 20.0)
        self._offered.labels(*queue, via, to).inc()
        if event.operatorTransferSuccessful:
            self._handled.labels(*queue, via, to).inc()
            self._waits.labels(*queue, via, "handled").observe(hold)
            self._handles.labels(*queue, via).observe(event.duration or 0.0)
            if in_time:
                self._handled_in_time.labels(*queue, via, to).inc()
            return
        self._abandoned.labels(*queue, via, to).inc()
        self._waits.labels(*queue, via, "abandoned").observe(hold)
        if in_time:
            self._abandoned_in_time.labels(*queue, via, to).inc()


async def listen(port: int, reader: Reader) -> None:
    """Reads the stream."""
    timeout = httpx.Timeout(10, read=30)
    url = f"http://127.0.0.1:{port}/realtime/event/feed/sse?count=1000"
    async with (
        httpx.AsyncClient(timeout=timeout, trust_env=False) as client,
        aconnect_sse(client, "POST", url, json={}) as source,
    ):
        async for event in source.aiter_sse():
            reader.take(event.data)


def with_length(app: Any) -> Any:
    """The ASGI application, telling the length of its answers, which are in one piece: the
    scraper that costs little knows no chunks."""

    async def answering(scope: Any, receive: Any, send: Any) -> None:
        held: list[Any] = []

        async def sending(message: Any) -> None:
            held.append(message)
            if message["type"] == "http.response.body":
                length = str(len(message["body"])).encode()
                held[0]["headers"] = [*held[0]["headers"], (b"content-length", length)]
                for each in held:
                    await send(each)

        await app(scope, receive, sending)

    return answering


def asgi(gauges: Gauges) -> uvicorn.Server:
    """The page, to be served by the loop that reads."""
    return uvicorn.Server(
        uvicorn.Config(
            with_length(make_asgi_app(gauges.registry)),
            lifespan="off",
            log_level="error",
            timeout_keep_alive=KEPT_ALIVE,
        )
    )


async def run(series: int, port: int, server: str) -> None:
    """Reads and serves until standard input ends."""
    gauges = Gauges()
    gauges.publish(dataset(series))
    reader = Reader(gauges)
    verbs = {"counted": lambda _: (time.perf_counter(), reader.events)}
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(listen(port, reader))]
        if server == "asgi":
            listening = socket.create_server(("127.0.0.1", 0))
            ready = listening.getsockname()[1]
            tasks.append(group.create_task(asgi(gauges).serve([listening])))
        else:
            ready = start_http_server(0, "127.0.0.1", gauges.registry)[0].server_port
        await asyncio.to_thread(answer, ready, verbs)
        for task in tasks:
            task.cancel()


def main() -> None:
    """Reads and serves until standard input ends."""
    asyncio.run(run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))


if __name__ == "__main__":
    main()
