"""A site whose feeds are read in the loop of the test, while simulated time is moved by hand."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.types import ASGIApp, Message

from exporter.simulators import livevox
from tests.simulators.site import CREDENTIALS, TOKEN, Client, HandClock, Site, scenario

POLL = "/realtime/event/feed"
STREAM = "/realtime/event/feed/sse"
AGENTS = "/realtime/agentEvent/feed"
BOTH = "text/event-stream, application/json"
DEADLINE_SECONDS = 10.0
Event = dict[str, Any]


class FeedSite(Site):
    """A site that waits as long as a test says, with requests in the test's own loop."""

    def __init__(self, long_poll: float = 0.3, keepalive: float = 60.0, idle: float = 60.0) -> None:
        self.hand = HandClock()
        self.scenario = scenario(self.hand, queues=6, agents=20, campaigns=3)
        patience = livevox.Patience(long_poll, keepalive, idle)
        self.app = livevox.app(self.scenario, patience=patience)
        self.client = Client(self.app)
        self.session = ""

    async def sign_in(self) -> "FeedSite":
        """Sign in, as `log_in` does where there is no loop."""
        answer = await self.ask("/session/login", CREDENTIALS, **TOKEN)
        self.session = answer.json()["sessionId"]
        return self

    async def ask(
        self, path: str, body: object | None = None, method: str = "POST", **headers: str
    ) -> httpx.Response:
        """One request of a signed-in user."""
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://livevox") as client:
            return await client.request(
                method, path, json=body or {}, headers={**self.headers, **headers}
            )

    async def poll(
        self, token: str = "", path: str = POLL, **more: object
    ) -> tuple[str, list[Any]]:
        """The token and the events of a long poll."""
        answer = await self.ask(path, {"token": token, **more})
        assert answer.status_code == 200, answer.text
        document = answer.json()
        array = "agentEvent" if "agentEvent" in path else "events"
        return document["token"], document[array]

    async def page(self, token: str) -> dict[str, Any] | None:
        """The document of a long poll; None where it was cut off."""
        answer = Stream(json.dumps({"token": token}).encode())
        async with self.reading(answer, self.headers, POLL):
            await answer.until(lambda answer: answer.ended)
        document: dict[str, Any] | None = None
        if answer.ended == "whole":
            document = json.loads(answer.data)
        return document

    async def until_in_flight(self, requests: int) -> None:
        """Wait until so many requests have no answer yet."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while (await self.ask("/_requests", method="GET")).json()["in_flight"] != requests:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.005)

    async def created(self, feed: str = "interaction_events", after: int = 0) -> list[Event]:
        """What was created, from the raw truth."""
        found: list[Event] = []
        while True:
            answer = await self.ask(f"/_events?feed={feed}&after={after}", method="GET")
            listed = answer.json()["events"]
            if not listed:
                return found
            found += [one["event"] for one in listed]
            after = listed[-1]["position"]

    async def add_fault(self, name: str, path: str, **options: object) -> Any:
        """Ask for a fault of a feed; what it answered."""
        answer = await self.ask("/_faults", {"fault": name, "path": path, **options})
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def lift_faults(self) -> None:
        """Lift all faults."""
        await self.ask("/_faults", method="DELETE")

    @asynccontextmanager
    async def stream(self, token: str = "", **more: object) -> "AsyncIterator[Stream]":
        """A stream that is open as long as the context lasts."""
        stream = Stream(json.dumps({"token": token, **more}).encode())
        async with self.reading(stream, {**self.headers, "Accept": BOTH}):
            yield stream

    @asynccontextmanager
    async def reading(
        self, stream: "Stream", headers: dict[str, str], path: str = STREAM
    ) -> AsyncIterator[None]:
        """Read a stream as long as the context lasts."""
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.run(self.app, path, headers))
            try:
                yield
            finally:
                stream.leave()


class Stream:
    """A stream that is being read. `ended` is None, `whole` or `cut`."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._left = asyncio.Event()
        self._asked = False
        self.status = 0
        self.headers: dict[str, str] = {}
        self.data = b""
        self.pieces: list[bytes] = []
        self.ended: str | None = None
        self._read_to = 0
        self._blocks: list[str] = []
        self._events: list[Event | None] = []

    async def run(self, app: ASGIApp, path: str, headers: dict[str, str]) -> None:
        """Ask, and take what comes until it ends."""
        await app(
            {
                "type": "http",
                "method": "POST",
                "path": path,
                "raw_path": path.encode(),
                "query_string": b"",
                "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
            },
            self._receive,
            self._send,
        )
        self.ended = self.ended or "cut"

    def leave(self) -> None:
        """Be gone."""
        self._left.set()

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            return
        self.data += message.get("body", b"")
        self.pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            self.ended = "whole"

    @property
    def blocks(self) -> list[str]:
        """What has come whole: data lines and comments."""
        *whole, _ = self.data[self._read_to :].split(b"\n\n")
        self._read_to += sum(len(block) + 2 for block in whole)
        self._blocks += [block.decode() for block in whole]
        return self._blocks

    @property
    def comments(self) -> list[str]:
        """The comments."""
        return [block for block in self.blocks if block.startswith(":")]

    def events(self) -> list[Event]:
        """The events that have come whole, in order; what is no JSON is left out."""
        blocks = self.blocks
        self._events += [_read(block) for block in blocks[len(self._events) :]]
        return [event for event in self._events if event is not None]

    async def until(self, met: "Callable[[Stream], object]") -> None:
        """Wait until something is true of the stream."""
        await until(lambda: met(self))


def _read(block: str) -> Event | None:
    if not block.startswith("data: "):
        return None
    try:
        event = json.loads(block.removeprefix("data: "))
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


async def until(met: Callable[[], object], seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until something is true; raises AssertionError when it was not in that time."""
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


def ids(events: Iterable[Event]) -> list[str]:
    """The ids of events, those that have none left out."""
    return [event["eventId"] for event in events if "eventId" in event]


def once(events: Iterable[Event]) -> list[Event]:
    """The events without those that came again."""
    return list({event["eventId"]: event for event in events}.values())


def by_type(events: Iterable[Event]) -> Counter[str]:
    """How many events there are of each type."""
    return Counter(event.get("callEventType") or event["eventType"] for event in events)
