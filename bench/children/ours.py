"""The product's serving half in a process: store, page, application, server thread, and tail.

    python -m bench.children.ours SERIES

Verbs: `publish VARIANT` replaces the frame, `forget` frees the data set, `memory` tells the
resident bytes.
"""

import gc
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

import psutil

from bench.channel import answer
from bench.dataset import SOURCE, DataSet, Kept
from exporter.allocator import collect_rarely, return_large_blocks
from exporter.app import HEARTBEAT_EVERY
from exporter.health import FeedHealth, SourceHealth
from exporter.ledger import Ledger
from exporter.model import Frame
from exporter.page import Page
from exporter.selfmetrics import SERIES, Configuration
from exporter.server import Server, application, listen
from exporter.settings import Limits
from exporter.store import Place, Store
from exporter.tail import Tail

FEEDS = (
    "directory",
    "service_stats",
    "agent_status",
    "calls_on_hold",
    "campaign_stats",
    "agent_averages",
    "live_connects",
    "agent_stats",
    "agent_stats_ex",
)


class Views:
    """A program that is well."""

    def unhealthy(self) -> str:
        """Nothing."""
        return ""

    def unready(self) -> Sequence[str]:
        """Nothing."""
        return ()

    def status(self) -> dict[str, Any]:
        """Nothing."""
        return {}


class Exporter:
    """One source whose feed `service_stats` tells the data set; with its session, ten feeds."""

    def __init__(self) -> None:
        self.store = Store(Limits().series_per_family)
        feeds = [FeedHealth(name, 55.0) for name in FEEDS]
        self.health = SourceHealth(SOURCE, "livevox", "na4", feeds, time.time, time.monotonic)
        configuration = Configuration(time.time(), 1)
        ledger = Ledger.open(None, now=time.time())
        self.tail = Tail([self.health], self.store, configuration, "", ledger)
        self.page = Page(self.store, self.tail, SERIES, time.monotonic)
        self.server = Server(application(self.page, Views(), "/metrics"), [listen("127.0.0.1:0")])

    def live(self) -> None:
        """Shows feeds that were all read once."""
        for name in self.health.feeds:
            self.health.requested(name, "200", 0.2)
            self.health.succeeded(name, time.monotonic())
        frame = self.health.changed_frame()
        if frame is not None:
            self.store.publish(Place(SOURCE, "health", ""), frame)

    def publish(self, data: DataSet) -> float:
        """Publishes the data set; how long that took, in seconds."""
        began = time.perf_counter()
        frame = Frame(data.blocks(), time.monotonic())
        self.store.publish(Place(SOURCE, "service_stats", ""), frame)
        return time.perf_counter() - began


def beat(exporter: Exporter) -> None:
    """What the main loop does all the time."""
    while True:
        exporter.tail.sample()
        time.sleep(HEARTBEAT_EVERY)


def resident() -> int:
    """The resident bytes of this process, garbage collected."""
    gc.collect()
    resident: int = psutil.Process().memory_info().rss
    return resident


def main() -> None:
    """Serves until standard input ends."""
    kept = Kept(int(sys.argv[1]))
    return_large_blocks()
    collect_rarely()
    exporter = Exporter()
    exporter.live()
    threading.Thread(target=beat, args=(exporter,), daemon=True).start()
    exporter.server.start()
    answer(
        int(exporter.server.addresses[0].rpartition(":")[2]),
        {
            "publish": lambda variant: exporter.publish(kept.variant(int(variant))),
            "forget": lambda _: kept.forget(),
            "memory": lambda _: resident(),
        },
    )
    exporter.server.stop()


if __name__ == "__main__":
    main()
