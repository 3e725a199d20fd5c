"""The body of /metrics: what stands where, once, and the same however it is sent."""

import gc
import re
import subprocess
import threading
import tracemalloc
import zlib
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parsed_openmetrics,
)

from exporter import families, health, selfmetrics
from exporter.compression import COMBINE_FROM
from exporter.exposition import Format
from exporter.model import Block, Column, Family, Frame, Histogram, Kind, catalogue
from exporter.page import Page, lines
from exporter.selfmetrics import Configuration, ProcessMetrics, exporter_blocks
from exporter.store import Place, Store

PROMTOOL = Path(__file__).resolve().parent.parent / ".tools" / "bin" / "promtool"

WAITING = Family("cc_waiting", Kind.GAUGE, "Waiting.", ("queue",))
CALLS = Family("cc_calls_total", Kind.COUNTER, "Calls.", ("queue",))
SECONDS = Family("cc_wait_seconds", Kind.HISTOGRAM, "Waits.", ("queue",))
QUEUE = Family("cc_a_queue_info", Kind.INFO, "A queue.", ("queue",))
EMPTY = Family("cc_empty", Kind.GAUGE, "Nothing.", ("queue",))
SERIES = selfmetrics.SERIES

every_way = pytest.mark.parametrize(
    ("form", "gzip"), [(form, gzip) for form in Format for gzip in (False, True)]
)


def frame(queues: Iterable[str] = ("a", "b"), value: float = 1.0, at: float = 0.0) -> Frame:
    """A frame of all kinds, with one family that nothing is said of."""
    keys = tuple((queue,) for queue in queues)
    histogram = Histogram((1.0, 5.0), (1, 2, 3), value)
    columns = (
        (WAITING, [value] * len(keys)),
        (CALLS, [value] * len(keys)),
        (SECONDS, [histogram] * len(keys)),
        (QUEUE, [1.0] * len(keys)),
        (EMPTY, [None] * len(keys)),
    )
    return Frame((Block(("queue",), keys, columns),), at)


def unpacked(data: bytes) -> bytes:
    """The text of one gzip member with nothing behind it."""
    reader = zlib.decompressobj(wbits=31)
    text = reader.decompress(data) + reader.flush()
    assert reader.eof
    assert reader.unused_data == b""
    return text


def page_of(store: Store, *tail: bytes) -> Page:
    return Page(store, lambda form: tail, SERIES, lambda: 0.0)


def body(page: Page, form: Format, gzip: bool) -> str:
    data = page.body(form, gzip)
    return (unpacked(data) if gzip else data).decode()


@pytest.fixture
def store() -> Store:
    """Two sources that say the same."""
    made = Store(100_000)
    made.publish(Place("acme", "stats", ""), frame())
    made.publish(Place("other", "stats", ""), frame())
    return made


GOLDEN = """\
# HELP cc_a_queue A queue.
# TYPE cc_a_queue info
cc_a_queue_info{source="acme",queue="a"} 1.0
cc_a_queue_info{source="other",queue="a"} 1.0
# HELP cc_waiting Waiting.
# TYPE cc_waiting gauge
cc_waiting{source="acme",queue="a"} 4.0
cc_waiting{source="other",queue="a"} 4.0
cc_waiting{source="other",queue="b"} 4.0
# HELP contactcenter_exporter_series Label sets shown now, by family; a histogram is one.
# TYPE contactcenter_exporter_series gauge
contactcenter_exporter_series{source="acme",family="cc_a_queue_info"} 1.0
contactcenter_exporter_series{source="acme",family="cc_empty"} 0.0
contactcenter_exporter_series{source="acme",family="cc_waiting"} 1.0
contactcenter_exporter_series{source="other",family="cc_a_queue_info"} 1.0
contactcenter_exporter_series{source="other",family="cc_waiting"} 2.0
# TYPE tail gauge
tail 1
# EOF
"""


def test_a_page_is_families_by_name_then_their_sizes_then_the_tail() -> None:
    store = Store(100)
    one = Block(("queue",), (("a",),), ((WAITING, [4.0]), (QUEUE, [1.0]), (EMPTY, [None])))
    two = Block(("queue",), (("a",), ("b",)), ((WAITING, [4.0, 4.0]), (QUEUE, [1.0, None])))
    store.publish(Place("other", "stats", ""), Frame((two,), 0.0))
    store.publish(Place("acme", "stats", ""), Frame((one,), 0.0))
    assert body(page_of(store, b"# TYPE tail gauge\n", b"tail 1\n"), Format.OPENMETRICS, False) == (
        GOLDEN
    )


