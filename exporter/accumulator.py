"""Daily totals become counters: the one accumulator of "From daily totals to counters".

A vendor's totals rise during the day, start again at 0 at a midnight that nobody documents, and
may be corrected a little downwards. `accumulate` is pure: the state it was in and a reading give
the new state and what the counters rise by. Time is Unix seconds.

What can not be known, and is counted too low rather than twice:

- Without a hint, a midnight that nobody saw because the totals were as high again at the next
  reading: a total that was 40 and is 40 may have fallen in between, and adds nothing.
- Without a hint, a midnight of totals that are too small for the half-rule, or that had more
  than half of their sum again at the next reading.
- With a hint, what a number had grown to when it was reset and passed its old value between two
  readings less than 15 minutes apart.
- What happened between the last reading before a midnight and that midnight.

Counted twice is what a vendor has not yet reset when the first reading after a gap over a
boundary comes, and what it corrects while numbers are being reset: neither can be told from new.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SeriesKey = tuple[str, tuple[tuple[str, str], ...]]
"""A family's name and its labels, without `source` and without `queue`, the queue's name."""

RESET_SECONDS = 15 * 60.0  # how long numbers are being reset; also the shortest gap
BOUNDARY_MINUTES = 90.0
LONGEST_DAY_SECONDS = 24 * 3600.0
LEAST_SUM = 20.0  # below it, half of the sum may be one correction


@dataclass(frozen=True, slots=True)
class DayBoundary:
    """A hint: the vendor's day begins at this full hour of this time zone.

    There is one boundary for each date. An hour that daylight saving skips is the moment of the
    change; one that comes twice is its first.
    """

    timezone: ZoneInfo
    hour: int

    def __post_init__(self) -> None:
        if not 0 <= self.hour <= 23:
            raise ValueError(f"the hour of a day boundary is 0 to 23, not {self.hour}")

    def near(self, at: float, minutes: float) -> bool:
        """Whether a boundary lies at most so many minutes before or after `at`."""
        today = self._local_date(at)
        around = (today - timedelta(days=1), today, today + timedelta(days=1))
        return any(abs(at - self._begin(day)) <= minutes * 60 for day in around)

    def crossed(self, start: float, end: float) -> int:
        """How many boundaries lie after `start` and not after `end`; 0 if `end` is earlier."""
        return max(0, self._day_number(end) - self._day_number(start))

    def _day_number(self, at: float) -> int:
        day = self._local_date(at)
        return day.toordinal() - (at < self._begin(day))

    def _local_date(self, at: float) -> date:
        return datetime.fromtimestamp(at, self.timezone).date()

    def _begin(self, day: date) -> float:
        return datetime(day.year, day.month, day.day, self.hour, tzinfo=self.timezone).timestamp()


@dataclass(frozen=True, slots=True)
class Reading:
    """The totals of the vendor's day as one reading gave them.

    `at` is Unix seconds; values are finite and not negative. `day` names the day where the vendor
    tells it; names sort as text, as ISO 8601 dates do.
    """

    at: float
    values: Mapping[SeriesKey, float]
    day: str | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.at):
            raise ValueError(f"a reading at {self.at} has no time")
        for key, value in self.values.items():
            if not 0 <= value < math.inf:
                raise ValueError(f"{key[0]}: {value} is no total: finite and at least 0")


@dataclass(frozen=True, slots=True)
class Total:
    """One number: its highest value of the feed's day `day`, and its value when last read."""

    highest: float
    last: float
    day: int


