"""A stream at run time: what its events change, as a user sees it on /metrics."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from exporter.errors import FeedError, Reason
from exporter.ledger import Ledger
from tests.calls import IDLE, NOON, call, page_of
from tests.streaming import ACTIVE_NOW, DUPLICATES, GAPS, STARTS, Stage

MALFORMED = 'feed_rejected_messages_total{feed="calls",reason="malformed"}'


@pytest.fixture
def stage() -> Iterator[Stage]:
    with closing(Ledger.open(None, now=NOON)) as ledger:
        yield Stage(ledger)


def lag(bound: str) -> str:
    return f'feed_event_lag_seconds_bucket{{feed="calls",le="{bound}"}}'


# ---- What is counted ------------------------------------------------------------------------


def test_every_count_of_a_stream_starts_at_zero(stage: Stage) -> None:
    page = stage.committed()
    zeros = [
        'feed_events_total{feed="calls",kind="start"}',
        'feed_events_total{feed="calls",kind="end"}',
        *(DUPLICATES, GAPS, MALFORMED, STARTS, lag("0.1"), lag("+Inf")),
        'waits_count{queue_id="1",queue="Sales"}',
        'feed_connected{feed="calls"}',
        'feed_connections_total{feed="calls"}',
    ]
    assert {name: page[name] for name in zeros} == dict.fromkeys(zeros, 0)


def test_what_a_batch_says_is_counted_and_shown_once_it_is_committed(stage: Stage) -> None:
    stage.commit()
    before = stage.page()
    stage.calls.received(
        [call("a", wait=12.5), call("b", "end"), b"{no", call("c"), call("a", wait=12.5)]
    )
    after = stage.page()
    assert {name: after[name] for name in before if name.endswith("_total")} == {
        name: before[name] for name in before if name.endswith("_total")
    }
    assert after[lag("+Inf")] == after[STARTS] == after[DUPLICATES] == 0
    page = stage.committed()
    assert page[STARTS] == 2
    assert page['calls_total{queue_id="1",queue="Sales",kind="end"}'] == 1
    assert page['feed_events_total{feed="calls",kind="start"}'] == 2
    assert page['feed_events_total{feed="calls",kind="end"}'] == 1
    assert (page[DUPLICATES], page[MALFORMED], page[GAPS]) == (1, 1, 0)
    assert page[lag("+Inf")] == 3
    assert page['waits_sum{queue_id="1",queue="Sales"}'] == 12.5
    assert page['waits_bucket{queue_id="1",queue="Sales",le="10.0"}'] == 0


def test_an_event_that_comes_again_is_counted_as_a_duplicate_alone(stage: Stage) -> None:
    stage.calls.received([call("a")])
    stage.calls.received([call("a"), call("b")])
    page = stage.committed()
    assert (page[STARTS], page[DUPLICATES], page[lag("+Inf")]) == (2, 1, 2)


def test_the_lag_is_from_the_vendors_timestamp_by_the_vendors_clock(stage: Stage) -> None:
    stage.wall += 3600  # ours is wrong
    stage.vendor = NOON + 20
    stage.calls.received([call("a", at=NOON + 19.8), call("b", at=NOON + 12), call("c")])
    page = stage.committed('feed_event_lag_seconds_bucket{feed="calls"')
    assert [page[lag(bound)] for bound in ("0.1", "0.25", "5.0", "10.0", "30.0")] == [0, 1, 1, 2, 3]


def test_an_event_of_an_unknown_kind_is_counted_under_the_kind_the_machine_gives(
    stage: Stage,
) -> None:
    stage.calls.received([call("a", kind="other")])
    assert stage.committed()['feed_events_total{feed="calls",kind="other"}'] == 1


def test_fields_that_can_not_be_read_are_counted(stage: Stage) -> None:
    stage.calls.received([call("a", unread=["event.wait"]), call("b", unread=["event.wait"])])
    name = 'feed_rejected_fields_total{feed="calls",field="event.wait"}'
    assert stage.page()[name] == 2


def test_a_page_tells_whether_there_is_more_and_moves_the_cursor(stage: Stage) -> None:
    assert stage.calls.answered(page_of("t1", call("a"), full=True))
    assert stage.calls.cursor() == "t1"
    assert not stage.calls.answered(page_of("t2"))
    assert stage.calls.cursor() == "t2"
    assert stage.committed()[STARTS] == 1


def test_events_without_a_new_one_leave_the_cursor_where_it_is(stage: Stage) -> None:
    stage.calls.received([call("a")])
    stage.calls.received([call("a"), b"{no"])
    assert stage.calls.cursor() == "a"


def test_label_sets_start_at_zero_for_queues_that_appear_later(stage: Stage) -> None:
    stage.commit()
    stage.learn(q1="Sales", q2="Support")
    later = 'queue_id="2",queue="Support"'
    page = stage.committed()
    assert page[f'calls_total{{{later},kind="start"}}'] == 0
    assert page[f'calls_total{{{later},kind="end"}}'] == 0
    assert page[f"waits_count{{{later}}}"] == 0
    stage.calls.received([call("a", queue="2")])
    stage.learn(q1="Sales", q2="Support", q3="New")
    assert stage.committed()[f'calls_total{{{later},kind="start"}}'] == 1


# ---- What holds now -------------------------------------------------------------------------


def test_what_the_machine_says_is_shown_at_once_and_follows_the_clock(stage: Stage) -> None:
    stage.calls.received([call("a"), call("b")])
    assert (stage.page()[ACTIVE_NOW], stage.page()["quiet_seconds"]) == (2, 0)
    stage.vendor += 7
    assert stage.page()["quiet_seconds"] == 7


def test_it_is_shown_until_there_was_no_sign_of_life_for_idle_seconds(stage: Stage) -> None:
    stage.calls.received([call("a")])
    stage.now += IDLE
    assert stage.page()[ACTIVE_NOW] == 1
    assert stage.health.feeds["calls"].up(stage.now)
    stage.now += 0.1
    assert ACTIVE_NOW not in stage.page()
    assert not stage.health.feeds["calls"].up(stage.now)


def test_what_can_not_be_shown_is_a_bug_that_is_counted_and_ends_nothing(stage: Stage) -> None:
    stage.calls.received([call("a", queue="bug")])
    page = stage.page()
    assert page['feed_failures_total{feed="calls",reason="bug"}'] == 1
    assert ACTIVE_NOW not in page


def test_a_keepalive_is_a_sign_of_life_and_brings_back_what_had_aged(stage: Stage) -> None:
    stage.calls.received([call("a")])
    for _ in range(5):
        stage.now += IDLE - 1
        stage.calls.alive()
    assert stage.page()[ACTIVE_NOW] == 1
    stage.now += IDLE + 1
    assert ACTIVE_NOW not in stage.page()
    stage.calls.alive()
    assert stage.page()[ACTIVE_NOW] == 1


def test_an_empty_page_is_a_sign_of_life_and_a_page_that_is_not_read_is_none(stage: Stage) -> None:
    stage.calls.answered(page_of("t1", call("a")))
    stage.now += IDLE
    stage.calls.answered(page_of("t2"))
    stage.now += IDLE
    page = page_of("t3")
    with pytest.raises(FeedError, match="no JSON"):
        stage.calls.answered(type(page)(b"<html>", page.at))
    assert stage.calls.cursor() == "t2"
    stage.now += 1
    assert ACTIVE_NOW not in stage.page()


def test_a_connection_alone_proves_nothing(stage: Stage) -> None:
    stage.calls.connected()
    assert not stage.health.feeds["calls"].up(stage.now)
    assert stage.health.feeds["calls"].tried


def test_a_sign_of_life_ends_the_growth_of_waits(stage: Stage) -> None:
    broken, patience = FeedError(Reason.NETWORK, "ReadError"), stage.patiences["calls"]
    assert [patience.after(broken) for _ in range(3)] == [1, 2, 4]
    stage.calls.connected()
    assert patience.after(broken) == 8
    stage.calls.alive()
    assert patience.after(broken) == 1


def test_a_snapshot_corrects_the_machine_and_tells_how_wrong_it_was(stage: Stage) -> None:
    drift = 'feed_state_drift{feed="calls"}'
    stage.calls.received([call("a"), call("b", queue="2")])
    assert drift not in stage.page()
    stage.calls.corrected({"1": 3, "2": 1})
    assert (stage.page()[drift], stage.page()[ACTIVE_NOW]) == (1, 3)
    stage.calls.corrected({"1": 3, "2": 1})
    assert stage.page()[drift] == 0


def test_a_snapshot_is_no_sign_of_life_of_the_stream(stage: Stage) -> None:
    stage.calls.corrected({"1": 3})
    assert ACTIVE_NOW not in stage.page()
    assert not stage.health.feeds["calls"].up(stage.now)


# ---- Connections and failures ---------------------------------------------------------------


def test_connections_are_counted_and_whether_there_is_one_is_told(stage: Stage) -> None:
    connected, connections = 'feed_connected{feed="calls"}', 'feed_connections_total{feed="calls"}'
    stage.calls.connected()
    assert (stage.page()[connected], stage.page()[connections]) == (1, 1)
    stage.calls.disconnected()
    assert (stage.page()[connected], stage.page()[connections]) == (0, 1)
    stage.calls.connected()
    assert (stage.page()[connected], stage.page()[connections]) == (1, 2)


def test_a_failure_is_counted_with_its_reason(stage: Stage) -> None:
    stage.calls.broke(FeedError(Reason.STALE_CURSOR, "the vendor keeps no events"))
    failures = 'feed_failures_total{feed="calls",reason="stale_cursor"}'
    assert stage.page()[failures] == 1


def test_the_newest_event_is_told_and_an_older_one_does_not_set_it_back(stage: Stage) -> None:
    newest = 'feed_last_event_timestamp_seconds{feed="calls"}'
    stage.calls.alive()
    assert newest not in stage.page()
    stage.calls.received([call("a", at=NOON - 5), call("b", at=NOON - 7)])
    assert stage.page()[newest] == NOON - 5
    stage.calls.received([call("c", at=NOON - 60)])
    stage.calls.received([call("a", at=NOON)])
    assert stage.page()[newest] == NOON - 5


# ---- Without a ledger -----------------------------------------------------------------------


def test_without_a_ledger_gauges_are_shown_and_the_cursor_is_kept_in_memory() -> None:
    stage = Stage(None)
    stage.calls.connected()
    stage.calls.received([call("a"), b"{no"])
    stage.calls.corrected({"1": 4})
    page = stage.page()
    assert (page[ACTIVE_NOW], page['feed_connected{feed="calls"}']) == (4, 1)
    assert page['feed_last_event_timestamp_seconds{feed="calls"}'] == NOON
    assert not [name for name in page if name.startswith(("calls_total", "feed_events", "waits"))]
    assert stage.calls.cursor() == "a"
    stage.calls.expired()
    stage.calls.connected()
    assert stage.calls.cursor() == ""
    assert ACTIVE_NOW not in stage.page()
