"""The ledger: a commit of many changed counters, and a scrape that comes meanwhile."""

import time
from collections.abc import Iterator, Mapping
from statistics import median

from bench.channel import BenchError, Child, child
from bench.http_client import Scraper, request
from bench.measures import Row, Spread, at_most
from bench.plan import Plan

COUNTERS = 10_000
GOAL = at_most(20, "ms")
WARM = 3  # commits that are not counted
ROUNDS = 40
PHASES = 8  # moments of a commit at which a scrape begins, in turns
PHASE = 0.004  # seconds between them


def rows(plan: Plan) -> Iterator[Row | str]:
    """The commit alone, and scrapes beside it and without it in turns."""
    series = plan.sizes[-1]
    rounds = plan.rounds(0, ROUNDS)
    with (
        child("commits", series, COUNTERS) as server,
        Scraper(server.ready) as scraper,
    ):
        commits = [server.ask("commit") for _ in range(WARM + rounds)][WARM:]
        beside, alone = _scrapes(server, scraper, rounds)
    spread = Spread.of([parts["commit"] for parts in commits], 1e3)
    yield Row("ledger commit, changed counters", COUNTERS, "ms", spread, None, GOAL)
    yield Row(
        "scrape beside that commit, and without",
        series,
        "ms",
        Spread.of(beside, 1e3),
        Spread.of(alone, 1e3),
    )
    publish = 1e3 * median(parts["publish"] for parts in commits)
    yield (
        f"ledger commit of {COUNTERS:,} changed counters: publishing them after it, on the same"
        f" thread, {publish:.2f} ms; of {rounds} scrapes {len(beside)} fell into commit and"
        " publication and stand in the row"
    )


def _scrapes(server: Child, scraper: Scraper, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of scrapes that fell into a commit or its publication, and of others in turns."""
    asked = request(gzip=False)
    beside: list[float] = []
    alone: list[float] = []
    for n in range(rounds):
        server.ask("begin")
        time.sleep(n % PHASES * PHASE)
        began = time.perf_counter()
        seconds = scraper.seconds(asked)
        if _overlap(server.ask("ended"), began, began + seconds):
            beside.append(seconds)
        alone.append(scraper.seconds(asked))
    if not beside:
        raise BenchError(f"none of {rounds} scrapes fell into a commit")
    return beside, alone


def _overlap(commit: Mapping[str, float], began: float, ended: float) -> bool:
    return began < commit["ended"] and ended > commit["began"]
