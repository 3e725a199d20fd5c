"""`GET /metrics` while nothing changes, beside the same bytes from a thread with `sendall`."""

from collections.abc import Iterator

from bench.captured import static
from bench.channel import child
from bench.correctness import check, expected
from bench.dataset import dataset
from bench.http_client import Scraper, request
from bench.measures import Row, Spread, interleaved, times_at_most
from bench.plan import Plan

GOAL = times_at_most(2)
WARM = 5  # rounds that are not counted


def rows(plan: Plan) -> Iterator[Row]:
    """One row for each size and encoding; at the full size also without uvloop."""
    for series in plan.sizes:
        yield from _rows(plan, series)
    yield from _rows(plan, plan.sizes[-1], without="uvloop")


def _rows(plan: Plan, series: int, without: str = "") -> Iterator[Row]:
    goal = GOAL if plan.decides(series) and not without else None
    suffix = f", without {without}" if without else ""
    with child("ours", series, without=without) as ours:
        ours.ask("publish", 0)
        with (
            static(ours.ready) as control,
            Scraper(ours.ready) as first,
            Scraper(control.ready) as second,
        ):
            if not without:
                _check((first, second), series)
            for encoding in ("identity", "gzip"):
                asked = request(encoding == "gzip")
                spreads = _measured((first, second), asked, plan.rounds(series, 300))
                yield Row(f"scrape, {encoding}{suffix}", series, "ms", *spreads, goal)


def _measured(
    scrapers: tuple[Scraper, Scraper], asked: bytes, rounds: int
) -> tuple[Spread, Spread]:
    ours, control = scrapers
    first, second = interleaved(
        WARM + rounds, lambda _: ours.seconds(asked), lambda _: control.seconds(asked)
    )
    return Spread.of(first[WARM:], 1e3), Spread.of(second[WARM:], 1e3)


def _check(scrapers: tuple[Scraper, Scraper], series: int) -> None:
    samples = expected(dataset(series))
    for gzip in (False, True):
        for name, scraper in zip(("ours", "static"), scrapers, strict=True):
            check(f"{name}, gzip {gzip}", scraper.fetch(request(gzip)), samples)
