"""What a platform declares of what is polled: requests, answers, documents. Data only.

A platform never does I/O. Reading is a generator: it yields the requests that it needs, is sent
their answers, and returns a document. The transports do the rest.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from exporter.accumulator import SeriesKey
from exporter.errors import FeedError
from exporter.model import Block, Family

SESSION = "session"  # the feed label of the sign-in


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `path` is relative to the account's base URL."""

    method: str
    path: str
    body: bytes | None = None
    params: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer. `at` is the vendor's time, Unix seconds: ours, corrected by the last
    Date header that told another. `date` is its own Date header, in whole seconds."""

    body: bytes
    at: float
    date: float | None = None


class Directory(Protocol):
    """What is known of an account's objects by name. Frozen; a feed replaces it whole."""

    @property
    def queues(self) -> Mapping[str, str]:
        """The names of the known queues by id."""
        ...


D = TypeVar("D", bound=Directory)


@dataclass(frozen=True, slots=True)
class Rejected:
    """What could not be read in a document of which the rest was."""

    rows: int = 0
    fields: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Rejected") -> "Rejected":
        fields = dict(self.fields)
        for name, count in other.fields.items():
            fields[name] = fields.get(name, 0) + count
        return Rejected(self.rows + other.rows, fields)


@dataclass(frozen=True, slots=True)
class DailyTotals:
    """Totals of the vendor's day, to be turned into counters.

    `known` are label sets that start at 0 before they were ever read. `day` names the day where
    the vendor tells it. Totals that are not `counted`, because a stream counts the same, only
    keep their base: when they are counted again, what the stream counted is not counted twice.
    """

    values: Mapping[SeriesKey, float]
    known: Sequence[SeriesKey] = ()
    day: str | None = None
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Document(Generic[D]):
    """What the answers of one reading say.

    `told_at` is the vendor's own timestamp of the data and `at` its clock when it answered, both
    Unix seconds. `learned` makes the account's directory, as it is then, into the one that knows
    what the document tells: feeds are read side by side. `remark` is a fact worth one log
    line while it lasts, such as a list that was cut short. `snapshot` is for the machines of the
    streams that this feed corrects; `increments` are counted at once.
    """

    blocks: tuple[Block, ...]
    at: float
    told_at: float | None = None
    rejected: Rejected = Rejected()
    totals: DailyTotals | None = None
    learned: Callable[[D], D] | None = None
    remark: str = ""
    snapshot: object | None = None
    increments: Mapping[SeriesKey, float] = field(default_factory=dict)


Reading = Generator[Sequence[Request], Sequence[Answer], Document[D]]


def one_part(directory: Any) -> Sequence[str]:
    """A feed that is read whole has one part, which has no name."""
    return ("",)


@dataclass(frozen=True, slots=True)
class Poll(Generic[D]):
    """A thing that is asked for again and again.

    `read` starts a reading of one part, given the directory and the vendor's time as we know it.
    `parts` names what is asked alone. An auxiliary feed does not decide whether its source is up.
    """

    name: str
    interval: float
    read: Callable[[D, str, float], Reading[D]]
    families: tuple[Family, ...]
    parts: Callable[[D], Sequence[str]] = one_part
    auxiliary: bool = False


Feed = Poll[Any]


class Sender(Protocol):
    """What a transport needs of the HTTP client."""

    async def send(self, feed: str, request: Request) -> Answer:
        """The answer to one request; raises FeedError."""
        ...


class Publisher(Protocol):
    """What a transport needs of the rest of the program, for one feed."""

    def published(self, feed: Feed, part: str, document: Document[Any], began: float) -> None:
        """Takes over a document that was read; `began` is the monotonic time of its requests."""
        ...

    def failed(self, feed: Feed, error: FeedError) -> None:
        """Counts one part that could not be read, while others could."""
        ...

    def remarked(self, feed: Feed, remark: str) -> None:
        """Takes a fact worth one log line while it lasts; an empty one when it is over."""
        ...

    def emptied(self, feed: Feed, began: float) -> None:
        """Notes that the feed has nothing to ask for: the directory names no part of it."""
        ...

    def retained(self, feed: Feed, parts: Sequence[str]) -> None:
        """Withdraws what was published for parts that are no longer there."""
        ...

    def directory(self) -> Any:
        """The account's directory as it is now."""
        ...

    def vendor_time(self) -> float:
        """The vendor's time now, Unix seconds, as far as it is known."""
        ...
