"""Sessions: one sign-in for all feeds, a new one when it ended, and no haste when it is refused."""

import asyncio
import json
from collections.abc import Generator

import pytest

from exporter.accounts import Session
from exporter.errors import ConfigError, FeedError, Reason, SignInPending
from exporter.feeds import Answer, Request
from tests.transports.site import PASSWORD, Site, signing_in, site
from tests.transports.vendor import Seen, reply

pytestmark = pytest.mark.anyio

FEEDS = [f"feed {number}" for number in range(20)]


async def all_at_once(acme: Site) -> list[Answer | FeedError]:
    """What each of many feeds is told when all ask at the same moment."""

    async def outcome(feed: str) -> Answer | FeedError:
        try:
            return await acme.ask(feed)
        except FeedError as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(outcome(feed)) for feed in FEEDS]
    return [task.result() for task in tasks]


async def test_many_feeds_share_one_sign_in() -> None:
    async with site() as acme:
        outcomes = await all_at_once(acme)
        assert acme.logins == 1
        assert {seen.headers["x-session"] for seen in acme.vendor.asked("/stats")} == {"S1"}
    assert all(isinstance(outcome, Answer) for outcome in outcomes)
    assert [session.headers for session, _ in acme.report.sessions] == [(("X-Session", "S1"),)]
    assert acme.report.sign_outs == 0


async def test_nobody_signs_in_before_there_is_something_to_ask() -> None:
    async with site() as acme:
        assert acme.vendor.seen == []


async def test_an_ended_session_is_renewed_once_for_all_feeds_and_is_no_failure() -> None:
    async with site() as acme:
        await acme.ask()
        acme.gate.valid.clear()
        outcomes = await all_at_once(acme)
        assert acme.logins == 2
    assert all(isinstance(outcome, Answer) for outcome in outcomes)
    assert acme.report.failures == []
    assert acme.report.sign_outs == 0


async def test_a_401_right_after_a_new_sign_in_is_the_feeds_failure() -> None:
    async with site() as acme:
        acme.answer(reply(401))
        error = await acme.error()
        assert acme.logins == 1
    assert not isinstance(error, SignInPending)
    assert (error.reason, error.detail) == (Reason.AUTH, "HTTP 401")
    assert acme.report.failures == []


async def test_a_401_that_a_new_sign_in_does_not_cure_is_the_feeds_failure() -> None:
    async with site() as acme:
        await acme.ask()
        acme.answer(reply(401))
        error = await acme.error()
        assert acme.logins == 2
        assert (error.reason, error.detail) == (Reason.AUTH, "HTTP 401")
        acme.vendor.answers["/other"] = reply(200)
        await acme.ask("other", Request("GET", "/other"))
        assert acme.logins == 2
    assert not isinstance(error, SignInPending)


async def test_refused_credentials_are_counted_once_and_not_tried_again_by_other_feeds() -> None:
    async with site() as acme:
        acme.secrets["password"] = "wrong"
        outcomes = await all_at_once(acme)
        assert acme.logins == 1
        assert acme.vendor.asked("/stats") == []
    assert all(isinstance(outcome, SignInPending) for outcome in outcomes)
    ((feed, error),) = acme.report.failures
    assert (feed, error.reason, error.detail) == ("session", Reason.AUTH, "HTTP 401")
    assert acme.report.sign_outs == 1


async def test_refused_credentials_are_tried_again_after_minutes_that_double() -> None:
    async with site() as acme:
        acme.secrets["password"] = "wrong"
        for tries, wait in enumerate((60, 120, 240, 480, 600, 600), start=1):
            assert (await acme.error()).retry_after == wait
            acme.monotonic.now += wait - 1
            assert (await acme.error()).retry_after == 1
            assert acme.logins == tries
            acme.monotonic.now += 1
        acme.secrets["password"] = PASSWORD
        await acme.ask()
    assert len(acme.report.failures) == 6


async def test_a_sign_in_that_worked_starts_the_waits_anew() -> None:
    async with site() as acme:
        acme.secrets["password"] = "wrong"
        for wait in (60, 120):
            acme.monotonic.now += (await acme.error()).retry_after or 0
            assert acme.report.failures[-1][1].retry_after is None, wait
        acme.secrets["password"] = PASSWORD
        await acme.ask()
        acme.gate.valid.clear()
        acme.secrets["password"] = "wrong again"
        assert (await acme.error()).retry_after == 60


