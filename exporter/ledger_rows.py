"""Rows of the ledger's tables: how they are made, read and written, many at once."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec

from exporter import ledger_schema
from exporter.accumulator import DayState, SeriesKey
from exporter.ledger_pending import FeedKey, QueueKey, queue_of
from exporter.ledger_schema import Upsert
from exporter.model import Histogram

Execute = Callable[[str, Sequence[object]], Iterable[Any]]
"""Runs a statement with its parameters; the rows it gives."""

_encode = msgspec.json.Encoder().encode
_decode_bounds = msgspec.json.Decoder(tuple[float, ...]).decode
_decode_counts = msgspec.json.Decoder(tuple[int, ...]).decode


@dataclass(frozen=True, slots=True)
class Queue:
    """The last name of a queue (None: never told), and when it was last there, Unix seconds."""

    name: str | None
    seen: float


def put(execute: Execute, upsert: Upsert, rows: Sequence[tuple[object, ...]]) -> None:
    """Runs a statement of many rows, so many at once as it is good for."""
    for start in range(0, len(rows), ledger_schema.ROWS_PER_STATEMENT):
        part = rows[start : start + ledger_schema.ROWS_PER_STATEMENT]
        execute(upsert.for_rows(len(part)), list(chain.from_iterable(part)))


def series_rows(fresh: Mapping[tuple[str, SeriesKey], int]) -> list[tuple[object, ...]]:
    """Series by number."""
    return [
        (number, source, key[0], json.dumps(key[1]), queue_of(key))
        for (source, key), number in fresh.items()
    ]


def series_key(family: str, labels: str) -> SeriesKey:
    """The key of a series from its family and labels. Raises ValueError or TypeError."""
    return family, tuple([(label, value) for label, value in json.loads(labels)])


def histogram_row(number: int, histogram: Histogram) -> tuple[object, ...]:
    """A histogram of the series of that number."""
    counts = _encode(histogram.counts).decode()
    return number, _bounds_text(histogram.bounds), counts, histogram.total


def histogram_of(bounds: str, counts: str, total: float) -> Histogram:
    """The histogram of a row. Raises ValueError or DecodeError."""
    return Histogram(_bounds_of(bounds), _decode_counts(counts), total)


@lru_cache(maxsize=256)  # all histograms of a family have the same bounds
def _bounds_text(bounds: tuple[float, ...]) -> str:
    return _encode(bounds).decode()


@lru_cache(maxsize=256)
def _bounds_of(text: str) -> tuple[float, ...]:
    return _decode_bounds(text)


def day_rows(states: Mapping[FeedKey, DayState]) -> list[tuple[object, ...]]:
    """Days by feed."""
    return [
        (*feed, state.day, state.at, state.turned, state.named) for feed, state in states.items()
    ]


def queue_rows(queues: Mapping[QueueKey, Queue]) -> list[tuple[object, ...]]:
    """Queues by source and id."""
    return [(*key, queue.name, queue.seen) for key, queue in queues.items()]
