"""The agent event feed: what each agent does, told at the second in which it happens.

The state that the ACD line's events set is the one that agents/status shows, at every moment: of
an agent who is seen through some of his services only, what these show. LOGON is followed at once
by NOT_READY, and that by REGISTERING where agents/status still shows him logging on.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exporter.simulators.events import Event, EventKind
from exporter.simulators.livevox import eventwords as words
from exporter.simulators.livevox.agenteventdocs import AgentEventDocuments, call_fields
from exporter.simulators.livevox.agenttruth import canonical, counted_by, reason_of
from exporter.simulators.livevox.calldata import CallData
from exporter.simulators.livevox.eventcounts import EventCounts
from exporter.simulators.livevox.statehistory import StateHistory, StateKey
from exporter.simulators.livevox.transfers import Transfer, begin
from exporter.simulators.scenario import Scenario
from exporter.simulators.states import AgentState, Reason
from exporter.simulators.world import Agent, Call, Desk, Queue

Append = Callable[[int, str, dict[str, Any]], None]
"""Takes an event's milliseconds since the Unix epoch, its eventId and its document."""

_DIRECT_LINE_EVERY = 4
_DIRECT_SHARE = 0.5
_SKIPPED_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Shown:
    """What the feed has told of an agent who is logged in.

    `state` is the scenario's, `key` is how it is counted. `since_ms` is when he came into what
    `key` says: an event that says the same again changes nothing of that. `transfer` is the one
    that is going on.
    """

    state: AgentState
    key: StateKey
    since_ms: int
    queue: Queue
    transfer: Transfer | None = None


