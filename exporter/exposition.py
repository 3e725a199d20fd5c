"""Blocks to lines: label texts, chunks of a family, headers, and the choice of a format.

The lines of text 0.0.4 and OpenMetrics 1.0.0 are the same here; only the headers differ. A
chunk is rendered when it is published, not when it is scraped.
"""

import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from itertools import accumulate, compress
from typing import cast

import msgspec

from exporter.compression import deflate
from exporter.model import Column, Family, Histogram, Key, Kind

_encode = msgspec.json.Encoder().encode
_RUN = 64  # lines joined at once: scratch memory for all at once is more than their text


class Format(Enum):
    """What can be produced: media type and version."""

    TEXT = "text/plain; version=0.0.4"
    OPENMETRICS = "application/openmetrics-text; version=1.0.0"


@dataclass(slots=True)
class Chunk:
    """Finished lines. Compressed once, when somebody first asks for gzip."""

    text: bytes
    series: int
    _deflated: bytes | None = field(default=None, repr=False)
    _checksum: int = 0

    @property
    def deflated(self) -> bytes:
        """The lines as a piece for `compression.member`."""
        if self._deflated is None:
            self._checksum = zlib.crc32(self.text)
            self._deflated = deflate(self.text)
        return self._deflated

    @property
    def checksum(self) -> int:
        """The CRC-32 of the lines."""
        return self._checksum if self._deflated is not None else zlib.crc32(self.text)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def label_texts(source: str, labels: Sequence[str], keys: Sequence[Key]) -> list[bytes]:
    """The label part of each row's lines, `{source="…",…} `; empty values are left out."""
    start = f',source="{_escaped(source)}"' if source else ""
    names = [f',{label}="' for label in labels]
    texts = []
    for key in keys:
        text = start
        for name, value in zip(names, key, strict=True):
            if value:
                if '"' in value or "\\" in value or "\n" in value:
                    value = _escaped(value)
                text += f'{name}{value}"'
        texts.append(f"{{{text[1:]}}} ".encode("utf-8", "replace") if text else b" ")
    return texts


def _lines(name: str, texts: Sequence[bytes], values: Sequence[bytes]) -> bytes:
    if not texts:
        return b""
    separator = b"\n" + name.encode()
    pieces = [separator] * (3 * min(len(texts), _RUN))
    runs: list[bytes] = []
    for start in range(0, len(texts), _RUN):
        run = texts[start : start + _RUN]
        if 3 * len(run) < len(pieces):
            pieces = [separator] * (3 * len(run))
        pieces[1::3] = run
        pieces[2::3] = values[start : start + _RUN]
        runs.append(b"".join(pieces))
    runs[0] = runs[0][1:]
    return b"".join([*runs, b"\n"])


def is_said(value: float | Histogram | None) -> bool:
    """Whether the value has a line: there is one, and it is not NaN."""
    return value is not None and value == value  # only NaN differs from itself


def _words(numbers: Sequence[float]) -> list[bytes] | None:
    """The numbers as text, if they are finite; None if some are not, or are no numbers."""
    encoded = _encode(numbers)
    if b"u" in encoded or b"s" in encoded:  # null, true, false: all that JSON has besides numbers
        return None
    return encoded[1:-1].split(b",")


def _word(number: float) -> bytes:
    """Any one number as text."""
    if math.isinf(number):
        return b"+Inf" if number > 0 else b"-Inf"
    return b"NaN" if math.isnan(number) else _encode(float(number))


def render(family: Family, texts: Sequence[bytes], column: Column) -> Chunk:
    """The lines of one family for these rows; rows without a value, or with NaN, have none."""
    if len(texts) != len(column):
        raise ValueError(f"{family.name}: {len(column)} values for {len(texts)} rows")
    if family.kind is Kind.HISTOGRAM:
        return _render_histograms(family, texts, cast("Sequence[Histogram | None]", column))
    numbers = cast("Sequence[float | None]", column)
    words = _words(cast("Sequence[float]", numbers))
    if words is None:
        said = [number is not None and number == number for number in numbers]  # as is_said
        texts = list(compress(texts, said))
        finite = list(compress(cast("Sequence[float]", numbers), said))
        words = _words(finite) or [_word(number) for number in finite]
    return Chunk(_lines(family.name, texts, words), len(texts))


def _render_histograms(
    family: Family, texts: Sequence[bytes], column: Sequence[Histogram | None]
) -> Chunk:
    said = [
        (text, histogram)
        for text, histogram in zip(texts, column, strict=True)
        if histogram is not None
    ]
    lines = [_histogram_lines(family.name, text, histogram) for text, histogram in said]
    return Chunk(b"".join(lines), len(said))