@every_way
def test_a_family_has_its_header_once_and_none_where_it_has_no_samples(
    store: Store, form: Format, gzip: bool
) -> None:
    text = body(page_of(store), form, gzip)
    headers = [line.split()[1:3] for line in text.splitlines() if line.startswith("# ")]
    named = [tuple(one) for one in headers if one != ["EOF"]]
    metrics = [f.name if form is Format.TEXT else f.metric for f in (QUEUE, CALLS)]
    names = [*metrics, "cc_wait_seconds", "cc_waiting", SERIES.name]
    assert named == [(word, name) for name in names for word in ("HELP", "TYPE")]


@every_way
def test_the_end_is_marked_in_openmetrics_alone(store: Store, form: Format, gzip: bool) -> None:
    text = body(page_of(store, b"tail 1\n"), form, gzip)
    assert text.count("# EOF") == (form is Format.OPENMETRICS)
    assert text.endswith("tail 1\n# EOF\n" if form is Format.OPENMETRICS else "tail 1\n")


@every_way
def test_nothing_published_is_a_page_too(form: Format, gzip: bool) -> None:
    end = "# EOF\n" if form is Format.OPENMETRICS else ""
    assert body(page_of(Store(1)), form, gzip) == end
    assert body(page_of(Store(1), b"tail 1\n"), form, gzip) == "tail 1\n" + end


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize("queues", [2, 40_000])
def test_gzip_has_the_same_text(form: Format, queues: int) -> None:
    store = Store(100_000)
    store.publish(Place("acme", "stats", ""), frame([f"queue {n}" for n in range(queues)]))
    store.publish(Place("other", "stats", ""), frame())
    page = page_of(store, b"tail 1\n")
    plain = body(page, form, False)
    assert plain.count("\n") > 6 * queues
    assert (len(plain) > 5 * COMBINE_FROM) == (queues == 40_000)
    assert body(page, form, True) == plain
    assert body(page, form, True) == plain
    assert queues == 2 or len(page.body(form, True)) < len(plain) / 10


@every_way
def test_the_pieces_of_a_body_are_the_body(store: Store, form: Format, gzip: bool) -> None:
    page = page_of(store, b"tail 1\n", b"tail 2\n")
    assert b"".join(page.pieces(form, gzip)) == page.body(form, gzip)


@every_way
def test_only_the_tail_changes_while_nothing_is_published(
    store: Store, form: Format, gzip: bool
) -> None:
    numbers = count()
    page = Page(store, lambda form: [b"tail %d\n" % next(numbers)], SERIES, lambda: 0.0)
    before, after = body(page, form, gzip), body(page, form, gzip)
    assert before.replace("tail 0", "tail 1") == after
    store.publish(Place("acme", "stats", ""), frame(["a", "b"], 7.0))
    changed = body(page, form, gzip)
    assert changed != after
    assert 'cc_waiting{source="acme",queue="b"} 7.0' in changed


@every_way
def test_what_aged_out_is_gone_without_any_publication(form: Format, gzip: bool) -> None:
    now = [0.0]
    store = Store(100)
    page = Page(store, lambda form: [], SERIES, lambda: now[0])
    old = frame()
    store.publish(Place("acme", "stats", ""), Frame(old.blocks, 0.0, 45.0))
    now[0] = 45.0
    assert "cc_waiting{" in body(page, form, gzip)
    now[0] = 45.1
    assert body(page, form, gzip) == ("# EOF\n" if form is Format.OPENMETRICS else "")


def test_who_reads_gzip_makes_publications_compress(store: Store) -> None:
    page = page_of(store)
    for gzip in (False, True):
        page.body(Format.TEXT, gzip)
        store.publish(Place("acme", "stats", ""), frame())
        chunks = [chunk for _, chunks in store.selection(0.0).families for chunk in chunks]
        own = [chunk for chunk in chunks if b'"acme"' in chunk.text]
        assert [chunk._deflated is not None for chunk in own] == [gzip] * 4


def test_pages_that_were_read_do_not_hold_what_was_replaced() -> None:
    store = Store(100_000)
    page = page_of(store)

    def publish(turn: int) -> int:
        """Publishes thousands of new series, and returns how many bytes are held then."""
        queues = [f"{turn:02}-{n:04}-{'x' * 100}" for n in range(1000)]
        store.publish(Place("acme", "stats", ""), frame(queues, at=float(turn)))
        del queues
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        nothing = tracemalloc.get_traced_memory()[0]
        once = publish(0) - nothing
        for turn, form in enumerate(Format, start=1):
            publish(turn)
            page.body(form, False)
        assert publish(3) - nothing < 1.1 * once
    finally:
        tracemalloc.stop()


def test_lines_of_a_few_blocks_have_the_header_of_a_family_once() -> None:
    waiting = Block(("queue",), (("a",),), ((WAITING, [1.0]), (EMPTY, [None])))
    calls = Block((), ((),), ((CALLS, [2.0]),))
    sources = [("acme", [waiting, calls]), ("", [calls]), ("other", [waiting])]
    assert b"".join(lines(sources, Format.TEXT)).decode() == (
        "# HELP cc_waiting Waiting.\n"
        "# TYPE cc_waiting gauge\n"
        'cc_waiting{source="acme",queue="a"} 1.0\n'
        'cc_waiting{source="other",queue="a"} 1.0\n'
        "# HELP cc_calls_total Calls.\n"
        "# TYPE cc_calls_total counter\n"
        'cc_calls_total{source="acme"} 2.0\n'
        "cc_calls_total 2.0\n"
    )


