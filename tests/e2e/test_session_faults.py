"""Sign-ins: a session that ends costs one sign-in, refused credentials are not tried again soon."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import processes as run
from tests.e2e.pairs import PATHS, SIGN_IN, Pair, log_lines, pair
from tests.e2e.scrapes import COUNTERS, scrape

pytestmark = pytest.mark.e2e

REQUESTS = "contactcenter_feed_requests_total"


def about_feeds(lines: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    """The log lines that are more than start and stop."""
    return [(line["msg"], line["feed"], line.get("reason")) for line in lines if "feed" in line]


def sign_ins(simulator: run.Simulator) -> int:
    """The sign-ins since the request log was cleared."""
    counts: Mapping[str, int] = simulator.get("_requests")["counts"]
    return counts.get(f"POST {SIGN_IN}", 0)


def forget_requests(site: Pair) -> None:
    """Clears the simulator's request log."""
    run.HTTP.delete(f"{site.simulator.url}_requests").raise_for_status()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair(tmp_path_factory.mktemp("session"), "--paused") as running:
        yield running
        # the other tests of this module have run since, all within a minute
        assert sign_ins(running.simulator) == 1


def test_a_session_that_ends_is_replaced_by_one_sign_in_and_is_no_failure(site: Pair) -> None:
    before = site.scrape()
    forget_requests(site)
    site.simulator.post("_faults", {"fault": "session_expiry"})
    site.reads(*PATHS)
    after = site.scrape()
    assert sign_ins(site.simulator) == 1, "one for all nine feeds"
    refused = {line for line in after.family(REQUESTS) if 'code="401"' in line}
    assert refused, "the vendor did refuse the old session"
    assert after.failures() == {}
    assert after.up() == before.up()
    assert after.told() == before.told()
    assert about_feeds(log_lines(site.exporter.log)) == []


def test_refused_credentials_are_not_tried_again_within_a_minute(site: Pair) -> None:
    """The last one with this exporter, which is down for a minute after it."""
    before = site.scrape()
    forget_requests(site)
    site.simulator.fault("", "refuse_login")
    site.simulator.post("_faults", {"fault": "session_expiry"})
    down = site.watch(lambda now: not now.up(), "all feeds are down")[-1]
    # each feed would have asked several times by now
    assert sign_ins(site.simulator) == 1
    assert down.failures() == {("session", "auth"): 1}
    assert down.told() == before.counters(), "counters stay, and nothing else"
    assert not down.of_feed("session"), "what the sign-in told is gone as well"
    assert down.value("contactcenter_source_up") == 0
    assert about_feeds(log_lines(site.exporter.log)) == [("feed failed", "session", "auth")]
    told = site.exporter.feed("session")
    assert (told["state"], told["last_error"]["reason"]) == ("down", "auth")


def test_a_sign_in_that_is_possible_again_brings_all_back(tmp_path: Path) -> None:
    soon = {"auth_retry": {"first": "2s", "most": "4s"}}
    with pair(tmp_path, "--paused", top=soon) as site:
        before = site.scrape()
        forget_requests(site)
        site.simulator.fault("", "refuse_login", times=1)
        site.simulator.post("_faults", {"fault": "session_expiry"})
        run.wait_until(lambda: sign_ins(site.simulator), "the sign-in is refused")
        after = site.watch(
            lambda now: now.told() == before.told() and now.up() == before.up(), "all is back"
        )[-1]
        assert sign_ins(site.simulator) == 2
        assert after.failures() == {("session", "auth"): 1}
        assert about_feeds(log_lines(site.exporter.log)) == [
            ("feed failed", "session", "auth"),
            ("feed recovered", "session", None),
        ]


def test_a_sign_in_that_breaks_down_is_tried_again_soon(tmp_path: Path) -> None:
    """Nobody's credentials were refused, so nobody is locked out by trying."""
    with run.simulator(tmp_path, "--paused") as simulator:
        simulator.fault(SIGN_IN, "status", status=503, times=1)
        document = {"sources": {"acme-us": run.source(simulator.url)}}
        with run.exporter(tmp_path, document) as exporter:
            run.wait_until(lambda: "service_stats" in scrape(exporter).up(), "it signed in", 10)
            failures = {("session", "server"): 1.0}
            run.wait_until(lambda: scrape(exporter).failures() == failures, "it is counted")


def test_a_wrong_password_shows_on_an_exporter_that_is_ready(tmp_path: Path) -> None:
    with run.simulator(tmp_path, "--paused", "--password", "another") as simulator:
        document = {"sources": {"acme-us": run.source(simulator.url)}}
        with run.exporter(tmp_path, document, "--log.format=json") as exporter:
            run.wait_until(lambda: run.answers(f"{exporter.url}-/ready"), "it is ready", 10)
            failures = {("session", "auth"): 1.0}
            run.wait_until(lambda: scrape(exporter).failures() == failures, "it is counted")
            shown = scrape(exporter)
            assert shown.up() == set()
            assert not [line for line in shown.samples if line.startswith(COUNTERS)]
            (line,) = (one for one in log_lines(exporter.log) if "feed" in one)
            assert (line["feed"], line["reason"]) == ("session", "auth")
        assert "demo-password" not in exporter.log.read_text()
