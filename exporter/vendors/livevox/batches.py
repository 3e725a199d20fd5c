"""One poll in several requests: the rows of all answers together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from exporter.decoding import RowDecoder
from exporter.feeds import Answer, Rejected
from exporter.vendors.livevox.wire import unix_seconds

S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Answered(Generic[S]):
    """The rows of all answers, the vendor's times of the last, Unix seconds, what was rejected.

    `at` is its clock, `told_at` the top-level `timeStamp` of the document where it has one.
    """

    rows: Sequence[S]
    at: float
    told_at: float | None
    rejected: Rejected


def answered(decoder: RowDecoder[S], answers: Sequence[Answer], now: float) -> Answered[S]:
    """The answers of one poll, decoded; `now` is the vendor's time if nothing was asked."""
    rows: list[S] = []
    at, told_at, rejected = now, None, Rejected()
    for answer in answers:
        found, document = decoder.decode(answer.body)
        rows += found.rows
        at, rejected = answer.at, rejected + found.rejected
        told_at = unix_seconds(document.number("timeStamp")) or told_at
    return Answered(rows, at, told_at, rejected)
