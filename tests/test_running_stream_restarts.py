"""A stream over restarts and crashes: where it goes on, and that every event is counted once."""

from dataclasses import replace
from pathlib import Path

import pytest

from exporter.ledger import StreamState
from exporter.streams import Resumed
from tests.calls import Calls, call, stream
from tests.streaming import ACTIVE_NOW, DUPLICATES, GAPS, STARTS, as_after_a_crash, kept, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def test_a_stream_goes_on_with_cursor_ids_and_memory(path: Path) -> None:
    with opened(path) as first:
        first.calls.received([call("a"), call("b"), call("c", "end")])
    assert kept(path) == StreamState("sse c", ("a", "b", "c"), {"1": "1"})
    with opened(path) as again:
        assert again.calls.cursor() == "c"
        again.calls.received([call("b"), call("c"), call("d")])
        page = again.committed()
        assert page[ACTIVE_NOW] == 2
        assert (page[STARTS], page[DUPLICATES], page[GAPS]) == (3, 2, 0)
        assert page['feed_events_total{feed="calls",kind="start"}'] == 3
        assert page['feed_connections_total{feed="calls"}'] == 0


def test_the_machine_is_told_what_was_counted_before(path: Path) -> None:
    with opened(path) as first:
        first.calls.received([call("a", kind="other")])
    told: list[Resumed] = []

    def watched(given: Resumed) -> Calls:
        told.append(given)
        return Calls(given)

    with opened(path, replace(stream(), machine=watched)):
        pass
    counted = {labels for family, labels in told[0].counted if "calls_" in family}
    assert (("queue_id", "1"), ("kind", "other")) in counted


@pytest.mark.parametrize("commit_after", [1, 2, 3, 100])
def test_after_a_crash_every_event_is_counted_once(
    path: Path, tmp_path: Path, commit_after: int
) -> None:
    events = [call(f"e{number}", wait=number) for number in range(7)]
    with opened(path) as first:
        first.commit()
        for number, event in enumerate(events, start=1):
            first.calls.received([event])
            if number % commit_after == 0:
                first.commit()
        shown = first.page()[STARTS]
        crashed = as_after_a_crash(path, tmp_path / "crashed")
    with opened(crashed) as again:
        assert again.page()[STARTS] == shown == len(events) // commit_after * commit_after
        reached = again.calls.cursor()
        left = events[int(reached[1:]) + 1 :] if reached else events
        again.calls.received(left)
        page = again.committed()
    assert (page[STARTS], page[ACTIVE_NOW]) == (7, 7)
    assert page['waits_sum{queue_id="1",queue="Sales"}'] == sum(range(7))
    assert (
        page['feed_event_lag_seconds_count{feed="calls"}']
        == page['waits_count{queue_id="1",queue="Sales"}']
        == 7
    )
    assert (page[DUPLICATES], page[GAPS]) == (0, 0)
