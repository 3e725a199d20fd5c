"""What may be declared as a family, and how rows become blocks."""

import math
from dataclasses import FrozenInstanceError
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.errors import FamilyError
from exporter.model import (
    FOREVER,
    Block,
    Family,
    Frame,
    Histogram,
    Kind,
    Observations,
    Table,
    block_of,
    catalogue,
)

WAITING = Family("cc_waiting", Kind.GAUGE, "Waiting.", ("queue", "channel"))
CALLS = Family("cc_calls_total", Kind.COUNTER, "Calls.", ("queue",))
SECONDS = Family("cc_wait_seconds", Kind.HISTOGRAM, "Waits.", ("queue",))
QUEUE = Family("cc_queue_info", Kind.INFO, "A queue.", ("queue",))


@pytest.mark.parametrize("name", ["", "Upper", "9lives", "with-dash", "a:b", "ünï", "a_b\n"])
def test_a_name_that_prometheus_would_not_take_plainly_is_refused(name: str) -> None:
    with pytest.raises(FamilyError, match="is no metric name"):
        Family(name, Kind.GAUGE, "Help.")


@pytest.mark.parametrize("label", ["", "Upper", "__name__", "a-b", "queue\n"])
def test_a_label_that_prometheus_would_not_take_plainly_is_refused(label: str) -> None:
    with pytest.raises(FamilyError, match=r"cc_x: .* is no label for it"):
        Family("cc_x", Kind.GAUGE, "Help.", (label,))


@pytest.mark.parametrize("label", ["source", "le", "quantile", "job", "instance"])
def test_a_label_that_somebody_else_sets_is_refused(label: str) -> None:
    with pytest.raises(FamilyError, match=f"{label}' is no label for it"):
        Family("cc_x", Kind.GAUGE, "Help.", (label,))


def test_a_label_that_stands_twice_is_refused() -> None:
    with pytest.raises(FamilyError, match="a label stands twice"):
        Family("cc_x", Kind.GAUGE, "Help.", ("queue", "queue"))


@pytest.mark.parametrize(
    ("name", "kind", "why"),
    [
        ("cc_calls", Kind.COUNTER, "`_total`"),
        ("cc_calls_total", Kind.GAUGE, "`_total`"),
        ("cc_wait_total", Kind.HISTOGRAM, "`_total`"),
        ("cc_queue", Kind.INFO, "`_info`"),
        ("cc_queue_info", Kind.GAUGE, "`_info`"),
        ("cc_wait_bucket", Kind.GAUGE, "belongs to samples of another family"),
        ("cc_wait_sum", Kind.GAUGE, "belongs to samples of another family"),
        ("cc_wait_count", Kind.HISTOGRAM, "belongs to samples of another family"),
        ("cc_calls_created", Kind.GAUGE, "belongs to samples of another family"),
    ],
)
def test_an_ending_says_the_type(name: str, kind: Kind, why: str) -> None:
    with pytest.raises(FamilyError, match=why):
        Family(name, kind, "Help.")


def test_a_family_needs_help() -> None:
    with pytest.raises(FamilyError, match="without help"):
        Family("cc_x", Kind.GAUGE, "")


def test_help_ends_with_the_vendors_fields() -> None:
    from_one = Family("cc_x", Kind.GAUGE, "What it is.", (), ("A b/c d",))
    from_two = Family("cc_x", Kind.GAUGE, "What it is.", (), ("A b/c d", "B e"))
    assert WAITING.full_help == "Waiting."
    assert from_one.full_help == "What it is. Source: A b/c d."
    assert from_two.full_help == "What it is. Source: A b/c d; B e."


def test_the_names_of_a_family() -> None:
    assert [f.metric for f in (WAITING, CALLS, SECONDS, QUEUE)] == [
        "cc_waiting",
        "cc_calls",
        "cc_wait_seconds",
        "cc_queue",
    ]
    assert [f.sample_names for f in (WAITING, CALLS, SECONDS, QUEUE)] == [
        ("cc_waiting",),
        ("cc_calls_total",),
        ("cc_wait_seconds_bucket", "cc_wait_seconds_sum", "cc_wait_seconds_count"),
        ("cc_queue_info",),
    ]


def test_a_catalogue_is_sorted_and_has_each_family_once() -> None:
    assert catalogue([WAITING, SECONDS, WAITING, CALLS]) == (CALLS, SECONDS, WAITING)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Family("cc_x", Kind.GAUGE, "A."), Family("cc_x", Kind.GAUGE, "A.")),
        (Family("cc_x", Kind.GAUGE, "A."), Family("cc_x", Kind.HISTOGRAM, "B.")),
        (Family("cc_x", Kind.GAUGE, "A."), Family("cc_x_total", Kind.COUNTER, "B.")),
        (Family("cc_x", Kind.GAUGE, "A."), Family("cc_x_info", Kind.INFO, "B.")),
        (Family("cc_x_info", Kind.INFO, "A."), Family("cc_x_total", Kind.COUNTER, "B.")),
        (Family("cc_x", Kind.HISTOGRAM, "A."), Family("cc_x_total", Kind.COUNTER, "B.")),
    ],
)
def test_two_families_that_own_one_name_clash(one: Family, other: Family) -> None:
    with pytest.raises(FamilyError, match=r"cc_x\w* and cc_x\w* both own the name cc_x"):
        catalogue([WAITING, other, one])