@dataclass(frozen=True, slots=True)
class DayState:
    """What is remembered of a feed between two readings.

    `day` is a number that grows with each day of the feed. `at` is when it was read last and
    `turned` when a rule last saw its day turn (None if none did, or if the vendor named the day
    since), both Unix seconds. `named` is the vendor's name of the day. A total of an older day
    has been absent since.
    """

    day: int
    at: float
    turned: float | None
    named: str | None
    totals: Mapping[SeriesKey, Total]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state after a reading, what each counter rises by (only above 0), and how many numbers
    were corrected downwards."""

    state: DayState
    increments: Mapping[SeriesKey, float]
    corrections: int


@dataclass(frozen=True, slots=True)
class _Step:
    """How the numbers of one reading are taken: the day they are of, and whether numbers are
    being reset, so that one that falls starts from 0 and one that does not has yet to fall."""

    day: int
    resetting: bool


def accumulate(
    state: DayState | None, reading: Reading, boundary: DayBoundary | None = None
) -> Outcome:
    """What a reading means after `state`.

    The first reading of a feed (`state` is None) is only a base. A label set that appears later
    adds its value. An older day's reading changes nothing. A clock that was set back is no gap.
    """
    if state is None:
        return Outcome(_base(reading), {}, 0)
    named = state.named is not None and reading.day is not None
    if named and str(reading.day) < str(state.named):
        return Outcome(state, {}, 0)
    state = _on_clock_of(state, reading)
    step = _step_named(state, reading) if named else _step_inferred(state, reading, boundary)
    totals, increments, corrections = _taken(state, reading, step)
    if step.day == state.day:
        turned, name = state.turned, reading.day or state.named
    else:
        turned, name = None if named else reading.at, reading.day
    return Outcome(DayState(step.day, reading.at, turned, name, totals), increments, corrections)


def _base(reading: Reading) -> DayState:
    totals = {key: Total(value, value, 0) for key, value in reading.values.items()}
    return DayState(0, reading.at, None, reading.day, totals)


def _on_clock_of(state: DayState, reading: Reading) -> DayState:
    """The state as if its clock had been set back with the reading's, where that is earlier."""
    back = state.at - reading.at
    if back <= 0:
        return state
    turned = None if state.turned is None else state.turned - back
    return replace(state, at=reading.at, turned=turned)


def _step_named(state: DayState, reading: Reading) -> _Step:
    return _Step(state.day + (reading.day != state.named), resetting=False)


def _step_inferred(state: DayState, reading: Reading, boundary: DayBoundary | None) -> _Step:
    silence = reading.at - state.at
    crossed = boundary is not None and boundary.crossed(state.at, reading.at) > 0
    if silence > LONGEST_DAY_SECONDS or (crossed and silence > RESET_SECONDS):
        # The gap may hide a whole day, so what was read before it is not of the day before.
        return _Step(state.day + 2, resetting=False)
    if crossed:
        return _Step(state.day + 1, resetting=True)
    if _is_being_reset(state, reading):
        return _Step(state.day, resetting=True)
    turns = _sum_tells_new_day(state, reading, boundary)
    return _Step(state.day + turns, resetting=turns)


def _is_being_reset(state: DayState, reading: Reading) -> bool:
    """Whether a number that fell may have fallen within 15 minutes of the turn of the day.

    It fell at some moment between two readings, so the earlier one decides, unless a gap lies
    between them.
    """
    if state.turned is None or reading.at - state.at > RESET_SECONDS:
        return False
    return state.at - state.turned < RESET_SECONDS


def _sum_tells_new_day(state: DayState, reading: Reading, boundary: DayBoundary | None) -> bool:
    """Whether the sum fell under half of the highest values, or at all near a boundary.

    Only label sets that are in the reading and of the feed's day are summed. A sum that did not
    fall since the last reading tells no new day, whatever it was corrected by before.
    """
    today = [(key, total) for key, total in state.totals.items() if total.day == state.day]
    read = [(reading.values[key], total) for key, total in today if key in reading.values]
    now = math.fsum(value for value, _ in read)
    if now >= math.fsum(total.last for _, total in read):
        return False
    if boundary is not None and boundary.near(reading.at, BOUNDARY_MINUTES):
        return True
    highest = math.fsum(total.highest for _, total in read)
    return highest >= LEAST_SUM and 2 * len(read) >= len(today) and now < highest / 2


def _taken(
    state: DayState, reading: Reading, step: _Step
) -> tuple[dict[SeriesKey, Total], dict[SeriesKey, float], int]:
    """The totals after the reading, what they add, and how many were corrected."""
    totals = dict(state.totals)
    increments: dict[SeriesKey, float] = {}
    corrections = 0
    # A set that was absent when the day turned may return before it was reset.
    oldest = step.day - step.resetting
    for key, value in reading.values.items():
        total = totals.get(key)
        if total is None or total.day < oldest or (step.resetting and value < total.last):
            added, total = value, Total(value, value, step.day)
        else:
            added = value - total.highest
            corrections += value < total.last
            if value != total.last or total.day != step.day:
                total = Total(max(total.highest, value), value, step.day)
        totals[key] = total
        if added > 0:
            increments[key] = added
    return totals, increments, corrections