def real_page() -> Page:
    """A page with a value for every family that this program declares for all platforms."""
    declared = {
        family
        for module in (families, health)
        for family in vars(module).values()
        if isinstance(family, Family)
    }
    store = Store(1000)
    for source in ("acme-us", "acme-eu"):
        blocks = []
        for family in catalogue(declared):
            rows = "ab" if family.labels else "a"
            keys = tuple(tuple(f"{row} {label}" for label in family.labels) for row in rows)
            histogram = Histogram((0.5, 2.5), (3, 0, 1), 9.5)
            column: Column = [1.0] * len(keys)
            if family.kind is Kind.HISTOGRAM:
                column = [histogram] * len(keys)
            blocks.append(Block(family.labels, keys, ((family, column),)))
        store.publish(Place(source, "stats", ""), Frame(tuple(blocks), 0.0))
    process = ProcessMetrics()

    def tail(form: Format) -> Iterable[bytes]:
        own = exporter_blocks(Configuration(1750000000.0, 2**48 - 1), "0a1b2c3", None)
        yield from lines([("", own)], form)
        yield process.lines(form)

    return Page(store, tail, SERIES, lambda: 0.0)


def test_promtool_has_no_complaint_about_a_real_page() -> None:
    assert PROMTOOL.exists(), f"{PROMTOOL} is missing: tests/tools/build makes it"
    text = real_page().body(Format.TEXT, False)
    assert text.count(b"# TYPE contactcenter_") > 30
    command = [str(PROMTOOL), "check", "metrics"]
    done = subprocess.run(command, input=text, capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_strict_parser_of_openmetrics_reads_a_real_page() -> None:
    parse: Any = parsed_openmetrics
    read = list(parse(real_page().body(Format.OPENMETRICS, False).decode()))
    types = {metric.name: metric.type for metric in read}
    assert len(types) == len(read)
    assert types["contactcenter_queue_waiting_contacts"] == "gauge"
    assert types["contactcenter_contacts_offered"] == "counter"
    assert types["contactcenter_feed_request_duration_seconds"] == "histogram"
    assert types["contactcenter_exporter_build"] == "info"
    assert types["process_resident_memory_bytes"] == "gauge"
    assert types["python"] == "info"


def test_scrapes_beside_each_other_and_beside_publications_are_whole() -> None:
    store = Store(1000)
    page = page_of(store, b"tail 1\n")
    wrong: list[str] = []
    done = threading.Event()

    def publish(source: str) -> None:
        for turn in range(60):
            queues = [f"{source}{n}" for n in range(turn % 5)]
            store.publish(Place(source, "stats", ""), frame(queues, float(turn), float(turn)))

    def scrape(form: Format, gzip: bool) -> None:
        while not done.is_set() and not wrong:
            try:
                wrong.extend(broken(body(page, form, gzip)))
            except (zlib.error, AssertionError) as error:
                wrong.append(repr(error))

    writers = [threading.Thread(target=publish, args=(source,)) for source in ("acme", "other")]
    readers = [
        threading.Thread(target=scrape, args=(form, gzip))
        for form in Format
        for gzip in (False, True)
    ]
    for thread in [*readers, *writers]:
        thread.start()
    for thread in writers:
        thread.join(60)
    done.set()
    for thread in readers:
        thread.join(60)
    assert not any(thread.is_alive() for thread in [*readers, *writers])
    assert wrong == []
    assert 'cc_waiting{source="acme",queue="acme3"} 59.0' in body(page, Format.TEXT, False)


def broken(text: str) -> Iterable[str]:
    """What is wrong with a page of frames that have the same queues and one value each."""
    series = [line.rpartition(" ")[0] for line in text.splitlines() if line[0] != "#"]
    if len(set(series)) != len(series):
        yield "a series comes twice"
    for source in ("acme", "other"):
        waiting = re.findall(rf'^cc_waiting{{source="{source}",queue="(\w+)"}} (.*)$', text, re.M)
        calls = re.findall(rf'^cc_calls_total{{source="{source}",queue="(\w+)"}} (.*)$', text, re.M)
        counted = re.findall(rf'series{{source="{source}",family="cc_waiting"}} (.*)$', text, re.M)
        if waiting != calls or len({value for _, value in waiting}) > 1:
            yield f"values of two frames: {waiting} {calls}"
        if counted and float(counted[0]) != len(waiting):
            yield f"{len(waiting)} series, but {counted[0]} are said"
