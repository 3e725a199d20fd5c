"""service/stats, from bytes to published chunks, with the product's own decoder and tables.

    python -m bench.children.stats_ours SERVICES

Verb: `read VARIANT`, answered with the seconds of each part.
"""

import sys
import time
from collections.abc import Mapping
from itertools import pairwise

from bench.channel import answer
from bench.stats_document import stats_document
from exporter.accumulator import DayState, Reading, accumulate
from exporter.allocator import collect_rarely, return_large_blocks
from exporter.decoding import identity, text
from exporter.feeds import Answer
from exporter.model import Frame
from exporter.settings import Limits
from exporter.store import Place, Store
from exporter.vendors.livevox import wire
from exporter.vendors.livevox.batches import answered
from exporter.vendors.livevox.directory import LiveVoxDirectory
from exporter.vendors.livevox.queues import ServiceStatsTables

AT = 1_700_000_000.0  # the vendor's time of the first reading, Unix seconds


class Units:
    """The units of an account, as they are by default."""

    percent_scale = 100
    longest_wait_unit = "ms"
    service_level_threshold = 20.0


class Account:
    """One source that reads service/stats again and again."""

    def __init__(self, services: int) -> None:
        limits = Limits()
        self.store = Store(limits.series_per_family)
        self.documents = tuple(stats_document(services, n) for n in range(2))
        self._tables = ServiceStatsTables(Units(), limits.label_values)
        self._directory = LiveVoxDirectory()
        self._state: DayState | None = None
        self._at = AT

    def read(self, variant: int) -> Mapping[str, float]:
        """Reads one document and publishes it; the seconds of each part.

        The steps are those of the feed `service_stats` and of the source it publishes to.
        """
        body = self.documents[variant]
        times = [time.perf_counter()]
        found = answered(wire.SERVICE_STATS, [Answer(body, self._at)], self._at)
        times.append(time.perf_counter())
        wanted = [(identity(row.serviceId), row) for row in found.rows]
        names = {service: text(row.serviceName) for service, row in wanted}
        self._directory = self._directory.learning("service_stats", names)
        keyed = [(self._directory.key(service), row) for service, row in wanted]
        blocks = self._tables.blocks(keyed)
        times.append(time.perf_counter())
        self.store.publish(
            Place("acme-us", "service_stats", ""), Frame(blocks, time.monotonic(), 55.0)
        )
        times.append(time.perf_counter())
        totals = self._tables.totals(self._directory.queues, keyed)
        self._at += 15.0
        outcome = accumulate(self._state, Reading(self._at, totals.values))
        self._state = outcome.state
        times.append(time.perf_counter())
        parts = [end - start for start, end in pairwise(times)]
        whole = times[3] - times[0]
        return dict(zip(("decode", "tables", "publish", "totals"), parts, strict=True), whole=whole)


def main() -> None:
    """Reads until standard input ends."""
    return_large_blocks()
    collect_rarely()
    account = Account(int(sys.argv[1]))
    answer(len(account.documents[0]), {"read": lambda variant: account.read(int(variant))})


if __name__ == "__main__":
    main()
