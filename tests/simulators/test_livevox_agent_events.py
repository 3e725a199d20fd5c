"""Agent events: their documents, their order, and the states that they set."""

import re
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import pytest

from exporter.simulators.livevox.eventwords import EVENT_TYPES
from exporter.simulators.roster import Sizes
from exporter.simulators.scenario import Scenario
from exporter.simulators.states import AgentState
from tests.simulators.agentfeed import Feed, Replay, state_set_by

HOUR = 3600
DAY = 24 * HOUR
SECONDS = "contactcenter_agent_state_seconds_total"
EVENTS = "livevox_agent_events_total"


@pytest.fixture(scope="module")
def day() -> Feed:
    """A whole day of events, and no more."""
    feed = Feed()
    feed.advance(DAY)
    return feed


def of_type(feed: Feed, event_type: str) -> list[dict[str, Any]]:
    """The events of a type, of the line that counts."""
    return [
        event
        for event in feed.events
        if event["eventType"] == event_type and event.get("lineNumber") != "DIRECT"
    ]


def by_agent(feed: Feed) -> dict[int, list[dict[str, Any]]]:
    """Each agent's events in order."""
    found = defaultdict(list)
    for event in feed.events:
        found[event["agentId"]].append(event)
    return found


def test_a_day_has_every_type_of_event_that_is_publicly_known(day: Feed) -> None:
    assert {event["eventType"] for event in day.events} == set(EVENT_TYPES)


def test_an_event_has_the_types_of_the_public_sample(day: Feed) -> None:
    lunch = next(e for e in of_type(day, "NOT_READY") if e.get("notReadyReasonCode") == "LUNCH")
    assert {name: type(value) for name, value in lunch.items() if name != "agentTeamId"} == {
        "timestamp": int,
        "clientId": int,
        "agentId": int,
        "agentServiceId": int,
        "lineNumber": str,
        "eventType": str,
        "notReadyReasonCode": str,
        "seqNum": int,
        "eventId": str,
    }
    assert lunch["lineNumber"] == "ACD"
    assert (lunch["timestamp"] - day.scenario.start_ms) % 1000 == 0
    codes = {event.get("notReadyReasonCode") for event in of_type(day, "NOT_READY")}
    known = {"LUNCH", "TRAINING", "BREAK", "MEETING", "TECH DIFFICULTIES", "OTHER"}
    assert codes == known | {None}


def test_logging_on_and_off_belong_to_no_line_and_all_else_to_one(day: Feed) -> None:
    without = {event["eventType"] for event in day.events if "lineNumber" not in event}
    assert without == {"LOGON", "LOGOFF"}
    assert {event.get("lineNumber") for event in day.events} == {None, "ACD", "DIRECT"}


def test_ids_are_unique_and_say_agent_time_and_number(day: Feed) -> None:
    assert len(set(day.ids)) == len(day.ids) > 10_000
    for event in day.events:
        expected = (
            f"cid={event['clientId']}:aid={event['agentId']}"
            f":time={event['timestamp']}:seq={event['seqNum']}"
        )
        assert event["eventId"] == expected


def test_events_come_in_order_and_each_agents_numbers_rise_without_gaps(day: Feed) -> None:
    times = [event["timestamp"] for event in day.events]
    assert times == sorted(times)
    assert times[0] > day.scenario.start_ms
    for events in by_agent(day).values():
        numbers = [event["seqNum"] for event in events]
        assert numbers == list(range(numbers[0], numbers[0] + len(events)))


def test_logon_is_followed_by_not_ready_of_the_same_moment(day: Feed) -> None:
    followed = 0
    for events in by_agent(day).values():
        for event, following in pairwise(events):
            if event["eventType"] == "LOGON":
                followed += 1
                assert (following["eventType"], following["lineNumber"]) == ("NOT_READY", "ACD")
                assert following["timestamp"] == event["timestamp"]
                assert following["seqNum"] == event["seqNum"] + 1
    assert followed == len(of_type(day, "LOGON")) > 20


