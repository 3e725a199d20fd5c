"""What a feed is told when an answer is refused, broken, cut, endless, late or none."""

import asyncio
import gzip

import pytest

from exporter.errors import FeedError, Reason
from exporter.feeds import Request
from tests.transports.site import DATE_AT_NOON, NOON, PASSWORD, site
from tests.transports.vendor import Respond, Seen, reply

pytestmark = pytest.mark.anyio

PLANTED = b"+15550100 Erika Mustermann"


def writing(*pieces: bytes, pause: float = 0.0, close: bool = False) -> Respond:
    """An answer in pieces, with pauses before each but the first."""

    async def respond(_: Seen, writer: asyncio.StreamWriter) -> None:
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.sleep(pause)
            writer.write(piece)
            await writer.drain()
        if close:
            writer.close()

    return respond


async def silent(_: Seen, writer: asyncio.StreamWriter) -> None:
    """Never answers."""
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, Reason.REJECTED),
        (403, Reason.REJECTED),
        (404, Reason.REJECTED),
        (429, Reason.RATE_LIMITED),
        (500, Reason.SERVER),
        (503, Reason.SERVER),
    ],
)
async def test_a_failure_has_its_reason_and_its_status_and_nothing_of_the_body(
    status: int, reason: Reason
) -> None:
    async with site() as acme:
        acme.answer(reply(status, PLANTED))
        error = await acme.error()
    assert (error.reason, error.detail) == (reason, f"HTTP {status}")
    assert acme.report.requests[-1] == ("stats", str(status))


async def test_a_redirect_is_a_failure_and_not_followed() -> None:
    async with site() as acme, site() as elsewhere:
        location = f"{elsewhere.vendor.url}/stats"
        acme.answer(reply(302, location=location))
        error = await acme.error()
        assert elsewhere.vendor.seen == []
    assert (error.reason, error.detail) == (Reason.REJECTED, "HTTP 302")


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("30", 30),
        ("Mon, 24 Nov 2025 12:01:00 GMT", 60),
        ("Mon, 24 Nov 2025 11:00:00 GMT", 0),
        ("soon", None),
        ("-1", None),
        ("99999999999999999999", 86400),
    ],
)
async def test_what_the_vendor_asks_to_wait_is_told(
    status: int, header: str, wait: float | None
) -> None:
    async with site() as acme:
        acme.answer(reply(status, retry_after=header))
        assert (await acme.error()).retry_after == wait


async def test_a_date_to_retry_after_is_read_by_the_vendors_own_clock() -> None:
    async with site() as acme:
        acme.wall.now = NOON + 3600
        date = "Mon, 24 Nov 2025 12:01:00 GMT"
        acme.answer(reply(503, retry_after=date, date=DATE_AT_NOON))
        assert (await acme.error()).retry_after == 60


HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + PLANTED
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
UNREADABLE = reply(200, PLANTED * 100, content_encoding="gzip")
BAD_CHECKSUM = reply(200, gzip.compress(PLANTED)[:-8] + bytes(8), content_encoding="gzip")


@pytest.mark.parametrize(
    ("respond", "reason", "code"),
    [
        pytest.param(writing(HALF, close=True), Reason.NETWORK, "200", id="cut"),
        pytest.param(writing(CHUNKED, close=True), Reason.NETWORK, "200", id="cut chunks"),
        pytest.param(writing(b"", close=True), Reason.NETWORK, "none", id="closed"),
        pytest.param(writing(PLANTED + b"\r\n\r\n"), Reason.NETWORK, "none", id="no HTTP"),
        pytest.param(UNREADABLE, Reason.DECODE, "200", id="no gzip"),
        pytest.param(BAD_CHECKSUM, Reason.DECODE, "200", id="broken gzip"),
    ],
)
async def test_a_broken_answer_is_a_failure_that_quotes_nothing(
    respond: bytes | Respond, reason: Reason, code: str
) -> None:
    async with site() as acme:
        await acme.ask()
        acme.answer(respond)
        error = await acme.error()
        assert error.reason is reason
        assert acme.report.requests[-1] == ("stats", code)
        assert not any(word in str(error) for word in PLANTED.decode().split())
        acme.answer(reply(200, b"[]"))
        assert (await acme.ask()).body == b"[]"


