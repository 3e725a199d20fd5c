"""Contacts are counted from totals or from events: changing from one to the other at a restart."""

from pathlib import Path

import pytest

from tests.e2e import processes as run
from tests.e2e.event_site import EventSite, event_site, feeds_with
from tests.e2e.exposed import Exposed

pytestmark = pytest.mark.e2e

TOTALS_PATH = "/realtime/service/stats"
OFFERED_NOW = ("contactcenter_queue_active_contacts", "contactcenter_queue_waiting_contacts")
CONTACTS = "contactcenter_contacts_"
Contacts = dict[tuple[str, str], float]  # by family and queue id


def test_contacts_go_on_when_their_feed_is_switched_on_and_off(tmp_path: Path) -> None:
    """Each time at a moment without a contact: one that has begun is offered, but has not ended."""
    with event_site(tmp_path, "sse", "--services", "2", "--agents", "3") as site:
        for on in (False, True, False, True, True):
            site.switch(interaction_events=on)
            with site.serving():
                reads_from_now_on(site, on)
                contacts_are_counted_once(site)


def reads_from_now_on(site: EventSite, on: bool) -> None:
    """Waits until what happens from now on will be counted, by the one feed or the other."""
    site.asks_again(TOTALS_PATH)
    if on:
        site.look_until(
            lambda now: "interaction_events" in feeds_with(now, "connected"), "it is connected"
        )


def contacts_are_counted_once(site: EventSite) -> None:
    """Lets a while pass; all contacts since the start of the day are counted, and none twice."""
    before = sum(_true_contacts(site).values())
    site.simulator.post("_advance", {"seconds": 1200})
    until_nobody_is_offered(site)
    truth = _true_contacts(site)
    assert sum(truth.values()) > before, "there was something to count"
    site.look_until(lambda now: _contacts(now) == truth, "all contacts are counted")
    site.asks_again(TOTALS_PATH)
    assert _contacts(site.look()) == truth


def until_nobody_is_offered(site: EventSite) -> None:
    """Lets the day go on, second by second, until no contact waits or is with an agent."""

    def nobody() -> bool:
        samples = site.simulator.get("_truth", feed="service_stats")["samples"]
        if not any(one["value"] for one in samples if one["name"].startswith(OFFERED_NOW)):
            return True
        site.simulator.post("_advance", {"seconds": 1})
        return False

    run.wait_until(nobody, "nobody is offered", 60)


def _true_contacts(site: EventSite) -> Contacts:
    samples = site.simulator.get("_truth", feed="service_stats")["samples"]
    return {
        (one["name"], one["labels"]["queue_id"]): one["value"]
        for one in samples
        if one["name"].startswith(CONTACTS)
    }


def _contacts(now: Exposed) -> Contacts:
    """By family and queue, whatever counted them."""
    found: Contacts = {}
    for (name, labels), value in now.by_key((CONTACTS,)).items():
        key = (name, dict(labels)["queue_id"])
        found[key] = found.get(key, 0.0) + value
    return found
