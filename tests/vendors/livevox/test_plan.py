"""What a plan says of streams: how often they are asked, and the series that they add."""

from collections.abc import Mapping
from typing import Any

import pytest

from exporter.accounts import Planned, Size
from exporter.vendors.livevox.plan import plan
from exporter.vendors.livevox.settings import LiveVoxSettings

SOURCE = {
    "platform": "livevox",
    "environment": "na4",
    "client_name": "ACME",
    "username": "exporter",
    "password": "not-a-password",
    "access_token": "not-a-token",
}
ON = {"enabled": True}
SSE = {"enabled": True, "transport": "sse"}
LONG_POLL = {"enabled": True, "transport": "longpoll"}


def planned(people: int = 500, queues: int = 10, **changes: Any) -> Mapping[str, Planned]:
    """The plan of an account, by feed."""
    settings = LiveVoxSettings.model_validate({**SOURCE, **changes})
    return {cost.feed: cost for cost in plan(settings, Size(queues, 2, people, 0))}


def an_hour(cost: Planned) -> float:
    return cost.requests * 3600 / cost.interval


def test_streams_that_are_off_cost_nothing() -> None:
    assert planned().keys().isdisjoint({"agent_events", "interaction_events", "call_data"})


@pytest.mark.parametrize(
    ("agents", "requests"),
    [(0, 360), (1, 360), (30, 1800), (500, 7200), (100_000, 7200)],
)
def test_a_long_poll_is_asked_as_often_as_something_happens(agents: int, requests: int) -> None:
    costs = planned(agents, feeds={"agent_events": ON, "interaction_events": LONG_POLL})
    assert an_hour(costs["agent_events"]) == requests
    assert an_hour(costs["interaction_events"]) == requests


def test_server_sent_events_are_a_handful_of_requests() -> None:
    costs = planned(feeds={"interaction_events": SSE})
    assert an_hour(costs["interaction_events"]) == 12


@pytest.mark.parametrize("budget", [1, 30, 60, 61, 600, 6000])
def test_call_data_costs_its_whole_budget(budget: int) -> None:
    call_data = {"enabled": True, "max_per_minute": budget}
    costs = planned(feeds={"agent_events": ON, "call_data": call_data})
    assert an_hour(costs["call_data"]) == pytest.approx(60 * budget)


def test_the_list_of_agents_is_read_where_events_need_it() -> None:
    with_events = planned(2500, feeds={"agent_events": ON})["directory"]
    assert with_events.requests == planned(2500)["directory"].requests + 3


def test_histograms_count_as_prometheus_keeps_them() -> None:
    bounds = {"wait_seconds": [10, 20], "handle_seconds": [60]}
    one, two = (
        planned(queues=queues, feeds={"interaction_events": SSE}, histograms=bounds)
        for queues in (1, 2)
    )
    more = two["interaction_events"].series - one["interaction_events"].series
    waits, handles = 2 + 3, 1 + 3  # +Inf, sum and count beside the bounds
    events = 16  # as assumed of each queue
    # five counters in two directions; waits by two outcomes; handle times; times in the IVR
    assert more == 5 * 2 + 2 * waits + handles + waits + events


def test_contacts_are_planned_where_they_are_counted() -> None:
    without = planned(queues=1)["service_stats"].series
    assert planned(queues=1, feeds={"interaction_events": SSE})["service_stats"].series == (
        without - 5
    )


def test_single_agents_are_planned_where_they_are_shown() -> None:
    hidden = planned(100, feeds={"agent_events": ON})["agent_events"].series
    named = planned(100, agents="named", feeds={"agent_events": ON})["agent_events"].series
    of_polls = {"agent_events": ON, "agent_stats": {"enabled": True, "interval": 60}}
    elsewhere = planned(100, agents="named", feeds=of_polls)["agent_events"].series
    assert named == hidden + 100
    assert elsewhere < hidden
