"""The truth of the agent event feed, against a reader of a snapshot and of the events after it."""

from collections import Counter, defaultdict

import pytest

from exporter.simulators.livevox.eventwords import EVENT_TYPES
from exporter.simulators.livevox.statehistory import StateHistory
from tests.simulators.agentfeed import Feed, Replay
from tests.simulators.site import Site

HOUR = 3600
DAY = 24 * HOUR
SECONDS = "contactcenter_agent_state_seconds_total"
EVENTS = "livevox_agent_events_total"
SINCE = "contactcenter_agent_state_since_timestamp_seconds"
LONGEST = "contactcenter_agents_longest_in_state_seconds"


@pytest.fixture(scope="module")
def day() -> Feed:
    """A whole day of events, and no more."""
    feed = Feed()
    feed.advance(DAY)
    return feed


def test_state_seconds_are_those_of_a_reader_of_snapshot_and_events() -> None:
    feed = Feed()
    feed.advance(1000)
    since = feed.scenario.now_ms
    replay, known = Replay(feed.snapshot(), since), len(feed.events)
    feed.advance(3 * HOUR + 17)
    for event in feed.events[known:]:
        replay.apply(event)
    replay.pass_time(feed.scenario.now_ms)
    expected = {tuple(filter(None, key)): ms / 1000 for key, ms in replay.spent_ms.items() if ms}
    told = feed.truth(SECONDS, since)
    assert {state: seconds for state, seconds in told.items() if seconds} == expected
    assert sum(expected.values()) > 3 * HOUR * 20


def test_every_state_but_those_with_a_reason_to_be_away_has_seconds_from_the_start() -> None:
    feed = Feed()
    assert feed.truth(SECONDS) == dict.fromkeys(
        [
            ("available",),
            ("away",),
            ("after_contact_work",),
            ("other",),
            ("busy", "reserved"),
            ("busy", "in_call"),
            ("busy", "hold"),
            ("busy", "transferring"),
            ("busy", "manual_dial"),
            ("busy", "preview_dial"),
            ("busy", "dialing"),
        ],
        0.0,
    )


def test_state_seconds_are_exact_between_the_seconds_of_the_simulation() -> None:
    feed = Feed()
    feed.advance(100)
    at_work = len(feed.snapshot())
    now = feed.scenario.now_ms
    assert sum(feed.truth(SECONDS, now - 250).values()) == pytest.approx(at_work / 4)
    assert not any(feed.truth(SECONDS, now).values())


def test_all_states_together_are_the_time_logged_in() -> None:
    feed = Feed()
    logged_in = 0
    for _ in range(HOUR):
        logged_in += sum(agent.logged_in for agent in feed.scenario.agents)
        feed.advance(1)
    assert sum(feed.truth(SECONDS).values()) == logged_in


def test_parts_of_a_period_add_up(day: Feed) -> None:
    middle = day.scenario.start_ms + 11 * HOUR * 1000
    whole, later = day.truth(SECONDS), day.truth(SECONDS, middle)
    assert all(later.get(state, 0) <= seconds for state, seconds in whole.items())
    again = Feed()
    again.advance(11 * HOUR)
    first = again.truth(SECONDS)
    assert whole == pytest.approx(
        {state: first.get(state, 0) + later.get(state, 0) for state in whole}
    )


def test_events_are_counted_by_type_and_every_known_type_has_a_line(day: Feed) -> None:
    counted = Counter((event["eventType"].lower(),) for event in day.events)
    assert day.truth(EVENTS) == {
        **{(event_type.lower(),): 0 for event_type in EVENT_TYPES},
        ("other",): 0,
        **counted,
    }
    since = day.scenario.start_ms + 5 * HOUR * 1000
    later = sum(event["timestamp"] > since for event in day.events)
    assert sum(day.truth(EVENTS, since).values()) == later


def test_agents_are_counted_as_the_snapshot_shows_them(day: Feed) -> None:
    counted = Counter(tuple(filter(None, state)) for state in day.snapshot().values())
    told = {state: count for state, count in day.truth("contactcenter_agents").items() if count}
    assert told == counted


def test_how_long_agents_are_in_their_states_is_told_where_events_told_it(day: Feed) -> None:
    replay = Replay(Feed().snapshot(), day.scenario.start_ms)
    for event in day.events:
        replay.apply(event)
    logins = {agent.login: agent.id for agent in day.scenario.agents}
    for since in (day.scenario.start_ms, day.scenario.now_ms - 900_000):
        known = {agent_id: ms for agent_id, ms in replay.since_ms.items() if ms > since}
        by_state = defaultdict(list)
        for agent_id, (state, _) in replay.states.items():
            by_state[state].append(known.get(agent_id))
        assert day.truth(LONGEST, since) == {
            (state,): (day.scenario.now_ms - min(filter(None, times))) / 1000
            for state, times in by_state.items()
            if None not in times
        }
        named = day.truth(SINCE, since, named=True)
        assert {logins[login]: value for (login,), value in named.items()} == {
            agent_id: ms / 1000 for agent_id, ms in known.items()
        }
    assert day.truth(LONGEST)
    assert day.truth(SINCE) == {}


def families(site: Site, query: str) -> Counter[tuple[object, ...]]:
    """How often each sample of the truth is there, whatever its value."""
    samples = site.get(f"/_truth?{query}")["samples"]
    return Counter((s["name"], *sorted(s["labels"].items())) for s in samples)


def test_what_events_and_polls_both_tell_is_told_once(site: Site) -> None:
    site.advance(HOUR)
    feeds = "feed=agent_status&feed=agent_stats&feed=agent_events&agents=named"
    told = families(site, feeds)
    assert set(told.values()) == {1}
    assert {name for name, *_ in told} >= {SECONDS, EVENTS, LONGEST, SINCE, "contactcenter_agents"}
    plain = {name for name, *_ in families(site, "")}
    assert "contactcenter_agents" in plain
    assert not plain & {SECONDS, EVENTS}
    assert site.truth("contactcenter_agents", "feed=agent_events") == site.truth(
        "contactcenter_agents", "feed=agent_status"
    )


def test_a_service_that_vanishes_is_told_in_the_feed_at_once(site: Site) -> None:
    site.fault("vanish_service", id=7003)
    told = site.get("/_events?feed=agent_events")["events"]
    assert "LOGOFF" in {kept["event"]["eventType"] for kept in told}
    site.fault("restore_service", id=7003)
    logons = site.truth(EVENTS, "feed=agent_events", event="logon")
    assert logons == site.truth(EVENTS, "feed=agent_events", event="logoff") != [0]


def test_seconds_of_a_moment_that_is_forgotten_are_refused(small_site: Site) -> None:
    early = small_site.scenario.start_ms + 1000
    small_site.advance(3 * DAY)
    document = small_site.get(f"/_truth?feed=agent_events&since={early}", 400)
    assert "no longer known" in document["error"]
    assert sum(small_site.truth(SECONDS, "feed=agent_events")) > 3 * DAY


def test_a_history_forgets_what_is_longer_ago_than_two_days() -> None:
    hour_ms = HOUR * 1000
    history = StateHistory(0)
    history.enter(0, ("available", ""))
    for hour in range(1, 61):
        history.leave(hour * hour_ms, ("available", ""))
        history.enter(hour * hour_ms, ("available", ""))
    now = 60 * hour_ms
    assert history.milliseconds(0, now) == {("available", ""): now}
    assert history.milliseconds(20 * hour_ms, now) == {("available", ""): 40 * hour_ms}
    with pytest.raises(ValueError, match="longer ago than two days"):
        history.milliseconds(hour_ms, now)
