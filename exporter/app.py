"""The composition root: settings to sources, feeds to tasks, and the order of start and stop."""

import asyncio
import contextlib
import hashlib
import logging
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from exporter import __version__, health, selfmetrics
from exporter.accounts import Account, Common, Feed, Vendor
from exporter.allocator import collect_rarely, return_large_blocks
from exporter.backoff import Patience
from exporter.errors import LedgerError, LedgerInUseError
from exporter.feeds import Poll
from exporter.health import FeedHealth, SourceHealth
from exporter.ledger import Committed, Ledger
from exporter.model import Family, catalogue
from exporter.page import Page
from exporter.running_stream import RunningStream
from exporter.server import Server, application, listen
from exporter.settings import Settings, describe
from exporter.source import Source
from exporter.status import ledger_status, source_status
from exporter.store import Store
from exporter.streams import LongPoll, Sse, Stream
from exporter.supervise import supervise
from exporter.tail import Tail
from exporter.ticks import Metronome
from exporter.transports.client import HttpOptions, SourceClient, new_http
from exporter.transports.fair_queue import FairQueue
from exporter.transports.longpoll import LongPolling
from exporter.transports.poll import Polling
from exporter.transports.sse import Listening
from exporter.vendors import VENDORS

log = logging.getLogger(__name__)

HEARTBEAT_EVERY = 0.5  # seconds
HEARTBEAT_DEAD = 10.0  # seconds without one after which the process does not work
READY_AFTER = 30.0  # seconds after which readiness waits for nothing any more
FIRST_WITHIN = 5.0  # seconds that the other feeds wait for the directory at the start
FIRST_RETRY = 1.0  # seconds
LONGEST_RETRY = 60.0  # seconds, and never more than the feed's interval
LONGEST_STREAM_RETRY = 15.0  # seconds; events wait meanwhile
REVISION_VARIABLE = "EXPORTER_REVISION"


def all_families() -> tuple[Family, ...]:
    """Every family this program can show; raises FamilyError if two clash."""
    platforms = [family for vendor in VENDORS for family in vendor.families]
    return catalogue([*platforms, *health.FAMILIES, *selfmetrics.FAMILIES])


def vendor_of(platform: str) -> Vendor:
    """The platform's declaration."""
    return next(vendor for vendor in VENDORS if vendor.platform == platform)


def account_of(settings: Settings, source: str, names: Mapping[str, str]) -> Account[Any]:
    """The account of a source; `names` are its queue names of the run before."""
    bounds = settings.histograms_of(source)
    label_values = settings.limits.label_values
    common = Common(label_values, bounds.wait_seconds, bounds.handle_seconds)
    of = settings.sources[source]
    return vendor_of(of.platform).account(of, names, common)


@dataclass(slots=True)
class _Runtime:
    """One source with its client."""

    source: Source
    client: SourceClient
    http: httpx.AsyncClient
    patiences: Mapping[str, Patience] = field(default_factory=dict)


