"""Time of agents by state: what is counted, what is moved, what is owed."""

from exporter.vendors.livevox.agent_memory import remembered, restored
from exporter.vendors.livevox.agent_time import AFTER_EVENTS, KEPT, AgentTime, in_state

READY, BUSY, AWAY = in_state("available"), in_state("busy", "in_call"), in_state("away", "lunch")


def begun(at: int = 1000) -> AgentTime:
    time = AgentTime()
    time.start(at)
    return time


def restarted(time: AgentTime) -> AgentTime:
    """The time of the next run of the program."""
    memory = remembered(time, time.agents)
    return restored({key: value for key, value in memory.items() if value is not None})


def test_time_runs_from_a_change_to_the_next() -> None:
    time = begun()
    assert time.until == 1000
    time.change("a", 1000, 1, READY)
    time.change("b", 1500, 2, READY)
    time.advance(2000)
    assert time.take() == {READY: 1500}
    time.change("a", 2000, 3, BUSY)
    time.change("b", 2600, 4, None)
    time.advance(3000)
    assert time.take() == {READY: 600, BUSY: 1000}
    assert time.take() == {}
    assert time.now() == {BUSY: 1}


def test_nothing_before_the_start_is_counted() -> None:
    time = begun(1000)
    time.change("a", 200, 1, READY)
    time.change("a", 600, 2, BUSY)
    time.advance(1300)
    assert time.take() == {BUSY: 300}
    assert AgentTime().until == 0


def test_time_that_was_told_does_not_run_back() -> None:
    time = begun()
    time.change("a", 1000, 1, READY)
    time.advance(2000)
    time.advance(1500)
    assert time.take() == {READY: 1000}
    time.advance(2000)
    assert time.take() == {}


def test_a_late_change_moves_the_time_and_never_takes_any_back() -> None:
    time = begun()
    time.change("a", 1000, 1, READY)
    time.advance(5000)
    assert time.take() == {READY: 4000}
    assert time.change("a", 2000, 2, BUSY)
    assert time.take() == {BUSY: 3000}
    assert dict(time.owed) == {READY: 3000}
    time.change("a", 5000, 3, READY)
    time.advance(7000)
    assert time.take() == {}
    assert dict(time.owed) == {READY: 1000}
    time.advance(8500)
    assert time.take() == {READY: 500}
    assert not time.owed


def test_a_change_between_two_others_moves_only_its_own_time() -> None:
    time = begun()
    time.change("a", 1000, 1, READY)
    time.change("a", 4000, 3, AWAY)
    assert time.change("a", 2000, 2, BUSY)
    time.advance(5000)
    assert time.take() == {READY: 1000, BUSY: 2000, AWAY: 1000}
    assert time.now() == {AWAY: 1}


def test_changes_of_one_moment_are_in_the_order_of_their_numbers() -> None:
    for order in ((1, 2), (2, 1)):
        time = begun()
        for number in order:
            time.change("a", 1000, number, {1: AWAY, 2: READY}[number])
        time.advance(2000)
        assert (time.take(), time.now()) == ({READY: 1000}, {READY: 1})


def test_what_is_known_is_no_news() -> None:
    time = begun()
    assert time.change("a", 1000, 1, READY)
    assert not time.change("a", 1000, 1, READY)
    assert time.change("a", 2000, 2, BUSY)
    assert not time.change("a", 1000, 1, READY)
    time.advance(2000)
    assert time.take() == {READY: 1000}


def test_since_is_when_the_state_began_whatever_repeats_it() -> None:
    time = begun()
    time.change("a", 1000, 1, BUSY)
    for at in range(2000, 2000 + 3 * KEPT):
        time.change("a", at, 1, READY)
    assert time.agents["a"].since == 2000
    assert time.agents["a"].state == READY


def test_since_is_not_known_where_only_a_snapshot_told() -> None:
    time = begun()
    since = []
    for at, number, state in (
        (1000, AFTER_EVENTS, READY),
        (2000, 1, READY),
        (900, 1, READY),
        (3000, 1, BUSY),
    ):
        time.change("a", at, number, state)
        since.append(time.agents["a"].since)
    assert since == [None, None, 900, 3000]


def test_a_state_at_a_moment_includes_the_changes_of_that_moment() -> None:
    time = begun()
    time.change("a", 1000, 1, READY)
    time.change("a", 2000, 2, None)
    history = time.agents["a"]
    assert [history.at(at) for at in (999, 1000, 1999, 2000)] == [None, READY, READY, None]


def test_what_is_older_than_all_that_is_kept_changes_nothing() -> None:
    time = begun()
    states = [READY, BUSY]
    for n in range(4 * KEPT):
        time.change("a", 1000 + 100 * n, n, states[n % 2])
    time.advance(1000 + 400 * KEPT)
    assert time.take() == {READY: 200 * KEPT, BUSY: 200 * KEPT}
    assert not time.change("a", 1050, 0, AWAY)
    assert not time.change("a", 1000, 0, READY)
    assert len(time.agents["a"].changes) <= 2 * KEPT
    assert (time.take(), dict(time.owed)) == ({}, {})


def test_who_is_logged_off_costs_no_time_and_is_nowhere() -> None:
    time = begun()
    time.change("a", 1000, 1, READY)
    time.change("a", 1500, 2, None)
    time.advance(9000)
    assert (time.take(), time.now()) == ({READY: 500}, {})
    assert time.agents["a"].state is None


def test_a_restart_remembers_times_debts_and_histories() -> None:
    time = begun()
    time.change("a", 1000, 1, READY)
    time.change("b", 1200, AFTER_EVENTS, AWAY)
    time.advance(5000)
    time.take()
    time.change("a", 2000, 2, BUSY)
    time.take()
    again = restarted(time)
    assert (again.began, again.until, dict(again.owed)) == (1000, 5000, {READY: 3000})
    assert again.now() == {BUSY: 1, AWAY: 1}
    assert (again.agents["a"].since, again.agents["b"].since) == (2000, None)
    assert again.change("a", 1500, 9, AWAY)
    assert again.take() == {AWAY: 500}


def test_only_agents_of_whom_there_is_news_are_remembered_anew() -> None:
    time = begun()
    time.change("a", 1000, 1, READY)
    time.change("b", 1000, 1, READY)
    assert len(remembered(time, ())) == 1
    assert len(remembered(time, ["b"])) == 2


def test_a_memory_that_is_not_ours_is_no_memory() -> None:
    good = {key: value or "" for key, value in remembered(begun(), ()).items()}
    assert restored(good).until == 1000
    time_alone = next(iter(good))
    for broken in (
        {},
        {time_alone: "{"},
        {time_alone: "[]"},
        {time_alone: '{"began": "x"}'},
        {**good, "agent 1": "{}"},
        {**good, "agent 1": "[true, [[1]]]"},
        {"agent 1": '[true, [[1, 1, "available", ""]]]'},
    ):
        time = restored(broken)
        assert time.until == 0
        assert (time.now(), time.agents) == ({}, {})
    assert restored({**good, "of another version": "?"}).until == 1000
