"""Answers that fail: what a user sees while they do, and after.

Several feeds fail in different ways at the same time, so that each round shows as well that the
others are not touched by any of it.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import pytest

from tests.e2e.pairs import PATHS, TIME_TO_LIVE, TIMEOUT, Pair, pair
from tests.e2e.scrapes import SHOWN, Scrape

pytestmark = pytest.mark.e2e

ALLOWANCE = 1.0  # seconds that a reading may last besides its request
Round = Mapping[str, tuple[str, Mapping[str, Any]]]  # feed → the reason to be counted, the fault


def status(code: int) -> dict[str, Any]:
    return {"fault": "status", "status": code}


def shape(name: str) -> dict[str, Any]:
    return {"fault": "wrong_document", "shape": name}


ROUNDS: Mapping[str, Round] = {
    "refusals": {
        "service_stats": ("rejected", status(400)),
        "agent_status": ("rejected", status(403)),
        "calls_on_hold": ("rejected", status(404)),
        "campaign_stats": ("rejected", status(405)),
        "agent_averages": ("rejected", status(409)),
        "agent_stats": ("auth", status(401)),
        "live_connects": ("server", status(500)),
    },
    "breakdowns": {
        "agent_stats": ("server", status(502)),
        "agent_stats_ex": ("server", status(503)),
        "calls_on_hold": ("rate_limited", status(429)),
        "service_stats": ("timeout", {"fault": "slow", "seconds": 3}),
        "agent_status": ("network", {"fault": "cut"}),
        "campaign_stats": ("decode", {"fault": "broken_json"}),
        "live_connects": ("decode", {"fault": "empty_body"}),
    },
    "other documents and hung connections": {
        "agent_stats_ex": ("timeout", {"fault": "slow", "seconds": 3, "dribble": True}),
        "service_stats": ("decode", shape("list")),
        "agent_status": ("decode", shape("string")),
        "agent_averages": ("decode", shape("number")),
        "agent_stats": ("decode", shape("null")),
        "calls_on_hold": ("decode", shape("missing_array")),
        "live_connects": ("timeout", {"fault": "hang"}),
    },
    "the directory": {"directory": ("server", status(500))},
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    # a refused request waits as long as refused credentials, which is minutes without this
    quick = {"auth_retry": {"first": "1s", "most": "2s"}}
    with pair(tmp_path_factory.mktemp("answers"), "--paused", top=quick) as running:
        yield running


@pytest.fixture
def healthy(shared: Pair) -> Pair:
    if shared.simulator.get("_faults")["faults"]:  # a test before this one failed
        shared.healed()
    return shared


def test_every_series_of_the_source_is_known_here(healthy: Pair) -> None:
    """Or the tests below would not look at it."""
    shown = healthy.scrape()
    by_feed = {feed: shown.of_feed(feed) for feed in SHOWN}
    assert all(by_feed.values())
    known = Counter(series for series_of in by_feed.values() for series in series_of)
    assert known.keys() == shown.told().keys() - shown.counters().keys() | {
        *shown.of_feed("agent_stats"),
        *shown.of_feed("session"),
    }
    assert set(known.values()) == {1}


@pytest.mark.parametrize("name", ROUNDS)
def test_a_feed_that_fails_ages_out_and_says_why_and_no_other_does(
    healthy: Pair, name: str
) -> None:
    broken = ROUNDS[name]
    before, logged = healthy.scrape(), len(healthy.log())
    for feed, (_, fault) in broken.items():
        healthy.simulator.fault(PATHS[feed], **fault)
    seen = healthy.watch(lambda now: not now.up() & broken.keys(), "the feeds are down")
    healthy.watch(lambda now: failed_since(before, now).keys() >= broken.keys(), "all counted")

    for feed in broken:
        vanishes_in_time(feed, seen)
    for feed in PATHS.keys() - broken.keys():
        assert {frozenset(now.of_feed(feed)) for now in seen} == {frozenset(before.of_feed(feed))}
        assert all(feed in now.up() for now in seen), feed
    down = healthy.scrape()
    assert failed_since(before, down) == {feed: {reason} for feed, (reason, _) in broken.items()}
    assert down.counters() == before.counters(), "counters stand still, and stay"
    assert down.value("contactcenter_source_up") == float(broken.keys() == {"directory"})
    for feed, (reason, _) in broken.items():
        told = healthy.exporter.feed(feed)
        assert (told["state"], told["last_error"]["reason"]) == ("down", reason)

    after = healthy.healed()
    assert after.told() == before.told(), "all is there again, and nothing else"
    assert after.value("contactcenter_source_up") == 1
    assert sorted(breaks(healthy, logged)) == sorted(
        line
        for feed, (reason, _) in broken.items()
        for line in (("feed failed", feed, reason), ("feed recovered", feed, ""))
    )


def vanishes_in_time(feed: str, seen: Sequence[Scrape]) -> None:
    """A feed's series are there for its time to live after the last success, and no longer."""
    last = seen[-1].value("contactcenter_feed_last_success_timestamp_seconds", feed=feed)
    assert last is not None
    # it lives from when it was asked for, which is at most a request before it was answered
    for now in seen:
        if now.ended < last + TIME_TO_LIVE - TIMEOUT - ALLOWANCE:
            assert now.of_feed(feed), f"{feed}: gone {now.ended - last:.2f} s after it was read"
            assert feed in now.up()
        if now.began > last + TIME_TO_LIVE:
            assert not now.of_feed(feed), f"{feed}: there {now.began - last:.2f} s after"
            assert feed not in now.up()
    assert not seen[-1].of_feed(feed)