class App:
    """The running exporter."""

    def __init__(self, settings: Settings) -> None:
        """Opens ledger, accounts and sockets. Raises ConfigError, LedgerInUseError, and
        ExporterError where an address can not be listened on."""
        self._settings = settings
        self._began = time.monotonic()
        self._heartbeat = self._began
        self._families = {family.name: family for family in all_families()}
        self._store = Store(settings.limits.series_per_family)
        self._ledger = _opened_ledger(settings)
        self._queues: dict[tuple[str, ...], FairQueue] = {}
        self._runtimes = [
            self._runtime(name, source) for name, source in sorted(settings.sources.items())
        ]
        self._tail = Tail(
            [runtime.source.health for runtime in self._runtimes],
            self._store,
            selfmetrics.Configuration(time.time(), _digest(settings)),
            os.environ.get(REVISION_VARIABLE) or "unknown",
            self._ledger,
        )
        page = Page(self._store, self._tail, selfmetrics.SERIES, time.monotonic)
        web = settings.web
        app = application(page, self, web.telemetry_path)
        self._server = Server(app, [listen(address) for address in web.listen_address])
        self._stop: asyncio.Event | None = None

    @property
    def addresses(self) -> Sequence[str]:
        """What is listened on, `host:port`."""
        return self._server.addresses

    def _runtime(self, name: str, settings: Any) -> _Runtime:
        names = self._ledger.queue_names(name) if self._ledger else {}
        account = account_of(self._settings, name, names)
        refused = (self._settings.auth_retry.first, self._settings.auth_retry.most)
        patiences = {
            feed.name: Patience((FIRST_RETRY, _longest_retry(feed)), refused, random.random)
            for feed in account.feeds
        }
        feeds = [_health_of(feed, settings.http.timeout) for feed in account.feeds]
        checked = SourceHealth(
            name, account.platform, account.environment, feeds, time.time, time.monotonic
        )
        source = Source(
            name,
            account,
            self._store,
            checked,
            self._ledger,
            patiences,
            self._families,
            time.time,
            time.monotonic,
            self._settings.limits.event_ids,
        )
        client, http = self._client(source, account, settings, refused)
        return _Runtime(source, client, http, patiences)

    def _client(
        self, source: Source, account: Account[Any], settings: Any, refused: tuple[float, float]
    ) -> tuple[SourceClient, httpx.AsyncClient]:
        options = HttpOptions(
            account.base_url,
            settings.http.timeout,
            settings.http.proxy,
            str(settings.http.ca_file or ""),
        )
        # a stream takes no turn, and has a connection to itself
        http = new_http(options, settings.http.max_in_flight + len(source.streams))
        queue = self._queues.setdefault(account.credential, FairQueue(settings.http.max_in_flight))
        client = SourceClient(
            source.name,
            http,
            options,
            account.sign_in,
            queue,
            _ClientReport(source),
            Patience((FIRST_RETRY, LONGEST_RETRY), refused, random.random),
        )
        source.vendor_clock = client.vendor_time
        return client, http

    async def run(self, started: Callable[[], None] = lambda: None) -> None:
        """Runs until SIGTERM or SIGINT; `started` is called once it serves."""
        self._stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(
            signal.SIGHUP, log.warning, "SIGHUP ignored: reload is not yet built in this version"
        )
        for runtime in self._runtimes:
            runtime.source.show_counters()
            runtime.source.show_health()
        if self._ledger is not None:
            self._ledger.start(self._committed)
        try:
            self._server.start()
            log.info(
                "started", extra={"version": __version__, "addresses": ",".join(self.addresses)}
            )
            started()
            await self._work(self._stop)
        finally:
            self._close()

    async def _work(self, stop: asyncio.Event) -> None:
        async with AsyncExitStack() as stack:
            metronome = stack.enter_context(Metronome())
            for runtime in self._runtimes:
                await stack.enter_async_context(runtime.http)
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._beat())]
                for runtime in self._runtimes:
                    tasks += [
                        group.create_task(self._feed(runtime, feed, metronome))
                        for feed in runtime.source.account.feeds
                    ]
                await stop.wait()
                log.info("stopping")
                for task in tasks:
                    task.cancel()

    async def _feed(self, runtime: _Runtime, feed: Feed, metronome: Metronome) -> None:
        source = runtime.source
        if feed.name != source.account.first:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FIRST_WITHIN):
                    await source.first_tried.wait()
        patience = runtime.patiences[feed.name]
        if isinstance(feed, Poll):
            polling = Polling(feed, runtime.client, source, time.monotonic)
            # the first round is at once: the first tick comes in the second half of the interval
            ticks = metronome.every(feed.interval, feed.interval * (0.5 + random.random() / 2))
            await supervise(lambda: polling.run(ticks), partial(source.broke, feed), patience)
        else:
            stream = source.streams[feed.name]
            await source.known_to(feed.ready)
            await supervise(_loop(feed, runtime.client, stream), stream.broke, patience)

    async def _beat(self) -> None:
        while True:
            self._heartbeat = time.monotonic()
            for runtime in self._runtimes:
                runtime.source.show_streams()
                runtime.source.show_health()
            self._tail.sample()
            await asyncio.sleep(HEARTBEAT_EVERY)

    def _committed(self, committed: Mapping[str, Committed]) -> None:
        for runtime in self._runtimes:
            if runtime.source.name in committed:
                runtime.source.show_counters(committed[runtime.source.name])

    def _close(self) -> None:
        if self._ledger is not None:
            try:
                self._ledger.close()
            except LedgerError as error:
                log.error("the last commit failed", extra={"detail": str(error)})
        self._server.stop()
        log.info("stopped")

    def unhealthy(self) -> str:
        """Why the process does not work: its loop has not shown a sign of life."""
        silence = time.monotonic() - self._heartbeat
        return f"the main loop is stuck for {silence:.0f} s" if silence > HEARTBEAT_DEAD else ""

    def unready(self) -> Sequence[str]:
        """The feeds whose first outcome is not known; none after 30 s."""
        if time.monotonic() - self._began > READY_AFTER:
            return []
        return [
            f"{runtime.source.name} {feed}"
            for runtime in self._runtimes
            for feed in runtime.source.health.untried()
        ]

    def status(self) -> dict[str, Any]:
        """The status document."""
        now = time.monotonic()
        return {
            "version": __version__,
            "uptime_seconds": round(now - self._began, 1),
            "series": sum(self._store.selection(now).series.values()),
            "ledger": ledger_status(self._ledger, self._settings.ledger.path is not None),
            "sources": [
                source_status(runtime.source, now, time.time()) for runtime in self._runtimes
            ],
        }


