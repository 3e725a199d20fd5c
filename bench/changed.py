"""Every value changed: publishing and the scrape after it, beside prometheus_client's."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from time import perf_counter

from bench.channel import Child, child
from bench.correctness import check, check_size, expected
from bench.dataset import VARIANTS, dataset
from bench.http_client import Scraper, request
from bench.measures import Row, Spread, interleaved, times_faster
from bench.plan import Plan

GOAL = times_faster(30)
WARM = 2  # rounds that are not counted
USUAL_COST = 0.012  # seconds that prometheus_client needs for 1,000 series

# the words of the row, whether gzip is asked for, and what is as if it were not installed
CASES = (
    ("changed, identity", False, ""),
    ("changed, gzip (isal)", True, ""),
    ("changed, gzip (zlib)", True, "isal"),
    ("changed, identity, without uvloop", False, "uvloop"),
)


def rows(plan: Plan) -> Iterator[Row]:
    """Identity in each size, the other cases in the full size."""
    for series in plan.sizes:
        with child("usual", series) as usual:
            usual.ask("publish", 0)
            _check(usual, series)
            for name, gzip, without in CASES:
                if series == plan.sizes[-1] or name == CASES[0][0]:
                    spreads = _measured(plan, usual, series, gzip, without)
                    goal = GOAL if name == CASES[0][0] and plan.decides(series) else None
                    yield Row(name, series, "ms", *spreads, goal)


def _measured(
    plan: Plan, usual: Child, series: int, gzip: bool, without: str
) -> tuple[Spread, Spread]:
    rounds = plan.rounds(series, 50, USUAL_COST)
    with (
        child("ours", series, without=without) as ours,
        Scraper(ours.ready) as one,
        Scraper(usual.ready) as other,
    ):
        ours.ask("publish", 0)
        asked = request(gzip)
        runs = _round(ours, one, asked), _round(usual, other, asked)
        first, second = interleaved(WARM + rounds, *runs)
    return Spread.of(first[WARM:], 1e3), Spread.of(second[WARM:], 1e3)


def _round(server: Child, scraper: Scraper, asked: bytes) -> Callable[[int], float]:
    """One publication and the scrape after it, from the command to the last byte."""

    def run(n: int) -> float:
        began = perf_counter()
        server.ask("publish", n % VARIANTS)
        scraper.seconds(asked)
        return perf_counter() - began

    return run


def _check(usual: Child, series: int) -> None:
    """Both sides show each variant, in bodies of the same size but for the exporter's own."""
    with ExitStack() as stack:
        ours = stack.enter_context(child("ours", series))
        for variant in range(VARIANTS):
            samples = expected(dataset(series, variant))
            bodies = []
            for name, server in (("ours", ours), ("prometheus_client", usual)):
                server.ask("publish", variant)
                answer = Scraper(server.ready).fetch(request(gzip=False))
                check(f"{name}, variant {variant}", answer, samples)
                bodies.append(answer.body)
            check_size(f"variant {variant}", *bodies)
