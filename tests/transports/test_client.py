"""A request of a feed: what arrives at the vendor, what comes back, what is counted."""

import asyncio
import gzip

import httpx
import pytest

from exporter import __version__
from exporter.feeds import Request
from tests.transports.site import DATE_AT_NOON, NOON, site
from tests.transports.vendor import Seen, reply

pytestmark = pytest.mark.anyio


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
