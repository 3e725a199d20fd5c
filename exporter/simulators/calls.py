"""The life of a call: it waits, is answered or given up, talked through and worked off."""

import random
from itertools import count

from exporter.simulators.agenda import Agenda
from exporter.simulators.campaigns import Campaign
from exporter.simulators.events import EventKind, EventLog
from exporter.simulators.people import Customer
from exporter.simulators.staffing import Staffing
from exporter.simulators.states import AgentState, CallResult, CallType, Outcome
from exporter.simulators.tallies import Contact
from exporter.simulators.world import Agent, Call, Desk, Queue

_FIRST_CALL_ID = 880_001
_RIGHT_PARTY_KEPT = 7200
_DONE_SHARE = 0.8
_HOLD_SHARE = 0.3
_TRANSFER_SHARE = 0.04
_MONITORED_SHARE = 0.05
_REACHED_BY_HAND = 0.6
_UNANSWERED = (CallResult.NO_ANSWER, CallResult.MACHINE, CallResult.BUSY)
_OUTCOMES_INBOUND = (30, 35, 10, 25)
_OUTCOMES_OUTBOUND = (15, 35, 20, 30)


class Calls:
    """The telephone side of the contact center."""

    def __init__(
        self,
        rng: random.Random,
        agenda: Agenda,
        log: EventLog,
        staffing: Staffing,
        customers: tuple[Customer, ...],
    ) -> None:
        self._rng = rng
        self._agenda = agenda
        self._log = log
        self._staffing = staffing
        self._customers = customers
        self._ids = count(_FIRST_CALL_ID)

    def arrive(self, queue: Queue) -> None:
        """A customer calls."""
        call = self._new_call(queue, CallType.INBOUND)
        self._log.call(self._agenda.tick, EventKind.CALL_START, call)
        self._enqueue(call)

    def attempt(self, queue: Queue, campaign: Campaign, answered: bool) -> None:
        """The dialer places a call, which rings for a while."""
        call = self._new_call(queue, CallType.OUTBOUND)
        call.campaign = campaign
        self._log.call(self._agenda.tick, EventKind.CALL_START, call)
        queue.ringing += 1
        self._agenda.after(self._rng.randint(6, 22), self._ring_out, call, answered)

    def offer_to(self, agent: Agent) -> bool:
        """Give an agent the call that waits longest in his queues, if there is one."""
        oldest = [next(iter(d.queue.waiting.values())) for d in agent.desks if d.queue.waiting]
        if not oldest:
            return False
        self._connect(min(oldest, key=lambda call: (call.offered, call.id)), agent)
        return True

    def dial_by_hand(self, agent: Agent, queue: Queue, call_type: CallType) -> None:
        """Let an agent place a call himself: he looks at a record, dials, may reach somebody."""
        call = self._new_call(queue, call_type)
        call.agent = agent
        manual = call_type is CallType.MANUAL
        state = AgentState.MANUAL_DIAL if manual else AgentState.PREVIEW_DIAL
        self._staffing.enter(agent, state, queue=queue)
        self._agenda.after(self._rng.randint(5, 20), self._dial, call, agent)

    def _new_call(self, queue: Queue, call_type: CallType) -> Call:
        return Call(
            id=next(self._ids),
            queue=queue,
            type=call_type,
            customer=self._rng.choice(self._customers),
            skill=self._rng.choice(queue.skills),
            started=self._agenda.tick,
            priority=self._rng.randint(1, 3),
        )

    def _ring_out(self, call: Call, answered: bool) -> None:
        call.queue.ringing -= 1
        if call.campaign is not None and self._rng.random() < _DONE_SHARE:
            call.campaign.complete_one(self._rng)
        if not answered:
            self._end(call, self._rng.choice(_UNANSWERED))
        elif call.queue.attended:
            self._enqueue(call)
        else:
            self._end(call, CallResult.LISTENED)

    def _enqueue(self, call: Call) -> None:
        queue, tick = call.queue, self._agenda.tick
        call.offered = tick
        queue.count(Contact.OFFERED, tick)
        if queue.ready:
            self._connect(call, next(iter(queue.ready.values())))
            return
        queue.waiting[call.id] = call
        patience = (5.0, 180.0) if call.inbound else (2.0, 15.0)
        wait = min(queue.max_wait, int(patience[0] + self._rng.expovariate(1 / patience[1])))
        self._agenda.after(wait, self._give_up, call)

    def _give_up(self, call: Call) -> None:
        queue, tick = call.queue, self._agenda.tick
        if queue.waiting.pop(call.id, None) is None or call.offered is None:
            return
        wait = tick - call.offered
        queue.count(Contact.ABANDONED, tick)
        if wait <= queue.threshold:
            queue.count(Contact.ABANDONED_IN_THRESHOLD, tick)
        queue.day.abandon_seconds += wait
        gone = wait < queue.max_wait
        self._end(call, CallResult.ABANDONED if gone else CallResult.ABANDONED_MAX_WAIT)

    def _connect(self, call: Call, agent: Agent) -> None:
        call.queue.waiting.pop(call.id, None)
        call.queue.connecting[call.id] = call
        call.agent = agent
        self._staffing.enter(agent, AgentState.RESERVED, queue=call.queue, call=call)
        self._agenda.after(self._rng.randint(1, 3), self._answer, call, agent)

    def _answer(self, call: Call, agent: Agent) -> None:
        queue, tick = call.queue, self._agenda.tick
        del queue.connecting[call.id]
        wait = tick - (call.offered or 0)
        queue.count(Contact.HANDLED, tick)
        if wait <= queue.threshold:
            queue.count(Contact.HANDLED_IN_THRESHOLD, tick)
        queue.day.answer_seconds += wait
        self._converse(call, agent)

    def _dial(self, call: Call, agent: Agent) -> None:
        self._log.call(self._agenda.tick, EventKind.CALL_START, call)
        call.queue.ringing += 1
        self._staffing.enter(agent, AgentState.DIALING, queue=call.queue, call=call)
        reached = self._rng.random() < _REACHED_BY_HAND
        self._agenda.after(self._rng.randint(5, 25), self._dialed, call, agent, reached)

    def _dialed(self, call: Call, agent: Agent, reached: bool) -> None:
        call.queue.ringing -= 1
        if reached:
            self._converse(call, agent)
            return
        self._end(call, self._rng.choice(_UNANSWERED))
        self._wrap_up(call, agent, Outcome.NON_CONTACT)

    def _converse(self, call: Call, agent: Agent) -> None:
        call.answered = self._agenda.tick
        call.queue.talking[call.id] = call
        agent.call = call
        agent.monitored = self._rng.random() < _MONITORED_SHARE
        for tally in (agent.tally, desk_of(agent, call.queue).tally):
            tally.inbound += call.inbound
            tally.outbound += not call.inbound
        self._staffing.enter(agent, AgentState.IN_CALL, queue=call.queue)
        self._log.call(self._agenda.tick, EventKind.CALL_ANSWER, call)
        talk = min(1800, max(8, int(self._rng.lognormvariate(4.75, 0.6))))
        if self._rng.random() < _HOLD_SHARE:
            before = self._rng.randint(3, talk)
            self._agenda.after(before, self._hold, call, agent, talk - before)
        else:
            self._agenda.after(talk, self._finish, call, agent)

    def _hold(self, call: Call, agent: Agent, rest: int) -> None:
        call.held_since = self._agenda.tick
        self._staffing.enter(agent, AgentState.HOLD, queue=call.queue)
        length = 5 + int(self._rng.expovariate(1 / 50))
        self._agenda.after(length, self._take_back, call, agent, rest)

    def _take_back(self, call: Call, agent: Agent, rest: int) -> None:
        call.held_since = None
        self._staffing.enter(agent, AgentState.IN_CALL, queue=call.queue)
        self._agenda.after(rest, self._finish, call, agent)

    def _finish(self, call: Call, agent: Agent) -> None:
        if self._rng.random() < _TRANSFER_SHARE:
            self._staffing.enter(agent, AgentState.TRANSFERRING, queue=call.queue)
            self._agenda.after(self._rng.randint(5, 20), self._hang_up, call, agent)
        else:
            self._hang_up(call, agent)

    def _hang_up(self, call: Call, agent: Agent) -> None:
        queue, tick = call.queue, self._agenda.tick
        del queue.talking[call.id]
        call.talk = tick - (call.answered or tick)
        if call.offered is not None:
            queue.day.talk_seconds += call.talk
            queue.day.talks += 1
        weights = _OUTCOMES_INBOUND if call.inbound else _OUTCOMES_OUTBOUND
        outcome = self._rng.choices(tuple(Outcome), weights)[0]
        if outcome in (Outcome.RIGHT_PARTY_COMPLETE, Outcome.RIGHT_PARTY_INCOMPLETE):
            while queue.right_party and queue.right_party[0] < tick - _RIGHT_PARTY_KEPT:
                queue.right_party.popleft()
            queue.right_party.append(tick)
        self._end(call, CallResult.HANDLED)
        self._wrap_up(call, agent, outcome)

    def _wrap_up(self, call: Call, agent: Agent, outcome: Outcome) -> None:
        call.outcome = outcome
        agent.call = None
        agent.monitored = False
        for tally in (agent.tally, desk_of(agent, call.queue).tally):
            tally.outcomes[outcome] += 1
        self._staffing.enter(agent, AgentState.WRAP_UP, queue=call.queue, call=call)
        seconds = 3 + int(self._rng.expovariate(1 / 20))
        self._agenda.after(seconds, self._wrapped_up, call, agent, seconds)

    def _wrapped_up(self, call: Call, agent: Agent, seconds: int) -> None:
        if call.offered is not None:
            call.queue.day.wrapup_seconds += seconds
            call.queue.day.wrapups += 1
        self._log.call(self._agenda.tick, EventKind.CALL_DISPOSITION, call)
        self._staffing.next_activity(agent)

    def _end(self, call: Call, result: CallResult) -> None:
        call.ended = self._agenda.tick
        call.result = result
        self._log.call(self._agenda.tick, EventKind.CALL_END, call)


def desk_of(agent: Agent, queue: Queue) -> Desk:
    """The agent's desk in a queue of his."""
    return next(desk for desk in agent.desks if desk.queue is queue)
