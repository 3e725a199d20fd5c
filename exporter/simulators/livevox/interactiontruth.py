"""What a perfect exporter shows of the interaction feed since a moment: counters, histograms."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from exporter.simulators.livevox.eventwords import slug
from exporter.simulators.livevox.interactionrecord import Happened, InteractionRecord, Shape
from exporter.simulators.livevox.samples import Samples, queue_labels
from exporter.simulators.scenario import Scenario

WAIT_BOUNDS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800, 3600)
HANDLE_BOUNDS = (30, 60, 120, 180, 240, 300, 420, 600, 900, 1800, 3600, 7200)
WAIT = "contactcenter_contact_wait_seconds"
HANDLE = "contactcenter_contact_handle_seconds"
IVR = "livevox_ivr_seconds"
_BOUNDS = {WAIT: WAIT_BOUNDS, HANDLE: HANDLE_BOUNDS, IVR: WAIT_BOUNDS}
_CHANNELS = {"VOICE": "voice", "SMS": "sms", "EMAIL": "email"}
_EVENTS = frozenset({"call_start", "call_termination", "call_disposition", "attempt"})
_TERMINATION = "call_termination"
_DIRECTIONS = {"INBOUND": "inbound", "OUTBOUND": "outbound", "MANUAL": "outbound"}
_OUTBOUND_CAMPAIGNS = ("OUTBOUND", "MANUAL", "HCI", "PREVIEW", "SCHEDULE_CALL_BACK", "OB")
_CAMPAIGN_DIRECTIONS = {"INBOUND": "inbound", **dict.fromkeys(_OUTBOUND_CAMPAIGNS, "outbound")}
_CONTACTS = ("offered", "handled", "abandoned", "handled_in_threshold", "abandoned_in_threshold")

Labels = tuple[tuple[str, str], ...]
Series = tuple[str, Labels]


@dataclass(slots=True)
class _Histogram:
    seconds: Counter[int] = field(default_factory=Counter)

    def add_to(self, samples: Samples, name: str, labels: dict[str, str]) -> None:
        for bound in _BOUNDS[name]:
            below = sum(count for value, count in self.seconds.items() if value <= bound)
            samples.add(f"{name}_bucket", {**labels, "le": f"{float(bound)}"}, below)
        samples.add(f"{name}_bucket", {**labels, "le": "+Inf"}, self.seconds.total())
        total = sum(value * count for value, count in self.seconds.items())
        samples.add(f"{name}_sum", labels, total)
        samples.add(f"{name}_count", labels, self.seconds.total())


class _Counted:
    """Counters and histograms by their labels, the queue's being its id alone."""

    def __init__(self) -> None:
        self.counters: Counter[Series] = Counter()
        self.histograms: dict[Series, _Histogram] = {}

    def open(self, queue_id: str) -> None:
        """Let the lines of a queue that it can have begin at 0."""
        for direction in ("inbound", "outbound"):
            for word in _CONTACTS:
                self.counters[_contacts(word, queue_id, "voice", direction)] += 0
        for outcome in ("handled", "abandoned"):
            self._observe(
                WAIT, (("queue_id", queue_id), ("channel", "voice"), ("outcome", outcome))
            )
        self._observe(HANDLE, (("queue_id", queue_id), ("channel", "voice")))
        self._observe(IVR, (("queue_id", queue_id),))

    def add(self, happened: Happened, count: int) -> None:
        """Count some events that are the same."""
        shape = happened.shape
        event, channel = _event(shape), _channel(shape)
        labels = (
            ("queue_id", shape.queue_id),
            ("channel", channel),
            ("event", event),
            ("direction", direction_of(shape)),
            ("campaign_type", slug(shape.campaign_type or "")),
            ("result", slug(shape.result or "")),
        )
        self.counters["livevox_interactions_total", labels] += count
        if event == _TERMINATION:
            if happened.ivr is not None:
                self._observe(IVR, (("queue_id", shape.queue_id),), happened.ivr, count)
            if shape.offered:
                self._add_contact(happened, channel, count)

    def _add_contact(self, happened: Happened, channel: str, count: int) -> None:
        shape, hold = happened.shape, happened.hold
        outcome = "handled" if shape.reached else "abandoned"
        words = ["offered", outcome]
        if hold is not None and hold <= shape.threshold:
            words.append(f"{outcome}_in_threshold")
        for word in words:
            series = _contacts(word, shape.queue_id, channel, direction_of(shape))
            self.counters[series] += count
        queue = (("queue_id", shape.queue_id), ("channel", channel))
        if hold is not None:
            self._observe(WAIT, (*queue, ("outcome", outcome)), hold, count)
        if shape.reached and happened.duration is not None:
            self._observe(HANDLE, queue, happened.duration, count)

    def _observe(self, name: str, labels: Labels, value: int = 0, count: int = 0) -> None:
        histogram = self.histograms.setdefault((name, labels), _Histogram())
        if count:
            histogram.seconds[value] += count


def interaction_events(
    scenario: Scenario, record: InteractionRecord, samples: Samples, since_ms: int
) -> None:
    """Every counter and histogram that the interaction feed gives."""
    counted = _Counted()
    for queue in scenario.visible_queues:
        counted.open(str(queue.id))
    for happened, count in record.since(since_ms).items():
        counted.add(happened, count)
    named = {str(queue.id): queue_labels(queue) for queue in scenario.queues}
    for name, labels in sorted(counted.counters):
        samples.add(name, _with_queue(labels, named), counted.counters[name, labels])
    for name, labels in sorted(counted.histograms):
        counted.histograms[name, labels].add_to(samples, name, _with_queue(labels, named))


def direction_of(shape: Shape) -> str:
    """inbound or outbound; empty where the event does not say."""
    if shape.direction is not None:
        return _DIRECTIONS.get(shape.direction, "")
    return _CAMPAIGN_DIRECTIONS.get(shape.campaign_type or "", "")


def _event(shape: Shape) -> str:
    event = slug(shape.event_type)
    return event if event in _EVENTS else "other"


def _channel(shape: Shape) -> str:
    return _CHANNELS.get(shape.interaction_type.upper(), "other")


def _contacts(word: str, queue_id: str, channel: str, direction: str) -> Series:
    labels = (("queue_id", queue_id), ("channel", channel), ("direction", direction))
    return f"contactcenter_contacts_{word}_total", labels


def _with_queue(
    labels: Iterable[tuple[str, str]], named: dict[str, dict[str, str]]
) -> dict[str, str]:
    own = dict(labels)
    return {**named.get(own["queue_id"], {}), **own}
