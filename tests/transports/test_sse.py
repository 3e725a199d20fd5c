"""Server-sent events without a socket: what is told, when a stream is replaced, how it resumes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from exporter.errors import FeedError, Reason
from exporter.feeds import Request
from exporter.transports.sse import SHORTEST_LIFE, Listening
from tests.transports.site import HandClock
from tests.transports.streamed import (
    KEEPALIVE,
    Publisher,
    Sleep,
    event,
    failure,
    running,
    sse,
    token_of,
)

pytestmark = pytest.mark.anyio

Piece = bytes | float | Exception  # bytes, seconds that pass, or how it ends


class Opener:
    """A client that opens one stream after the other; then it opens none, for ever."""

    def __init__(self, clock: HandClock, streams: Sequence[Sequence[Piece] | Exception]) -> None:
        self.asked: list[str] = []
        self.opened_at: list[float] = []
        self.open_now = 0
        self.idle = asyncio.Event()
        self._clock = clock
        self._streams = list(streams)

    @asynccontextmanager
    async def stream(
        self, feed: str, request: Request, media_type: str, silence: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Opens the next stream."""
        assert (feed, media_type, silence) == ("events", "text/event-stream", 5.0)
        self.asked.append(token_of(request))
        self.opened_at.append(self._clock.now)
        if not self._streams:
            self.idle.set()
            await asyncio.Event().wait()
        stream = self._streams.pop(0)
        if isinstance(stream, Exception):
            raise stream
        self.open_now += 1
        try:
            yield self._pieces(stream)
        finally:
            self.open_now -= 1

    async def _pieces(self, stream: Sequence[Piece]) -> AsyncIterator[bytes]:
        for piece in stream:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, bytes):
                yield piece
            else:
                self._clock.now += piece


class Heard:
    """A stream between such a client and a program that takes everything down."""

    def __init__(
        self,
        *streams: Sequence[Piece] | Exception,
        cursor: str = "",
        longest: float = 3600.0,
        luck: float = 0.0,
    ) -> None:
        self.clock = HandClock(1000.0)
        self.sleep = Sleep(self.clock)
        self.opener = Opener(self.clock, streams)
        self.publisher = Publisher(cursor)
        self.listening = Listening(
            sse(longest=longest),
            self.opener,
            self.publisher,
            self.clock,
            lambda: luck,
            self.sleep,
        )

    async def until_idle(self) -> None:
        """Runs until every stream was opened and has ended."""
        async with running(self.listening.run):
            await self.opener.idle.wait()

    async def failure(self) -> FeedError:
        """Runs until it fails."""
        return await failure(self.listening.run)


# ---- What is told ---------------------------------------------------------------------------


async def test_events_are_handed_on_as_they_come_those_of_one_chunk_together() -> None:
    heard = Heard([event("a"), event("b") + event("c")])
    await heard.until_idle()
    assert heard.publisher.diary == ["connected", "a", "b c", "disconnected", "disconnected"]


async def test_a_keepalive_and_a_part_of_an_event_are_signs_of_life_without_news() -> None:
    heard = Heard([KEEPALIVE, event("a")[:5], event("a")[5:]])
    await heard.until_idle()
    assert heard.publisher.diary[:4] == ["connected", "alive", "alive", "a"]


async def test_an_event_without_data_is_no_event() -> None:
    heard = Heard([b"id: 7\n\n: keepalive\n\n" + b"event: add\n\n"])
    await heard.until_idle()
    assert heard.publisher.events == []
    assert heard.publisher.diary[:2] == ["connected", "alive"]


async def test_what_was_cut_is_not_counted_and_the_cursor_is_of_the_event_before() -> None:
    cut = FeedError(Reason.NETWORK, "RemoteProtocolError")
    heard = Heard([event("a") + event("b")[:-1], cut], [event("b")])
    assert await heard.failure() is cut
    assert heard.publisher.events == ["a"]
    await heard.until_idle()
    assert heard.opener.asked[:2] == ["", "a"]
    assert heard.publisher.events == ["a", "b"]


async def test_half_an_event_of_one_connection_is_not_joined_with_the_next() -> None:
    heard = Heard([event("a"), b"data: hal"], [b"f\n\n", event("b")])
    await heard.until_idle()
    assert heard.publisher.events == ["a", "b"]


# ---- How a stream ends ----------------------------------------------------------------------