def _histogram_lines(name: str, text: bytes, histogram: Histogram) -> bytes:
    labels = text[1:-2]  # without the braces and the blank
    start = f"{name}_bucket{{".encode() + labels + (b"," if labels else b"")
    counts = list(accumulate(histogram.counts))
    parts: list[bytes] = []
    for bound, count in zip(_bounds(histogram.bounds), counts, strict=True):
        parts += (start, bound, b"%d\n" % count)
    parts += (f"{name}_sum".encode(), text, _word(histogram.total), b"\n")
    parts += (f"{name}_count".encode(), text, b"%d\n" % counts[-1])
    return b"".join(parts)


@lru_cache(maxsize=64)  # every histogram of a family has the same bounds
def _bounds(bounds: tuple[float, ...]) -> list[bytes]:
    return [f'le="{_bound(bound)}"}} '.encode() for bound in (*bounds, math.inf)]


def _bound(value: float) -> str:
    """A bound in OpenMetrics' canonical form: from a million on with an exponent."""
    if value == math.inf:
        return "+Inf"
    text = repr(float(value))
    whole, _, fraction = text.partition(".")
    if len(whole) <= len("100000") or "e" in text:
        return text
    digits = (whole + fraction).rstrip("0")
    return f"{digits[0]}.{digits[1:]}".rstrip(".") + f"e+{len(whole) - 1:02}"


@lru_cache(maxsize=1024)  # the families of the tail are asked for at each scrape
def header(family: Family, form: Format) -> bytes:
    """The HELP and TYPE lines of a family."""
    text = family.full_help.replace("\\", "\\\\").replace("\n", "\\n")
    if form is Format.TEXT:
        kind = Kind.GAUGE if family.kind is Kind.INFO else family.kind
        return f"# HELP {family.name} {text}\n# TYPE {family.name} {kind}\n".encode()
    text = text.replace('"', '\\"')
    return f"# HELP {family.metric} {text}\n# TYPE {family.metric} {family.kind}\n".encode()


@dataclass(frozen=True, slots=True)
class _Range:
    """One entry of an Accept or Accept-Encoding header."""

    media: str
    version: str | None
    escaping: str | None
    quality: float
    position: int


@dataclass(frozen=True, slots=True)
class Negotiated:
    """The format to answer with, and the exact Content-Type."""

    form: Format
    content_type: str


def _ranges(header_value: str) -> Iterable[_Range]:
    for position, entry in enumerate(header_value.split(",")):
        media, *parameters = (piece.strip() for piece in entry.split(";"))
        named = {
            name.strip().lower(): value.strip().strip('"')
            for name, found, value in (piece.partition("=") for piece in parameters)
            if found
        }
        quality = _quality(named.get("q", "1"))
        if media and quality is not None:
            yield _Range(
                media.lower(), named.get("version"), named.get("escaping"), quality, position
            )


def _quality(text: str) -> float | None:
    try:
        quality = float(text)
    except ValueError:
        return None
    return quality if 0 <= quality <= 1 else None


_OFFERS = (
    (Format.TEXT, "text/plain", "0.0.4"),
    (Format.OPENMETRICS, "application/openmetrics-text", "1.0.0"),
)
_ESCAPINGS = frozenset({"allow-utf-8", "underscores", "dots", "values"})


def _specificity(entry: _Range, media: str, version: str) -> int:
    """How exactly the range names the offer: 0 not at all, 4 with its version."""
    if entry.media == media:
        return {None: 3, version: 4}.get(entry.version, 0)
    if entry.version is not None:
        return 0
    if entry.media == media.split("/")[0] + "/*":
        return 2
    return 1 if entry.media == "*/*" else 0


@lru_cache(maxsize=64)  # a scraper always sends the same
def negotiate(accept: str) -> Negotiated:
    """The format that an Accept header prefers; text 0.0.4 where it names nothing we produce.

    Each offer has the quality of the range that names it most exactly. The higher quality wins;
    then the more exact range, then the earlier one, then text 0.0.4. A version that is not
    produced counts as not asked for. `escaping=` is echoed: no name here needs any.
    """
    best: tuple[float, int, int] = (0.0, 0, 0)
    chosen, escaping = Format.TEXT, None
    ranges = list(_ranges(accept))
    for form, media, version in _OFFERS:
        exact = [
            (found, -entry.position, entry)
            for entry in ranges
            if (found := _specificity(entry, media, version))
        ]
        if not exact:
            continue
        found, order, entry = max(exact, key=lambda match: match[:2])
        rank = (entry.quality, found, order)
        if entry.quality > 0 and rank > best:
            best, chosen, escaping = rank, form, entry.escaping
    suffix = f"; escaping={escaping}" if escaping in _ESCAPINGS else ""
    return Negotiated(chosen, f"{chosen.value}; charset=utf-8{suffix}")


@lru_cache(maxsize=64)
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether gzip may be used and is not wanted less than no compression at all."""
    qualities = {entry.media: entry.quality for entry in _ranges(accept_encoding)}
    gzip = qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0.0)))
    return gzip > 0 and gzip >= qualities.get("identity", 0.0)
