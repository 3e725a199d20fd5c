"""One stream at run time: what its machine says goes to the ledger, the health and the store."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from exporter.accumulator import SeriesKey
from exporter.backoff import Patience
from exporter.bugs import BugLog
from exporter.errors import FeedError
from exporter.feeds import Answer
from exporter.health import (
    DUPLICATE_EVENTS,
    EVENT_LAG,
    EVENTS,
    GAPS,
    LAG_BOUNDS,
    REJECTED_MESSAGES,
    SourceHealth,
    Told,
)
from exporter.ledger import Change, Ledger, StreamChange, StreamState
from exporter.model import FOREVER, Frame, Observations
from exporter.recent import RecentIds
from exporter.store import Place, Store
from exporter.streams import Known, Resumed, Step, Stream

MALFORMED = "malformed"


class RunningStream:
    """What the transport of one stream publishes to, in the event loop.

    `directory` tells the account's directory as it is now, `vendor_time` the vendor's time and
    `wall` ours, both Unix seconds. A stream of which the ledger holds the cursor of another
    transport starts again, with a gap.
    """

    def __init__(
        self,
        stream: Stream[Any],
        source: str,
        ledger: Ledger | None,
        health: SourceHealth,
        store: Store,
        patience: Patience,
        *,
        window: int,
        directory: Callable[[], Any],
        vendor_time: Callable[[], float],
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self.stream = stream
        self._source = source
        self._ledger = ledger
        self._health = health
        self._store = store
        self._patience = patience
        self._directory = directory
        self._vendor_time = vendor_time
        self._wall = wall
        self._monotonic = monotonic
        self._bugs = BugLog(monotonic)
        self._alive_at = -FOREVER
        self._was_connected = False
        state = ledger.stream_state(source, stream.name) if ledger else StreamState()
        transport, _, self._cursor = state.cursor.partition(" ")
        foreign = state.cursor != "" and transport != stream.transport
        if foreign:
            self._cursor = ""
        self._machine = stream.machine(
            Resumed(
                RecentIds(window, state.ids),
                self._cursor,
                state.memory,
                _counted(ledger, source),
                state == StreamState() and _has_counted(ledger, source, stream.takes_over),
            )
        )
        self._start_counts()
        if foreign:
            self.expired()

    def cursor(self) -> str:
        """Where to resume; empty: from now on."""
        return self._cursor

    def directory(self) -> Any:
        """The account's directory as it is now."""
        return self._directory()

    def connected(self) -> None:
        """Counts a connection. One without a cursor, after one was lost, may have missed events."""
        self._health.connected(self.stream.name)
        self._machine.connected(self._vendor_time())
        if self._was_connected and not self._cursor:
            self._count_gap()
        self._was_connected = True

    def ended(self) -> None:
        """The stream was closed in good order, as it is when nothing happens: no gap."""
        self._was_connected = False

    def disconnected(self) -> None:
        """Notes that there is no connection."""
        self._health.disconnected(self.stream.name)

    def broke(self, error: FeedError) -> None:
        """Counts a failure of the stream."""
        self._health.failed(self.stream.name, error)

    def alive(self) -> None:
        """A sign of life: what the machine says holds now."""
        self._alive_at = self._monotonic()
        self._health.succeeded(self.stream.name, self._alive_at)
        self._patience.proved()

    def answered(self, answer: Answer) -> bool:
        """Counts a page; whether there is more to fetch at once. Raises FeedError(decode)."""
        step = self._machine.answered(answer, self._directory())
        self._take(step)
        self.alive()
        return step.full

    def received(self, payloads: Sequence[bytes]) -> None:
        """Counts the data of events."""
        self._take(self._machine.received(payloads, self._vendor_time(), self._directory()))
        self.alive()

    def corrected(self, snapshot: object) -> None:
        """Gives a snapshot to the machine."""
        self._take(self._machine.corrected(snapshot, self._directory()))

    def expired(self) -> None:
        """Starts again without the cursor, and counts a gap."""
        self._take(self._machine.restarted(), restarted=True)
        self._cursor = ""
        self._was_connected = False  # the next connection is no second gap
        self._count_gap()

    def started_at_zero(self) -> None:
        """Starts the label sets of the directory's queues at 0, where they are new."""
        self._record_known(self._machine.known(self._directory()))

    def show(self) -> None:
        """Publishes what is so now, while the stream gives signs of life."""
        if self._monotonic() > self._alive_at + self.stream.idle:
            return
        try:
            blocks = tuple(self._machine.blocks(self._vendor_time(), self._directory()))
            frame = Frame(blocks, self._alive_at, self.stream.idle)
            self._store.publish(Place(self._source, self.stream.name, ""), frame)
        except Exception as bug:  # the heartbeat, which calls this, must not end
            self._health.counted(self.stream.name, self._bugs.failure(bug))

    def _take(self, step: Step, *, restarted: bool = False) -> None:
        """Hands a step to the ledger whole, and notes what else it tells."""
        feed = self.stream.name
        if step.cursor is not None:
            self._cursor = step.cursor
        newest = None if step.newest is None else min(step.newest, self._vendor_time())
        events = sum(step.events.values())
        told = Told(newest, self._machine.drift(), step.rejected, events, step.duplicates)
        self._health.streamed(feed, told)
        if self._ledger is None:
            return
        cursor = step.cursor and f"{self.stream.transport} {step.cursor}"
        lags = {_key(EVENT_LAG.name, feed): Observations.of(LAG_BOUNDS, step.lags)}
        self._ledger.record(
            Change(
                self._source,
                at=self._wall(),
                increments={**step.increments, **self._own(step)},
                observations={**step.observations, **lags} if step.lags else step.observations,
                stream=StreamChange(feed, cursor, step.ids, step.memory, restarted),
            )
        )

    def _own(self, step: Step) -> Mapping[SeriesKey, float]:
        feed = self.stream.name
        increments = {
            _key(EVENTS.name, feed, ("kind", kind)): float(count)
            for kind, count in step.events.items()
        }
        if step.duplicates:
            increments[_key(DUPLICATE_EVENTS.name, feed)] = float(step.duplicates)
        if step.malformed:
            rejected = _key(REJECTED_MESSAGES.name, feed, ("reason", MALFORMED))
            increments[rejected] = float(step.malformed)
        return increments

    def _start_counts(self) -> None:
        feed = self.stream.name
        counters = [
            *(_key(EVENTS.name, feed, ("kind", kind)) for kind in self._machine.kinds),
            _key(DUPLICATE_EVENTS.name, feed),
            _key(GAPS.name, feed),
            _key(REJECTED_MESSAGES.name, feed, ("reason", MALFORMED)),
        ]
        self._record_known(Known(counters, {_key(EVENT_LAG.name, feed): LAG_BOUNDS}))
        self.started_at_zero()

    def _record_known(self, known: Known) -> None:
        if self._ledger is not None:
            self._ledger.record(
                Change(
                    self._source,
                    at=self._wall(),
                    known=known.counters,
                    known_histograms=known.histograms,
                )
            )

    def _count_gap(self) -> None:
        if self._ledger is not None:
            gap = {_key(GAPS.name, self.stream.name): 1.0}
            self._ledger.record(Change(self._source, at=self._wall(), increments=gap))


def _key(family: str, feed: str, *more: tuple[str, str]) -> SeriesKey:
    return family, (("feed", feed), *more)


def _has_counted(ledger: Ledger | None, source: str, feed: str) -> bool:
    """Whether daily totals of the feed were counted in a run before."""
    return bool(feed and ledger and ledger.day_state(source, feed))


def _counted(ledger: Ledger | None, source: str) -> Iterable[SeriesKey]:
    return ledger.counters(source) if ledger else ()
