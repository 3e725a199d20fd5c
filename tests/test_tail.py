"""The end of the page: what follows the clock, and what seldom changes."""

from dataclasses import dataclass

from exporter.exposition import Format
from exporter.health import FeedHealth, SourceHealth
from exporter.model import Block, Family, Frame, Kind
from exporter.selfmetrics import Configuration
from exporter.store import Place, Store
from exporter.tail import Tail

FAMILY = Family("contactcenter_test", Kind.GAUGE, "A test.", ("queue_id",))
UP = 'contactcenter_feed_up{source="acme-us",feed="service_stats"}'
DROPPED = (
    'contactcenter_exporter_dropped_series_total{source="acme-us",family="contactcenter_test"}'
)
COMMITS = "contactcenter_exporter_ledger_commits_total"


@dataclass
class Ledger:
    """A ledger as the families see it."""

    commits: int = 0
    failures: int = 0
    size_bytes: int = 0


class Page:
    """A tail with all that it tells of; `now` is monotonic."""

    def __init__(self) -> None:
        self.now = 0.0
        self.store = Store(1)
        self.ledger = Ledger()
        self.health = SourceHealth(
            "acme-us",
            "livevox",
            "na4",
            [FeedHealth("service_stats", 55.0)],
            lambda: 1.75e9,
            lambda: self.now,
        )
        configuration = Configuration(1.75e9, 2**48 - 1)
        self.tail = Tail([self.health], self.store, configuration, "0a1b2c3", self.ledger)

    def samples(self) -> dict[str, float]:
        """The samples in text, by name and labels."""
        lines = b"".join(self.tail(Format.TEXT)).decode().splitlines()
        pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}


def test_a_feed_is_up_until_its_time_to_live_has_passed() -> None:
    page = Page()
    assert page.samples()[UP] == 0.0
    page.health.succeeded("service_stats", 0.0)
    assert page.samples()[UP] == 1.0
    page.now = 55.1
    assert page.samples()[UP] == 0.0


def test_a_commit_of_the_ledger_is_told_at_the_next_scrape() -> None:
    page = Page()
    assert page.samples()[COMMITS] == 0.0
    page.ledger.commits = 3
    assert page.samples()[COMMITS] == 3.0
    assert page.samples()["contactcenter_exporter_config_hash"] == 2.0**48 - 1


def test_label_sets_that_were_refused_are_told_at_the_next_scrape() -> None:
    page = Page()
    assert DROPPED not in page.samples()
    keys = (("7001",), ("7002",), ("7003",))
    block = Block(FAMILY.labels, keys, ((FAMILY, [1.0, 2.0, 3.0]),))
    page.store.publish(Place("acme-us", "service_stats", ""), Frame((block,), 0.0))
    assert page.samples()[DROPPED] == 2.0


def test_the_process_is_told_whether_it_was_sampled_or_not() -> None:
    page = Page()
    assert page.samples()["process_resident_memory_bytes"] > 1e6
    page.tail.sample()
    assert page.samples()["process_resident_memory_bytes"] > 1e6


def test_it_is_openmetrics_too() -> None:
    lines = b"".join(Page().tail(Format.OPENMETRICS)).decode().splitlines()
    assert "# TYPE contactcenter_exporter_build info" in lines
    assert "# TYPE contactcenter_exporter_ledger_commits counter" in lines
    assert "# TYPE python info" in lines
    assert "# EOF" not in lines
