"""The exporter is killed at random moments while a misbehaving vendor's events come: all count."""

import random
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.event_site import EventSite, answered, event_site
from tests.e2e.event_truth import EVENTS
from tests.e2e.exposed import Exposed

pytestmark = pytest.mark.e2e

KILLS = 20
STARTING = 0.8  # seconds of a start in which every fifth is killed
LIVING = 2.2  # seconds in which the others are, from when they serve


@pytest.mark.parametrize("transport", ["sse", "longpoll"])
def test_every_count_is_the_truth_after_20_kills(tmp_path: Path, transport: str) -> None:
    rng = random.Random(f"kills of {transport}")
    totals: set[float] = set()
    with event_site(tmp_path, transport, "--speed", "60") as site:
        with site.serving() as first:
            site.connected()
            site.misbehave()
            site.simulator.post("_resume")
            site.events_counted()
            first.kill()
            assert first.wait() == -signal.SIGKILL
        for number in range(1, KILLS):
            if number % 5 == 0:
                site.strange_events(rng)
            shown = live_and_die(site, rng.random(), serving=number % 5 != 4)
            totals |= {now.total(EVENTS) for now in shown}
        with site.serving():
            site.simulator.heal()
            site.simulator.post("_pause")
            last = site.caught_up()
    assert len(totals) >= KILLS / 4, "the killed had counted something"
    assert last.total("contactcenter_feed_duplicate_events_total") > 0
    assert last.total("contactcenter_feed_rejected_messages_total") > 0
    assert last.total("contactcenter_feed_gaps_total") == 0
    assert last.total(EVENTS, kind="other") > 0


def live_and_die(site: EventSite, moment: float, *, serving: bool) -> list[Exposed]:
    """Starts an exporter, looks at it while it lives, and kills it at a moment from 0 to 1."""
    seen = []
    with site.started() as running:
        if serving:
            site.serves(running)
        end = time.monotonic() + moment * (LIVING if serving else STARTING)
        while time.monotonic() < end:
            now = answered(site.look)
            assert now is not None or not serving, "it serves until it is killed"
            seen += [] if now is None else [now]
            time.sleep(0.02)
        running.kill()
        assert running.wait() == -signal.SIGKILL
    return seen
