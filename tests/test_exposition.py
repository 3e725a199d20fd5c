"""The text of metrics: what is written, and that others read what was meant."""

import math
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import generate_latest as reference_text
from prometheus_client.openmetrics.exposition import generate_latest as reference_openmetrics
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parsed_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parsed_text
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from exporter.exposition import (
    Chunk,
    Format,
    header,
    is_said,
    label_texts,
    render,
)
from exporter.model import Block, Column, Family, Histogram, Kind

WAITING = Family("cc_waiting", Kind.GAUGE, "Contacts waiting.", ("queue", "channel"), ("A b/c d",))
CALLS = Family("cc_calls_total", Kind.COUNTER, 'A "call"\\ends\nhere.', ("queue", "channel"))
QUEUE = Family("cc_queue_info", Kind.INFO, "A queue.", ("queue", "channel"))
SECONDS = Family("cc_wait_seconds", Kind.HISTOGRAM, "Waits.", ("queue", "channel"))
FAMILIES = (WAITING, CALLS, QUEUE, SECONDS)
go_string: Callable[[float], str] = floatToGoString


def written(form: Format, source: str, blocks: Iterable[Block]) -> str:
    """The blocks of one source in one format, each family with its header."""
    pieces = []
    for block in blocks:
        texts = label_texts(source, block.labels, block.keys)
        for family, column in block.columns:
            chunk = render(family, texts, column)
            if chunk.text:
                pieces += [header(family, form), chunk.text]
    if form is Format.OPENMETRICS:
        pieces.append(b"# EOF\n")
    return b"".join(pieces).decode()


EXAMPLE = Block(
    ("queue", "channel"),
    (("Söle \\ 7", "voice"), ('a "b"\nc', "")),
    (
        (WAITING, [3.0, None]),
        (CALLS, [12, 1e21]),
        (QUEUE, [1.0, 1.0]),
        (SECONDS, [Histogram((0.5, 10.0, 2500000.0), (2, 0, 1, 4), 99.25), None]),
    ),
)
LINES = {
    "waiting": r"""cc_waiting{source="s",queue="Söle \\ 7",channel="voice"} 3.0
""",
    "calls": r"""cc_calls_total{source="s",queue="Söle \\ 7",channel="voice"} 12
cc_calls_total{source="s",queue="a \"b\"\nc"} 1e21
""",
    "queue": r"""cc_queue_info{source="s",queue="Söle \\ 7",channel="voice"} 1.0
cc_queue_info{source="s",queue="a \"b\"\nc"} 1.0
""",
    "seconds": r"""cc_wait_seconds_bucket{source="s",queue="Söle \\ 7",channel="voice",le="0.5"} 2
cc_wait_seconds_bucket{source="s",queue="Söle \\ 7",channel="voice",le="10.0"} 2
cc_wait_seconds_bucket{source="s",queue="Söle \\ 7",channel="voice",le="2.5e+06"} 3
cc_wait_seconds_bucket{source="s",queue="Söle \\ 7",channel="voice",le="+Inf"} 7
cc_wait_seconds_sum{source="s",queue="Söle \\ 7",channel="voice"} 99.25
cc_wait_seconds_count{source="s",queue="Söle \\ 7",channel="voice"} 7
""",
}
GOLDEN_TEXT = rf"""# HELP cc_waiting Contacts waiting. Source: A b/c d.
# TYPE cc_waiting gauge
{LINES["waiting"]}# HELP cc_calls_total A "call"\\ends\nhere.
# TYPE cc_calls_total counter
{LINES["calls"]}# HELP cc_queue_info A queue.
# TYPE cc_queue_info gauge
{LINES["queue"]}# HELP cc_wait_seconds Waits.
# TYPE cc_wait_seconds histogram
{LINES["seconds"]}"""
GOLDEN_OPENMETRICS = rf"""# HELP cc_waiting Contacts waiting. Source: A b/c d.
# TYPE cc_waiting gauge
{LINES["waiting"]}# HELP cc_calls A \"call\"\\ends\nhere.
# TYPE cc_calls counter
{LINES["calls"]}# HELP cc_queue A queue.
# TYPE cc_queue info
{LINES["queue"]}# HELP cc_wait_seconds Waits.
# TYPE cc_wait_seconds histogram
{LINES["seconds"]}# EOF
"""


@pytest.mark.parametrize(
    ("form", "golden"), [(Format.TEXT, GOLDEN_TEXT), (Format.OPENMETRICS, GOLDEN_OPENMETRICS)]
)
def test_each_kind_is_written_as_its_format_says(form: Format, golden: str) -> None:
    assert written(form, "s", [EXAMPLE]) == golden


