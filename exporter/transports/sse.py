"""Server-sent events: open, count what comes, resume. Errors are for `supervise`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from exporter.errors import FeedError, Reason
from exporter.feeds import Request
from exporter.streams import Sse, StreamPublisher
from exporter.transports.cursors import resuming
from exporter.transports.event_stream import EventStream
from exporter.transports.gathering import Gathering

MEDIA_TYPE = "text/event-stream"
SHORTEST_LIFE = 1.0  # seconds from one connection to the next that the vendor closed in good order


class Opener(Protocol):
    """What a stream needs of the HTTP client."""

    def stream(
        self, feed: str, request: Request, media_type: str, silence: float
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """An answer without an end, as its bytes come; raises FeedError."""
        ...


@dataclass(frozen=True, slots=True)
class Listening:
    """One stream of events and what it works with. `random` returns a float in [0, 1)."""

    feed: Sse[Any]
    opener: Opener
    publisher: StreamPublisher
    monotonic: Callable[[], float]
    random: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self) -> None:
        """Reads one stream after the other, each from where the last one ended.

        Raises FeedError. A stream that was closed in good order is no failure if it gave a sign
        of life; it is replaced when it is old, too: a connection may be lost unnoticed.
        """
        while True:
            began = self.monotonic()
            try:
                lived = await self._stream()
                self.publisher.ended()
            finally:
                self.publisher.disconnected()
            if not lived:
                raise FeedError(Reason.NETWORK, "the stream was closed without an event")
            await self.sleep(max(0.0, began + SHORTEST_LIFE - self.monotonic()))

    async def _stream(self) -> bool:
        """Reads one stream to its end; whether it gave a sign of life."""
        publisher, cursor = self.publisher, self.publisher.cursor()
        request = self.feed.request(cursor, publisher.directory())
        until = self.monotonic() + self.feed.longest * (1 + self.random()) / 2
        events, gathering, lived = EventStream(), Gathering(publisher.received), False
        stopping = False
        try:
            with resuming(publisher, cursor):
                opened = self.opener.stream(self.feed.name, request, MEDIA_TYPE, self.feed.idle)
                async with opened as chunks:
                    publisher.connected()
                    async for chunk in chunks:
                        told = [event for event in events.received(chunk) if event]
                        if told:
                            gathering.add(told)
                        else:
                            publisher.alive()
                        lived = True
                        if self.monotonic() > until:
                            break
        except asyncio.CancelledError:
            stopping = True
            raise
        finally:
            # a mistake of ours must not keep the program from stopping
            with contextlib.suppress(*((Exception,) if stopping else ())):
                gathering.flush()
        return lived
