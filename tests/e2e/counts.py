"""Contacts counted: the simulator's truth beside what a scrape shows."""

from collections.abc import Iterable
from itertools import pairwise

from tests.e2e.processes import Simulator
from tests.e2e.scrapes import COUNTERS, Scrape, family_of, labels_of

OFFERED = "contactcenter_contacts_offered_total"
Contacts = dict[tuple[str, str, str], float]  # by family, id and name of the service


def true_contacts(simulator: Simulator, **since: int) -> Contacts:
    """The contacts since the simulator's start, or since a moment in Unix milliseconds."""
    samples = simulator.get("_truth", feed="service_stats", **since)["samples"]
    return {
        (one["name"], one["labels"]["queue_id"], one["labels"]["queue"]): one["value"]
        for one in samples
        if one["name"].startswith(COUNTERS)
    }


def counted(now: Scrape) -> Contacts:
    """The contacts on /metrics."""
    return {
        (family_of(line), labels_of(line)["queue_id"], labels_of(line)["queue"]): value
        for line, value in now.counters().items()
    }


def never_fall(seen: Iterable[Scrape]) -> None:
    """No counter falls, or is gone, from one scrape to the next."""
    for before, after in pairwise(seen):
        fallen = {
            line: (value, after.samples.get(line))
            for line, value in before.counters().items()
            if after.samples.get(line, -1.0) < value
        }
        assert fallen == {}
