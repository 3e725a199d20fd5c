"""Duplicates, the cap, and the parts of one feed."""

import logging
import math

import pytest

from exporter.model import Block, Family, Kind
from exporter.store import Place, Store
from tests.shown import ACTIVE, FIRST, OTHER, WAITING, A, B, block, frame, shown


def test_a_feed_has_one_part_or_named_ones() -> None:
    store = Store(100)
    store.publish(A, frame(block({"a": 1.0})))
    with pytest.raises(ValueError, match="one part without a name, or named parts"):
        store.publish(A._replace(part=""), frame(block({"a": 1.0})))
    store.publish(B, frame(block({"b": 1.0})))
    assert shown(store) == {"a": 1.0, "b": 1.0}


def test_duplicates_are_dropped_and_counted_and_the_first_one_is_shown() -> None:
    store = Store(100)
    inside = Block(("queue",), (("a",), ("a",), ("b",)), ((WAITING, [1.0, 2.0, 3.0]),))
    between = Block(("queue", "channel"), (("b", ""), ("c", "")), ((WAITING, [4.0, 5.0]),))
    store.publish(FIRST, frame(inside, between))
    assert shown(store) == {"a": 1.0, "b": 3.0, "c": 5.0}
    assert store.dropped == {("acme", WAITING): 2}
    store.publish(FIRST, frame(inside))
    assert store.dropped == {("acme", WAITING): 3}


def test_a_duplicate_that_says_nothing_takes_no_place() -> None:
    store = Store(100)
    silent = Block(("queue",), (("a",),) * 3, ((WAITING, [None, math.nan, 3.0]),))
    store.publish(FIRST, frame(silent))
    assert shown(store) == {"a": 3.0}
    assert store.dropped == {}


def test_a_label_set_belongs_to_the_part_that_showed_it_first() -> None:
    store = Store(100)
    store.publish(A, frame(block({"x": 1.0}), ttl=10.0))
    store.publish(B, frame(block({"x": 2.0, "y": 2.0}), ttl=100.0))
    assert shown(store) == {"x": 1.0, "y": 2.0}
    assert store.dropped == {("acme", WAITING): 1}


def test_a_label_set_moves_when_its_part_no_longer_shows_it() -> None:
    store = Store(100)
    store.publish(A, frame(block({"x": 1.0, "z": 1.0})))
    store.publish(A, frame(block({"z": 1.0})))
    store.publish(B, frame(block({"x": 2.0})))
    assert shown(store) == {"x": 2.0, "z": 1.0}
    store.withdraw(A)
    store.publish(B, frame(block({"x": 2.0, "z": 2.0})))
    assert shown(store) == {"x": 2.0, "z": 2.0}
    assert store.dropped == {}


def test_a_label_set_moves_when_its_part_expires_and_stays_when_that_returns() -> None:
    store = Store(100)
    store.publish(A, frame(block({"x": 1.0}), ttl=10.0))
    store.publish(B, frame(block({"x": 2.0}), at=11.0, ttl=100.0))
    assert shown(store, 11.0) == {"x": 2.0}
    store.publish(A, frame(block({"x": 3.0, "y": 3.0}), at=12.0, ttl=10.0))
    assert shown(store, 12.0) == {"x": 2.0, "y": 3.0}
    assert store.dropped == {("acme", WAITING): 1}


def test_the_cap_drops_and_counts_what_is_above_it() -> None:
    store = Store(2)
    store.publish(FIRST, frame(block({"a": 1.0, "b": 1.0, "c": 1.0}), block({"d": 1.0}, ACTIVE)))
    assert shown(store) == {"a": 1.0, "b": 1.0, "d": 1.0}
    assert store.dropped == {("acme", WAITING): 1}
    store.publish(FIRST, frame(block({"a": 1.0, "b": None, "c": 1.0})))
    assert shown(store) == {"a": 1.0, "c": 1.0}
    assert store.dropped == {("acme", WAITING): 1}


def test_the_cap_keeps_what_was_shown_before_also_when_it_is_first_reached() -> None:
    store = Store(2)
    store.publish(FIRST, frame(block({"a": None, "y": 1.0, "z": 1.0})))
    for _ in range(3):
        store.publish(FIRST, frame(block({"a": 2.0, "b": 2.0, "y": 2.0, "z": 2.0})))
        assert shown(store) == {"y": 2.0, "z": 2.0}
    store.publish(FIRST, frame(block({"a": 3.0, "b": 3.0, "z": 3.0})))
    assert shown(store) == {"a": 3.0, "z": 3.0}


