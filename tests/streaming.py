"""A source with a stream of calls and a poll of the same, with clocks that a test moves."""

import shutil
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from exporter import health
from exporter.accounts import Account, Session
from exporter.backoff import Patience
from exporter.exposition import Format
from exporter.feeds import Answer, Document, Poll, Request
from exporter.health import FeedHealth, SourceHealth
from exporter.ledger import Ledger, StreamState
from exporter.model import block_of
from exporter.page import Page
from exporter.running_stream import RunningStream
from exporter.selfmetrics import SERIES
from exporter.source import Source
from exporter.store import Store
from exporter.streams import Stream
from tests.calls import ACTIVE, CALLS, NOON, WAITS, Queues, stream

SOURCE = "acme"
TTL = 50.0

# Lines of the page.
STARTS = 'calls_total{queue_id="1",queue="Sales",kind="start"}'
ACTIVE_NOW = 'active{queue_id="1"}'
GAPS = 'feed_gaps_total{feed="calls"}'
DUPLICATES = 'feed_duplicate_events_total{feed="calls"}'


def poll(name: str, **how: Any) -> Poll[Any]:
    """A poll, of which the tests make the documents."""

    def read(directory: Any, part: str, now: float) -> Any:
        raise AssertionError("the documents come from the test")

    return Poll(name, 15.0, read, (ACTIVE,), **how)


def nobody_signs_in() -> Generator[Request, Answer, Session]:
    """A sign-in that these tests do not need."""
    yield Request("GET", "/login")
    raise AssertionError("there is nothing to ask")


def account(*streams: Stream[Any]) -> Account[Any]:
    """An account whose streams own what the poll `stats` tells, too."""
    feeds: tuple[Poll[Any] | Stream[Any], ...] = (
        poll("directory", auxiliary=True),
        *streams,
        poll("stats"),
    )
    queues = Queues({"1": "Sales"})
    return Account("livevox", "na4", "", ("acme",), nobody_signs_in, queues, feeds)


def _health_of(feed: Poll[Any] | Stream[Any]) -> FeedHealth:
    if isinstance(feed, Poll):
        return FeedHealth(feed.name, TTL, feed.auxiliary)
    return FeedHealth(feed.name, feed.idle, feed.auxiliary, streams=True)


class Stage:
    """A source at run time. `now` is monotonic; `wall` and `vendor` are Unix seconds."""

    def __init__(
        self, ledger: Ledger | None, *streams: Stream[Any], of: Account[Any] | None = None
    ) -> None:
        self.now, self.wall, self.vendor = 1000.0, NOON, NOON
        self.ledger = ledger
        self.store = Store(20_000)
        self.account = of or account(*(streams or (stream(),)))
        self.patiences = {
            feed.name: Patience((1, 8), (60, 600), lambda: 0.0) for feed in self.account.feeds
        }
        self.health = SourceHealth(
            SOURCE,
            "livevox",
            "na4",
            [_health_of(feed) for feed in self.account.feeds],
            lambda: self.wall,
            lambda: self.now,
        )
        families = {family.name: family for family in (CALLS, WAITS, *health.FAMILIES)}
        for feed in self.account.feeds:
            families |= {family.name: family for family in feed.families}
        self.source = Source(
            SOURCE,
            self.account,
            self.store,
            self.health,
            ledger,
            self.patiences,
            families,
            lambda: self.wall,
            lambda: self.now,
            window=1000,
        )
        self.source.vendor_clock = lambda: self.vendor

    @property
    def calls(self) -> RunningStream:
        """The stream of calls."""
        return self.source.streams["calls"]

    def feed(self, name: str) -> Poll[Any]:
        """A poll of the account."""
        return next(one for one in self.account.polls if one.name == name)

    def tell(self, feed: str = "stats", active: int | None = None, **document: Any) -> None:
        """A document of a poll, with the calls of queue 1."""
        blocks = () if active is None else (block_of(ACTIVE, ("queue_id",), [(("1",), active)]),)
        told: Document[Any] = Document(blocks, self.vendor, **document)
        self.source.published(self.feed(feed), "", told, self.now)

    def learn(self, **queues: str) -> None:
        """The directory tells these queues; `q2` stands for the queue 2."""
        names = {key.removeprefix("q"): name for key, name in queues.items()}
        self.tell("directory", learned=lambda _: Queues(names))

    def commit(self) -> None:
        """What the writer's thread does."""
        assert self.ledger is not None
        committed = self.ledger.commit()
        if SOURCE in committed:
            self.source.show_counters(committed[SOURCE])

    def page(self) -> dict[str, float]:
        """The samples of /metrics now, without `contactcenter_` and `source`."""
        self.source.show_streams()
        self.source.show_health()
        body = Page(self.store, lambda form: (), SERIES, lambda: self.now)
        text = body.body(Format.TEXT, gzip=False).decode()
        pairs = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
        return {_short(name): float(value) for name, _, value in pairs}

    def committed(self, prefix: str = "") -> dict[str, float]:
        """The samples after a commit, of names that begin with the prefix."""
        self.commit()
        return {name: value for name, value in self.page().items() if name.startswith(prefix)}


def _short(name: str) -> str:
    plain = name.removeprefix("contactcenter_").replace(f'source="{SOURCE}"', "")
    return plain.replace("{,", "{").replace("{}", "")


@contextmanager
def opened(path: Path, *streams: Stream[Any], **how: Any) -> Iterator[Stage]:
    """A run of the program over a ledger's file, which ends in good order."""
    ledger = Ledger.open(path, now=NOON, **how)
    try:
        stage = Stage(ledger, *streams)
        stage.source.show_counters()
        yield stage
    finally:
        ledger.close()


def kept(path: Path) -> StreamState:
    """What the next run goes on from."""
    with closing(Ledger.open(path, now=NOON)) as ledger:
        return ledger.stream_state(SOURCE, "calls")


def as_after_a_crash(path: Path, to: Path) -> Path:
    """A copy of a ledger's file as it is on the disk now, while it is open."""
    to.mkdir()
    for part in path.parent.glob(f"{path.name}*"):
        if not part.name.endswith("-shm"):
            shutil.copy(part, to / part.name)
    return to / path.name
