"""The machine of interaction events: event/feed and event/feed/sse. Counts only; no state."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter
from typing import Protocol

from exporter import families as c
from exporter.accumulator import SeriesKey
from exporter.decoding import Id, Rows, identity, text
from exporter.errors import FeedError, Reason
from exporter.feeds import Answer, Rejected
from exporter.labels import Vocabulary
from exporter.model import Block, Family, Key, Observations, block_of
from exporter.streams import Known, Resumed, Step
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox import wire
from exporter.vendors.livevox.contacts import CONTACTS, OUTCOMES, Contacts, series
from exporter.vendors.livevox.directory import LiveVoxDirectory
from exporter.vendors.livevox.interaction_rows import LIKENESS, by_id, key_of, lags_of, rows_of
from exporter.vendors.livevox.interaction_words import (
    DIRECTIONS,
    KINDS,
    VOICE,
    channel_of,
    direction_of,
    kind_of,
)
from exporter.vendors.livevox.tail import OVERLAP, Tail

Event = wire.InteractionEvent

TERMINATION = "CALL_TERMINATION"
_MOST_SHAPES = 20_000  # of events, whose label sets are kept ready
_THRESHOLD = "threshold "  # begins the keys of the memory of queues' thresholds, in seconds
_BEGAN = "began"  # the key of the memory: since when contacts count, Unix seconds

_shape = attrgetter(
    "serviceId",
    "interactionType",
    "callEventType",
    "eventType",
    "callDirection",
    "campaignType",
    "lvResult",
)


class Measures(Protocol):
    """How interactions are measured; seconds."""

    @property
    def wait_seconds(self) -> tuple[float, ...]:
        """The bounds of waits, and of times in the IVR."""
        ...

    @property
    def handle_seconds(self) -> tuple[float, ...]:
        """The bounds of handle times."""
        ...


class Interactions:
    """Counts interactions; pure, but for the words and ids it has seen."""

    kinds: Sequence[str] = KINDS

    def __init__(
        self, resumed: Resumed, measures: Measures, threshold: float, label_values: int
    ) -> None:
        self._recent = resumed.recent
        self._measures = measures
        self._threshold = threshold
        self._results = Vocabulary(label_values)
        self._campaigns = Vocabulary(label_values)
        self._remember_words(resumed.counted)
        self._shapes: dict[Key, tuple[SeriesKey, str]] = {}
        self._contacts: dict[tuple[Id, str | None, str | None, str | None], Contacts] = {}
        self._thresholds = {
            key.removeprefix(_THRESHOLD): _seconds(value)
            for key, value in resumed.memory.items()
            if key.startswith(_THRESHOLD)
        }
        self._tail = Tail(resumed.cursor)
        self._takes_over = resumed.takes_over
        self._began = _seconds(resumed.memory.get(_BEGAN, ""))
        self._news: dict[str, str] = {}  # what is to be remembered with the next step

    def _remember_words(self, counted: Iterable[SeriesKey]) -> None:
        words = {"result": self._results, "campaign_type": self._campaigns}
        for family, labels in counted:
            if family == f.INTERACTIONS.name:
                for label, value in labels:
                    if label in words:
                        words[label].value(value)

    def connected(self, at: float) -> None:
        """Nothing has come yet of what follows the cursor.

        Where daily totals counted until now, contacts count from `at` on: those that agents were
        offered before have been counted.
        """
        if self._takes_over:
            self._takes_over, self._began = False, at
            self._news[_BEGAN] = repr(at)
        self._tail.begin_again()

    def answered(self, answer: Answer, directory: LiveVoxDirectory) -> Step:
        """A page of event/feed."""
        found, document = wire.INTERACTIONS.decode(answer.body)
        token = document.identity("token")
        if not token:
            raise FeedError(Reason.DECODE, "the page has no token")
        step = self._counted(found, by_id(found.rows), answer.at, directory)
        full = len(found.rows) + found.rejected.rows >= wire.FULL_PAGE
        return replace(step, cursor=token, full=full)

    def received(self, payloads: Sequence[bytes], at: float, directory: LiveVoxDirectory) -> Step:
        """The data of events of event/feed/sse, one JSON object each."""
        found = rows_of(payloads)
        events = by_id(found.rows)
        step = self._counted(found, events, at, directory)
        ids = [event for event in events if not event.startswith(LIKENESS)]
        return replace(step, cursor=self._tail.passed(ids[-OVERLAP - 1 :], at))

    def corrected(self, snapshot: object, directory: LiveVoxDirectory) -> Step:
        """Nothing: no snapshot tells the same."""
        return Step()

    def restarted(self) -> Step:
        """Forgets where it was, and nothing else."""
        self._tail.forget()
        thresholds = {_THRESHOLD + key: repr(value) for key, value in self._thresholds.items()}
        began = {_BEGAN: repr(self._began)} if self._began else {}
        return Step(cursor="", memory={**thresholds, **began})

    def drift(self) -> float | None:
        """None: there is no state that could drift."""
        return None

    def _counted(
        self,
        found: Rows[Event],
        events: Mapping[str, Event],
        at: float,
        directory: LiveVoxDirectory,
    ) -> Step:
        repeated = len(found.rows) - len(events)
        without = sum(not key_of(row) for row in found.rows) if repeated else 0
        new = self._recent.new(events)
        ids = list(new)
        counted: Sequence[Event] = list(new.values())
        if directory.include:
            counted = [
                row
                for row in counted
                if directory.wants(identity(row.serviceId), identity(row.callCenterId))
            ]
        increments: dict[SeriesKey, float] = {}
        kinds = self._count_shapes(counted, increments)
        observations = self._count_terminations(counted, increments)
        lags, newest = lags_of(counted, at)
        self._recent.add(ids)  # last: what was not counted must come again
        news, self._news = self._news, {}
        return Step(
            events=kinds,
            duplicates=repeated - without + len(events) - len(new),
            malformed=found.rejected.rows + without,
            rejected=Rejected(0, found.rejected.fields),
            increments=increments,
            observations=observations,
            ids=ids,
            memory=news,
            lags=lags,
            newest=newest,
        )

    def _count_shapes(
        self, events: Sequence[Event], increments: dict[SeriesKey, float]
    ) -> Counter[str]:
        kinds: Counter[str] = Counter()
        shapes = self._shapes
        for shape, count in Counter(map(_shape, events)).items():
            known = shapes.get(shape)
            if known is None:
                if len(shapes) >= _MOST_SHAPES:
                    shapes.clear()
                known = shapes[shape] = self._interaction(*shape)
            label_set, kind = known
            increments[label_set] = increments.get(label_set, 0.0) + count
            kinds[kind] += count
        return kinds

    def _interaction(
        self,
        service: Id,
        interaction_type: str | None,
        call_event_type: str | None,
        event_type: str | None,
        call_direction: str | None,
        campaign_type: str | None,
        result: str | None,
    ) -> tuple[SeriesKey, str]:
        kind = kind_of(call_event_type, event_type)
        label_set = series(
            f.INTERACTIONS,
            identity(service),
            channel_of(interaction_type),
            kind,
            direction_of(call_direction, campaign_type),
            self._campaigns.value(text(campaign_type)),
            self._results.value(text(result)),
        )
        return label_set, kind

    def _count_terminations(
        self, events: Sequence[Event], increments: dict[SeriesKey, float]
    ) -> dict[SeriesKey, Observations]:
        touched: dict[int, Contacts] = {}
        in_ivr: dict[Id, list[float]] = {}
        for event in events:
            if event.callEventType != TERMINATION:
                continue
            if event.roundedIvrDuration is not None:
                in_ivr.setdefault(event.serviceId, []).append(event.roundedIvrDuration)
            if event.operatorTransfer == 1:
                contacts = self._contacts_of(event)
                touched[id(contacts)] = contacts
                threshold = event.serviceLevelThreshold
                if threshold is None:
                    threshold = self._threshold
                else:
                    self._note_threshold(identity(event.serviceId), threshold)
                if self._began and event.timestamp is not None:
                    contacts.add_begun(event, threshold, self._began)
                else:
                    contacts.add(event, threshold)
        return self._flushed(touched.values(), in_ivr, increments)

    def _note_threshold(self, queue: str, threshold: float) -> None:
        if queue and self._thresholds.get(queue) != threshold:
            self._thresholds[queue] = threshold
            self._news[_THRESHOLD + queue] = repr(threshold)

    def _contacts_of(self, event: Event) -> Contacts:
        key = (event.serviceId, event.interactionType, event.callDirection, event.campaignType)
        contacts = self._contacts.get(key)
        if contacts is None:
            if len(self._contacts) >= _MOST_SHAPES:
                self._contacts.clear()
            contacts = self._contacts[key] = Contacts(
                identity(event.serviceId),
                channel_of(event.interactionType),
                direction_of(event.callDirection, event.campaignType),
            )
        return contacts

    def _flushed(
        self,
        touched: Iterable[Contacts],
        in_ivr: Mapping[Id, Sequence[float]],
        increments: dict[SeriesKey, float],
    ) -> dict[SeriesKey, Observations]:
        """The counts of the batch; contacts begin a new one."""
        found: dict[SeriesKey, list[float]] = {}
        handles: dict[SeriesKey, list[float]] = {}
        for contacts in touched:
            for key, count in contacts.counted():
                increments[key] = increments.get(key, 0.0) + count
            found.setdefault(contacts.wait_handled, []).extend(contacts.answer_waits)
            found.setdefault(contacts.wait_abandoned, []).extend(contacts.abandon_waits)
            handles.setdefault(contacts.handle, []).extend(contacts.handles)
            contacts.begin()
        for service, seconds in in_ivr.items():
            found.setdefault(series(f.IVR, identity(service)), []).extend(seconds)
        waits, times = self._measures.wait_seconds, self._measures.handle_seconds
        return {
            key: Observations.of(bounds, values)
            for key, values, bounds in chain(
                ((key, values, waits) for key, values in found.items()),
                ((key, values, times) for key, values in handles.items()),
            )
            if values
        }

    def blocks(self, now: float, directory: LiveVoxDirectory) -> Sequence[Block]:
        """The thresholds of the queues: of the last event, else of the settings."""
        values = [
            (directory.key(queue), self._thresholds.get(queue, self._threshold))
            for queue in {**directory.queues, **self._thresholds}
        ]
        return (block_of(c.QUEUE_THRESHOLD, f.QUEUE, values),)

    def known(self, directory: LiveVoxDirectory) -> Known:
        """Each queue of the directory with the closed values of this feed."""
        queues = list(directory.queues)
        waits, times = self._measures.wait_seconds, self._measures.handle_seconds
        counters = [
            series(family, queue, VOICE, direction)
            for queue in queues
            for family in CONTACTS
            for direction in DIRECTIONS
        ]
        histograms: dict[SeriesKey, tuple[float, ...]] = {}
        for queue in queues:
            for outcome in OUTCOMES:
                histograms[series(c.CONTACT_WAIT, queue, VOICE, outcome)] = waits
            histograms[series(c.CONTACT_HANDLE, queue, VOICE)] = times
            histograms[series(f.IVR, queue)] = waits
        return Known(counters, histograms)


FAMILIES: tuple[Family, ...] = (
    *CONTACTS,
    c.CONTACT_WAIT,
    c.CONTACT_HANDLE,
    c.QUEUE_THRESHOLD,
    f.IVR,
    f.INTERACTIONS,
)


def machine(
    measures: Measures, threshold: float, label_values: int
) -> Callable[[Resumed], Interactions]:
    """Makes the machine where a stream goes on."""
    return lambda resumed: Interactions(resumed, measures, threshold, label_values)


def _seconds(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return 0.0
