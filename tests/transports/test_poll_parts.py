"""A feed that is read in parts: one that fails is counted, and the others go on."""

import asyncio
import logging
from collections.abc import Mapping

import pytest

from exporter.errors import FeedError, Reason, SignInPending
from exporter.feeds import Document, Reading, Request
from exporter.transports.poll import HOPELESS, WORKERS
from tests.transports.polled import (
    PLANTED,
    Outcome,
    Program,
    Queues,
    Vendor,
    polling,
    raised,
    refused,
)

pytestmark = pytest.mark.anyio


def site(count: int, outcomes: Mapping[str, Outcome] | None = None) -> tuple[Vendor, Program]:
    """A vendor of that many queues, q000, q001, …"""
    return Vendor(outcomes), Program([f"q{n:03}" for n in range(count)])


async def test_each_part_is_asked_and_published_alone() -> None:
    vendor, program = site(40)
    await polling(vendor, program, parts=True).round()
    assert sorted(vendor.asked) == [f"/q{n:03}" for n in range(40)]
    assert sorted(program.shown) == [f"q{n:03}" for n in range(40)]
    assert len(set(program.began)) == 40
    assert program.remarks == [""]


async def test_parts_are_read_side_by_side_but_not_all_at_once() -> None:
    vendor, program = site(100)
    await polling(vendor, program, parts=True).round()
    assert vendor.most_at_once == WORKERS


async def test_one_failing_part_is_counted_and_stops_no_other() -> None:
    vendor, program = site(40, {"/q000": refused(Reason.SERVER), "/q007": refused(Reason.TIMEOUT)})
    await polling(vendor, program, parts=True).round()
    assert len(program.shown) == 38
    assert program.reasons == [Reason.SERVER, Reason.TIMEOUT]
    assert program.remarks == ["2 of 40 parts not read: server, timeout"]


async def test_a_part_that_fails_keeps_what_it_told_before() -> None:
    vendor, program = site(2, {"/q000": b"old", "/q001": b"old"})
    poll = polling(vendor, program, parts=True)
    await poll.round()
    vendor.outcomes = {"/q000": b"new", "/q001": refused(Reason.NETWORK)}
    await poll.round()
    assert program.shown == {"q000": "new", "q001": "old"}


async def test_the_remark_is_over_when_all_parts_are_read_again() -> None:
    vendor, program = site(2, {"/q000": refused(Reason.SERVER)})
    poll = polling(vendor, program, parts=True)
    await poll.round()
    program.queues = Queues({"q001": "q001"})
    await poll.round()
    assert program.remarks == ["1 of 2 parts not read: server", ""]


async def test_parts_that_are_gone_are_withdrawn_and_new_ones_read() -> None:
    vendor, program = site(3)
    poll = polling(vendor, program, parts=True)
    await poll.round()
    program.queues = Queues({"q001": "q001", "q009": "q009"})
    await poll.round()
    assert sorted(program.shown) == ["q001", "q009"]


async def test_gone_parts_are_withdrawn_even_if_nothing_can_be_read() -> None:
    vendor, program = site(3)
    poll = polling(vendor, program, parts=True)
    await poll.round()
    program.queues = Queues({"q001": "q001"})
    vendor.outcomes["/q001"] = refused(Reason.NETWORK)
    await raised(poll)
    assert list(program.shown) == ["q001"]


async def test_an_account_without_parts_asks_for_nothing() -> None:
    vendor, program = site(0)
    await polling(vendor, program, parts=True).round()
    assert (vendor.asked, program.shown, program.remarks) == ([], {}, [""])
    assert program.emptied_feeds == ["stats"]


@pytest.mark.parametrize(
    "error",
    [
        refused(Reason.RATE_LIMITED, 30),
        refused(Reason.RATE_LIMITED),
        refused(Reason.AUTH),
        refused(Reason.SERVER, 30),
        SignInPending(Reason.SERVER, "the sign-in failed", 1),
        SignInPending(Reason.SERVER, "the sign-in is due"),
    ],
    ids=["429", "429 without a wait", "401", "503 with a wait", "no session", "none for now"],
)
async def test_what_holds_for_all_parts_ends_the_round(error: FeedError) -> None:
    vendor, program = site(100, {"/q020": error})
    assert await raised(polling(vendor, program, parts=True)) is error
    assert len(vendor.asked) <= 20 + WORKERS
    assert sorted(program.shown)[:20] == [f"q{n:03}" for n in range(20)]
    assert program.failures == []


async def test_of_several_that_end_the_round_the_longest_wait_is_raised_and_all_count() -> None:
    waits = {"/q000": 5.0, "/q001": 60.0, "/q002": 30.0}
    vendor, program = site(3, {path: refused(Reason.RATE_LIMITED, s) for path, s in waits.items()})
    vendor.hold = asyncio.Barrier(3).wait
    assert (await raised(polling(vendor, program, parts=True))).retry_after == 60
    assert sorted(error.retry_after or 0 for error in program.failures) == [5, 30]


async def test_a_missing_session_is_not_counted_for_the_parts_that_wait_for_it() -> None:
    pending = {f"/q{n:03}": SignInPending(Reason.AUTH, "refused", 60) for n in range(1, 4)}
    vendor, program = site(4, {"/q000": refused(Reason.SERVER), **pending})
    assert isinstance(await raised(polling(vendor, program, parts=True)), SignInPending)
    assert program.reasons == [Reason.SERVER]


async def test_when_no_part_can_be_read_the_feed_fails_and_each_counts_once() -> None:
    vendor, program = site(5, {f"/q{n:03}": refused(Reason.SERVER) for n in range(5)})
    assert (await raised(polling(vendor, program, parts=True))).reason is Reason.SERVER
    assert program.reasons == [Reason.SERVER] * 4  # the fifth is counted by who catches it


async def test_a_vendor_that_answers_nothing_is_not_asked_for_every_part() -> None:
    vendor, program = site(500, {f"/q{n:03}": refused(Reason.TIMEOUT) for n in range(500)})
    assert (await raised(polling(vendor, program, parts=True))).reason is Reason.TIMEOUT
    assert HOPELESS <= len(vendor.asked) <= HOPELESS + WORKERS


async def test_a_vendor_that_answered_some_parts_is_asked_for_all() -> None:
    failing = {f"/q{n:03}": refused(Reason.TIMEOUT) for n in range(1, 100)}
    vendor, program = site(100, failing)
    await polling(vendor, program, parts=True).round()
    assert len(vendor.asked) == 100
    assert program.remarks == ["99 of 100 parts not read: timeout"]


async def test_a_bug_in_one_part_is_logged_and_counted_and_stops_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def read(directory: Queues, part: str, now: float) -> Reading[Queues]:
        yield [Request("GET", f"/{part}")]
        if part == "q003":
            raise KeyError(PLANTED)
        return Document((), now)

    vendor, program = site(40)
    poll = polling(vendor, program, read, parts=True)
    await poll.round()
    await poll.round()
    assert len(program.shown) == 39
    assert program.reasons == [Reason.BUG, Reason.BUG]
    assert program.remarks[-1] == "1 of 40 parts not read: bug"
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [vars(record)["exception"] for record in errors] == ["KeyError"]
    assert not any(PLANTED in str(vars(record)) for record in errors)


async def test_a_cancelled_round_ends_at_once() -> None:
    vendor, program = site(40)
    vendor.hold = asyncio.Event().wait
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(polling(vendor, program, parts=True).round())
        await vendor.reached.wait()
        task.cancel()
    assert task.cancelled()
    assert program.shown == {}
    assert program.failures == []