async def test_a_normal_close_after_a_keepalive_is_no_failure_and_the_stream_is_resumed() -> None:
    heard = Heard([event("a")], [300.0, KEEPALIVE], [event("b")], cursor="z")
    await heard.until_idle()
    assert heard.opener.asked == ["z", "a", "a", "b"]
    assert heard.publisher.diary.count("connected") == 3


async def test_a_stream_that_is_closed_without_a_sign_of_life_is_a_failure() -> None:
    heard = Heard([event("a")], [])
    error = await heard.failure()
    assert (error.reason, error.detail) == (
        Reason.NETWORK,
        "the stream was closed without an event",
    )
    assert heard.publisher.diary[-2:] == ["connected", "disconnected"]
    assert heard.publisher.cursor() == "a"


async def test_streams_that_close_at_once_are_opened_at_most_once_a_second() -> None:
    heard = Heard([KEEPALIVE], [0.4, KEEPALIVE], [30.0, KEEPALIVE])
    await heard.until_idle()
    assert heard.opener.opened_at == [1000, 1001, 1002, 1032]
    assert SHORTEST_LIFE == 1.0


@pytest.mark.parametrize(("luck", "replaced_at"), [(0.0, 1060), (0.5, 1080), (0.99, 1100)])
async def test_a_connection_is_replaced_when_it_is_old_and_that_is_no_failure(
    luck: float, replaced_at: float
) -> None:
    old: list[Piece] = [piece for n in range(30) for piece in (10.0, event(f"e{n}"))]
    heard = Heard(old, longest=100, luck=luck)
    await heard.until_idle()
    assert heard.opener.opened_at == [1000, replaced_at]
    assert heard.opener.asked == ["", heard.publisher.events[-1]]
    assert len(heard.publisher.events) == (replaced_at - 1000) / 10
    assert heard.opener.open_now == 0


async def test_a_keepalive_is_enough_to_notice_that_a_connection_is_old() -> None:
    quiet: list[Piece] = [20.0, KEEPALIVE]
    heard = Heard(quiet * 30, longest=100)
    await heard.until_idle()
    assert heard.opener.opened_at == [1000, 1060]


@pytest.mark.parametrize(
    "end",
    [
        FeedError(Reason.TIMEOUT, "no answer in 5 s"),
        FeedError(Reason.NETWORK, "ReadError"),
        RuntimeError("a bug"),
    ],
)
async def test_however_a_stream_ends_that_is_told(end: Exception) -> None:
    heard = Heard([event("a"), end])
    with pytest.raises(type(end)):
        await heard.listening.run()
    assert heard.publisher.diary == ["connected", "a", "disconnected"]
    assert heard.opener.open_now == 0


async def test_a_stream_that_did_not_open_was_not_connected() -> None:
    heard = Heard(FeedError(Reason.SERVER, "HTTP 503", 30, 503))
    error = await heard.failure()
    assert (error.reason, error.retry_after) == (Reason.SERVER, 30)
    assert heard.publisher.diary == ["disconnected"]


async def test_a_stop_closes_the_connection_and_is_told() -> None:
    heard = Heard([event("a")])
    async with running(heard.listening.run):
        await heard.publisher.until(lambda: heard.publisher.events == ["a"])
    assert heard.publisher.diary[-1] == "disconnected"
    assert heard.opener.open_now == 0


async def test_an_event_without_an_end_is_a_failure_to_read() -> None:
    endless: list[Piece] = [b"data: " + b"x" * (1 << 20)] * 17
    heard = Heard([event("a"), *endless])
    assert (await heard.failure()).reason is Reason.DECODE
    assert heard.publisher.cursor() == "a"


# ---- A cursor that the vendor refuses -------------------------------------------------------


async def test_a_400_with_a_token_starts_again_once_without_it() -> None:
    refused = FeedError(Reason.REJECTED, "HTTP 400", status=400)
    heard = Heard(refused, refused, [event("n")], cursor="old")
    assert (await heard.failure()).reason is Reason.STALE_CURSOR
    assert (await heard.failure()) is refused
    await heard.until_idle()
    assert heard.opener.asked == ["old", "", "", "n"]
    assert heard.publisher.diary.count("expired") == 1


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
async def test_no_other_refusal_takes_the_token_away(status: int) -> None:
    heard = Heard(FeedError(Reason.REJECTED, "as told", status=status), cursor="old")
    assert (await heard.failure()).reason is Reason.REJECTED
    assert heard.publisher.cursor() == "old"
