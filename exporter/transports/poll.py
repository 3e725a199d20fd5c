"""Poll: read, publish, wait for the tick, again. Errors are for `supervise`."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from exporter.bugs import BugLog
from exporter.errors import FeedError, Reason, SignInPending
from exporter.feeds import Answer, Document, Poll, Publisher, Request, Sender

WORKERS = 16  # parts of a feed read at a time; the source's own limit is in its client
HOPELESS = 16  # parts that failed while none was read: the others are not asked for


class Tick(Protocol):
    """What says when to read again."""

    def skip(self) -> None:
        """Forgets a tick that has passed: a reading begins now."""
        ...

    async def wait(self) -> None:
        """Returns when it is time; at once if it was since the last call of either method."""
        ...


@dataclass(frozen=True, slots=True)
class Polling:
    """One poll and what it works with."""

    feed: Poll[Any]
    sender: Sender
    publisher: Publisher
    monotonic: Callable[[], float]
    bugs: BugLog = field(default_factory=BugLog)

    async def run(self, tick: Tick) -> None:
        """Reads the feed at once and then at every tick; raises FeedError."""
        tick.skip()
        while True:
            await self.round()
            await tick.wait()

    async def round(self) -> None:
        """Reads every part once. Raises FeedError if none could be read, or none may be."""
        parts = self.feed.parts(self.publisher.directory())
        self.publisher.retained(self.feed, parts)
        if not parts:
            self.publisher.emptied(self.feed, self.monotonic())
            self.publisher.remarked(self.feed, "")
            return
        if list(parts) == [""]:
            await self.part("")
            return
        await _Round(self, parts).run()

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
                try:
                    answers = await self._answers(requests)
                except SignInPending:
                    raise
                except FeedError as error:
                    requests = reading.throw(error)
                else:
                    requests = reading.send(answers)
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
    """The error to report of several: a bug before a failure, then the one that waits longest."""
    failures = [error for error in errors.exceptions if isinstance(error, FeedError)]
    if len(failures) < len(errors.exceptions):
        return next(error for error in errors.exceptions if not isinstance(error, FeedError))
    return _longest(failures)


def _longest(failures: Sequence[FeedError]) -> FeedError:
    """Of several failures, the first of those whose lower bound for the next attempt is highest."""
    return max(failures, key=lambda error: error.retry_after or 0.0)


def _is_everybodys(error: FeedError) -> bool:
    """Whether the other parts would fail for the same reason, so that asking on is rude."""
    asked_to_wait = error.reason is Reason.RATE_LIMITED or error.retry_after is not None
    return asked_to_wait or error.reason is Reason.AUTH or isinstance(error, SignInPending)


class _Round:
    """One reading of all parts. A part that fails alone ages out alone."""

    def __init__(self, polling: Polling, parts: Sequence[str]) -> None:
        self._polling = polling
        self._count = len(parts)
        self._parts: Iterator[str] = iter(parts)
        self._read = 0
        self._failures: list[FeedError] = []
        self._ending: list[FeedError] = []

    async def run(self) -> None:
        """Raises what ended the round, or, if nothing was read, the last failure.

        Every other failure is counted.
        """
        async with asyncio.TaskGroup() as group:
            for _ in range(min(WORKERS, self._count)):
                group.create_task(self._work())
        ending = self._ending or ([] if self._read else self._failures[-1:])
        raised = _longest(ending) if ending else None
        for error in (*self._failures, *self._ending):
            if error is not raised and not isinstance(error, SignInPending):
                self._polling.publisher.failed(self._polling.feed, error)
        if raised is not None:
            raise raised
        self._remark()

    async def _work(self) -> None:
        for part in self._parts:
            if self._ending or (not self._read and len(self._failures) >= HOPELESS):
                return
            try:
                await self._polling.part(part)
                self._read += 1
            except FeedError as error:
                (self._ending if _is_everybodys(error) else self._failures).append(error)
            except Exception as bug:
                self._failures.append(self._polling.bugs.failure(bug))

    def _remark(self) -> None:
        remark = ""
        if self._failures:
            reasons = ", ".join(sorted({error.reason.value for error in self._failures}))
            remark = f"{len(self._failures)} of {self._count} parts not read: {reasons}"
        self._polling.publisher.remarked(self._polling.feed, remark)
