"""Requests that the vendor may hold: what the client makes of them, beside polls that go on."""

import asyncio
import gzip
from collections.abc import Awaitable

import pytest

from exporter.errors import FeedError, Reason
from exporter.feeds import Answer, Request
from exporter.transports.client import new_http
from tests.transports.site import DATE_AT_NOON, NOON, STATS, Site, signing_in, site
from tests.transports.streamed import DEADLINE
from tests.transports.vendor import Respond, Seen, reply

pytestmark = pytest.mark.anyio

PLANTED = b"+15550100"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + PLANTED


async def silent(_: Seen, writer: asyncio.StreamWriter) -> None:
    """Never answers."""
    await asyncio.Event().wait()


async def cut(_: Seen, writer: asyncio.StreamWriter) -> None:
    """Ends in the middle of a body."""
    writer.write(HALF)
    writer.close()


async def held(acme: Site, within: float = 5.0, request: Request = STATS) -> Answer:
    """The answer to a request that may be held."""
    async with asyncio.timeout(DEADLINE):
        return await acme.client.hold("events", request, within)


async def failure(reading: Awaitable[object]) -> FeedError:
    """The failure of a reading that must fail."""
    with pytest.raises(FeedError) as caught:
        await reading
    return caught.value


def codes(acme: Site) -> list[str]:
    """The codes of the requests that were counted for the feed."""
    return [code for feed, code in acme.report.requests if feed == "events"]


async def test_a_held_request_is_answered_like_any_other() -> None:
    async with site() as acme:
        acme.answer(reply(200, gzip.compress(b"[1]"), date=DATE_AT_NOON, content_encoding="gzip"))
        answer = await held(acme)
        (seen,) = acme.vendor.asked("/stats")
    assert (answer.body, answer.at, answer.date) == (b"[1]", NOON, NOON)
    assert seen.headers["x-session"] == "S1"
    assert codes(acme) == ["200"]


@pytest.mark.parametrize(
    ("answer", "date"),
    [
        (reply(200, date="Mon, 24 Nov 2025 13:00:00 GMT"), NOON + 3600),
        (reply(200, date=DATE_AT_NOON), NOON),
        (reply(200, date="at noon"), None),
        (reply(200), None),
    ],
)
async def test_an_answer_tells_its_own_date_and_none_where_it_had_none(
    answer: bytes, date: float | None
) -> None:
    async with site() as acme:
        acme.answer(reply(200, date="Mon, 24 Nov 2025 11:00:00 GMT"))
        await acme.ask()
        acme.answer(answer)
        assert (await held(acme)).date == date
        assert (await acme.ask()).date == date


async def test_it_may_take_longer_than_other_requests_and_its_time_is_counted() -> None:
    async def slow(_: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.6)
        acme.monotonic.now += 10
        writer.write(reply(200, b"[]"))

    async with site(within=0.4) as acme:
        await acme.ask()
        acme.answer(slow)
        assert (await held(acme, within=10)).body == b"[]"
    assert acme.report.seconds[-1] == 10


async def test_it_may_not_take_longer_than_was_said() -> None:
    async with site() as acme:
        await acme.ask()
        acme.answer(silent)
        error = await failure(held(acme, within=0.2))
    assert (error.reason, error.detail) == (Reason.TIMEOUT, "no answer in 0.2 s")
    assert codes(acme) == ["none"]


@pytest.mark.parametrize(
    ("answer", "reason", "code"),
    [
        (reply(400), Reason.REJECTED, "400"),
        (reply(429, retry_after="7"), Reason.RATE_LIMITED, "429"),
        (reply(500), Reason.SERVER, "500"),
        (reply(401), Reason.AUTH, "401"),
        (cut, Reason.NETWORK, "200"),
        (reply(200, PLANTED, content_encoding="gzip"), Reason.DECODE, "200"),
    ],
)
async def test_what_goes_wrong_with_a_held_request_is_told_in_our_words(
    answer: bytes | Respond, reason: Reason, code: str
) -> None:
    async with site() as acme:
        acme.answer(answer)
        error = await failure(held(acme))
    assert error.reason is reason
    assert error.retry_after == (7 if code == "429" else None)
    assert error.status == (None if code == "200" else int(code))
    assert PLANTED.decode() not in str(error)
    assert codes(acme) == [code]


async def test_a_held_request_gets_a_new_session_where_the_old_one_has_ended() -> None:
    async with site() as acme:
        await acme.ask()
        acme.gate.valid.clear()
        assert (await held(acme)).body == b'{"waiting": 3}'
        assert acme.logins == 2
    assert codes(acme) == ["401", "200"]
    assert acme.report.failures == []


async def test_polls_go_on_while_a_request_is_held_and_so_does_a_second_one() -> None:
    reached = asyncio.Semaphore(0)

    async def hold(_: Seen, writer: asyncio.StreamWriter) -> None:
        reached.release()
        await asyncio.Event().wait()

    async with site(places=1) as acme, new_http(acme.options, 3) as http:
        acme.http = http
        acme.client = acme.client_with(signing_in(acme.secrets))
        acme.vendor.answers["/held"] = hold
        request = Request("GET", "/held")
        async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
            tasks = [group.create_task(held(acme, request=request)) for _ in range(2)]
            for _ in tasks:
                await reached.acquire()
            assert (await acme.ask()).body == b'{"waiting": 3}'
            for task in tasks:
                task.cancel()
