"""Feeds of agents: agents/status, agent/stats and agent/stats/ex."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from exporter import families as c
from exporter.decoding import identity, text
from exporter.feeds import Document, Poll, Reading, Rejected
from exporter.labels import Vocabulary, hashed, slug
from exporter.model import Block, Family, Key, block_of
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox import wire
from exporter.vendors.livevox.api import Api
from exporter.vendors.livevox.directory import LiveVoxDirectory

# stateId → canonical state, and the finer word that becomes the reason
STATES: Mapping[int, tuple[str, str]] = {
    0: ("offline", ""),
    1: ("other", ""),
    2: ("available", ""),
    3: ("away", ""),
    4: ("busy", "in_call"),
    5: ("after_contact_work", ""),
    6: ("busy", "transferring"),
    7: ("busy", "manual_dial"),
    8: ("busy", "preview_dial"),
    9: ("busy", "dialing"),
    10: ("other", ""),
    11: ("busy", "hold"),
    12: ("busy", "reserved"),
    13: ("other", ""),
}
WORDS: Mapping[str, int] = {
    "logoff": 0,
    "logged_off": 0,
    "logon": 1,
    "ready": 2,
    "not_ready": 3,
    "in_call": 4,
    "wrap_up": 5,
    "wrapup": 5,
    "transferring": 6,
    "manual_dial": 7,
    "preview_dial": 8,
    "dialing": 9,
    "registering": 10,
    "hold": 11,
    "reserved": 12,
}
BUSIEST_FIRST = ("busy", "after_contact_work", "available", "away", "other", "offline")


def state_of(state_id: float | None, word: str) -> tuple[str, str]:
    """The canonical state and the finer word: by id, else by text, else `other`."""
    if state_id is not None and state_id in STATES:
        return STATES[int(state_id)]
    return STATES.get(WORDS.get(slug(word), -1), ("other", ""))


@dataclass(frozen=True, slots=True)
class Naming:
    """How an agent is shown: hidden, hashed with a key, or named by login."""

    mode: str = "hidden"
    key: str = ""

    @property
    def shows(self) -> bool:
        """Whether there are series of single agents at all."""
        return self.mode != "hidden"

    def label(self, login: str) -> str:
        """The label value of an agent."""
        return hashed(login, self.key) if self.mode == "hashed" else login


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
    return min(standings, key=lambda standing: BUSIEST_FIRST.index(standing.state))


def _floats(counts: Mapping[Key, int]) -> list[tuple[Key, float | None]]:
    return [(key, float(count)) for key, count in counts.items()]


def agent_status(
    api: Api, interval: float, naming: Naming, label_values: int
) -> Poll[LiveVoxDirectory]:
    """service/agents/status: one row for each agent in each service he is logged in to."""
    status = AgentStatus(naming, label_values)

    def read(directory: LiveVoxDirectory, part: str, now: float) -> Reading[LiveVoxDirectory]:
        answers = yield [api.realtime("service/agents/status", body) for body in directory.bodies()]
        at, told_at, rejected = now, None, Rejected()
        rows: list[wire.AgentDetail] = []
        for answer in answers:
            found, document = wire.AGENT_DETAILS.decode(answer.body)
            at, rejected = answer.at, rejected + found.rejected
            told_at = wire.unix_seconds(document.number("timeStamp")) or told_at
            rows += [
                row
                for row in found.rows
                if directory.wants(identity(row.serviceId), identity(row.callCenterId))
            ]
        names = {identity(row.serviceId): text(row.serviceName) for row in rows}
        known = directory.learning(names)
        agents: dict[str, list[_Standing]] = defaultdict(list)
        logins: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            login = identity(row.agentLoginId)
            agents[login].append(status.standing(known, row))
            logins[text(row.agentName)].add(login)
        frozen = {name: frozenset(found) for name, found in logins.items() if name}
        queues = [known.key(service) for service in known.queues]
        return Document(
            status.blocks(queues, agents),
            at,
            told_at=told_at,
            rejected=rejected,
            learned=lambda now_known: replace(now_known.learning(names), logins=frozen),
        )

    return Poll("agent_status", interval, read, status.families)


Rule = Callable[[wire.AgentTotals], float | None]

SECONDS: tuple[tuple[str, str, Rule], ...] = (
    ("ready", "", lambda a: a.readyDuration),
    ("talk", "", lambda a: a.talkDuration),
    ("wrapup", "", lambda a: a.wrapupDuration),
    ("not_ready", "lunch", lambda a: a.notReadyLunchDuration),
    ("not_ready", "training", lambda a: a.notReadyTrainingDuration),
    ("not_ready", "break", lambda a: a.notReadyBreakDuration),
    ("not_ready", "meeting", lambda a: a.notReadyMeetingDuration),
    ("not_ready", "tech_difficulties", lambda a: a.notReadyTechDiffDuration),
    ("not_ready", "other", lambda a: a.notReadyOtherDuration),
)
CALLS: tuple[tuple[str, Rule], ...] = (
    ("inbound", lambda a: a.inboundCalls),
    ("outbound", lambda a: a.outboundCalls),
)
OUTCOMES: tuple[tuple[str, Rule], ...] = (
    ("rpc_complete", lambda a: a.rpcComplete),
    ("rpc_incomplete", lambda a: a.rpcIncomplete),
    ("wpc", lambda a: a.wpc),
    ("non_contacts", lambda a: a.nonContacts),
)
Three = tuple[Family, Family, Family]  # of seconds, calls, outcomes


def _totals_blocks(
    families: Three, first: tuple[str, ...], rows: Iterable[tuple[Key, wire.AgentTotals]]
) -> tuple[Block, ...]:
    """Sums over the rows with one key; `first` are the labels that the key fills."""
    seconds: dict[Key, float] = defaultdict(float)
    calls: dict[Key, float] = defaultdict(float)
    outcomes: dict[Key, float] = defaultdict(float)
    for key, row in rows:
        for state, reason, rule in SECONDS:
            _add(seconds, (*key, state, reason, f.TODAY), rule(row))
        for direction, rule in CALLS:
            _add(calls, (*key, direction, f.TODAY), rule(row))
        for outcome, rule in OUTCOMES:
            _add(outcomes, (*key, outcome, f.TODAY), rule(row))
    return tuple(
        block_of(family, family.labels, sums.items())
        for family, sums in zip(families, (seconds, calls, outcomes), strict=True)
    )


def _add(sums: dict[Key, float], key: Key, value: float | None) -> None:
    if value is not None:
        sums[key] += value


QUEUE_TOTALS: Three = (f.QUEUE_AGENT_SECONDS, f.QUEUE_CALLS, f.QUEUE_OUTCOMES)
AGENT_TOTALS: Three = (f.AGENT_SECONDS, f.AGENT_CALLS, f.AGENT_OUTCOMES)
SOURCE_TOTALS: Three = (f.SOURCE_AGENT_SECONDS, f.SOURCE_CALLS, f.SOURCE_OUTCOMES)


def agent_stats_ex(api: Api, interval: float, naming: Naming) -> Poll[LiveVoxDirectory]:
    """service/agent/stats/ex: every agent of today, with totals for each of his services."""

    def read(directory: LiveVoxDirectory, part: str, now: float) -> Reading[LiveVoxDirectory]:
        answers = yield [
            api.realtime("service/agent/stats/ex", body) for body in directory.bodies()
        ]
        at, rejected = now, Rejected()
        rows: dict[tuple[str, str], wire.ServiceAgentStats] = {}
        for answer in answers:
            found, _ = wire.AGENT_STATS_EX.decode(answer.body)
            at, rejected = answer.at, rejected + found.rejected
            for agent in found.rows:
                services = wire.AGENT_SERVICES.nested(agent.services, "agentStatistics.services")
                rejected = rejected + services.rejected
                for row in services.rows:
                    service = identity(row.id)
                    if directory.wants(service, identity(row.callCenterId)):
                        rows.setdefault((identity(agent.agentLoginId), service), row)
        by_queue = [(directory.key(service), row) for (_, service), row in rows.items()]
        blocks = _totals_blocks(QUEUE_TOTALS, f.QUEUE, by_queue)
        if naming.shows:
            by_agent = [
                ((naming.label(login), *directory.key(service)), row)
                for (login, service), row in rows.items()
            ]
            blocks += _totals_blocks(AGENT_TOTALS, ("agent", *f.QUEUE), by_agent)
        return Document(blocks, at, rejected=rejected)

    families = (*QUEUE_TOTALS, *AGENT_TOTALS) if naming.shows else QUEUE_TOTALS
    return Poll("agent_stats_ex", interval, read, families)


def agent_stats(
    api: Api, interval: float, naming: Naming, with_totals: bool
) -> Poll[LiveVoxDirectory]:
    """service/agent/stats, the older method: agents logged in now, by name only.

    Its totals are shown only where stats/ex is off; a name that several logins share, or none
    has, gives no sample of one agent.
    """

    def read(directory: LiveVoxDirectory, part: str, now: float) -> Reading[LiveVoxDirectory]:
        answers = yield [api.realtime("service/agent/stats", body) for body in directory.bodies()]
        at, rejected = now, Rejected()
        rows: list[wire.AgentStats] = []
        for answer in answers:
            found, _ = wire.AGENT_STATS.decode(answer.body)
            at, rejected = answer.at, rejected + found.rejected
            earlier = set(rows)  # who serves services of two batches is in both answers
            rows += [row for row in found.rows if row not in earlier]
        blocks = [_longest_in_state(rows, at)]
        if naming.shows:
            blocks.append(_since(rows, directory, naming))
        if with_totals:
            blocks += _totals_blocks(SOURCE_TOTALS, (), [((), row) for row in rows])
        return Document(tuple(blocks), at, rejected=rejected)

    families: tuple[Family, ...] = (c.AGENTS_LONGEST_IN_STATE,)
    if naming.shows:
        families += (c.AGENT_STATE_SINCE,)
    if with_totals:
        families += SOURCE_TOTALS
    return Poll("agent_stats", interval, read, families)


def _longest_in_state(rows: Iterable[wire.AgentStats], now: float) -> Block:
    longest: dict[Key, float] = {}
    for row in rows:
        since = wire.unix_seconds(row.stateChangedTime)
        if since is not None:
            key = (state_of(None, text(row.agentStatus))[0],)
            longest[key] = max(longest.get(key, 0.0), now - since)
    return block_of(c.AGENTS_LONGEST_IN_STATE, c.AGENTS_LONGEST_IN_STATE.labels, longest.items())


def _since(rows: Sequence[wire.AgentStats], directory: LiveVoxDirectory, naming: Naming) -> Block:
    times = Counter(text(row.agentName) for row in rows)
    values = []
    for row in rows:
        name = text(row.agentName)
        logins = directory.logins.get(name, frozenset())
        if len(logins) == 1 and times[name] == 1:
            (login,) = logins
            since = wire.unix_seconds(row.stateChangedTime)
            values.append(((naming.label(login),), since))
    return block_of(c.AGENT_STATE_SINCE, c.AGENT_STATE_SINCE.labels, values)
