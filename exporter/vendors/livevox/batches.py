"""One poll in several requests: the rows of all answers together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from exporter.decoding import Fields, RowDecoder
from exporter.feeds import Answer, Rejected
from exporter.vendors.livevox.wire import unix_seconds

S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Answered(Generic[S]):
    """The rows of all answers, the vendor's clock at the last, Unix seconds, what was rejected.

    `documents` have their other values.
    """

    rows: Sequence[S]
    at: float
    rejected: Rejected
    documents: Sequence[Fields]

    @property
    def told_at(self) -> float | None:
        """The last top-level `timeStamp`, Unix seconds, where the documents have one."""
        told = [unix_seconds(document.number("timeStamp")) for document in self.documents]
        return next((time for time in reversed(told) if time), None)


def answered(decoder: RowDecoder[S], answers: Sequence[Answer], now: float) -> Answered[S]:
    """The answers of one poll, decoded; `now` is the vendor's time if nothing was asked."""
    rows: list[S] = []
    documents: list[Fields] = []
    at, rejected = now, Rejected()
    for answer in answers:
        found, document = decoder.decode(answer.body)
        rows += found.rows
        at, rejected = answer.at, rejected + found.rejected
        documents.append(document)
    return Answered(rows, at, rejected, documents)
