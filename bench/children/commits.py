"""The product's serving half with a ledger that commits when it is told, and static series.

    python -m bench.children.commits SERIES COUNTERS

Verbs: `commit` changes the counters, commits and publishes them, and tells the seconds of both;
`begin` does so on a thread and answers at once; `ended` waits for that thread and tells between
which times of the monotonic clock, which all processes share, it worked, and the seconds.
"""

import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.channel import answer
from bench.children.ours import Views
from bench.dataset import SOURCE, DataSet, dataset
from bench.interactions import SERVICES
from bench.one_source import OneSource
from exporter.accumulator import SeriesKey
from exporter.allocator import collect_rarely, return_large_blocks
from exporter.ledger import Change
from exporter.model import Frame
from exporter.page import Page
from exporter.selfmetrics import SERIES, Configuration
from exporter.server import Server, application, listen
from exporter.store import Place
from exporter.tail import Tail
from exporter.vendors.livevox.contacts import series
from exporter.vendors.livevox.families import INTERACTIONS


def label_sets(count: int) -> Sequence[SeriesKey]:
    """So many label sets of one family, of all queues."""
    queues = list(SERVICES)
    return [
        series(
            INTERACTIONS,
            queues[n % len(queues)],
            "voice",
            "call_termination",
            "outbound",
            "outbound",
            f"result_{n // len(queues)}",
        )
        for n in range(count)
    ]


class Committing:
    """One source whose counters all change between two commits."""

    def __init__(self, data: DataSet, counters: int, directory: Path) -> None:
        self._of = OneSource("interaction_events", directory)
        self._keys = label_sets(counters)
        self._told: Mapping[str, float] = {}
        self._thread: threading.Thread | None = None
        place = Place(SOURCE, "service_stats", "")
        self._of.store.publish(place, Frame(data.blocks(), time.monotonic()))
        configuration = Configuration(time.time(), 1)
        tail = Tail([self._of.health], self._of.store, configuration, "", self._of.ledger)
        page = Page(self._of.store, tail, SERIES, time.monotonic)
        tail.sample()
        self.server = Server(application(page, Views(), "/metrics"), [listen("127.0.0.1:0")])

    def _change(self) -> None:
        rises = dict.fromkeys(self._keys, 1.0)
        self._of.ledger.record(Change(SOURCE, at=time.time(), increments=rises))

    def _commit(self) -> Mapping[str, float]:
        began = time.perf_counter()
        committed = self._of.ledger.commit()
        ended = time.perf_counter()
        self._of.source.show_counters(committed[SOURCE])
        shown = time.perf_counter()
        return {"began": began, "ended": shown, "commit": ended - began, "publish": shown - ended}

    def commit(self) -> Mapping[str, float]:
        """Changes, commits and publishes."""
        self._change()
        return self._commit()

    def begin(self) -> None:
        """Changes, and begins to commit and publish."""
        self._change()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        self._told = self._commit()

    def ended(self) -> Mapping[str, float]:
        """Waits for what was begun."""
        assert self._thread is not None
        self._thread.join()
        return self._told

    def close(self) -> None:
        """Stops serving, and closes the ledger."""
        self.server.stop()
        self._of.ledger.close()


def main() -> None:
    """Serves until standard input ends."""
    static, counters = map(int, sys.argv[1:])
    return_large_blocks()
    collect_rarely()
    with TemporaryDirectory(prefix="bench-ledger-") as directory:
        committing = Committing(dataset(static), counters, Path(directory))
        committing.commit()
        committing.server.start()
        answer(
            int(committing.server.addresses[0].rpartition(":")[2]),
            {
                "commit": lambda _: committing.commit(),
                "begin": lambda _: committing.begin(),
                "ended": lambda _: committing.ended(),
            },
        )
        committing.close()


if __name__ == "__main__":
    main()