def test_a_histogram_counts_every_bucket_and_the_rest() -> None:
    assert Histogram((1.0, 2.0), (3, 0, 1), 7.5).counts == (3, 0, 1)
    for counts in ((3, 0), (3, 0, 1, 1)):
        with pytest.raises(ValueError, match="one count more"):
            Histogram((1.0, 2.0), counts, 7.5)


@pytest.mark.parametrize("bounds", [(2.0, 1.0), (1.0, 1.0), (1.0, math.inf)])
def test_the_bounds_of_a_histogram_rise(bounds: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="bounds of a histogram rise"):
        Histogram(bounds, (0, 0, 0), 0.0)


def test_a_block_has_a_value_for_each_row() -> None:
    with pytest.raises(ValueError, match="cc_calls_total: 1 values for 2 rows"):
        Block(("queue",), (("a",), ("b",)), ((CALLS, [1.0]),))


@pytest.mark.parametrize("labels", [("queue", "window"), ("window",), ("channel", "queue")])
def test_a_block_has_labels_of_its_families_in_their_order(labels: tuple[str, ...]) -> None:
    with pytest.raises(FamilyError, match="cc_waiting is not declared with the labels"):
        Block(labels, (), ((WAITING, []),))


@pytest.mark.parametrize("labels", [(), ("queue",), ("channel",), ("queue", "channel")])
def test_a_block_may_fill_fewer_labels(labels: tuple[str, ...]) -> None:
    assert Block(labels, (), ((WAITING, []),)).labels == labels


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (WAITING, "name"),
        (Histogram((), (0,), 0.0), "total"),
        (Block((), (), ()), "keys"),
        (Frame((), 0.0), "blocks"),
        (Table[Any]((), ()), "rules"),
    ],
)
def test_what_was_declared_or_published_can_not_be_changed(one: object, name: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(one, name, None)


def test_a_frame_expires_after_its_time_to_live() -> None:
    assert Frame((), 100.0, 45.0).expires == 145.0
    assert Frame((), 100.0).expires == FOREVER


class Row(NamedTuple):
    waiting: float | None
    calls: float | None


def test_a_table_turns_rows_into_columns_sorted_by_key() -> None:
    table = Table[Row](
        ("queue",), ((WAITING, lambda row: row.waiting), (CALLS, lambda row: row.calls))
    )
    block = table.block([(("b",), Row(1.0, None)), (("a",), Row(2.0, 5.0))])
    assert table.families == (WAITING, CALLS)
    assert block == Block(
        ("queue",), (("a",), ("b",)), ((WAITING, [2.0, 1.0]), (CALLS, [5.0, None]))
    )


def test_rows_of_one_key_stay_in_their_order() -> None:
    table: Table[Row] = Table(("queue",), ((WAITING, lambda row: row.waiting),))
    rows = [(("b",), Row(0.0, None)), (("a",), Row(2.0, None)), (("a",), Row(1.0, None))]
    assert table.block(rows).columns == ((WAITING, [2.0, 1.0, 0.0]),)


def test_a_block_of_one_family_is_sorted_by_key() -> None:
    block = block_of(CALLS, ("queue",), {("b",): 1.0, ("a",): None}.items())
    assert block == Block(("queue",), (("a",), ("b",)), ((CALLS, [None, 1.0]),))


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ([], [0, 0, 0]),
        ([0.0], [1, 0, 0]),
        ([5.0], [1, 0, 0]),
        ([5.1, 10.0], [0, 2, 0]),
        ([10.1, 1e9], [0, 0, 2]),
        ([7, 3, 7, 11, 5], [2, 2, 1]),
    ],
)
def test_a_value_counts_in_the_first_bucket_whose_bound_it_does_not_exceed(
    values: list[float], counts: list[int]
) -> None:
    observed = Observations.of((5.0, 10.0), values)
    assert list(observed.counts) == counts
    assert observed.bounds == (5.0, 10.0)
    assert observed.total == sum(values)


def test_observations_without_bounds_are_counted_all_the_same() -> None:
    assert list(Observations.of((), [1.0, 2.0]).counts) == [2]


def test_the_total_of_observations_does_not_lose_what_is_small() -> None:
    assert Observations.of((1.0,), [0.1] * 10).total == 1.0
    assert Observations.of((1.0,), [1e16, 1.0, 1.0]).total == 1e16 + 2


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 4.0, 9.0]), max_size=60))
def test_many_values_are_sorted_into_the_same_buckets_as_one_by_one(values: list[float]) -> None:
    bounds = (0.5, 1.0, 2.0, 4.0)
    one_by_one = [Observations.of(bounds, [value]).counts for value in values]
    counts = [sum(each) for each in zip(*one_by_one, strict=True)] or [0] * 5
    assert list(Observations.of(bounds, values).counts) == counts
