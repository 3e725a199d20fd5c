"""The body of `/metrics`: the chunks of the store, then what changes at every scrape.

Headers and lists of chunks are kept while the store's selection lives; of joined bytes only the
deflated ones are, a tenth of the text.
What changes at every scrape comes last, so that the checksum of all before it is reused.
"""

import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

from exporter.compression import COMBINE_FROM, MEMBER_START, combined, deflate, member_end
from exporter.exposition import Chunk, Format, header, label_texts, render
from exporter.model import Block, Family
from exporter.store import Selection, Store

OPENMETRICS_END = b"# EOF\n"
_kept_texts = lru_cache(maxsize=1024)(label_texts)  # those of the tail, the same at each scrape
Tail = Callable[[Format], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class _Stable:
    """The part of a body that a selection decides: its text, or all of it deflated.

    `checksum` and `size` are those of the text, and only there where it is deflated.
    """

    parts: Sequence[bytes]
    checksum: int = 0
    size: int = 0


class Page:
    """Bodies for any format and encoding. `tail` renders what changes at every scrape."""

    def __init__(
        self, store: Store, tail: Tail, series: Family, clock: Callable[[], float]
    ) -> None:
        """`series` is the family that counts label sets; `clock` is monotonic."""
        self._store = store
        self._tail = tail
        self._series = series
        self._clock = clock
        self._lock = threading.Lock()
        # weak, so that chunks which were replaced are freed though nobody scrapes again
        self._kept: WeakKeyDictionary[Selection, dict[tuple[Format, bool], _Stable]] = (
            WeakKeyDictionary()
        )
        self._headers: dict[tuple[Family, Format], Chunk] = {}

    def body(self, form: Format, gzip: bool) -> bytes:
        """The whole body as it is now."""
        return b"".join(self.pieces(form, gzip))

    def pieces(self, form: Format, gzip: bool) -> Sequence[bytes]:
        """The body in pieces: the same bytes, most of which are not copied for it."""
        now = self._clock()
        if gzip:
            self._store.gzip_asked(now)
        stable = self._stable(self._store.selection(now), form, gzip)
        tail = b"".join(self._tail(form))
        if form is Format.OPENMETRICS:
            tail += OPENMETRICS_END
        if not gzip:
            return [*stable.parts, tail]
        checksum = zlib.crc32(tail, stable.checksum)
        end = member_end(checksum, stable.size + len(tail))
        return [*stable.parts, deflate(tail) + end]

    def _stable(self, selection: Selection, form: Format, gzip: bool) -> _Stable:
        with self._lock:
            kept = self._kept.setdefault(selection, {})
        found = kept.get((form, gzip))
        if found is None:
            chunks = list(self._chunks(selection, form))
            found = _deflated(chunks) if gzip else _Stable([chunk.text for chunk in chunks])
            kept[form, gzip] = found
        return found

    def _chunks(self, selection: Selection, form: Format) -> Iterable[Chunk]:
        for family, chunks in selection.families:
            yield self._header(family, form)
            yield from chunks
        if selection.series:
            yield self._header(self._series, form)
            yield _series_chunk(selection, self._series)

    def _header(self, family: Family, form: Format) -> Chunk:
        made = self._headers.get((family, form))
        if made is None:
            made = self._headers[family, form] = Chunk(header(family, form), 0)
        return made


def _deflated(chunks: Sequence[Chunk]) -> _Stable:
    pieces = [chunk.deflated for chunk in chunks]  # which computes the checksums as well
    checksum, size = 0, 0
    for chunk in chunks:
        if len(chunk.text) >= COMBINE_FROM:
            checksum = combined(checksum, chunk.checksum, len(chunk.text))
        else:
            checksum = zlib.crc32(chunk.text, checksum)
        size += len(chunk.text)
    joined = b"".join([MEMBER_START, *pieces])  # small enough to be kept
    return _Stable([joined], checksum, size)


def _series_chunk(selection: Selection, family: Family) -> Chunk:
    counts = sorted(
        ((source, shown.name), float(count)) for (source, shown), count in selection.series.items()
    )
    texts = label_texts("", ("source", "family"), [key for key, _ in counts])
    return render(family, texts, [count for _, count in counts])


def lines(sources: Iterable[tuple[str, Iterable[Block]]], form: Format) -> Iterable[bytes]:
    """The lines of a few blocks of each source, rendered now, each family with its header."""
    found: dict[Family, list[bytes]] = {}
    for source, blocks in sources:
        for block in blocks:
            texts = _kept_texts(source, block.labels, block.keys)
            for family, column in block.columns:
                found.setdefault(family, []).append(render(family, texts, column).text)
    for family, chunks in found.items():
        if any(chunks):
            yield header(family, form)
            yield from chunks
