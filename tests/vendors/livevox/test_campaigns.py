"""campaign/stats: documents in, lines out."""

from dataclasses import replace

from exporter.vendors.livevox import families as f
from exporter.vendors.livevox.directory import Include, LiveVoxDirectory
from tests.vendors.livevox.account import account, document, feed, read, rows, samples

ONE = '{campaign_id="5550",queue_id="7001",queue="Collections OB"'
DIRECTORY = LiveVoxDirectory(listed={"7001": "Collections OB", "7002": "Care"})


def test_records_of_a_campaign() -> None:
    found = read(feed(account(), "campaign_stats"), DIRECTORY)
    assert samples(found, f.CAMPAIGN_UPLOADED)[ONE + "}"] == 1200.0
    assert samples(found, f.CAMPAIGN_COMPLETED) == {ONE + "}": 750.0}
    zones = samples(found, f.CAMPAIGN_TIMEZONES)
    assert zones == {ONE + ',timezone="ET"}': 300.0, ONE + ',timezone="PT"}': 100.0}


def test_a_campaign_that_is_being_built_is_not_zero() -> None:
    found = read(feed(account(), "campaign_stats"), DIRECTORY)
    assert samples(found, f.CAMPAIGN_LOADED).keys() == {ONE + "}"}
    assert len(samples(found, f.CAMPAIGN_UPLOADED)) == 2


def test_the_vendors_own_sample_is_read() -> None:
    found = read(
        feed(account(), "campaign_stats"),
        LiveVoxDirectory(),
        lambda _: document("campaign_stats.seed"),
    )
    zones = samples(found, f.CAMPAIGN_TIMEZONES)
    assert sum(float(value) for value in zones.values()) == 11
    assert len(zones) == 10


def test_the_search_tells_the_queue_where_the_statistics_do_not() -> None:
    directory = replace(DIRECTORY, campaigns={"5550": "7001"})
    known = {"campaignId": 5550, "uploaded": 1}
    unknown = {"campaignId": 5559, "uploaded": 2}
    found = read(feed(account(), "campaign_stats"), directory, rows("stats", known, unknown))
    assert samples(found, f.CAMPAIGN_UPLOADED) == {
        ONE + "}": 1.0,
        '{campaign_id="5559"}': 2.0,
    }


def test_campaigns_of_services_that_are_not_included_are_left_out() -> None:
    directory = replace(DIRECTORY, include=Include(frozenset({"7002"})), listed={"7002": "Care"})
    found = read(feed(account(), "campaign_stats"), directory)
    assert samples(found, f.CAMPAIGN_UPLOADED).keys() == {
        '{campaign_id="5551",queue_id="7002",queue="Care"}'
    }


def test_an_unreadable_breakdown_is_counted_and_the_campaign_stays() -> None:
    row = {"campaignId": 1, "uploaded": 5, "timezoneBreakdown": [{"timezone": "ET", "count": "x"}]}
    found = read(feed(account(), "campaign_stats"), DIRECTORY, rows("stats", row))
    assert samples(found, f.CAMPAIGN_UPLOADED) == {'{campaign_id="1"}': 5.0}
    assert found.rejected.fields == {"timezoneBreakdown.count": 1}


def test_a_breakdown_that_is_no_list_is_counted_and_the_campaign_stays() -> None:
    odd = {"campaignId": 1, "uploaded": 5, "timezoneBreakdown": "none"}
    null = {"campaignId": 2, "uploaded": 6, "timezoneBreakdown": None}
    found = read(feed(account(), "campaign_stats"), DIRECTORY, rows("stats", odd, null))
    assert len(samples(found, f.CAMPAIGN_UPLOADED)) == 2
    assert found.rejected.fields == {"stats.timezoneBreakdown": 1}
