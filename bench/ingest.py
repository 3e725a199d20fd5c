"""A service/stats answer, from its bytes to published chunks, beside the usual way."""

from collections.abc import Callable, Iterator
from statistics import median

from bench.channel import Child, child
from bench.measures import Row, Spread, interleaved, times_faster
from bench.plan import Plan

GOAL = times_faster(20)
DECIDING = 1000  # services
WARM = 3  # rounds that are not counted
USUAL_COST = 0.012  # seconds that prometheus_client needs for 1,000 series


def rows(plan: Plan) -> Iterator[Row | str]:
    """One row for each size, and the parts of ours in words."""
    for services in (100, DECIDING):
        with child("stats_ours", services) as ours, child("stats_usual", services) as usual:
            parts: list[dict[str, float]] = []
            rounds = WARM + plan.rounds(22 * services, 30, USUAL_COST)
            first, second = interleaved(rounds, _reading(ours, parts), _reading(usual, []))
            size = ours.ready
        goal = GOAL if services == DECIDING else None
        spreads = Spread.of(first[WARM:], 1e3), Spread.of(second[WARM:], 1e3)
        yield Row("service/stats, services", services, "ms", *spreads, goal)
        yield f"service/stats of {services:,} services ({size:,} bytes): {_words(parts[WARM:])}"


def _reading(server: Child, parts: list[dict[str, float]]) -> Callable[[int], float]:
    """One reading by the process's own clock; what it tells of its parts is kept."""

    def run(n: int) -> float:
        parts.append(server.ask("read", n % 2))
        return parts[-1]["whole"]

    return run


def _words(parts: list[dict[str, float]]) -> str:
    middle = {name: 1e3 * median(part[name] for part in parts) for name in parts[0]}
    names = {
        "decode": "decode",
        "tables": "tables",
        "publish": "publish",
        "totals": "and besides, daily totals and accumulator",
    }
    return ", ".join(f"{words} {middle[name]:.2f} ms" for name, words in names.items())
