"""Long polls: how pages are followed, and what a refused cursor means. No poll waits for them."""

import asyncio
from itertools import pairwise

import pytest

from exporter.backoff import Patience
from exporter.errors import FeedError, Reason
from exporter.feeds import Answer, Request
from exporter.supervise import supervise
from exporter.transports.client import new_http
from exporter.transports.longpoll import SHORTEST_ROUND, LongPolling
from tests.transports.site import HandClock, signing_in, site
from tests.transports.streamed import (
    DEADLINE,
    ERROR,
    Publisher,
    Sleep,
    failure,
    in_turn,
    long_poll,
    page,
    running,
    token_of,
)
from tests.transports.vendor import Seen, reply

pytestmark = pytest.mark.anyio

Outcome = bytes | Exception


class Holder:
    """A client that answers one outcome after the other, each after so many seconds.

    Then it holds the request for ever.
    """

    def __init__(self, clock: HandClock, *outcomes: tuple[float, Outcome]) -> None:
        self.asked: list[str] = []
        self.within: list[float] = []
        self.began: list[float] = []
        self.idle = asyncio.Event()
        self._clock = clock
        self._outcomes = list(outcomes)

    async def hold(self, feed: str, request: Request, within: float) -> Answer:
        """The answer to one request of the feed `events`."""
        assert (feed, request.path) == ("events", "/feed")
        self.asked.append(token_of(request))
        self.within.append(within)
        self.began.append(self._clock.now)
        if not self._outcomes:
            self.idle.set()
            await asyncio.Event().wait()
        seconds, outcome = self._outcomes.pop(0)
        self._clock.now += seconds
        if isinstance(outcome, Exception):
            raise outcome
        return Answer(outcome, 1000.0)


class Polled:
    """A long poll between such a client and a program that takes everything down."""

    def __init__(self, *outcomes: tuple[float, Outcome], cursor: str = "") -> None:
        self.clock = HandClock(1000.0)
        self.sleep = Sleep(self.clock)
        self.holder = Holder(self.clock, *outcomes)
        self.publisher = Publisher(cursor)
        self.poll = LongPolling(long_poll(), self.holder, self.publisher, self.clock, self.sleep)

    async def until_idle(self) -> None:
        """Runs until every outcome was taken."""
        async with running(self.poll.run):
            await self.holder.idle.wait()


FULL_PAGE = ("a", "b", "c")


def refused(status: int, reason: Reason = Reason.REJECTED) -> FeedError:
    return FeedError(reason, f"HTTP {status}", status=status)


# ---- How pages are followed -----------------------------------------------------------------


async def test_each_page_is_asked_for_with_the_token_of_the_one_before() -> None:
    polled = Polled((0, page("t1")), (0, page("t2", "a")), (0, page("t3")), cursor="t0")
    await polled.until_idle()
    assert polled.holder.asked == ["t0", "t1", "t2", "t3"]
    assert polled.publisher.events == ["a"]
    assert set(polled.holder.within) == {30.0}


async def test_a_full_page_is_followed_at_once_and_another_after_half_a_second() -> None:
    full, part, idle = page("t1", *FULL_PAGE), page("t2", "d"), page("t3")
    polled = Polled((0, full), (0, full), (0.2, part), (0, idle), (0.25, full), (0, part))
    await polled.until_idle()
    rounds = [later - began for began, later in pairwise(polled.holder.began)]
    assert rounds == pytest.approx([0, 0, SHORTEST_ROUND, SHORTEST_ROUND, 0.25, SHORTEST_ROUND])
    assert SHORTEST_ROUND == 0.5


async def test_after_an_answer_that_the_vendor_held_the_next_request_follows_at_once() -> None:
    polled = Polled((10.0, page("t1")), (10.0, page("t2")))
    await polled.until_idle()
    assert polled.sleep.seconds == [0, 0]


async def test_it_is_connected_once_the_first_page_came_and_until_it_ends() -> None:
    polled = Polled((0, page("t1")), (0, page("t2")))
    await polled.until_idle()
    assert polled.publisher.diary == ["page t1", "connected", "page t2", "disconnected"]


async def test_a_request_that_fails_was_no_connection_but_the_end_is_told() -> None:
    polled = Polled((0, FeedError(Reason.NETWORK, "ConnectError")))
    assert (await failure(polled.poll.run)).reason is Reason.NETWORK
    assert polled.publisher.diary == ["disconnected"]


async def test_a_bug_in_what_takes_the_page_is_told_as_an_end_too() -> None:
    polled = Polled((0, b'{"events": []}'))
    with pytest.raises(KeyError):
        await polled.poll.run()
    assert polled.publisher.diary == ["disconnected"]


