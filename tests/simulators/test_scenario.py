"""The contact center itself."""

import random
from collections import Counter

import pytest

from exporter.simulators.campaigns import Campaign, CampaignStatus
from exporter.simulators.events import EventKind, EventLog
from exporter.simulators.people import agent_names, customers
from exporter.simulators.roster import Sizes
from exporter.simulators.scenario import Scenario
from exporter.simulators.states import TALKING, AgentState, CallResult, Reason
from exporter.simulators.tallies import Contact
from tests.simulators.site import START_MS, HandClock, scenario

HOUR = 3600


def state_of(made: Scenario) -> object:
    """Everything that a reader could tell apart."""
    queues = [
        (
            queue.id, queue.day, queue.in_progress(), queue.longest_wait(made.tick),
            queue.logged_in, queue.staff, list(queue.right_party), queue.averages_before,
            [counted.since_start() for counted in queue.counts],
        )
        for queue in made.queues
    ]  # fmt: skip
    agents = [
        (a.login, a.tally.state, a.tally.since, a.tally.reason, a.monitored,
         [(d.tally.state, d.tally.since, d.tally.outcomes) for d in a.desks])
        for a in made.agents
    ]  # fmt: skip
    campaigns = [(c.id, c.status, c.loaded, c.completed, c.zones) for c in made.campaigns]
    return queues, agents, campaigns, made.log.last_sequence


@pytest.mark.parametrize("hours", [1, 16])
def test_one_jump_is_the_same_as_many_steps(hours: int) -> None:
    hands = HandClock(), HandClock()
    jumping, stepping = (scenario(hand, queues=5, agents=15) for hand in hands)
    hands[0].seconds += hours * HOUR
    jumping.catch_up()
    steps = random.Random(7)
    while hands[1].seconds < hours * HOUR:
        hands[1].seconds = min(hours * HOUR, hands[1].seconds + steps.choice((0.3, 1, 7, 600)))
        stepping.catch_up()
    assert state_of(jumping) == state_of(stepping)


def test_the_seed_decides_the_day() -> None:
    assert state_of(scenario(seed=1)) == state_of(scenario(seed=1))
    assert state_of(scenario(seed=1)) != state_of(scenario(seed=2))


def test_at_the_first_look_the_morning_has_happened_and_everything_is_going_on() -> None:
    made = scenario()
    assert made.now_ms == START_MS
    totals = [sum(q.day.counts[contact] for q in made.queues) for contact in Contact]
    assert all(total > 10 for total in totals)
    assert totals[Contact.ABANDONED] < 0.2 * totals[Contact.OFFERED]
    attended = [queue for queue in made.queues if queue.attended]
    assert len(attended) == len(made.queues) - 1
    assert all(queue.logged_in for queue in attended)
    assert any(len(agent.desks) > 1 for agent in made.agents)


def test_a_day_has_every_state_and_every_reason() -> None:
    made = scenario(HandClock())
    monitored = held = waiting = 0
    for _ in range(120):
        made.clock.advance(60)
        made.catch_up()
        monitored += sum(agent.monitored for agent in made.agents)
        held += sum(len(queue.on_hold()) for queue in made.queues)
        waiting += sum(queue.in_queue() for queue in made.queues)
    assert min(monitored, held, waiting) > 0
    made.clock.advance(6 * HOUR)
    made.catch_up()
    assert {event.state for event in made.log.after(0)} - {None} == set(AgentState)
    assert {event.reason for event in made.log.after(0)} - {None} == set(Reason)
    results = {e.call.result for e in made.log.after(0) if e.call and e.kind == EventKind.CALL_END}
    assert results == set(CallResult)


def test_every_contact_is_handled_abandoned_or_waiting() -> None:
    made = scenario(HandClock())
    for _ in range(20):
        made.clock.advance(301)
        made.catch_up()
        for queue in made.queues:
            counts = queue.day.counts
            gone = counts[Contact.HANDLED] + counts[Contact.ABANDONED]
            assert counts[Contact.OFFERED] == gone + queue.in_queue()


def test_agents_and_calls_agree() -> None:
    made = scenario(HandClock())
    for _ in range(20):
        made.clock.advance(301)
        made.catch_up()
        for queue in made.queues:
            here = [desk.tally.state for desk in queue.desks]
            assert sum(state in TALKING for state in here) == len(queue.talking)
            assert here.count(AgentState.HOLD) == len(queue.on_hold())
            assert here.count(AgentState.READY) == len(queue.ready)
            assert len(here) - here.count(AgentState.OFFLINE) == queue.logged_in
            assert not (queue.ready and queue.waiting)


def test_at_midnight_totals_begin_again_and_the_night_is_not_empty() -> None:
    made = scenario(HandClock())
    made.jump_past_midnight()
    assert (made.next_midnight_ms - made.now_ms) // 1000 == 24 * HOUR - 1
    assert sum(queue.day.counts[Contact.OFFERED] for queue in made.queues) < 5
    assert sum(counted.since_start() for q in made.queues for counted in q.counts) > 1000
    made.clock.advance(3 * HOUR)
    made.catch_up()
    assert sum(agent.logged_in for agent in made.agents) > 2
    assert sum(queue.day.counts[Contact.HANDLED] for queue in made.queues) > 10
    unattended = [queue for queue in made.queues if not queue.logged_in]
    assert 0 < len(unattended) < len(made.queues)


