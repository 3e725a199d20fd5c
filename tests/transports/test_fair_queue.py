"""Who gets the next place, and that places are neither lost nor invented."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.transports.fair_queue import FairQueue

pytestmark = pytest.mark.anyio

SLOW, QUICK = "a feed of many requests", "a feed of one request"


async def settle() -> None:
    """Lets every task that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


class Desk:
    """Requests that hold their place until they are told to give it back."""

    def __init__(self, places: int, group: asyncio.TaskGroup) -> None:
        self.queue = FairQueue(places)
        self.served: list[str] = []
        self.holding: dict[asyncio.Task[None], asyncio.Event] = {}
        self.waiting: list[asyncio.Task[None]] = []
        self._group = group

    def ask(self, asker: str) -> asyncio.Task[None]:
        task: asyncio.Task[None] = self._group.create_task(self._request(asker))
        self.waiting.append(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.holding.pop(task, None)
        if task in self.waiting:
            self.waiting.remove(task)

    async def _request(self, asker: str) -> None:
        task = asyncio.current_task()
        assert task is not None
        async with self.queue.turn(asker):
            self.waiting.remove(task)
            self.holding[task] = asyncio.Event()
            self.served.append(asker)
            await self.holding[task].wait()

    async def finish_one(self) -> None:
        next(iter(self.holding.values())).set()
        await settle()

    async def finish_all(self) -> None:
        await settle()
        while self.holding:
            await self.finish_one()


async def test_no_more_than_the_places_are_taken() -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(3, group)
        for _ in range(10):
            desk.ask(SLOW)
        await settle()
        assert len(desk.holding) == 3
        await desk.finish_one()
        assert len(desk.holding) == 3
        await desk.finish_all()
    assert len(desk.served) == 10


@pytest.mark.parametrize("places", [1, 4])
async def test_a_thousand_requests_of_a_feed_keep_another_for_one_turn_at_most(places: int) -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(places, group)
        for _ in range(1000):
            desk.ask(SLOW)
        await settle()
        for _ in range(5):
            before = len(desk.served)
            desk.ask(QUICK)
            await desk.finish_one()
            assert desk.served[before:] == [QUICK]
            while desk.served[-1] != SLOW:
                await desk.finish_one()
        for task in desk.waiting:
            task.cancel()
        await desk.finish_all()


async def test_feeds_that_all_wait_take_turns() -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(1, group)
        for asker in ("a", "a", "a", "b", "b", "c"):
            desk.ask(asker)
        await settle()
        await desk.finish_all()
    assert desk.served == ["a", "b", "c", "a", "b", "a"]


async def test_requests_of_one_feed_are_served_in_the_order_of_asking() -> None:
    served = []

    async def request(queue: FairQueue, number: int) -> None:
        async with queue.turn(SLOW):
            served.append(number)

    queue = FairQueue(1)
    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(request(queue, number))
    assert served == list(range(50))


async def test_cancelled_requests_cost_their_feed_no_turn() -> None:
    async with asyncio.TaskGroup() as group:
        desk = Desk(1, group)
        desk.ask("holder")
        given_up = [desk.ask("a") for _ in range(20)]
        desk.ask("a")
        for _ in range(3):
            desk.ask("b")
        await settle()
        for task in given_up:
            task.cancel()
        await settle()
        await desk.finish_all()
    assert desk.served == ["holder", "a", "b", "b", "b"]


async def test_a_request_that_fails_gives_its_place_back() -> None:
    queue = FairQueue(1)
    with pytest.raises(ValueError, match="as told"):
        async with queue.turn(SLOW):
            raise ValueError("as told")
    async with asyncio.timeout(5), queue.turn(QUICK):
        pass


@pytest.mark.parametrize("steps", range(5))
async def test_a_place_that_changes_hands_during_a_cancellation_is_not_lost(steps: int) -> None:
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        desk = Desk(1, group)
        holder, unlucky, last = desk.ask("a"), desk.ask("b"), desk.ask("c")
        await settle()
        desk.holding[holder].set()
        for _ in range(steps):
            await asyncio.sleep(0)
        unlucky.cancel()
        await settle()
        assert unlucky.cancelled()
        assert list(desk.holding) == [last]
        await desk.finish_all()


moves = st.lists(
    st.tuples(st.sampled_from(["ask", "ask", "cancel", "finish", "both"]), st.integers(0, 9)),
    max_size=60,
)


@given(st.integers(1, 4), moves, st.data())
def test_places_are_neither_lost_nor_invented(
    places: int, moves: Sequence[tuple[str, int]], data: st.DataObject
) -> None:
    async def play() -> None:
        async with asyncio.TaskGroup() as group:
            desk = Desk(places, group)
            for move, number in moves:
                if move == "ask":
                    desk.ask(f"feed {number % 3}")
                if move in ("finish", "both") and desk.holding:
                    list(desk.holding.values())[number % len(desk.holding)].set()
                if move == "both":  # the cancellation comes while a place changes hands
                    for _ in range(data.draw(st.integers(0, 3))):
                        await asyncio.sleep(0)
                if move in ("cancel", "both") and (asked := [*desk.waiting, *desk.holding]):
                    asked[number % len(asked)].cancel()
                if data.draw(st.booleans()):
                    await settle()
                    wanted = len(desk.holding) + len(desk.waiting)
                    assert len(desk.holding) == min(places, wanted)
            await desk.finish_all()
            for _ in range(places + 1):
                desk.ask("afterwards")
            await settle()
            assert (len(desk.holding), len(desk.waiting)) == (places, 1)
            await desk.finish_all()

    asyncio.run(play())
