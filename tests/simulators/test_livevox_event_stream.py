"""The interaction feed by server-sent events: lines, comments, tokens, and refusals."""

import gzip
import json
import re
import zlib

import pytest

from tests.simulators.feed import BOTH, STREAM, FeedSite, Stream, ids

pytestmark = pytest.mark.anyio
HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
async def feeds() -> FeedSite:
    """A site whose streams stay open."""
    return await FeedSite().sign_in()


@pytest.fixture(scope="module")
def still_feeds() -> FeedSite:
    """A site that tests share which change nothing of it."""
    made = FeedSite()
    made.log_in()
    return made


async def test_a_stream_gives_what_is_created_while_it_is_open(feeds: FeedSite) -> None:
    feeds.advance(600)
    before = len(await feeds.created())
    assert before > 0
    async with feeds.stream() as stream:
        await feeds.until_in_flight(1)
        feeds.advance(600)
        await stream.until(lambda stream: stream.events())
    assert stream.events() == await feeds.created(after=before)
    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert stream.headers["date"] == "Thu, 13 Nov 2025 02:23:20 GMT"


async def test_every_message_is_one_data_line(feeds: FeedSite) -> None:
    async with feeds.stream() as stream:
        await feeds.until_in_flight(1)
        feeds.advance(600)
        await stream.until(lambda stream: stream.events())
    assert all(block.startswith("data: {") and "\n" not in block for block in stream.blocks)


async def test_a_token_goes_on_with_the_event_after_it(feeds: FeedSite) -> None:
    feeds.advance(HOUR)
    created = await feeds.created()
    position = len(created) // 2
    async with feeds.stream(ids(created)[position]) as stream:
        await stream.until(lambda stream: len(stream.events()) == len(created) - position - 1)
    assert stream.events() == created[position + 1 :]


async def test_a_piece_has_at_most_count_events(feeds: FeedSite) -> None:
    feeds.advance(1)
    await feeds.add_fault("burst", STREAM, events=2001)
    first = ids(await feeds.created())[0]
    async with feeds.stream(first) as stream:
        await stream.until(lambda stream: len(stream.events()) >= 2000)
    assert max(piece.count(b"data: ") for piece in stream.pieces) == 1000


async def test_a_silent_stream_gets_comments_and_then_a_normal_end() -> None:
    feeds = await FeedSite(keepalive=0.2, idle=0.7).sign_in()
    async with feeds.stream() as stream:
        await stream.until(lambda stream: stream.ended)
    assert stream.ended == "whole"
    assert set(stream.comments[:-1]) == {": keepalive 2025-11-12 22:13:20-0400"}
    assert re.fullmatch(": .*clos.*", stream.comments[-1])
    assert stream.blocks == stream.comments


async def test_comments_come_while_time_stands_still() -> None:
    feeds = await FeedSite(keepalive=0.1).sign_in()
    await feeds.ask("/_pause")
    async with feeds.stream() as stream:
        feeds.advance(600)
        await stream.until(lambda stream: len(stream.comments) == 2)
    assert stream.events() == []


async def test_an_event_puts_the_end_off() -> None:
    feeds = await FeedSite(keepalive=60, idle=0.6).sign_in()
    async with feeds.stream() as stream:
        await feeds.until_in_flight(1)
        feeds.advance(300)
        await stream.until(lambda stream: stream.events())
        await stream.until(lambda stream: stream.ended)
    assert stream.ended == "whole"
    assert stream.blocks[-1].startswith(": ")


async def test_a_filter_narrows_a_stream(feeds: FeedSite) -> None:
    only = {"interactionType": [{"type": "sms"}], "service": [{"id": 7001}]}
    async with feeds.stream(filter=only) as stream:
        await feeds.until_in_flight(1)
        feeds.advance(HOUR)
        await stream.until(lambda stream: stream.events())
    kinds = {(event["interactionType"], event["serviceId"]) for event in stream.events()}
    assert kinds == {("SMS", "7001")}


async def test_a_compressed_stream_is_read_piece_by_piece(feeds: FeedSite) -> None:
    stream = Stream(b"{}")
    headers = {**feeds.headers, "Accept": BOTH, "Accept-Encoding": "gzip"}
    async with feeds.reading(stream, headers):
        await feeds.until_in_flight(1)
        feeds.advance(600)
        await stream.until(lambda stream: stream.data)
    assert stream.headers["content-encoding"] == "gzip"
    plain = zlib.decompressobj(31).decompress(stream.data).decode()
    events = [json.loads(block.removeprefix("data: ")) for block in plain.split("\n\n")[:-1]]
    assert events == await feeds.created()
    with pytest.raises(EOFError):
        gzip.decompress(stream.data)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ({}, {"Accept": "application/json"}, 406),
        ({}, {"LV-Session": "nobody"}, 401),
        ({"token": "yesterday"}, {}, 400),
        ({"token": "41e22410-a4d9-11eb-abe6-bd1649d297a6"}, {}, 400),
        ({"filter": 7}, {}, 400),
    ],
)
async def test_a_refusal_is_json_and_no_stream(
    still_feeds: FeedSite, body: object, headers: dict[str, str], status: int
) -> None:
    answer = await still_feeds.ask(STREAM, body, **{"Accept": BOTH, **headers})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert "date" in answer.headers
    assert set(answer.json()) == {"code", "message"}


@pytest.mark.parametrize("kept", [True, False])
async def test_an_event_older_than_a_day_is_no_token(feeds: FeedSite, kept: bool) -> None:
    feeds.advance(60)
    first = (await feeds.created())[0]
    feeds.advance(DAY + (60 if kept else 12 * HOUR))
    await feeds.sign_in()
    assert ((await feeds.created())[0] == first) is kept
    answer = await feeds.ask(STREAM, {"token": first["eventId"]}, Accept=BOTH)
    assert answer.status_code == 400
    assert answer.json()["code"] == 202
    assert "2025-11-12 22:13:2" in answer.json()["message"]
    assert "more than 24 hours old" in answer.json()["message"]


async def test_a_reader_who_left_is_no_longer_in_flight(feeds: FeedSite) -> None:
    async with feeds.stream():
        await feeds.until_in_flight(1)
    await feeds.until_in_flight(0)
