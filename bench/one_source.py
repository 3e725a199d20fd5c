"""The benchmark's source without its transports, on a ledger's file."""

import time
from pathlib import Path

from bench.account import settings
from bench.dataset import SOURCE
from exporter.app import account_of, all_families
from exporter.backoff import Patience
from exporter.health import FeedHealth, SourceHealth
from exporter.ledger import Ledger
from exporter.source import Source
from exporter.store import Store


class OneSource:
    """A source with one stream: what its transport would publish to, and where it goes."""

    def __init__(self, stream: str, directory: Path) -> None:
        configured = settings("http://127.0.0.1:1", directory / "ledger.sqlite", [stream])
        account = account_of(configured, SOURCE, {})
        limits = configured.limits
        self.store = Store(limits.series_per_family)
        self.ledger = Ledger.open(
            configured.ledger.path, event_ids=limits.event_ids, now=time.time()
        )
        feeds = [FeedHealth(feed.name, 60.0) for feed in account.feeds]
        self.health = SourceHealth(SOURCE, "livevox", "na4", feeds, time.time, time.monotonic)
        self.source = Source(
            SOURCE,
            account,
            self.store,
            self.health,
            self.ledger,
            {feed.name: Patience((1, 8), (60, 600), lambda: 0.5) for feed in account.feeds},
            {family.name: family for family in all_families()},
            time.time,
            time.monotonic,
            limits.event_ids,
        )
        self.stream = self.source.streams[stream]
