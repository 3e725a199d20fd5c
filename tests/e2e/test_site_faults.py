"""What happens at the vendor's site: services come, go and change names; totals are corrected."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.counts import OFFERED, Contacts, counted, never_fall, true_contacts
from tests.e2e.pairs import PATHS, PER_SERVICE, SERVICES, Pair, pair
from tests.e2e.scrapes import Scrape, labels_of

pytestmark = pytest.mark.e2e

CORRECTIONS = "contactcenter_exporter_total_corrections_total"
OFFERED_TODAY = "contactcenter_queue_window_offered_contacts"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair(tmp_path_factory.mktemp("site"), "--paused") as running:
        running.simulator.post("_advance", {"seconds": 900})  # so that there is something counted
        running.reads(*PATHS)
        running.watch(lambda now: sum(now.counters().values()) > 20, "calls are counted")
        yield running


@pytest.fixture
def healthy(shared: Pair) -> Iterator[Pair]:
    before, logged = shared.scrape(), len(shared.log())
    yield shared
    after = shared.scrape()
    assert after.failures() == before.failures(), "nothing of this is a failure"
    assert after.up() == {*PATHS, "session"}
    assert shared.log()[logged:] == []


def of_queue(now: Scrape, queue: str) -> dict[str, float]:
    """What the vendor told of a service."""
    return {line: value for line, value in now.told().items() if f'queue_id="{queue}"' in line}


def caught_up(pair: Pair, unseen: Contacts | None = None) -> Scrape:
    """The first scrape whose counters are the truth, but for contacts that nobody can see."""
    truth = true_contacts(pair.simulator)
    least = {key: value - (unseen or {}).get(key, 0) for key, value in truth.items()}

    def true(now: Scrape) -> bool:
        found = counted(now)
        return found.keys() == truth.keys() and all(
            least[key] <= value <= truth[key] for key, value in found.items()
        )

    return pair.watch(true, "the counters are the truth", 10)[-1]


def test_a_service_that_vanishes_takes_its_gauges_with_the_next_answer(healthy: Pair) -> None:
    before = healthy.scrape()
    counters = {line for line in of_queue(before, "7003") if line in before.counters()}
    assert len(counters) == 5
    healthy.simulator.post("_faults", {"fault": "vanish_service", "id": 7003})
    healthy.reads("service_stats", "directory")
    without = healthy.scrape()
    assert not {line for line in without.of_feed("service_stats") if 'queue_id="7003"' in line}
    healthy.reads(*PATHS, services=SERVICES - 1)
    without = healthy.scrape()
    assert of_queue(without, "7003") == {line: before.samples[line] for line in counters}
    assert without.up() == before.up(), "its feeds are well"

    healthy.simulator.post("_advance", {"seconds": 600})  # in which it is called, and nobody sees
    healthy.simulator.post("_faults", {"fault": "restore_service", "id": 7003})
    healthy.reads("directory")
    healthy.reads(*PATHS)
    again = caught_up(healthy)
    assert of_queue(again, "7003").keys() == of_queue(before, "7003").keys()
    assert (
        again.counters()[offered_line(again, "7003")]
        >= before.counters()[offered_line(before, "7003")]
    )


def offered_line(now: Scrape, queue: str) -> str:
    """The counter of contacts offered of a service, as a line without its value."""
    (line,) = (line for line in now.family(OFFERED) if f'queue_id="{queue}"' in line)
    return line


def test_a_service_is_its_id_whatever_its_name(healthy: Pair) -> None:
    """Renamed it is still the same, and another one of its name is still another."""
    before = healthy.scrape()
    renamed, doubled, first = "7004", "7002", "7001"
    assert before.value(OFFERED, queue_id=renamed)
    name = 'Ne"w \\ é'
    rename = {"fault": "rename_service", "id": renamed, "name": name}
    healthy.simulator.post("_faults", rename)
    duplicate = {"fault": "duplicate_name", "id": doubled, "of": int(first)}
    shared = healthy.simulator.post("_faults", duplicate)["done"]["name"]
    healthy.reads("directory")
    healthy.reads("service_stats", "calls_on_hold", "agent_status", *PER_SERVICE)
    after = healthy.scrape()
    for queue, expected in ((renamed, name), (doubled, shared), (first, shared)):
        assert {labels_of(line)["queue"] for line in of_queue(after, queue)} == {expected}
        assert sorted(of_queue(after, queue).values()) == sorted(of_queue(before, queue).values())
    assert not after.family("contactcenter_exporter_dropped_series_total")


def test_a_total_that_is_corrected_takes_nothing_back(healthy: Pair) -> None:
    before = healthy.scrape()
    queue, less = "7001", 3
    correction = {"fault": "correction", "n": less, "id": queue, "total": "offered"}
    healthy.simulator.post("_faults", correction)
    healthy.reads("service_stats")
    after = healthy.scrape()
    today = before.value(OFFERED_TODAY, queue_id=queue)
    assert today is not None
    assert after.value(OFFERED_TODAY, queue_id=queue) == today - less, "the vendor's figure"
    assert after.counters() == before.counters()
    assert after.value(CORRECTIONS, feed="service_stats") == 1
    offered = before.value(OFFERED, queue_id=queue)
    assert offered is not None
    key = next(key for key in true_contacts(healthy.simulator) if key[:2] == (OFFERED, queue))
    while true_contacts(healthy.simulator)[key] <= offered:
        healthy.simulator.post("_advance", {"seconds": 300})
    caught_up(healthy)
    assert healthy.scrape().value(CORRECTIONS, feed="service_stats") == 1


def test_a_service_that_is_opened_starts_at_0(healthy: Pair) -> None:
    done = healthy.simulator.post("_faults", {"fault": "new_service", "name": "Opened today"})
    queue = str(done["done"]["id"])
    healthy.reads("directory")
    healthy.reads(*PATHS, services=SERVICES + 1)
    shown = caught_up(healthy)
    counters = {line: shown.samples[line] for line in of_queue(shown, queue) if "contacts_" in line}
    assert {value for line, value in counters.items() if line in shown.counters()} == {0}
    by_feed = {feed for feed in PATHS if {*of_queue(shown, queue)} & shown.of_feed(feed)}
    assert by_feed >= {"service_stats", "agent_status", "calls_on_hold", "live_connects"}
    healthy.simulator.post("_advance", {"seconds": 1200})
    assert caught_up(healthy).value(OFFERED, queue_id=queue)


LAG = 300  # simulated seconds after midnight at which half of the services are reset
HINTS: Mapping[str, Mapping[str, Any]] = {
    "not known": {},
    # a hint is held against our own clock, which a simulated midnight does not move: how it works
    # is proven in tests/test_accumulator.py
}


@pytest.mark.parametrize("hint", HINTS)
def test_midnight_resets_windows_and_no_counter(tmp_path: Path, hint: str) -> None:
    # so many agents that every service has one at night: one without is in no answer
    start = ("--paused", "--start", "2025-03-04T10:00:00Z", "--agents", "90")
    patient = {"timeout": "10s"}  # the simulator needs a while to live through a day
    with pair(tmp_path, *start, http=patient, **HINTS[hint]) as site:
        seen = list(over_midnight(site, lagging=bool(HINTS[hint])))
    never_fall(seen)
    assert len({frozenset(now.family(OFFERED_TODAY)) for now in seen}) == 1
    today = [sum(now.family(OFFERED_TODAY).values()) for now in seen]
    assert 0 < today[-1] < today[0] / 2, "the vendor's own figures begin again"
    assert sum(seen[-1].counters().values()) > sum(seen[0].counters().values())
    assert seen[-1].value(CORRECTIONS, feed="service_stats") == 0
    assert seen[-1].failures() == {}, "a session that ended over night is no failure"


def over_midnight(site: Pair, lagging: bool) -> Iterator[Scrape]:
    """Looks a second before and after midnight, and after the resets of those that lag; then on.

    The counters are the truth at each, but for what happened in the seconds before the resets.
    """
    clock, late = site.simulator.get("_clock"), set[str]()
    midnight = clock["next_midnight"]
    site.simulator.post("_advance", {"seconds": (midnight - clock["now"]) // 1000 - 1})
    yield caught_up(site)
    if lagging:
        lag = site.simulator.post("_faults", {"fault": "reset_lag", "seconds": LAG})
        late = {str(queue) for queue in lag["done"]["ids"]}
    site.simulator.post("_faults", {"fault": "midnight"})
    site.reads("service_stats")
    others = {queue for _, queue, _ in true_contacts(site.simulator)} - late
    unseen = in_the_second_before(site, midnight, others)
    yield caught_up(site, unseen)
    site.simulator.post("_advance", {"seconds": LAG - 2})
    site.reads("service_stats")
    yield caught_up(site, unseen)
    site.simulator.post("_advance", {"seconds": 2})
    site.reads("service_stats")
    unseen |= in_the_second_before(site, midnight + LAG * 1000, late)
    yield caught_up(site, unseen)
    site.simulator.post("_advance", {"seconds": 3600})
    yield caught_up(site, unseen)
    assert sum(unseen.values()) < 10


def in_the_second_before(site: Pair, moment: int, services: set[str]) -> Contacts:
    """The contacts of some services in the last second before a moment, Unix milliseconds."""
    since = true_contacts(site.simulator, since=moment - 1000)
    after = true_contacts(site.simulator, since=moment)
    return {key: since[key] - after[key] for key in since if key[1] in services}
