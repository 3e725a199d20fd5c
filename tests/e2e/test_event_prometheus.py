"""A real Prometheus beside an exporter that is killed: no reset, and the first abandon is seen."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import processes as run
from tests.e2e.event_site import EventSite, event_site
from tests.e2e.event_truth import EVENTS, true_events
from tests.e2e.exposed import Key
from tests.e2e.scrapes import family_of

pytestmark = pytest.mark.e2e

KILLS = 3
ABANDONED = "contactcenter_contacts_abandoned_total"
WHOLE = "10m"  # longer than the test


def test_prometheus_sees_no_reset_and_the_first_abandon_of_a_queue(tmp_path: Path) -> None:
    with (
        event_site(tmp_path, "sse", "--speed", "60") as site,
        run.prometheus(tmp_path, f"127.0.0.1:{site.port}") as prometheus,
    ):
        with site.serving() as first:
            site.connected()
            abandon_is_seen(site, prometheus)
            site.misbehave()
            site.simulator.post("_resume")
            site.look_for(2.0)
            first.kill()
            first.wait()
        for _ in range(KILLS - 1):
            with site.serving() as running:
                scraped_since(prometheus, time.time() + 1.0)
                running.kill()
                running.wait()
        with site.serving():
            site.simulator.heal()
            site.simulator.post("_pause")
            last = site.caught_up()
            scraped_since(prometheus, time.time())
        names = {family_of(line) for line in last.rising}
        assert names >= {ABANDONED, EVENTS, "contactcenter_contact_wait_seconds_bucket"}
        assert resets(prometheus, names) == []
        starts = f'changes(process_start_time_seconds{{job="exporter"}}[{WHOLE}])'
        assert value(prometheus, starts) == KILLS, "Prometheus saw each of the processes"


def abandon_is_seen(site: EventSite, prometheus: run.Prometheus) -> None:
    """A queue that had no abandoned call has one: its counter, which was at 0, increased by 1."""
    scraped_since(prometheus, time.time())
    labels = dict(single_abandon(site)[1])
    chosen = ",".join(f'{name}="{value}"' for name, value in labels.items() if name != "queue")
    series = f"{ABANDONED}{{{chosen}}}"
    run.wait_until(lambda: value(prometheus, series) == 1, "the abandoned call is scraped")
    # at the very time of a sample nothing is extrapolated, as the series began at 0
    at = value(prometheus, f"timestamp({series})")
    assert value(prometheus, f"increase({series}[{WHOLE}] @ {at:.3f})") == 1
    assert value(prometheus, f"min_over_time({series}[{WHOLE}])") == 0


def single_abandon(site: EventSite) -> Key:
    """Lets the day go on, second by second, until a queue has its first abandoned call."""

    def next_second() -> Key | None:
        site.simulator.post("_advance", {"seconds": 1})
        truth = true_events(site.simulator, ["interaction_events"])
        return next((key for key, n in truth.items() if key[0] == ABANDONED and n == 1), None)

    found: Key = run.wait_until(next_second, "somebody hangs up")
    return found


def value(prometheus: run.Prometheus, expression: str) -> float:
    """The one value of an instant query; NaN where there is none."""
    found = prometheus.query(expression)
    assert len(found) <= 1, found
    return float(found[0]["value"][1]) if found else float("nan")


def scraped_since(prometheus: run.Prometheus, moment: float) -> None:
    """Waits until the exporter has been scraped after a moment, in Unix time."""
    scraped = "timestamp(contactcenter_source_up)"
    run.wait_until(lambda: value(prometheus, scraped) > moment, "Prometheus scrapes it")


def resets(prometheus: run.Prometheus, names: set[str]) -> list[Any]:
    """The series of these names that Prometheus has seen fall."""
    found = []
    for name in sorted(names):
        assert prometheus.query(f"count_over_time({name}[{WHOLE}])"), name
        found += [(name, one) for one in prometheus.query(f"resets({name}[{WHOLE}]) > 0")]
    return found
