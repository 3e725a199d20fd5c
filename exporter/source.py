"""One source at run time: what its feeds tell goes to the store, the health and the ledger."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from exporter.accounts import Account, Session
from exporter.accumulator import Reading, accumulate
from exporter.backoff import Patience
from exporter.committed import CommittedCounts
from exporter.errors import FeedError
from exporter.feeds import SESSION, DailyTotals, Document, Feed
from exporter.health import SourceHealth
from exporter.ledger import EVENT_IDS, Change, Committed, Ledger
from exporter.model import FOREVER, Family, Frame
from exporter.running_stream import RunningStream
from exporter.store import Place, Store

COUNTS = "ledger "  # begins the places of committed counts, one each family; no feed has a blank
HEALTH = "health"
SEEN_AGAIN_AFTER = 600.0  # seconds after which known queues are noted as still there


class Source:
    """What the transports of one account publish to. All but `show_counters` is called in the
    event loop. `vendor_clock` tells the vendor's time, Unix seconds."""

    def __init__(
        self,
        name: str,
        account: Account[Any],
        store: Store,
        health: SourceHealth,
        ledger: Ledger | None,
        patiences: Mapping[str, Patience],
        families: Mapping[str, Family],
        wall: Callable[[], float],
        monotonic: Callable[[], float],
        window: int = EVENT_IDS,
    ) -> None:
        self.name = name
        self.account = account
        self.health = health
        self.first_tried = asyncio.Event()
        self._learned = asyncio.Event()
        self.vendor_clock: Callable[[], float] = lambda: 0.0
        self._store = store
        self._ledger = ledger
        self._patiences = patiences
        self._counts = CommittedCounts(families)
        self._wall = wall
        self._monotonic = monotonic
        self._directory = account.directory
        self._queues: Mapping[str, str] = account.directory.queues
        # of queues that are gone, too: their counters stay
        self._names = {**(ledger.queue_names(name) if ledger else {}), **self._queues}
        self._seen_at = -FOREVER
        self._showing = threading.Lock()
        if not account.first:
            self.first_tried.set()
        store.rank(name, [feed.name for feed in account.feeds])
        self.streams: Mapping[str, RunningStream] = {
            feed.name: RunningStream(
                feed,
                name,
                ledger,
                health,
                store,
                patiences[feed.name],
                window=window,
                directory=self.directory,
                vendor_time=self.vendor_time,
                wall=wall,
                monotonic=monotonic,
            )
            for feed in account.streams
        }

    def published(self, feed: Feed, part: str, document: Document[Any], began: float) -> None:
        """Shows a document that was read, and counts what it totals."""
        if document.learned is not None:
            self._know(document.learned(self._directory))
        ttl = self.health.feeds[feed.name].ttl
        self._store.publish(Place(self.name, feed.name, part), Frame(document.blocks, began, ttl))
        told_at = document.at if document.told_at is None else document.told_at
        self.health.succeeded(feed.name, began, document.at - told_at, document.rejected)
        if not part:
            self.health.remarked(feed.name, document.remark)
        self._patiences[feed.name].proved()
        if document.totals is not None:
            self._count(feed, document.totals)
        if document.increments and self._ledger is not None:
            at, increments = self._wall(), document.increments
            self._ledger.record(Change(self.name, at=at, increments=increments))
        if document.snapshot is not None:
            for stream in self.streams.values():
                if stream.stream.corrected_by == feed.name:
                    stream.corrected(document.snapshot)
        self._tried(feed)

    def failed(self, feed: Feed, error: FeedError) -> None:
        """Counts a part of a feed that could not be read, while others could."""
        self.health.counted(feed.name, error)

    def broke(self, feed: Feed, error: FeedError) -> None:
        """Counts a feed that could not be read."""
        self.health.failed(feed.name, error)
        self._tried(feed)

    def remarked(self, feed: Feed, remark: str) -> None:
        """Logs a fact about a feed once while it lasts."""
        self.health.remarked(feed.name, remark)

    def emptied(self, feed: Feed, began: float) -> None:
        """A feed with nothing to ask for is up, as long as the directory says so is up itself."""
        first = self.account.first
        if not first or self.health.feeds[first].up(self._monotonic()):
            self.health.succeeded(feed.name, began)
            self._patiences[feed.name].proved()

    def retained(self, feed: Feed, parts: Sequence[str]) -> None:
        """Withdraws parts that are no longer there."""
        self._store.retain(self.name, feed.name, parts)

    def directory(self) -> Any:
        """The account's directory as it is now."""
        return self._directory

    async def known_to(self, ready: Callable[[Any], bool]) -> None:
        """Returns when the directory is as `ready` wants it."""
        while not ready(self._directory):
            self._learned.clear()
            await self._learned.wait()

    def vendor_time(self) -> float:
        """The vendor's time now, Unix seconds."""
        return self.vendor_clock()

    def signed_in(self, session: Session, began: float) -> None:
        """Shows what a sign-in told."""
        self._store.publish(Place(self.name, SESSION, ""), Frame(session.blocks, began))
        self.health.succeeded(SESSION, began)

    def signed_out(self) -> None:
        """Shows no longer what the sign-in told: the session ended and there is no new one."""
        self._store.withdraw(Place(self.name, SESSION, ""))
        self.health.lost(SESSION)

    @property
    def queues(self) -> Mapping[str, str]:
        """The known queues: names by id."""
        return self._queues

    def show_counters(self, committed: Committed | None = None) -> None:
        """Publishes the counts that a commit changed, or all. May be called from any thread."""
        if self._ledger is None:
            return
        with self._showing:  # the loop and the ledger's thread: an older count must not come last
            if committed is None:
                counters = self._ledger.counters(self.name)
                histograms = self._ledger.histograms(self.name)
            else:
                counters, histograms = committed.counters, committed.histograms
            changed = self._counts.update(counters, histograms, self._names)
            for family, blocks in changed.items():
                place = Place(self.name, COUNTS + family, "")
                self._store.publish(place, Frame(blocks, self._monotonic(), FOREVER))

    def show_streams(self) -> None:
        """Publishes what the streams' machines say now."""
        for stream in self.streams.values():
            stream.show()

    def show_health(self) -> None:
        """Publishes the counts of the feeds if they changed."""
        frame = self.health.changed_frame()
        if frame is not None:
            self._store.publish(Place(self.name, HEALTH, ""), frame)

    def _tried(self, feed: Feed) -> None:
        if feed.name == self.account.first:
            self.first_tried.set()

    def _know(self, directory: Any) -> None:
        self._directory = directory
        self._learned.set()
        queues = directory.queues
        renamed = queues != self._queues
        if not renamed and self._monotonic() - self._seen_at < SEEN_AGAIN_AFTER:
            return
        self._queues = queues
        self._names = {**self._names, **{key: text for key, text in queues.items() if text}}
        self._seen_at = self._monotonic()
        if self._ledger is not None:
            self._ledger.record(Change(self.name, queues=dict(queues), at=self._wall()))
            if renamed:
                self.show_counters(Committed({}, {}))
        if renamed:
            for stream in self.streams.values():
                stream.started_at_zero()

    def _count(self, feed: Feed, totals: DailyTotals) -> None:
        if self._ledger is None:
            return
        # our clock: a wrong Date of one answer must not look like a day that went by
        at = self._wall()
        state = self._ledger.day_state(self.name, feed.name)
        reading = Reading(at, totals.values, totals.day)
        outcome = accumulate(state, reading, self.account.day_boundary)
        if outcome.corrections:
            self.health.corrected(feed.name, outcome.corrections)
        self._ledger.record(
            Change(
                self.name,
                increments=outcome.increments if totals.counted else {},
                known=totals.known,
                day=(feed.name, outcome.state),
                at=at,
            )
        )
