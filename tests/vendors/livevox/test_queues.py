"""service/stats, calls/status, agents/averages, liveConnects: documents in, lines out."""

from itertools import chain

import msgspec
import pytest

from exporter import families as c
from exporter.errors import FeedError, Reason
from exporter.feeds import Request
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox.directory import LiveVoxDirectory
from tests.vendors.livevox.account import account, document, feed, read, rows, samples

ONE = '{queue_id="7001",queue="Collections OB"}'
CARE = '{queue_id="7002",queue="Care \\"IB\\""}'
ONE_TODAY = '{queue_id="7001",queue="Collections OB",window="today"}'


def test_the_vendors_own_sample_is_read() -> None:
    of = account()
    found = read(feed(of, "service_stats"), of.directory, lambda _: document("service_stats.seed"))
    queue = '{queue_id="38049",queue="Manual (Manual 4)"}'
    assert samples(found, c.QUEUE_WAITING) == {queue: 1}
    assert samples(found, c.QUEUE_LONGEST_WAIT) == {queue: 4.024}
    assert samples(found, f.COMPLETE) == {queue: 1}
    unit = '{queue_id="38049",queue="Manual (Manual 4)",unit="calls"}'
    assert samples(found, f.THROTTLE) == {unit: 750}
    assert found.rejected.rows == 0
    assert not found.rejected.fields


def test_values_are_in_base_units() -> None:
    of = account()
    found = read(feed(of, "service_stats"), of.directory)
    assert samples(found, c.QUEUE_LONGEST_WAIT)[ONE] == 6.5
    assert samples(found, c.WINDOW_ABANDON_RATIO)[ONE_TODAY] == 0.0235
    assert samples(found, c.WINDOW_SERVICE_LEVEL)[ONE_TODAY] == 0.912
    assert samples(found, f.COMPLETE)[ONE] == 0.65
    percent = '{queue_id="7001",queue="Collections OB",unit="percent"}'
    assert samples(found, f.THROTTLE)[percent] == 0.03


def test_units_that_the_vendor_does_not_state_are_settings() -> None:
    of = account(longest_wait_unit="s", percent_scale=1, service_level_threshold="30s")
    found = read(feed(of, "service_stats"), of.directory)
    assert samples(found, c.QUEUE_LONGEST_WAIT)[ONE] == 6500
    assert samples(found, c.WINDOW_ABANDON_RATIO)[ONE_TODAY] == 2.35
    assert samples(found, c.QUEUE_THRESHOLD)[ONE] == 30


def test_what_is_null_blank_or_missing_is_no_sample_and_no_failure() -> None:
    of = account()
    found = read(feed(of, "service_stats"), of.directory)
    assert CARE in samples(found, c.QUEUE_WAITING)
    today = CARE.replace("}", ',window="today"}')
    for family in (c.WINDOW_SERVICE_LEVEL, c.WINDOW_ANSWER, c.WINDOW_ABANDON):
        assert today not in samples(found, family)
    assert not found.rejected.fields
    assert '{queue_id="7003",queue="Care \\"IB\\""}' not in samples(found, f.THROTTLE)


def test_two_queues_of_one_name_stay_apart() -> None:
    of = account()
    found = samples(read(feed(of, "service_stats"), of.directory), c.QUEUE_WAITING)
    assert {'{queue_id="7003",queue="Care \\"IB\\""}', CARE} < found.keys()


def test_a_field_that_is_unreadable_is_counted_and_the_rest_of_its_row_stays() -> None:
    of = account()
    bad = {"serviceId": 7001, "totalCallsInQueue": "many", "callsWithAgent": 4, "cip": -1}
    found = read(feed(of, "service_stats"), of.directory, rows("stats", bad))
    assert samples(found, c.QUEUE_WAITING) == {}
    assert samples(found, c.QUEUE_ACTIVE) == {'{queue_id="7001",queue="7001"}': 4}
    assert found.rejected.fields == {"stats.totalCallsInQueue": 1, "stats.cip": 1}
    assert found.rejected.rows == 0


