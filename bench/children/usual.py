"""The control of a changing page: prometheus_client's Gauges and its own HTTP server.

    python -m bench.children.usual SERIES

Verbs: `publish VARIANT` sets every Gauge, `forget` frees the data set, `memory` tells the resident
bytes.
"""

import sys
import time

from prometheus_client import CollectorRegistry, Gauge, start_http_server

from bench.channel import answer
from bench.children.ours import resident
from bench.dataset import FAMILIES, LABELS, SOURCE, DataSet, Kept


class Gauges:
    """The data set as Gauges. Their children are kept, so that setting one is as fast as it can
    be: a program that calls `labels()` each time needs about four times as long for it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._names = ("source", *LABELS)
        self._children: list[list[Gauge]] = []

    def publish(self, data: DataSet) -> float:
        """Sets every Gauge; how long that took, in seconds."""
        if not self._children:
            self._make(data)
        began = time.perf_counter()
        for children, column in zip(self._children, data.columns, strict=True):
            for child, value in zip(children, column, strict=True):
                child.set(value)
        return time.perf_counter() - began

    def _make(self, data: DataSet) -> None:
        # one text for each service, whatever the number of families: the least memory
        keys = [(SOURCE, *key) for key in data.keys]
        for family in FAMILIES:
            gauge = Gauge(family.name, family.full_help, self._names, registry=self.registry)
            self._children.append([gauge.labels(*key) for key in keys])


def main() -> None:
    """Serves until standard input ends."""
    kept = Kept(int(sys.argv[1]))
    gauges = Gauges()
    server, _ = start_http_server(0, addr="127.0.0.1", registry=gauges.registry)
    answer(
        server.server_port,
        {
            "publish": lambda variant: gauges.publish(kept.variant(int(variant))),
            "forget": lambda _: kept.forget(),
            "memory": lambda _: resident(),
        },
    )


if __name__ == "__main__":
    main()