def _longest_retry(feed: Feed) -> float:
    often = feed.interval if isinstance(feed, Poll) else LONGEST_STREAM_RETRY
    return max(FIRST_RETRY, min(LONGEST_RETRY, often))


def _health_of(feed: Feed, timeout: float) -> FeedHealth:
    """What a poll tells lives for three intervals and a request; a stream's, for its idle limit."""
    if isinstance(feed, Poll):
        return FeedHealth(feed.name, 3 * feed.interval + timeout, feed.auxiliary)
    return FeedHealth(feed.name, feed.idle, feed.auxiliary, streams=True)


def _loop(
    feed: Stream[Any], client: SourceClient, stream: RunningStream
) -> Callable[[], Awaitable[None]]:
    if isinstance(feed, LongPoll):
        return LongPolling(feed, client, stream, time.monotonic).run
    if isinstance(feed, Sse):
        return Listening(feed, client, stream, time.monotonic, random.random).run
    raise TypeError(f"{feed.name}: no transport for {type(feed).__name__}")


class _ClientReport:
    """What a client reports, in the words of a source."""

    def __init__(self, source: Source) -> None:
        self.requested = source.health.requested
        self.failed = source.health.failed
        self.signed_in = source.signed_in
        self.signed_out = source.signed_out


def _opened_ledger(settings: Settings) -> Ledger | None:
    """The ledger; None where it can not be opened, which is logged: gauges are served still."""
    retention = {name: source.queue_retention for name, source in settings.sources.items()}
    path = settings.ledger.path
    try:
        return Ledger.open(
            Path(path) if path is not None else None,
            retention=retention,
            event_ids=settings.limits.event_ids,
            streams={
                name: vendor_of(source.platform).streams(source)
                for name, source in settings.sources.items()
            },
            takes_over={
                stream: poll for vendor in VENDORS for stream, poll in vendor.takes_over.items()
            },
            now=time.time(),
        )
    except LedgerInUseError:
        raise
    except LedgerError as error:
        log.error("the ledger is left out: no counters are shown", extra={"detail": str(error)})
        return None


def _digest(settings: Settings) -> int:
    """A number for the configuration: 48 bits of a SHA-256, exact as a float."""
    return int.from_bytes(hashlib.sha256(describe(settings).encode()).digest()[:6], "big")


def run(settings: Settings, started: Callable[[App], None] = lambda app: None) -> None:
    """Runs the exporter until it is told to stop."""
    return_large_blocks()
    collect_rarely()
    app = App(settings)
    asyncio.run(app.run(lambda: started(app)))
