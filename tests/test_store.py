"""What is shown now, and how long."""

import gc
import math
import tracemalloc

import pytest

from exporter.model import Block, Histogram
from exporter.store import GZIP_KEPT_FOR, Place, Store
from tests.shown import (
    ACTIVE,
    FEEDS,
    FIRST,
    OTHER,
    SECOND,
    SECONDS,
    WAITING,
    A,
    B,
    block,
    frame,
    lines,
    shown,
)


def test_a_frame_replaces_the_one_before_it_whole() -> None:
    store = Store(100)
    store.publish(FIRST, frame(block({"a": 1.0, "b": 2.0}), block({"c": 3.0}, ACTIVE)))
    store.publish(FIRST, frame(block({"b": 5.0, "d": 0.0})))
    assert shown(store) == {"b": 5.0, "d": 0.0}


def test_what_is_shown_comes_in_one_order() -> None:
    store = Store(100)
    histogram = Histogram((1.0,), (1, 2), 3.0)
    seconds = Block(("queue",), (("z",),), ((SECONDS, [histogram]),))
    for place in (OTHER, B, A):
        store.publish(place, frame(block({"q": 1.0}), seconds, block({"r": 2.0}, ACTIVE)))
        store.publish(place, frame(block({place.part: 1.0}), block({"r": 2.0}, ACTIVE), seconds))
    names = [family.name for family, _ in store.selection(0.0).families]
    waiting = [line for line in lines(store.selection(0.0)) if line.startswith("cc_waiting")]
    assert names == ["cc_active", "cc_wait_seconds", "cc_waiting"]
    assert waiting == [
        'cc_waiting{source="acme",queue="a"} 1.0',
        'cc_waiting{source="acme",queue="b"} 1.0',
        'cc_waiting{source="other"} 1.0',
    ]


def test_an_unchanged_selection_is_the_same_object_and_a_changed_one_is_not() -> None:
    store = Store(100)
    store.publish(FIRST, frame(block({"a": 1.0}), ttl=10.0))
    first = store.selection(0.0)
    assert store.selection(10.0) is first
    assert store.selection(10.1) is not first
    store.publish(FIRST, frame(block({"a": 1.0}), at=11.0))
    assert store.selection(11.0) is not first


def test_a_frame_ages_out_and_a_new_one_is_shown() -> None:
    store = Store(100)
    store.publish(FIRST, frame(block({"a": 1.0}), at=100.0, ttl=45.0))
    assert shown(store, 145.0) == {"a": 1.0}
    assert shown(store, 145.1) == {}
    assert store.selection(145.1).series == {}
    store.publish(FIRST, frame(block({"a": 2.0}), at=200.0, ttl=45.0))
    assert shown(store, 201.0) == {"a": 2.0}


def test_label_sets_are_counted_by_source_and_family() -> None:
    store = Store(100)
    two = [Histogram((1.0, 2.0), (1, 2, 3), 3.0)] * 2
    seconds = Block(("queue",), (("y",), ("z",)), ((SECONDS, two),))
    store.publish(FIRST, frame(block({"a": 1.0, "b": None, "c": math.nan}), seconds))
    store.publish(OTHER, frame(block({"a": 1.0, "b": 2.0})))
    assert store.selection(0.0).series == {
        ("acme", WAITING): 1,
        ("acme", SECONDS): 2,
        ("other", WAITING): 2,
    }


def test_the_first_feed_that_is_up_owns_a_family() -> None:
    store = Store(100)
    store.rank("acme", FEEDS)
    store.publish(SECOND, frame(block({"a": 2.0, "b": 2.0}), block({"c": 2.0}, ACTIVE), ttl=100.0))
    assert shown(store, 0.0) == {"a": 2.0, "b": 2.0, "c": 2.0}
    store.publish(FIRST, frame(block({"a": 1.0}), ttl=10.0))
    assert shown(store, 0.0) == {"a": 1.0, "c": 2.0}
    assert store.selection(0.0).series[("acme", WAITING)] == 1
    assert shown(store, 10.1) == {"a": 2.0, "b": 2.0, "c": 2.0}
    store.publish(FIRST, frame(block({"a": 3.0}), at=20.0, ttl=10.0))
    assert shown(store, 20.0) == {"a": 3.0, "c": 2.0}
    store.withdraw(FIRST)
    assert shown(store, 20.0) == {"a": 2.0, "b": 2.0, "c": 2.0}


