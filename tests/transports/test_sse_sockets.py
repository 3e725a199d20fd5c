"""Server-sent events over a real socket: errors instead of a stream, cuts, silence, gzip, turns."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from exporter.errors import Reason, SignInPending
from exporter.streams import Sse
from exporter.transports.client import new_http
from exporter.transports.sse import Listening
from tests.transports.site import HandClock, Site, signing_in, site
from tests.transports.streamed import (
    DEADLINE,
    ERROR,
    KEEPALIVE,
    Publisher,
    Sleep,
    chunk,
    event,
    failure,
    head,
    in_turn,
    running,
    sse,
    streaming,
    token_of,
)
from tests.transports.vendor import Respond, Seen, reply

pytestmark = pytest.mark.anyio


class Streamed:
    """A site whose `/sse` is listened to."""

    def __init__(self, acme: Site, feed: Sse[Any], cursor: str) -> None:
        self.acme = acme
        self.publisher = Publisher(cursor)
        self.listening = Listening(
            feed, acme.client, self.publisher, acme.monotonic, lambda: 0.0, Sleep(HandClock(0))
        )
        self.run = self.listening.run

    def answer(self, *answers: bytes | Respond) -> None:
        """How `/sse` is answered, one after the other; the last one from then on."""
        self.acme.vendor.answers["/sse"] = in_turn(*answers)

    @property
    def requests(self) -> list[Seen]:
        """The requests for the stream."""
        return self.acme.vendor.asked("/sse")

    @property
    def codes(self) -> list[str]:
        """The codes with which its requests were counted."""
        return [code for feed, code in self.acme.report.requests if feed == "events"]


@asynccontextmanager
async def streamed(
    cursor: str = "", idle: float = 5.0, encoding: str = "identity", places: int = 4
) -> AsyncIterator[Streamed]:
    """A site with a stream, which has a connection beside those of the polls."""
    async with site(places=places) as acme, new_http(acme.options, places + 1) as http:
        acme.http = http
        acme.client = acme.client_with(signing_in(acme.secrets))
        yield Streamed(acme, sse(idle, encoding=encoding), cursor)


# ---- Errors instead of a stream -------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, Reason.REJECTED),
        (403, Reason.REJECTED),
        (404, Reason.REJECTED),
        (429, Reason.RATE_LIMITED),
        (503, Reason.SERVER),
    ],
)
async def test_an_error_as_json_is_its_status_and_not_its_content_type(
    status: int, reason: Reason
) -> None:
    async with streamed() as stream:
        answer = reply(status, b'{"code": 1}', content_type="application/json", retry_after="30")
        stream.answer(answer)
        error = await failure(stream.run)
        assert stream.codes == [str(status)]
    assert (error.reason, error.detail, error.retry_after) == (reason, f"HTTP {status}", 30)
    assert stream.publisher.diary == ["disconnected"]


async def test_a_token_that_is_refused_is_given_up_once() -> None:
    async with streamed("old") as stream:
        stream.answer(ERROR, ERROR, streaming(event("a")))
        reasons = [(await failure(stream.run)).reason for _ in range(2)]
        async with running(stream.run):
            await stream.publisher.until(lambda: stream.publisher.events == ["a"])
        assert [token_of(seen) for seen in stream.requests] == ["old", "", ""]
    assert reasons == [Reason.STALE_CURSOR, Reason.REJECTED]
    assert stream.publisher.diary.count("expired") == 1


@pytest.mark.parametrize("told", ["application/json", "text/plain", "text/event-streams", ""])
async def test_an_answer_of_another_type_is_no_stream(told: str) -> None:
    async with streamed() as stream:
        stream.answer(streaming(event("a"), headers=head(content_type=told)))
        error = await failure(stream.run)
    assert (error.reason, error.detail) == (Reason.DECODE, "the answer is no text/event-stream")
    assert stream.publisher.diary == ["disconnected"]


@pytest.mark.parametrize("told", ["text/event-stream;charset=UTF-8", "Text/Event-Stream"])
async def test_the_type_may_have_parameters_and_any_case(told: str) -> None:
    async with streamed() as stream:
        stream.answer(streaming(event("a"), headers=head(content_type=told)))
        async with running(stream.run):
            await stream.publisher.until(lambda: stream.publisher.events == ["a"])


async def test_a_session_that_ended_is_renewed_before_the_stream_is_opened() -> None:
    async with streamed() as stream:
        await stream.acme.ask()
        stream.acme.gate.valid.clear()
        stream.answer(reply(401, b'{"code": 101}'), streaming(event("a")))
        async with running(stream.run):
            await stream.publisher.until(lambda: stream.publisher.events == ["a"])
        assert stream.acme.logins == 2
        assert [seen.headers["x-session"] for seen in stream.requests] == ["S1", "S2"]
        assert stream.codes == ["401", "200"]
    assert stream.publisher.diary[:2] == ["connected", "a"]


async def test_a_401_right_after_a_new_sign_in_is_the_streams_failure() -> None:
    async with streamed() as stream:
        stream.answer(reply(401))
        error = await failure(stream.run)
        assert stream.acme.logins == 1
        assert stream.codes == ["401"]
    assert not isinstance(error, SignInPending)
    assert (error.reason, error.detail) == (Reason.AUTH, "HTTP 401")
    assert stream.acme.report.failures == []


async def test_a_401_that_a_new_sign_in_does_not_cure_is_the_streams_failure() -> None:
    async with streamed() as stream:
        await stream.acme.ask()
        stream.answer(reply(401))
        error = await failure(stream.run)
        assert stream.acme.logins == 2
        assert stream.codes == ["401", "401"]
    assert error.reason is Reason.AUTH


# ---- How a stream ends ----------------------------------------------------------------------


@pytest.mark.parametrize("cut_at", range(1, len(event("bb"))))
async def test_a_stream_that_is_cut_in_an_event_counts_nothing_of_it(cut_at: int) -> None:
    async with streamed() as stream:
        cut = streaming(event("aa") + event("bb")[:cut_at], end="cut")
        stream.answer(cut, streaming(event("bb"), KEEPALIVE))
        error = await failure(stream.run)
        assert stream.publisher.events == ["aa"]
        async with running(stream.run):
            await stream.publisher.until(lambda: stream.publisher.events == ["aa", "bb"])
        assert [token_of(seen) for seen in stream.requests] == ["", "aa"]
    assert error.reason is Reason.NETWORK
    assert stream.publisher.diary[:3] == ["connected", "aa", "disconnected"]


async def test_a_close_in_good_order_after_a_keepalive_is_followed_by_a_new_stream() -> None:
    async with streamed("t0") as stream:
        quiet = streaming(KEEPALIVE, b": closing\n\n", end="close")
        stream.answer(quiet, quiet, streaming(event("a")))
        async with running(stream.run):
            await stream.publisher.until(lambda: stream.publisher.events == ["a"])
        assert [token_of(seen) for seen in stream.requests] == ["t0"] * 3
        assert stream.publisher.diary.count("disconnected") == 3


async def test_a_close_without_a_sign_of_life_is_a_failure() -> None:
    async with streamed() as stream:
        stream.answer(streaming(end="close"))
        error = await failure(stream.run)
    assert error.reason is Reason.NETWORK
    assert stream.publisher.diary == ["connected", "disconnected"]


async def test_silence_for_longer_than_idle_is_a_time_out() -> None:
    async with streamed(idle=0.3) as stream:
        stream.answer(streaming(event("a")))
        error = await failure(stream.run)
    assert (error.reason, error.detail) == (Reason.TIMEOUT, "no answer in 0.3 s")
    assert stream.publisher.diary == ["connected", "a", "disconnected"]
    assert stream.publisher.cursor() == "a"


async def test_keepalives_hold_a_quiet_stream_for_longer_than_idle() -> None:
    async def quiet(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(head())
        for _number in range(14):
            writer.write(chunk(KEEPALIVE))
            await writer.drain()
            await asyncio.sleep(0.1)
        writer.write(chunk(event("a")))
        await asyncio.Event().wait()

    async with streamed(idle=1.0) as stream:
        stream.answer(quiet)
        async with running(stream.run):
            await stream.publisher.until(lambda: stream.publisher.events == ["a"])
        assert len(stream.requests) == 1
    assert "alive" in stream.publisher.diary


async def test_a_stop_closes_the_connection() -> None:
    gone = asyncio.Event()

    async def held(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(head() + chunk(event("a")))
        while not writer.transport.is_closing():
            writer.write(chunk(KEEPALIVE))
            await asyncio.sleep(0.01)
        gone.set()

    async with streamed() as stream:
        stream.answer(held)
        async with running(stream.run):
            await stream.publisher.until(lambda: "a" in stream.publisher.events)
        async with asyncio.timeout(DEADLINE):
            await gone.wait()


# ---- What is asked for ----------------------------------------------------------------------


async def test_the_request_arrives_as_the_platform_wrote_it() -> None:
    async with streamed("t0") as stream:
        stream.answer(streaming(event("a")))
        async with running(stream.run):
            await stream.publisher.until(lambda: stream.publisher.events == ["a"])
        (seen,) = stream.requests
    assert (seen.method, seen.body) == ("POST", b'{"token": "t0"}')
    wanted = {
        "content-type": "application/json",
        "accept": "text/event-stream, application/json",
        "accept-encoding": "identity",
        "x-session": "S1",
    }
    assert {name: seen.headers[name] for name in wanted} == wanted


async def test_a_compressed_stream_is_read_event_by_event_where_the_request_allows_it() -> None:
    read = asyncio.Event()

    async def compressed(_: Seen, writer: asyncio.StreamWriter) -> None:
        packed = zlib.compressobj(wbits=31)
        writer.write(head(content_encoding="gzip"))
        for name in ("a", "b"):
            read.clear()
            flushed = packed.compress(event(name)) + packed.flush(zlib.Z_SYNC_FLUSH)
            writer.write(chunk(flushed))
            await read.wait()

    async with streamed(encoding="gzip") as stream:
        stream.answer(compressed)
        async with running(stream.run):
            await stream.publisher.until(lambda: stream.publisher.events == ["a"])
            read.set()
            await stream.publisher.until(lambda: stream.publisher.events == ["a", "b"])
        (seen,) = stream.requests
    assert seen.headers["accept-encoding"] == "gzip"


async def test_a_stream_whose_compression_is_broken_is_a_failure_to_read() -> None:
    async with streamed(encoding="gzip") as stream:
        stream.answer(streaming(event("a"), headers=head(content_encoding="gzip")))
        assert (await failure(stream.run)).reason is Reason.DECODE
    assert stream.publisher.events == []


async def test_a_stream_takes_no_turn_of_the_polls() -> None:
    async with streamed(places=1) as stream:
        stream.answer(streaming(event("a")))
        async with running(stream.run):
            await stream.publisher.until(lambda: stream.publisher.events == ["a"])
            for _ in range(3):
                assert (await stream.acme.ask()).body == b'{"waiting": 3}'
            assert "disconnected" not in stream.publisher.diary
