"""A source at run time: what feeds tell, as a user sees it on /metrics."""

from collections.abc import Mapping
from typing import Any

import pytest

from exporter.accounts import Session
from exporter.accumulator import SeriesKey
from exporter.app import all_families
from exporter.backoff import Patience
from exporter.errors import FeedError, Reason
from exporter.exposition import Format
from exporter.feeds import DailyTotals, Document, Poll
from exporter.health import FeedHealth, SourceHealth
from exporter.ledger import Ledger
from exporter.model import Block, Family, Kind
from exporter.page import Page
from exporter.selfmetrics import SERIES
from exporter.source import Source
from exporter.store import Store
from exporter.vendors.livevox.directory import LiveVoxDirectory
from tests.vendors.livevox.account import account

GAUGE = Family("contactcenter_test", Kind.GAUGE, "Test.", ("queue_id",))
OFFERED = "contactcenter_contacts_offered_total"
TTL = 40.0


class Stage:
    """A source with a clock that the test sets."""

    def __init__(self, ledger: Ledger | None) -> None:
        self.now = 1000.0
        self.wall = 0.0
        self.ledger = ledger
        self.store = Store(20_000)
        of = account()
        self.feed = next(feed for feed in of.polls if feed.name == "service_stats")
        self.directory_feed = next(feed for feed in of.polls if feed.name == "directory")
        feeds = [FeedHealth(feed.name, TTL, feed.auxiliary) for feed in of.feeds]
        self.health = SourceHealth(
            "acme-us", "livevox", "na4", feeds, lambda: 5e8, lambda: self.now
        )
        patience = {feed.name: Patience((1, 8), (60, 600), lambda: 0.0) for feed in of.feeds}
        families = {family.name: family for family in all_families()}
        self.source = Source(
            "acme-us",
            of,
            self.store,
            self.health,
            ledger,
            patience,
            families,
            lambda: self.wall,
            lambda: self.now,
        )

    def page(self) -> dict[str, float]:
        """The samples that are shown now."""
        text = Page(self.store, lambda form: (), SERIES, lambda: self.now).body(
            Format.TEXT, gzip=False
        )
        lines = [line for line in text.decode().splitlines() if not line.startswith("#")]
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}

    def tell(self, totals: Mapping[str, float], at: float, **document: Any) -> None:
        """A reading of service_stats with totals of offered contacts by queue."""
        values = {_key(queue): value for queue, value in totals.items()}
        known = tuple(_key(queue) for queue in document.pop("known", ()))
        self.wall = at
        told = Document((), at, totals=DailyTotals(values, known), **document)
        self.source.published(self.feed, "", told, self.now)

    def commit(self) -> None:
        """What the writer's thread does."""
        assert self.ledger is not None
        self.ledger.commit()
        self.source.show_counters()


def _key(queue: str) -> SeriesKey:
    return OFFERED, (("queue_id", queue), ("channel", "voice"))


def _offered(queue: str, name: str) -> str:
    return f'{OFFERED}{{source="acme-us",queue_id="{queue}",queue="{name}",channel="voice"}}'


@pytest.fixture
def stage() -> Stage:
    return Stage(Ledger.open(None, now=0.0))


def _gauge(value: float) -> tuple[Block, ...]:
    return (Block(("queue_id",), (("7001",),), ((GAUGE, [value]),)),)


LINE = 'contactcenter_test{source="acme-us",queue_id="7001"}'


def test_what_is_told_is_shown_for_its_time_to_live(stage: Stage) -> None:
    stage.source.published(stage.feed, "", Document(_gauge(3), 1.0), stage.now)
    stage.now += TTL
    assert stage.page()[LINE] == 3
    assert stage.health.feeds["service_stats"].up(stage.now)
    stage.now += 0.1
    assert LINE not in stage.page()
    assert not stage.health.feeds["service_stats"].up(stage.now)


def test_only_committed_counts_are_shown(stage: Stage) -> None:
    stage.tell({"7001": 10}, at=100.0)
    stage.tell({"7001": 14}, at=115.0)
    assert _offered("7001", "7001") not in stage.page()
    stage.commit()
    assert stage.page()[_offered("7001", "7001")] == 4


def test_known_queues_start_at_zero(stage: Stage) -> None:
    stage.tell({"7001": 10}, at=100.0, known=("7001", "7002"))
    stage.commit()
    assert stage.page()[_offered("7002", "7002")] == 0
    stage.tell({"7001": 10, "7002": 1}, at=115.0)
    stage.commit()
    assert stage.page()[_offered("7002", "7002")] == 1


def test_counters_do_not_age(stage: Stage) -> None:
    stage.tell({"7001": 10}, at=100.0, known=("7001",))
    stage.commit()
    stage.now += 1e6
    assert stage.page()[_offered("7001", "7001")] == 0


def test_a_renamed_queue_goes_on_with_its_count(stage: Stage) -> None:
    stage.tell({"7001": 10}, at=100.0)
    stage.tell(
        {"7001": 14}, at=115.0, learned=lambda d: d.learning("service_stats", {"7001": "Old"})
    )
    stage.commit()
    assert stage.page()[_offered("7001", "Old")] == 4
    renamed: Document[LiveVoxDirectory] = Document(
        (), 130.0, learned=lambda d: LiveVoxDirectory(listed={"7001": "New"}, loaded=True)
    )
    stage.source.published(stage.directory_feed, "", renamed, stage.now)
    assert stage.page()[_offered("7001", "New")] == 4
    assert _offered("7001", "Old") not in stage.page()


