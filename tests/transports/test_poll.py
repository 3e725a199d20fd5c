"""A feed that is read whole: what a poll asks, publishes and tells. And the words of a reading."""

import asyncio

import pytest

from exporter.errors import FeedError, Reason, SignInPending
from exporter.feeds import Document, Reading, Request
from tests.transports.polled import (
    PLANTED,
    Program,
    Queues,
    Read,
    Vendor,
    polling,
    raised,
    refused,
)

pytestmark = pytest.mark.anyio


class Ticking:
    """A tick for each entry of a list, then none any more."""

    def __init__(self, ticks: int) -> None:
        self._left = ticks
        self.over = asyncio.Event()
        self.diary: list[str] = []

    def skip(self) -> None:
        """Forgets."""
        self.diary.append("skip")

    async def wait(self) -> None:
        """Waits."""
        self.diary.append("wait")
        self._left -= 1
        if self._left < 0:
            self.over.set()
            await asyncio.Event().wait()


# ---- Read whole -----------------------------------------------------------------------------


async def test_a_feed_read_whole_is_published_with_the_time_it_was_asked_for() -> None:
    vendor, program = Vendor({"/": b"all is well"}), Program()
    await polling(vendor, program).round()
    assert program.shown == {"": "all is well"}
    assert program.began == [100]
    assert program.remarks == []


async def test_a_feed_that_fails_shows_nothing_new_and_raises() -> None:
    vendor, program = Vendor({"/": b"old"}), Program()
    poll = polling(vendor, program)
    await poll.round()
    vendor.outcomes["/"] = refused(Reason.SERVER, 30)
    error = await raised(poll)
    assert (error.reason, error.retry_after) == (Reason.SERVER, 30)
    assert program.shown == {"": "old"}
    assert program.failures == []


async def test_it_reads_at_once_and_then_at_every_tick() -> None:
    vendor, ticking = Vendor(), Ticking(3)
    poll = polling(vendor, Program())
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(poll.run(ticking))
        await ticking.over.wait()
        task.cancel()
    assert len(vendor.asked) == 4
    assert ticking.diary == ["skip", "wait", "wait", "wait", "wait"]


async def test_a_failure_ends_the_run() -> None:
    ticking = Ticking(3)
    with pytest.raises(FeedError):
        await polling(Vendor({"/": refused(Reason.DECODE)}), Program()).run(ticking)
    assert ticking.diary == ["skip"]


# ---- The protocol of a reading --------------------------------------------------------------


async def test_a_reading_is_told_directory_part_and_the_vendors_time() -> None:
    told: list[tuple[object, str, float]] = []

    def read(directory: Queues, part: str, now: float) -> Reading[Queues]:
        told.append((directory, part, now))
        yield []
        return Document((), now)

    program = Program()
    await polling(Vendor(), program, read).round()
    assert told == [(program.queues, "", 2000.0)]


async def test_requests_yielded_together_are_sent_together_and_answered_in_order() -> None:
    bodies: list[bytes] = []

    def read(directory: Queues, part: str, now: float) -> Reading[Queues]:
        answers = yield [Request("GET", f"/{n}") for n in range(3)]
        bodies.extend(answer.body for answer in answers)
        (last,) = yield [Request("GET", "/last")]
        return Document((), last.at)

    vendor = Vendor({"/0": b"zero", "/1": b"one", "/2": b"two"})
    program = Program()
    await polling(vendor, program, read).round()
    assert bodies == [b"zero", b"one", b"two"]
    assert vendor.asked == ["/0", "/1", "/2", "/last"]
    assert vendor.most_at_once == 3
    assert program.shown == {"": ""}


def batches(caught: list[FeedError]) -> Read:
    """A reading of two batches that tells what was thrown into it."""

    def read(directory: Queues, part: str, now: float) -> Reading[Queues]:
        try:
            yield [Request("GET", "/a"), Request("GET", "/b")]
        except FeedError as error:
            caught.append(error)
            raise
        return Document((), now)

    return read


async def test_one_failing_request_fails_a_reading_that_does_not_expect_it() -> None:
    caught: list[FeedError] = []
    program = Program()
    poll = polling(Vendor({"/b": refused(Reason.SERVER)}), program, batches(caught))
    assert (await raised(poll)).reason is Reason.SERVER
    assert [error.reason for error in caught] == [Reason.SERVER]
    assert program.shown == {}


async def test_of_several_failures_that_with_the_longest_wait_is_told() -> None:
    vendor = Vendor({"/a": refused(Reason.SERVER), "/b": refused(Reason.RATE_LIMITED, 60)})
    vendor.hold = asyncio.Barrier(2).wait
    assert (await raised(polling(vendor, Program(), batches([])))).retry_after == 60


async def test_a_bug_among_failures_is_the_bug() -> None:
    vendor = Vendor({"/a": refused(Reason.SERVER), "/b": KeyError(PLANTED)})
    vendor.hold = asyncio.Barrier(2).wait
    with pytest.raises(KeyError):
        await polling(vendor, Program(), batches([])).round()


def forgiving(directory: Queues, part: str, now: float) -> Reading[Queues]:
    """Needs `/services`, and does without `/campaigns` where they are refused."""
    yield [Request("GET", "/services")]
    try:
        yield [Request("GET", "/campaigns")]
    except FeedError as error:
        if error.reason is not Reason.REJECTED:
            raise
        yield [Request("GET", "/instead")]
        return Document((), now, remark="the campaigns were refused")
    return Document((), now)


async def test_a_reading_may_go_on_without_what_was_refused() -> None:
    vendor, program = Vendor({"/campaigns": refused(Reason.REJECTED)}), Program()
    await polling(vendor, program, forgiving).round()
    assert program.shown == {"": "the campaigns were refused"}
    assert vendor.asked == ["/services", "/campaigns", "/instead"]


async def test_a_reading_that_does_not_forgive_a_failure_fails() -> None:
    program = Program()
    poll = polling(Vendor({"/campaigns": refused(Reason.SERVER)}), program, forgiving)
    assert (await raised(poll)).reason is Reason.SERVER
    assert program.shown == {}


async def test_a_missing_session_is_not_taken_for_a_refusal_of_the_request() -> None:
    program = Program()
    pending = SignInPending(Reason.REJECTED, "the sign-in failed", 60)
    error = await raised(polling(Vendor({"/campaigns": pending}), program, forgiving))
    assert error is pending
    assert program.shown == {}


async def test_a_reading_is_closed_however_it_ends() -> None:
    closed: list[str] = []

    def read(directory: Queues, part: str, now: float) -> Reading[Queues]:
        try:
            yield [Request("GET", "/hung")]
        finally:
            closed.append(part)
        raise AssertionError("it was not answered")

    vendor = Vendor({"/hung": SignInPending(Reason.AUTH, "refused", 60)})
    with pytest.raises(SignInPending):
        await polling(vendor, Program(), read).round()
    vendor.hold = asyncio.Event().wait
    vendor.reached.clear()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(polling(vendor, Program(), read).round())
        await vendor.reached.wait()
        task.cancel()
    assert closed == ["", ""]
