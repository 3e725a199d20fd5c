"""Documents with odd rows, fields and pages: the rest of them is shown as if nothing were odd.

The simulated day stands still, so every difference between two scrapes is a fault's doing.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e import processes as run
from tests.e2e.pairs import PATHS, Pair, pair
from tests.e2e.scrapes import Scrape, family_of, labels_of, scrape

pytestmark = pytest.mark.e2e

REJECTED_ROWS = "contactcenter_feed_rejected_rows_total"
REJECTED_FIELDS = "contactcenter_feed_rejected_fields_total"
SEARCH = "/campaign/campaigns/search"
SERVICES = "/configuration/services"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair(tmp_path_factory.mktemp("documents"), "--paused", agents="named") as running:
        for _ in range(200):  # until there is a row to spoil in every document
            calls = running.simulator.get("_truth", feed="calls_on_hold")["samples"]
            if any(one["value"] for one in calls if one["name"] == "livevox_queue_calls_on_hold"):
                break
            running.simulator.post("_advance", {"seconds": 10})
        running.reads(*PATHS)
        yield running


@pytest.fixture
def healthy(shared: Pair) -> Iterator[Pair]:
    yield shared
    if shared.simulator.get("_faults")["faults"]:
        shared.healed()


def faulty(pair: Pair, path: str, fault: str, **options: object) -> Scrape:
    """The scrape after every feed met a fault."""
    pair.simulator.fault(path, fault, **options)
    pair.reads(*PATHS)
    return pair.scrape()


def lost(before: Scrape, after: Scrape) -> set[str]:
    """The series that are gone; the others, told by the vendor, are all as they were."""
    kept = {line: before.told()[line] for line in before.told().keys() & after.told().keys()}
    assert {line: after.told()[line] for line in kept} == kept
    assert after.told().keys() <= before.told().keys()
    return set(before.told().keys() - after.told().keys())


def grown(before: Scrape, after: Scrape, family: str, *labels: str) -> dict[tuple[str, ...], float]:
    """By how much the counters of a family rose, by these labels; those that did."""
    old = before.family(family)
    rises = {line: value - old.get(line, 0.0) for line, value in after.family(family).items()}
    return {
        tuple(labels_of(line)[label] for label in labels): rise
        for line, rise in rises.items()
        if rise
    }


def undisturbed(before: Scrape, after: Scrape) -> None:
    """No feed has failed, and all are up."""
    assert after.up() == before.up() == {*PATHS, "session"}
    assert after.failures() == before.failures()


def test_an_odd_row_costs_what_is_odd_of_it_alone(healthy: Pair) -> None:
    before = healthy.scrape()
    wrong = {"totalCallsInQueue": "many", "totalOffered": {"n": 1}, "serviceLevel": [98]}
    stats = PATHS["service_stats"]
    healthy.simulator.fault(stats, "wrong_types", id="7002", fields=wrong)
    after = faulty(healthy, stats, "bad_key", id="7003")
    keyless = {line for line in before.of_feed("service_stats") if 'queue_id="7003"' in line}
    assert len(keyless) > 20
    spoiled = lost(before, after) - keyless
    assert lost(before, after) > keyless
    assert sorted((family_of(line), labels_of(line)["queue_id"]) for line in spoiled) == [
        ("contactcenter_queue_waiting_contacts", "7002"),
        ("contactcenter_queue_window_offered_contacts", "7002"),
        ("contactcenter_queue_window_service_level_ratio", "7002"),
    ]
    assert after.counters() == before.counters(), "what was counted stays"
    undisturbed(before, after)
    fields = grown(before, after, REJECTED_FIELDS, "feed", "field")
    assert fields.keys() == {("service_stats", f"stats.{name}") for name in wrong}
    assert grown(before, after, REJECTED_ROWS, "feed").keys() == {("service_stats",)}


def test_an_unreadable_key_in_any_document_costs_that_row_alone(healthy: Pair) -> None:
    before = healthy.scrape()
    # without its key a call center, and so its services, would not be there at all
    for path in (*(PATHS[feed] for feed in PATHS if feed != "directory"), SEARCH):
        healthy.simulator.fault(path, "bad_key")
    healthy.reads(*PATHS)
    after = healthy.scrape()
    undisturbed(before, after)
    assert grown(before, after, REJECTED_ROWS, "feed").keys() == {(feed,) for feed in PATHS}
    for feed in PATHS:
        if feed not in ("calls_on_hold", "agent_stats"):  # which may have had one row, or sums
            assert after.of_feed(feed), feed


def test_a_row_that_comes_twice_counts_once(healthy: Pair) -> None:
    before, logged = healthy.scrape(), len(healthy.log())
    for path in (*(PATHS[feed] for feed in PATHS if feed != "calls_on_hold"), SERVICES, SEARCH):
        healthy.simulator.fault(path, "duplicate_row")
    healthy.reads(*PATHS)
    after = healthy.scrape()
    undisturbed(before, after)
    assert after.told() == before.told()
    dropped = grown(before, after, "contactcenter_exporter_dropped_series_total", "family")
    assert ("contactcenter_queue_waiting_contacts",) in dropped
    noted = [line for line in healthy.log()[logged:] if "dropped" in line]
    lines = [(line["feed"], line.get("part", "")) for line in noted]
    assert sorted(lines) == sorted(set(lines)), "one line a frame, not one a reading"


def test_keys_that_are_added_later_change_nothing(healthy: Pair) -> None:
    before = healthy.scrape()
    after = faulty(healthy, "*", "extra_keys")
    undisturbed(before, after)
    assert after.told() == before.told()
    assert not grown(before, after, REJECTED_ROWS, "feed")
    assert not grown(before, after, REJECTED_FIELDS, "feed")


def test_fields_that_are_null_are_no_samples_and_no_mistakes(healthy: Pair) -> None:
    before = healthy.scrape()
    for feed in ("calls_on_hold", "campaign_stats", "agent_averages", "live_connects"):
        healthy.simulator.fault(PATHS[feed], "null_fields")
    for feed in ("agent_stats", "agent_stats_ex"):
        healthy.simulator.fault(PATHS[feed], "null_fields")
    named = ["agentName", "state", "stateId", "reasonCode", "callType", "isAgentMonitored"]
    healthy.simulator.fault(PATHS["agent_status"], "null_fields", fields=named)  # keys are two
    after = faulty(healthy, PATHS["service_stats"], "null_fields", every_row=True)
    undisturbed(before, after)
    assert not grown(before, after, REJECTED_ROWS, "feed")
    assert not grown(before, after, REJECTED_FIELDS, "feed")
    assert after.counters() == before.counters()
    # the threshold is our own setting, of the queues that are in the answer
    left = {family_of(line) for line in after.of_feed("service_stats")}
    assert left == {"contactcenter_queue_service_level_threshold_seconds"}


def test_a_list_without_an_end_is_cut_and_that_is_told(healthy: Pair) -> None:
    before, logged = healthy.scrape(), len(healthy.log())
    truncated = "livevox_directory_truncated"
    assert before.value(truncated) == 0
    after = faulty(healthy, SERVICES, "truncated_list", mode="endless")
    undisturbed(before, after)
    assert after.value(truncated) == 1
    assert {**after.told(), **before.family(truncated)} == before.told()
    remarks = [line for line in healthy.log()[logged:] if line["msg"] == "feed remark"]
    assert [(line["feed"], line["detail"]) for line in remarks] == [
        ("directory", "lists cut short: services")
    ]
    assert healthy.healed().value(truncated) == 0


def test_a_full_page_is_followed_though_it_names_no_next_one(tmp_path: Path) -> None:
    uploaded = 1100  # more than a page has
    size = ("--services", "3", "--agents", "5", "--campaigns", str(uploaded))
    with run.simulator(tmp_path, *size, "--paused") as simulator:
        simulator.fault(SEARCH, "truncated_list", mode="no_next")
        document = {"sources": {"acme-us": run.source(simulator.url, feeds=run.feeds("directory"))}}
        with run.exporter(tmp_path, document) as exporter:
            run.wait_until(lambda: exporter.feed("directory")["state"] == "up", "it was read")
            shown = scrape(exporter)
    assert len(shown.of_feed("directory")) > uploaded
    assert shown.value("livevox_directory_truncated") == 0


def test_a_refused_campaign_search_leaves_the_services_known(healthy: Pair) -> None:
    before, logged = healthy.scrape(), len(healthy.log())
    after = faulty(healthy, SEARCH, "status", status=403)
    undisturbed(before, after)
    assert lost(before, after) == set(before.family("livevox_campaign_info"))
    remarks = [line["detail"] for line in healthy.log()[logged:] if line["msg"] == "feed remark"]
    assert remarks == ["the campaign search was refused"]
    assert healthy.exporter.feed("directory")["remark"] == remarks[0]
    assert healthy.healed().told() == before.told()


def test_one_service_of_many_that_fails_takes_no_other_with_it(healthy: Pair) -> None:
    before, logged = healthy.scrape(), len(healthy.log())
    for feed, code in (("live_connects", 500), ("agent_averages", 404)):
        healthy.simulator.fault(PATHS[feed], "status", status=code, times=1)
    run.wait_until(lambda: not healthy.simulator.get("_faults")["faults"], "both were met")
    healthy.reads("live_connects", "agent_averages")
    after = healthy.scrape()
    assert after.told() == before.told()
    assert after.up() == before.up()
    failures = "contactcenter_feed_failures_total"
    assert grown(before, after, failures, "feed", "reason") == {
        ("live_connects", "server"): 1,
        ("agent_averages", "rejected"): 1,
    }
    lines: Mapping[str, str] = {
        line["feed"]: line["detail"]
        for line in healthy.log()[logged:]
        if line["level"] == "warning"
    }
    assert lines == {
        "live_connects": "1 of 6 parts not read: server",
        "agent_averages": "1 of 6 parts not read: rejected",
    }
