"""What is added up: a queue's day, counts that know when, and an agent's seconds in each state.

Times are ticks: whole simulated seconds since the scenario's first second.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import IntEnum

from exporter.simulators.states import TALKING, AgentState, Outcome, Reason


class Contact(IntEnum):
    """What is counted of a queue's contacts."""

    OFFERED = 0
    HANDLED = 1
    ABANDONED = 2
    HANDLED_IN_THRESHOLD = 3
    ABANDONED_IN_THRESHOLD = 4


def mean(total: int, count: int) -> int:
    """The average as a whole number, 0 of nothing."""
    return round(total / count) if count else 0


def percent(part: int, whole: int) -> float:
    """A share in percent with two decimals, from 0 to 100, 0 of nothing."""
    return min(100.0, round(100.0 * part / whole, 2)) if whole > 0 else 0.0


@dataclass(slots=True)
class QueueDay:
    """A queue's totals since its last reset, in contacts and seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * len(Contact))
    corrected: list[int] = field(default_factory=lambda: [0] * len(Contact))
    answer_seconds: int = 0
    abandon_seconds: int = 0
    talk_seconds: int = 0
    talks: int = 0
    wrapup_seconds: int = 0
    wrapups: int = 0

    def total(self, contact: Contact) -> int:
        """The total of the day as the platform tells it, corrections taken off."""
        return max(0, self.counts[contact] - self.corrected[contact])

    @property
    def abandon_percent(self) -> float:
        """Abandoned of offered, in percent."""
        return percent(self.total(Contact.ABANDONED), self.total(Contact.OFFERED))

    @property
    def service_level_percent(self) -> float:
        """Answered in the threshold of those offered that did not give up within it, in percent."""
        waited = self.total(Contact.OFFERED) - self.total(Contact.ABANDONED_IN_THRESHOLD)
        return percent(self.total(Contact.HANDLED_IN_THRESHOLD), waited)

    @property
    def average_answer(self) -> int:
        """Seconds that answered contacts waited."""
        return mean(self.answer_seconds, self.counts[Contact.HANDLED])

    @property
    def average_abandon(self) -> int:
        """Seconds that abandoned contacts waited."""
        return mean(self.abandon_seconds, self.counts[Contact.ABANDONED])

    @property
    def average_talk(self) -> int:
        """Seconds of conversation, holds included."""
        return mean(self.talk_seconds, self.talks)

    @property
    def average_wrapup(self) -> int:
        """Seconds of work after a conversation."""
        return mean(self.wrapup_seconds, self.wrapups)

    @property
    def average_handle(self) -> int:
        """Seconds of conversation and of the work after it."""
        return self.average_talk + self.average_wrapup


class Count:
    """A number that only goes up, and knows what it was at any moment of the last two days.

    After the platform corrected its total downwards, a reader that keeps the highest value it saw
    counts nothing until the total is above it again: `debt` is what he will not see. So after a
    correction this says what a reader sees who had read just before it.
    """

    __slots__ = ("_before_start", "_dropped", "_dropped_until", "_ticks", "debt")

    def __init__(self) -> None:
        self._ticks: list[int] = []
        self._dropped = 0
        self._dropped_until = -1
        self._before_start: int | None = None
        self.debt = 0

    def add(self, tick: int) -> None:
        """Count one, at a tick not before the last one."""
        if self.debt:
            self.debt -= 1
        else:
            self._ticks.append(tick)

    def mark_start(self) -> None:
        """Remember what has been counted before the moment from which everybody may ask."""
        self._before_start = self._dropped + len(self._ticks)

    def since_start(self) -> int:
        """How many were counted after `mark_start`, however long ago that was."""
        return self._dropped + len(self._ticks) - (self._before_start or 0)

    def since(self, tick: int) -> int:
        """How many were counted after a tick; raises ValueError when that is forgotten."""
        if tick < self._dropped_until:
            raise ValueError("that is longer ago than two days, and no longer known")
        return len(self._ticks) - bisect_right(self._ticks, tick)

    def forget_until(self, tick: int) -> None:
        """Keep only the number of what happened up to a tick."""
        position = bisect_right(self._ticks, tick)
        del self._ticks[:position]
        self._dropped += position
        self._dropped_until = tick


class Tally:
    """An agent's day: the state he is in, and the seconds and calls of each kind."""

    __slots__ = (
        "_counted_from", "_seconds", "_unready", "inbound", "outbound", "outcomes", "present",
        "reason", "since", "state",
    )  # fmt: skip

    def __init__(self) -> None:
        self.state = AgentState.OFFLINE
        self.reason = Reason.NONE
        self.since = 0
        self._counted_from = 0
        self._clear()
        self.present = False

    def enter(self, tick: int, state: AgentState, reason: Reason = Reason.NONE) -> int:
        """Go into a state; returns the seconds that the previous one lasted."""
        self._count(tick)
        lasted = tick - self.since
        self.state, self.reason, self.since = state, reason, tick
        self._counted_from = tick
        self.present = self.present or state is not AgentState.OFFLINE
        return lasted

    def start_day(self, tick: int) -> None:
        """Begin again at 0; who is logged in goes on in his state."""
        self._clear()
        self._counted_from = tick
        self.present = self.state is not AgentState.OFFLINE

    def seconds(self, tick: int, state: AgentState) -> int:
        """Seconds of the day in a state, the one that lasts included."""
        open_seconds = tick - self._counted_from if state is self.state else 0
        return self._seconds[state] + open_seconds

    def talk_seconds(self, tick: int) -> int:
        """Seconds of the day with a customer on the line."""
        return sum(self.seconds(tick, state) for state in TALKING)

    def not_ready_seconds(self, tick: int, reason: Reason) -> int:
        """Seconds of the day not ready for a reason; OTHER has those without one, too."""
        seconds = self._unready[reason]
        if self.state is AgentState.NOT_READY and self._counted_reason is reason:
            seconds += tick - self._counted_from
        return seconds

    @property
    def _counted_reason(self) -> Reason:
        return Reason.OTHER if self.reason is Reason.NONE else self.reason

    def _count(self, tick: int) -> None:
        seconds = tick - self._counted_from
        self._seconds[self.state] += seconds
        if self.state is AgentState.NOT_READY:
            self._unready[self._counted_reason] += seconds

    def _clear(self) -> None:
        self._seconds = [0] * len(AgentState)
        self._unready = [0] * len(Reason)
        self.inbound = 0
        self.outbound = 0
        self.outcomes = [0] * len(Outcome)
