"""What may be wrong with a vendor's event feeds, and what the exporter shows and counts then."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e import processes as run
from tests.e2e.event_site import EventSite, behind_a_proxy, event_site, feeds_with
from tests.e2e.event_truth import (
    AGENT_EVENTS,
    AGENTS,
    EVENTS,
    FEEDS,
    differences,
    shown_events,
    true_events,
)
from tests.e2e.exposed import Exposed
from tests.e2e.pairs import SIGN_IN

pytestmark = pytest.mark.e2e

TRANSPORTS = pytest.mark.parametrize("transport", ["sse", "longpoll"])
BY_60 = ("--speed", "60")
FAILURES = "contactcenter_feed_failures_total"
GAPS = "contactcenter_feed_gaps_total"
LAG = "contactcenter_feed_event_lag_seconds"
IDLE = 45.0  # seconds of silence after which the feed of agents is down; the stream after 30
BACK_WITHIN = 90.0  # seconds: a feed that was down for long tries again after up to 45
BURST = 100_000
SCRAPED_WITHIN = 5.0  # seconds, on a machine that others use too


def counted_for_a_while(site: EventSite) -> Exposed:
    """Lets the day go on until events are counted, then stand still; the counts are the truth."""
    before = {feed: site.look().total(EVENTS, feed=feed) for feed in FEEDS}
    site.simulator.post("_resume")
    site.look_until(
        lambda now: all(now.total(EVENTS, feed=feed) > before[feed] + 10 for feed in FEEDS),
        "events of both feeds are counted",
        BACK_WITHIN,
    )
    site.simulator.post("_pause")
    return site.caught_up(BACK_WITHIN)


def gaps(now: Exposed) -> list[float]:
    """The gaps of the feeds."""
    return [now.total(GAPS, feed=feed) for feed in FEEDS]


@TRANSPORTS
def test_a_token_that_is_too_old_is_one_gap_and_the_feed_goes_on(
    tmp_path: Path, transport: str
) -> None:
    with behind_a_proxy(tmp_path, transport, *BY_60) as (site, between), site.serving():
        site.connected()
        assert gaps(counted_for_a_while(site)) == [0, 0]
        for path in site.paths:
            site.simulator.fault(path, "expired_token")
        between.cut()  # a stream shows its token only when it connects again
        site.look_until(lambda now: min(gaps(now)) > 0, "the tokens are refused")
        site.look_until(lambda now: feeds_with(now, "connected") == set(FEEDS), "connected again")
        last = counted_for_a_while(site)  # nothing happened in the gap, and so all is counted
        assert gaps(last) == [1, 1]
        assert [last.value(FAILURES, feed=one, reason="stale_cursor") for one in FEEDS] == [1, 1]


@TRANSPORTS
def test_a_feed_that_is_not_enabled_is_down_and_the_others_go_on(
    tmp_path: Path, transport: str
) -> None:
    with event_site(tmp_path, transport, *BY_60) as site:
        path = site.paths[1]
        site.simulator.fault(path, "not_enabled")
        with site.serving():
            refused = site.look_until(
                lambda now: now.value(FAILURES, feed=FEEDS[1], reason="rejected"), "a refusal"
            )
            assert "interaction_events" not in feeds_with(refused, "up") | feeds_with(
                refused, "connected"
            )
            site.simulator.post("_resume")
            site.look_until(lambda now: now.total(EVENTS, feed=FEEDS[0]) > 20, "agents count")
            now = site.look()
            assert feeds_with(now, "up") >= {"agent_events", "agent_status", "service_stats"}
            assert now.total(EVENTS, feed=FEEDS[1]) == 0
            assert now.value("contactcenter_source_up") == 0

            site.simulator.heal()
            site.simulator.fault(path, "not_enabled", mode="empty")
            site.look_until(lambda now: FEEDS[1] in feeds_with(now, "up"), "up", BACK_WITHIN)
            now = site.look_for(3.0)
            assert feeds_with(now, "up") >= set(FEEDS)
            assert now.total(EVENTS, feed=FEEDS[1]) == 0

            site.simulator.heal()
            site.look_until(lambda now: now.total(EVENTS, feed=FEEDS[1]) > 20, "it is enabled")


def test_silence_is_life_and_a_half_open_connection_is_none(tmp_path: Path) -> None:
    """Both at once, as both take their time.

    The silent day goes slowly: an answer without events says that all was told. What each agent
    did is put right by the events that come after it all the same, for his last few changes.
    """
    for name in ("silent", "stuck"):
        (tmp_path / name).mkdir()
    with (
        event_site(tmp_path / "silent", "sse", "--speed", "2") as silent,
        event_site(tmp_path / "stuck", "sse", *BY_60) as stuck,
        silent.serving(),
        stuck.serving(),
    ):
        quiet = {}
        for site, fault in ((silent, "silence"), (stuck, "half_open")):
            site.connected()
            site.simulator.post("_advance", {"seconds": 60})
            quiet[fault] = site.caught_up().total(EVENTS)
            for path in site.paths:
                site.simulator.fault(path, fault)
            site.simulator.post("_resume")
        all_the_while_up(silent, until=lambda: not {*FEEDS} & feeds_with(stuck.look(), "up"))
        assert [site.look().total(EVENTS) for site in (silent, stuck)] == [*quiet.values()]
        agents_are_those_of_the_poll(stuck)
        for site, before in zip((silent, stuck), quiet.values(), strict=True):
            site.simulator.post("_pause")
            site.simulator.heal()
            last = site.caught_up(BACK_WITHIN)
            assert last.total(EVENTS) > before + 20, "much happened meanwhile"
            assert gaps(last) == [0, 0]
            assert feeds_with(last, "up") >= set(FEEDS)


def all_the_while_up(site: EventSite, until: Callable[[], bool]) -> None:
    """Both feeds are up whenever one looks, until a condition comes true."""

    def both() -> bool:
        assert feeds_with(site.look(), "up") >= set(FEEDS)
        return until()

    run.wait_until(both, "the stuck feeds are down", IDLE + 20)


def agents_are_those_of_the_poll(site: EventSite) -> None:
    """While the feed of agents is down, and the day goes on, agents/status tells what they do."""
    before = _agents(site.look())
    run.wait_until(lambda: _agents(site.look()) != before, "agents do something else")
    site.simulator.post("_pause")
    truth = {
        key: value
        for key, value in true_events(site.simulator, ["agent_events"]).items()
        if key[0] == AGENTS
    }
    run.wait_until(lambda: _agents(site.look()) == truth, "they are where the poll says", 10)
    assert "agent_events" not in feeds_with(site.look(), "up")


def _agents(now: Exposed) -> object:
    return now.by_key((f"{AGENTS}{{",))


@TRANSPORTS
def test_a_session_that_ends_costs_one_sign_in_and_no_event(tmp_path: Path, transport: str) -> None:
    with behind_a_proxy(tmp_path, transport, *BY_60) as (site, between), site.serving():
        site.connected()
        site.simulator.post("_resume")
        site.events_counted()
        assert site.requests(SIGN_IN) == 1
        site.simulator.post("_faults", {"fault": "session_expiry"})
        between.cut()
        last = counted_for_a_while(site)
        assert site.requests(SIGN_IN) == 2
        assert gaps(last) == [0, 0]
        assert last.total(FAILURES, reason="auth") == 0


@TRANSPORTS
@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
def test_a_skewed_clock_gives_no_negative_lag(
    tmp_path: Path, transport: str, seconds: float
) -> None:
    with event_site(tmp_path, transport, *BY_60) as site, site.serving():
        site.connected()
        for path in site.paths:
            site.simulator.fault(path, "clock_skew", seconds=seconds)
        site.simulator.post("_resume")
        site.look_until(lambda now: now.total(EVENTS, feed=FEEDS[1]) > 50, "events are counted")
        site.simulator.post("_pause")
        last = site.caught_up(feeds=FEEDS[1:])
        shown, truth = shown_events(last, FEEDS[:1]), true_events(site.simulator, FEEDS[:1])
        assert not [one for one in differences(truth, shown) if one.startswith(AGENT_EVENTS)]
        for feed in FEEDS:
            count = last.value(f"{LAG}_count", feed=feed)
            assert count == last.total(EVENTS, feed=feed)
            early = last.value(f"{LAG}_bucket", feed=feed, le="1800.0")
            assert early == (0 if seconds < 0 else count)
        text = run.HTTP.get(f"{site.url}metrics").text
        values = [s.value for one in text_string_to_metric_families(text) for s in one.samples]
        assert min(values) >= 0


@TRANSPORTS
def test_a_burst_is_counted_whole_while_scrapes_are_answered(
    tmp_path: Path, transport: str
) -> None:
    with event_site(tmp_path, transport, *BY_60) as site, site.serving():
        site.connected()
        site.simulator.post("_resume")
        site.events_counted()
        run.HTTP.post(
            f"{site.simulator.url}_faults",
            json={"fault": "burst", "path": site.paths[1], "events": BURST},
            timeout=30,
        ).raise_for_status()
        slowest = slowest_scrape_until(site, BURST)
        assert slowest < SCRAPED_WITHIN
        site.simulator.post("_pause")
        last = site.caught_up()
        assert last.total(EVENTS, feed="interaction_events") > BURST
        # the simulated site makes all events in one go: polls may wait too long for it meanwhile
        assert last.total(FAILURES, feed="interaction_events") == 0
        assert gaps(last) == [0, 0]


def slowest_scrape_until(site: EventSite, events: int) -> float:
    """Looks until so many interactions are counted, each time at a healthy exporter; the longest
    that a scrape took, in seconds."""
    took: list[float] = []

    def counted() -> bool:
        began = time.monotonic()
        now = site.look()
        took.append(time.monotonic() - began)
        assert run.answers(f"{site.url}-/healthy")
        return now.total(EVENTS, feed="interaction_events") >= events

    run.wait_until(counted, "all of it is counted", 60)
    return max(took)
