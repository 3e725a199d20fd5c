"""Who was in which state when: agents' histories, and the time of all agents by state.

Events may come late and in any order: each is put where its time belongs, and the time that was
counted otherwise is moved. Pure. Times are milliseconds of the vendor's clock.
"""

from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NewType

KEPT = 8  # changes of one agent, at least, that are known by their time
AFTER_EVENTS = 1 << 62  # the sequence number of what a snapshot tells: after the events of its time


State = NewType("State", str)
"""A canonical state and its reason, with a blank between them; neither has one."""


def in_state(name: str, reason: str = "") -> State:
    """The state of that name, with its reason or finer state where there is one."""
    return State(f"{name} {reason}" if reason else name)


def name_and_reason(of: State) -> tuple[str, str]:
    """The canonical state, and its reason: empty where there is none."""
    name, _, reason = of.partition(" ")
    return name, reason


Change = tuple[int, int, State | None]
"""Since when an agent is in a state (None: logged off), and what orders changes of one time."""

Told = tuple[str, int, int, State | None]
"""What an event tells: the agent, the time, the sequence number, the state."""


class History:
    """The last changes of one agent, in order of time."""

    __slots__ = ("changes", "complete")

    def __init__(self, changes: Iterable[Change] = (), complete: bool = True) -> None:
        self.changes = list(changes)
        self.complete = complete  # nothing was forgotten

    @property
    def state(self) -> State | None:
        """The state now."""
        return self.changes[-1][2] if self.changes else None

    @property
    def since(self) -> int | None:
        """Since when the agent has been in it; None where only a snapshot told that he was."""
        at, sequence, _ = self.changes[self._run(len(self.changes) - 1)]
        return None if sequence == AFTER_EVENTS else at

    def at(self, time: int) -> State | None:
        """The state at a time, events of that very time included."""
        found = bisect_right(self.changes, time, key=_at)
        return self.changes[found - 1][2] if found else None

    @property
    def recent(self) -> list[Change]:
        """The last changes, of which the first says since when its state lasts."""
        first = len(self.changes) - KEPT
        if first <= 0:
            return self.changes
        return [self.changes[self._run(first)], *self.changes[first + 1 :]]

    def trim(self) -> None:
        """Forgets the oldest changes; where a state began that still lasts is not forgotten."""
        if len(self.changes) > KEPT:
            self.changes = self.recent
            self.complete = False

    def _run(self, place: int) -> int:
        """Where the run of one state begins that goes on at `place`."""
        changes = self.changes
        while place > 0 and changes[place - 1][2] == changes[place][2]:
            place -= 1
        return place


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What agents did at one moment, by login: those who were logged in."""

    at: int
    agents: Mapping[str, State]


def _at(change: Change) -> int:
    return change[0]


def _order(change: Change) -> tuple[int, int]:
    return change[:2]


class AgentTime:
    """The agents, what each does, and the time of all of them by state up to `until`.

    Time is counted when a feed has told of it: up to `until` each agent has been counted in the
    states that are known. What was counted for one state and belongs to another, as a late event
    shows, is owed by the first: a counter never falls, it waits.
    """

    def __init__(self) -> None:
        self.began = 0
        self.until = 0
        self.agents: dict[str, History] = {}
        self._now: Counter[State] = Counter()
        self._owed: defaultdict[State, int] = defaultdict(int)
        self._counted: defaultdict[State, int] = defaultdict(int)

    def start(self, at: int) -> None:
        """Counts from this time on, and nothing before it."""
        self.began = self.until = at

    def change(self, agent: str, at: int, sequence: int, state: State | None) -> bool:
        """Takes a change; whether it is news: not too old, and not known yet."""
        return bool(self.changed([(agent, at, sequence, state)]))

    def changed(self, told: Iterable[Told]) -> set[str]:
        """Takes changes; the agents of whom one is news."""
        agents, counted, now = self.agents, self._counted, self._now
        until, began = self.until, self.began
        touched: set[str] = set()
        for agent, at, sequence, state in told:
            history = agents.get(agent)
            if history is None:
                history = agents[agent] = History()
                before = None
            else:
                last_at, last_sequence, before = history.changes[-1]
                if at < last_at or (at == last_at and sequence <= last_sequence):
                    if self._late(history, (at, sequence, state)):
                        touched.add(agent)
                    continue
            changes = history.changes
            changes.append((at, sequence, state))
            touched.add(agent)
            if before != state:
                time = until - (at if at > began else began)
                if before is not None:
                    counted[before] -= time
                    now[before] -= 1
                if state is not None:
                    counted[state] += time
                    now[state] += 1
            if len(changes) > 2 * KEPT:
                history.trim()
        return touched

    def _late(self, history: History, change: Change) -> bool:
        changes = history.changes
        place = bisect_right(changes, _order(change), key=_order)
        if place and _order(changes[place - 1]) == _order(change):
            return False
        if place == 0 and not history.complete:
            return False
        before = changes[place - 1][2] if place else None
        if before != change[2]:
            end, began = changes[place][0], self.began
            time = max(end, began) - max(change[0], began)
            if before is not None:
                self._counted[before] -= time
            if change[2] is not None:
                self._counted[change[2]] += time
        insort(changes, change, key=_order)
        return True

    def advance(self, until: int) -> None:
        """Counts the time up to `until`: everything before it has been told."""
        if until > self.until:
            for state, agents in self._now.items():
                self._counted[state] += agents * (until - self.until)
            self.until = until

    def forget(self, before: int) -> list[str]:
        """Forgets the agents who logged off before a time; who they are."""
        gone = [
            agent
            for agent, history in self.agents.items()
            if history.changes[-1][2] is None and history.changes[-1][0] < before
        ]
        for agent in gone:
            del self.agents[agent]
        return gone

    def take(self) -> dict[State, int]:
        """The time by state since it was last taken, in milliseconds, none of it negative."""
        taken = {}
        for state, time in self._counted.items():
            owed = self._owed.pop(state, 0)
            if time > owed:
                taken[state] = time - owed
            elif owed > time:
                self._owed[state] = owed - time
        self._counted.clear()
        return taken

    @property
    def owed(self) -> Mapping[State, int]:
        """What was counted too early, by state: the counter waits for so much time."""
        return self._owed

    def now(self) -> Mapping[State, int]:
        """How many agents are in each state now."""
        return {state: count for state, count in self._now.items() if count}

    def restore(
        self, began: int, until: int, owed: Mapping[State, int], agents: Mapping[str, History]
    ) -> None:
        """Goes on where a run before stopped."""
        self.began, self.until = began, until
        self._owed.update(owed)
        for agent, history in agents.items():
            self.agents[agent] = history
            now = history.state
            if now is not None:
                self._now[now] += 1