def test_an_event_of_a_call_says_which_and_the_last_one_its_result(day: Feed) -> None:
    calls: dict[int, set[str]] = defaultdict(set)
    for event in day.events:
        if "transactionId" in event:
            assert re.fullmatch(r"U[0-9A-F]+T[0-9A-F]+@203\.0\.113\.77", event["sessionId"])
            assert re.fullmatch(r"[0-9]{10}", event["phoneNumber"])
            assert event["campaignType"] in {"INBOUND", "OUTBOUND", "MANUAL", "PREVIEW"}
            assert event["callServiceId"] == event["agentServiceId"]
            calls[event["transactionId"]].add(event["sessionId"])
    assert len(calls) > 1000
    assert all(len(sessions) == 1 for sessions in calls.values())
    with_call = {event["eventType"] for event in day.events if "transactionId" in event}
    assert {"RESERVED", "IN_CALL", "AGENT_HOLD", "DIALING", "WRAP_UP"} <= with_call
    assert not with_call & {"LOGON", "LOGOFF", "READY", "NOT_READY"}
    assert {e["eventType"] for e in day.events if "result" in e} == {"WRAP_UP"}
    assert "No Answer" in {event["result"] for event in of_type(day, "WRAP_UP")}


def test_a_transfer_begins_and_ends_with_details_of_who_got_the_call(day: Feed) -> None:
    begun = ended = 0
    for events in by_agent(day).values():
        on_acd = [event for event in events if event.get("lineNumber") == "ACD"]
        for event, following in pairwise(on_acd):
            if event["eventType"] == "TRANSFERRING":
                begun += 1
                assert following["eventType"].startswith("AGENT_TRANSFER_INITIATED_")
                assert following["timestamp"] == event["timestamp"]
            if event["eventType"].startswith("AGENT_TRANSFER_"):
                ended += following["eventType"] == "WRAP_UP"
    assert abs(begun - ended) <= 2
    assert begun > 50
    steps = [event for event in day.events if event["eventType"].startswith("AGENT_TRANSFER_")]
    for event in steps:
        if event["eventType"].endswith("_AGENT2"):
            assert event["agent2Id"] != event["agentId"]
        if event["eventType"].endswith("_SUPERVISOR"):
            assert event["supervisorSessionId"].endswith("@203.0.113.77")
            assert re.fullmatch(r"[0-9]{10}", event["supervisorPhoneNumber"])


def test_some_agents_have_a_direct_line_that_misleads_who_minds_it(day: Feed) -> None:
    direct = [event for event in day.events if event.get("lineNumber") == "DIRECT"]
    assert {event["eventType"] for event in direct} == {"READY", "NOT_READY"}
    having = {event["agentId"] for event in direct}
    assert 0 < len(having) < len(day.scenario.agents) / 2
    misled = Replay(Feed().snapshot(), day.scenario.start_ms)
    for event in day.events:
        misled.apply({**event, "lineNumber": "ACD"})
    assert misled.states != day.snapshot()


def test_a_skipped_preview_is_followed_by_another_offer(day: Feed) -> None:
    skipped = 0
    for events in by_agent(day).values():
        for event, following in pairwise(events):
            if event["eventType"] == "PREVIEW_DIAL_SKIPPED":
                skipped += 1
                assert following["eventType"] == "PREVIEW_DIAL_OFFERED"
                assert following["timestamp"] == event["timestamp"]
    assert skipped


def test_every_state_change_is_told_at_its_second() -> None:
    feed = Feed()
    changes: Counter[tuple[int, int]] = Counter()
    feed.scenario.log.subscribe(
        lambda event: (
            changes.update([(event.agent.id, feed.scenario.ms(event.tick))])
            if event.state is not None and event.agent is not None and "state" in event.kind
            else None
        )
    )
    feed.advance(HOUR)
    told = {
        (event["agentId"], event["timestamp"])
        for event in feed.events
        if event.get("lineNumber", "ACD") == "ACD"
    }
    assert told == set(changes)
    assert len(told) > 500


