"""What a platform declares of an account: its sign-in, its feeds, what it costs. Data only."""

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

from exporter.accumulator import DayBoundary
from exporter.feeds import Answer, D, Poll, Request
from exporter.model import Block, Family
from exporter.streams import Stream

Feed = Poll[Any] | Stream[Any]


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in session: the headers of every request, and what the sign-in told."""

    headers: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...] = ()


SignIn = Callable[[], Generator[Request, Answer, Session]]


@dataclass(frozen=True, slots=True)
class Account(Generic[D]):
    """One source, ready to be read.

    `credential` is the same for accounts that share the vendor's limits. `feeds` are in order of
    ownership: where two can give one family, the first that is up has it. The others wait until
    the feed named `first` was tried.
    """

    platform: str
    environment: str
    base_url: str
    credential: tuple[str, ...]
    sign_in: SignIn
    directory: D
    feeds: tuple[Poll[D] | Stream[D], ...]
    first: str = ""
    day_boundary: DayBoundary | None = None

    @property
    def polls(self) -> tuple[Poll[D], ...]:
        """The feeds that are asked again and again."""
        return tuple(feed for feed in self.feeds if isinstance(feed, Poll))

    @property
    def streams(self) -> tuple[Stream[D], ...]:
        """The feeds that are resumed by a cursor."""
        return tuple(feed for feed in self.feeds if isinstance(feed, Stream))


@dataclass(frozen=True, slots=True)
class Size:
    """How large an account is, for a plan."""

    queues: int
    groups: int
    agents: int
    campaigns: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What one feed costs at a size: requests of one round, and series it shows."""

    feed: str
    interval: float
    requests: int
    series: int


@dataclass(frozen=True, slots=True)
class Unexported:
    """Fields of a documented method that are not exported, and why."""

    method: str
    fields: str
    reason: str


@dataclass(frozen=True, slots=True)
class Common:
    """What the configuration says for every platform.

    `label_values` is the most values of a label with an open vocabulary; the bounds of the
    histograms are those of this source.
    """

    label_values: int
    wait_seconds: tuple[float, ...]
    handle_seconds: tuple[float, ...]


def no_streams(settings: Any) -> Collection[str]:
    """A platform that is only polled has none."""
    return ()


@dataclass(frozen=True, slots=True)
class Vendor:
    """A platform: its name, its metric families, and how a source of it is opened.

    `account` takes the source's settings, the queue names known from the run before, and what
    holds for all sources. `plan` takes the settings and a size. `streams` names the streams that
    the settings enable: what is known of others is forgotten, as they do not resume. `takes_over`
    has, by stream, the poll whose daily totals count the same while the stream is off.
    """

    platform: str
    families: tuple[Family, ...]
    account: Callable[[Any, Mapping[str, str], Common], Account[Any]]
    plan: Callable[[Any, Size], Sequence[Planned]]
    unexported: tuple[Unexported, ...] = ()
    streams: Callable[[Any], Collection[str]] = no_streams
    takes_over: Mapping[str, str] = field(default_factory=dict)
