"""A page of agents' events, from bytes to the ledger's memory, with the product's own machine.

    python -m bench.children.agents_ours

Verbs: `read PAGE` tells the seconds until it is recorded, and those of the commit after it, which
a second of pages shares; `counts` tells the committed events by type.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.agent_page import agent_page, told_at
from bench.channel import answer
from bench.dataset import SOURCE
from bench.one_source import OneSource
from exporter.allocator import collect_rarely, return_large_blocks
from exporter.feeds import Answer
from exporter.vendors.livevox.families import AGENT_EVENTS


class Reader:
    """One source that is told of its agents."""

    def __init__(self, directory: Path) -> None:
        self._of = OneSource("agent_events", directory)

    def read(self, page: int) -> Mapping[str, float]:
        """Reads one page; the seconds of its parts."""
        told = Answer(agent_page(page), told_at(page))
        began = time.perf_counter()
        self._of.stream.answered(told)
        recorded = time.perf_counter()
        self._of.ledger.commit()
        return {"whole": recorded - began, "commit": time.perf_counter() - recorded}

    def counts(self) -> Mapping[str, float]:
        """The committed events by type, those that came."""
        counters = self._of.ledger.counters(SOURCE)
        return {
            dict(labels)["event"]: value
            for (family, labels), value in counters.items()
            if family == AGENT_EVENTS.name and value
        }

    def close(self) -> None:
        """Closes the ledger."""
        self._of.ledger.close()


def main() -> None:
    """Reads until standard input ends."""
    return_large_blocks()
    collect_rarely()
    with TemporaryDirectory(prefix="bench-ledger-") as directory:
        reader = Reader(Path(directory))
        verbs = {"read": lambda page: reader.read(int(page)), "counts": lambda _: reader.counts()}
        answer(len(agent_page(0)), verbs)
        reader.close()


if __name__ == "__main__":
    main()
