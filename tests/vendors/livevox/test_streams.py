"""What is declared of LiveVox's streams: requests, time limits, owners."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from exporter import families as c
from exporter.accounts import Account
from exporter.feeds import Request
from exporter.streams import LongPoll, Sse, Stream
from exporter.vendors.livevox import VENDOR
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox.directory import Include, LiveVoxDirectory
from tests.vendors.livevox.account import account
from tests.vendors.livevox.events import NOBODY, ON, stream

SSE_WAY: dict[str, object] = {"enabled": True}
PAGE_WAY: dict[str, object] = {"enabled": True, "transport": "longpoll"}
LIMITED = LiveVoxDirectory(Include(frozenset({"7002", "7001"})), {"7002": "B", "7001": "A"})
SERVICES = {"service": [{"id": "7001"}, {"id": "7002"}]}


def _interactions(how: dict[str, object], **changes: Any) -> Stream[LiveVoxDirectory]:
    return stream("interaction_events", account(feeds={"interaction_events": how}, **changes))


def _body(request: Request) -> object:
    return msgspec.json.decode(request.body or b"")


def test_agents_events_are_polled_by_token_and_corrected_by_their_status() -> None:
    one = stream("agent_events")
    assert isinstance(one, LongPoll)
    assert (one.transport, one.corrected_by) == ("longpoll", "agent_status")
    assert one.within > 10  # LiveVox waits ten seconds when there is nothing to tell
    assert one.idle > one.within
    first, next_ = one.request("", NOBODY), one.request("t1", LIMITED)
    assert (first.method, first.path) == ("POST", "realtime/agentEvent/feed")
    assert (_body(first), _body(next_)) == ({}, {"token": "t1"})
    assert (first.params, first.headers) == ((), ())


def test_interactions_are_streamed_by_default() -> None:
    one = _interactions(SSE_WAY)
    assert isinstance(one, Sse)
    assert (one.transport, one.corrected_by) == ("sse", "")
    assert one.idle > 20  # LiveVox writes a comment every ten seconds
    first, next_ = one.request("", NOBODY), one.request("e1", NOBODY)
    assert (first.method, first.path) == ("POST", "realtime/event/feed/sse")
    assert first.params == (("count", "1000"),)
    assert dict(first.headers)["Accept"] == "text/event-stream, application/json"
    assert (_body(first), _body(next_)) == ({}, {"token": "e1"})


def test_interactions_may_be_polled() -> None:
    one = _interactions(PAGE_WAY)
    assert isinstance(one, LongPoll)
    assert one.within > 10
    request = one.request("t1", NOBODY)
    assert (request.path, request.params) == ("realtime/event/feed", (("count", "1000"),))
    assert _body(request) == {"token": "t1"}


@pytest.mark.parametrize("how", [SSE_WAY, PAGE_WAY])
def test_a_limited_source_asks_for_its_services_alone(how: dict[str, object]) -> None:
    one = _interactions(how)
    assert _body(one.request("", LIMITED)) == {"filter": SERVICES}
    assert _body(one.request("t1", LIMITED)) == {"token": "t1", "filter": SERVICES}


@pytest.mark.parametrize(
    "directory",
    [
        LiveVoxDirectory(listed={"7001": "A"}),
        LiveVoxDirectory(Include(frozenset({"7001"}))),
        LiveVoxDirectory(Include(frozenset(), frozenset({"31"})), {str(n): "" for n in range(151)}),
    ],
    ids=["not limited", "not loaded yet", "more than one request may name"],
)
def test_else_everything_is_asked_for(directory: LiveVoxDirectory) -> None:
    for how in (SSE_WAY, PAGE_WAY):
        assert _body(_interactions(how).request("t1", directory)) == {"token": "t1"}


def test_a_version_stands_before_the_method() -> None:
    of = account(feeds={"agent_events": ON, "interaction_events": ON}, api_version="v6.0")
    paths = {one.name: one.request("", NOBODY).path for one in of.streams}
    assert paths == {
        "agent_events": "realtime/v6.0/agentEvent/feed",
        "interaction_events": "realtime/v6.0/event/feed/sse",
    }


def _owners(of: Account[Any], *names: str) -> list[str]:
    return [one.name for one in of.feeds if one.name in names]


def test_events_own_a_family_before_the_poll_that_also_has_it() -> None:
    of = account(feeds={"agent_events": ON, "interaction_events": ON})
    assert _owners(of, "agent_status", "agent_events") == ["agent_events", "agent_status"]
    assert _owners(of, "service_stats", "interaction_events") == [
        "interaction_events",
        "service_stats",
    ]
    events, calls = stream("agent_events", of), stream("interaction_events", of)
    assert {c.AGENTS, c.AGENTS_LONGEST_IN_STATE, c.AGENT_STATE_SECONDS, f.AGENT_EVENTS} == set(
        events.families
    )
    assert {c.CONTACTS_OFFERED, c.QUEUE_THRESHOLD, c.CONTACT_WAIT, f.INTERACTIONS} < set(
        calls.families
    )


@pytest.mark.parametrize(
    ("feeds", "expected"),
    [
        ({}, set()),
        ({"agent_events": ON}, {"agent_events"}),
        ({"interaction_events": PAGE_WAY}, {"interaction_events"}),
        (
            {"agent_events": ON, "interaction_events": ON, "call_data": ON},
            {"agent_events", "interaction_events"},
        ),
    ],
)
def test_the_streams_that_resume_are_those_that_are_on(
    feeds: dict[str, Any], expected: set[str]
) -> None:
    of = account(feeds=feeds)
    assert {one.name for one in of.streams} == expected


def test_every_family_of_a_stream_is_one_of_the_platforms() -> None:
    of = account(feeds={"agent_events": ON, "interaction_events": ON}, agents="named")
    for one in of.streams:
        assert set(one.families) <= set(VENDOR.families)


@pytest.mark.parametrize("name", ["agent_events", "interaction_events"])
def test_included_call_centers_have_to_be_known_before_events_are_read(name: str) -> None:
    one = stream(name)
    limited = LiveVoxDirectory(Include(call_centers=frozenset({"31"})))
    assert not one.ready(limited)
    assert one.ready(replace(limited, listed={"7001": "A"}, loaded=True))
    assert one.ready(LIMITED)
    assert one.ready(NOBODY)
