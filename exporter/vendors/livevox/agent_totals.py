"""Feeds of what agents did today: agent/stats and agent/stats/ex."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from exporter import families as c
from exporter.decoding import identity, text
from exporter.feeds import Document, Poll, Reading
from exporter.model import Block, Family, Key, block_of
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox import wire
from exporter.vendors.livevox.agent_states import Naming, state_of
from exporter.vendors.livevox.api import Api
from exporter.vendors.livevox.batches import answered
from exporter.vendors.livevox.directory import LiveVoxDirectory

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
        answers = yield api.each("service/agent/stats/ex", directory.bodies())
        found = answered(wire.AGENT_STATS_EX, answers, now)
        rejected = found.rejected
        rows: dict[tuple[str, str], wire.ServiceAgentStats] = {}
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
        return Document(blocks, found.at, rejected=rejected)

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
        answers = yield api.each("service/agent/stats", directory.bodies())
        found = answered(wire.AGENT_STATS, answers, now)
        # who serves services of two batches is in both answers
        rows = list(dict.fromkeys(found.rows))
        blocks = [_longest_in_state(rows, found.at)]
        if naming.shows:
            blocks.append(_since(rows, directory, naming))
        if with_totals:
            blocks += _totals_blocks(SOURCE_TOTALS, (), [((), row) for row in rows])
        return Document(tuple(blocks), found.at, rejected=found.rejected)

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
