"""The exporter is ended and started again: nothing that was counted is lost, or counted twice."""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import processes as run
from tests.e2e.counts import counted, never_fall, true_contacts
from tests.e2e.pairs import SIGN_IN
from tests.e2e.scrapes import Scrape, scrape

pytestmark = pytest.mark.e2e

STOPS_WITHIN = 5.0  # seconds
KILLS = 8


@contextmanager
def site(cwd: Path, *arguments: str) -> Iterator[run.Simulator]:
    """A simulated site that stands still until it is told to go on."""
    with run.simulator(cwd, "--services", "6", "--paused", *arguments) as made:
        yield made


def document(url: str) -> dict[str, Any]:
    """The configuration of a source that counts contacts."""
    feeds = run.feeds("service_stats", "directory")
    return {"sources": {"acme-us": run.source(url, feeds=feeds)}}


def flags(cwd: Path) -> list[str]:
    """Flags for a ledger in `cwd`."""
    return [f"--ledger.path={cwd / 'ledger.sqlite'}", "--log.format=json"]


@contextmanager
def counting(cwd: Path, url: str) -> Iterator[run.Exporter]:
    """An exporter with a ledger in `cwd`."""
    with run.exporter(cwd, document(url), *flags(cwd)) as exporter:
        yield exporter


def stopped(exporter: run.Exporter, number: signal.Signals = signal.SIGTERM) -> None:
    """Ends it by a signal, in the time it has, with exit code 0."""
    exporter.process.send_signal(number)
    assert exporter.process.wait(STOPS_WITHIN) == 0


def sign_ins(simulator: run.Simulator) -> int:
    """The requests to sign in so far."""
    count: int = simulator.get("_requests")["counts"].get(f"POST {SIGN_IN}", 0)
    return count


def today(now: Scrape) -> float:
    """The vendor's own total of the day over all services, a gauge."""
    return sum(now.family("contactcenter_queue_window_offered_contacts").values())


def first_reading(simulator: run.Simulator, exporter: run.Exporter) -> Scrape:
    """The first scrape with counters, which are 0."""
    truth = true_contacts(simulator)
    assert set(truth.values()) == {0}
    run.wait_until(lambda: counted(scrape(exporter)) == truth, "the counters start at 0")
    return scrape(exporter)


def test_sigterm_commits_what_was_read_last_and_the_next_run_shows_it_at_once(
    tmp_path: Path,
) -> None:
    with site(tmp_path) as simulator:
        with counting(tmp_path, simulator.url) as exporter:
            first_reading(simulator, exporter)
            before = today(scrape(exporter))
            simulator.post("_advance", {"seconds": 1200})
            # gauges are shown as they are read, up to a second before counts are committed
            run.wait_until(lambda: today(scrape(exporter)) > before, "that was read")
            stopped(exporter)
        truth = true_contacts(simulator)
        assert sum(truth.values()) > 50
        simulator.fault("*", "hang")
        before = sign_ins(simulator)
        with counting(tmp_path, simulator.url) as exporter:
            assert counted(scrape(exporter)) == truth, "before anything could be read"
            run.wait_until(lambda: sign_ins(simulator) > before, "a request hangs")
            stopped(exporter)
    with counting(tmp_path, simulator.url) as exporter:  # at which nobody answers any more
        shown = scrape(exporter)
        assert counted(shown) == truth
        assert shown.up() == set()
        stopped(exporter, signal.SIGINT)


def test_counters_survive_being_killed_at_any_moment(tmp_path: Path) -> None:
    rng = random.Random(1)
    seen: list[Scrape] = []
    with site(tmp_path, "--speed", "60") as simulator:
        port = run.free_port()
        command = run.exporter_command(tmp_path, document(simulator.url), port) + flags(tmp_path)
        with counting(tmp_path, simulator.url) as exporter:
            seen.append(first_reading(simulator, exporter))
            simulator.post("_resume")
            exporter.process.kill()
            exporter.process.wait()
        for number in range(KILLS):
            serving = number % 4 != 3  # the others are killed while they start
            with run.process(*command, cwd=tmp_path, name="killed") as running:
                seen += scraped_until_killed(running, port, serving, rng.random())
        simulator.post("_pause")
        truth = true_contacts(simulator)
        assert len({sum(one.counters().values()) for one in seen}) > 3, "runs did count"
        with counting(tmp_path, simulator.url) as exporter:
            seen.append(scrape(exporter))
            run.wait_until(lambda: counted(scrape(exporter)) == truth, "all is caught up with", 10)
            seen.append(scrape(exporter))
    assert sum(truth.values()) > 50
    never_fall(seen)


def scraped_until_killed(
    running: subprocess.Popen[bytes], port: int, serving: bool, moment: float
) -> Iterator[Scrape]:
    """Scrapes a process that starts, and kills it at a moment from 0 to 1: in the first half
    second of its life, or in the first two that it serves."""
    exporter = run.Exporter(f"http://127.0.0.1:{port}/", running.pid, running, Path())
    if serving:
        run.wait_until(lambda: run.serves(running, f"{exporter.url}-/healthy"), "it serves")
    end = time.monotonic() + moment * (1.8 if serving else 0.5)
    while time.monotonic() < end:
        if serving:
            yield scrape(exporter)
        time.sleep(0.02)
    running.kill()
    assert running.wait() == -signal.SIGKILL


def test_a_ledger_in_use_is_refused_and_its_owner_goes_on(tmp_path: Path) -> None:
    with site(tmp_path) as simulator, counting(tmp_path, simulator.url) as exporter:
        before = first_reading(simulator, exporter)
        command = run.exporter_command(tmp_path, document(simulator.url), run.free_port())
        second = subprocess.run(
            [*command, *flags(tmp_path)], cwd=tmp_path, capture_output=True, text=True, timeout=20
        )
        assert second.returncode == 1
        ledger = tmp_path / "ledger.sqlite"
        assert f"ledger {ledger}: in use by another process" in second.stderr
        assert "Traceback" not in second.stderr
        simulator.post("_advance", {"seconds": 600})
        truth = true_contacts(simulator)
        run.wait_until(lambda: counted(scrape(exporter)) == truth, "the first one counts on")
        never_fall([before, scrape(exporter)])