def test_a_row_without_its_key_is_dropped_and_counted() -> None:
    of = account()
    good = {"serviceId": 7001, "totalCallsInQueue": 3}
    found = read(
        feed(of, "service_stats"),
        of.directory,
        rows("stats", {"serviceId": None}, {"serviceId": {}}, good, {"totalCallsInQueue": 1}),
    )
    assert samples(found, c.QUEUE_WAITING) == {'{queue_id="7001",queue="7001"}': 3}
    assert found.rejected.rows == 3


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'"x"', b'{"stats":5}', b'{"stat":[]}', b"\xff"]
)
@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("service_stats", ""),
        ("agent_status", ""),
        ("calls_on_hold", ""),
        ("agent_averages", "7001"),
        ("live_connects", "7001"),
        ("agent_stats", ""),
        ("agent_stats_ex", ""),
        ("campaign_stats", ""),
        ("directory", ""),
    ],
)
def test_an_answer_that_is_no_such_document_is_a_failure(name: str, part: str, body: bytes) -> None:
    of = account()
    with pytest.raises(FeedError) as failure:
        read(feed(of, name), of.directory, lambda _: body, part)
    assert failure.value.reason is Reason.DECODE


def test_daily_totals_are_handed_over_once_for_each_queue() -> None:
    of = account()
    found = read(feed(of, "service_stats"), of.directory)
    assert found.totals is not None
    labels = (("queue_id", "7001"), ("channel", "voice"))
    assert found.totals.values["contactcenter_contacts_offered_total", labels] == 510
    assert found.totals.values["contactcenter_contacts_abandoned_in_threshold_total", labels] == 5
    care = (("queue_id", "7002"), ("channel", "voice"))
    assert found.totals.values["contactcenter_contacts_offered_total", care] == 64
    assert len(found.totals.values) == 15


def test_every_known_queue_starts_at_zero() -> None:
    of = account()
    directory = LiveVoxDirectory(listed={"7001": "Collections OB", "7009": "Unattended"})
    found = read(feed(of, "service_stats"), directory)
    assert found.totals is not None
    unattended = (("queue_id", "7009"), ("channel", "voice"))
    assert ("contactcenter_contacts_abandoned_total", unattended) in found.totals.known


def test_names_come_from_the_directory_before_the_document() -> None:
    of = account()
    directory = LiveVoxDirectory(listed={"7001": "Renamed"})
    found = read(feed(of, "service_stats"), directory)
    assert '{queue_id="7001",queue="Renamed"}' in samples(found, c.QUEUE_WAITING)
    assert found.learned is not None
    assert found.learned(directory).queues["7002"] == 'Care "IB"'


def _bodies(name: str, directory: LiveVoxDirectory, **changes: object) -> list[object]:
    of = account(**changes)
    asked: list[Request] = []
    read(feed(of, name), directory, asked=asked)
    return [msgspec.json.decode(request.body or b"") for request in asked]


def test_a_small_account_is_asked_whole() -> None:
    directory = LiveVoxDirectory(listed={str(n): "" for n in range(150)}, loaded=True)
    assert _bodies("service_stats", directory) == [{}]


@pytest.mark.parametrize(
    "name", ["service_stats", "agent_status", "calls_on_hold", "agent_stats_ex", "campaign_stats"]
)
def test_a_large_account_is_asked_in_batches_that_name_each_service_once(name: str) -> None:
    services = {str(7000 + n): "" for n in range(301)}
    bodies = _bodies(name, LiveVoxDirectory(listed=services, loaded=True))
    named = [[one["id"] for one in body["filter"]["service"]] for body in bodies]  # type: ignore[index]
    assert [len(ids) for ids in named] == [150, 150, 1]
    assert sorted(chain.from_iterable(named)) == sorted(services)


def test_batches_of_one_poll_are_one_frame() -> None:
    of = account()
    services = {str(7000 + n): f"S{n}" for n in range(301)}
    directory = LiveVoxDirectory(listed=services, loaded=True)

    def respond(request: Request) -> bytes:
        ids = msgspec.json.decode(request.body or b"")["filter"]["service"]
        return msgspec.json.encode(
            {"stats": [{"serviceId": one["id"], "totalCallsInQueue": 1} for one in ids]}
        )

    found = read(feed(of, "service_stats"), directory, respond)
    assert len(samples(found, c.QUEUE_WAITING)) == 301


