"""Long poll: ask, count what came, ask for what follows. Errors are for `supervise`."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from exporter.feeds import Answer, Request
from exporter.streams import LongPoll, StreamPublisher
from exporter.transports.cursors import resuming

SHORTEST_ROUND = 0.5  # seconds from one request to the next, unless there is more to fetch at once


class Holder(Protocol):
    """What the long poll needs of the HTTP client."""

    async def hold(self, feed: str, request: Request, within: float) -> Answer:
        """The answer to a request that the vendor may hold for a while; raises FeedError."""
        ...


@dataclass(frozen=True, slots=True)
class LongPolling:
    """One long poll and what it works with."""

    feed: LongPoll[Any]
    holder: Holder
    publisher: StreamPublisher
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self) -> None:
        """Reads pages without end; raises FeedError."""
        try:
            connected = False
            while True:
                began = self.monotonic()
                full = await self._page()
                if not connected:
                    self.publisher.connected()
                    connected = True
                if not full:
                    await self.sleep(max(0.0, began + SHORTEST_ROUND - self.monotonic()))
        finally:
            self.publisher.disconnected()

    async def _page(self) -> bool:
        """Reads one page; whether there is more to fetch at once."""
        publisher, cursor = self.publisher, self.publisher.cursor()
        request = self.feed.request(cursor, publisher.directory())
        with resuming(publisher, cursor):
            answer = await self.holder.hold(self.feed.name, request, self.feed.within)
        return publisher.answered(answer)