# ---- A cursor that the vendor refuses -------------------------------------------------------


async def test_a_400_with_a_token_gives_the_token_up_and_says_so() -> None:
    polled = Polled((0, refused(400)), (0, page("t9", "z")), cursor="old")
    error = await failure(polled.poll.run)
    assert (error.reason, error.status) == (Reason.STALE_CURSOR, None)
    assert polled.publisher.diary == ["expired", "disconnected"]
    await polled.until_idle()
    assert polled.holder.asked == ["old", "", "t9"]


async def test_a_400_without_a_token_is_rejected_and_nothing_expires() -> None:
    polled = Polled((0, refused(400)), (0, refused(400)))
    for _ in range(2):
        error = await failure(polled.poll.run)
        assert (error.reason, error.status) == (Reason.REJECTED, 400)
    assert polled.publisher.diary == ["disconnected"] * 2


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, Reason.AUTH),
        (403, Reason.REJECTED),
        (404, Reason.REJECTED),
        (429, Reason.RATE_LIMITED),
        (500, Reason.SERVER),
    ],
)
async def test_no_other_refusal_takes_the_token_away(status: int, reason: Reason) -> None:
    polled = Polled((0, refused(status, reason)), cursor="t0")
    assert (await failure(polled.poll.run)).reason is reason
    assert polled.publisher.cursor() == "t0"
    assert polled.publisher.diary == ["disconnected"]


async def test_a_page_that_can_not_be_read_does_not_move_the_cursor() -> None:
    polled = Polled((0, page("t1", "a")), (0, b"<html>"), (0, page("t2", "b")))
    assert (await failure(polled.poll.run)).reason is Reason.DECODE
    await polled.until_idle()
    assert polled.holder.asked == ["", "t1", "t1", "t2"]
    assert polled.publisher.events == ["a", "b"]


async def test_supervised_it_starts_again_once_without_the_token() -> None:
    polled = Polled((0, refused(400)), (0, page("t1", "a")), cursor="old")
    failures: list[FeedError] = []
    patience = Patience((1, 8), (60, 600), lambda: 0.0)

    async def run() -> None:
        await supervise(polled.poll.run, failures.append, patience, polled.sleep)

    async with running(run):
        await polled.holder.idle.wait()
    assert [error.reason for error in failures] == [Reason.STALE_CURSOR]
    assert polled.publisher.diary == [
        "expired",
        "disconnected",
        "page t1",
        "connected",
        "disconnected",
    ]


# ---- Over a socket --------------------------------------------------------------------------


async def test_a_refused_token_over_a_socket() -> None:
    async with site() as acme:
        acme.vendor.answers["/feed"] = in_turn(ERROR, reply(200, page("t1")), ERROR)
        publisher, sleep = Publisher("old"), Sleep(acme.monotonic)
        poll = LongPolling(long_poll(), acme.client, publisher, acme.monotonic, sleep)
        reasons = [(await failure(poll.run)).reason for _ in range(2)]
        tokens = [token_of(seen) for seen in acme.vendor.asked("/feed")]
    assert reasons == [Reason.STALE_CURSOR, Reason.STALE_CURSOR]
    assert tokens == ["old", "", "t1"]
    assert acme.report.requests[-3:] == [("events", "400"), ("events", "200"), ("events", "400")]


async def test_a_sign_in_that_is_refused_with_400_takes_no_token_away() -> None:
    async with site() as acme:
        acme.vendor.answers["/login"] = reply(400)
        publisher, sleep = Publisher("t0"), Sleep(acme.monotonic)
        poll = LongPolling(long_poll(), acme.client, publisher, acme.monotonic, sleep)
        assert (await failure(poll.run)).reason is Reason.AUTH
    assert publisher.cursor() == "t0"
    assert "expired" not in publisher.diary


async def test_held_requests_take_no_turn_of_the_others() -> None:
    held = asyncio.Event()
    answers = asyncio.Event()

    async def hold(_: Seen, writer: asyncio.StreamWriter) -> None:
        held.set()
        await answers.wait()
        writer.write(reply(200, page("t1", "a")))

    async with site(places=1) as acme, new_http(acme.options, 2) as http:
        acme.http = http
        acme.client = acme.client_with(signing_in(acme.secrets))
        acme.vendor.answers["/feed"] = hold
        publisher = Publisher()
        poll = LongPolling(long_poll(), acme.client, publisher, acme.monotonic)
        async with running(poll.run):
            async with asyncio.timeout(DEADLINE):
                await held.wait()
            for _ in range(3):
                assert (await acme.ask()).body == b'{"waiting": 3}'
            assert publisher.diary == []
            answers.set()
            await publisher.until(lambda: publisher.events[:1] == ["a"])
