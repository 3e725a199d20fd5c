"""Events that come in a flood are handed over in batches, none is lost, and a bug is told."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from exporter.transports.gathering import INTERVAL, Gathering
from exporter.transports.sse import Listening
from tests.transports.site import HandClock
from tests.transports.streamed import Publisher, Sleep, event, sse
from tests.transports.test_sse import Opener, Piece

pytestmark = pytest.mark.anyio
DEADLINE = 5.0


class Taken:
    """Takes batches down; `bug` makes it raise."""

    def __init__(self) -> None:
        self.batches: list[list[bytes]] = []
        self.bug = False
        self.news = asyncio.Event()

    def __call__(self, events: Sequence[bytes]) -> None:
        self.news.set()
        if self.bug:
            raise ZeroDivisionError
        self.batches.append(list(events))


async def test_the_first_events_are_handed_over_at_once() -> None:
    taken, clock = Taken(), HandClock(100.0)
    Gathering(taken, clock).add([b"a", b"b"])
    assert taken.batches == [[b"a", b"b"]]


async def test_what_comes_faster_is_handed_over_together_a_moment_later() -> None:
    taken = Taken()
    gathering = Gathering(taken)
    gathering.add([b"a"])
    taken.news.clear()
    gathering.add([b"b"])
    gathering.add([b"c", b"d"])
    assert taken.batches == [[b"a"]]
    async with asyncio.timeout(DEADLINE):
        await taken.news.wait()
    assert taken.batches == [[b"a"], [b"b", b"c", b"d"]]


async def test_when_it_is_time_again_nothing_waits() -> None:
    taken, clock = Taken(), HandClock(100.0)
    gathering = Gathering(taken, clock)
    gathering.add([b"a"])
    gathering.add([b"b"])
    clock.now += INTERVAL
    gathering.add([b"c"])
    assert taken.batches == [[b"a"], [b"b", b"c"]]


async def test_flushing_hands_over_the_rest_once() -> None:
    taken, clock = Taken(), HandClock(100.0)
    gathering = Gathering(taken, clock)
    gathering.add([b"a"])
    gathering.add([b"b"])
    gathering.flush()
    gathering.flush()
    assert taken.batches == [[b"a"], [b"b"]]


async def test_a_bug_in_a_batch_that_waited_is_raised_by_the_next_call() -> None:
    taken = Taken()
    gathering = Gathering(taken)
    gathering.add([b"a"])
    taken.news.clear()
    taken.bug = True
    gathering.add([b"b"])
    async with asyncio.timeout(DEADLINE):
        await taken.news.wait()
    with pytest.raises(ZeroDivisionError):
        gathering.add([b"c"])


class Broken(Publisher):
    """A program whose second batch is a bug."""

    def received(self, payloads: Sequence[bytes]) -> None:
        """Counts the first batch."""
        if self.events:
            raise ZeroDivisionError
        super().received(payloads)


async def test_a_bug_in_the_last_batch_does_not_keep_a_stream_from_being_stopped() -> None:
    clock, publisher = HandClock(1000.0), Broken()
    hanging = asyncio.Event()

    class Hanging(Opener):
        async def _pieces(self, stream: Sequence[Piece]) -> AsyncIterator[bytes]:
            yield event("a")
            yield event("b")
            hanging.set()
            await asyncio.Event().wait()

    listening = Listening(sse(), Hanging(clock, [[]]), publisher, clock, lambda: 0.0, Sleep(clock))
    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        task = group.create_task(listening.run())
        await hanging.wait()
        task.cancel()
    assert task.cancelled()
    assert publisher.events == ["a"]
