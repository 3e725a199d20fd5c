"""Small frames for tests of the store, and what a store shows of them."""

from collections.abc import Mapping

from exporter.model import FOREVER, Block, Family, Frame, Kind
from exporter.store import Place, Selection, Store

WAITING = Family("cc_waiting", Kind.GAUGE, "Waiting.", ("queue", "channel"))
ACTIVE = Family("cc_active", Kind.GAUGE, "Active.", ("queue", "channel"))
SECONDS = Family("cc_wait_seconds", Kind.HISTOGRAM, "Waits.", ("queue",))

FEEDS = ("first", "second", "parted")
FIRST = Place("acme", "first", "")
SECOND = Place("acme", "second", "")
A = Place("acme", "parted", "a")
B = Place("acme", "parted", "b")
OTHER = Place("other", "first", "")


def block(values: Mapping[str, float | None], family: Family = WAITING) -> Block:
    """A block of one family; the keys of `values` are queues."""
    keys = tuple((queue,) for queue in values)
    return Block(("queue",), keys, ((family, list(values.values())),))


def frame(*blocks: Block, at: float = 0.0, ttl: float = FOREVER) -> Frame:
    """A frame of these blocks."""
    return Frame(blocks, at, ttl)


def lines(selection: Selection) -> list[str]:
    """The lines in their order."""
    return [
        line
        for _, chunks in selection.families
        for chunk in chunks
        for line in chunk.text.decode().splitlines()
    ]


def shown(store: Store, now: float = 0.0) -> dict[str, float]:
    """The value of each queue, of whatever source and family; none may come twice."""
    found: dict[str, float] = {}
    for line in lines(store.selection(now)):
        series, _, value = line.rpartition(" ")
        queue = series.partition('queue="')[2].partition('"')[0]
        assert queue not in found, f"{queue} comes twice"
        found[queue] = float(value)
    return found