@pytest.mark.parametrize("compressed", [False, True])
async def test_an_answer_beyond_the_limit_is_refused_and_not_kept(compressed: bool) -> None:
    body = b"0" * 200_001
    headers = {"content_encoding": "gzip"} if compressed else {}
    async with site(largest=200_000) as acme:
        acme.answer(reply(200, gzip.compress(body) if compressed else body, **headers))
        error = await acme.error()
        assert (error.reason, error.detail) == (Reason.DECODE, "an answer over 200000 bytes")
        acme.answer(reply(200, body[1:]))
        assert len((await acme.ask()).body) == 200_000


@pytest.mark.parametrize(
    ("respond", "code"),
    [
        pytest.param(silent, "none", id="no answer"),
        pytest.param(writing(b"HTTP/1.1 200", b" OK", pause=60), "none", id="half a head"),
        pytest.param(
            writing(HALF, *[b"."] * 1000, pause=0.02), "200", id="a byte before every time-out"
        ),
    ],
)
async def test_the_time_out_is_that_of_the_whole_request(respond: Respond, code: str) -> None:
    async with site(within=0.3) as acme:
        await acme.ask()
        acme.answer(respond)
        error = await acme.error()
    assert (error.reason, error.detail) == (Reason.TIMEOUT, "no answer in 0.3 s")
    assert acme.report.requests[-1] == ("stats", code)


async def test_the_body_of_a_failure_neither_hides_nor_delays_it() -> None:
    endless = b"HTTP/1.1 429 Slow down\r\nRetry-After: 30\r\nContent-Encoding: gzip\r\n"
    async with site() as acme:
        acme.answer(writing(endless + b"Content-Length: 99\r\n\r\nno gzip", b"", pause=60))
        error = await acme.error()
    assert (error.reason, error.retry_after) == (Reason.RATE_LIMITED, 30)


async def test_a_hung_connection_holds_one_place_and_not_for_longer_than_the_time_out() -> None:
    async with site(within=0.5, places=2) as acme:
        acme.vendor.answers["/hung"] = silent
        await acme.ask()
        async with asyncio.TaskGroup() as group:
            hung = group.create_task(acme.error("slow", Request("GET", "/hung")))
            for _ in range(5):
                await acme.ask()
            assert not hung.done()
        assert hung.result().reason is Reason.TIMEOUT
        assert (await acme.ask()).body == b'{"waiting": 3}'


@pytest.mark.parametrize("value", ["café €", "two\nlines"])
async def test_a_header_that_can_not_be_sent_is_told_without_its_value(value: str) -> None:
    async with site() as acme:
        request = Request("GET", "/stats", headers=(("X-Key", value),))
        error = await acme.error(request=request)
        assert acme.vendor.asked("/stats") == []
    assert error.reason is Reason.REJECTED
    assert "headers" in error.detail
    assert value not in str(error)


async def test_no_error_holds_a_secret() -> None:
    errors: list[FeedError] = []
    async with site(within=0.3) as acme:
        for answer in (reply(500, PLANTED), reply(401), writing(HALF, close=True), silent):
            acme.answer(answer)
            errors.append(await acme.error())
        acme.vendor.answers["/login"] = reply(403, PASSWORD.encode())
        errors.append(await acme.error())
    for error in errors:
        told = f"{error!r} {error} {error.detail} {error.__cause__!r}"
        assert PASSWORD not in told
        assert "the-token" not in told
        assert not any(word in told for word in PLANTED.decode().split())
    assert len(errors) == 5