def test_included_services_are_asked_by_name_and_others_are_left_out() -> None:
    include = {"services": ["7001"], "call_centers": ["32"]}
    of = account(include=include)
    assert _bodies("service_stats", of.directory, include=include) == [
        {"filter": {"service": [{"id": "7001"}]}},
        {"filter": {"callCenter": [{"id": "32"}]}},
    ]
    found = samples(read(feed(of, "service_stats"), of.directory), c.QUEUE_WAITING)
    assert found.keys() == {ONE, CARE}


def test_a_version_stands_between_category_and_resource() -> None:
    of = account(api_version="v6.0")
    asked: list[Request] = []
    read(
        feed(of, "service_stats"),
        of.directory,
        lambda _: document("service_stats"),
        asked=asked,
    )
    assert asked[0].path == "realtime/v6.0/service/stats"


def test_calls_on_hold_are_counted_and_aged_on_the_vendors_clock() -> None:
    of = account()
    directory = LiveVoxDirectory(listed={"7001": "Collections OB", "7002": 'Care "IB"'})
    found = read(feed(of, "calls_on_hold"), directory)
    gold = '{queue_id="7001",queue="Collections OB",skill="Gold"}'
    assert samples(found, f.CALLS_ON_HOLD) == {ONE: 1, gold: 2, CARE: 0}
    assert samples(found, f.LONGEST_HOLD) == {ONE: 100, CARE: 0}


def test_no_hold_is_negative_and_an_unknown_one_is_not_zero() -> None:
    of = account()
    future = {"serviceId": 7001, "timeStamp": 1767625999}
    unknown = {"serviceId": 7002, "timeStamp": None}
    respond = rows("callsDetails", future, unknown, timeStamp="1767625203000")
    found = read(feed(of, "calls_on_hold"), of.directory, respond)
    assert samples(found, f.LONGEST_HOLD) == {'{queue_id="7001",queue="7001"}': 0}
    assert len(samples(found, f.CALLS_ON_HOLD)) == 2


def test_the_newest_point_of_the_averages_is_shown() -> None:
    of = account()
    directory = LiveVoxDirectory(listed={"7001": "Collections OB"})
    poll = feed(of, "agent_averages")
    assert poll.parts(directory) == ["7001"]
    asked: list[Request] = []
    found = read(poll, directory, part="7001", asked=asked)
    assert msgspec.json.decode(asked[0].body or b"") == {"filter": {"service": [{"id": "7001"}]}}
    shown = samples(found, f.WINDOW_AGENT_STATE)
    talk = '{queue_id="7001",queue="Collections OB",state="talk",window="today"}'
    assert shown[talk] == 140
    assert len(shown) == 11


def test_right_party_connects_are_those_of_half_an_hour_before_the_newest_point() -> None:
    of = account()
    found = read(feed(of, "live_connects"), of.directory, part="7001")
    shown = samples(found, f.RIGHT_PARTY_CONNECTS)
    assert shown == {'{queue_id="7001",queue="7001",window="30m"}': 15}


def test_no_points_are_no_samples() -> None:
    of = account()
    averages = read(feed(of, "agent_averages"), of.directory, rows("agentAverages"), "7001")
    connects = read(feed(of, "live_connects"), of.directory, rows("liveConnects"), "7001")
    assert samples(averages, f.WINDOW_AGENT_STATE) == {}
    assert samples(connects, f.RIGHT_PARTY_CONNECTS) == {}


def test_totals_that_the_feed_of_interactions_counts_only_keep_their_base() -> None:
    counted = account()
    of = account(feeds={"interaction_events": {"enabled": True}})
    directory = LiveVoxDirectory(listed={"7009": "Unattended"})
    polled = read(feed(counted, "service_stats"), directory).totals
    based = read(feed(of, "service_stats"), directory).totals
    assert polled is not None
    assert based is not None
    assert (polled.counted, based.counted) == (True, False)
    assert based.values == polled.values
    assert polled.known
    assert not based.known
    document_ = read(feed(of, "service_stats"), directory)
    assert samples(document_, c.WINDOW_OFFERED)[ONE_TODAY] == 510
