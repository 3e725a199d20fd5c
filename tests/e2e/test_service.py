"""How the exporter behaves as a service: towards the vendor, towards probes, when it is stuck."""

import os
import signal
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.e2e import processes as run
from tests.e2e.pairs import PATHS, SIGN_IN, log_lines
from tests.e2e.scrapes import SHOWN, Scrape, scrape

pytestmark = pytest.mark.e2e

READ_ONLY = {
    f"POST {SIGN_IN}",
    "POST /campaign/campaigns/search",
    "GET /configuration/callCenters",
    "GET /configuration/services",
    *(f"POST {path}" for feed, path in PATHS.items() if feed != "directory"),
}
VIEWS = ("metrics", "", "api/v1/status", "-/healthy", "-/ready", "favicon.ico")


def feeds_up(exporter: run.Exporter, number: int = len(PATHS) + 1) -> bool:
    """Whether so many feeds are up."""
    return sum(scrape(exporter).family("contactcenter_feed_up").values()) == number


def test_only_reading_asks_the_vendor_and_never_a_scrape_or_a_probe(tmp_path: Path) -> None:
    with run.simulator(tmp_path, "--services", "40") as simulator:
        simulator.fault("*", "slow", seconds=0.05)  # so that requests meet
        # the second round is due at a random moment of the first interval: not in this test
        document = {"sources": {"acme-us": run.source(simulator.url, interval="24h")}}
        with run.exporter(tmp_path, document) as exporter:
            run.wait_until(lambda: feeds_up(exporter), "all is read once")
            run.wait_until(lambda: all_asked(simulator, services=40), "each service as well")
            asked = simulator.get("_requests")
            assert asked["counts"].keys() == READ_ONLY
            assert asked["changes"] == []
            assert asked["max_in_flight"] == 4, "the default of http.max_in_flight"
            run.HTTP.delete(f"{simulator.url}_requests").raise_for_status()
            for _ in range(50):
                for view in VIEWS:
                    run.HTTP.get(f"{exporter.url}{view}")
            openmetrics = {"Accept": "application/openmetrics-text", "Accept-Encoding": "gzip"}
            run.HTTP.get(f"{exporter.url}metrics", headers=openmetrics)
            assert simulator.get("_requests")["counts"] == {}


def all_asked(simulator: run.Simulator, services: int) -> bool:
    """Whether every service was asked about, and every answer has come."""
    asked = simulator.get("_requests")
    counts = asked["counts"]
    per_service = [
        counts.get(f"POST {PATHS[feed]}") for feed in ("agent_averages", "live_connects")
    ]
    return per_service == [services, services] and not asked["in_flight"]


def test_a_feed_with_many_slow_requests_does_not_delay_one_with_few(tmp_path: Path) -> None:
    with run.simulator(tmp_path, "--services", "300", "--agents", "100") as simulator:
        slow = PATHS["live_connects"]
        simulator.fault(slow, "slow", seconds=0.2)
        feeds = run.feeds("service_stats", "live_connects", "directory")
        feeds["directory"]["interval"] = "10m"
        document = {"sources": {"acme-us": run.source(simulator.url, feeds=feeds)}}
        with run.exporter(tmp_path, document) as exporter:
            run.wait_until(lambda: feeds_up(exporter, 4), "all is up")
            requests = "contactcenter_feed_requests_total"
            before = scrape(exporter)
            seen = [before]
            while seen[-1].ended < before.ended + 6:
                seen.append(scrape(exporter))
                time.sleep(0.1)
            asked = simulator.get("_requests")
        assert all("service_stats" in now.up() for now in seen)
        done = seen[-1].value(requests, feed="service_stats", code="200")
        earlier = before.value(requests, feed="service_stats", code="200")
        assert done is not None
        assert earlier is not None
        rounds = (done - earlier) / 2  # at most 150 services a request
        assert rounds >= 4, "about one a second"
        assert seen[-1].failures() == {}
        assert asked["counts"][f"POST {slow}"] < 300, "one round of the other feed is not over"
        assert asked["max_in_flight"] <= 4


