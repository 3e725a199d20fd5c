"""Daily totals to counters: each sentence of the contract by example."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from exporter.accumulator import (
    DayBoundary,
    DayState,
    Outcome,
    Reading,
    SeriesKey,
    Total,
    accumulate,
)

HINT = DayBoundary(ZoneInfo("UTC"), 0)
MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC).timestamp()
HOUR = 60.0
DAY = 24 * HOUR


def key(queue: str) -> SeriesKey:
    return "contactcenter_contacts_offered_total", (("queue_id", queue), ("channel", "voice"))


def reading(minutes: float, day: str | None = None, **values: float) -> Reading:
    """A reading so many minutes after midnight."""
    at = MIDNIGHT + minutes * 60
    return Reading(at, {key(queue): value for queue, value in values.items()}, day)


def added(outcome: Outcome) -> dict[str, float]:
    return {labels[0][1]: value for (_, labels), value in outcome.increments.items()}


@dataclass(frozen=True)
class Then:
    """A reading after the first, and what it has to give."""

    reading: Reading
    added: dict[str, float] = field(default_factory=dict)
    corrections: int = 0


def then(
    minutes: float, *, adds: dict[str, float] | None = None, corrections: int = 0, **values: float
) -> Then:
    return Then(reading(minutes, None, **values), adds or {}, corrections)


EXAMPLES: dict[str, tuple[DayBoundary | None, Reading, Sequence[Then]]] = {
    "the first reading is only a base; a rise adds the difference": (
        None,
        reading(0, a=100, b=0),
        [then(1, a=103, b=0.5, adds={"a": 3, "b": 0.5}), then(2, a=103, b=0.5)],
    ),
    "a value below the highest adds nothing, and a total that wavers is not counted again": (
        None,
        reading(0, a=10),
        [
            then(1, a=8, corrections=1),
            then(2, a=10),
            then(3, a=8, corrections=1),
            then(4, a=11, adds={"a": 1}),
        ],
    ),
    "a correction is counted when the value falls, not while it stays low": (
        None,
        reading(0, a=10),
        [then(1, a=8, corrections=1), then(2, a=8), then(3, a=9), then(4, a=8, corrections=1)],
    ),
    "a sum under half of the highest values is a new day: what fell adds its value": (
        None,
        reading(0, a=30, b=10),
        [then(1, a=12, b=4, adds={"a": 12, "b": 4}), then(2, a=13, b=4, adds={"a": 1})],
    ),
    "half of the highest values is not under half": (
        None,
        reading(0, a=30, b=10),
        [then(1, a=16, b=4, corrections=2)],
    ),
    "the highest values count for the half, not the last ones": (
        None,
        reading(0, a=40),
        [then(1, a=25, corrections=1), then(2, a=19, adds={"a": 19})],
    ),
    "a sum under 20 is too small for the half-rule": (
        None,
        reading(0, a=10, b=9.9),
        [then(1, a=0, b=0, corrections=2), then(2, a=10, b=9.9)],
    ),
    "a sum of 20 is enough": (None, reading(0, a=20), [then(1, a=3, adds={"a": 3})]),
    "fewer than half of the label sets can not tell a new day": (
        None,
        reading(0, a=90, b=1, c=1),
        [then(1, a=2, corrections=1)],
    ),
    "half of the label sets can": (
        None,
        reading(0, a=90, b=1),
        [then(1, a=2, adds={"a": 2})],
    ),
    "an old correction is no midnight when the other numbers are absent": (
        None,
        reading(0, a=100, b=100),
        [
            then(1, a=45, b=100, corrections=1),
            then(2, a=45),
            then(30, a=46, b=101, adds={"b": 1}),
        ],
    ),
    "a number that was corrected before the new day has not fallen on it": (
        None,
        reading(0, a=100, b=100),
        [then(1, a=90, b=100, corrections=1), then(2, a=91, b=3, adds={"b": 3})],
    ),
    "label sets of an older day do not count for the half of them": (
        None,
        reading(0, a=100, b=100, c=1, d=1),
        [
            then(1, a=1, b=1, adds={"a": 1, "b": 1}),
            then(30, a=50, b=50, adds={"a": 49, "b": 49}),
            then(31, a=2, adds={"a": 2}),
        ],
    ),
    "a number that did not fall on a new day keeps its highest value until it falls": (
        None,
        reading(0, a=100, b=5),
        [
            then(1, a=3, b=5, adds={"a": 3}),
            then(2, a=3, b=6, adds={"b": 1}),
            then(3, a=3, b=2, adds={"b": 2}),
        ],
    ),
    "for 15 minutes a fall is a reset, afterwards a correction": (
        None,
        reading(0, a=100, b=5, c=5),
        [
            then(1, a=3, b=5, c=5, adds={"a": 3}),
            then(15, a=3, b=4, c=5, adds={"b": 4}),
            then(17, a=3, b=4, c=5),
            then(18, a=3, b=4, c=4, corrections=1),
        ],
    ),
    "a fall seen after a gap is no reset of the turn before it": (
        None,
        reading(0, a=100, b=5),
        [then(1, a=3, b=5, adds={"a": 3}), then(17, a=3, b=4, corrections=1)],
    ),
    "near a boundary any fall of the sum is a new day": (
        HINT,
        reading(80, a=100, b=7),
        [then(90, a=95, b=8, adds={"a": 95, "b": 1})],
    ),
    "and before a boundary as well": (
        HINT,
        reading(-100, a=100),
        [then(-90, a=99, adds={"a": 99})],
    ),
    "near a boundary, a fall of one number in a rising sum is a correction": (
        HINT,
        reading(80, a=100, b=7),
        [then(85, a=110, b=6, adds={"a": 10}, corrections=1)],
    ),
    "more than 90 minutes from a boundary a small fall is a correction": (
        HINT,
        reading(90, a=100),
        [then(91, a=95, corrections=1)],
    ),
    "over a boundary only what fell is added, and falls in the next 15 minutes are resets": (
        HINT,
        reading(-1, a=100, b=100, c=0),
        [
            then(1, a=2, b=101, c=0, adds={"a": 2, "b": 1}),
            then(14, a=200, b=1, c=3, adds={"a": 198, "b": 1, "c": 3}),
        ],
    ),
    "15 minutes over a boundary are no gap": (
        HINT,
        reading(-5, a=4),
        [then(10, a=6, adds={"a": 2})],
    ),
    "after a gap over a boundary every number adds its value": (
        HINT,
        reading(-5, a=4, b=9),
        [then(11, a=6, b=9, adds={"a": 6, "b": 9}), then(12, a=6, b=10, adds={"b": 1})],
    ),
    "a gap within a day adds the difference": (
        HINT,
        reading(HOUR, a=4),
        [then(20 * HOUR, a=60, adds={"a": 56})],
    ),
    "after more than 24 hours every number adds its value": (
        None,
        reading(0, a=4),
        [then(DAY + 1, a=6, adds={"a": 6})],
    ),
    "after 24 hours without a hint a higher value is a rise": (
        None,
        reading(0, a=4),
        [then(DAY, a=6, adds={"a": 2})],
    ),
    "a label set that appears later adds its value": (
        None,
        reading(0, a=4),
        [then(1, a=4, b=7, adds={"b": 7}), then(2, a=4, b=0.0, corrections=1)],
    ),
    "also after an answer without any": (None, reading(0), [then(1, a=4, adds={"a": 4})]),
    "a label set that returns on the same day adds the difference": (
        None,
        reading(0, a=4, b=50),
        [then(1, b=50), then(600, a=5, b=50, adds={"a": 1})],
    ),
    "one that returns on a later day adds its value": (
        None,
        reading(0, a=4, b=50),
        [then(1, b=1, adds={"b": 1}), then(30, a=5, b=1, adds={"a": 5})],
    ),
    "one that returns while numbers are being reset may have yet to fall": (
        HINT,
        reading(-1, a=40, b=50),
        [
            then(1, b=0),
            then(3, a=41, b=0, adds={"a": 1}),
            then(9, a=2, b=0, adds={"a": 2}),
        ],
    ),
    "unless a whole day may have passed": (
        HINT,
        reading(-60, a=40, b=50),
        [then(30, b=0), then(31, a=41, b=0, adds={"a": 41})],
    ),
    "a clock that was set back is no gap, and its boundary is crossed without loss": (
        HINT,
        reading(2, a=100),
        [
            then(-3, a=101, adds={"a": 1}),
            then(2, a=102, adds={"a": 1}),
            then(3, a=0),
            then(-1000, a=1, adds={"a": 1}),
            then(-999, a=2, adds={"a": 1}),
        ],
    ),
    "a clock that was set back does not make the time of resets longer": (
        None,
        reading(0, a=100),
        [
            then(1, a=0),
            then(-600, a=9, adds={"a": 9}),
            then(-580, a=9),
            then(-570, a=8, corrections=1),
        ],
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str) -> None:
    boundary, first, rest = EXAMPLES[name]
    outcome = accumulate(None, first, boundary)
    assert (added(outcome), outcome.corrections) == ({}, 0)
    for step in rest:
        outcome = accumulate(outcome.state, step.reading, boundary)
        assert (added(outcome), outcome.corrections) == (step.added, step.corrections)


def test_a_named_day_decides_alone() -> None:
    first = accumulate(None, reading(0, "2026-03-09", a=10, b=3), HINT).state
    same = accumulate(first, reading(30 * HOUR, "2026-03-09", a=4, b=4), HINT)
    assert (added(same), same.corrections) == ({"b": 1}, 1)
    new = accumulate(same.state, reading(30 * HOUR + 1, "2026-03-10", a=10, b=5), HINT)
    assert (added(new), new.corrections) == ({"a": 10, "b": 5}, 0)
    fall = accumulate(new.state, reading(30 * HOUR + 2, "2026-03-10", a=9, b=5), HINT)
    assert (added(fall), fall.corrections) == ({}, 1)


def test_an_older_days_reading_is_discarded() -> None:
    state = accumulate(None, reading(0, "2026-03-10", a=10)).state
    late = accumulate(state, reading(1, "2026-03-09", a=99, b=4))
    assert late == Outcome(state, {}, 0)


def test_a_day_that_is_named_from_some_reading_on_is_not_counted_twice() -> None:
    unnamed = accumulate(None, reading(0, a=50)).state
    named = accumulate(unnamed, reading(1, "2026-03-10", a=51))
    assert added(named) == {"a": 1}
    silent = accumulate(named.state, reading(2, a=2))
    assert added(silent) == {"a": 2}
    again = accumulate(silent.state, reading(3, "2026-03-11", a=3))
    assert added(again) == {"a": 1}
    still = accumulate(again.state, reading(4, a=4))
    assert (added(still), still.state.named) == ({"a": 1}, "2026-03-11")


def test_the_state_tells_what_is_remembered() -> None:
    state = accumulate(None, reading(0, a=50, b=1)).state
    state = accumulate(state, reading(1, a=40)).state
    expected = {key("a"): Total(50, 40, 0), key("b"): Total(1, 1, 0)}
    assert state == DayState(0, MIDNIGHT + 60, None, None, expected)


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_value_that_is_no_total_is_the_callers_mistake(value: float) -> None:
    with pytest.raises(ValueError, match=r"contacts_offered_total: .* is no total"):
        reading(0, a=value)


def test_a_reading_has_a_time() -> None:
    with pytest.raises(ValueError, match="has no time"):
        reading(float("nan"), a=1)


@pytest.mark.parametrize("hour", [-1, 24])
def test_a_boundary_is_at_an_hour_of_the_day(hour: int) -> None:
    with pytest.raises(ValueError, match="0 to 23"):
        DayBoundary(ZoneInfo("UTC"), hour)


def local(zone: str, *when: int, fold: int = 0) -> float:
    year, month, day, hour, minute = when
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone), fold=fold).timestamp()


def test_boundaries_are_counted_over_the_days_of_daylight_saving() -> None:
    zone = "America/New_York"
    midnight = DayBoundary(ZoneInfo(zone), 0)
    assert midnight.crossed(local(zone, 2026, 3, 7, 12, 0), local(zone, 2026, 3, 9, 12, 0)) == 2
    assert midnight.crossed(local(zone, 2026, 10, 31, 0, 0), local(zone, 2026, 11, 3, 0, 0)) == 3
    assert midnight.crossed(local(zone, 2026, 3, 9, 12, 0), local(zone, 2026, 3, 7, 12, 0)) == 0


def test_the_moment_of_a_boundary_belongs_to_the_new_day() -> None:
    boundary = DayBoundary(ZoneInfo("UTC"), 6)
    six = MIDNIGHT + 6 * 3600
    assert boundary.crossed(six - 1, six) == 1
    assert boundary.crossed(six, six + 1) == 0


def test_an_hour_that_is_skipped_is_the_moment_of_the_change() -> None:
    zone = "America/New_York"
    two = DayBoundary(ZoneInfo(zone), 2)
    change = local(zone, 2026, 3, 8, 3, 0)
    assert two.crossed(change - 1, change) == 1
    assert two.near(change - 60, 1)
    assert not two.near(change - 61, 1)


def test_an_hour_that_comes_twice_is_one_boundary() -> None:
    zone = "America/New_York"
    one = DayBoundary(ZoneInfo(zone), 1)
    first = local(zone, 2026, 11, 1, 1, 0)
    second = local(zone, 2026, 11, 1, 1, 0, fold=1)
    assert second - first == 3600
    assert one.crossed(first - 1, first) == 1
    assert one.crossed(first, second + 1) == 0


def test_near_looks_over_the_end_of_the_date() -> None:
    assert HINT.near(MIDNIGHT - 90 * 60, 90)
    assert HINT.near(MIDNIGHT + 90 * 60, 90)
    assert not HINT.near(MIDNIGHT + 91 * 60, 90)
    assert DayBoundary(ZoneInfo("UTC"), 23).near(MIDNIGHT, 60)