@pytest.mark.parametrize("status", [400, 403, 404, 422])
async def test_a_sign_in_that_is_rejected_waits_like_refused_credentials(status: int) -> None:
    async with site() as acme:
        acme.vendor.answers["/login"] = reply(status)
        assert (await acme.error()).retry_after == 60
    ((_, error),) = acme.report.failures
    assert (error.reason, error.detail) == (Reason.AUTH, f"HTTP {status}")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(reply(500), Reason.SERVER), (reply(503), Reason.SERVER), (b"", Reason.NETWORK)],
)
async def test_a_sign_in_that_had_no_say_is_tried_again_soon(answer: bytes, reason: Reason) -> None:
    async def given(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    async with site() as acme:
        acme.vendor.answers["/login"] = given
        waits = []
        for _ in range(5):
            error = await acme.error()
            assert isinstance(error, SignInPending)
            waits.append(error.retry_after or 0)
            acme.monotonic.now += waits[-1]
    assert waits == [1, 2, 4, 8, 8]
    assert {error.reason for _, error in acme.report.failures} == {reason}


async def test_a_vendor_that_asks_to_wait_with_the_sign_in_is_obeyed() -> None:
    async with site() as acme:
        acme.vendor.answers["/login"] = reply(429, retry_after="300")
        assert (await acme.error()).retry_after == 300
        acme.monotonic.now += 299
        await acme.error()
        assert acme.logins == 1
    assert [error.reason for _, error in acme.report.failures] == [Reason.RATE_LIMITED]


async def test_a_session_that_can_not_be_renewed_is_lost() -> None:
    async with site() as acme:
        await acme.ask()
        acme.gate.valid.clear()
        acme.secrets["password"] = "wrong"
        assert isinstance(await acme.error(), SignInPending)
    assert acme.report.sign_outs == 1


async def test_secrets_are_read_at_each_sign_in_and_arrive_as_they_are() -> None:
    async with site() as acme:
        await acme.ask()
        acme.gate.valid.clear()
        acme.gate.password = acme.secrets["password"] = '"rotated"\\\t\u2028😀'
        acme.secrets["token"] = "another-token"
        await acme.ask()
        logins = acme.vendor.asked("/login")
    assert [json.loads(login.body)["password"] for login in logins] == [
        PASSWORD,
        '"rotated"\\\t\u2028😀',
    ]
    assert [login.headers["x-access"] for login in logins] == ["the-token", "another-token"]
    assert "x-session" not in logins[1].headers


async def test_a_secret_that_can_not_be_read_is_refused_credentials() -> None:
    def unreadable() -> bytes:
        raise ConfigError("sources.acme.password: the file /run/secrets/p is not there")

    def sign_in() -> Generator[Request, Answer, Session]:
        yield Request("POST", "/login", unreadable())
        return Session(())

    async with site() as acme:
        acme.client = acme.client_with(sign_in)
        assert (await acme.error()).retry_after == 60
        assert acme.logins == 0
    ((feed, error),) = acme.report.failures
    assert (feed, error.reason) == ("session", Reason.AUTH)
    assert error.detail == "sources.acme.password: the file /run/secrets/p is not there"


async def test_a_token_that_can_not_be_a_header_is_refused_credentials() -> None:
    async with site() as acme:
        acme.secrets["token"] = "tökén€\n"
        assert (await acme.error()).retry_after == 60
        assert acme.logins == 0
    ((_, error),) = acme.report.failures
    assert error.reason is Reason.AUTH
    assert "tök" not in str(error)


async def test_a_sign_in_of_several_requests_gives_one_session() -> None:
    async with site() as acme:

        def sign_in() -> Generator[Request, Answer, Session]:
            answer = yield Request("GET", "/token")
            assert answer.body == b'"T1"'
            return (yield from signing_in(acme.secrets)())

        acme.client = acme.client_with(sign_in)
        acme.vendor.answers["/token"] = reply(200, b'"T1"')
        assert (await acme.ask()).body == b'{"waiting": 3}'
        assert [seen.target for seen in acme.vendor.seen] == ["/token", "/login", "/stats"]
    assert [feed for feed, _ in acme.report.requests] == ["session", "session", "stats"]


async def test_a_sign_in_waits_for_its_turn_like_every_request() -> None:
    async with site(places=1) as acme:
        assert len(await all_at_once(acme)) == len(FEEDS)
        assert acme.logins == 1


async def test_a_cancelled_sign_in_leaves_the_way_to_the_next_one() -> None:
    hung = asyncio.Event()

    async def silent(_: Seen, writer: asyncio.StreamWriter) -> None:
        hung.set()
        await asyncio.Event().wait()

    async with site() as acme:
        acme.vendor.answers["/login"] = silent
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            task = group.create_task(acme.ask())
            await hung.wait()
            task.cancel()
        acme.vendor.answers["/login"] = acme.gate.log_in
        assert (await acme.ask()).body == b'{"waiting": 3}'