class AgentEvents:
    """Turns what happens to agents into the feed's events, and remembers what the feed told.

    `append` gets every event in the order in which it happens, from now on. `shown` is by agent
    id; `counts` by the slug of the eventType; `calls` are those that events carried the ids of.
    """

    def __init__(self, scenario: Scenario, append: Append) -> None:
        self._scenario = scenario
        self._append = append
        self._random = random.Random(f"agent events of {scenario.seed}")
        self._documents = AgentEventDocuments()
        self._direct_ready: set[int] = set()
        self.calls = CallData(scenario)
        self.counts: EventCounts[str] = EventCounts(scenario)
        self.history = StateHistory(scenario.now_ms)
        self.shown: dict[int, Shown] = {}
        for agent in scenario.agents:
            desk = counted_by(agent)
            if desk is not None:
                self._show(agent, desk, scenario.ms(desk.tally.since))
        scenario.log.subscribe(self._hear)

    def review(self) -> None:
        """Tell of the agents who are seen otherwise than before though they did nothing.

        That is so when a service vanished, came back or was opened.
        """
        for agent in self._scenario.agents:
            desk = counted_by(agent)
            shown = self.shown.get(agent.id)
            if (desk and _seen(desk)) != (shown and (shown.state, shown.key)):
                self._follow(agent, desk, agent.call)

    def unknown(self, count: int) -> None:
        """Tell of events of types that nobody has documented, of the agents in turn."""
        agents = [agent for agent in self._scenario.agents if agent.id in self.shown]
        agents = agents or self._scenario.agents
        for index in range(count if agents else 0):
            agent = agents[index % len(agents)]
            event_type = words.UNKNOWN_TYPES[index % len(words.UNKNOWN_TYPES)]
            self._tell(agent, agent.desks[0].queue, event_type)

    def _hear(self, event: Event) -> None:
        if event.kind is not EventKind.AGENT_STATE or event.agent is None:
            return
        agent = event.agent
        desk = counted_by(agent)
        shown = self.shown.get(agent.id)
        if desk is not None and shown is not None:
            as_he_is = desk.tally.state is agent.tally.state
            if not as_he_is and _seen(desk) == (shown.state, shown.key):
                return  # he works where nobody may see him
        self._follow(agent, desk, event.call)

    def _follow(self, agent: Agent, desk: Desk | None, call: Call | None) -> None:
        shown = self.shown.get(agent.id)
        if desk is None:
            if shown is not None:
                self._log_off(agent, shown)
            return
        if call is not None and call.queue is not desk.queue:
            call = None
        if shown is None:
            self._tell(agent, desk.queue, words.LOGON, line=None)
            self._tell(agent, desk.queue, words.NOT_READY)
        transfer = None
        if shown is not None or _seen(desk) != (AgentState.NOT_READY, ("away", "")):
            transfer = self._enter(agent, desk, shown, call)
        self._show(agent, desk, self._scenario.now_ms, transfer)
        self._use_direct_line(agent, desk.queue)

    def _enter(
        self, agent: Agent, desk: Desk, shown: Shown | None, call: Call | None
    ) -> Transfer | None:
        """Tell of a new state, with the steps that lead out of the last one and into this one."""
        state, queue = desk.tally.state, desk.queue
        left = None if shown is None else shown.state
        if shown is not None and shown.transfer is not None and call is not None:
            for step in shown.transfer.ending:
                self._tell(agent, queue, step, call, shown.transfer.fields)
        if left is AgentState.PREVIEW_DIAL and state is AgentState.DIALING:
            self._tell(agent, queue, words.PREVIEW_ACCEPTED, call)
        event_type = words.STATE_EVENTS[state]
        if left is AgentState.HOLD and state is AgentState.IN_CALL:
            event_type = words.RESUMED
        self._tell(agent, queue, event_type, call, _reason_code(desk.tally.reason))
        if state is AgentState.WRAP_UP and call is not None:
            self.calls.complete(call)
        if state is AgentState.PREVIEW_DIAL and self._random.random() < _SKIPPED_SHARE:
            self._tell(agent, queue, words.PREVIEW_SKIPPED)
            self._tell(agent, queue, event_type)
        if state is not AgentState.TRANSFERRING or call is None:
            return None
        transfer = begin(self._random, agent, call)
        self._tell(agent, queue, transfer.beginning, call, transfer.fields)
        return transfer

    def _log_off(self, agent: Agent, shown: Shown) -> None:
        self._tell(agent, shown.queue, words.LOGOFF, line=None)
        self._direct_ready.discard(agent.id)
        del self.shown[agent.id]
        self.history.leave(self._scenario.now_ms, shown.key)

    def _show(
        self, agent: Agent, desk: Desk, since_ms: int, transfer: Transfer | None = None
    ) -> None:
        state, key = _seen(desk)
        before = self.shown.get(agent.id)
        if before is not None and before.key == key:
            since_ms = before.since_ms
        else:
            if before is not None:
                self.history.leave(self._scenario.now_ms, before.key)
            self.history.enter(self._scenario.now_ms, key)
        self.shown[agent.id] = Shown(state, key, since_ms, desk.queue, transfer)

    def _use_direct_line(self, agent: Agent, queue: Queue) -> None:
        """Now and then, of some agents: their other line, which says nothing of their state."""
        if agent.id % _DIRECT_LINE_EVERY or self._random.random() >= _DIRECT_SHARE:
            return
        if agent.id in self._direct_ready:
            self._direct_ready.remove(agent.id)
            fields = _reason_code(self._random.choice(tuple(Reason)))
            self._tell(agent, queue, words.NOT_READY, fields=fields, line=words.DIRECT_LINE)
        else:
            self._direct_ready.add(agent.id)
            self._tell(agent, queue, words.READY, line=words.DIRECT_LINE)

    def _tell(
        self,
        agent: Agent,
        queue: Queue,
        event_type: str,
        call: Call | None = None,
        fields: dict[str, Any] | None = None,
        line: str | None = words.ACD_LINE,
    ) -> None:
        at_ms = self._scenario.now_ms
        carried = {} if call is None else call_fields(call, event_type)
        document = self._documents.write(
            at_ms, agent, queue.id, event_type, line, {**carried, **(fields or {})}
        )
        self.counts.add(words.event_label(event_type))
        if call is not None:
            self.calls.announce(call)
        self._append(at_ms, document["eventId"], document)


def _seen(desk: Desk) -> tuple[AgentState, StateKey]:
    return desk.tally.state, (canonical(desk.tally.state), reason_of(desk.tally))


def _reason_code(reason: Reason) -> dict[str, Any]:
    if reason is Reason.NONE:
        return {}
    return {"notReadyReasonCode": words.REASON_CODES[reason]}
