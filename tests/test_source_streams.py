"""A source whose polls and streams tell of the same things: who counts, and who is shown."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from exporter.accumulator import SeriesKey
from exporter.errors import FeedError, Reason
from exporter.feeds import DailyTotals
from exporter.ledger import Change, Ledger, StreamChange
from exporter.running_stream import RunningStream
from exporter.vendors.livevox import VENDOR
from tests.calls import IDLE, NOON, call, calls_of, stream
from tests.streaming import ACTIVE_NOW, STARTS, Stage, opened
from tests.vendors.livevox.account import account, read, rows

DRIFT = "feed_state_drift"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with closing(Ledger.open(None, now=NOON)) as ledger:
        yield Stage(ledger)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


# ---- Totals beside events -------------------------------------------------------------------

KEY: SeriesKey = calls_of("1", "start")


def totals(value: float, counted: bool) -> DailyTotals:
    known = (KEY,) if counted else ()
    return DailyTotals({KEY: value}, known, counted=counted)


def test_totals_that_are_not_counted_change_no_count(stage: Stage) -> None:
    for value in (10, 14, 3, 50):
        stage.wall += 15
        stage.tell(totals=totals(value, counted=False))
    assert stage.committed()[STARTS] == 0


def test_totals_that_are_counted_again_go_on_from_where_they_are(stage: Stage) -> None:
    steps = [(10, True), (14, True), (20, False), (26, False), (31, True), (32, True)]
    counts = []
    for value, counted in steps:
        stage.wall += 15
        stage.tell(totals=totals(value, counted))
        counts.append(stage.committed()[STARTS])
    assert counts == [0, 4, 4, 4, 9, 10]


def test_a_new_day_while_totals_are_not_counted_counts_nothing(stage: Stage) -> None:
    for value, counted in ((100, True), (110, True), (7, False), (12, True)):
        stage.wall += 3600
        stage.tell(totals=totals(value, counted))
    assert stage.committed()[STARTS] == 15


def interactions(first: int, count: int) -> list[bytes]:
    """Calls that were answered in time, numbered."""
    return [
        json.dumps(
            {
                "eventId": f"event-{number}",
                "interactionType": "VOICE",
                "callEventType": "CALL_TERMINATION",
                "timestamp": "2025-11-24T12:00:00.000Z",
                "serviceId": 7001,
                "callDirection": "INBOUND",
                "operatorTransfer": 1,
                "operatorTransferSuccessful": 1,
                "transferHoldDuration": 3,
                "serviceLevelThreshold": 20,
                "duration": 61,
            }
        ).encode()
        for number in range(first, first + count)
    ]


class LiveVox:
    """A source of LiveVox whose feed of interactions is on or off in a run of the program."""

    def __init__(self, path: Path, wall: float, interactions: bool) -> None:
        feeds = {"interaction_events": {"enabled": interactions}}
        of = account(feeds=feeds)
        enabled = {"acme": [stream.name for stream in of.streams]}
        self.ledger = Ledger.open(path, streams=enabled, takes_over=VENDOR.takes_over, now=wall)
        self.stage = Stage(self.ledger, of=of)
        self.stage.wall = wall
        self.stage.source.show_counters()

    def reads(self, offered: int) -> None:
        """service/stats tells how many contacts were offered today."""
        self.stage.wall += 15
        row = {"serviceId": 7001, "totalOffered": offered, "totalHandled": offered}
        poll = self.stage.feed("service_stats")
        document = read(poll, self.stage.source.directory(), rows("stats", row))
        self.stage.source.published(poll, "", document, self.stage.now)

    def hears(self, first: int, count: int) -> None:
        """The feed of interactions tells of contacts."""
        self.stage.source.streams["interaction_events"].received(interactions(first, count))

    def counts(self, family: str = "contacts_offered_total") -> dict[str, float]:
        """The lines of a family after a commit."""
        return self.stage.committed(family)

    def ends(self) -> dict[str, float]:
        """The lines at the end of this run."""
        counts = self.counts()
        self.ledger.close()
        return counts


def test_switching_the_feed_of_interactions_on_and_off_counts_every_contact_once(
    path: Path,
) -> None:
    polled = LiveVox(path, NOON, interactions=False)
    polled.reads(10)
    polled.reads(14)
    runs = [polled.ends()]

    streamed = LiveVox(path, NOON + 60, interactions=True)
    assert streamed.counts() == runs[0]
    streamed.reads(14)
    streamed.hears(0, 6)
    streamed.reads(20)
    streamed.hears(4, 3)  # two of them again
    streamed.reads(21)
    runs.append(streamed.ends())

    again = LiveVox(path, NOON + 120, interactions=False)
    again.reads(21)
    again.reads(25)
    runs.append(again.ends())

    assert [sum(run.values()) for run in runs] == [4, 4 + 7, 4 + 7 + 4]
    for before, after in pairwise(runs):
        assert all(after[line] >= value for line, value in before.items())


def test_switching_another_stream_off_keeps_the_base_of_the_totals(path: Path) -> None:
    polled = LiveVox(path, NOON, interactions=False)
    polled.reads(10)
    polled.reads(14)
    change = StreamChange("agent_events", "longpoll t1", ("e1",), {})
    polled.ledger.record(Change("acme", at=NOON, stream=change))
    assert sum(polled.ends().values()) == 4

    again = LiveVox(path, NOON + 60, interactions=False)
    again.reads(20)
    assert sum(again.ends().values()) == 4 + 6


def test_with_the_feed_of_interactions_totals_are_shown_for_today_and_not_counted(
    path: Path,
) -> None:
    streamed = LiveVox(path, NOON, interactions=True)
    streamed.reads(10)
    streamed.reads(400)
    assert sum(streamed.counts().values()) == 0
    windows = streamed.counts("queue_window_offered_contacts")
    streamed.ends()
    assert list(windows.values()) == [400]


@pytest.mark.anyio
async def test_a_stream_may_wait_until_its_queues_are_known(stage: Stage) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(stage.source.known_to(lambda known: "2" in known.queues))
        await asyncio.sleep(0)
        stage.learn(**{"1": "One"})
        await asyncio.sleep(0)
        assert not waiting.done()
        stage.learn(**{"1": "One", "2": "Two"})


# ---- Increments and snapshots of a poll -----------------------------------------------------


def test_what_a_document_counts_is_shown_once_it_is_committed(stage: Stage) -> None:
    stage.commit()
    stage.tell(increments={KEY: 2.0})
    stage.tell(increments={KEY: 1.0})
    assert stage.page()[STARTS] == 0
    assert stage.committed()[STARTS] == 3


def test_without_a_ledger_what_a_document_counts_is_left_out() -> None:
    stage = Stage(None)
    stage.tell(active=3, increments={KEY: 2.0}, totals=totals(7, counted=True))
    assert stage.page()[ACTIVE_NOW] == 3
    assert STARTS not in stage.page()


def test_a_snapshot_goes_to_the_machines_that_want_it() -> None:
    others = stream(name="others", corrected_by="directory")
    alone = stream(name="alone", corrected_by="")
    stage = Stage(None, stream(), others, alone)
    stage.tell("stats", snapshot={"1": 3})
    stage.tell("directory", snapshot={})
    drifts = {name: n for name, n in stage.page().items() if name.startswith(DRIFT)}
    assert drifts == {f'{DRIFT}{{feed="calls"}}': 1, f'{DRIFT}{{feed="others"}}': 0}


def test_a_document_without_a_snapshot_corrects_nothing(stage: Stage) -> None:
    stage.tell("stats", active=3)
    assert not [name for name in stage.page() if name.startswith(DRIFT)]


def test_an_empty_snapshot_says_that_there_is_nothing(stage: Stage) -> None:
    stage.calls.received([call("a")])
    stage.tell("stats", snapshot={})
    page = stage.page()
    assert page[f'{DRIFT}{{feed="calls"}}'] == 1
    assert ACTIVE_NOW not in page


def test_what_a_snapshot_told_is_known_after_a_restart(path: Path) -> None:
    with opened(path) as first:
        first.tell("stats", snapshot={"1": 5})
    with opened(path) as again:
        again.calls.received([call("a")])
        assert again.page()[ACTIVE_NOW] == 6


# ---- Ownership ------------------------------------------------------------------------------


def told(stage: Stage) -> float | None:
    return stage.page().get(ACTIVE_NOW)


@pytest.mark.parametrize("name", ["calls", "z_calls"])
def test_a_family_is_the_streams_while_it_lives_and_the_polls_while_it_does_not(
    name: str,
) -> None:
    stage = Stage(None, stream(name=name))
    calls = stage.source.streams[name]
    stage.tell(active=3)
    assert told(stage) == 3
    calls.received([call("a")])
    assert told(stage) == 1
    stage.now += IDLE
    stage.tell(active=4)
    assert told(stage) == 1
    stage.now += 0.1
    assert told(stage) == 4
    calls.alive()
    assert told(stage) == 1


def test_a_stream_that_knows_nothing_yet_leaves_the_family_to_the_poll(stage: Stage) -> None:
    stage.tell(active=3)
    stage.calls.alive()
    assert told(stage) == 3
    stage.calls.received([call("a")])
    assert told(stage) == 1
    stage.calls.expired()
    assert told(stage) == 3


def test_where_both_are_silent_nothing_is_shown(stage: Stage) -> None:
    stage.tell(active=3)
    stage.calls.received([call("a")])
    stage.now += 1000
    assert told(stage) is None


def test_counts_stay_while_their_stream_is_silent(stage: Stage) -> None:
    stage.calls.received([call("a")])
    stage.commit()
    stage.now += 1e6
    assert stage.page()[STARTS] == 1


# ---- Readiness ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcome",
    [
        lambda calls: calls.connected(),
        lambda calls: calls.alive(),
        lambda calls: calls.broke(FeedError(Reason.SERVER, "HTTP 503")),
    ],
)
def test_a_stream_is_waited_for_until_its_first_attempt_has_ended(
    stage: Stage, outcome: Callable[[RunningStream], None]
) -> None:
    assert "calls" in stage.health.untried()
    outcome(stage.calls)
    assert "calls" not in stage.health.untried()
