"""What the exporter says of itself: its build, configuration and ledger, its process.

The only user of prometheus_client, which knows process, garbage collection and platform.
"""

import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.metrics_core import Metric
from prometheus_client.utils import floatToGoString

from exporter import __version__
from exporter.exposition import Format, header, label_texts
from exporter.model import FOREVER, Block, Family, Kind

SAMPLE_FRESH_FOR = 2.0  # seconds; the main loop samples the process more often than that

BUILD = Family(
    "contactcenter_exporter_build_info",
    Kind.INFO,
    "The version of this exporter, the revision it was built from, and its Python.",
    ("version", "revision", "python"),
)
SERIES = Family(
    "contactcenter_exporter_series",
    Kind.GAUGE,
    "Label sets shown now, by family; a histogram is one.",
    ("family",),
)
DROPPED = Family(
    "contactcenter_exporter_dropped_series_total",
    Kind.COUNTER,
    "Label sets refused at a publication: above limits.series_per_family, or shown already.",
    ("family",),
)
RELOAD_SUCCESSFUL = Family(
    "contactcenter_exporter_config_last_reload_successful",
    Kind.GAUGE,
    "1 if the last attempt to load the configuration succeeded.",
)
RELOAD_TIME = Family(
    "contactcenter_exporter_config_last_reload_success_timestamp_seconds",
    Kind.GAUGE,
    "When a configuration was last loaded, Unix time.",
)
CONFIG_HASH = Family(
    "contactcenter_exporter_config_hash",
    Kind.GAUGE,
    "A number that changes with the configuration in force.",
)
LEDGER_COMMITS = Family(
    "contactcenter_exporter_ledger_commits_total",
    Kind.COUNTER,
    "Transactions committed to the ledger by this process.",
)
LEDGER_FAILURES = Family(
    "contactcenter_exporter_ledger_failures_total",
    Kind.COUNTER,
    "Failures to open the ledger or to commit to it; counters are frozen while it fails.",
)
LEDGER_BYTES = Family(
    "contactcenter_exporter_ledger_bytes",
    Kind.GAUGE,
    "Size of the ledger on disk.",
)
FAMILIES = (
    BUILD,
    SERIES,
    DROPPED,
    RELOAD_SUCCESSFUL,
    RELOAD_TIME,
    CONFIG_HASH,
    LEDGER_COMMITS,
    LEDGER_FAILURES,
    LEDGER_BYTES,
)


class LedgerFigures(Protocol):
    """What is shown of a ledger."""

    @property
    def commits(self) -> int:
        """Transactions committed."""
        ...

    @property
    def failures(self) -> int:
        """Commits that failed."""
        ...

    @property
    def size_bytes(self) -> int:
        """Bytes on disk."""
        ...


@dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration in force: when it was loaded, Unix time, and its hash."""

    loaded_at: float
    digest: int


def exporter_blocks(
    configuration: Configuration, revision: str, ledger: LedgerFigures | None
) -> Iterable[Block]:
    """The families without a source. `ledger` is None where it could not be opened."""
    build = (__version__, revision, platform.python_version())
    yield Block(BUILD.labels, (build,), ((BUILD, [1.0]),))
    commits = ledger.commits if ledger else 0
    failures = ledger.failures if ledger else 1
    size = ledger.size_bytes if ledger else None
    yield Block(
        (),
        ((),),
        (
            (RELOAD_SUCCESSFUL, [1.0]),
            (RELOAD_TIME, [configuration.loaded_at]),
            (CONFIG_HASH, [float(configuration.digest)]),
            (LEDGER_COMMITS, [float(commits)]),
            (LEDGER_FAILURES, [float(failures)]),
            (LEDGER_BYTES, [None if size is None else float(size)]),
        ),
    )


class ProcessMetrics:
    """Process, garbage collection and platform, collected by prometheus_client.

    The main loop samples them, so that a scrape need not wait for the files of /proc; a scrape
    does it where the last sample is too old, as when the loop is stuck.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._clock = clock
        self._sample = _Sample(-FOREVER, ())

    def sample(self) -> None:
        """Collects what the next scrapes show."""
        self._sample = _Sample(self._clock(), tuple(self._registry.collect()))

    def lines(self, form: Format) -> bytes:
        """Their lines, in one of the formats."""
        if self._clock() - self._sample.at > SAMPLE_FRESH_FOR:
            self.sample()
        return self._sample.lines(form)


class _Sample:
    """What was collected at a monotonic time.

    Its lines are written here: prometheus_client's own writer takes twice as long for them as
    collecting does.
    """

    def __init__(self, at: float, metrics: Iterable[Metric]) -> None:
        self.at = at
        self._metrics = metrics
        self._lines: dict[Format, bytes] = {}

    def lines(self, form: Format) -> bytes:
        """The lines, in one of the formats."""
        found = self._lines.get(form)
        if found is None:
            found = self._lines[form] = "".join(self._written(form)).encode()
        return found

    def _written(self, form: Format) -> Iterable[str]:
        for metric in self._metrics:
            yield _header(metric.name, metric.type, metric.documentation, form)
            for sample in metric.samples:
                value = floatToGoString(sample.value)  # type: ignore[no-untyped-call]  # it has no types
                yield f"{_start(sample.name, tuple(sample.labels.items()))}{value}\n"


@lru_cache
def _header(metric: str, kind: str, help_text: str, form: Format) -> str:
    name = f"{metric}_total" if kind == Kind.COUNTER else metric
    is_info = metric.endswith("_info")
    return header(Family(name, Kind.INFO if is_info else Kind(kind), help_text), form).decode()


@lru_cache
def _start(name: str, labels: tuple[tuple[str, str], ...]) -> str:
    """A line up to its value."""
    names = [label for label, _ in labels]
    (text,) = label_texts("", names, [tuple(value for _, value in labels)])
    return name + text.decode()
