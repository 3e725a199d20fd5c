"""Further events of the feeds on demand, and faults of feeds that are not understood."""

from collections import Counter
from typing import Any

import pytest

from tests.simulators.feed import AGENTS, POLL, STREAM, FeedSite, by_type, ids

pytestmark = pytest.mark.anyio


@pytest.fixture
async def feeds() -> FeedSite:
    """A site whose long polls wait a moment only."""
    return await FeedSite().sign_in()


@pytest.fixture(scope="module")
def still_feeds() -> FeedSite:
    """A site that tests share which change nothing of it."""
    made = FeedSite()
    made.log_in()
    return made


async def test_a_burst_is_there_at_once_and_in_the_truth(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    done = await feeds.add_fault("burst", POLL, events=999)
    assert done["done"] == {"events": 999}
    _, events = await feeds.poll(token)
    assert by_type(events) == {"CALL_START": 500, "CALL_TERMINATION": 499}
    assert len(set(ids(events))) == 999
    truth = (await feeds.ask("/_truth?feed=interaction_events", method="GET")).json()
    total = sum(
        one["value"] for one in truth["samples"] if one["name"] == "livevox_interactions_total"
    )
    assert total == 999


async def test_strange_events_count_in_the_truth(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    await feeds.add_fault("unknown_events", STREAM, n=3)
    await feeds.add_fault("missing_id", STREAM, n=2)
    await feeds.add_fault("huge_event", STREAM, bytes=300_000)
    _, events = await feeds.poll(token)
    assert len(events) == 6
    assert len(ids(events)) == 4
    assert events[:3] == [one for one in events if one["callEventType"] != "CALL_TERMINATION"]
    assert max(len(str(event)) for event in events) > 300_000
    truth = (await feeds.ask("/_truth?feed=interaction_events", method="GET")).json()
    counted: Counter[str] = Counter()
    for one in truth["samples"]:
        if one["name"] == "livevox_interactions_total":
            counted[one["labels"]["event"]] += one["value"]
    assert counted == {"other": 3, "call_termination": 3}


async def test_unknown_agent_events_come_too(feeds: FeedSite) -> None:
    token, _ = await feeds.poll(path=AGENTS)
    await feeds.add_fault("unknown_events", AGENTS, n=3)
    assert len((await feeds.poll(token, AGENTS))[1]) == 3


@pytest.mark.parametrize(
    ("name", "path", "options", "wrong"),
    [
        ("burst", POLL, {"events": 100_001}, "events"),
        ("burst", POLL, {}, "events"),
        ("burst", AGENTS, {"events": 5}, "interaction feed"),
        ("burst", "/realtime/service/stats", {"events": 5}, "path"),
        ("duplicates", "/realtime/service/stats", {}, "path"),
        ("duplicates", POLL, {"share": 1.5}, "share"),
        ("duplicates", POLL, {"times": 3}, "times"),
        ("cut_events", STREAM, {"every": 1}, "every"),
        ("cut_events", STREAM, {}, "every"),
        ("not_enabled", STREAM, {"mode": "maybe"}, "mode"),
        ("clock_skew", STREAM, {}, "seconds"),
        ("missing_id", STREAM, {"n": 0}, "n must"),
        ("huge_event", STREAM, {"bytes": 10**9}, "bytes"),
        ("garbage", STREAM, {"every": 5, "share": 1}, "share"),
    ],
)
async def test_a_fault_that_is_not_understood_is_refused(
    still_feeds: FeedSite, name: str, path: str, options: dict[str, Any], wrong: str
) -> None:
    answer = await still_feeds.ask("/_faults", {"fault": name, "path": path, **options})
    assert answer.status_code == 400
    assert wrong in answer.json()["error"]
