"""When it ticks. Time is moved by a loop whose clock jumps to whatever is due next."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from exporter.ticks import GRACE, Metronome, Ticks

T = TypeVar("T")
NOW = pytest.approx(0, abs=0.001)


class JumpingSelector(selectors.DefaultSelector):
    """Waits for nothing but real input; the time it would have waited is over at once."""

    jumped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.jumped += max(0.0, timeout or 0.0)
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop whose monotonic clock runs ahead of the wall clock, which stands as good as still.

    To APScheduler, which goes by the wall clock, that is a wall clock set back again and again.
    """

    def __init__(self) -> None:
        self._jumping = JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.jumped


def jumping(test: Callable[[], Awaitable[T]]) -> T:
    async def main() -> T:
        return await test()

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(main())


async def waited(ticks: Ticks) -> float:
    """Seconds until the next tick."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await ticks.wait()
    return loop.time() - began


def test_without_a_metronome_a_tick_comes_by_the_time_out() -> None:
    async def test() -> list[float]:
        ticks = Ticks(15)
        return [await waited(ticks) for _ in range(3)]

    assert jumping(test) == pytest.approx([15 + GRACE] * 3)


def test_the_time_out_counts_from_the_last_tick_and_not_from_the_end_of_the_work() -> None:
    async def test() -> float:
        ticks = Ticks(15)
        await ticks.wait()
        await asyncio.sleep(6)
        return await waited(ticks)

    assert jumping(test) == pytest.approx(9 + GRACE)


def test_a_tick_that_passed_during_the_work_is_taken_at_once_and_only_once() -> None:
    async def test() -> list[float]:
        ticks = Ticks(15)
        for _ in range(3):
            await asyncio.sleep(15)
            await ticks.set()
        return [await waited(ticks), await waited(ticks)]

    assert jumping(test) == [NOW, pytest.approx(15 + GRACE)]


def test_work_longer_than_an_interval_is_followed_at_once_when_the_metronome_is_stuck() -> None:
    async def test() -> float:
        ticks = Ticks(15)
        await asyncio.sleep(40)
        return await waited(ticks)

    assert jumping(test) == NOW


def test_a_skipped_tick_is_forgotten() -> None:
    async def test() -> float:
        ticks = Ticks(15)
        await asyncio.sleep(8)
        await ticks.set()
        ticks.skip()
        return await waited(ticks)

    assert jumping(test) == pytest.approx(15 + GRACE)


@pytest.mark.parametrize(("late", "following"), [(0.01, 15 + GRACE), (7, 15 + GRACE), (8, 8)])
def test_a_tick_just_after_its_time_out_is_not_a_second_one(late: float, following: float) -> None:
    async def test() -> float:
        ticks = Ticks(15)
        loop = asyncio.get_running_loop()
        await ticks.wait()
        came = loop.time()
        await asyncio.sleep(late)
        await ticks.set()
        await ticks.wait()
        return loop.time() - came

    assert jumping(test) == pytest.approx(following)


def test_ticks_go_on_while_the_wall_clock_stands_still() -> None:
    async def test() -> list[float]:
        with Metronome() as metronome:
            ticks = metronome.every(15, phase=10)
            return [await waited(ticks) for _ in range(4)]

    assert jumping(test) == pytest.approx([15 + GRACE] * 4, abs=0.1)


@pytest.mark.anyio
async def test_the_first_tick_comes_after_the_phase() -> None:
    with Metronome() as metronome:
        ticks = metronome.every(3600, phase=0.05)
        async with asyncio.timeout(20):
            assert await waited(ticks) >= 0.04


@pytest.mark.anyio
async def test_ticks_of_different_feeds_come_at_their_own_intervals() -> None:
    counts = {0.05: 0, 3600.0: 0}
    enough = asyncio.Event()

    async def follow(ticks: Ticks, interval: float) -> None:
        while True:
            await ticks.wait()
            counts[interval] += 1
            if counts[0.05] == 4:
                enough.set()

    with Metronome() as metronome:
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(follow(metronome.every(interval, phase=0.01), interval))
                for interval in counts
            ]
            await enough.wait()
            for task in tasks:
                task.cancel()
    assert counts[3600.0] == 1


@pytest.mark.anyio
async def test_after_the_end_nothing_ticks_and_nothing_is_left_behind() -> None:
    before = asyncio.all_tasks()
    with Metronome() as metronome:
        ticks = metronome.every(0.01, phase=0)
        await ticks.wait()
    await asyncio.sleep(0.05)
    ticks.skip()
    began = asyncio.get_running_loop().time()
    await ticks.wait()
    assert asyncio.get_running_loop().time() - began >= 0.2  # by the time-out alone
    assert asyncio.all_tasks() == before
