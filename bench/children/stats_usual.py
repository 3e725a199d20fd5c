"""service/stats as it is usually done: pydantic, `Gauge.labels().set()`, `generate_latest`.

    python -m bench.children.stats_usual SERVICES

Verb: `read VARIANT`, answered with the seconds of the whole.
"""

import sys
import time
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from pydantic import BaseModel

from bench.channel import answer
from bench.stats_document import NUMERIC, stats_document


class Service(BaseModel):
    """One row: only the fields that become metrics are read."""

    serviceId: str
    serviceName: str
    cip: float | None = None
    totalOffered: float | None = None
    totalHandled: float | None = None
    totalAbandoned: float | None = None
    abandonRate: float | None = None
    serviceLevel: float | None = None
    averageSpeedOfAnswer: float | None = None
    averageDurationToAbandon: float | None = None
    averageTalkDuration: float | None = None
    averageWrapupDuration: float | None = None
    averageHandleDuration: float | None = None
    totalCallsAnsweredWithinSLA: float | None = None
    totalCallsAbandonedWithinSLA: float | None = None
    totalCallsInQueue: float | None = None
    callsWithAgent: float | None = None
    totalAgents: float | None = None
    longestCallInQueue: float | None = None
    maxHoldTime: float | None = None
    loaded: float | None = None
    remaining: float | None = None
    playingDialable: float | None = None
    percentComplete: float | None = None


class Document(BaseModel):
    """The answer."""

    stats: list[Service]


class Account:
    """One source whose numbers are Gauges."""

    def __init__(self, services: int) -> None:
        self.registry = CollectorRegistry()
        self.documents = tuple(stats_document(services, n) for n in range(2))
        names = ("source", "queue_id", "queue")
        self._gauges = [
            (field, Gauge(f"livevox_{field}", "A statistic.", names, registry=self.registry))
            for field in NUMERIC
        ]

    def read(self, variant: int) -> Mapping[str, float]:
        """Reads one document and renders the page; the seconds it took."""
        body = self.documents[variant]
        began = time.perf_counter()
        for row in Document.model_validate_json(body).stats:
            for field, gauge in self._gauges:
                value = getattr(row, field)
                if value is not None:
                    gauge.labels("acme-us", row.serviceId, row.serviceName).set(value)
        generate_latest(self.registry)
        return {"whole": time.perf_counter() - began}


def main() -> None:
    """Reads until standard input ends."""
    account = Account(int(sys.argv[1]))
    answer(len(account.documents[0]), {"read": lambda variant: account.read(int(variant))})


if __name__ == "__main__":
    main()
