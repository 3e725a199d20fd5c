"""Answers without an end: what the client makes of them, and of what goes wrong with them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from exporter.errors import FeedError, Reason, SignInPending
from exporter.feeds import Answer, Request
from tests.transports.site import NOON, STATS, Site, site
from tests.transports.streamed import DEADLINE, chunk, event, head, streaming
from tests.transports.vendor import Respond, Seen, reply, serving

pytestmark = pytest.mark.anyio

MEDIA_TYPE = "text/event-stream"
PLANTED = b"+15550100"


async def silent(_: Seen, writer: asyncio.StreamWriter) -> None:
    """Never answers."""
    await asyncio.Event().wait()


async def held(acme: Site, request: Request = STATS) -> Answer:
    """The answer to a request that may be held."""
    async with asyncio.timeout(DEADLINE):
        return await acme.client.hold("events", request, 5)


async def listened(
    acme: Site,
    told: Callable[[bytes], None] = lambda chunk: None,
    silence: float = 5.0,
    request: Request = STATS,
) -> None:
    """Reads a stream to its end."""
    async with asyncio.timeout(DEADLINE):
        async with acme.client.stream("events", request, MEDIA_TYPE, silence) as chunks:
            async for piece in chunks:
                told(piece)


async def failure(reading: Awaitable[object]) -> FeedError:
    """The failure of a reading that must fail."""
    with pytest.raises(FeedError) as caught:
        await reading
    return caught.value


def codes(acme: Site) -> list[str]:
    """The codes of the requests that were counted for the feed."""
    return [code for feed, code in acme.report.requests if feed == "events"]


async def test_a_stream_is_its_bytes_as_they_come_and_one_request() -> None:
    told: list[bytes] = []
    async with site() as acme:
        acme.answer(streaming(event("a"), event("b"), end="close"))
        await listened(acme, told.append)
    assert b"".join(told) == event("a") + event("b")
    assert acme.report.requests == [("session", "200"), ("events", "200")]


async def test_a_stream_is_counted_when_it_opens_and_not_by_how_long_it_lasts() -> None:
    async with site() as acme:

        def told(_: bytes) -> None:
            assert codes(acme) == ["200"]
            acme.monotonic.now += 3600

        acme.answer(streaming(event("a"), end="close"))
        await listened(acme, told)
    assert acme.report.seconds[-1] == 0


async def test_the_date_of_a_stream_tells_the_vendors_clock() -> None:
    async with site() as acme:
        date = "Mon, 24 Nov 2025 13:00:00 GMT"
        acme.answer(streaming(end="close", headers=head(date=date)))
        await listened(acme)
        assert acme.client.vendor_time() == NOON + 3600


@pytest.mark.parametrize(
    ("answer", "reason", "code"),
    [
        (reply(400), Reason.REJECTED, "400"),
        (reply(302, location="/elsewhere"), Reason.REJECTED, "302"),
        (reply(429), Reason.RATE_LIMITED, "429"),
        (reply(503), Reason.SERVER, "503"),
        (reply(401), Reason.AUTH, "401"),
        (reply(200, PLANTED), Reason.DECODE, "200"),
        (streaming(PLANTED, end="cut"), Reason.NETWORK, "200"),
        (
            streaming(PLANTED, headers=head(content_encoding="gzip")),
            Reason.DECODE,
            "200",
        ),
    ],
)
async def test_what_goes_wrong_with_a_stream_is_told_in_our_words(
    answer: bytes | Respond, reason: Reason, code: str
) -> None:
    async with site() as acme:
        acme.answer(answer)
        error = await failure(listened(acme))
    assert error.reason is reason
    assert error.status == (None if code == "200" else int(code))
    assert PLANTED.decode() not in str(error)
    assert codes(acme) == [code]


async def test_silence_in_a_stream_is_a_time_out() -> None:
    async with site() as acme:
        acme.answer(streaming(event("a")))
        error = await failure(listened(acme, silence=0.2))
    assert (error.reason, error.detail) == (Reason.TIMEOUT, "no answer in 0.2 s")


async def test_opening_a_stream_has_the_time_out_of_any_request_and_says_so() -> None:
    async with site(within=0.3) as acme:
        await acme.ask()
        acme.answer(silent)
        error = await failure(listened(acme, silence=30))
    assert codes(acme) == ["none"]
    assert (error.reason, error.detail) == (Reason.TIMEOUT, "no answer in 0.3 s")


async def test_a_handshake_that_hangs_is_no_connection_and_none_is_left_open() -> None:
    ended = asyncio.Queue[bool]()

    async def mute(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            pass
        ended.put_nowait(True)

    async with site(within=0.4) as acme, serving(mute) as port:
        await acme.ask()
        request = Request("GET", f"https://127.0.0.1:{port}/stats")
        for reading in (held(acme, request), listened(acme, request=request)):
            error = await failure(reading)
            assert (error.reason, error.detail) == (Reason.TIMEOUT, "no connection in 0.2 s")
            async with asyncio.timeout(DEADLINE):
                await ended.get()


async def test_a_host_that_is_not_there_is_no_network() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    async with site() as acme:
        await acme.ask()
        gone = Request("GET", f"{url}/stats")
        for reading in (listened(acme, request=gone), held(acme, gone)):
            error = await failure(reading)
            assert error.reason is Reason.NETWORK
            assert error.detail.endswith("Connection refused")
    assert codes(acme) == ["none", "none"]


async def test_a_header_that_can_not_be_sent_is_told_without_its_value() -> None:
    request = Request("GET", "/stats", headers=(("X-Key", "café €"),))
    async with site() as acme:
        error = await failure(listened(acme, request=request))
        assert acme.vendor.asked("/stats") == []
    assert error.reason is Reason.REJECTED
    assert "café" not in str(error)


async def test_where_nobody_may_sign_in_there_is_no_stream_and_no_request() -> None:
    async with site() as acme:
        acme.secrets["password"] = "wrong"
        for reading in (listened(acme), held(acme)):
            error = await failure(reading)
            assert isinstance(error, SignInPending)
            assert error.retry_after == 60
        assert acme.logins == 1
    assert codes(acme) == []


async def test_a_stream_gets_a_new_session_where_the_old_one_has_ended() -> None:
    told: list[bytes] = []

    async def guarded(request: Seen, writer: asyncio.StreamWriter) -> None:
        if request.headers["x-session"] in acme.gate.valid:
            await streaming(event("a"), end="close")(request, writer)
        else:
            writer.write(reply(401))

    async with site(places=1) as acme:  # the refused answer must give its connection back
        await acme.ask()
        acme.gate.valid.clear()
        acme.answer(guarded)
        await listened(acme, told.append)
        assert acme.logins == 2
    assert told == [event("a")]
    assert codes(acme) == ["401", "200"]
    assert acme.report.failures == []


@pytest.mark.parametrize("status", [200, 404])
async def test_a_stream_that_was_left_gives_its_connection_back(status: int) -> None:
    async def endless(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(head(status))
        while not writer.transport.is_closing():
            writer.write(chunk(event("a")))
            await asyncio.sleep(0.01)

    async def first(chunks: AsyncIterator[bytes]) -> bytes:
        return await anext(chunks)

    async with site(places=1) as acme:
        acme.vendor.answers["/endless"] = endless
        request = Request("GET", "/endless")
        async with asyncio.timeout(DEADLINE):
            for _ in range(3):
                if status == 200:
                    async with acme.client.stream("events", request, MEDIA_TYPE, 5) as chunks:
                        assert (await first(chunks)).startswith(event("a"))
                else:
                    await failure(listened(acme, request=request))
                assert (await acme.ask()).body == b'{"waiting": 3}'


async def test_what_the_reader_of_a_stream_raises_is_raised() -> None:
    def broken(_: bytes) -> None:
        raise RuntimeError("a bug")

    async with site() as acme:
        acme.answer(streaming(event("a")))
        with pytest.raises(RuntimeError, match="a bug"):
            await listened(acme, broken)
