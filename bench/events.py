"""Interaction events by SSE, as many as the reader takes, while its page is scraped each second."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench import interactions
from bench.channel import BenchError, Child, child
from bench.correctness import check_sums
from bench.http_client import Scraper, request
from bench.measures import Row, Spread, times_as_many
from bench.plan import Plan

MEASURE = "interaction events by SSE"
GOAL = times_as_many(3, 150_000, "events/s")
USUAL: tuple[str, ...] = ("thread", "asgi")  # how the control serves its page
EVERY = 1.0  # seconds between scrapes
LONGEST_PAUSE = 30.0  # seconds in which a commit has to come, and what was sent has to be counted


@dataclass(slots=True)
class Run:
    """What one process did: events per second, and the seconds of each scrape meanwhile."""

    rate: float = 0.0
    scrapes: list[float] = field(default_factory=list)


def rows(plan: Plan) -> Iterator[Row | str]:
    """Events per second and the scrapes meanwhile; of the control's servers the faster one."""
    series = plan.sizes[-1]
    ours: list[Run] = []
    usual: dict[str, list[Run]] = {kind: [] for kind in USUAL}
    kinds = USUAL
    for _ in range(plan.turns):
        ours.append(_run(plan, "events_ours", series))
        for kind in kinds:
            usual[kind].append(_run(plan, "events_usual", series, kind))
        kinds = (max(kinds, key=lambda kind: usual[kind][-1].rate),)
    fastest = usual[kinds[0]]
    goal = GOAL if plan.decides(series) else None
    yield Row(MEASURE, series, "events/s", _rates(ours), _rates(fastest), goal)
    yield Row("scrape meanwhile, identity", series, "ms", _scrapes(ours), _scrapes(fastest))
    first = ", ".join(f"{kind} {usual[kind][0].rate:,.0f} events/s" for kind in USUAL)
    yield f"{MEASURE}: the control's page by its first turns: {first}; the faster one went on"


def _rates(runs: Sequence[Run]) -> Spread:
    return Spread.of([run.rate for run in runs])


def _scrapes(runs: Sequence[Run]) -> Spread:
    return Spread.of([seconds for run in runs for seconds in run.scrapes], 1e3)


def _run(plan: Plan, module: str, series: int, *more: str) -> Run:
    with child("event_feed") as feed, child(module, series, feed.ready, *more) as reader:
        feed.ask("flood")
        with Scraper(reader.ready) as scraper:
            _load(reader, scraper, plan.warm_up)
            run = _load(reader, scraper, plan.window)
        sent = feed.ask("halt")
        _check(" ".join((module, *more)), reader, sent)
    return run


def _load(reader: Child, scraper: Scraper, seconds: float) -> Run:
    """Scrapes each second for so long, and until the reader has told of progress."""
    run = Run()
    first = last = reader.ask("counted")
    due = time.perf_counter()
    until = due + seconds
    while time.perf_counter() < until or last[0] == first[0]:
        if time.perf_counter() > until + LONGEST_PAUSE:
            raise BenchError(f"no event was counted in {seconds + LONGEST_PAUSE:g} s")
        run.scrapes.append(scraper.seconds(request(gzip=False)))
        due = max(due + EVERY, time.perf_counter())
        time.sleep(max(0.0, due - time.perf_counter()))
        last = reader.ask("counted")
    run.rate = (last[1] - first[1]) / (last[0] - first[0])
    return run


def _check(what: str, reader: Child, sent: int) -> None:
    """Nothing that was sent is lost or counted twice, once all of it has been read."""
    wanted = interactions.total(interactions.chunks(), sent)
    until = time.monotonic() + LONGEST_PAUSE
    while reader.ask("counted")[1] < wanted[interactions.EVENTS] and time.monotonic() < until:
        time.sleep(0.1)
    with Scraper(reader.ready) as scraper:
        check_sums(what, scraper.fetch(request(gzip=False)), wanted)
