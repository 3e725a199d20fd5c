"""What of a frame may be shown: no label set twice, nothing above the cap, and of the parts of a
feed each label set from one alone.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from exporter.exposition import Chunk, is_said, label_texts, render
from exporter.model import FOREVER, Block, Column, Family, Frame, Histogram, Key


class _Texts(NamedTuple):
    """The label texts of a block's rows, and whether they are all different."""

    keys: tuple[Key, ...]
    texts: list[bytes]
    unique: bool


@dataclass(slots=True)
class Published:
    """A frame as it is shown.

    `shown` has the label texts of each family's lines, `dropped` the number of those that were
    refused. `texts` are kept by label schema for the next frame.
    """

    expires: float
    chunks: list[tuple[Family, Chunk]] = field(default_factory=list)
    shown: dict[Family, Collection[bytes]] = field(default_factory=dict)
    dropped: Counter[Family] = field(default_factory=Counter)
    texts: dict[tuple[str, ...], list[_Texts]] = field(default_factory=dict)


class _Admitted(NamedTuple):
    """The columns of one family as they may be shown, their label texts, the number refused."""

    columns: list[Column]
    shown: set[bytes]
    refused: int


class FeedFrames:
    """The frames of one feed by part, and the named part that shows each label set.

    Changed only by who holds `lock`; `parts` only by who holds the readers' lock as well.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.parts: dict[str, Published] = {}
        self._owners: dict[Family, dict[bytes, str]] = defaultdict(dict)
        self._soonest = FOREVER  # no part expires before it

    def claim(self, part: str, published: Published) -> None:
        """Notes what the part will show instead of what it shows."""
        self.disclaim(part)
        self._soonest = min(self._soonest, published.expires)
        if part:
            for family, shown in published.shown.items():
                self._owners[family].update(dict.fromkeys(shown, part))

    def disclaim(self, part: str) -> None:
        """Notes that others may show what the part shows."""
        published = self.parts.get(part)
        if part and published is not None:
            for family, shown in published.shown.items():
                for text in shown:
                    del self._owners[family][text]

    def expired(self, now: float, besides: str) -> list[str]:
        """The other parts that are not shown any more."""
        if now <= self._soonest:
            return []
        expiries = {part: published.expires for part, published in self.parts.items()}
        gone = [part for part, at in expiries.items() if at < now and part != besides]
        self._soonest = min((expiries[part] for part in expiries.keys() - gone), default=FOREVER)
        return gone

    def rendered(self, source: str, part: str, frame: Frame, cap: int) -> Published:
        """The part's next frame as it may be shown."""
        previous = self.parts.get(part)
        fresh = Published(frame.expires)
        columns: dict[Family, list[tuple[_Texts, Column]]] = defaultdict(list)
        for block in frame.blocks:
            texts = _texts(source, block, previous, fresh)
            for family, column in block.columns:
                columns[family].append((texts, column))
        for family, found in columns.items():
            (texts, column), *more = found
            if part or more or not texts.unique or len(column) > cap:
                known = previous.shown.get(family, ()) if previous else ()
                admitted = self._admitted(part, family, found, known, cap)
                for (texts, _), column in zip(found, admitted.columns, strict=True):
                    fresh.chunks.append((family, render(family, texts.texts, column)))
                fresh.shown[family] = admitted.shown
                fresh.dropped += Counter({family: admitted.refused})
            else:
                chunk = render(family, texts.texts, column)
                fresh.chunks.append((family, chunk))
                whole = chunk.series == len(column)
                fresh.shown[family] = texts.texts if whole else _said(texts, column)
        return fresh

    def _admitted(
        self,
        part: str,
        family: Family,
        columns: Sequence[tuple[_Texts, Column]],
        known: Collection[bytes],
        cap: int,
    ) -> _Admitted:
        owners = self._owners.get(family, {})
        first: dict[bytes, tuple[int, int]] = {}
        said = 0
        for block, (texts, column) in enumerate(columns):
            for row, (text, value) in enumerate(zip(texts.texts, column, strict=True)):
                if is_said(value):
                    said += 1
                    if owners.get(text, part) == part:
                        first.setdefault(text, (block, row))
        others = len(owners) - len(known) if part else 0
        if len(first) > cap - others:
            # what was shown before stays: a cap must not make series come and go
            before = set(known)
            kept = sorted(first, key=lambda text: text not in before)[: max(0, cap - others)]
            first = {text: first[text] for text in kept}
        admitted: list[list[float | Histogram | None]] = [[None] * len(c) for _, c in columns]
        for block, row in first.values():
            admitted[block][row] = columns[block][1][row]
        return _Admitted(cast("list[Column]", admitted), set(first), said - len(first))


def _texts(source: str, block: Block, previous: Published | None, fresh: Published) -> _Texts:
    """The label texts of a block; those of the frame before where the keys are the same."""
    kept = fresh.texts.setdefault(block.labels, [])
    old = previous.texts.get(block.labels, []) if previous else []
    found = next((texts for texts in (*kept, *old) if texts.keys == block.keys), None)
    if found is None:
        texts = label_texts(source, block.labels, block.keys)
        found = _Texts(block.keys, texts, len(set(texts)) == len(texts))
    kept.append(found)
    return found


def _said(texts: _Texts, column: Column) -> list[bytes]:
    return [text for text, value in zip(texts.texts, column, strict=True) if is_said(value)]
