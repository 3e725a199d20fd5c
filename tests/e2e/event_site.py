"""A simulated day of events, and an exporter that counts them and may end at any moment."""

import random
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.e2e import processes as run
from tests.e2e.event_truth import (
    AGENT_SECONDS,
    EVENTS,
    FEEDS,
    differences,
    shown_events,
    true_events,
)
from tests.e2e.exposed import Exposed, Key, expose, fallen
from tests.e2e.proxy import Proxy, proxy
from tests.e2e.scrapes import labels_of

AGENTS_PATH = "/realtime/agentEvent/feed"
INTERACTION_PATHS = {"sse": "/realtime/event/feed/sse", "longpoll": "/realtime/event/feed"}
STATUS_PATH = "/realtime/service/agents/status"
DIRECTORY_OF_AGENTS = "/configuration/agents"
START = "2025-03-04T10:00:00Z"  # a whole second, from which agents' time is counted
QUICK = ("--long-poll", "1", "--keepalive", "1")


@dataclass
class EventSite:
    """One exporter after the other with one ledger at one address, and what they read.

    Each scrape is held against the one before: what was counted never falls, whoever serves it.
    """

    cwd: Path
    simulator: run.Simulator
    document: dict[str, Any]
    transport: str
    port: int = field(default_factory=run.free_port)
    last: Exposed | None = None

    @property
    def url(self) -> str:
        """Where the exporter answers."""
        return f"http://127.0.0.1:{self.port}/"

    def switch(self, **events: bool) -> None:
        """Turns event feeds on or off in the exporters that are started from now on."""
        url = self.document["sources"]["acme-us"]["base_url"]
        self.document["sources"]["acme-us"] = source(url, self.transport, **events)

    def read_at(self, url: str) -> None:
        """Makes the exporters that are started from now on read at another URL."""
        self.document["sources"]["acme-us"]["base_url"] = url

    @property
    def paths(self) -> tuple[str, str]:
        """The paths of the two feeds."""
        return AGENTS_PATH, INTERACTION_PATHS[self.transport]

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[bytes]]:
        """An exporter that may not serve yet."""
        command = run.exporter_command(self.cwd, self.document, self.port)
        flags = (f"--ledger.path={self.cwd / 'ledger.sqlite'}", "--log.format=json")
        with run.process(*command, *flags, cwd=self.cwd, name="exporter") as running:
            yield running

    @contextmanager
    def serving(self) -> Iterator[subprocess.Popen[bytes]]:
        """An exporter that serves."""
        with self.started() as running:
            self.serves(running)
            yield running

    def serves(self, running: subprocess.Popen[bytes]) -> None:
        """Waits until it serves."""
        run.wait_until(lambda: run.serves(running, f"{self.url}-/healthy"), "the exporter serves")

    def look(self) -> Exposed:
        """Scrapes; nothing that was counted has fallen since the last look."""
        now = expose(self.url)
        if self.last is not None:
            assert fallen(self.last, now) == {}
        self.last = now
        return now

    def look_until(
        self, true: Callable[[Exposed], object], what: str, deadline: float = run.DEADLINE
    ) -> Exposed:
        """The first look at which a condition is true."""

        def next_one() -> Exposed | None:
            now = self.look()
            return now if true(now) else None

        now: Exposed = run.wait_until(next_one, what, deadline)
        return now

    def look_for(self, seconds: float) -> Exposed:
        """Looks again and again for a while; the last look."""
        end = time.monotonic() + seconds
        while True:
            now = self.look()
            if time.monotonic() > end:
                return now
            time.sleep(0.05)

    def requests(self, path: str) -> int:
        """Requests of a path so far, of any method."""
        counts: dict[str, int] = self.simulator.get("_requests")["counts"]
        return sum(n for line, n in counts.items() if line.partition(" ")[2] == path)

    def asks_again(self, path: str, times: int = 2) -> None:
        """Waits until so many further requests of a path were made, and so all but one answered."""
        wanted = self.requests(path) + times
        run.wait_until(lambda: self.requests(path) >= wanted, f"{path}: asked again")

    def connected(self) -> Exposed:
        """Waits, while the day stands still, until both feeds are read and all agents are known."""
        self.look_until(lambda now: feeds_with(now, "connected") == set(FEEDS), "connected")
        run.wait_until(lambda: self.requests(DIRECTORY_OF_AGENTS), "agents are known")
        self.asks_again(STATUS_PATH)
        drift = "contactcenter_feed_state_drift"
        now = self.look_until(lambda now: now.value(drift, feed="agent_events") == 0, "a snapshot")
        assert set(feeds_with(now, "up")) >= {*FEEDS, "agent_status", "service_stats"}
        return now

    def events_counted(self) -> Exposed:
        """Waits until events of both feeds are counted, and so the places where they go on."""
        return self.look_until(
            lambda now: all(now.total(EVENTS, feed=feed) > 0 for feed in FEEDS), "events count"
        )

    def misbehave(self) -> None:
        """Puts each fault of a feed's delivery in force that loses nothing, for both feeds."""
        for path in self.paths:
            self.simulator.fault(path, "duplicates", share=0.2)
            self.simulator.fault(path, "reordering", share=0.2)
            self.simulator.fault(path, "cut_events", every=200)
            self.simulator.fault(path, "garbage", every=15)
            self.simulator.fault(path, "extra_keys")
        self.simulator.fault(self.paths[1], "null_fields")

    def strange_events(self, rng: random.Random) -> None:
        """Creates events with something wrong about them, which count all the same."""
        agents, interactions = self.paths
        self.simulator.fault(agents, "unknown_events", n=rng.randint(1, 9))
        self.simulator.fault(interactions, "unknown_events", n=rng.randint(1, 9))
        self.simulator.fault(interactions, "missing_id", n=rng.randint(1, 9))
        self.simulator.fault(interactions, "huge_event", bytes=300_000)

    def caught_up(self, deadline: float = 30.0, feeds: Sequence[str] = FEEDS) -> Exposed:
        """Waits until all that happened is shown, exactly, and nothing more comes.

        The day must stand still. It goes on for a little where only agents' seconds are not right:
        a state that was counted for too long, as a late event showed, waits for what it owes.
        """
        truth = true_events(self.simulator, feeds)
        end = time.monotonic() + deadline
        while wrong := differences(truth, shown_events(self.look(), feeds)):
            assert time.monotonic() < end, f"true and shown after {deadline:g} s: {wrong}"
            if all(line.startswith(AGENT_SECONDS) for line in wrong) and not self.settled(truth):
                self.simulator.post("_advance", {"seconds": 300})
                truth = true_events(self.simulator, feeds)
            time.sleep(0.05)
        if "agent_events" in feeds:
            self.asks_again(AGENTS_PATH)
        now = self.look()
        assert differences(truth, shown_events(now, feeds)) == {}, "it went on counting"
        return now

    def settled(self, truth: Mapping[Key, float], within: float = 4.0) -> bool:
        """Whether agents' seconds become the truth in the time of some polls and a commit."""
        end = time.monotonic() + within
        expected = {key: value for key, value in truth.items() if key[0] == AGENT_SECONDS}
        while time.monotonic() < end:
            if self.look().by_key((AGENT_SECONDS,)) == expected:
                return True
            time.sleep(0.05)
        return False