def test_readiness_names_what_it_waits_for_and_then_is_given(tmp_path: Path) -> None:
    with run.simulator(tmp_path) as simulator:
        simulator.fault("*", "hang")
        document = {"sources": {"acme-us": run.source(simulator.url, http={"timeout": "30s"})}}
        with run.exporter(tmp_path, document) as exporter:
            waiting = run.HTTP.get(f"{exporter.url}-/ready")
            assert waiting.status_code == 503
            for feed in PATHS:
                assert f"waiting for acme-us {feed}" in waiting.text
            assert run.answers(f"{exporter.url}-/healthy"), "it works all the same"
            assert exporter.feed("service_stats")["state"] == "waiting"
            simulator.heal()
            run.wait_until(lambda: run.answers(f"{exporter.url}-/ready"), "it is ready", 10)
            run.wait_until(lambda: feeds_up(exporter), "all is read")
            assert run.HTTP.get(f"{exporter.url}-/ready").text == "ready\n"


def test_a_vendor_that_is_down_does_not_touch_another_source(tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{run.free_port()}/"
    with run.simulator(tmp_path) as simulator:
        document = {
            "sources": {"alive": run.source(simulator.url), "dead": run.source(nowhere)},
        }
        with run.exporter(tmp_path, document, "--log.format=json") as exporter:
            run.wait_until(lambda: feeds_up(exporter), "the source that can be read is")
            network = {"source": "dead", "feed": "session", "reason": "network"}
            failures = "contactcenter_feed_failures_total"
            run.wait_until(
                lambda: (scrape(exporter).value(failures, **network) or 0) > 1, "tried again"
            )
            shown = scrape(exporter)
            assert shown.value("contactcenter_source_up", source="alive") == 1
            assert shown.value("contactcenter_source_up", source="dead") == 0
            told = {line for feed in SHOWN for line in shown.of_feed(feed)}
            assert {line for line in told if 'source="alive"' in line} == told
            assert run.answers(f"{exporter.url}-/ready")
            lines = [line for line in log_lines(exporter.log) if line.get("feed")]
            assert [(line["source"], line["reason"]) for line in lines] == [("dead", "network")]
            assert "Connection refused" in lines[0]["detail"]


STUCK = 12.0  # seconds
TIME_TO_LIVE = 6.0  # seconds: three intervals and a request's time-out of three


def test_while_the_loop_is_stuck_scrapes_go_on_and_health_says_so(tmp_path: Path) -> None:
    with run.simulator(tmp_path, "--services", "4") as simulator:
        file = run.configuration(tmp_path, {"sources": {"acme-us": run.source(simulator.url)}})
        port = run.free_port()
        program = ("-m", "tests.e2e.stuck", str(file), str(port), str(STUCK))
        there = {"PYTHONPATH": os.pathsep.join([str(run.ROOT), os.environ.get("PYTHONPATH", "")])}
        with run.process(
            sys.executable, *program, cwd=tmp_path, environment=there, name="exporter"
        ) as running:
            url = f"http://127.0.0.1:{port}/"
            run.wait_until(lambda: run.serves(running, f"{url}-/healthy"), "it answers")
            exporter = run.Exporter(url, running.pid, running, tmp_path / "exporter.log")
            run.wait_until(lambda: feeds_up(exporter), "all is up")
            running.send_signal(signal.SIGUSR1)
            began = time.time()
            seen = [look(exporter)]
            while seen[-1][0].ended < began + STUCK - 0.5:
                time.sleep(0.2)
                seen.append(look(exporter))
            run.wait_until(lambda: run.answers(f"{url}-/healthy"), "it works again", 10)
            run.wait_until(lambda: feeds_up(exporter), "all is up again")
    for now, health in seen:
        assert now.ended - now.began < 1, "a scrape is answered"
        if now.began > began + TIME_TO_LIVE:
            assert now.up() <= {"session"}
            assert not [line for feed in PATHS for line in now.of_feed(feed)]
            assert now.value("contactcenter_source_up") == 0
        if now.ended < began + 9:  # its last sign of life is up to half a second old
            assert health.status_code == 200
        elif now.began > began + 10.2:
            assert health.status_code == 503
            assert "the main loop is stuck" in health.text
    assert seen[-1][1].status_code == 503


def look(exporter: run.Exporter) -> tuple[Scrape, httpx.Response]:
    """A scrape, and the answer of the health probe."""
    return scrape(exporter), run.HTTP.get(f"{exporter.url}-/healthy")
