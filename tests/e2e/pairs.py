"""A simulator and an exporter that reads it: what the tests of bad input do with the two."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e import processes as run
from tests.e2e.scrapes import Scrape, scrape

INTERVAL = 1.0  # seconds, of every feed
TIMEOUT = 1.0  # seconds, of a request
TIME_TO_LIVE = 3 * INTERVAL + TIMEOUT
SERVICES = 6
PATHS: Mapping[str, str] = {
    "service_stats": "/realtime/service/stats",
    "agent_status": "/realtime/service/agents/status",
    "calls_on_hold": "/realtime/service/calls/status",
    "campaign_stats": "/realtime/campaign/stats",
    "agent_averages": "/realtime/service/agents/averages",
    "live_connects": "/realtime/service/liveConnects",
    "agent_stats": "/realtime/service/agent/stats",
    "agent_stats_ex": "/realtime/service/agent/stats/ex",
    "directory": "/configuration/callCenters",
}
PER_SERVICE = ("agent_averages", "live_connects")
SIGN_IN = "/session/login"


@dataclass
class Pair:
    """A simulator, and an exporter that reads every polled feed of it each second."""

    simulator: run.Simulator
    exporter: run.Exporter
    document: Mapping[str, Any]

    def scrape(self) -> Scrape:
        """Scrapes now."""
        return scrape(self.exporter)

    def watch(
        self, until: Callable[[Scrape], object], what: str, deadline: float = run.DEADLINE
    ) -> list[Scrape]:
        """Scrapes again and again, to the first that makes a condition true; returns all."""
        seen: list[Scrape] = []

        def next_one() -> object:
            seen.append(self.scrape())
            return until(seen[-1])

        run.wait_until(next_one, what, deadline)
        return seen

    def all_up(self) -> Scrape:
        """The first scrape in which every feed is up."""
        wanted = {*PATHS, "session"}
        return self.watch(lambda now: now.up() == wanted, "every feed is up")[-1]

    def healed(self) -> Scrape:
        """Ends all misbehaviour of answers; the first scrape in which every feed is up again."""
        self.simulator.heal()
        self.reads(*PATHS)
        return self.all_up()

    def requests(self) -> dict[str, int]:
        """Requests so far by path."""
        counts: Mapping[str, int] = self.simulator.get("_requests")["counts"]
        return {line.partition(" ")[2]: count for line, count in counts.items()}

    def reads(self, *feeds: str, services: int = SERVICES) -> None:
        """Waits until what was so when this was called has been read and published.

        A feed asks again only when its last answer was published. So when it has asked twice
        for each part, one whole reading lies in between that began after this was called.
        """
        before = self.requests()
        wanted = {
            PATHS[feed]: before.get(PATHS[feed], 0) + 2 * (services if feed in PER_SERVICE else 1)
            for feed in feeds
        }
        run.wait_until(
            lambda: not {path for path, n in wanted.items() if self.requests().get(path, 0) < n},
            f"{', '.join(feeds)}: asked again",
        )

    def log(self) -> Sequence[Mapping[str, Any]]:
        """The exporter's log lines so far."""
        return log_lines(self.exporter.log)


def log_lines(file: Path) -> list[dict[str, Any]]:
    """The lines of a log in JSON; a line that is none fails."""
    return [json.loads(line) for line in file.read_text().splitlines()]


@contextmanager
def pair(
    cwd: Path,
    *simulator_arguments: str,
    arguments: Sequence[str] = (),
    top: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Iterator[Pair]:
    """A small site and an exporter, all feeds up.

    `changes` are those of the source, `top` those beside the sources; `arguments` are flags.
    """
    size = ("--services", str(SERVICES), "--agents", "30", "--campaigns", "3")
    with run.simulator(cwd, *size, *simulator_arguments) as simulator:
        source = run.source(simulator.url, **{"http": {"timeout": TIMEOUT}, **changes})
        document = {**(top or {}), "sources": {"acme-us": source}}
        with run.exporter(cwd, document, "--log.format=json", *arguments) as exporter:
            made = Pair(simulator, exporter, document)
            made.all_up()
            made.reads(*PATHS)  # a feed is up when the first service of many was read
            yield made
            changed = simulator.get("_requests")["changes"]
            assert changed == [], "the exporter only reads"
