"""Agents: their shifts, breaks and readiness."""

import random
from typing import Protocol

from exporter.simulators.agenda import Agenda
from exporter.simulators.events import EventKind, EventLog
from exporter.simulators.localday import DAY, FIRST_TICK_LOCAL, HOUR
from exporter.simulators.roster import SHIFT_LENGTH
from exporter.simulators.states import WORKING, AgentState, CallType, Reason
from exporter.simulators.world import Agent, Call, Desk, Direction, Queue

STAFF_UNIT = 12
_BREAKS = (
    (Reason.BREAK, 35, (180, 900)),
    (Reason.OTHER, 20, (30, 300)),
    (Reason.MEETING, 12, (600, 1800)),
    (Reason.TRAINING, 10, (600, 1800)),
    (Reason.TECH_DIFFICULTIES, 9, (120, 900)),
    (Reason.NONE, 14, (20, 180)),
)
_BREAK_SHARE = 0.05
_DIAL_SHARE = 0.06


class Switchboard(Protocol):
    """Where agents get their calls."""

    def offer_to(self, agent: Agent) -> bool:
        """Give an agent the call that waits longest in his queues, if there is one."""
        ...

    def dial_by_hand(self, agent: Agent, queue: Queue, call_type: CallType) -> None:
        """Let an agent place a call himself."""
        ...


class Staffing:
    """Logs agents on and off and decides what each does next."""

    switchboard: Switchboard

    def __init__(self, rng: random.Random, agenda: Agenda, log: EventLog) -> None:
        self._rng = rng
        self._agenda = agenda
        self._log = log

    def hire(self, agent: Agent) -> None:
        """Plan an agent's first shift; one that has begun is joined within a minute."""
        begun = (FIRST_TICK_LOCAL - agent.shift_start) % DAY
        if begun < SHIFT_LENGTH:
            self._agenda.after(self._rng.randint(0, 60), self._arrive, agent, -begun)
        else:
            self._agenda.at(DAY - begun, self._arrive, agent, DAY - begun)

    def enter(
        self,
        agent: Agent,
        state: AgentState,
        reason: Reason = Reason.NONE,
        queue: Queue | None = None,
        call: Call | None = None,
    ) -> None:
        """Put an agent into a state; `queue` is the one he works for, where he works.

        `call` is the one he works on, where that is not the one he talks on.
        """
        tick = self._agenda.tick
        agent.step += 1
        was_ready = agent.tally.state is AgentState.READY
        agent.tally.enter(tick, state, reason)
        elsewhere = state in WORKING
        for desk in agent.desks:
            if was_ready:
                desk.queue.ready.pop(agent.id, None)
            if elsewhere and desk.queue is not queue:
                seen = (AgentState.NOT_READY, Reason.NONE)
            else:
                seen = (state, reason)
            tally = desk.tally
            if (tally.state, tally.reason) != seen:
                previous = tally.state
                desk.queue.state_seconds[previous] += tally.enter(tick, *seen)
                desk.queue.state_visits[previous] += 1
        self._log.agent(tick, EventKind.AGENT_STATE, agent, call or agent.call)

    def next_activity(self, agent: Agent) -> None:
        """What an agent does who has just become free, or has been idle for a while."""
        if agent.shift_over:
            self._log_off(agent)
        elif agent.lunch_at is not None and self._agenda.tick >= agent.lunch_at:
            agent.lunch_at = None
            self._step_away(agent, Reason.LUNCH, 1800, 3600)
        else:
            chance = self._rng.random()
            dialing = [desk.queue for desk in agent.desks if _dials(desk.queue)]
            if chance < _BREAK_SHARE:
                weights = [weight for _, weight, _ in _BREAKS]
                reason, _, (least, most) = self._rng.choices(_BREAKS, weights)[0]
                self._step_away(agent, reason, least, most)
            elif dialing and chance < _BREAK_SHARE + _DIAL_SHARE:
                kind = self._rng.choice((CallType.MANUAL, CallType.PREVIEW))
                self.switchboard.dial_by_hand(agent, self._rng.choice(dialing), kind)
            else:
                self._make_ready(agent)

    def _make_ready(self, agent: Agent) -> None:
        if self.switchboard.offer_to(agent):
            return
        if agent.tally.state is not AgentState.READY:
            self.enter(agent, AgentState.READY)
            for desk in agent.desks:
                desk.queue.ready[agent.id] = agent
        self._agenda.after(self._rng.randint(240, 600), self._resume, agent, agent.step)

    def _step_away(self, agent: Agent, reason: Reason, least: int, most: int) -> None:
        self.enter(agent, AgentState.NOT_READY, reason)
        self._agenda.after(self._rng.randint(least, most), self._resume, agent, agent.step)

    def _resume(self, agent: Agent, step: int) -> None:
        if agent.step == step:
            self.next_activity(agent)

    def _arrive(self, agent: Agent, shift_began: int) -> None:
        agent.shift_over = False
        agent.lunch_at = shift_began + self._rng.randint(3 * HOUR, 4 * HOUR + HOUR // 2)
        self._agenda.at(
            shift_began + SHIFT_LENGTH + self._rng.randint(0, 300), self._end_shift, agent
        )
        tomorrow = shift_began + DAY
        self._agenda.at(tomorrow + self._rng.randint(0, 120), self._arrive, agent, tomorrow)
        self.take_seats(agent)
        self.enter(agent, AgentState.LOGON)
        self._log.agent(self._agenda.tick, EventKind.AGENT_LOGON, agent, None)
        self._agenda.after(self._rng.randint(1, 3), self._register, agent)

    def _register(self, agent: Agent) -> None:
        self.enter(agent, AgentState.REGISTERING)
        self._agenda.after(self._rng.randint(3, 8), self._settle, agent)

    def _settle(self, agent: Agent) -> None:
        self._step_away(agent, Reason.NONE, 10, 60)

    def _end_shift(self, agent: Agent) -> None:
        agent.shift_over = True
        if agent.tally.state in (AgentState.READY, AgentState.NOT_READY):
            self._log_off(agent)

    def _log_off(self, agent: Agent) -> None:
        self.leave_seats(agent)
        self.enter(agent, AgentState.OFFLINE)
        self._log.agent(self._agenda.tick, EventKind.AGENT_LOGOFF, agent, None)

    def enter_desk(self, desk: Desk) -> None:
        """Let a new desk of an agent who is at work show what his others show."""
        agent, tally = desk.agent, desk.agent.tally
        if tally.state in WORKING:
            desk.tally.enter(self._agenda.tick, AgentState.NOT_READY)
        else:
            desk.tally.enter(self._agenda.tick, tally.state, tally.reason)
        if tally.state is AgentState.READY:
            desk.queue.ready[agent.id] = agent

    def take_seats(self, agent: Agent) -> None:
        """Count an agent among those logged in to his queues."""
        for desk in agent.desks:
            desk.queue.logged_in += 1
            desk.queue.staff += STAFF_UNIT // len(agent.desks)

    def leave_seats(self, agent: Agent) -> None:
        """Count an agent no longer among those logged in to his queues."""
        for desk in agent.desks:
            desk.queue.logged_in -= 1
            desk.queue.staff -= STAFF_UNIT // len(agent.desks)


def _dials(queue: Queue) -> bool:
    return queue.direction is not Direction.INBOUND
