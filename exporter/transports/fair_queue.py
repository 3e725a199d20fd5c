"""Turns at a limited number of requests in flight: who was served longest ago is next.

So a feed with a thousand requests does not keep a feed with one waiting for more than one.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from itertools import count


class FairQueue:
    """At most `places` turns at a time. All callers are in one event loop.

    Turns of one asker are in the order of asking.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}
        self._served: dict[Hashable, int] = {}  # the number of an asker's last turn
        self._numbers = count()

    @asynccontextmanager
    async def turn(self, asker: Hashable) -> AsyncIterator[None]:
        """Holds a place; waits for one where none is free."""
        await self._take(asker)
        try:
            yield
        finally:
            self._give_back()

    async def _take(self, asker: Hashable) -> None:
        if self._free:  # then nobody waits
            self._free -= 1
            self._served[asker] = next(self._numbers)
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asker, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # the place was given in the moment of the cancellation
                self._give_back()
            raise

    def _give_back(self) -> None:
        turn = self._next()
        if turn is None:
            self._free += 1
        else:
            turn.set_result(None)

    def _next(self) -> asyncio.Future[None] | None:
        """The next waiting turn, taken from its queue; those that were cancelled are dropped."""
        while self._waiting:
            asker = min(self._waiting, key=lambda waiting: self._served.get(waiting, -1))
            turns = self._waiting[asker]
            turn = turns.popleft()
            if not turns:
                del self._waiting[asker]
            if not turn.cancelled():
                self._served[asker] = next(self._numbers)
                return turn
        return None
