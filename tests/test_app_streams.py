"""The program with streams: which feed owns what, and which streams go on after a restart."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from exporter.accumulator import SeriesKey
from exporter.app import App, account_of
from exporter.ledger import Change, Ledger, StreamChange, StreamState
from exporter.settings import Settings, load
from tests.e2e.processes import HTTP, wait_until
from tests.transports.streamed import streaming
from tests.transports.vendor import Seen, Vendor, reply, vendor

pytestmark = pytest.mark.anyio

COUNTED: SeriesKey = ("contactcenter_contacts_offered_total", (("queue_id", "7001"),))
STREAMS = ("agent_events", "interaction_events")
OPTIONAL = ("agent_averages", "live_connects", "agent_stats", "call_data", *STREAMS)
OFFERED_TWICE = (
    'contactcenter_contacts_offered_total{source="acme-us",queue_id="7001",queue="7001"'
    ',channel="voice"} 2.0'
)
THRESHOLD = (
    'contactcenter_queue_service_level_threshold_seconds{source="acme-us",queue_id="7001"'
    ',queue="7001"} 33.0'
)
DEADLINE = 30.0


def settings(
    *on: str,
    base_url: str = "http://127.0.0.1:1",
    ledger: Path | None = None,
    places: int = 4,
    **options: Any,
) -> Settings:
    """The configuration of one source with these feeds, each with the options."""
    source = {
        "platform": "livevox",
        "base_url": base_url,
        "client_name": "ACME",
        "username": "exporter",
        "password": "not-a-password",
        "access_token": "not-a-token",
        "http": {"max_in_flight": places},
        "feeds": {
            "service_stats": {"interval": 1},
            **{name: {"enabled": True, **options} for name in on},
        },
    }
    document: dict[str, Any] = {
        "web": {"listen_address": ["127.0.0.1:0"]},
        "sources": {"acme-us": source},
    }
    if ledger is not None:
        document["ledger"] = {"path": str(ledger)}
    return load(None, {}, document)


# ---- Ownership ------------------------------------------------------------------------------


def owners(family: str) -> list[str]:
    """The feeds that can give a family, its owner first."""
    of = account_of(settings(*OPTIONAL), "acme-us", {})
    return [feed.name for feed in of.feeds if family in [each.name for each in feed.families]]


@pytest.mark.parametrize(
    ("family", "feeds"),
    [
        ("contactcenter_agents", ["agent_events", "agent_status"]),
        (
            "contactcenter_queue_service_level_threshold_seconds",
            ["interaction_events", "service_stats"],
        ),
    ],
)
def test_a_stream_owns_what_a_poll_tells_too(family: str, feeds: list[str]) -> None:
    assert owners(family) == feeds


@pytest.mark.parametrize("transport", ["sse", "longpoll"])
def test_the_streams_are_of_the_transport_that_is_configured(transport: str) -> None:
    configured = settings("interaction_events", transport=transport)
    (stream,) = account_of(configured, "acme-us", {}).streams
    assert (stream.name, stream.transport) == ("interaction_events", transport)


# ---- Restarts -------------------------------------------------------------------------------


def ledger_with_streams(path: Path) -> None:
    """A ledger in which both streams of a source have been read."""
    with closing(Ledger.open(path, now=0)) as ledger:
        for feed in STREAMS:
            state = StreamChange(feed, "longpoll t1", ("e1",), {"k": "v"})
            ledger.record(
                Change("acme-us", at=time.time(), increments={COUNTED: 1.0}, stream=state)
            )


async def run_once(configured: Settings) -> None:
    """Starts the program and stops it as an operator does."""
    async with asyncio.timeout(DEADLINE):
        await App(configured).run(lambda: os.kill(os.getpid(), signal.SIGTERM))


@pytest.mark.parametrize("on", ["agent_events", "interaction_events"])
async def test_a_stream_that_is_switched_off_starts_anew_when_it_comes_back(
    tmp_path: Path, on: str
) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger_with_streams(path)
    await run_once(settings(on, ledger=path))
    (off,) = set(STREAMS) - {on}
    with closing(Ledger.open(path, now=0)) as ledger:
        assert ledger.stream_state("acme-us", off) == StreamState()
        assert ledger.stream_state("acme-us", on).ids == ("e1",)
        assert ledger.counters("acme-us")[COUNTED] == 2


# ---- Running --------------------------------------------------------------------------------


class LiveVox:
    """A vendor of which nothing works but the sign-in, service/stats and the feeds of events.

    Of agents there is no event. Of interactions there are two, the second one twice.
    """

    def __init__(self, server: Vendor) -> None:
        self.tokens: list[str] = []
        self.held: set[str] = set()
        self.quiet = asyncio.Event()
        self.polled_beside = asyncio.Event()
        server.answers["/session/login"] = reply(200, b'{"sessionId": "S1"}')
        server.answers["/realtime/agentEvent/feed"] = self.agents
        server.answers["/realtime/event/feed/sse"] = self.interactions
        server.answers["/realtime/service/stats"] = self.stats

    async def agents(self, request: Seen, writer: asyncio.StreamWriter) -> None:
        """Refuses the token t1, tells one without a token, and then nothing."""
        token = json.loads(request.body).get("token", "")
        self.tokens.append(token)
        if token == "t1":
            writer.write(reply(400, b'{"code": 202}'))
        elif not token:
            writer.write(reply(200, b'{"token": "t2", "agentEvent": []}'))
        else:
            self.held.add("agent_events")
            self.quiet.set()
            await asyncio.Event().wait()

    async def interactions(self, request: Seen, writer: asyncio.StreamWriter) -> None:
        """Three events in a stream that stays open."""
        self.held.add("interaction_events")
        events = [termination(name) for name in ("e1", "e2", "e2")]
        await streaming(b"".join(b"data: " + each + b"\n\n" for each in events))(request, writer)

    async def stats(self, _: Seen, writer: asyncio.StreamWriter) -> None:
        """No statistics."""
        if self.held == set(STREAMS):
            self.polled_beside.set()
        writer.write(reply(200, b'{"stats": []}'))


def termination(name: str) -> bytes:
    """A call that was answered."""
    told = {"eventId": name, "interactionType": "VOICE", "callEventType": "CALL_TERMINATION"}
    offered = {"serviceId": 7001, "operatorTransfer": 1, "operatorTransferSuccessful": 1}
    return json.dumps({**told, **offered, "serviceLevelThreshold": 33}).encode()


@asynccontextmanager
async def running(app: App) -> AsyncIterator[None]:
    """Runs the program, and stops it as an operator does."""
    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        task = group.create_task(app.run())
        try:
            yield
            os.kill(os.getpid(), signal.SIGTERM)
        except BaseException:
            task.cancel()
            raise


async def test_an_old_token_is_given_up_once_and_the_new_one_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger_with_streams(path)
    async with vendor() as server:
        livevox = LiveVox(server)
        async with running(App(settings("agent_events", base_url=server.url, ledger=path))):
            await livevox.quiet.wait()
    assert livevox.tokens == ["t1", "", "t2"]
    gaps: SeriesKey = ("contactcenter_feed_gaps_total", (("feed", "agent_events"),))
    with closing(Ledger.open(path, now=0)) as ledger:
        assert ledger.counters("acme-us")[gaps] == 1
        kept = ledger.stream_state("acme-us", "agent_events")
    assert (kept.cursor, kept.ids) == ("longpoll t2", ("e1",))
    assert "k" not in kept.memory


async def shown(app: App, line: str) -> None:
    """Waits until /metrics has this line."""

    def is_there() -> bool:
        return line in HTTP.get(f"http://{app.addresses[0]}/metrics").text.splitlines()

    await asyncio.to_thread(wait_until, is_there, line)


async def test_events_are_on_the_page_within_seconds_and_polls_go_on_beside_the_streams(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.sqlite"
    feed = 'source="acme-us",feed="interaction_events"'
    async with vendor() as server:
        livevox = LiveVox(server)
        app = App(settings(*STREAMS, base_url=server.url, ledger=path, places=1))
        async with running(app):
            await shown(app, f"contactcenter_feed_duplicate_events_total{{{feed}}} 1.0")
            await shown(app, f"contactcenter_feed_connected{{{feed}}} 1.0")
            await shown(app, f"contactcenter_feed_up{{{feed}}} 1.0")
            await shown(app, OFFERED_TWICE)
            await shown(app, THRESHOLD)
            await livevox.polled_beside.wait()
    with closing(Ledger.open(path, now=0)) as ledger:
        kept = ledger.stream_state("acme-us", "interaction_events")
    assert kept.cursor.startswith("sse ")
    assert kept.ids == ("e1", "e2")
