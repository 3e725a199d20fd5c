"""One event: from its writing to the socket until it is seen in a finished scrape.

What is counted is shown when it is committed, once a second. So ours is taken apart: the waiting
for that moment, and all the rest, for which the commit is made as soon as the event is counted.
"""

import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

from bench.channel import BenchError, Child, child
from bench.events import USUAL
from bench.http_client import Scraper, request
from bench.interactions import EVENTS
from bench.measures import Row, Spread, at_most
from bench.plan import Plan

GOAL = at_most(10, "ms")
WARM = 1  # trials that are not counted
SEEN_WITHIN = 30.0  # seconds
PUBLICATION = 1.0  # seconds from one commit to the next
SEED = 6


@dataclass(slots=True)
class Trials:
    """Seconds of each trial, by what was measured."""

    found: dict[str, list[float]] = field(default_factory=dict)

    def add(self, seconds: Mapping[str, float]) -> None:
        """Takes a trial."""
        for name, value in seconds.items():
            self.found.setdefault(name, []).append(value)

    def spread(self, name: str) -> Spread:
        """In milliseconds, without the first trials."""
        return Spread.of(self.found[name][WARM:], 1e3)


def rows(plan: Plan) -> Iterator[Row | str]:
    """The latency in its two parts and in all."""
    series = plan.sizes[-1]
    trials = WARM + plan.trials
    ours = _ours(series, trials)
    found = [_usual(series, kind, trials).spread("all") for kind in USUAL]
    control = min(found, key=lambda spread: spread.middle)
    kind = USUAL[found.index(control)]
    goal = GOAL if plan.decides(series) else None
    name = "event written to seen in a scrape"
    yield Row(f"{name}, but for (b)", series, "ms", ours.spread("rest"), control, goal)
    yield Row(f"{name}, (b) waiting for a commit", series, "ms", ours.spread("wait"), None)
    yield Row(f"{name}, in all ({kind})", series, "ms", ours.spread("all"), control)
    parts = ("counted", "commit", "publish", "scrape")
    middle = {part: 1e3 * median(ours.found[part][WARM:]) for part in parts}
    yield (
        f"{name}, but for (b): written to counted in memory {middle['counted']:.2f} ms, commit"
        f" {middle['commit']:.2f} ms, publish {middle['publish']:.2f} ms, the scrape after it"
        f" {middle['scrape']:.2f} ms"
    )


def _ours(series: int, trials: int) -> Trials:
    """Trials with a commit at once, and trials that wait for it, in turns."""
    seconds = Trials()
    pauses = random.Random(SEED)
    with (
        child("event_feed") as feed,
        child("events_ours", series, feed.ready) as reader,
        Scraper(reader.ready) as scraper,
    ):
        told = 0
        while len(seconds.found.get("rest", ())) < trials:
            told += 1
            at_once = _at_once(feed, reader, scraper, told)
            if at_once is None:
                continue
            seconds.add(at_once)
            # the trial before may have ended with a commit: not all may begin at the same phase
            time.sleep(pauses.uniform(0, PUBLICATION))
            told += 1
            written, seen = _seen(feed, scraper, told)
            moments = reader.ask("moments", told)
            wait = moments["committed"] - moments["recorded"]
            seconds.add({"all": seen - written, "wait": wait})
    return seconds


def _at_once(feed: Child, reader: Child, scraper: Scraper, told: int) -> Mapping[str, float] | None:
    written = feed.ask("one")
    moments = reader.ask("commit", told)
    if moments is None:
        return None
    began = time.perf_counter()
    seen, body = scraper.ended(request(gzip=False))
    if _events(body) < told:
        raise BenchError(f"the scrape after the commit shows {_events(body):g} of {told} events")
    return {
        "counted": moments["recorded"] - written,
        "commit": moments["committed"] - moments["began"],
        "publish": moments["shown"] - moments["committed"],
        "scrape": seen - began,
        "rest": moments["recorded"] - written + seen - moments["began"],
    }


def _seen(feed: Child, scraper: Scraper, told: int) -> tuple[float, float]:
    """When an event was written, and when the first scrape had ended that shows it."""
    written: float = feed.ask("one")
    while True:
        seen, body = scraper.ended(request(gzip=False))
        if _events(body) >= told:
            return written, seen
        if seen > written + SEEN_WITHIN:
            raise BenchError(f"{told} events were not seen in {SEEN_WITHIN:g} s")


def _usual(series: int, kind: str, trials: int) -> Trials:
    seconds = Trials()
    with (
        child("event_feed") as feed,
        child("events_usual", series, feed.ready, kind) as reader,
        Scraper(reader.ready) as scraper,
    ):
        for told in range(1, trials + 1):
            written, seen = _seen(feed, scraper, told)
            seconds.add({"all": seen - written})
    return seconds


def _events(body: bytes) -> float:
    """How many events the end of a page of text 0.0.4 shows, where both sides have them."""
    start = body.find(f"\n{EVENTS}{{".encode()) + 1
    found = 0.0
    while start and body.startswith(EVENTS.encode() + b"{", start):
        end = body.find(b"\n", start)
        found += float(body[start:end].rpartition(b" ")[2])
        start = end + 1
    return found
