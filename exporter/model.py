"""Family, Block, Frame, Table: what a feed says now, as columns.

A value is never an object here. A block holds its row keys once and one column of floats for
each family, so that ten thousand series cost a few lists.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Generic, TypeVar

from exporter.errors import FamilyError

Row = TypeVar("Row")
Key = tuple[str, ...]

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")  # of families and of labels
_RESERVED_LABELS = frozenset({"source", "le", "quantile", "job", "instance"})
_HISTOGRAM_SUFFIXES = ("_bucket", "_sum", "_count")
_FORBIDDEN_ENDINGS = (*_HISTOGRAM_SUFFIXES, "_created")
FOREVER = math.inf
_MANY = 4  # values for each bound, from which sorting them all is faster than finding their places


class Kind(StrEnum):
    """The type of a family, in OpenMetrics words; `info` is a gauge in text 0.0.4."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"
    INFO = "info"


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """One metric family, declared once: two objects are two families.

    `name` is the name of its samples: a counter ends in `_total`, an info in `_info`. `labels`
    are those of its samples, without `source`; a block may fill fewer of them. `origins` name
    the vendor's fields that it comes from, and end its HELP.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    per_agent: bool = False

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise FamilyError(f"{self.name!r} is no metric name")
        for label in self.labels:
            if not _NAME.match(label) or label in _RESERVED_LABELS:
                raise FamilyError(f"{self.name}: {label!r} is no label for it")
        if len(set(self.labels)) != len(self.labels):
            raise FamilyError(f"{self.name}: a label stands twice")
        if (self.kind is Kind.COUNTER) is not self.name.endswith("_total"):
            raise FamilyError(f"{self.name}: `_total` ends the names of counters, and only theirs")
        if (self.kind is Kind.INFO) is not self.name.endswith("_info"):
            raise FamilyError(f"{self.name}: `_info` ends the names of infos, and only theirs")
        if self.name.endswith(_FORBIDDEN_ENDINGS):
            raise FamilyError(f"{self.name}: its ending belongs to samples of another family")
        if not self.help:
            raise FamilyError(f"{self.name}: a family without help")

    @property
    def full_help(self) -> str:
        """The help text, ending with the vendor's fields."""
        if not self.origins:
            return self.help
        return f"{self.help} Source: {'; '.join(self.origins)}."

    @property
    def metric(self) -> str:
        """The family's name in OpenMetrics: without `_total` or `_info`."""
        if self.kind in (Kind.COUNTER, Kind.INFO):
            return self.name.rpartition("_")[0]
        return self.name

    @property
    def sample_names(self) -> tuple[str, ...]:
        """Each name that a line of this family can begin with."""
        if self.kind is Kind.HISTOGRAM:
            return tuple(self.name + suffix for suffix in _HISTOGRAM_SUFFIXES)
        return (self.name,)


def catalogue(families: Iterable[Family]) -> tuple[Family, ...]:
    """The families sorted by name; raises FamilyError if two of them clash.

    The same object may come twice. Two objects with one name, or a sample name that belongs to
    two families in either format, are a clash.
    """
    unique = sorted(dict.fromkeys(families), key=lambda family: family.name)
    owners: dict[str, Family] = {}
    for family in unique:
        for name in {family.name, family.metric, *family.sample_names}:
            owner = owners.setdefault(name, family)
            if owner is not family:
                raise FamilyError(f"{owner.name} and {family.name} both own the name {name}")
    return tuple(unique)


@dataclass(frozen=True, slots=True)
class Histogram:
    """The distribution of one label set.

    `bounds` are upper limits in rising order without +Inf; `counts` has one entry more, is not
    cumulative, and its last entry counts what lies above the last bound.
    """

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: float

    def __post_init__(self) -> None:
        if len(self.counts) != len(self.bounds) + 1:
            raise ValueError("a histogram has one count more than it has bounds")
        if any(low >= high for low, high in pairwise((*self.bounds, math.inf))):
            raise ValueError("the bounds of a histogram rise, and the last one is finite")


@dataclass(frozen=True, slots=True)
class Observations:
    """What a histogram rises by; `counts` as those of a histogram of these bounds."""

    bounds: tuple[float, ...]
    counts: Sequence[int]
    total: float

    @classmethod
    def of(cls, bounds: tuple[float, ...], values: Sequence[float]) -> "Observations":
        """These values, sorted into buckets."""
        if len(values) > _MANY * len(bounds):
            ordered = sorted(values)
            below = [*(bisect_right(ordered, bound) for bound in bounds), len(ordered)]
            return cls(bounds, [b - a for a, b in pairwise((0, *below))], math.fsum(values))
        counts = [0] * (len(bounds) + 1)
        for value in values:
            counts[bisect_left(bounds, value)] += 1
        return cls(bounds, counts, math.fsum(values))


Column = Sequence[float | None] | Sequence[Histogram | None]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that share one label schema: their keys, and one column for each family.

    `labels` are in the order of each family's own declaration, without `source`; an empty value
    leaves its label out of the line. `None` in a column means that nothing was said.
    """

    labels: tuple[str, ...]
    keys: tuple[Key, ...]
    columns: tuple[tuple[Family, Column], ...]

    def __post_init__(self) -> None:
        for family, column in self.columns:
            if len(column) != len(self.keys):
                raise ValueError(f"{family.name}: {len(column)} values for {len(self.keys)} rows")
            allowed = [label for label in family.labels if label in self.labels]
            if tuple(allowed) != self.labels:
                raise FamilyError(f"{family.name} is not declared with the labels {self.labels}")


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything one feed, or one part of it, says now.

    `at` is the monotonic time at which it was true, `ttl` the seconds after which it is no
    longer shown. Publishing a frame replaces the one before it whole.
    """

    blocks: tuple[Block, ...]
    at: float
    ttl: float = FOREVER

    @property
    def expires(self) -> float:
        """The monotonic time after which the frame is not shown."""
        return self.at + self.ttl


@dataclass(frozen=True)  # with slots, Table[Row](…) is a TypeError in Python 3.11
class Table(Generic[Row]):
    """How rows of a document become a block: typed rules, one for each family.

    A rule returns None where the row says nothing. Rows are sorted by key, so that the order on
    the page does not follow the vendor's.
    """

    labels: tuple[str, ...]
    rules: tuple[tuple[Family, Callable[[Row], float | None]], ...]

    @property
    def families(self) -> tuple[Family, ...]:
        """The families of the rules, in their order."""
        return tuple(family for family, _ in self.rules)

    def block(self, rows: Iterable[tuple[Key, Row]]) -> Block:
        """The block of these keyed rows."""
        keyed = sorted(rows, key=_first)
        return self.in_order(tuple([key for key, _ in keyed]), [row for _, row in keyed])

    def in_order(self, keys: tuple[Key, ...], rows: Sequence[Row]) -> Block:
        """The block of rows that are sorted already, with the key of each."""
        columns = [(family, [rule(row) for row in rows]) for family, rule in self.rules]
        return Block(self.labels, keys, tuple(columns))


def _first(pair: tuple[Key, object]) -> Key:
    return pair[0]


def block_of(
    family: Family, labels: tuple[str, ...], values: Iterable[tuple[Key, float | None]]
) -> Block:
    """A block of one family from (key, value) pairs, sorted by key."""
    pairs = sorted(values, key=_first)
    return Block(
        labels, tuple([key for key, _ in pairs]), ((family, [value for _, value in pairs]),)
    )