def test_an_owner_that_says_nothing_of_its_family_still_owns_it() -> None:
    store = Store(100)
    store.rank("acme", FEEDS)
    store.publish(SECOND, frame(block({"a": 2.0})))
    store.publish(FIRST, frame(block({})))
    assert shown(store) == {}


def test_feeds_without_a_rank_come_last_and_in_order_of_their_names() -> None:
    store = Store(100)
    for feed in ("zero", "one"):
        store.publish(Place("acme", feed, ""), frame(block({feed: 1.0})))
    assert shown(store) == {"one": 1.0}
    store.rank("acme", ["zero"])
    assert shown(store) == {"zero": 1.0}


def test_withdrawing_and_retaining() -> None:
    store = Store(100)
    for part in "abc":
        store.publish(Place("acme", "parted", part), frame(block({part: 1.0})))
    store.publish(FIRST, frame(block({"d": 1.0}, ACTIVE)))
    store.withdraw(Place("acme", "parted", "nobody"))
    store.retain("acme", "parted", ["b", "c", "nobody"])
    assert shown(store) == {"b": 1.0, "c": 1.0, "d": 1.0}
    store.retain("acme", "parted", [])
    store.withdraw(FIRST)
    store.withdraw(FIRST)
    assert shown(store) == {}


def test_a_frame_that_can_not_be_rendered_changes_nothing() -> None:
    store = Store(100)
    store.publish(A, frame(block({"a": 1.0})))
    wrong = Block(("queue", "channel"), (("a", "voice"), ("b",)), ((WAITING, [1.0, 1.0]),))
    with pytest.raises(ValueError, match="zip"):
        store.publish(A, frame(block({"b": 1.0}), wrong))
    store.publish(B, frame(block({"b": 2.0, "a": 2.0})))
    assert shown(store) == {"a": 1.0, "b": 2.0}


def test_chunks_are_compressed_at_publication_only_while_somebody_reads_gzip() -> None:
    store = Store(100)

    def compressed(at: float) -> bool:
        store.publish(FIRST, frame(block({"a": at}), at=at))
        ((_, (chunk,)),) = store.selection(at).families
        return chunk._deflated is not None

    assert not compressed(0.0)
    store.gzip_asked(10.0)
    assert compressed(10.0)
    assert compressed(10.0 + GZIP_KEPT_FOR)
    assert not compressed(10.1 + GZIP_KEPT_FOR)


@pytest.mark.parametrize("place", [FIRST, A])
def test_frames_that_were_replaced_are_freed_though_nobody_reads_any_more(place: Place) -> None:
    store = Store(100_000)

    def publish(turn: int) -> int:
        """Publishes two thousand new series, and returns how many bytes are held then."""
        queues = {f"{turn:02}-{n:04}-{'x' * 200}": 1.0 for n in range(2000)}
        store.publish(place, frame(block(queues), at=float(turn), ttl=5.0))
        del queues
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        nothing = tracemalloc.get_traced_memory()[0]
        once = publish(0) - nothing
        for turn in range(1, 6):
            publish(turn)
            assert len(lines(store.selection(float(turn)))) == 2000
        assert publish(6) - nothing < 1.1 * once
        store.withdraw(place)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - nothing < 0.1 * once
    finally:
        tracemalloc.stop()


def test_lines_that_did_not_change_are_not_compressed_again() -> None:
    store = Store(100)
    shown = []
    for value in (1.0, 1.0, 2.0):
        store.publish(FIRST, frame(block({"a": value})))
        ((_, (chunk,)),) = store.selection(0.0).families
        shown.append(chunk.deflated)
    assert shown[1] is shown[0]
    assert shown[2] != shown[0]
