"""The end of the page: what follows the clock, the process and the exporter itself.

It is put together at each scrape, also while the main loop is stuck; so it has to be quick.
"""

from collections.abc import Iterable, Mapping, Sequence

from exporter.exposition import Format
from exporter.health import SourceHealth
from exporter.model import Block, Family
from exporter.page import lines
from exporter.selfmetrics import (
    DROPPED,
    Configuration,
    LedgerFigures,
    ProcessMetrics,
    exporter_blocks,
)
from exporter.store import Store

Dropped = Mapping[tuple[str, Family], int]


class Tail:
    """Called for the lines in a format. `ledger` is None where it could not be opened."""

    def __init__(
        self,
        sources: Sequence[SourceHealth],
        store: Store,
        configuration: Configuration,
        revision: str,
        ledger: LedgerFigures | None,
    ) -> None:
        self._sources = sources
        self._store = store
        self._configuration = configuration
        self._revision = revision
        self._ledger = ledger
        self._process = ProcessMetrics()
        self._kept: dict[Format, tuple[object, bytes]] = {}

    def sample(self) -> None:
        """Samples the process for the next scrapes; the main loop does so again and again."""
        self._process.sample()

    def __call__(self, form: Format) -> Iterable[bytes]:
        """The lines, in one of the formats."""
        live = [(source.name, source.live_blocks()) for source in self._sources]
        return (*lines(live, form), self._rare(form), self._process.lines(form))

    def _rare(self, form: Format) -> bytes:
        """What seldom changes, rendered again when it has."""
        ledger, dropped = self._ledger, self._store.dropped
        figures = (ledger and (ledger.commits, ledger.failures, ledger.size_bytes), dropped)
        kept = self._kept.get(form)
        if kept is not None and kept[0] == figures:
            return kept[1]
        own = exporter_blocks(self._configuration, self._revision, ledger)
        text = b"".join(lines([*_dropped_blocks(dropped), ("", own)], form))
        self._kept[form] = (figures, text)
        return text


def _dropped_blocks(dropped: Dropped) -> Iterable[tuple[str, Sequence[Block]]]:
    rows: dict[str, dict[str, float]] = {}
    for (source, family), count in dropped.items():
        rows.setdefault(source, {})[family.name] = float(count)
    for source, counts in sorted(rows.items()):
        names = sorted(counts)
        column = [counts[name] for name in names]
        keys = tuple((name,) for name in names)
        yield source, [Block(DROPPED.labels, keys, ((DROPPED, column),))]