def failed_since(before: Scrape, now: Scrape) -> dict[str, set[str]]:
    """The reasons of new failures by feed."""
    found: dict[str, set[str]] = {}
    for (feed, reason), count in now.failures().items():
        if count > before.failures().get((feed, reason), 0.0):
            found.setdefault(feed, set()).add(reason)
    return found


def breaks(healthy: Pair, logged: int) -> list[tuple[str, str, str]]:
    """The new lines of the log that tell of feeds as a whole."""
    return [
        (line["msg"], line["feed"], line.get("reason", ""))
        for line in healthy.log()[logged:]
        if line["msg"] in ("feed failed", "feed recovered")
    ]


def test_a_slow_answer_within_the_time_out_is_none_of_these(healthy: Pair) -> None:
    before = healthy.scrape()
    slow = {"seconds": TIMEOUT / 3, "times": 1}
    healthy.simulator.fault(PATHS["service_stats"], "slow", **slow)
    healthy.simulator.fault(PATHS["agent_stats"], "slow", dribble=True, **slow)
    healthy.reads("service_stats", "agent_stats")
    assert not healthy.simulator.get("_faults")["faults"], "both were met"
    after = healthy.scrape()
    assert after.failures() == before.failures()
    assert after.told() == before.told()


def test_nothing_is_asked_again_before_the_vendor_allows_it(healthy: Pair) -> None:
    asked, least = {}, 4.0
    # the vendor's clock has whole seconds and may be taken for ours within two
    at = healthy.simulator.get("_clock")["now"] / 1000 + least + 3
    for feed, code, retry_after in (
        ("service_stats", 429, f"{least:.0f}"),
        ("agent_status", 429, formatdate(at, usegmt=True)),
        ("calls_on_hold", 503, f"{least:.0f}"),
    ):
        healthy.simulator.fault(
            PATHS[feed], "status", status=code, retry_after=retry_after, times=1
        )
        asked[feed] = PATHS[feed]
    before = healthy.scrape()
    polls = list(_polls_until_asked_again(healthy, asked))

    for feed, path in asked.items():
        pending = [poll for poll in polls if path in poll.faults]
        held = [poll for poll in polls[len(pending) :] if poll.ended < pending[-1].began + least]
        assert len({poll.counts[path] for poll in held}) == 1, f"{feed} was asked for too early"
    after = healthy.all_up()
    added = {key: n - before.failures().get(key, 0) for key, n in after.failures().items()}
    assert {key: n for key, n in added.items() if n} == {
        ("service_stats", "rate_limited"): 1,
        ("agent_status", "rate_limited"): 1,
        ("calls_on_hold", "server"): 1,
    }


@dataclass(frozen=True)
class _Poll:
    """What the simulator said of itself, and the monotonic times before and after."""

    began: float
    faults: set[str]
    counts: Mapping[str, int]
    ended: float


def _polls_until_asked_again(healthy: Pair, asked: Mapping[str, str]) -> Iterator[_Poll]:
    met: dict[str, int] = {}
    end = time.monotonic() + 20
    while True:
        began = time.monotonic()
        faults = {one["path"] for one in healthy.simulator.get("_faults")["faults"]}
        poll = _Poll(began, faults, healthy.requests(), time.monotonic())
        yield poll
        for path in asked.values():
            if path not in faults:
                met.setdefault(path, poll.counts[path])
        if all(path in met and poll.counts[path] > met[path] for path in asked.values()):
            return
        assert time.monotonic() < end, "it is not asked for again"
