"""Simulated time."""

import math

import pytest

from exporter.simulators.clock import SimulatedClock
from exporter.simulators.localday import next_midnight, next_time_of_day
from tests.simulators.site import HandClock


def test_time_passes_at_its_speed() -> None:
    hand = HandClock()
    clock = SimulatedClock(hand, 1000, speed=60.0)
    hand.seconds += 0.5
    assert clock.now_ms() == 31_000


def test_a_paused_clock_stands_still_and_goes_on_where_it_stood() -> None:
    hand = HandClock()
    clock = SimulatedClock(hand, 0)
    hand.seconds += 1
    clock.pause()
    clock.pause()
    hand.seconds += 100
    assert (clock.paused, clock.now_ms()) == (True, 1000)
    clock.resume()
    hand.seconds += 2
    assert (clock.paused, clock.now_ms()) == (False, 3000)


def test_a_clock_that_starts_paused_can_still_be_moved() -> None:
    hand = HandClock()
    clock = SimulatedClock(hand, 0, paused=True)
    hand.seconds += 5
    clock.advance(2.5)
    assert clock.now_ms() == 2500


def test_advancing_to_a_moment_never_goes_back() -> None:
    clock = SimulatedClock(HandClock(), 1000)
    clock.advance_to(5000)
    clock.advance_to(2000)
    assert clock.now_ms() == 5000
    with pytest.raises(ValueError, match="only goes forward"):
        clock.advance(-1)


@pytest.mark.parametrize("speed", [0.0, -1.0, math.inf, math.nan])
def test_a_speed_is_a_number_above_zero(speed: float) -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        SimulatedClock(HandClock(), 0, speed)


def test_local_times_count_from_eight_in_the_morning() -> None:
    assert next_midnight(0) == 16 * 3600
    assert next_midnight(16 * 3600) == 40 * 3600
    assert next_time_of_day(0, 9 * 3600) == 3600
    assert next_time_of_day(3600, 9 * 3600) == 25 * 3600
