"""The exporter itself, reading interaction events beside a page of static series.

    python -m bench.children.events_ours SERIES FEED_PORT

Verbs: `counted` tells when the last commit was and how many events were counted by then.
`moments EVENTS` waits until so many are committed, and tells when they were counted in memory and
when that commit was. `commit EVENTS` waits until so many are counted in memory, commits and shows
them at once, and tells when each of this was. Times are seconds of the monotonic clock that all
processes share.
"""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from bench.account import settings
from bench.channel import BenchError, answer
from bench.dataset import SOURCE, DataSet, dataset
from exporter.accumulator import SeriesKey
from exporter.allocator import collect_rarely, return_large_blocks
from exporter.app import App
from exporter.health import EVENTS
from exporter.ledger import Committed
from exporter.model import Frame
from exporter.running_stream import RunningStream
from exporter.settings import Settings
from exporter.store import Place
from exporter.vendors.livevox.interactions import Interactions

FEED = "interaction_events"
RECORDED_WITHIN = 30.0  # seconds
COUNTS: Sequence[SeriesKey] = [
    (EVENTS.name, (("feed", FEED), ("kind", kind))) for kind in Interactions.kinds
]


class Watched:
    """A stream at run time that notes when it has counted what it received."""

    def __init__(self, stream: RunningStream) -> None:
        self._stream = stream
        self._changed = threading.Condition()
        self._counted_at = 0.0
        self._payloads = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def received(self, payloads: Sequence[bytes]) -> None:
        """Counts the data of events."""
        self._stream.received(payloads)
        with self._changed:
            self._counted_at = time.perf_counter()
            self._payloads += len(payloads)
            self._changed.notify_all()

    def recorded(self, payloads: int) -> float:
        """When so many payloads were counted in memory."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._payloads >= payloads, RECORDED_WITHIN):
                raise BenchError(f"no {payloads} events in {RECORDED_WITHIN:g} s")
            return self._counted_at


class Measured(App):
    """The application, with series that never change, and with its commits noted."""

    def __init__(self, configured: Settings, data: DataSet) -> None:
        super().__init__(configured)
        frame = Frame(data.blocks(), time.monotonic())
        self._store.publish(Place(SOURCE, "service_stats", ""), frame)
        source = self._runtimes[0].source
        self._watched = Watched(source.streams[FEED])
        source.streams = {FEED: cast("RunningStream", self._watched)}
        self._counts: dict[SeriesKey, float] = {}
        self._noted = threading.Condition()
        self._last = 0.0, 0.0

    def _committed(self, committed: Mapping[str, Committed]) -> None:
        at = time.perf_counter()
        super()._committed(committed)
        counters = committed[SOURCE].counters if SOURCE in committed else {}
        with self._noted:
            self._counts.update((key, counters[key]) for key in COUNTS if key in counters)
            self._last = at, sum(self._counts.values())
            self._noted.notify_all()

    def counted(self) -> tuple[float, float]:
        """When the last commit that is shown was, and the events counted by then."""
        return self._last

    def moments(self, events: int) -> Mapping[str, float]:
        """When so many events were counted in memory, and when they were committed."""
        recorded = self._watched.recorded(events)
        with self._noted:
            if not self._noted.wait_for(lambda: self._last[1] >= events, RECORDED_WITHIN):
                raise BenchError(f"no commit of {events} events in {RECORDED_WITHIN:g} s")
            return {"recorded": recorded, "committed": self._last[0]}

    def commit(self, events: int) -> Mapping[str, float] | None:
        """Commits and shows what was counted, once it was; None where the application's own
        commit came in between."""
        assert self._ledger is not None
        recorded = self._watched.recorded(events)
        began = time.perf_counter()
        committed = self._ledger.commit()
        if SOURCE not in committed:
            return None
        ended = time.perf_counter()
        self._committed(committed)
        shown = time.perf_counter()
        return {"recorded": recorded, "began": began, "committed": ended, "shown": shown}


def serve(app: Measured) -> None:
    """Answers until standard input ends, and stops the application then."""
    answer(
        int(app.addresses[0].rpartition(":")[2]),
        {
            "counted": lambda _: app.counted(),
            "moments": lambda events: app.moments(int(events)),
            "commit": lambda events: app.commit(int(events)),
        },
    )
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Runs the exporter until standard input ends."""
    series, port = map(int, sys.argv[1:])
    return_large_blocks()
    collect_rarely()
    with TemporaryDirectory(prefix="bench-ledger-") as directory:
        url, ledger = f"http://127.0.0.1:{port}", Path(directory, "ledger.sqlite")
        app = Measured(settings(url, ledger, [FEED]), dataset(series))
        verbs = threading.Thread(target=serve, args=(app,), daemon=True)
        asyncio.run(app.run(verbs.start))


if __name__ == "__main__":
    main()