def test_a_row_that_said_nothing_was_not_shown_before() -> None:
    store = Store(3)
    store.publish(FIRST, frame(block({"b": None, "y": 1.0, "z": 1.0})))
    store.publish(FIRST, frame(block({"a": 2.0, "b": 2.0, "y": 2.0, "z": 2.0})))
    assert shown(store) == {"a": 2.0, "y": 2.0, "z": 2.0}


def test_the_cap_keeps_what_was_shown_before_whatever_its_block() -> None:
    store = Store(2)
    store.publish(FIRST, frame(block({}), block({"y": 1.0, "z": 1.0})))
    store.publish(FIRST, frame(block({"a": 2.0, "b": 2.0}), block({"y": 2.0, "z": 2.0})))
    assert shown(store) == {"y": 2.0, "z": 2.0}


def test_the_cap_is_for_all_parts_that_are_shown_together() -> None:
    store = Store(3)
    store.publish(A, frame(block({"a": 1.0, "b": 1.0}), ttl=10.0))
    store.publish(B, frame(block({"c": 1.0, "d": 1.0}), ttl=100.0))
    assert shown(store) == {"a": 1.0, "b": 1.0, "c": 1.0}
    store.publish(A, frame(block({"a": 1.0, "b": 1.0, "e": 1.0}), ttl=10.0))
    assert shown(store) == {"a": 1.0, "b": 1.0, "c": 1.0}
    store.publish(B, frame(block({"c": 1.0, "d": 1.0}), at=11.0, ttl=100.0))
    assert shown(store, 11.0) == {"c": 1.0, "d": 1.0}


def test_the_cap_is_for_each_source_alone() -> None:
    store = Store(1)
    store.publish(FIRST, frame(block({"a": 1.0})))
    store.publish(OTHER, frame(block({"b": 1.0})))
    assert shown(store) == {"a": 1.0, "b": 1.0}


def test_dropping_is_logged_when_it_begins(caplog: pytest.LogCaptureFixture) -> None:
    store = Store(2)
    many = [block({"a": 1.0, "b": 1.0}), block({"c": 1.0}), block({}, ACTIVE)]
    few = [block({"a": 1.0})]
    with caplog.at_level(logging.WARNING):
        for blocks in (few, many, many, few, few, many, many):
            store.publish(FIRST, frame(*blocks))
    said = [vars(record) for record in caplog.records]
    assert len(said) == 2
    for one in said:
        assert one["levelname"] == "WARNING"
        assert one["msg"] == "label sets dropped: duplicates, or above limits.series_per_family"
        assert (one["source"], one["feed"], one["families"]) == ("acme", "first", "cc_waiting")
        assert one["dropped"] == 1


def test_dropping_in_many_families_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    families = [Family(f"cc_{letter}", Kind.GAUGE, "X.", ("queue",)) for letter in "edcba"]
    with caplog.at_level(logging.WARNING):
        Store(1).publish(FIRST, frame(*(block({"x": 1.0, "y": 1.0}, f) for f in families)))
    (said,) = [vars(record) for record in caplog.records]
    assert said["families"] == "cc_a, cc_b, cc_c and 2 more"
    assert said["dropped"] == 5


def test_a_frame_that_can_not_be_rendered_leaves_claims_as_they_were() -> None:
    store = Store(100)
    store.publish(A, frame(block({"x": 1.0}), ttl=10.0))
    wrong = Block(("queue",), (("a", "too many"),), ((WAITING, [1.0]),))
    for at in (5.0, 11.0):
        with pytest.raises(ValueError, match="zip"):
            store.publish(A, frame(block({"y": 1.0}), wrong, at=at))
        store.publish(B, frame(block({"x": 2.0, "y": 2.0}), at=at, ttl=100.0))
        assert shown(store, at) == {"x": 1.0 if at < 10.0 else 2.0, "y": 2.0}


def test_series_of_parts_that_come_and_go_are_not_kept() -> None:
    store = Store(10)
    for turn in range(100):
        part = Place("acme", "parted", f"part {turn}")
        store.publish(part, frame(block({f"queue {turn}": 1.0}), at=float(turn), ttl=3.5))
    assert shown(store, 99.0) == {f"queue {turn}": 1.0 for turn in (96, 97, 98, 99)}
    assert store.dropped == {}
