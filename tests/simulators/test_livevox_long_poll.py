"""The feeds by long polls: tokens, waits, pages, filters and refusals."""

import asyncio
import json
import time

import pytest

from tests.simulators.feed import AGENTS, POLL, FeedSite, by_type, ids, until

pytestmark = pytest.mark.anyio
HOUR = 3600
DAY = 24 * HOUR


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


@pytest.mark.parametrize("path", [POLL, AGENTS])
async def test_a_chain_of_tokens_gives_every_event_once(feeds: FeedSite, path: str) -> None:
    feed = "agent_events" if path == AGENTS else "interaction_events"
    before = len(await feeds.created(feed))
    token, events = await feeds.poll(path=path)
    assert events == []
    got = []
    for seconds in (600, 1800, 60):
        feeds.advance(seconds)
        token, events = await feeds.poll(token, path)
        assert events
        got += events
    assert got == await feeds.created(feed, before)
    assert len(set(ids(got))) == len(got) > 100


async def test_an_old_token_repeats_events(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    feeds.advance(600)
    newer, events = await feeds.poll(token)
    assert (await feeds.poll(token))[1] == events
    assert (await feeds.poll(newer))[1] == []


async def test_without_events_it_waits_and_gives_another_token(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    begun = time.monotonic()
    newer, events = await feeds.poll(token)
    assert events == []
    assert time.monotonic() - begun >= 0.3
    feeds.advance(600)
    assert (await feeds.poll(newer))[1]


async def test_an_event_is_told_at_once() -> None:
    feeds = await FeedSite(long_poll=60).sign_in()
    token, _ = await feeds.poll()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(feeds.poll(token))
        await feeds.until_in_flight(1)
        feeds.advance(120)
        await until(waiting.done)
    assert waiting.result()[1]


async def test_a_pause_does_not_keep_an_answer_back(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    await feeds.ask("/_pause")
    feeds.advance(600)
    assert (await feeds.poll(token))[1] == []


async def test_a_page_has_at_most_count_events_and_the_token_goes_on(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    await feeds.add_fault("burst", POLL, events=2300)
    sizes = []
    for query in ("", "?count=500", "?count=1000"):
        token, events = await feeds.poll(token, POLL + query)
        sizes.append(len(events))
    assert sizes == [1000, 500, 800]


async def test_filters_of_one_kind_add_up_and_of_several_narrow(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    feeds.advance(HOUR)
    _, everything = await feeds.poll(token)
    written = {"interactionType": [{"type": "EMAIL"}, {"type": "sms"}]}
    _, messages = await feeds.poll(token, filter=written)
    assert messages == [one for one in everything if one["interactionType"] != "VOICE"]
    service = {"service": [{"id": "7004"}]}
    _, narrowed = await feeds.poll(token, filter={**written, **service})
    assert narrowed == [one for one in messages if one["serviceId"] == "7004"]
    _, of_service = await feeds.poll(token, filter=service)
    assert {str(one["serviceId"]) for one in of_service} == {"7004"}
    assert len(of_service) > len(narrowed) > 0
    _, of_center = await feeds.poll(token, filter={"callCenter": [{"id": 31}]})
    assert {str(one["serviceId"]) for one in of_center} == {"7001", "7004"}


async def test_what_a_filter_leaves_out_does_not_come_with_the_next_token(feeds: FeedSite) -> None:
    only = {"interactionType": [{"type": "EMAIL"}]}
    token, _ = await feeds.poll(filter=only)
    feeds.advance(HOUR)
    token, events = await feeds.poll(token, filter=only)
    assert set(by_type(events)) == {"Attempt"}
    assert (await feeds.poll(token))[1] == []


@pytest.mark.parametrize("path", [POLL, AGENTS])
async def test_a_token_older_than_a_day_is_refused(feeds: FeedSite, path: str) -> None:
    token, _ = await feeds.poll(path=path)
    feeds.advance(DAY - 60)
    await feeds.sign_in()
    await feeds.poll(token, path)
    feeds.advance(120)
    answer = await feeds.ask(path, {"token": token})
    assert answer.status_code == 400
    assert answer.json() == {
        "code": 202,
        "message": 'Time "2025-11-12 22:13:20-0400" is more than 24 hours old. '
        "This type of data is kept for 24 hours.",
    }


async def test_a_token_in_use_never_gets_too_old(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    got, before = [], len(await feeds.created())
    for _ in range(2):
        feeds.advance(13 * HOUR)
        await feeds.sign_in()
        for _ in range(30):
            token, events = await feeds.poll(token)
            got += events
            if len(events) < 1000:
                break
    listed = (await feeds.ask("/_events?feed=interaction_events", method="GET")).json()
    assert len(got) == listed["last"] - before
    assert listed["first"] > 1


@pytest.mark.parametrize(
    ("path", "body", "status", "wrong"),
    [
        (POLL, {"token": "yesterday"}, 400, "token"),
        (POLL, {"token": "e0646720-a7f3-11eb-8080-808080808080"}, 400, "token"),
        (POLL, {"token": 7}, 400, "token"),
        (POLL, {"since": 7}, 400, "since"),
        (POLL, {"filter": []}, 400, "filter"),
        (POLL, {"filter": {"campaign": [{"id": 1}]}}, 400, "campaign"),
        (POLL, {"filter": {"service": ["7001"]}}, 400, "service"),
        (POLL, {"filter": {"interactionType": [{"type": "CHAT"}]}}, 400, "CHAT"),
        (f"{POLL}?count=499", {}, 400, "count"),
        (f"{POLL}?count=1001", {}, 400, "count"),
        (f"{POLL}?count=many", {}, 400, "count"),
        (AGENTS, {"filter": {}}, 400, "filter"),
    ],
)
async def test_a_bad_request_gets_a_clear_error(
    still_feeds: FeedSite, path: str, body: object, status: int, wrong: str
) -> None:
    answer = await still_feeds.ask(path, body)
    assert answer.status_code == status
    assert wrong in answer.json()["message"]


async def test_tokens_of_one_feed_are_none_of_the_other(still_feeds: FeedSite) -> None:
    token, _ = await still_feeds.poll()
    assert (await still_feeds.ask(AGENTS, {"token": token})).status_code == 400


async def test_who_is_not_signed_in_is_refused(feeds: FeedSite) -> None:
    feeds.session = "nobody"
    assert (await feeds.ask(POLL)).status_code == 401
    assert (await feeds.ask(AGENTS)).status_code == 401
    assert (await feeds.ask(POLL, method="GET")).status_code == 405


async def test_an_answer_has_the_simulated_date_and_is_compressed_when_asked(
    feeds: FeedSite,
) -> None:
    token, _ = await feeds.poll()
    feeds.advance(HOUR)
    answer = await feeds.ask(POLL, {"token": token}, **{"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["date"] == "Thu, 13 Nov 2025 03:13:20 GMT"
    assert json.loads(answer.text)["events"]


async def test_a_vanished_service_has_no_events(feeds: FeedSite) -> None:
    token, _ = await feeds.poll()
    await feeds.ask("/_faults", {"fault": "vanish_service", "id": 7002})
    feeds.advance(HOUR)
    _, events = await feeds.poll(token)
    assert 7002 not in {event["serviceId"] for event in events}
    assert 7003 in {event["serviceId"] for event in events}
