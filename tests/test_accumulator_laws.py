"""Daily totals to counters, against a vendor whose true counts are known.

The counters never fall and never count twice, and are the truth wherever it can be known.
"""

import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.accumulator import DayBoundary, Reading, SeriesKey, accumulate
from exporter.ledger import Change, Ledger

HINT = DayBoundary(ZoneInfo("UTC"), 0)
START = datetime(2026, 3, 9, 12, tzinfo=UTC).timestamp()
HOUR = 60.0  # all durations are minutes
DAY = 24 * HOUR
FIRST_MIDNIGHT = 12 * HOUR  # of ours, after START
QUEUES = ("a", "b", "c")


def key(queue: str) -> SeriesKey:
    return "contactcenter_contacts_offered_total", (("queue_id", queue), ("channel", "voice"))


@dataclass
class Vendor:
    """A vendor whose true counts are known.

    `unseen` are the calls since a queue's last reading; those of them that a reset takes away
    are `lost`: nobody can count them. `corrected` is by how much totals were taken back.
    """

    totals: Counter[str]
    calls: Counter[str] = field(default_factory=Counter)
    unseen: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    corrected: Counter[str] = field(default_factory=Counter)

    def call(self, queue: str) -> None:
        self.totals[queue] += 1
        self.calls[queue] += 1
        self.unseen[queue] += 1

    def reset(self, queue: str) -> None:
        self.totals[queue] = 0
        self.lost[queue] += self.unseen.pop(queue, 0)

    def correct(self, queue: str) -> None:
        self.totals[queue] -= 1
        self.corrected[queue] += 1

    def read(self, queues: Sequence[str]) -> Mapping[str, int]:
        for queue in queues:
            self.unseen.pop(queue, None)
        return {queue: self.totals[queue] for queue in queues}


@dataclass
class Exporter:
    """Reads a vendor and counts in a ledger on disk, through any number of restarts."""

    path: Path
    boundary: DayBoundary | None
    ledger: Ledger = field(init=False)
    corrections: int = 0

    def __post_init__(self) -> None:
        self.ledger = Ledger.open(self.path, now=0)

    def read(self, at: float, values: Mapping[str, float]) -> None:
        found = Reading(at, {key(queue): value for queue, value in values.items()})
        outcome = accumulate(self.ledger.day_state("s", "f"), found, self.boundary)
        assert all(rise > 0 for rise in outcome.increments.values())
        self.corrections += outcome.corrections
        change = Change("s", at=at, increments=outcome.increments, day=("f", outcome.state))
        self.ledger.record(change)

    def restart(self) -> None:
        self.ledger.close()
        self.ledger = Ledger.open(self.path, now=0)

    def counts(self, queue: str) -> float:
        self.ledger.commit()
        return self.ledger.counters("s").get(key(queue), 0)


@contextmanager
def exporter(boundary: DayBoundary | None) -> Iterator[Exporter]:
    with tempfile.TemporaryDirectory() as folder:
        running = Exporter(Path(folder) / "ledger.sqlite", boundary)
        try:
            yield running
        finally:
            running.ledger.close()


@dataclass(frozen=True)
class Plan:
    """What happens: the seed decides the rest. Minutes are since START.

    Two days begin within the time of a plan. In `absent` minutes queue a is left out of the
    answers; in `silent` ones nothing is read.
    """

    seed: int
    midnight: float  # of the vendor: minutes after ours
    lags: tuple[float, float, float]  # minutes from midnight to each queue's reset
    pace: float  # the longest time between two readings, minutes
    absent: tuple[float, float] = (0, 0)
    silent: tuple[float, float] = (0, 0)
    correcting: bool = False
    length: float = 2.3 * DAY

    @property
    def midnights(self) -> list[float]:
        return [FIRST_MIDNIGHT + self.midnight + day * DAY for day in range(-1, 3)]

    def timeline(self) -> list[tuple[float, str, str]]:
        """(minute, what, queue), in order."""
        chance = random.Random(self.seed)
        events = [(minute, "read", "") for minute in self._times(chance, self.pace / 2)]
        for number, queue in enumerate(QUEUES):
            events += [(minute, "call", queue) for minute in self._times(chance, 6)]
            events += [
                (midnight + self.lags[number], "reset", queue) for midnight in self.midnights
            ]
        if self.correcting:
            events += [(minute, "correct", "b") for minute in self._correctable(chance)]
        events += [(chance.uniform(0, self.length), "restart", "") for _ in range(3)]
        return sorted(event for event in events if 0 < event[0] < self.length)

    def _times(self, chance: random.Random, mean: float) -> Iterator[float]:
        minute = 0.0
        while minute < self.length:
            minute += min(chance.expovariate(1 / mean), 2 * mean)
            yield minute

    def _correctable(self, chance: random.Random) -> Iterator[float]:
        """Moments in the middle of the vendor's day: far from midnight, and from any gap."""
        for midnight in self.midnights:
            for _ in range(3):
                minute = midnight + chance.uniform(8 * HOUR, 16 * HOUR)
                if not self.silent[0] - HOUR < minute < self.silent[1] + HOUR:
                    yield minute


