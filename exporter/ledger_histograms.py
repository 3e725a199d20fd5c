"""Histograms that only rise: what they rise by, and how one goes on when its bounds change."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from operator import add

from exporter.model import Histogram, Observations

Bounds = tuple[float, ...]


def check_rises(observations: Iterable[Observations]) -> None:
    """Raises ValueError if a histogram can not rise by one of these."""
    checked: Bounds | None = None
    for observed in observations:
        bounds = observed.bounds
        if bounds is not checked:  # most have the same, and this is done all the time
            check_bounds(bounds)
            checked = bounds
        counts = observed.counts
        if len(counts) != len(bounds) + 1:
            raise ValueError("observations have one count more than they have bounds")
        if min(counts) < 0 or not 0 <= observed.total < math.inf:
            raise ValueError(f"a histogram can not rise by {counts} and {observed.total}")


@lru_cache(maxsize=256)  # all histograms of a family have the same bounds
def check_bounds(bounds: Bounds) -> None:
    """Raises ValueError if these are no bounds of a histogram."""
    Histogram(bounds, (0,) * (len(bounds) + 1), 0.0)


def nothing_observed(bounds: Bounds) -> Observations:
    """What starts a histogram at 0."""
    return Observations(bounds, (0,) * (len(bounds) + 1), 0.0)


def summed(parts: Sequence[Observations]) -> Observations:
    """All of the parts, at least one, with the bounds of the last."""
    bounds = parts[-1].bounds
    counts = [
        # All have the same object nearly always, and this is done all the time.
        part.counts if part.bounds is bounds else _moved(part.bounds, part.counts, bounds)
        for part in parts
    ]
    total = math.fsum([part.total for part in parts])
    return Observations(bounds, tuple(map(sum, zip(*counts, strict=True))), total)


def risen(before: Histogram | None, rise: Observations) -> Histogram:
    """The histogram after the rise, with the bounds of the rise. None is one that is new."""
    if before is None:
        return Histogram(rise.bounds, tuple(rise.counts), rise.total)
    before = carried(before, rise.bounds)
    counts = tuple(map(add, before.counts, rise.counts))
    return Histogram(before.bounds, counts, before.total + rise.total)


def carried(histogram: Histogram, bounds: Bounds) -> Histogram:
    """The histogram with other bounds, so that no series of it falls.

    Count and sum go on, and so does a bound that both have. A new bound starts with what lies
    below the next lower one of the old bounds, or at 0: that much is certain.
    """
    if histogram.bounds == bounds:
        return histogram
    counts = _moved(histogram.bounds, histogram.counts, bounds)
    return Histogram(bounds, counts, histogram.total)


def _moved(old: Bounds, counts: Sequence[int], new: Bounds) -> tuple[int, ...]:
    below = [0, *accumulate(counts)]
    kept = [below[bisect_right(old, bound)] for bound in new]
    return tuple([high - low for low, high in pairwise([0, *kept, below[-1]])])
