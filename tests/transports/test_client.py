"""A request of a feed and everything that can come back."""

import asyncio
import gzip

import httpx
import pytest

from exporter import __version__
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


async def test_an_answer_is_the_body_and_the_time_it_was_given() -> None:
    async with site() as acme:
        acme.answer(reply(200, b'{"waiting": 3}', date=DATE_AT_NOON))
        answer = await acme.ask()
    assert (answer.body, answer.at) == (b'{"waiting": 3}', NOON)


async def test_a_request_arrives_as_the_platform_wrote_it() -> None:
    request = Request(
        "POST",
        "/stats",
        b'{"service": [1]}',
        params=(("count", "100"), ("name", "a b&c/ä")),
        headers=(("X-Feature", "7"),),
    )
    async with site() as acme:
        await acme.ask(request=request)
        (seen,) = acme.vendor.asked("/stats")
    assert (seen.method, seen.body) == ("POST", b'{"service": [1]}')
    assert httpx.URL(seen.target).params.multi_items() == [("count", "100"), ("name", "a b&c/ä")]
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["x-feature"] == "7"
    assert seen.headers["x-session"] == "S1"


async def test_every_request_says_who_asks_and_what_it_reads() -> None:
    async with site() as acme:
        await acme.ask()
        agents = {request.headers["user-agent"] for request in acme.vendor.seen}
        (stats,) = acme.vendor.asked("/stats")
    assert agents == {f"contact-center-exporter/{__version__}"}
    assert stats.headers["accept"] == "application/json"
    assert "gzip" in stats.headers["accept-encoding"]
    assert "content-type" not in stats.headers


async def test_a_path_is_relative_to_the_base_url() -> None:
    async with site() as plain, site(url=f"{plain.vendor.url}/v2") as acme:
        plain.vendor.answers["/v2/login"] = plain.gate.log_in
        plain.vendor.answers["/v2/stats"] = reply(200)
        await acme.ask()
        assert [request.target for request in plain.vendor.seen] == ["/v2/login", "/v2/stats"]


async def test_a_compressed_answer_is_read() -> None:
    body = b'{"waiting": 3}' * 1000
    async with site() as acme:
        acme.answer(reply(200, gzip.compress(body), content_encoding="gzip"))
        assert (await acme.ask()).body == body


async def test_connections_are_kept() -> None:
    ports = set()

    async def noted(_: Seen, writer: asyncio.StreamWriter) -> None:
        ports.add(writer.get_extra_info("peername"))
        writer.write(reply(200))

    async with site() as acme:
        acme.answer(noted)
        for _ in range(5):
            await acme.ask()
    assert len(ports) == 1


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


async def test_requests_are_counted_by_status_and_timed() -> None:
    async with site() as acme:

        async def slow(_: Seen, writer: asyncio.StreamWriter) -> None:
            acme.monotonic.now += 0.75
            writer.write(reply(503))

        await acme.ask()
        acme.answer(slow)
        await acme.error()
    assert acme.report.requests == [("session", "200"), ("stats", "200"), ("stats", "503")]
    assert acme.report.seconds == [0, 0, 0.75]


async def test_no_more_requests_are_in_flight_than_there_are_places() -> None:
    in_flight = [0, 0]

    async def counted(_: Seen, writer: asyncio.StreamWriter) -> None:
        in_flight[0] += 1
        in_flight[1] = max(in_flight)
        await asyncio.sleep(0.01)
        in_flight[0] -= 1
        writer.write(reply(200))

    async with site(places=3) as acme:
        acme.answer(counted)
        async with asyncio.TaskGroup() as group:
            for number in range(12):
                group.create_task(acme.ask(f"feed {number % 2}"))
    assert in_flight == [0, 3]


async def test_the_vendors_clock_is_ours_until_a_date_says_otherwise() -> None:
    async with site() as acme:
        assert acme.client.vendor_time() == NOON
        acme.answer(reply(200, date="Mon, 24 Nov 2025 13:00:00 GMT"))
        assert (await acme.ask()).at == NOON + 3600
        acme.wall.now += 10
        assert acme.client.vendor_time() == NOON + 3610
        acme.answer(reply(200))
        assert (await acme.ask()).at == NOON + 3610
        acme.answer(reply(500, date=DATE_AT_NOON))
        acme.wall.now = NOON + 1.5
        await acme.error()
        assert acme.client.vendor_time() == NOON + 1.5


async def test_a_body_that_takes_long_does_not_set_the_vendors_clock_back() -> None:
    async with site() as acme:
        await acme.ask()

        async def slow(_: Seen, writer: asyncio.StreamWriter) -> None:
            whole = reply(200, b"[]", date=DATE_AT_NOON)
            writer.write(whole[:-1])
            await head_came.wait()
            acme.wall.now += 30
            writer.write(whole[-1:])

        async def on_head(_: httpx.Response) -> None:
            asyncio.get_running_loop().call_later(0.05, head_came.set)

        head_came = asyncio.Event()
        acme.http.event_hooks = {"response": [on_head]}
        acme.answer(slow)
        assert (await acme.ask()).at == NOON
        assert acme.client.vendor_time() == NOON + 30


@pytest.mark.parametrize("session", ["caf\u00e9 €", "two\nlines"])
async def test_a_header_that_can_not_be_sent_is_told_without_its_value(session: str) -> None:
    async with site() as acme:
        request = Request("GET", "/stats", headers=(("X-Key", session),))
        error = await acme.error(request=request)
        assert acme.vendor.asked("/stats") == []
    assert error.reason is Reason.REJECTED
    assert "headers" in error.detail
    assert session not in str(error)


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
