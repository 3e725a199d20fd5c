"""What happens to a feed's loop after each way in which it can end."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from exporter.backoff import Patience
from exporter.errors import FeedError, Reason, SignInPending
from exporter.supervise import supervise

pytestmark = pytest.mark.anyio

PLANTED = "+15550100"


class Script:
    """A loop that ends as told, and then goes on; what was counted and waited meanwhile."""

    def __init__(self, endings: Sequence[Exception | None]) -> None:
        self._endings: Iterator[Exception | None] = iter(endings)
        self.runs = 0
        self.working = asyncio.Event()
        self.counted: list[FeedError] = []
        self.waits: list[float] = []
        self.diary: list[str] = []
        self.patience = Patience((1.0, 8.0), (60.0, 600.0), lambda: 0.0)

    async def run(self) -> None:
        self.runs += 1
        try:
            ending = next(self._endings)
        except StopIteration:
            self.working.set()
            await asyncio.Event().wait()
        else:
            if ending is not None:
                raise ending

    def failed(self, error: FeedError) -> None:
        self.counted.append(error)
        self.diary.append("failed")

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.diary.append("waited")

    async def play(self) -> None:
        """Supervises the loop until it goes on, then cancels it."""
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            task = group.create_task(supervise(self.run, self.failed, self.patience, self.sleep))
            await self.working.wait()
            task.cancel()
        assert task.cancelled()

    @property
    def reasons(self) -> list[Reason]:
        return [error.reason for error in self.counted]


def error(reason: Reason, retry_after: float | None = None) -> FeedError:
    return FeedError(reason, "as told", retry_after)


async def test_a_loop_that_works_is_left_alone_and_cancellation_ends_it() -> None:
    script = Script([])
    await script.play()
    assert (script.runs, script.counted, script.waits) == (1, [], [])


async def test_each_failure_is_counted_and_waited_for_longer() -> None:
    script = Script([error(Reason.NETWORK), error(Reason.TIMEOUT), error(Reason.SERVER)])
    await script.play()
    assert script.reasons == [Reason.NETWORK, Reason.TIMEOUT, Reason.SERVER]
    assert script.waits == [1, 2, 4]
    assert script.runs == 4


async def test_a_failure_is_counted_before_the_wait() -> None:
    script = Script([error(Reason.NETWORK), error(Reason.TIMEOUT)])
    await script.play()
    assert script.diary == ["failed", "waited", "failed", "waited"]


async def test_what_the_vendor_asks_for_is_the_least_wait() -> None:
    script = Script([error(Reason.RATE_LIMITED, 30), error(Reason.RATE_LIMITED, 0.5)])
    await script.play()
    assert script.waits == [30, 2]


async def test_a_refused_feed_waits_minutes() -> None:
    script = Script([error(Reason.AUTH), error(Reason.AUTH)])
    await script.play()
    assert script.waits == [60, 120]


async def test_a_pending_sign_in_is_waited_for_and_not_counted() -> None:
    pending = [SignInPending(Reason.AUTH, "refused", wait) for wait in (59.0, 0.0)]
    script = Script([*pending, SignInPending(Reason.NETWORK, "no wait"), error(Reason.SERVER)])
    await script.play()
    assert script.reasons == [Reason.SERVER]
    assert script.waits == [59, 0.1, 0.1, 1]


async def test_a_bug_is_counted_and_retried_and_its_message_is_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = Script([KeyError(PLANTED), error(Reason.SERVER), KeyError(PLANTED)])
    await script.play()
    assert script.reasons == [Reason.BUG, Reason.SERVER, Reason.BUG]
    assert script.waits == [1, 2, 4]
    assert [vars(record)["exception"] for record in caplog.records] == ["KeyError"]
    told = [str(vars(record)) for record in caplog.records] + [str(e) for e in script.counted]
    assert not any(PLANTED in text for text in told)


async def test_a_loop_that_returns_is_a_bug_and_not_a_busy_loop() -> None:
    script = Script([None, None])
    await script.play()
    assert script.reasons == [Reason.BUG, Reason.BUG]
    assert script.waits == [1, 2]


async def test_cancellation_ends_a_wait() -> None:
    script = Script([error(Reason.AUTH)])
    waiting = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waiting.set()
        await asyncio.sleep(seconds)

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(supervise(script.run, script.failed, script.patience, sleep))
        await waiting.wait()
        task.cancel()
    assert task.cancelled()
    assert script.runs == 1


async def test_without_a_sleep_of_the_caller_it_really_waits() -> None:
    script = Script([SignInPending(Reason.AUTH, "refused", 0.0)])
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(supervise(script.run, script.failed, script.patience))
        await script.working.wait()
        task.cancel()
    assert asyncio.get_running_loop().time() - began >= 0.09
