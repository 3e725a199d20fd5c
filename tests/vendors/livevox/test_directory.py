"""Discovery: lists read to their end, limits of a source, names, campaigns."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from exporter.errors import FeedError, Reason
from exporter.feeds import Answer, Document, Reading, Request
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox.directory import Include, LiveVoxDirectory
from tests.vendors.livevox.account import AT, account, canned, feed, read, samples

Lists = Callable[[Request], dict[str, Any]]


def discovered(lists: Lists, **changes: Any) -> tuple[Document[Any], list[Request]]:
    of = account(**changes)
    asked: list[Request] = []
    found = read(
        feed(of, "directory"),
        of.directory,
        lambda request: msgspec.json.encode(lists(request)),
        asked=asked,
    )
    return found, asked


def services_of(found: Document[Any]) -> dict[str, str]:
    assert found.learned is not None
    return dict(found.learned(LiveVoxDirectory()).queues)


def test_call_centers_services_and_campaigns_are_read() -> None:
    of = account()
    found = read(feed(of, "directory"), of.directory)
    assert services_of(found) == {
        "7001": "Collections OB",
        "7002": 'Care "IB"',
        "7003": 'Care "IB"',
        "7004": "Night shift",
    }
    assert found.learned is not None
    assert found.learned(of.directory).loaded
    assert samples(found, f.CAMPAIGN_INFO) == {
        '{campaign_id="5550",campaign="JAN_OB_1",status="playing",type="outbound",'
        'queue_id="7001",queue="Collections OB"}': 1.0,
        '{campaign_id="5551",campaign="Care callbacks",status="prebuilt",type="callback",'
        'queue_id="7002",queue="Care \\"IB\\""}': 1.0,
        '{campaign_id="5552",campaign="Odd",type="other"}': 1.0,
    }
    assert samples(found, f.DIRECTORY_TRUNCATED) == {"{}": 0.0}


def test_campaigns_of_thirty_days_are_asked_for() -> None:
    of = account()
    asked: list[Request] = []
    read(feed(of, "directory"), of.directory, asked=asked)
    body = msgspec.json.decode(asked[-1].body or b"")
    assert body["dateRange"]["from"] == int((AT - 30 * 86400) * 1000)
    assert body["dateRange"]["to"] > AT * 1000


def _paged(total: int, page: int, **next_page: Any) -> Lists:
    """One call center with so many services, `page` at a time."""

    def lists(request: Request) -> dict[str, Any]:
        offset = int(dict(request.params)["offset"])
        if request.path == "configuration/callCenters":
            return {"callCenter": [{"callCenterId": 1, "name": "One"}], "next": None}
        if request.path == "configuration/services":
            rows = [
                {"serviceId": n, "name": f"S{n}"} for n in range(offset, min(offset + page, total))
            ]
            more = offset + page < total
            return {"service": rows, **({"next": "/more"} if more else next_page)}
        return {"campaign": [], "next": None}

    return lists


@pytest.mark.parametrize("page", [7, 100, 1000])
def test_lists_are_read_to_their_end(page: int) -> None:
    found, _ = discovered(_paged(2500, page, next=None))
    assert len(services_of(found)) == 2500
    assert not found.remark


def test_a_full_page_without_a_next_one_is_followed_too() -> None:
    def lists(request: Request) -> dict[str, Any]:
        return {**_paged(1500, 1000)(request), "next": ""}

    found, _ = discovered(lists)
    assert len(services_of(found)) == 1500
    assert not found.remark


def test_an_empty_page_ends_a_list_even_if_it_names_a_next_one() -> None:
    found, asked = discovered(_paged(10, 10, next="/more"))
    assert len(services_of(found)) == 10
    assert not found.remark
    assert len(asked) == 4


def test_a_list_that_repeats_itself_is_noticed() -> None:
    def lists(request: Request) -> dict[str, Any]:
        if request.path == "configuration/services":
            return {"service": [{"serviceId": 7, "name": "S"}], "next": "/again"}
        return _paged(1, 1, next=None)(request)

    found, asked = discovered(lists)
    assert services_of(found) == {"7": "S"}
    assert found.remark == "lists cut short: services"
    assert samples(found, f.DIRECTORY_TRUNCATED) == {"{}": 1.0}
    assert len(asked) < 6


def test_a_list_that_never_ends_is_given_up() -> None:
    def lists(request: Request) -> dict[str, Any]:
        if request.path == "configuration/services":
            offset = int(dict(request.params)["offset"])
            return {"service": [{"serviceId": offset, "name": "S"}], "next": "/more"}
        return _paged(1, 1, next=None)(request)

    found, asked = discovered(lists)
    assert len(services_of(found)) == 1000
    assert found.remark == "lists cut short: services"
    assert len(asked) == 1002


def test_a_source_may_be_limited_to_services_and_call_centers() -> None:
    of = account(include={"services": ["7001"], "call_centers": ["32"]})
    found = read(feed(of, "directory"), of.directory)
    assert services_of(found).keys() == {"7001", "7002", "7004"}
    info = samples(found, f.CAMPAIGN_INFO)
    assert len(info) == 2


def test_a_source_of_call_centers_alone_asks_for_no_other() -> None:
    of = account(include={"call_centers": ["32"]})
    asked: list[Request] = []
    found = read(feed(of, "directory"), of.directory, asked=asked)
    assert services_of(found).keys() == {"7002", "7004"}
    centers = [dict(request.params).get("callCenter") for request in asked]
    assert "31" not in centers


def _up_to_the_campaigns() -> Reading[LiveVoxDirectory]:
    """A reading of the directory that has asked for the campaigns."""
    of = account()
    reading: Reading[LiveVoxDirectory] = feed(of, "directory").read(of.directory, "", AT)
    requests = next(reading)
    while requests[0].path != "campaign/campaigns/search":
        requests = reading.send([Answer(canned(one), AT) for one in requests])
    return reading


def test_a_refused_campaign_search_does_not_lose_the_services() -> None:
    with pytest.raises(StopIteration) as stop:
        _up_to_the_campaigns().throw(FeedError(Reason.REJECTED, "HTTP 403"))
    assert len(services_of(stop.value.value)) == 4
    assert stop.value.value.remark == "the campaign search was refused"


def test_a_failing_campaign_search_fails_the_feed() -> None:
    with pytest.raises(FeedError):
        _up_to_the_campaigns().throw(FeedError(Reason.SERVER, "HTTP 500"))


def test_learned_names_do_not_replace_listed_ones() -> None:
    directory = LiveVoxDirectory(listed={"1": "Listed"}, remembered={"4": "Before", "2": "Old"})
    learned = directory.learning("service_stats", {"1": "Other", "2": "Two", "3": ""})
    assert learned.key("1") == ("1", "Listed")
    assert learned.key("2") == ("2", "Two")
    assert learned.key("3", "Row") == ("3", "Row")
    assert learned.key("4") == ("4", "Before")
    assert learned.key("5") == ("5", "5")
    assert learned.learning("service_stats", {"2": "Two", "3": ""}) is learned


def test_a_service_that_no_document_names_any_more_is_gone() -> None:
    directory = LiveVoxDirectory(listed={"1": "Listed"})
    learned = directory.learning("service_stats", {"9": "Ghost"}).learning("agent_status", {})
    assert learned.queues.keys() == {"1", "9"}
    assert learned.learning("service_stats", {}).queues.keys() == {"1"}


def test_names_of_the_run_before_ask_for_nothing_and_include_nothing() -> None:
    remembered = {str(n): "" for n in range(200)}
    assert LiveVoxDirectory(remembered=remembered).bodies() == [{}]
    limited = LiveVoxDirectory(Include(frozenset({"7"})), remembered=remembered)
    assert not limited.wants("8")
    assert limited.queues == {}


def test_a_refused_call_center_does_not_lose_the_others() -> None:
    of = account()
    reading: Reading[LiveVoxDirectory] = feed(of, "directory").read(of.directory, "", AT)
    requests = next(reading)
    found: Document[Any] | None = None
    while found is None:
        try:
            if dict(requests[0].params).get("callCenter") == "31":
                requests = reading.throw(FeedError(Reason.REJECTED, "HTTP 403"))
            else:
                requests = reading.send([Answer(canned(one), AT) for one in requests])
        except StopIteration as stop:
            found = stop.value
    assert services_of(found).keys() == {"7002", "7004"}
    assert found.remark == "the services of 1 call centers were refused"


def test_a_limited_source_wants_what_is_included() -> None:
    directory = LiveVoxDirectory(Include(frozenset({"1"}), frozenset({"31"})), {"2": "Two"})
    assert directory.wants("1")
    assert directory.wants("2")
    assert directory.wants("9", "31")
    assert not directory.wants("9", "32")


def test_an_included_call_center_that_has_no_service_asks_for_nothing() -> None:
    directory = LiveVoxDirectory(Include(frozenset(), frozenset({"31"})), loaded=True)
    assert directory.bodies() == []


def test_what_was_learned_meanwhile_is_kept() -> None:
    of = account()
    found = read(feed(of, "directory"), of.directory)
    assert found.learned is not None
    meanwhile = LiveVoxDirectory(
        learned_by={"service_stats": {"7009": "New"}}, logins={"A ONE": frozenset({"AONE"})}
    )
    directory = found.learned(meanwhile)
    assert directory.logins == meanwhile.logins
    assert directory.queues.keys() == {"7001", "7002", "7003", "7004", "7009"}
