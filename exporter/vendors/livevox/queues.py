"""Feeds of queues: service/stats, calls/status, agents/averages, liveConnects."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import Protocol

from exporter import families as c
from exporter.accumulator import SeriesKey
from exporter.decoding import identity, text
from exporter.feeds import DailyTotals, Document, Poll, Reading
from exporter.labels import Vocabulary
from exporter.model import Block, Family, Key, Table, block_of
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox import wire
from exporter.vendors.livevox.api import Api, filtered
from exporter.vendors.livevox.batches import answered
from exporter.vendors.livevox.directory import LiveVoxDirectory

Stats = wire.ServiceStats
Totals = tuple[tuple[Family, Callable[[Stats], float | None]], ...]

CHANNEL = "voice"
HALF_AN_HOUR = 1800.0

DAILY: Totals = (
    (c.CONTACTS_OFFERED, lambda s: s.totalOffered),
    (c.CONTACTS_HANDLED, lambda s: s.totalHandled),
    (c.CONTACTS_ABANDONED, lambda s: s.totalAbandoned),
    (c.CONTACTS_HANDLED_IN_THRESHOLD, lambda s: s.totalCallsAnsweredWithinSLA),
    (c.CONTACTS_ABANDONED_IN_THRESHOLD, lambda s: s.totalCallsAbandonedWithinSLA),
)


class QueueUnits(Protocol):
    """The units that LiveVox does not state, and the service level's threshold."""

    @property
    def percent_scale(self) -> int:
        """100 or 1: what abandonRate and serviceLevel are of."""
        ...

    @property
    def longest_wait_unit(self) -> str:
        """`ms` or `s`: the unit of longestCallInQueue."""
        ...

    @property
    def service_level_threshold(self) -> float:
        """Seconds."""
        ...


def _divided(value: float | None, by: float) -> float | None:
    return None if value is None else value / by


def _present(units: QueueUnits) -> Table[Stats]:
    """What is so now, by queue."""
    wait = 1000.0 if units.longest_wait_unit == "ms" else 1.0
    threshold = units.service_level_threshold
    return Table(
        f.QUEUE,
        (
            (c.QUEUE_WAITING, lambda s: s.totalCallsInQueue),
            (c.QUEUE_LONGEST_WAIT, lambda s: _divided(s.longestCallInQueue, wait)),
            (c.QUEUE_ACTIVE, lambda s: s.callsWithAgent),
            (c.QUEUE_AGENTS_LOGGED_IN, lambda s: s.totalAgents),
            (c.QUEUE_THRESHOLD, lambda s: threshold),
            (f.CALLS_IN_PROGRESS, lambda s: s.cip),
            (f.MAX_HOLD, lambda s: s.maxHoldTime),
            (f.RECORDS_LOADED, lambda s: s.loaded),
            (f.RECORDS_REMAINING, lambda s: s.remaining),
            (f.PLAYING_DIALABLE, lambda s: s.playingDialable),
            (f.COMPLETE, lambda s: _divided(s.percentComplete, 100.0)),
        ),
    )


def _today(units: QueueUnits) -> Table[Stats]:
    """What the vendor summed or averaged over its day, by queue."""
    scale = float(units.percent_scale)
    return Table(
        f.WINDOW,
        (
            (c.WINDOW_OFFERED, lambda s: s.totalOffered),
            (c.WINDOW_HANDLED, lambda s: s.totalHandled),
            (c.WINDOW_ABANDONED, lambda s: s.totalAbandoned),
            (c.WINDOW_HANDLED_IN_THRESHOLD, lambda s: s.totalCallsAnsweredWithinSLA),
            (c.WINDOW_ABANDONED_IN_THRESHOLD, lambda s: s.totalCallsAbandonedWithinSLA),
            (c.WINDOW_ABANDON_RATIO, lambda s: _divided(s.abandonRate, scale)),
            (c.WINDOW_SERVICE_LEVEL, lambda s: _divided(s.serviceLevel, scale)),
            (c.WINDOW_ANSWER, lambda s: s.averageSpeedOfAnswer),
            (c.WINDOW_ABANDON, lambda s: s.averageDurationToAbandon),
            (c.WINDOW_TALK, lambda s: s.averageTalkDuration),
            (c.WINDOW_WRAPUP, lambda s: s.averageWrapupDuration),
            (c.WINDOW_HANDLE, lambda s: s.averageHandleDuration),
        ),
    )


