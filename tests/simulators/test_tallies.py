"""What is added up."""

import pytest

from exporter.simulators.states import AgentState, Reason
from exporter.simulators.tallies import Contact, Count, QueueDay, Tally


def test_a_count_knows_what_it_was() -> None:
    count = Count()
    count.add(5)
    count.mark_start()
    for tick in (10, 10, 20):
        count.add(tick)
    assert [count.since(tick) for tick in (0, 5, 9, 10, 19, 20)] == [4, 3, 3, 1, 1, 0]
    assert count.since_start() == 3


def test_a_count_that_forgot_still_knows_its_start() -> None:
    count = Count()
    count.add(5)
    count.mark_start()
    count.add(10)
    count.add(20)
    count.forget_until(10)
    assert (count.since_start(), count.since(10)) == (2, 1)
    with pytest.raises(ValueError, match="longer ago than two days"):
        count.since(9)


def test_after_a_correction_a_count_waits_until_the_total_is_above_its_highest() -> None:
    count = Count()
    count.add(1)
    count.debt = 2
    for tick in (2, 3, 4):
        count.add(tick)
    assert count.since(0) == 2


def test_ratios_of_a_day() -> None:
    day = QueueDay()
    assert (day.abandon_percent, day.service_level_percent, day.average_talk) == (0.0, 0.0, 0)
    day.counts[:] = [8, 6, 2, 3, 1]
    day.answer_seconds, day.abandon_seconds = 100, 51
    assert day.abandon_percent == 25.0
    assert day.service_level_percent == 42.86
    assert (day.average_answer, day.average_abandon) == (17, 26)


def test_a_correction_lowers_the_total_and_not_below_zero() -> None:
    day = QueueDay()
    day.counts[Contact.OFFERED] = 3
    day.corrected[Contact.OFFERED] = 5
    assert day.total(Contact.OFFERED) == 0


def test_a_tally_adds_up_its_states_the_open_one_included() -> None:
    tally = Tally()
    assert not tally.present
    assert tally.enter(100, AgentState.READY) == 100
    tally.enter(130, AgentState.NOT_READY, Reason.LUNCH)
    tally.enter(190, AgentState.NOT_READY)
    tally.enter(200, AgentState.HOLD)
    assert tally.seconds(210, AgentState.READY) == 30
    assert tally.not_ready_seconds(210, Reason.LUNCH) == 60
    assert tally.not_ready_seconds(210, Reason.OTHER) == 10
    assert tally.talk_seconds(210) == 10
    assert tally.present


def test_a_new_day_counts_from_midnight_and_keeps_who_is_there() -> None:
    tally = Tally()
    tally.enter(100, AgentState.NOT_READY, Reason.BREAK)
    tally.start_day(150)
    assert tally.not_ready_seconds(160, Reason.BREAK) == 10
    assert tally.since == 100
    assert tally.present
    tally.enter(170, AgentState.OFFLINE)
    tally.start_day(200)
    assert not tally.present