def follow(plan: Plan, running: Exporter) -> Vendor:
    """Lives through the plan; the first reading is at its start."""
    vendor = Vendor(Counter(a=300, b=90, c=60))
    running.read(START, vendor.read(QUEUES))
    for minute, what, queue in plan.timeline():
        if what == "call":
            vendor.call(queue)
        elif what == "reset":
            vendor.reset(queue)
        elif what == "correct":
            vendor.correct(queue)
        elif what == "restart":
            running.restart()
        elif not plan.silent[0] <= minute < plan.silent[1]:
            missing = plan.absent[0] <= minute < plan.absent[1]
            running.read(START + minute * 60, vendor.read(QUEUES[1:] if missing else QUEUES))
    return vendor


NO_LAG = (0.0, 0.0, 0.0)
minutes = st.floats(0, 2.2 * DAY)
spans = st.tuples(minutes, st.floats(0, DAY)).map(lambda span: (span[0], span[0] + span[1]))
paces = st.floats(2, 12)
days_missed = st.tuples(minutes, st.floats(DAY + 5, 2.2 * DAY)).map(
    lambda span: (span[0], span[0] + span[1])
)
without_hint = st.builds(
    Plan,
    seed=st.integers(0, 2**32),
    midnight=st.floats(0, DAY),
    lags=st.just(NO_LAG),
    pace=paces,
    absent=spans,
    silent=st.one_of(st.just((0.0, 0.0)), days_missed),
    correcting=st.booleans(),
)


def not_into_resets(span: tuple[float, float]) -> tuple[float, float]:
    """A gap whose next reading is not one of numbers that are yet to be reset: see the contract."""
    start, end = span
    return start, end + 35 if (end + 15 - FIRST_MIDNIGHT) % DAY < 35 else end


with_hint = st.builds(
    Plan,
    seed=st.integers(0, 2**32),
    midnight=st.just(0.0),
    lags=st.tuples(*[st.floats(0, 15)] * 3),
    pace=paces,
    absent=spans,
    silent=st.one_of(st.just((0.0, 0.0)), spans.map(not_into_resets)),
    correcting=st.booleans(),
)


def check_against_truth(plan: Plan, boundary: DayBoundary | None) -> None:
    with exporter(boundary) as running:
        vendor = follow(plan, running)
        for queue in QUEUES:
            knowable = vendor.calls[queue] - vendor.lost[queue] - vendor.unseen[queue]
            count = running.counts(queue)
            assert knowable - vendor.corrected[queue] <= count <= vendor.calls[queue]
            if not vendor.corrected[queue]:
                assert count == knowable
        assert running.corrections <= sum(vendor.corrected.values())


@settings(deadline=None, max_examples=30)
@given(without_hint)
def test_every_call_that_can_be_known_is_counted_once(plan: Plan) -> None:
    check_against_truth(plan, None)


@settings(deadline=None, max_examples=30)
@given(with_hint)
def test_with_a_hint_also_while_numbers_are_reset_one_after_the_other(plan: Plan) -> None:
    check_against_truth(plan, HINT)


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from([*QUEUES, "hours"]), max_size=12), max_size=40))
def test_nothing_is_counted_twice_however_small_the_totals_are(rounds: list[list[str]]) -> None:
    """Midnights that nobody can see cost counts, and never add any."""
    vendor = Vendor(Counter())
    counts: Counter[str] = Counter()
    at, state, midnight = START, None, START
    for happenings in rounds:
        at += 60
        for what in happenings:
            if what == "hours":
                at += 9 * 3600
            else:
                vendor.call(what)
            while at >= midnight:
                midnight += DAY * 60
                for queue in QUEUES:
                    vendor.reset(queue)
        values = {key(queue): float(value) for queue, value in vendor.read(QUEUES).items()}
        outcome = accumulate(state, Reading(at, values))
        if state is None:
            vendor.calls.clear()
        state = outcome.state
        counts.update({queue: int(outcome.increments.get(key(queue), 0)) for queue in QUEUES})
        assert all(counts[queue] <= vendor.calls[queue] for queue in QUEUES)
