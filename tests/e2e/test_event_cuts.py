"""The network between exporter and vendor fails at random moments: all events count, once."""

import random
from pathlib import Path

import pytest

from tests.e2e.event_site import EventSite, behind_a_proxy, feeds_with
from tests.e2e.event_truth import EVENTS, FEEDS
from tests.e2e.exposed import Exposed
from tests.e2e.proxy import Proxy

pytestmark = pytest.mark.e2e

TROUBLES = 20
CONNECTIONS = "contactcenter_feed_connections_total"


def cut(site: EventSite, between: Proxy, rng: random.Random) -> Exposed:
    """All connections end at once."""
    between.cut()
    return site.look()


def refuse(site: EventSite, between: Proxy, rng: random.Random) -> Exposed:
    """All connections end, and nobody gets a new one for a while."""
    between.refuse()
    between.cut()
    now = site.look_for(rng.uniform(0.5, 2.5))
    between.accept()
    return now


def stall(site: EventSite, between: Proxy, rng: random.Random) -> Exposed:
    """Nothing is forwarded for a while; then either what waited arrives, or it never does."""
    between.stall()
    now = site.look_for(rng.uniform(1.0, 4.0))
    if rng.random() < 0.5:
        between.cut()
    between.flow()
    return now


@pytest.mark.parametrize("transport", ["sse", "longpoll"])
def test_every_count_is_the_truth_after_20_troubles_of_the_network(
    tmp_path: Path, transport: str
) -> None:
    rng = random.Random(f"cuts of {transport}")
    with (
        behind_a_proxy(tmp_path, transport, "--speed", "60") as (site, between),
        site.serving() as running,
    ):
        site.connected()
        site.misbehave()
        site.simulator.post("_resume")
        site.events_counted()
        for number in range(TROUBLES):
            if number % 5 == 0:
                site.strange_events(rng)
                # else waits may grow so long that there is nothing to cut
                site.look_until(
                    lambda now: feeds_with(now, "connected") == set(FEEDS), "it is back"
                )
            rng.choice((cut, cut, refuse, stall))(site, between, rng)
            site.look_for(rng.uniform(0.2, 2.5))
        site.simulator.heal()
        site.simulator.post("_pause")
        last = site.caught_up(90.0)
        assert running.poll() is None, "one process lived through all of it"
    for feed in FEEDS:
        assert last.total(CONNECTIONS, feed=feed) > 2, "it came back, and was cut again"
        assert last.total("contactcenter_feed_gaps_total", feed=feed) == 0
        assert last.total(EVENTS, feed=feed, kind="other") > 0
    assert last.total("contactcenter_feed_failures_total", reason="network") > 0
    assert last.total("contactcenter_feed_failures_total", reason="bug") == 0
