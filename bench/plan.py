"""How much is measured: the sizes, and how often."""

from dataclasses import dataclass

FULL = 100_000  # series; the targets are for this size


@dataclass(frozen=True, slots=True)
class Plan:
    """`sizes` are numbers of series, rising. `share` is the part of the usual rounds to take."""

    sizes: tuple[int, ...] = (1_000, 10_000, FULL)
    share: float = 1.0
    scrapes: int = 7  # of each Prometheus, after the first
    starts: int = 2  # of Prometheus for each target at the full size
    warm_up: float = 2.0  # seconds of events that are not counted
    window: float = 8.0  # seconds of events that are
    turns: int = 3  # of each reader of events
    trials: int = 20  # of one event's way to a scrape

    def decides(self, series: int) -> bool:
        """Whether the targets are for this size."""
        return series == FULL

    def rounds(self, series: int, at_most: int, cost: float = 0.0) -> int:
        """How many rounds to take: `at_most` of them, fewer where 1,000 series cost `cost`
        seconds a round, so that they take about ten seconds; never fewer than five."""
        seconds = cost * series / 1000
        affordable = at_most if seconds == 0 else min(at_most, int(10 / seconds))
        return max(5, int(affordable * self.share))


QUICK = Plan(
    sizes=(10_000,), share=0.1, scrapes=3, starts=1, warm_up=0.1, window=0.5, turns=1, trials=3
)