def test_a_restart_keeps_counts_and_names(tmp_path: Any) -> None:
    file = tmp_path / "ledger.sqlite"
    first = Stage(Ledger.open(file, now=0.0))
    first.tell(
        {"7001": 10}, at=100.0, learned=lambda d: d.learning("service_stats", {"7001": "Sales"})
    )
    first.tell({"7001": 12}, at=115.0)
    assert first.ledger is not None
    first.ledger.close()
    ledger = Ledger.open(file, now=200.0)
    assert ledger.queue_names("acme-us") == {"7001": "Sales"}
    again = Stage(ledger)
    again.tell({"7001": 15}, at=215.0)
    again.commit()
    assert again.page()[_offered("7001", "Sales")] == 5
    ledger.close()


def test_a_correction_is_counted_and_nothing_falls(stage: Stage) -> None:
    stage.tell({"7001": 50}, at=100.0)
    stage.tell({"7001": 60}, at=115.0)
    stage.tell({"7001": 58}, at=130.0)
    stage.tell({"7001": 61}, at=145.0)
    stage.commit()
    stage.source.show_health()
    page = stage.page()
    assert page[_offered("7001", "7001")] == 11
    corrections = "contactcenter_exporter_total_corrections_total"
    assert page[f'{corrections}{{source="acme-us",feed="service_stats"}}'] == 1


def test_without_a_ledger_gauges_are_shown_and_counters_left_out() -> None:
    stage = Stage(None)
    stage.tell({"7001": 10}, at=100.0, known=("7001",))
    stage.source.published(stage.feed, "", Document(_gauge(3), 1.0), stage.now)
    stage.source.show_counters()
    assert stage.page()[LINE] == 3
    assert not [name for name in stage.page() if name.startswith(OFFERED)]


def test_counters_of_families_that_no_longer_exist_are_left_out(stage: Stage) -> None:
    from exporter.ledger import Change

    assert stage.ledger is not None
    gone: SeriesKey = ("contactcenter_gone_total", (("queue_id", "1"),))
    stage.ledger.record(Change("acme-us", at=1.0, increments={gone: 2.0}))
    stage.commit()
    assert not [name for name in stage.page() if "gone" in name]


def test_a_failed_feed_is_counted_and_lets_the_others_start(stage: Stage) -> None:
    assert not stage.source.first_tried.is_set()
    stage.source.broke(stage.feed, FeedError(Reason.SERVER, "HTTP 500"))
    assert not stage.source.first_tried.is_set()
    stage.source.broke(stage.directory_feed, FeedError(Reason.REJECTED, "HTTP 403"))
    assert stage.source.first_tried.is_set()
    stage.source.show_health()
    failures = 'contactcenter_feed_failures_total{source="acme-us",feed="service_stats"'
    assert stage.page()[failures + ',reason="server"}'] == 1


def test_a_part_that_failed_is_counted_and_its_feed_stays_up(stage: Stage) -> None:
    parted: Poll[Any] = next(
        feed for feed in stage.source.account.polls if feed.name == "live_connects"
    )
    stage.source.published(parted, "7001", Document(_gauge(1), 1.0), stage.now)
    stage.source.failed(parted, FeedError(Reason.TIMEOUT, "no answer"))
    stage.source.remarked(parted, "1 of 2 parts not read: timeout")
    health = stage.health.feeds["live_connects"]
    assert health.up(stage.now)
    assert health.failures[Reason.TIMEOUT] == 1
    assert health.remark == "1 of 2 parts not read: timeout"


def test_parts_that_are_gone_are_withdrawn(stage: Stage) -> None:
    parted = next(feed for feed in stage.source.account.polls if feed.name == "live_connects")
    for part in ("7001", "7002"):
        block = Block(("queue_id",), ((part,),), ((GAUGE, [1.0]),))
        stage.source.published(parted, part, Document((block,), 1.0), stage.now)
    stage.source.retained(parted, ["7002"])
    shown = [name for name in stage.page() if name.startswith("contactcenter_test")]
    assert shown == ['contactcenter_test{source="acme-us",queue_id="7002"}']


def test_a_feed_with_nothing_to_ask_for_is_up_while_the_directory_says_so(stage: Stage) -> None:
    parted = next(feed for feed in stage.source.account.polls if feed.name == "live_connects")
    stage.source.emptied(parted, stage.now)
    assert not stage.health.feeds["live_connects"].up(stage.now)
    stage.source.published(stage.directory_feed, "", Document((), 1.0), stage.now)
    stage.source.emptied(parted, stage.now)
    assert stage.health.feeds["live_connects"].up(stage.now)


def test_what_a_sign_in_told_is_shown_until_the_session_is_lost(stage: Stage) -> None:
    stage.source.signed_in(Session((), _gauge(9)), stage.now)
    assert stage.page()[LINE] == 9
    stage.source.signed_out()
    assert LINE not in stage.page()


def test_the_age_of_data_is_by_the_vendors_own_times(stage: Stage) -> None:
    told: Document[Any] = Document(_gauge(1), at=1_000_000.0, told_at=999_990.0)
    stage.source.published(stage.feed, "", told, stage.now)
    stage.now += 5
    assert stage.health.feeds["service_stats"].age(stage.now) == 15


def test_a_wrong_date_of_one_answer_counts_nothing_again(stage: Stage) -> None:
    stage.tell({"7001": 500}, at=1e9, known=("7001",))
    for date in (10.0, 1e9 + 30, 2e9, 1e9 + 60):
        told: Document[Any] = Document((), date, totals=DailyTotals({_key("7001"): 500.0}))
        stage.wall += 15
        stage.source.published(stage.feed, "", told, stage.now)
    stage.commit()
    assert stage.page()[_offered("7001", "7001")] == 0
