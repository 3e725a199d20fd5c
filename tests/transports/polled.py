"""A vendor, the rest of the program and a poll between them, all without a socket."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from exporter.errors import FeedError, Reason
from exporter.feeds import Answer, Document, Feed, Poll, Reading, Request
from exporter.transports.poll import Polling

PLANTED = "+15550100"
Outcome = bytes | Exception


@dataclass
class Queues:
    """A directory."""

    queues: Mapping[str, str] = field(default_factory=dict)


async def _at_once() -> None:
    await asyncio.sleep(0)


class Vendor:
    """Answers each path as told, or with nothing; each request is held for as long as `hold`."""

    def __init__(self, outcomes: Mapping[str, Outcome] | None = None) -> None:
        self.outcomes = dict(outcomes or {})
        self.asked: list[str] = []
        self.most_at_once = 0
        self.reached = asyncio.Event()
        self.hold: Callable[[], Awaitable[object]] = _at_once
        self._now = 0

    async def send(self, feed: str, request: Request) -> Answer:
        """The answer to one request of the feed `stats`."""
        assert feed == "stats"
        self.asked.append(request.path)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        self.reached.set()
        try:
            await self.hold()
        finally:
            self._now -= 1
        outcome = self.outcomes.get(request.path, b"")
        if isinstance(outcome, Exception):
            raise outcome
        return Answer(outcome, 1000.0)


class Program:
    """The rest of the program, which takes down what it is told."""

    def __init__(self, queues: Sequence[str] = ()) -> None:
        self.queues = Queues({queue: queue for queue in queues})
        self.shown: dict[str, str] = {}
        self.began: list[float] = []
        self.failures: list[FeedError] = []
        self.remarks: list[str] = []
        self.emptied_feeds: list[str] = []

    def published(self, feed: Feed, part: str, document: Document[Any], began: float) -> None:
        """Shows a part."""
        self.shown[part] = document.remark
        self.began.append(began)

    def failed(self, feed: Feed, error: FeedError) -> None:
        """Counts a part."""
        self.failures.append(error)

    def remarked(self, feed: Feed, remark: str) -> None:
        """Takes a remark."""
        self.remarks.append(remark)

    def emptied(self, feed: Feed, began: float) -> None:
        """Takes down a feed that has nothing to ask for."""
        self.emptied_feeds.append(feed.name)

    def retained(self, feed: Feed, parts: Sequence[str]) -> None:
        """Withdraws the others."""
        self.shown = {part: text for part, text in self.shown.items() if part in parts}

    def directory(self) -> Queues:
        """The queues."""
        return self.queues

    def vendor_time(self) -> float:
        """The vendor's clock."""
        return 2000.0

    @property
    def reasons(self) -> list[Reason]:
        """Why parts failed."""
        return [error.reason for error in self.failures]


def one_request(directory: Queues, part: str, now: float) -> Reading[Queues]:
    """Reads `/PART`; the document repeats the answer."""
    (answer,) = yield [Request("GET", f"/{part}")]
    return Document((), answer.at, remark=answer.body.decode())


def each_queue(directory: Queues) -> Sequence[str]:
    return sorted(directory.queues)


Read = Callable[[Queues, str, float], Reading[Queues]]


def polling(
    vendor: Vendor, program: Program, read: Read = one_request, parts: bool = False
) -> Polling:
    """A poll that is read whole, or in one part for each queue."""
    feed: Poll[Queues] = Poll("stats", 15, read, ())
    if parts:
        feed = Poll("stats", 15, read, (), parts=each_queue)
    seconds = iter(range(100, 10_000))
    return Polling(feed, vendor, program, lambda: float(next(seconds)))


def refused(reason: Reason, retry_after: float | None = None) -> FeedError:
    return FeedError(reason, "as told", retry_after)


async def raised(poll: Polling) -> FeedError:
    """The failure of a round that must fail."""
    with pytest.raises(FeedError) as caught:
        await poll.round()
    return caught.value
