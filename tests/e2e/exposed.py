"""One scrape with its types: all samples, and those of counts that outlive a process."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tests.e2e import processes as run
from tests.e2e.scrapes import family_of, labels_of

# What counts from the start of the process, and begins again with it.
OF_THE_PROCESS = (
    "process_",
    "python_",
    "contactcenter_exporter_",
    "contactcenter_feed_requests_total",
    "contactcenter_feed_request_duration_seconds",
    "contactcenter_feed_failures_total",
    "contactcenter_feed_rejected_fields_total",
    "contactcenter_feed_rejected_rows_total",
    "contactcenter_feed_connections_total",
)
_OF_A_HISTOGRAM = ("_bucket", "_sum", "_count")

Key = tuple[str, frozenset[tuple[str, str]]]
"""A sample's name and its labels, without `source` and without empty ones."""


@dataclass(frozen=True)
class Exposed:
    """The samples of one scrape, by their lines.

    `rising` are those that no restart may make fall: of counters and histograms, those of the
    process left out.
    """

    samples: Mapping[str, float]
    rising: Mapping[str, float]

    def value(self, family: str, **labels: str) -> float | None:
        """The value of the one sample of a family that has these labels; None if there is none."""
        found = [
            value
            for line, value in self.samples.items()
            if line.startswith(family)
            and family_of(line) == family
            and labels.items() <= labels_of(line).items()
        ]
        assert len(found) <= 1, f"{len(found)} samples of {family} have {labels}"
        return found[0] if found else None

    def total(self, family: str, **labels: str) -> float:
        """The sum of the samples of a family that have these labels."""
        return sum(
            value
            for line, value in self.samples.items()
            if line.startswith(family)
            and family_of(line) == family
            and labels.items() <= labels_of(line).items()
        )

    def by_key(self, names: tuple[str, ...]) -> dict[Key, float]:
        """The samples whose names begin with one of these."""
        return {
            key_of(line): value for line, value in self.samples.items() if line.startswith(names)
        }


@lru_cache(maxsize=100_000)
def key_of(line: str) -> Key:
    """The key of a sample line."""
    labels = labels_of(line)
    return family_of(line), frozenset(
        (name, value) for name, value in labels.items() if name != "source" and value
    )


def read(text: str) -> Exposed:
    """A scrape in the text format 0.0.4."""
    kinds: dict[str, str] = {}
    samples: dict[str, float] = {}
    rising: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            kinds[name] = kind
        elif not line.startswith("#"):
            series, _, value = line.rpartition(" ")
            samples[series] = float(value)
            if not line.startswith(OF_THE_PROCESS) and _rises(family_of(series), kinds):
                rising[series] = float(value)
    return Exposed(samples, rising)


def _rises(name: str, kinds: Mapping[str, str]) -> bool:
    if kinds.get(name) == "counter":
        return True
    base = next((name.removesuffix(end) for end in _OF_A_HISTOGRAM if name.endswith(end)), "")
    return kinds.get(base) == "histogram"


def expose(url: str) -> Exposed:
    """Scrapes an exporter now. Raises httpx.TransportError where it does not answer."""
    answer = run.HTTP.get(f"{url}metrics")
    assert answer.status_code == 200
    return read(answer.text)


def fallen(before: Exposed, after: Exposed) -> dict[str, tuple[float, float | None]]:
    """What was less at the second scrape than at the first, or gone."""
    return {
        line: (value, after.rising.get(line))
        for line, value in before.rising.items()
        if after.rising.get(line, -1.0) < value
    }