def test_counts_of_long_ago_are_forgotten_those_since_the_start_are_not() -> None:
    made = scenario(HandClock(), queues=2, agents=6, campaigns=2)
    for _ in range(4):
        made.jump_past_midnight()
    offered = made.queues[0].counts[Contact.OFFERED]
    assert offered.since_start() > offered.since(made.tick - 24 * HOUR)
    with pytest.raises(ValueError, match="no longer known"):
        offered.since(made.tick - 72 * HOUR)


def test_campaigns_progress_are_built_and_are_replaced_at_midnight() -> None:
    made = scenario(HandClock())
    today = [campaign for campaign in made.campaigns if campaign.current]
    assert Counter(campaign.status for campaign in today) == {
        CampaignStatus.PLAYING: 5,
        CampaignStatus.PAUSED: 1,
        CampaignStatus.BUILDING: 1,
        CampaignStatus.UNBUILT: 1,
    }
    building = next(one for one in today if one.status is CampaignStatus.BUILDING)
    assert building.loaded is None
    before = sum(campaign.completed for campaign in today)
    made.clock.advance(4 * HOUR)
    made.catch_up()
    assert building in [one for one in made.campaigns if one.loaded and one.dialable]
    assert sum(campaign.completed for campaign in today) > before
    for campaign in today:
        assert campaign.remaining == sum(campaign.zones.values())
    made.jump_past_midnight()
    assert not any(campaign.current for campaign in today)
    assert any(campaign.current for campaign in made.campaigns)


def test_a_campaign_is_completed_by_its_last_record() -> None:
    campaign = Campaign(1, "ONE", 7001, False, CampaignStatus.BUILDING, 2, 0)
    rng = random.Random(1)
    campaign.complete_one(rng)
    assert campaign.remaining == 0
    campaign.build(rng)
    assert campaign.dialable == 2
    for _ in range(3):
        campaign.complete_one(rng)
    assert (campaign.status, campaign.completed) == (CampaignStatus.COMPLETED, 2)
    assert campaign.dialable == 0


def test_there_may_be_no_campaigns_at_all() -> None:
    made = scenario(HandClock(), queues=1, agents=4, campaigns=0)
    made.jump_past_midnight()
    assert made.campaigns == []
    assert made.queues[0].complete_percent() == 100


def test_events_are_in_order_and_tell_each_call_from_start_to_end() -> None:
    made = scenario(HandClock())
    made.clock.advance(HOUR)
    made.catch_up()
    events = list(made.log.after(0))
    assert [event.sequence for event in events] == list(range(1, len(made.log) + 1))
    assert [event.tick for event in events] == sorted(event.tick for event in events)
    kinds: dict[int, list[EventKind]] = {}
    for event in events:
        if event.call is not None and event.kind is not EventKind.AGENT_STATE:
            kinds.setdefault(event.call.id, []).append(event.kind)
    whole = [tuple(found) for found in kinds.values() if EventKind.CALL_DISPOSITION in found]
    assert len(whole) > 100
    unanswered = (EventKind.CALL_START, EventKind.CALL_END, EventKind.CALL_DISPOSITION)
    answered = (EventKind.CALL_START, EventKind.CALL_ANSWER, *unanswered[1:])
    assert set(whole) == {answered, unanswered}
    assert list(made.log.after(made.log.last_sequence)) == []


def test_an_event_log_keeps_the_newest() -> None:
    made = scenario(HandClock(), queues=1, agents=1)
    log = EventLog(kept=2)
    for tick in range(3):
        log.agent(tick, EventKind.AGENT_LOGON, made.agents[0], None)
    assert [event.tick for event in log.after(0)] == [1, 2]


def test_sizes_are_arguments() -> None:
    made = scenario(HandClock(), queues=30, call_centers=5, agents=100, campaigns=12)
    assert (len(made.queues), len(made.call_centers), len(made.agents)) == (30, 5, 100)
    assert len({queue.name for queue in made.queues}) == 30
    assert sum(campaign.current for campaign in made.campaigns) == 12
    with pytest.raises(ValueError, match="queues must be at least 1, not 0"):
        Sizes(queues=0)


def test_people_are_invented_and_two_agents_share_a_name() -> None:
    rng = random.Random(1)
    people = customers(rng, 700)
    assert len({customer.phone for customer in people}) == 700
    assert all(customer.phone[3:8] == "55501" for customer in people)
    names = agent_names(rng, 60)
    assert names[4] == names[5]
    assert len(set(names)) == 59
    assert len(agent_names(rng, 3)) == 3


def test_a_new_queue_takes_agents_who_are_at_work() -> None:
    made = scenario(HandClock())
    queue = made.add_queue()
    assert (queue.logged_in, queue.name) == (2, f"New Service {queue.id}")
    made.clock.advance(HOUR)
    made.catch_up()
    seats = [desk.queue.logged_in for agent in made.agents for desk in agent.desks]
    assert min(seats) >= 0
    made.jump_past_midnight()
    made.clock.advance(12 * HOUR)
    made.catch_up()
    assert all(queue.staff >= 0 for queue in made.queues)
    assert queue.counts[Contact.OFFERED].since_start() > 0
