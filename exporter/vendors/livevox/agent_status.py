"""The feed of agents' states: agents/status."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from exporter import families as c
from exporter.decoding import identity, text
from exporter.feeds import Document, Poll, Reading
from exporter.labels import Vocabulary
from exporter.model import Block, Family, Key, block_of
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox import wire
from exporter.vendors.livevox.agent_states import BUSIEST_FIRST, Naming, state_of
from exporter.vendors.livevox.agent_time import Snapshot, in_state
from exporter.vendors.livevox.api import Api
from exporter.vendors.livevox.batches import answered
from exporter.vendors.livevox.directory import LiveVoxDirectory


@dataclass(frozen=True, slots=True)
class _Standing:
    """What one agent does in one service."""

    state: str
    reason: str
    queue: Key
    monitored: bool
    call_type: str


class AgentStatus:
    """agents/status as blocks; pure, but for the words it has seen."""

    def __init__(self, naming: Naming, label_values: int) -> None:
        self._naming = naming
        self._reasons = Vocabulary(label_values)
        self._call_types = Vocabulary(label_values)

    @property
    def families(self) -> tuple[Family, ...]:
        """All that the blocks can hold."""
        shown = (c.AGENTS, c.QUEUE_AGENTS, f.AGENTS_MONITORED, f.AGENTS_ON_CALL)
        return (*shown, c.AGENT_STATE) if self._naming.shows else shown

    def standing(self, directory: LiveVoxDirectory, row: wire.AgentDetail) -> _Standing:
        """What a row says."""
        state, finer = state_of(row.stateId, text(row.state))
        reason = self._reasons.value(text(row.reasonCode)) if state == "away" else finer
        queue = directory.key(identity(row.serviceId), text(row.serviceName))
        call_type = self._call_types.value(text(row.callType))
        return _Standing(state, reason, queue, bool(row.isAgentMonitored), call_type)

    def blocks(
        self, queues: Iterable[Key], agents: Mapping[str, Sequence[_Standing]]
    ) -> tuple[Block, ...]:
        """The blocks for what each agent, by login, does in each of his services."""
        persons = {login: _person(standings) for login, standings in agents.items()}
        counted: Counter[Key] = Counter({(state, ""): 0 for state in c.AGENT_STATES})
        counted.update((person.state, person.reason) for person in persons.values())
        monitored = sum(any(s.monitored for s in standings) for standings in agents.values())
        calls: Counter[Key] = Counter(
            (call_type,)
            for standings in agents.values()
            if (call_type := next((s.call_type for s in standings if s.call_type), ""))
        )
        blocks = (
            block_of(c.AGENTS, c.AGENTS.labels, _floats(counted)),
            self._by_queue(queues, agents),
            Block((), ((),), ((f.AGENTS_MONITORED, [float(monitored)]),)),
            block_of(f.AGENTS_ON_CALL, f.AGENTS_ON_CALL.labels, _floats(calls)),
        )
        return (*blocks, self._each(persons)) if self._naming.shows else blocks

    def _by_queue(self, queues: Iterable[Key], agents: Mapping[str, Sequence[_Standing]]) -> Block:
        counted: Counter[Key] = Counter(
            {(*queue, state): 0 for queue in queues for state in c.AGENT_STATES}
        )
        for standings in agents.values():
            here: dict[Key, list[_Standing]] = defaultdict(list)
            for standing in standings:
                here[standing.queue].append(standing)
            for queue, found in here.items():
                counted[*queue, _person(found).state] += 1
        return block_of(c.QUEUE_AGENTS, c.QUEUE_AGENTS.labels, _floats(counted))

    def _each(self, persons: Mapping[str, _Standing]) -> Block:
        values = [
            ((self._naming.label(login), state), float(state == person.state))
            for login, person in persons.items()
            for state in c.AGENT_STATES
        ]
        return block_of(c.AGENT_STATE, c.AGENT_STATE.labels, values)


def _person(standings: Sequence[_Standing]) -> _Standing:
    """The busiest of what one person does."""
    return min(
        standings,
        # of equals always the same, in whatever order the vendor names the services
        key=lambda s: (BUSIEST_FIRST.index(s.state), s.reason == "", s.reason),
    )


def _snapshot(agents: Mapping[str, Sequence[_Standing]], at: float) -> Snapshot:
    persons = {login: _person(standings) for login, standings in agents.items()}
    return Snapshot(
        round(at * 1000),
        {
            login: in_state(person.state, person.reason)
            for login, person in persons.items()
            if person.state != "offline"
        },
    )


def _floats(counts: Mapping[Key, int]) -> list[tuple[Key, float | None]]:
    return [(key, float(count)) for key, count in counts.items()]


def agent_status(
    api: Api, interval: float, naming: Naming, label_values: int
) -> Poll[LiveVoxDirectory]:
    """service/agents/status: one row for each agent in each service he is logged in to."""
    status = AgentStatus(naming, label_values)

    def read(directory: LiveVoxDirectory, part: str, now: float) -> Reading[LiveVoxDirectory]:
        answers = yield api.each("service/agents/status", directory.bodies())
        found = answered(wire.AGENT_DETAILS, answers, now)
        rows = [
            row
            for row in found.rows
            if directory.wants(identity(row.serviceId), identity(row.callCenterId))
        ]
        names = {identity(row.serviceId): text(row.serviceName) for row in rows}
        known = directory.learning("agent_status", names)
        agents: dict[str, list[_Standing]] = defaultdict(list)
        logins: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            login = identity(row.agentLoginId)
            agents[login].append(status.standing(known, row))
            logins[text(row.agentName)].add(login)
        frozen = {name: frozenset(several) for name, several in logins.items() if name}
        queues = [known.key(service) for service in known.queues]
        return Document(
            status.blocks(queues, agents),
            found.at,
            told_at=found.told_at,
            rejected=found.rejected,
            learned=lambda now_known: replace(
                now_known.learning("agent_status", names), logins=frozen
            ),
            snapshot=_snapshot(agents, found.told_at or found.at),
        )

    return Poll("agent_status", interval, read, status.families)
