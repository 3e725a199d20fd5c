"""Faults of feeds: what they do, and that no event is ever lost by them."""

import asyncio
import random
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from tests.simulators.feed import (
    AGENTS,
    BOTH,
    POLL,
    STREAM,
    Event,
    FeedSite,
    ids,
    once,
    until,
)

pytestmark = pytest.mark.anyio
DELIVERY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("duplicates", {"share": 0.2}),
    ("reordering", {"share": 0.2}),
    ("cut_events", {"every": 300}),
    ("garbage", {"every": 50}),
    ("extra_keys", {}),
    ("null_fields", {}),
    ("clock_skew", {"seconds": 90}),
)


@pytest.fixture
async def feeds() -> FeedSite:
    """A site whose long polls wait a moment only."""
    return await FeedSite().sign_in()


async def first_event(feeds: FeedSite) -> str:
    """The id of an event after which a test creates its own."""
    await feeds.add_fault("burst", STREAM, events=1)
    return ids(await feeds.created())[0]


async def read_streams(feeds: FeedSite, token: str, wanted: int, leaving: int) -> list[Event]:
    """All events after a token, read over as many streams as it takes.

    Each is left after about so many events, or sooner by the other side; the next goes on after
    the event that came last.
    """
    rng = random.Random(leaving)
    got: list[Event] = []
    while len(once(got)) < wanted:
        most = rng.randint(2, leaving)
        got += (await read_some(feeds, token, most, wanted, got))[:most]
        token = ids(got)[-1] if got else token
    return got


async def read_some(
    feeds: FeedSite, token: str, most: int, wanted: int, before: list[Event]
) -> list[Event]:
    """The first events after a token: so many, or as many as come, or as were still wanted."""
    async with feeds.stream(token) as stream:
        await stream.until(
            lambda stream: (
                len(stream.events()) >= most
                or stream.ended
                or len(once([*before, *stream.events()])) == wanted
            )
        )
    return stream.events()


@pytest.mark.parametrize(("leaving", "events"), [(7, 200), (400, 1500)])
async def test_no_event_is_lost_by_any_of_the_faults_of_a_stream(
    feeds: FeedSite, leaving: int, events: int
) -> None:
    token = await first_event(feeds)
    for name, options in DELIVERY:
        await feeds.add_fault(name, STREAM, **options)
    await feeds.add_fault("burst", STREAM, events=events)
    created = (await feeds.created())[1:]
    got = await read_streams(feeds, token, len(created), leaving)
    assert sorted(ids(once(got))) == sorted(ids(created))
    counted = ("callEventType", "campaignType", "lvResult", "transferHoldDuration", "duration")
    told = {event["eventId"]: [event.get(name) for name in counted] for event in got}
    assert told == {one["eventId"]: [one.get(name) for name in counted] for one in created}


