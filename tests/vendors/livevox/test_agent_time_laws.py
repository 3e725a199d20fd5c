"""Any order and any duplication of the same changes gives the same time of agents by state."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from exporter.vendors.livevox.agent_memory import remembered, restored
from exporter.vendors.livevox.agent_time import AFTER_EVENTS, KEPT, AgentTime, State, in_state

STATES = (
    in_state("available"),
    in_state("busy", "in_call"),
    in_state("busy", "hold"),
    in_state("away"),
    None,
)
BEGAN, UNTIL = 1000, 1100

Told = tuple[str, int, int, State | None]


@dataclass
class Run:
    """The time of agents over several lives of the program, and what it counted."""

    time: AgentTime = field(default_factory=AgentTime)
    counted: Counter[State] = field(default_factory=Counter)
    memory: dict[str, str] = field(default_factory=dict)

    def take(self, *touched: str) -> None:
        taken = self.time.take()
        assert all(time > 0 for time in taken.values())
        self.counted.update(taken)
        news = remembered(self.time, touched)
        self.memory.update({key: value for key, value in news.items() if value is not None})

    def restart(self) -> None:
        self.time = restored(self.memory)

    def truth(self) -> dict[State, int]:
        """What was counted, without what was counted too early."""
        owed = dict(self.time.owed)
        assert all(time > 0 for time in owed.values())
        states = {*self.counted, *owed}
        times = {state: self.counted[state] - owed.get(state, 0) for state in states}
        return {state: time for state, time in times.items() if time}


def expected(told: Sequence[Told], until: int) -> dict[State, int]:
    """The time of each state from the beginning on, agent by agent."""
    times: Counter[State] = Counter()
    for agent in {one[0] for one in told}:
        changes = sorted((at, n, state or ()) for who, at, n, state in told if who == agent)
        ends = [(*changes, (until, 0, ()))][0]
        for (start, _, state), (end, _, _) in pairwise(ends):
            if state:
                shared = min(end, until) - max(start, BEGAN)
                times[state] += max(0, shared)
    return {state: time for state, time in times.items() if time}


def logged_in(told: Sequence[Told], until: int) -> int:
    """How long all agents were logged in, millisecond by millisecond."""
    total = 0
    for agent in {one[0] for one in told}:
        changes = sorted((at, n, state is not None) for who, at, n, state in told if who == agent)
        for moment in range(BEGAN, until):
            total += next((here for at, _, here in reversed(changes) if at <= moment), False)
    return total


def since(told: Sequence[Told], agent: str) -> int | None:
    """Since when an agent has been in the last state; None where only a snapshot told."""
    changes = sorted((at, n, state or ()) for who, at, n, state in told if who == agent)
    last = changes[-1][2]
    first = changes[-1]
    for change in reversed(changes):
        if change[2] != last:
            break
        first = change
    return None if first[1] == AFTER_EVENTS else first[0]


@st.composite
def changes(draw: st.DrawFn, most: int = KEPT) -> list[Told]:
    """Changes of a few agents, of each at most so many, no two of one time and number."""
    told: list[Told] = []
    for agent in ("1", "2", "3"):
        numbers = st.sampled_from([1, 2, 3, AFTER_EVENTS])
        places = draw(
            st.lists(st.tuples(st.integers(990, 1100), numbers), max_size=most, unique=True)
        )
        told += [(agent, at, n, draw(st.sampled_from(STATES))) for at, n in places]
    return told


@given(changes(), st.data())
def test_any_order_and_duplication_gives_the_same_time(
    told: list[Told], data: st.DataObject
) -> None:
    extra = data.draw(st.lists(st.sampled_from(told), max_size=10) if told else st.just([]))
    run = Run()
    run.time.start(BEGAN)
    for agent, at, number, state in data.draw(st.permutations([*told, *extra])):
        run.time.change(agent, at, number, state)
        if data.draw(st.booleans()):
            run.time.advance(data.draw(st.integers(BEGAN, UNTIL)))
        run.take(agent)
        if data.draw(st.integers(0, 4)) == 0:
            run.restart()
    run.time.advance(UNTIL)
    run.take()
    assert run.truth() == expected(told, UNTIL)
    assert sum(run.truth().values()) == logged_in(told, UNTIL)
    lasting = {who: run.time.agents[who] for who, _, _, _ in told}
    for agent, history in lasting.items():
        assert history.since == since(told, agent)
    now = Counter(history.state for history in lasting.values() if history.state is not None)
    assert run.time.now() == now


@given(changes(40), st.data())
def test_in_order_no_number_of_changes_is_too_many(told: list[Told], data: st.DataObject) -> None:
    run = Run()
    run.time.start(BEGAN)
    for place, (agent, at, number, state) in enumerate(sorted(told, key=lambda one: one[1:3])):
        again = told[data.draw(st.integers(0, place))] if place else None
        run.time.change(agent, at, number, state)
        if again and (again[1], again[2]) < (at, number):
            run.time.change(*again)
        run.time.advance(at)
        run.take(agent, *([again[0]] if again and again[0] in run.time.agents else []))
        if data.draw(st.integers(0, 9)) == 0:
            run.restart()
    run.time.advance(UNTIL)
    run.take()
    assert run.truth() == expected(told, UNTIL)
