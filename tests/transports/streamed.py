"""A stream of events, the rest of the program, and a vendor's server that streams to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from exporter.errors import FeedError, Reason
from exporter.feeds import Answer, Request
from exporter.streams import LongPoll, Machine, Resumed, Sse
from tests.transports.site import HandClock
from tests.transports.vendor import HEADERS_END, Respond, Seen, reply

FULL = 3  # events of a full page
ACCEPT = ("Accept", "text/event-stream, application/json")
DEADLINE = 20.0  # seconds in which a condition has to come true


class Publisher:
    """The rest of the program, which takes down in order what it is told.

    Its machine takes the text of the last event of a stream, and the token of a page, as cursor.
    """

    def __init__(self, cursor: str = "") -> None:
        self.at = cursor
        self.diary: list[str] = []
        self.events: list[str] = []
        self._news = asyncio.Event()

    def _note(self, what: str) -> None:
        self.diary.append(what)
        self._news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until something that was told made this true."""
        async with asyncio.timeout(DEADLINE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    def cursor(self) -> str:
        """Where to resume."""
        return self.at

    def directory(self) -> str:
        """What stands for a directory."""
        return "the directory"

    def connected(self) -> None:
        """Takes it down."""
        self._note("connected")

    def ended(self) -> None:
        """The stream was closed in good order."""

    def disconnected(self) -> None:
        """Takes it down."""
        self._note("disconnected")

    def alive(self) -> None:
        """Takes it down."""
        self._note("alive")

    def answered(self, answer: Answer) -> bool:
        """Counts a page."""
        try:
            document = json.loads(answer.body)
        except ValueError:
            raise FeedError(Reason.DECODE, "no JSON") from None
        self.at = document["token"]
        self.events += document["events"]
        self._note(f"page {self.at}")
        return len(document["events"]) == FULL

    def received(self, payloads: Sequence[bytes]) -> None:
        """Counts events."""
        texts = [payload.decode() for payload in payloads]
        self.at = texts[-1]
        self.events += texts
        self._note(" ".join(texts))

    def expired(self) -> None:
        """Gives up the cursor."""
        self.at = ""
        self._note("expired")


def no_machine(resumed: Resumed) -> Machine[Any]:
    """What a transport has no business with."""
    raise AssertionError("a transport makes no machine")


def asking(path: str, *headers: tuple[str, str]) -> Callable[[str, Any], Request]:
    """Requests to a path with the cursor as a token."""

    def request(cursor: str, directory: Any) -> Request:
        assert directory == "the directory"
        return Request("POST", path, json.dumps({"token": cursor}).encode(), headers=headers)

    return request


def long_poll(within: float = 30.0) -> LongPoll[Any]:
    """A long poll of `/feed`."""
    return LongPoll("events", asking("/feed"), no_machine, (), idle=45.0, within=within)


def sse(idle: float = 5.0, longest: float = 3600.0, encoding: str = "identity") -> Sse[Any]:
    """A stream of `/sse`."""
    request = asking("/sse", ACCEPT, ("Accept-Encoding", encoding))
    return Sse("events", request, no_machine, (), idle=idle, longest=longest)


def page(token: str, *events: str) -> bytes:
    """A page of a long poll."""
    return json.dumps({"token": token, "events": events}).encode()


def token_of(request: Request | Seen) -> str:
    """The cursor that a request resumes from."""
    token: str = json.loads(request.body or b"")["token"]
    return token


class Sleep:
    """Takes down how long one would have slept, lets the others work, and moves the clock."""

    def __init__(self, clock: HandClock) -> None:
        self.seconds: list[float] = []
        self._clock = clock

    async def __call__(self, seconds: float) -> None:
        """Sleeps for no time."""
        self.seconds.append(seconds)
        self._clock.now += seconds
        await asyncio.sleep(0)


async def failure(run: Callable[[], Awaitable[None]]) -> FeedError:
    """The failure of a loop that must fail."""
    async with asyncio.timeout(DEADLINE):
        with pytest.raises(FeedError) as caught:
            await run()
    return caught.value


@asynccontextmanager
async def running(run: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Runs a loop, which must not fail, and cancels it at the end."""
    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        task = group.create_task(run())
        try:
            yield
        finally:
            task.cancel()


# ---- The vendor's side ----------------------------------------------------------------------

STREAM_HEAD: Mapping[str, str] = {"Content-Type": "text/event-stream"}


def head(status: int = 200, **headers: str) -> bytes:
    """The head of an answer in chunks; `content_type` stands for Content-Type."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in {**STREAM_HEAD, **named}.items()]
    first = f"HTTP/1.1 {status} As told\r\nTransfer-Encoding: chunked\r\n"
    return first.encode() + "\r\n".join(lines).encode() + HEADERS_END


def chunk(text: bytes) -> bytes:
    """A chunk of an answer."""
    return b"%x\r\n%s\r\n" % (len(text), text)


LAST_CHUNK = b"0\r\n\r\n"
KEEPALIVE = b": keepalive 2025-11-24 12:00:00+0000\n\n"


def event(name: str) -> bytes:
    """One event."""
    return f"data: {name}\n\n".encode()


def streaming(*pieces: bytes, end: str = "hold", headers: bytes = b"") -> Respond:
    """A stream of these pieces, each a chunk, which is then held open, closed, or cut."""

    async def respond(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(headers or head())
        for piece in pieces:
            writer.write(chunk(piece))
            await writer.drain()
        if end == "hold":
            await asyncio.Event().wait()
        if end == "close":
            writer.write(LAST_CHUNK)
        else:
            writer.close()

    return respond


def in_turn(*answers: bytes | Respond) -> Respond:
    """Gives one answer after the other; the last one from then on."""
    left = list(answers)

    async def respond(request: Seen, writer: asyncio.StreamWriter) -> None:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, bytes):
            writer.write(answer)
        else:
            await answer(request, writer)

    return respond


ERROR = reply(400, b'{"code": 202, "message": "token too old"}')
