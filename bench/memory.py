"""Resident memory of each series: what a process grows by when it shows the data set."""

from collections.abc import Iterator

from bench.channel import Child, child
from bench.dataset import VARIANTS
from bench.http_client import Scraper, request
from bench.measures import Row, Spread, at_most
from bench.plan import Plan

GOAL = at_most(300, "B")
LEAST = 10_000  # series; the growth by fewer is lost in that of everything else
PUBLICATIONS = 20  # so that what is left of earlier ones is counted too


def rows(plan: Plan) -> Iterator[Row]:
    """One row for each size that can be told from noise, and one with gzip asked for as well."""
    for series in plan.sizes:
        if series < LEAST:
            continue
        with child("usual", series) as usual:
            control = _per_series(usual, series, gzip=False)
        for gzip in (False, True):
            with child("ours", series) as server:
                ours = _per_series(server, series, gzip)
            name = "memory per series, identity and gzip" if gzip else "memory per series, identity"
            goal = GOAL if plan.decides(series) else None
            yield Row(name, series, "B", ours, control, goal)


def _per_series(server: Child, series: int, gzip: bool) -> Spread:
    """The growth from an idle, warm server to one that was published to and scraped."""
    asked = [request(gzip=False), request(gzip=True)] if gzip else [request(gzip=False)]
    with Scraper(server.ready) as scraper:
        for one in asked:
            scraper.seconds(one)
        before = server.ask("memory")
        for n in range(PUBLICATIONS):
            server.ask("publish", n % VARIANTS)
            server.ask("forget")
            for one in asked:
                scraper.seconds(one)
        after = server.ask("memory")
    return Spread.of([(after - before) / series])
