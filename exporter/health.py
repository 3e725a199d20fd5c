"""What the exporter knows of its own feeds: the families of "The exporter's own health".

Counts are published as frames when they change; what follows the clock (up, ages) is rendered
at each scrape, so that it is true while the main loop is stuck. Readers may be on any thread.
"""

import logging
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from exporter.errors import FeedError, Reason
from exporter.feeds import SESSION, Rejected
from exporter.model import FOREVER, Block, Family, Frame, Histogram, Kind, block_of

log = logging.getLogger(__name__)

_FEED = ("feed",)

SOURCE_INFO = Family(
    "contactcenter_source_info",
    Kind.INFO,
    "A configured source.",
    ("platform", "environment"),
)
SOURCE_UP = Family(
    "contactcenter_source_up",
    Kind.GAUGE,
    "1 while every enabled feed of the source is up, auxiliary ones (directory, departments,"
    " presence, guardian, analytics) aside.",
)
FEED_UP = Family(
    "contactcenter_feed_up",
    Kind.GAUGE,
    "1 while what the feed told is within its time to live, so while its gauges are shown.",
    _FEED,
)
LAST_SUCCESS = Family(
    "contactcenter_feed_last_success_timestamp_seconds",
    Kind.GAUGE,
    "When the feed was last read, Unix time.",
    _FEED,
)
DATA_AGE = Family(
    "contactcenter_feed_data_age_seconds",
    Kind.GAUGE,
    "Age of what the feed told last: by the vendor's own timestamp where there is one, else since"
    " it was asked for. The sign-in has none.",
    _FEED,
)
FAILURES = Family(
    "contactcenter_feed_failures_total",
    Kind.COUNTER,
    "Failures to read the feed. Refused sign-ins are those of the feed session.",
    ("feed", "reason"),
)
REJECTED_ROWS = Family(
    "contactcenter_feed_rejected_rows_total",
    Kind.COUNTER,
    "Rows of a document that could not be read; the rest was published.",
    _FEED,
)
REJECTED_FIELDS = Family(
    "contactcenter_feed_rejected_fields_total",
    Kind.COUNTER,
    "Fields that could not be read; the rest of their rows was published.",
    ("feed", "field"),
)
REQUESTS = Family(
    "contactcenter_feed_requests_total",
    Kind.COUNTER,
    "Requests to the vendor by HTTP status; none where there was no answer.",
    ("feed", "code"),
)
DURATION = Family(
    "contactcenter_feed_request_duration_seconds",
    Kind.HISTOGRAM,
    "Time from a request to the end of its answer, waiting for a turn not included.",
    _FEED,
)
CORRECTIONS = Family(
    "contactcenter_exporter_total_corrections_total",
    Kind.COUNTER,
    "Times that a vendor's total of the day fell without a new day: nothing is counted for them.",
    _FEED,
)
REJECTED_MESSAGES = Family(
    "contactcenter_feed_rejected_messages_total",
    Kind.COUNTER,
    "Whole messages of a stream that could not be read.",
    ("feed", "reason"),
)
CONNECTED = Family(
    "contactcenter_feed_connected",
    Kind.GAUGE,
    "1 while the vendor holds the stream open for us.",
    _FEED,
)
CONNECTIONS = Family(
    "contactcenter_feed_connections_total",
    Kind.COUNTER,
    "Connections of the stream: all but the first are reconnections.",
    _FEED,
)
LAST_EVENT = Family(
    "contactcenter_feed_last_event_timestamp_seconds",
    Kind.GAUGE,
    "The vendor's timestamp of the newest event since the start of the exporter, Unix time.",
    _FEED,
)
EVENTS = Family(
    "contactcenter_feed_events_total",
    Kind.COUNTER,
    "Events counted, each once, by kind; other where nobody documented it.",
    ("feed", "kind"),
)
DUPLICATE_EVENTS = Family(
    "contactcenter_feed_duplicate_events_total",
    Kind.COUNTER,
    "Events that came again and were not counted again; after a reconnect some are asked for.",
    _FEED,
)
GAPS = Family(
    "contactcenter_feed_gaps_total",
    Kind.COUNTER,
    "Times that events may have been missed: the vendor kept none since the last one, or the"
    " stream could not be resumed.",
    _FEED,
)
EVENT_LAG = Family(
    "contactcenter_feed_event_lag_seconds",
    Kind.HISTOGRAM,
    "Time from the vendor's timestamp of an event, by the vendor's clock, until it was counted.",
    _FEED,
)
STATE_DRIFT = Family(
    "contactcenter_feed_state_drift",
    Kind.GAUGE,
    "How many objects, such as agents, the last snapshot found in another state than the events"
    " had said.",
    _FEED,
)
FAMILIES = (
    REJECTED_MESSAGES,
    CONNECTED,
    CONNECTIONS,
    LAST_EVENT,
    EVENTS,
    DUPLICATE_EVENTS,
    GAPS,
    EVENT_LAG,
    STATE_DRIFT,
    SOURCE_INFO,
    SOURCE_UP,
    FEED_UP,
    LAST_SUCCESS,
    DATA_AGE,
    FAILURES,
    REJECTED_ROWS,
    REJECTED_FIELDS,
    REQUESTS,
    DURATION,
    CORRECTIONS,
)

