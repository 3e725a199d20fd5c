"""Poll: read, publish, wait for the tick, again. Errors are for `supervise`."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from exporter.errors import FeedError, Reason
from exporter.feeds import Answer, Document, Poll, Publisher, Request, Sender

WORKERS = 16  # parts of a feed read at a time; the source's own limit is in its client


class Tick(Protocol):
    """What says when to read again."""

    async def wait(self) -> None:
        """Returns when it is time."""
        ...


@dataclass(frozen=True, slots=True)
class Polling:
    """One poll and what it works with."""

    feed: Poll[Any]
    sender: Sender
    publisher: Publisher
    monotonic: Callable[[], float]

    async def run(self, tick: Tick) -> None:
        """Reads the feed at once and then at every tick; raises FeedError."""
        while True:
            await self.round()
            await tick.wait()

    async def round(self) -> None:
        """Reads every part once. Raises FeedError if none could be read, or none may be."""
        parts = self.feed.parts(self.publisher.directory())
        self.publisher.retained(self.feed, parts)
        if len(parts) == 1:
            await self.part(parts[0])
            return
        await _Round(self, iter(parts), len(parts)).run()

    async def part(self, part: str) -> None:
        """Reads and publishes one part; raises FeedError."""
        began = self.monotonic()
        document = await self._read(part)
        self.publisher.published(self.feed, part, document, began)

    async def _read(self, part: str) -> Document[Any]:
        directory, now = self.publisher.directory(), self.publisher.vendor_time()
        reading = self.feed.read(directory, part, now)
        try:
            requests = next(reading)
            while True:
                requests = reading.send(await self._answers(requests))
        except StopIteration as stop:
            document: Document[Any] = stop.value
            return document
        finally:
            reading.close()

    async def _answers(self, requests: Sequence[Request]) -> Sequence[Answer]:
        if len(requests) == 1:
            return [await self.sender.send(self.feed.name, requests[0])]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self.sender.send(self.feed.name, request))
                    for request in requests
                ]
        except ExceptionGroup as errors:
            raise _cause(errors) from None
        return [task.result() for task in tasks]


def _cause(errors: ExceptionGroup[Exception]) -> Exception:
    """The error to report of several: a bug before a failure of the feed."""
    bugs = errors.split(FeedError)[1]
    first: Exception = bugs or errors
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    return first


class _Round:
    """One reading of all parts. A part that fails alone ages out alone."""

    def __init__(self, polling: Polling, parts: Iterator[str], count: int) -> None:
        self._polling = polling
        self._parts = parts
        self._count = count
        self._failed: list[FeedError] = []
        self._read = 0
        self._ended: FeedError | None = None

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(WORKERS, self._count)):
                    group.create_task(self._work())
        except ExceptionGroup as errors:
            raise _cause(errors) from None
        if self._ended is not None:
            raise self._ended
        if self._failed and not self._read:
            raise self._failed[-1]
        self._report()

    async def _work(self) -> None:
        for part in self._parts:
            if self._ended is not None:
                return
            try:
                await self._polling.part(part)
                self._read += 1
            except FeedError as error:
                if self._is_everybodys(error):
                    self._ended = error
                    return
                self._failed.append(error)

    def _is_everybodys(self, error: FeedError) -> bool:
        """Whether the other parts would fail for the same reason, so that asking on is rude."""
        if error.reason in (Reason.AUTH, Reason.RATE_LIMITED):
            return True
        return error.reason is Reason.NETWORK and not self._read

    def _report(self) -> None:
        feed, publisher = self._polling.feed, self._polling.publisher
        for error in self._failed:
            publisher.failed(feed, error)
        remark = ""
        if self._failed:
            reasons = ", ".join(sorted({error.reason.value for error in self._failed}))
            remark = f"{len(self._failed)} of {self._count} parts not read: {reasons}"
        publisher.remarked(feed, remark)
