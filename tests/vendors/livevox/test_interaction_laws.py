"""Any order, any duplication and any cut of the same events gives the same counts."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exporter.accumulator import SeriesKey
from exporter.streams import Step
from tests.vendors.livevox.account import AT
from tests.vendors.livevox.events import (
    NOBODY,
    Event,
    LiveVoxMachine,
    answered,
    page,
    payloads,
    resumed,
    stream,
)

STREAM = stream("interaction_events")
RESULTS = {
    "Operator Transfer": "operator_transfer",
    "Answering Machine (Hung Up)": "answering_machine_hung_up",
    "null": "",
    None: "",
}
DIRECTIONS = {"INBOUND": "inbound", "OUTBOUND": "outbound", "MANUAL": "outbound"}
CAMPAIGNS = {"INBOUND": "inbound", "HCI": "outbound", "OB": "outbound", "Odd one": "", None: ""}
CHANNELS = {"VOICE": "voice", "SMS": "sms", "Email": "email", "Pigeon": "other"}
KINDS = ("CALL_START", "CALL_TERMINATION", "CALL_DISPOSITION", "Attempt")

flags = st.sampled_from([0, 1, 1, 1, "1", None, "null"])
seconds = st.sampled_from([0, 3, "12", 20, 21, 95.5, 4000, None, "null", ""])


@st.composite
def events(draw: st.DrawFn, most: int = 25) -> list[Event]:
    """Events of any kind, each with its own id."""
    shapes = st.fixed_dictionaries(
        {
            "interactionType": st.sampled_from(list(CHANNELS)),
            "callEventType": st.sampled_from(["CALL_TERMINATION", *KINDS]),
            "serviceId": st.sampled_from([7001, "7001", 7002]),
            "callDirection": st.sampled_from([*DIRECTIONS, None, "null"]),
            "campaignType": st.sampled_from(list(CAMPAIGNS)),
            "lvResult": st.sampled_from(list(RESULTS)),
            "timestamp": st.sampled_from(["2026-01-05T15:00:00Z", "2026-01-05T10:00:01-05:00"]),
            "operatorTransfer": flags,
            "operatorTransferSuccessful": flags,
            "transferHoldDuration": seconds,
            "serviceLevelThreshold": st.sampled_from([20, 10, 0, None]),
            "duration": seconds,
            "roundedIvrDuration": seconds,
        }
    )
    drawn = draw(st.lists(shapes, min_size=1, max_size=most))
    return [{"eventId": f"e{n}", "transactionId": n, **one} for n, one in enumerate(drawn)]


@dataclass
class Counts:
    """Counters, and the values that histograms observed: how many, their sum, their buckets."""

    counters: Counter[SeriesKey] = field(default_factory=Counter)
    observed: defaultdict[SeriesKey, dict[object, float]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def observe(
        self, name: str, seconds: float | None, bounds: Sequence[float], **labels: str
    ) -> None:
        if seconds is not None:
            bucket = sum(bound < seconds for bound in bounds)
            self._add((name, tuple(labels.items())), {bucket: 1.0, "sum": float(seconds)})

    def _add(self, key: SeriesKey, rises: Mapping[object, float]) -> None:
        seen = self.observed[key]
        for what, rise in rises.items():
            seen[what] = seen.get(what, 0.0) + rise

    def count(self, name: str, **labels: str) -> None:
        self.counters[name, tuple((k, v) for k, v in labels.items() if v)] += 1

    def take(self, step: Step) -> None:
        assert all(increment > 0 for increment in step.increments.values())
        self.counters.update({key: int(rise) for key, rise in step.increments.items()})
        for key, seen in step.observations.items():
            counts: dict[object, float] = {n: count for n, count in enumerate(seen.counts) if count}
            self._add(key, {**counts, "sum": seen.total})

    def copy(self) -> "Counts":
        """The counts as they are now."""
        new = Counts(self.counters.copy())
        new.observed.update({key: seen.copy() for key, seen in self.observed.items()})
        return new


WAITS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800, 3600)
HANDLES = (30, 60, 120, 180, 240, 300, 420, 600, 900, 1800, 3600, 7200)


def _number(value: Any) -> float | None:
    return None if value in (None, "null", "") else float(value)


def expected(of: Sequence[Event]) -> Counts:
    """What these events mean, event by event, as the metric contract says it."""
    counts = Counts()
    for event in of:
        queue, channel = str(event["serviceId"]), CHANNELS[event["interactionType"]]
        way = DIRECTIONS.get(event["callDirection"], "") or CAMPAIGNS[event["campaignType"]]
        counts.count(
            "livevox_interactions_total",
            queue_id=queue,
            channel=channel,
            event=event["callEventType"].lower(),
            direction=way,
            campaign_type=(event["campaignType"] or "").lower().replace(" ", "_"),
            result=RESULTS[event["lvResult"]],
        )
        if event["callEventType"] == "CALL_TERMINATION":
            counts.observe(
                "livevox_ivr_seconds", _number(event["roundedIvrDuration"]), WAITS, queue_id=queue
            )
            if _number(event["operatorTransfer"]) == 1:
                _expect_contact(counts, event, queue, channel, way)
    return counts


def _expect_contact(counts: Counts, event: Event, queue: str, channel: str, way: str) -> None:
    contact = {"queue_id": queue, "channel": channel, "direction": way}
    counts.count("contactcenter_contacts_offered_total", **contact)
    wait, limit = _number(event["transferHoldDuration"]), event["serviceLevelThreshold"]
    bridged = _number(event["operatorTransferSuccessful"])
    if bridged is None:
        return
    outcome = "handled" if bridged else "abandoned"
    counts.count(f"contactcenter_contacts_{outcome}_total", **contact)
    if wait is not None and wait <= (20 if limit is None else limit):
        counts.count(f"contactcenter_contacts_{outcome}_in_threshold_total", **contact)
    place = {"queue_id": queue, "channel": channel}
    counts.observe("contactcenter_contact_wait_seconds", wait, WAITS, **place, outcome=outcome)
    if bridged:
        handle = _number(event["duration"])
        counts.observe("contactcenter_contact_handle_seconds", handle, HANDLES, **place)


@dataclass
class Run:
    """The program over several lives: what is committed survives, the rest does not."""

    machine: LiveVoxMachine = field(default_factory=lambda: STREAM.machine(resumed()))
    counts: Counts = field(default_factory=Counts)
    ids: list[str] = field(default_factory=list)
    cursor: str = ""
    duplicates: int = 0

    def take(self, step: Step) -> None:
        self.counts.take(step)
        self.ids += step.ids
        self.duplicates += step.duplicates
        assert step.malformed == 0
        if step.cursor is not None:
            self.cursor = step.cursor

    def restart(self) -> None:
        """Starts again from what the steps said."""
        self.machine = STREAM.machine(
            resumed(self.ids[-1000:], self.cursor, counted=list(self.counts.counters))
        )

    def copy(self) -> "Run":
        """What is committed now."""
        return Run(self.machine, self.counts.copy(), list(self.ids), self.cursor)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    """Events, and batches in which each of them comes at least once."""
    told = draw(events())
    repeated = draw(st.lists(st.sampled_from(told), max_size=15))
    queue = draw(st.permutations([*told, *repeated]))
    batches = []
    while queue:
        size = draw(st.integers(1, 8))
        batches.append(queue[:size])
        queue = queue[size:]
    return told, batches


@given(deliveries(), st.data())
def test_any_order_duplication_and_cut_gives_the_same_counts(
    delivery: tuple[list[Event], list[list[Event]]], data: st.DataObject
) -> None:
    told, batches = delivery
    run = Run()
    for number, batch in enumerate(batches):
        if data.draw(st.booleans(), label="as a page"):
            body = page("events", *batch, token=f"t{number}")
            run.take(run.machine.answered(answered(body), NOBODY))
        else:
            run.take(run.machine.received(payloads(batch), AT + number, NOBODY))
        if data.draw(st.integers(0, 3), label="restart") == 0:
            run.restart()
    assert run.counts == expected(told)
    assert sorted(run.ids) == sorted(event["eventId"] for event in told)
    assert run.duplicates == sum(map(len, batches)) - len(told)


def _simple(count: int) -> list[Event]:
    """Calls that were handled, in the order in which they were made."""
    return [
        {
            "eventId": f"e{n}",
            "interactionType": "VOICE",
            "callEventType": "CALL_TERMINATION",
            "transactionId": n,
            "serviceId": 7001,
            "callDirection": "INBOUND",
            "campaignType": "INBOUND",
            "lvResult": None,
            "timestamp": "2026-01-05T15:00:00Z",
            "operatorTransfer": 1,
            "operatorTransferSuccessful": n % 2,
            "transferHoldDuration": n,
            "serviceLevelThreshold": None,
            "duration": 60,
            "roundedIvrDuration": None,
        }
        for n in range(count)
    ]


@dataclass
class Vendor:
    """A vendor whose stream swaps neighbours, and that repeats what follows a place."""

    made: list[Event]
    chance: Random
    at: float = AT

    def batches(self, after: str) -> Iterator[tuple[list[Event], float]]:
        """What comes after an event, and when; from the first event on where none is named."""
        ids = [event["eventId"] for event in self.made]
        begins = ids.index(after) + 1 if after else 1
        places = {n: n + self.chance.randint(0, 8) for n in range(begins, len(self.made))}
        order = [*([] if after else [0]), *sorted(places, key=lambda n: (places[n], n))]
        told: set[int] = set(range(begins if after else 0))
        while order:
            if told == set(range(len(told))):  # silence never comes between swapped neighbours
                self.at += self.chance.choice([0.0, 0.0, 600.0])
            size = self.chance.choice([1, 1, 2, 10])
            batch, order = order[:size], order[size:]
            told.update(batch)
            self.at += self.chance.choice([0.0, 0.2])
            yield [self.made[n] for n in batch], self.at


@given(st.integers(1, 150), st.integers(0, 1 << 32))
def test_a_stream_killed_at_any_moment_loses_nothing_and_counts_nothing_twice(
    count: int, seed: int
) -> None:
    made, chance = _simple(count), Random(seed)
    vendor = Vendor(made, chance)
    run = committed = Run()
    for lives in range(8, -1, -1):
        run = committed.copy()
        run.restart()
        for batch, at in vendor.batches(run.cursor):
            run.take(run.machine.received(payloads(batch), at, NOBODY))
            if chance.random() < 0.5:
                committed = run.copy()
            if lives and chance.random() < 0.1:
                break
    assert sorted(run.ids) == sorted(event["eventId"] for event in made)
    assert run.counts == expected(made)


@given(events(60), st.lists(st.integers(1, 6), min_size=1, max_size=6), st.integers(0, 1 << 32))
def test_pages_read_again_after_a_kill_count_once(
    told: list[Event], lives: list[int], seed: int
) -> None:
    chance = Random(seed)
    pages = [told[n : n + 7] for n in range(0, len(told), 7)]
    run = committed = Run()
    for life in [*lives, len(pages)]:
        run = committed.copy()
        run.restart()
        begins = int(run.cursor or 0)
        for number, batch in list(enumerate(pages))[begins : begins + life]:
            body = page("events", *batch, token=str(number + 1))
            run.take(run.machine.answered(answered(body), NOBODY))
            if chance.random() < 0.5:
                committed = run.copy()
    assert run.counts == expected(told)