LAG_BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0, 86400.0)
DURATION_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True)
class LastError:
    """The last failure of a feed: for people, so without any personal data."""

    reason: Reason
    detail: str
    at: float


@dataclass(frozen=True, slots=True)
class Told:
    """What a batch of events told of itself.

    `newest` is the time of the last event, Unix seconds; `drift` how many objects were in another
    state than the events before had said.
    """

    newest: float | None = None
    drift: float | None = None
    rejected: Rejected = field(default_factory=Rejected)
    events: int = 0
    duplicates: int = 0


@dataclass(slots=True)
class FeedHealth:
    """One feed's counts and its last success. Times: `expires` and `read_at` are monotonic."""

    name: str
    ttl: float
    auxiliary: bool = False
    streams: bool = False
    connected: bool = False
    connections: int = 0
    newest_event: float | None = None
    events: int = 0
    duplicates: int = 0
    drift: float | None = None
    tried: bool = False
    broken: bool = False
    remark: str = ""
    expires: float = -FOREVER
    read_at: float = -FOREVER
    last_success: float | None = None
    age_when_read: float = 0.0
    last_error: LastError | None = None
    requests: Counter[str] = field(default_factory=Counter)
    failures: Counter[Reason] = field(default_factory=Counter)
    rejected_rows: int = 0
    rejected_fields: Counter[str] = field(default_factory=Counter)
    corrections: int = 0
    duration_counts: list[int] = field(default_factory=lambda: [0] * (len(DURATION_BOUNDS) + 1))
    duration_total: float = 0.0

    def up(self, now: float) -> bool:
        """Whether what the feed told is still shown at the monotonic time `now`."""
        return now <= self.expires

    def age(self, now: float) -> float:
        """Age in seconds of what the feed told last; never negative."""
        return max(0.0, self.age_when_read + now - self.read_at)