def test_events_agree_with_the_snapshot_at_every_moment_of_an_hour() -> None:
    feed = Feed()
    replay = Replay(feed.snapshot(), feed.scenario.start_ms)
    applied = 0
    for _ in range(HOUR // 2):
        feed.advance(2)
        for event in feed.events[applied:]:
            replay.apply(event)
        applied = len(feed.events)
        assert replay.states == feed.snapshot()
    assert applied > 500


def test_events_agree_with_the_snapshot_through_shift_changes(day: Feed) -> None:
    feed = Feed()
    replay = Replay(feed.snapshot(), feed.scenario.start_ms)
    feed.advance(DAY)
    for event in feed.events:
        replay.apply(event)
    assert replay.states == feed.snapshot()
    assert feed.events == day.events


def test_the_feed_is_the_same_however_far_time_goes_at_once(day: Feed) -> None:
    feed = Feed()
    for _ in range(24 * 7):
        feed.advance(DAY / (24 * 7))
    feed.advance(day.hand.seconds - feed.hand.seconds)
    assert feed.ids == day.ids


def test_the_feed_changes_nothing_of_the_day(day: Feed) -> None:
    alone = Scenario(day.scenario.clock, 1, Sizes())
    alone.catch_up()
    assert alone.log.last_sequence == day.scenario.log.last_sequence
    assert [queue.day for queue in alone.queues] == [queue.day for queue in day.scenario.queues]


def test_unknown_events_count_as_other_and_set_nothing() -> None:
    feed = Feed()
    feed.advance(60)
    before, known = feed.snapshot(), len(feed.events)
    feed.told.unknown(7)
    strange = feed.events[known:]
    assert len(strange) == 7
    assert not {event["eventType"] for event in strange} & set(EVENT_TYPES)
    assert [state_set_by(event) for event in strange] == [None] * 7
    assert len({event["agentId"] for event in strange}) > 1
    assert feed.truth(EVENTS)["other",] == 7
    assert feed.snapshot() == before


def test_a_site_without_agents_has_no_agent_events() -> None:
    feed = Feed(agents=0)
    feed.told.unknown(3)
    feed.advance(HOUR)
    assert feed.events == []
    assert not any(feed.truth(SECONDS).values())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_agents_of_a_vanished_service_leave_and_come_back_as_the_snapshot_has_it(
    seed: int,
) -> None:
    feed = Feed(seed)
    replay, applied = Replay(feed.snapshot(), feed.scenario.start_ms), 0
    queues = [queue for queue in feed.scenario.queues if queue.logged_in][:4]
    for step in range(40):
        queue = queues[step % len(queues)]
        queue.hidden_since = feed.scenario.tick if queue.hidden_since is None else None
        feed.told.review()
        feed.advance(31)
        for event in feed.events[applied:]:
            replay.apply(event)
        applied = len(feed.events)
        assert replay.states == feed.snapshot()
    replay.pass_time(feed.scenario.now_ms)
    expected = {tuple(filter(None, key)): ms / 1000 for key, ms in replay.spent_ms.items() if ms}
    told = feed.truth(SECONDS)
    assert {state: seconds for state, seconds in told.items() if seconds} == expected


def test_nothing_is_told_of_who_works_where_nobody_may_see() -> None:
    feed = Feed()
    for queue in feed.scenario.queues:
        queue.hidden_since = feed.scenario.tick
    feed.told.review()
    assert {event["eventType"] for event in feed.events} == {"LOGOFF"}
    known = len(feed.events)
    feed.advance(HOUR)
    assert len(feed.events) == known
    assert sum(feed.truth(SECONDS).values()) == 0


def test_a_call_of_a_vanished_service_is_not_told_of_who_is_seen_elsewhere() -> None:
    feed = Feed()
    hidden = next(d.queue for a in feed.scenario.agents if len(a.desks) > 1 for d in a.desks)
    hidden.hidden_since = feed.scenario.tick
    feed.told.review()
    unseen: set[tuple[int, int]] = set()
    feed.scenario.log.subscribe(
        lambda event: (
            unseen.add((event.agent.id, feed.scenario.ms(event.tick)))
            if event.agent
            and event.call
            and event.call.queue is hidden
            and event.state in (AgentState.IN_CALL, AgentState.HOLD, AgentState.WRAP_UP)
            else None
        )
    )
    feed.advance(6 * HOUR)
    seen = {desk.agent.id for desk in hidden.desks if len(desk.agent.desks) > 1}
    assert {agent_id for agent_id, _ in unseen} & seen
    assert not unseen & {(event["agentId"], event["timestamp"]) for event in feed.events}


def test_a_new_service_tells_nothing_of_agents_who_go_on_as_they_were() -> None:
    feed = Feed()
    feed.scenario.add_queue()
    feed.told.review()
    assert feed.events == []
