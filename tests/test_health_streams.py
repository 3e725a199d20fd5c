"""What is told of streams: connections, the newest event, drift, and what could not be read."""

from collections.abc import Callable

import pytest

from exporter.errors import FeedError, Reason
from exporter.feeds import Rejected
from exporter.health import FeedHealth, SourceHealth, Told
from tests.checked import Clock, shown

NOTHING = Rejected()
IDLE = 30.0


class Streaming(SourceHealth):
    """A source with the poll `stats` and the streams `calls` and `agents`."""

    def __init__(self) -> None:
        self.wall, self.clock = Clock(1_763_985_600.0), Clock(1000.0)
        feeds = [
            FeedHealth("stats", 55.0),
            FeedHealth("calls", IDLE, streams=True),
            FeedHealth("agents", IDLE, streams=True),
        ]
        super().__init__("acme", "livevox", "na4", feeds, self.wall, self.clock)

    def told(self, family: str) -> dict[str, str]:
        """The values of a family by feed; all counts have changed by what a test did."""
        frame = self.changed_frame()
        assert frame is not None
        lines = shown(frame.blocks)
        prefix = f'feed_{family}{{feed="'
        return {
            name.removeprefix(prefix).removesuffix('"}'): value
            for name, value in lines.items()
            if name.startswith(prefix)
        }


@pytest.mark.parametrize("family", ["connected", "connections_total"])
def test_streams_start_at_zero_and_polls_have_no_connection(family: str) -> None:
    assert Streaming().told(family) == {"agents": "0.0", "calls": "0.0"}


@pytest.mark.parametrize("family", ["last_event_timestamp_seconds", "state_drift"])
def test_what_is_not_known_yet_is_left_out(family: str) -> None:
    assert Streaming().told(family) == {}


def test_connections_add_up_and_each_stream_is_connected_for_itself() -> None:
    health = Streaming()
    for _ in range(3):
        health.disconnected("calls")
        health.connected("calls")
    health.connected("agents")
    health.disconnected("agents")
    assert health.told("connected") == {"agents": "0.0", "calls": "1.0"}
    health.disconnected("calls")
    assert health.told("connected") == {"agents": "0.0", "calls": "0.0"}
    health.disconnected("calls")
    assert health.told("connections_total") == {"agents": "1.0", "calls": "3.0"}


def test_a_failure_is_no_end_of_a_connection_and_a_connection_no_success() -> None:
    health = Streaming()
    health.connected("calls")
    health.failed("calls", FeedError(Reason.DECODE, "no JSON"))
    assert health.told("connected")["calls"] == "1.0"
    assert not health.feeds["calls"].up(health.clock.now)
    assert health.feeds["calls"].last_success is None


def test_a_stream_is_up_for_its_idle_limit_after_each_sign_of_life() -> None:
    health = Streaming()
    health.connected("calls")
    for _ in range(3):
        health.succeeded("calls", health.clock.now)
        health.clock.now += IDLE
        assert health.feeds["calls"].up(health.clock.now)
    health.clock.now += 0.001
    assert not health.feeds["calls"].up(health.clock.now)
    assert shown(health.live_blocks())['feed_up{feed="calls"}'] == "0.0"


def test_a_source_is_down_while_one_of_its_streams_is_silent() -> None:
    health = Streaming()
    for feed in ("session", "stats", "calls"):
        health.succeeded(feed, health.clock.now)
    assert shown(health.live_blocks())['source_up{source="acme"}'] == "0.0"
    health.succeeded("agents", health.clock.now)
    assert shown(health.live_blocks())['source_up{source="acme"}'] == "1.0"


def test_the_newest_event_is_never_set_back() -> None:
    health = Streaming()
    for at in (100.5, 99.0, None):
        health.streamed("calls", Told(at, None, NOTHING))
    assert health.told("last_event_timestamp_seconds") == {"calls": "100.5"}
    health.streamed("calls", Told(101.0, None, NOTHING))
    assert health.told("last_event_timestamp_seconds") == {"calls": "101.0"}


def test_the_drift_is_that_of_the_last_snapshot_and_goes_when_it_is_not_known() -> None:
    health = Streaming()
    health.streamed("agents", Told(None, 3.0, NOTHING))
    assert health.told("state_drift") == {"agents": "3.0"}
    health.streamed("agents", Told(None, 0.0, NOTHING))
    assert health.told("state_drift") == {"agents": "0.0"}
    health.streamed("agents", Told(None, None, NOTHING))
    assert health.told("state_drift") == {}


def test_what_could_not_be_read_of_events_adds_up_with_what_could_not_be_read_of_rows() -> None:
    health = Streaming()
    health.succeeded("calls", health.clock.now, rejected=Rejected(1, {"event.wait": 1}))
    for _ in range(2):
        health.streamed("calls", Told(None, None, Rejected(2, {"event.wait": 3})))
    assert health.told("rejected_rows_total")["calls"] == "5.0"
    health.streamed("calls", Told(None, None, NOTHING))
    assert health.told("rejected_fields_total") == {'calls",field="event.wait': "7.0"}


@pytest.mark.parametrize(
    "change",
    [
        lambda health: health.connected("calls"),
        lambda health: health.disconnected("calls"),
        lambda health: health.streamed("calls", Told(1.0, None, NOTHING)),
        lambda health: health.failed("calls", FeedError(Reason.NETWORK, "ReadError")),
    ],
)
def test_each_change_is_shown_once(change: Callable[[SourceHealth], None]) -> None:
    health = Streaming()
    health.changed_frame()
    change(health)
    assert health.changed_frame() is not None
    assert health.changed_frame() is None


def test_the_first_outcome_of_a_stream_is_a_connection_or_a_failure() -> None:
    health = Streaming()
    health.disconnected("agents")
    assert health.untried() == ["session", "stats", "calls", "agents"]
    health.connected("calls")
    health.failed("agents", FeedError(Reason.SERVER, "HTTP 503"))
    assert health.untried() == ["session", "stats"]