def test_a_row_without_any_label_has_no_braces_but_those_of_a_bucket() -> None:
    texts = label_texts("", ("queue",), (("",),))
    assert render(WAITING, texts, [2.5]).text == b"cc_waiting 2.5\n"
    assert render(SECONDS, texts, [Histogram((1.0,), (1, 2), 8.0)]).text.splitlines() == [
        b'cc_wait_seconds_bucket{le="1.0"} 1',
        b'cc_wait_seconds_bucket{le="+Inf"} 3',
        b"cc_wait_seconds_sum 8.0",
        b"cc_wait_seconds_count 3",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "-0.0"),
        (3, "3"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e16, "1e16"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e308"),
        (2**70, "1180591620717411303424"),
        (True, "1.0"),
        (False, "0.0"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
    ],
)
@pytest.mark.parametrize("beside", [[], [None], [math.inf], [True], [math.nan, -math.inf]])
def test_a_number_is_written_so_whatever_stands_beside_it(
    value: float, text: str, beside: list[float | None]
) -> None:
    column = [value, *beside]
    texts = label_texts("", ("queue",), [(str(row),) for row in range(len(column))])
    first = render(WAITING, texts, column).text.splitlines()[0].decode()
    assert first.startswith('cc_waiting{queue="0"} ')
    number = first.rpartition(" ")[2]
    assert number == text or (type(value) is int and float(number) == value)


@pytest.mark.parametrize(
    ("column", "rows"),
    [([], ""), ([None, None], ""), ([math.nan, 1.0], "b"), ([1.0, math.nan, None, 2.0], "ad")],
)
def test_what_was_not_said_has_no_line(column: Column, rows: str) -> None:
    texts = label_texts("", ("queue",), [(name,) for name in "abcd"[: len(column)]])
    chunk = render(WAITING, texts, column)
    assert chunk.series == len(rows)
    assert [line.split(b'"')[1].decode() for line in chunk.text.splitlines()] == list(rows)


@pytest.mark.parametrize("rows", [1, 2, 63, 64, 65, 127, 128, 129, 1000])
@pytest.mark.parametrize("silent", [False, True])
def test_any_number_of_rows_is_written_row_by_row(rows: int, silent: bool) -> None:
    texts = label_texts("s", ("queue",), [(f"q{row}",) for row in range(rows)])
    column: list[float | None] = [float(row) for row in range(rows)]
    if silent:
        column[::3] = [None] * len(column[::3])
    chunk = render(WAITING, texts, column)
    lines = [f'cc_waiting{{source="s",queue="q{row}"}} {row}.0' for row in range(rows)]
    expected = [line for line, value in zip(lines, column, strict=True) if value is not None]
    assert chunk.text.decode() == "".join(f"{line}\n" for line in expected)
    assert chunk.series == len(expected)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, True), (False, True), (math.inf, True), (None, False), (math.nan, False)],
)
def test_what_is_said_has_a_line(value: float | None, said: bool) -> None:
    assert is_said(value) is said
    assert render(WAITING, [b" "], [value]).series == said


def test_a_histogram_that_was_not_said_has_no_line_and_any_total_can_be_written() -> None:
    texts = label_texts("", ("queue",), [("a",), ("b",), ("c",)])
    column = [Histogram((), (1,), math.inf), None, Histogram((), (0,), math.nan)]
    chunk = render(SECONDS, texts, column)
    assert chunk.series == 2
    assert [line for line in chunk.text.decode().splitlines() if "_sum" in line] == [
        'cc_wait_seconds_sum{queue="a"} +Inf',
        'cc_wait_seconds_sum{queue="c"} NaN',
    ]


@pytest.mark.parametrize("family", [WAITING, SECONDS])
def test_values_and_rows_that_do_not_match_are_an_error(family: Family) -> None:
    texts = label_texts("", ("queue",), [("a",), ("b",)])
    with pytest.raises(ValueError, match=f"{family.name}: 3 values for 2 rows"):
        render(family, texts, [None, None, None])


def test_keys_and_labels_that_do_not_match_are_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        label_texts("s", ("queue", "channel"), [("a",)])


def test_half_a_surrogate_pair_does_not_spoil_the_page() -> None:
    assert label_texts("s", ("queue",), [("a\ud800b",)]) == [b'{source="s",queue="a?b"} ']


def test_the_name_of_a_source_is_escaped_too() -> None:
    assert label_texts('a"b\\c\nd', (), [()]) == [rb'{source="a\"b\\c\nd"} ']


def test_a_chunk_knows_its_checksum_before_and_after_it_was_compressed() -> None:
    chunk = Chunk(b"cc_waiting 1.0\n" * 100, 100)
    before = chunk.checksum
    piece = chunk.deflated
    assert chunk.deflated is piece
    assert before == chunk.checksum == zlib.crc32(chunk.text)
    assert zlib.decompressobj(-15).decompress(piece) == chunk.text
    assert len(piece) < len(chunk.text) / 10