class ServiceStatsTables:
    """service/stats as blocks and daily totals; pure, but for the words it has seen."""

    def __init__(self, units: QueueUnits, label_values: int) -> None:
        self._present = _present(units)
        self._today = _today(units)
        self._units = Vocabulary(label_values)
        self._methods = Vocabulary(label_values)
        self._keys: dict[str, tuple[SeriesKey, ...]] = {}

    @property
    def families(self) -> tuple[Family, ...]:
        """All that the blocks can hold."""
        counters = tuple(family for family, _ in DAILY)
        plain = (*self._present.families, *self._today.families)
        return (*plain, f.THROTTLE, f.PACING, c.QUEUE_INFO, *counters)

    def blocks(self, keyed: Iterable[tuple[Key, Stats]]) -> tuple[Block, ...]:
        """The blocks of rows that are keyed by queue."""
        pairs = sorted(keyed, key=itemgetter(0))
        keys = tuple([key for key, _ in pairs])
        rows = [row for _, row in pairs]
        return (
            self._present.in_order(keys, rows),
            self._today.in_order(tuple([(*key, f.TODAY) for key in keys]), rows),
            self._throttles(keys, rows),
            self._pacing(keys, rows),
            _groups(keys, rows),
        )

    def _throttles(self, keys: Sequence[Key], rows: Sequence[Stats]) -> Block:
        unit_of = cache(lambda told: self._units.value(text(told)))  # few words, many rows
        units = [unit_of(row.units) for row in rows]
        limits = [
            _divided(row.throttle, 100.0 if unit == "percent" else 1.0)
            for row, unit in zip(rows, units, strict=True)
        ]
        full = tuple([(*key, unit) for key, unit in zip(keys, units, strict=True)])
        return Block(f.THROTTLE.labels, full, ((f.THROTTLE, limits),))

    def _pacing(self, keys: Sequence[Key], rows: Sequence[Stats]) -> Block:
        method_of = cache(lambda told: self._methods.value(text(told)))
        methods = [method_of(row.pacingMethod) for row in rows]
        told = [(*key, method) for key, method in zip(keys, methods, strict=True) if method]
        return _infos(f.PACING, told)

    def totals(
        self, queues: Iterable[str], rows: Sequence[tuple[Key, Stats]], counted: bool = True
    ) -> DailyTotals:
        """The totals of the day; each queue that is known starts at 0, where they are counted."""
        values: dict[SeriesKey, float] = {}
        for (queue, *_), row in rows:
            for series, (_, rule) in zip(self._series(queue), DAILY, strict=True):
                value = rule(row)
                if value is not None:
                    values.setdefault(series, value)
        known = [series for queue in queues if counted for series in self._series(queue)]
        return DailyTotals(values, known, counted=counted)

    def _series(self, queue: str) -> tuple[SeriesKey, ...]:
        made = self._keys.get(queue)
        if made is None:
            labels = (("queue_id", queue), ("channel", CHANNEL))
            made = self._keys[queue] = tuple((family.name, labels) for family, _ in DAILY)
        return made


def _groups(keys: Sequence[Key], rows: Sequence[Stats]) -> Block:
    """The call centers of the queues."""
    group_of = cache(lambda center, name: (identity(center), text(name)))
    groups = [group_of(row.callCenterId, row.callCenterName) for row in rows]
    told = [(*key, *group) for key, group in zip(keys, groups, strict=True) if any(group)]
    return _infos(c.QUEUE_INFO, told)


def _infos(family: Family, keys: Sequence[Key]) -> Block:
    return Block(family.labels, tuple(keys), ((family, [1.0] * len(keys)),))


def service_stats(
    api: Api, interval: float, units: QueueUnits, label_values: int, *, counted: bool = True
) -> Poll[LiveVoxDirectory]:
    """service/stats: one row for each service that has agents.

    Its totals of the day are not `counted` where the feed of interactions counts the same.
    """
    tables = ServiceStatsTables(units, label_values)

    def read(directory: LiveVoxDirectory, part: str, now: float) -> Reading[LiveVoxDirectory]:
        answers = yield api.each("service/stats", directory.bodies())
        found = answered(wire.SERVICE_STATS, answers, now)
        wanted = [
            (service, row)
            for service, row in ((identity(row.serviceId), row) for row in found.rows)
            if directory.wants(service, identity(row.callCenterId))
        ]
        names = {service: text(row.serviceName) for service, row in wanted}
        known = directory.learning("service_stats", names)
        keyed = [(known.key(service), row) for service, row in wanted]
        return Document(
            tables.blocks(keyed),
            found.at,
            rejected=found.rejected,
            totals=tables.totals(known.queues, keyed, counted),
            learned=lambda now_known: now_known.learning("service_stats", names),
        )

    return Poll("service_stats", interval, read, tables.families)


