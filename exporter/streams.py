"""What a platform declares of what it streams: requests to resume, machines, steps. Data only.

A machine never does I/O. It is given what came and the time, and says what that changes. The
transports do the rest.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from exporter.accumulator import SeriesKey
from exporter.feeds import Answer, D, Rejected, Request
from exporter.model import Block, Family, Observations
from exporter.recent import RecentIds

D_contra = TypeVar("D_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Step:
    """What a batch of events changes. All of it lands in one commit.

    `events` are new ones by kind. `cursor` is where to resume after the batch, None where it is
    where it was; `ids` are those of the new events, oldest first; `memory` is what the machine
    must know again after a restart (None: no longer). `malformed` counts messages without a
    meaning, `rejected` what else could not be read. `lags` are the seconds from the vendor's
    timestamp of an event to the moment it was counted; `newest` is the last such timestamp, Unix
    seconds. `full` says that there is more to fetch at once.
    """

    events: Mapping[str, int] = field(default_factory=dict)
    duplicates: int = 0
    malformed: int = 0
    rejected: Rejected = field(default_factory=Rejected)
    increments: Mapping[SeriesKey, float] = field(default_factory=dict)
    observations: Mapping[SeriesKey, Observations] = field(default_factory=dict)
    cursor: str | None = None
    ids: Sequence[str] = ()
    memory: Mapping[str, str | None] = field(default_factory=dict)
    lags: Sequence[float] = ()
    newest: float | None = None
    full: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Label sets that a feed can produce, which start at 0: counters, and histograms by bounds."""

    counters: Iterable[SeriesKey] = ()
    histograms: Mapping[SeriesKey, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where a machine goes on: what the ledger held when the program started.

    `counted` are the label sets that have been counted, of every feed of the source. `takes_over`
    says that daily totals counted the same until now: what they counted may end only now.
    """

    recent: RecentIds
    cursor: str = ""
    memory: Mapping[str, str] = field(default_factory=dict)
    counted: Iterable[SeriesKey] = ()
    takes_over: bool = False


class Machine(Protocol[D_contra]):
    """The state of one stream, sans I/O. Times are the vendor's, Unix seconds."""

    kinds: Sequence[str]
    """The kinds of events that are known; counts of them start at 0."""

    def connected(self, at: float) -> None:
        """Notes that the stream begins again at the cursor."""
        ...

    def answered(self, answer: Answer, directory: D_contra) -> Step:
        """What a page of a long poll says; raises FeedError(decode)."""
        ...

    def received(self, payloads: Sequence[bytes], at: float, directory: D_contra) -> Step:
        """What the data of server-sent events say."""
        ...

    def corrected(self, snapshot: Any, directory: D_contra) -> Step:
        """What a snapshot of the same things, read otherwise, changes."""
        ...

    def restarted(self) -> Step:
        """Forgets what it knows: the cursor was too old, and there is a gap.

        The cursor of the step is empty.
        """
        ...

    def blocks(self, now: float, directory: D_contra) -> Sequence[Block]:
        """What is so at the time `now`; empty while that is not known."""
        ...

    def drift(self) -> float | None:
        """By how many objects the last snapshot contradicted the events; None if none did yet."""
        ...

    def known(self, directory: D_contra) -> Known:
        """The label sets that the feed can produce for these queues."""
        ...


def always(directory: Any) -> bool:
    """A stream that needs to know nothing of the account is ready at once."""
    return True


@dataclass(frozen=True, slots=True)
class Stream(Generic[D]):
    """A thing that tells of events, and is resumed by a cursor.

    `request` asks for what follows a cursor (empty: from now on). `idle` is the longest silence in
    seconds: after it the connection is taken for dead, and what the machine says is not shown any
    more. It waits until the directory is `ready` for it. `corrected_by` names the poll whose
    snapshots go to the machine, and `takes_over` the one whose daily totals count the same while
    this stream is off.
    """

    name: str
    request: Callable[[str, D], Request]
    machine: Callable[[Resumed], Machine[D]]
    families: tuple[Family, ...]
    idle: float
    ready: Callable[[D], bool] = always
    corrected_by: str = ""
    takes_over: str = ""
    auxiliary: bool = False
    transport: str = ""


@dataclass(frozen=True, slots=True)
class LongPoll(Stream[D]):
    """A stream of pages: the vendor answers a request when there are events, or after a while.

    `within` is the time-out of a request in seconds, the vendor's waiting included.
    """

    transport: str = "longpoll"
    within: float = 30.0


@dataclass(frozen=True, slots=True)
class Sse(Stream[D]):
    """A stream of server-sent events; the machine takes the `data` of each."""

    transport: str = "sse"
    longest: float = 3600.0  # seconds after which a connection is replaced by a new one


class StreamPublisher(Protocol):
    """What a transport needs of the rest of the program, for one stream."""

    def cursor(self) -> str:
        """Where to resume; empty: from now on."""
        ...

    def directory(self) -> Any:
        """The account's directory as it is now."""
        ...

    def connected(self) -> None:
        """Notes that the vendor accepted the request."""
        ...

    def ended(self) -> None:
        """Notes that the stream was closed in good order: nothing is on its way."""
        ...

    def disconnected(self) -> None:
        """Notes that there is no connection, for whatever reason."""
        ...

    def alive(self) -> None:
        """Notes a sign of life without news."""
        ...

    def answered(self, answer: Answer) -> bool:
        """Counts a page; whether there is more to fetch at once. Raises FeedError(decode)."""
        ...

    def received(self, payloads: Sequence[bytes]) -> None:
        """Counts the data of events."""
        ...

    def expired(self) -> None:
        """Starts again without the cursor, which the vendor refused, and counts a gap."""
        ...
