"""What a measure gave: a median with its range, beside a control, against what is to be reached."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """Repeated measurements of one thing, in the unit of its row."""

    middle: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float], scale: float = 1.0) -> "Spread":
        """Median, minimum and maximum of the values, each multiplied by `scale`."""
        scaled = [value * scale for value in values]
        return cls(median(scaled), min(scaled), max(scaled), len(scaled))


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached: the words, and whether a figure of ours and the control's does."""

    words: str
    reached: Callable[[float, float], bool]


def times_at_most(limit: float) -> Goal:
    """Ours is at most so many times the control."""
    return Goal(f"≤ {limit:g} times", lambda ours, control: ours <= limit * control)


def times_faster(factor: float) -> Goal:
    """The control takes at least so many times as long as ours."""
    return Goal(f"{factor:g} times faster", lambda ours, control: control >= factor * ours)


def at_most(limit: float, unit: str) -> Goal:
    """Ours is at most so much, whatever the control."""
    return Goal(f"≤ {limit:g} {unit}", lambda ours, _: ours <= limit)


def times_as_many(factor: float, least: float, unit: str) -> Goal:
    """Ours is at least so many times the control, and at least so much."""
    return Goal(
        f"≥ {factor:g} times, ≥ {least:,.0f} {unit}",
        lambda ours, control: ours >= least and ours >= factor * control,
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. A row without a goal shows how cost grows, or what a choice costs;
    one without a control shows what only ours does."""

    measure: str
    size: int
    unit: str
    ours: Spread
    control: Spread | None
    goal: Goal | None = None

    @property
    def ratio(self) -> str:
        """Ours beside the control, in words; empty without one."""
        if self.control is None:
            return ""
        ours, control = self.ours.middle, self.control.middle
        if ours <= control / 2:
            return f"{control / ours:.1f} times less"
        return f"{ours / control:.2f} times"

    @property
    def verdict(self) -> str:
        """Whether the goal is reached; empty without one."""
        if self.goal is None:
            return ""
        control = self.control.middle if self.control is not None else math.nan
        return "yes" if self.goal.reached(self.ours.middle, control) else "NO"


def interleaved(
    rounds: int, ours: Callable[[int], float], control: Callable[[int], float]
) -> tuple[list[float], list[float]]:
    """So many rounds of ours, control, ours, control …; each is given the number of the round."""
    first: list[float] = []
    second: list[float] = []
    for n in range(rounds):
        first.append(ours(n))
        second.append(control(n))
    return first, second