class SourceHealth:
    """The health of one source: its feeds, in a fixed order, and what changed."""

    def __init__(
        self,
        name: str,
        platform: str,
        environment: str,
        feeds: Sequence[FeedHealth],
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self.name = name
        self.platform = platform
        self.environment = environment
        self.feeds: Mapping[str, FeedHealth] = {
            feed.name: feed for feed in (FeedHealth(SESSION, FOREVER), *feeds)
        }
        self._wall = wall
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._changed = True
        self._sign_in_failed = False

    def requested(self, feed: str, code: str, seconds: float) -> None:
        """Counts one request and its duration."""
        with self._lock:
            health = self.feeds[feed]
            health.requests[code] += 1
            health.duration_counts[bisect_left(DURATION_BOUNDS, seconds)] += 1
            health.duration_total += seconds
            self._changed = True

    def succeeded(
        self, feed: str, began: float, age: float = 0.0, rejected: Rejected | None = None
    ) -> None:
        """Notes that the feed was read: `began` monotonic, `age` of the data at that moment."""
        with self._lock:
            health = self.feeds[feed]
            recovered, health.broken = health.broken, False
            health.tried = True
            health.read_at = began
            health.expires = began + health.ttl
            health.last_success = self._wall()
            health.age_when_read = max(0.0, age)
            if rejected is not None:
                health.rejected_rows += rejected.rows
                health.rejected_fields.update(rejected.fields)
            self._changed = True
        if recovered:
            log.info("feed recovered", extra={"source": self.name, "feed": feed})

    def failed(self, feed: str, error: FeedError) -> None:
        """Counts a failure, and logs it if the feed was well before."""
        with self._lock:
            health = self.feeds[feed]
            broke, health.broken = not health.broken, True
            health.tried = True
            health.failures[error.reason] += 1
            health.last_error = LastError(error.reason, error.detail, self._wall())
            self._sign_in_failed |= feed == SESSION
            self._changed = True
        if broke:
            log.warning(
                "feed failed",
                extra={
                    "source": self.name,
                    "feed": feed,
                    "reason": error.reason.value,
                    "detail": error.detail,
                },
            )

    def counted(self, feed: str, error: FeedError) -> None:
        """Counts a failure of one part of a feed whose others were read; logs nothing."""
        with self._lock:
            health = self.feeds[feed]
            health.failures[error.reason] += 1
            health.last_error = LastError(error.reason, error.detail, self._wall())
            self._changed = True

    def lost(self, feed: str) -> None:
        """Notes that what the feed told holds no longer, such as a session that ended."""
        with self._lock:
            self.feeds[feed].expires = -FOREVER

    def corrected(self, feed: str, corrections: int) -> None:
        """Counts totals of the day that fell without a new day."""
        with self._lock:
            self.feeds[feed].corrections += corrections
            self._changed = True

    def connected(self, feed: str) -> None:
        """Counts a connection of a stream."""
        with self._lock:
            health = self.feeds[feed]
            health.connected, health.tried = True, True
            health.connections += 1
            self._changed = True

    def disconnected(self, feed: str) -> None:
        """Notes that a stream has ended."""
        with self._lock:
            self.feeds[feed].connected = False
            self._changed = True

    def streamed(self, feed: str, told: Told) -> None:
        """Notes what a batch of events told of itself."""
        with self._lock:
            health = self.feeds[feed]
            if told.newest is not None:
                health.newest_event = max(told.newest, health.newest_event or 0.0)
            health.drift = told.drift
            health.events += told.events
            health.duplicates += told.duplicates
            health.rejected_rows += told.rejected.rows
            health.rejected_fields.update(told.rejected.fields)
            self._changed = True

    def remarked(self, feed: str, remark: str) -> None:
        """Logs a remark about a feed's documents once while it lasts."""
        with self._lock:
            health = self.feeds[feed]
            new, health.remark = remark != health.remark, remark
        if new and remark:
            log.warning("feed remark", extra={"source": self.name, "feed": feed, "detail": remark})

    def up(self, now: float) -> bool:
        """Whether every feed that is not auxiliary is up."""
        return all(feed.up(now) for feed in self.feeds.values() if not feed.auxiliary)

    def untried(self) -> list[str]:
        """Feeds whose first outcome is not known; none once a sign-in has failed."""
        if self._sign_in_failed:
            return []
        return [feed.name for feed in self.feeds.values() if not feed.tried]

    def live_blocks(self) -> Sequence[Block]:
        """What follows the clock."""
        with self._lock:
            now = self._monotonic()
            feeds = self._sorted()
            up = Block((), ((),), ((SOURCE_UP, [float(self.up(now))]),))
            by_feed = Block(
                _FEED,
                tuple([(feed.name,) for feed in feeds]),
                (
                    (FEED_UP, [float(feed.up(now)) for feed in feeds]),
                    (LAST_SUCCESS, [feed.last_success for feed in feeds]),
                    (DATA_AGE, [_data_age(feed, now) for feed in feeds]),
                ),
            )
        return (up, by_feed)

    def changed_frame(self) -> Frame | None:
        """The counts as a frame if they changed since the last call."""
        with self._lock:
            if not self._changed:
                return None
            self._changed = False
            return Frame(tuple(self._count_blocks()), self._monotonic())

    def _sorted(self) -> Sequence[FeedHealth]:
        return sorted(self.feeds.values(), key=lambda feed: feed.name)

    def _count_blocks(self) -> Iterable[Block]:
        feeds = self._sorted()
        info = (self.platform, self.environment)
        yield Block(SOURCE_INFO.labels, (info,), ((SOURCE_INFO, [1.0]),))
        yield Block(
            _FEED,
            tuple([(feed.name,) for feed in feeds]),
            (
                (REJECTED_ROWS, [float(feed.rejected_rows) for feed in feeds]),
                (CORRECTIONS, [float(feed.corrections) for feed in feeds]),
                (DURATION, [_durations(feed) for feed in feeds]),
            ),
        )
        streams = [feed for feed in feeds if feed.streams]
        yield Block(
            _FEED,
            tuple([(feed.name,) for feed in streams]),
            (
                (CONNECTED, [float(feed.connected) for feed in streams]),
                (CONNECTIONS, [float(feed.connections) for feed in streams]),
                (LAST_EVENT, [feed.newest_event for feed in streams]),
                (STATE_DRIFT, [feed.drift for feed in streams]),
            ),
        )
        # every reason from the start, so that increase() sees the first failure
        failures = {
            feed.name: {reason.value: feed.failures[reason] for reason in Reason} for feed in feeds
        }
        yield _counts(FAILURES, failures)
        yield _counts(REJECTED_FIELDS, {feed.name: feed.rejected_fields for feed in feeds})
        yield _counts(REQUESTS, {feed.name: feed.requests for feed in feeds})


def _counts(family: Family, by_feed: Mapping[str, Mapping[str, int]]) -> Block:
    values = [
        ((feed, what), float(count))
        for feed, counts in by_feed.items()
        for what, count in counts.items()
    ]
    return block_of(family, family.labels, values)


def _data_age(feed: FeedHealth, now: float) -> float | None:
    return None if feed.last_success is None or feed.name == SESSION else feed.age(now)


def _durations(feed: FeedHealth) -> Histogram:
    return Histogram(DURATION_BOUNDS, tuple(feed.duration_counts), feed.duration_total)