async def test_no_event_is_lost_by_any_of_the_faults_of_a_long_poll(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    for name, options in DELIVERY:
        await feeds.add_fault(name, POLL, **options)
    await feeds.add_fault("burst", POLL, events=4000)
    got: list[Any] = []
    cuts = 0
    while len(once(event for event in got if isinstance(event, dict))) < 4000:
        page = await feeds.page(token)
        if page is None:
            cuts += 1
            continue
        token = page["token"]
        got += page["events"]
    events = [event for event in got if isinstance(event, dict)]
    assert cuts > 1
    assert len(got) > len(events) > 4000
    assert sorted(ids(once(events))) == sorted(ids(await feeds.created()))


async def test_duplicates_come_later_and_also_on_another_page(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    await feeds.add_fault("duplicates", POLL, share=0.5)
    await feeds.add_fault("burst", POLL, events=1000)
    token, first = await feeds.poll(token)
    _, second = await feeds.poll(token)
    times = Counter(ids(first) + ids(second))
    assert len(times) == 1000
    assert 350 < sum(count > 1 for count in times.values()) < 650
    assert second
    assert set(ids(second)) <= set(ids(first))


async def test_who_begins_now_gets_no_event_of_before(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    await feeds.add_fault("duplicates", POLL, share=1)
    await feeds.add_fault("burst", POLL, events=100)
    _, old = await feeds.poll(token)
    assert len(old) > 150
    token, _ = await feeds.poll()
    feeds.advance(300)
    _, events = await feeds.poll(token)
    assert events
    assert not set(ids(old)) & set(ids(events))


async def test_neighbours_are_swapped(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    await feeds.add_fault("reordering", POLL, share=0.3)
    await feeds.add_fault("burst", POLL, events=900)
    _, events = await feeds.poll(token)
    created = await feeds.created()
    assert events != created
    assert sorted(ids(events)) == sorted(ids(created))
    position = {event_id: index for index, event_id in enumerate(ids(created))}
    moved = [position[event_id] - index for index, event_id in enumerate(ids(events))]
    assert set(moved) == {-1, 0, 1}


async def test_a_stream_is_cut_in_the_middle_of_an_event(feeds: FeedSite) -> None:
    token = await first_event(feeds)
    await feeds.add_fault("cut_events", STREAM, every=100, times=1)
    await feeds.add_fault("burst", STREAM, events=500)
    async with feeds.stream(token) as stream:
        await stream.until(lambda stream: stream.ended)
    assert stream.ended == "cut"
    assert 50 <= len(stream.events()) <= 150
    assert stream.data.rpartition(b"\n\n")[2].startswith(b'data: {"eventId":')
    async with feeds.stream(ids(stream.events())[-1]) as rest:
        await rest.until(lambda rest: len(rest.events()) + len(stream.events()) == 500)


async def test_a_half_open_connection_sends_nothing_until_it_is_lifted() -> None:
    feeds = await FeedSite(keepalive=0.1).sign_in()
    async with feeds.stream() as stream:
        await stream.until(lambda stream: stream.comments)
        await feeds.add_fault("half_open", STREAM)
        async with feeds.stream() as newer:
            feeds.advance(600)
            sent = len(stream.data)
            with pytest.raises(AssertionError):
                await until(lambda: len(stream.data) > sent or newer.status, seconds=0.5)
            await feeds.lift_faults()
            await stream.until(lambda stream: stream.events())
            await newer.until(lambda newer: newer.comments)
    assert newer.events() == []


async def test_a_half_open_long_poll_has_no_answer_until_it_is_lifted(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    await feeds.add_fault("half_open", POLL)
    feeds.advance(600)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(feeds.poll(token))
        with pytest.raises(AssertionError):
            await until(waiting.done, seconds=0.5)
        await feeds.lift_faults()
        await until(waiting.done)
    assert waiting.result()[1]


async def test_events_of_a_silence_come_after_it() -> None:
    feeds = await FeedSite(keepalive=0.1).sign_in()
    await feeds.add_fault("silence", STREAM)
    await feeds.add_fault("silence", POLL)
    token, _ = await feeds.poll()
    async with feeds.stream() as stream:
        await feeds.until_in_flight(1)
        feeds.advance(600)
        await stream.until(lambda stream: len(stream.comments) > 2)
        token, events = await feeds.poll(token)
        assert stream.events() == events == []
        await feeds.lift_faults()
        await stream.until(lambda stream: stream.events())
    assert stream.events() == (await feeds.poll(token))[1] == await feeds.created()


@pytest.mark.parametrize("path", [POLL, AGENTS, STREAM])
async def test_the_next_token_is_taken_for_an_old_one(feeds: FeedSite, path: str) -> None:
    token = await first_event(feeds) if path == STREAM else (await feeds.poll(path=path))[0]
    await feeds.add_fault("expired_token", path)
    if path != STREAM:
        await feeds.poll(path=path)
    answer = await feeds.ask(path, {"token": token}, Accept=BOTH)
    assert answer.status_code == 400
    assert answer.json()["code"] == 202
    assert "more than 24 hours old" in answer.json()["message"]
    if path != STREAM:
        await feeds.poll(token, path)


@pytest.mark.parametrize("path", [POLL, AGENTS, STREAM])
async def test_a_feed_that_is_not_enabled_is_forbidden(feeds: FeedSite, path: str) -> None:
    await feeds.add_fault("not_enabled", path)
    answer = await feeds.ask(path, {}, Accept=BOTH)
    assert answer.status_code == 403
    assert set(answer.json()) == {"code", "message"}


async def test_a_feed_that_is_not_enabled_may_have_nothing_ever() -> None:
    feeds = await FeedSite(keepalive=0.1).sign_in()
    for path in (POLL, STREAM):
        await feeds.add_fault("not_enabled", path, mode="empty")
    token, _ = await feeds.poll()
    async with feeds.stream() as stream:
        await feeds.until_in_flight(1)
        feeds.advance(600)
        await stream.until(lambda stream: len(stream.comments) > 2)
        token, events = await feeds.poll(token)
        assert stream.events() == events == []
        await feeds.lift_faults()
    assert (await feeds.poll(token))[1] == []


async def test_clocks_of_events_may_be_off(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    feeds.advance(1800)
    _, right = await feeds.poll(token)
    await feeds.add_fault("clock_skew", POLL, seconds=-125.5)
    _, wrong = await feeds.poll(token)
    assert {event["interactionType"] for event in right} == {"VOICE", "SMS", "Email"}
    for before, after in zip(right, wrong, strict=True):
        for name in {"timestamp", "start", "end"} & set(before):
            skew = datetime.fromisoformat(after[name]) - datetime.fromisoformat(before[name])
            assert skew.total_seconds() == -125.5
            assert after[name][-6:] == before[name][-6:] or after[name].endswith("Z")


async def test_optional_fields_may_be_null_in_two_ways(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    feeds.advance(1800)
    await feeds.add_fault("null_fields", POLL)
    _, events = await feeds.poll(token)
    started = next(event for event in events if event.get("callEventType") == "CALL_START")
    assert None in started.values()
    assert "null" in started.values()
    assert started["eventId"]
    assert started["campaignType"] in ("INBOUND", "OUTBOUND", "MANUAL", "PREVIEW")


async def test_unknown_keys_are_added(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    feeds.advance(600)
    await feeds.add_fault("extra_keys", POLL)
    document = (await feeds.ask(POLL, {"token": token})).json()
    assert "addedLater" in document
    assert all("addedLater" in event for event in document["events"])


async def test_faults_of_answers_work_for_feeds(feeds: FeedSite) -> None:
    for path in (POLL, STREAM, AGENTS):
        await feeds.add_fault("status", path, status=429, retry_after="7", times=1)
        answer = await feeds.ask(path, {}, Accept=BOTH)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    await feeds.add_fault("hang", STREAM)
    async with feeds.stream() as stream:
        await feeds.until_in_flight(1)
        assert stream.status == 0
        await feeds.lift_faults()
        await stream.until(lambda stream: stream.status == 200)