def feeds_with(now: Exposed, what: str) -> set[str]:
    """The feeds whose gauge `contactcenter_feed_WHAT` is 1."""
    name = f"contactcenter_feed_{what}{{"
    return {
        labels_of(line)["feed"]
        for line, value in now.samples.items()
        if line.startswith(name) and value == 1
    }


def answered(look: Callable[[], Exposed]) -> Exposed | None:
    """A look, or None where nobody serves."""
    try:
        return look()
    except httpx.TransportError:
        return None


def source(url: str, transport: str, **events: bool) -> dict[str, Any]:
    """A source with what the event feeds need, and the totals that they replace."""
    polled = run.feeds("service_stats", "agent_status")
    streams = {
        "directory": {"enabled": True, "interval": "5s"},
        "agent_events": {"enabled": events.get("agent_events", True)},
        "interaction_events": {
            "enabled": events.get("interaction_events", True),
            "transport": transport,
        },
    }
    return run.source(url, feeds={**polled, **streams})


@contextmanager
def event_site(
    cwd: Path,
    transport: str,
    *arguments: str,
) -> Iterator[EventSite]:
    """A simulated day that stands still, and the exporter that will read it, not started yet."""
    with run.simulator(cwd, "--start", START, "--paused", *QUICK, *arguments) as simulator:
        document = {"sources": {"acme-us": source(simulator.url, transport)}}
        yield EventSite(cwd, simulator, document, transport)


@contextmanager
def behind_a_proxy(cwd: Path, transport: str, *arguments: str) -> Iterator[tuple[EventSite, Proxy]]:
    """A site whose exporter reaches the simulator through a proxy."""
    with event_site(cwd, transport, *arguments) as site:
        port = urlsplit(site.simulator.url).port
        assert port is not None
        with proxy(port) as between:
            site.read_at(f"http://127.0.0.1:{between.port}/")
            yield site, between