def calls_on_hold(api: Api, interval: float) -> Poll[LiveVoxDirectory]:
    """service/calls/status: one row for each call on hold; a queue without one shows 0."""

    def read(directory: LiveVoxDirectory, part: str, now: float) -> Reading[LiveVoxDirectory]:
        answers = yield api.each("service/calls/status", directory.bodies())
        found = answered(wire.CALL_DETAILS, answers, now)
        held: Counter[Key] = Counter()
        longest: dict[Key, float] = {}
        for row in found.rows:
            service = identity(row.serviceId)
            if directory.wants(service):
                queue = directory.key(service, text(row.serviceName))
                held[*queue, identity(row.agentSkill)] += 1
                began = wire.unix_seconds(row.timeStamp)
                if began is not None:
                    age = (found.told_at or found.at) - began
                    longest[queue] = max(longest.get(queue, 0.0), age)
        busy = {key[:2] for key in held}
        queues = {directory.key(service) for service in directory.queues}
        idle = [((*queue, ""), 0.0) for queue in queues - busy]
        longest.update(dict.fromkeys(queues - busy, 0.0))
        counts = [(key, float(count)) for key, count in held.items()]
        return Document(
            (
                block_of(f.CALLS_ON_HOLD, f.CALLS_ON_HOLD.labels, [*idle, *counts]),
                block_of(f.LONGEST_HOLD, f.QUEUE, longest.items()),
            ),
            found.at,
            told_at=found.told_at,
            rejected=found.rejected,
        )

    return Poll("calls_on_hold", interval, read, (f.CALLS_ON_HOLD, f.LONGEST_HOLD))


AVERAGES: tuple[tuple[str, Callable[[wire.AgentAverages], float | None]], ...] = (
    ("ready", lambda a: a.averageReadyTime),
    ("not_ready", lambda a: a.averageNotReadyTime),
    ("talk", lambda a: a.averageTalkTime),
    ("wrapup", lambda a: a.averageWrapupTime),
    ("preview_dial", lambda a: a.averagePreviewDialTime),
    ("manual_dial", lambda a: a.averageManualDialTime),
    ("hold", lambda a: a.averageHoldTime),
    ("transferring", lambda a: a.averageTransferringTime),
    ("registering", lambda a: a.averageRegisteringTime),
    ("dialing", lambda a: a.averageDialingTime),
    ("reserved", lambda a: a.averageReservedTime),
)


def _services(directory: LiveVoxDirectory) -> Sequence[str]:
    return sorted(directory.queues)


def agent_averages(api: Api, interval: float) -> Poll[LiveVoxDirectory]:
    """service/agents/averages: asked for one service alone, as it does not name it."""

    def read(directory: LiveVoxDirectory, part: str, now: float) -> Reading[LiveVoxDirectory]:
        (answer,) = yield [api.realtime("service/agents/averages", filtered("service", [part]))]
        found, document = wire.AGENT_AVERAGES.decode(answer.body)
        newest = max(found.rows, key=lambda row: row.timeStamp or 0.0, default=None)
        queue = directory.key(part)
        values = [
            ((*queue, state, f.TODAY), rule(newest))
            for state, rule in AVERAGES
            if newest is not None
        ]
        return Document(
            (block_of(f.WINDOW_AGENT_STATE, f.WINDOW_AGENT_STATE.labels, values),),
            answer.at,
            told_at=wire.unix_seconds(document.number("timeStamp")),
            rejected=found.rejected,
        )

    families = (f.WINDOW_AGENT_STATE,)
    return Poll("agent_averages", interval, read, families, parts=_services)


def live_connects(api: Api, interval: float) -> Poll[LiveVoxDirectory]:
    """service/liveConnects: asked for one service alone, as it does not name it."""

    def read(directory: LiveVoxDirectory, part: str, now: float) -> Reading[LiveVoxDirectory]:
        (answer,) = yield [api.realtime("service/liveConnects", filtered("service", [part]))]
        found, _ = wire.LIVE_CONNECTS.decode(answer.body)
        points: dict[float, float] = {}
        for row in found.rows:
            time = wire.unix_seconds(row.timeStamp)
            if time is not None and row.total is not None:
                points.setdefault(time, row.total)  # a point that comes twice counts once
        values = []
        if points:
            newest = max(points)
            total = sum(total for time, total in points.items() if time > newest - HALF_AN_HOUR)
            values.append(((*directory.key(part), "30m"), total))
        return Document(
            (block_of(f.RIGHT_PARTY_CONNECTS, f.WINDOW, values),),
            answer.at,
            rejected=found.rejected,
        )

    families = (f.RIGHT_PARTY_CONNECTS,)
    return Poll("live_connects", interval, read, families, parts=_services)