numbers = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(-(10**300), 10**300), st.integers(-9, 9)
)
counts = st.one_of(st.none(), st.floats(min_value=0), st.integers(0, 2**70))
bounds = st.lists(st.floats(1e-9, 1e9), max_size=5, unique=True).map(sorted)


@st.composite
def histograms(draw: st.DrawFn) -> Histogram:
    limits = tuple(draw(bounds))
    size = len(limits) + 1
    said = draw(st.lists(st.integers(0, 10**12), min_size=size, max_size=size))
    return Histogram(limits, tuple(said), draw(st.floats(min_value=0, allow_nan=False)))


VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.GAUGE: numbers,
    Kind.COUNTER: counts,
    Kind.INFO: st.one_of(st.none(), st.just(1.0)),
    Kind.HISTOGRAM: st.one_of(st.none(), histograms()),
}
texts_of_labels = st.one_of(st.text(max_size=8), st.text('"\\\n{}=, #', max_size=4))


@st.composite
def blocks_of(draw: st.DrawFn) -> list[Block]:
    """One block for each of some families, with any labels and values."""
    made = []
    for family in draw(st.lists(st.sampled_from(FAMILIES), unique=True)):
        help_text = draw(st.text(min_size=1, max_size=20))
        drawn = Family(family.name, family.kind, help_text, family.labels)
        labels = draw(st.sampled_from([(), ("queue",), ("channel",), ("queue", "channel")]))
        keys = st.tuples(*[texts_of_labels for _ in labels])
        rows = draw(st.dictionaries(keys, VALUES[family.kind], max_size=5))
        made.append(Block(labels, tuple(rows), ((drawn, list(rows.values())),)))
    return made


class Reference(Collector):
    """The same families, rendered by prometheus_client."""

    def __init__(self, source: str, blocks: Sequence[Block]) -> None:
        self._source = source
        self._blocks = blocks

    def collect(self) -> Iterable[Metric]:
        for block in self._blocks:
            for family, column in block.columns:
                metric = Metric(family.metric, family.help, family.kind.value)
                for key, value in zip(block.keys, column, strict=True):
                    named = {"source": self._source, **dict(zip(block.labels, key, strict=True))}
                    labels = {name: text for name, text in named.items() if text}
                    _add(metric, family.name, labels, value)
                if metric.samples:
                    yield metric


def _add(
    metric: Metric, name: str, labels: dict[str, str], value: float | Histogram | None
) -> None:
    if isinstance(value, Histogram):
        running = 0
        for bound, count in zip((*value.bounds, math.inf), value.counts, strict=True):
            running += count
            metric.add_sample(f"{name}_bucket", {**labels, "le": go_string(bound)}, running)
        metric.add_sample(f"{name}_sum", labels, value.total)
        metric.add_sample(f"{name}_count", labels, running)
    elif value is not None and not math.isnan(value):
        metric.add_sample(name, labels, value)


def understood(form: Format, text: str) -> list[tuple[str, str, str, list[str]]]:
    """Name, type, help and samples of each family, as prometheus_client reads them."""
    parse: Any = parsed_text if form is Format.TEXT else parsed_openmetrics
    return [
        (
            metric.name,
            metric.type,
            metric.documentation,
            sorted(
                repr((sample.name, sorted(sample.labels.items()), float(sample.value)))
                for sample in metric.samples
            ),
        )
        for metric in parse(text)
    ]


@pytest.mark.parametrize("form", list(Format))
@settings(deadline=None, max_examples=300)
@given(source=st.text(max_size=5), blocks=blocks_of())
def test_prometheus_client_reads_the_same_from_us_as_from_itself(
    form: Format, source: str, blocks: list[Block]
) -> None:
    registry = CollectorRegistry()
    registry.register(Reference(source, blocks))
    generate: Any = reference_text if form is Format.TEXT else reference_openmetrics
    theirs = generate(registry).decode()
    ours = written(form, source, blocks)
    assert understood(form, ours) == understood(form, theirs)


@pytest.mark.parametrize(
    ("bound", "text"),
    [
        (0.001, "0.001"),
        (1e-10, "1e-10"),
        (5, "5.0"),
        (100000.0, "100000.0"),
        (999999.5, "999999.5"),
        (1000000.0, "1e+06"),
        (1234567.5, "1.2345675e+06"),
        (1e10, "1e+10"),
        (1e22, "1e+22"),
    ],
)
def test_a_bound_is_written_in_the_canonical_form_of_openmetrics(bound: float, text: str) -> None:
    chunk = render(SECONDS, [b" "], [Histogram((bound,), (0, 0), 0.0)])
    assert chunk.text.startswith(f'cc_wait_seconds_bucket{{le="{text}"}} 0\n'.encode())
