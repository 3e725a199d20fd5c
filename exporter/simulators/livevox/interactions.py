"""Interaction events, made of what happens in the scenario, as the platform's feed tells them."""

from collections.abc import Callable
from itertools import islice
from typing import Any

from exporter.simulators.events import Event, EventKind
from exporter.simulators.livevox.eventids import EventIds
from exporter.simulators.livevox.interactiondocs import (
    Moments,
    call_disposition,
    call_start,
    call_termination,
    message_attempt,
)
from exporter.simulators.livevox.interactionrecord import InteractionRecord
from exporter.simulators.livevox.syntheticcalls import SyntheticCalls
from exporter.simulators.scenario import Scenario
from exporter.simulators.world import Call

Document = dict[str, Any]
Append = Callable[[int, str, Document], None]
UNKNOWN_TYPE = "CALL_WHISPERED"
HUGE_FIELD = "callOutcome1"


class Interactions:
    """Creates the events of the interaction feed, from now on, and records each of them.

    A service that vanished has none. What is asked for with `burst` and its like happens at once,
    a millisecond after the last second of the scenario.
    """

    def __init__(self, scenario: Scenario, append: Append) -> None:
        self._scenario = scenario
        self._append = append
        self.ids = EventIds(scenario.seed)
        self.record = InteractionRecord(scenario.start_ms)
        self._moments = Moments(scenario.ms(0))
        self._calls = SyntheticCalls(scenario.seed, scenario.customers)
        scenario.log.subscribe(self._hear)

    def burst(self, events: int) -> int:
        """So many events at once, of calls that start and end; returns how many there were."""
        at_ms, before = self._synthetic_ms, len(self.record)
        for call in self._made(-(-events // 2)):
            self._create(at_ms, call_start(self._new_id(at_ms), call, call.started, self._moments))
            if len(self.record) - before < events:
                self._terminate(call, at_ms)
        return len(self.record) - before

    def unknown(self, count: int) -> int:
        """Further events of a type that nobody documented; returns how many there were."""
        return self._strange(count, {"callEventType": UNKNOWN_TYPE})

    def without_id(self, count: int) -> int:
        """Further ends of calls whose events have no eventId; returns how many there were."""
        return self._strange(count, {}, with_id=False)

    def huge(self, size: int) -> int:
        """One further end of a call, with a text of so many bytes; returns how many there were."""
        return self._strange(1, {HUGE_FIELD: "x" * size})

    @property
    def _synthetic_ms(self) -> int:
        return self._scenario.now_ms + 1

    def _made(self, count: int) -> list[Call]:
        scenario = self._scenario
        return list(islice(self._calls.ended(scenario.tick, scenario.visible_queues), count))

    def _strange(self, count: int, fields: Document, with_id: bool = True) -> int:
        at_ms, made = self._synthetic_ms, self._made(count)
        for call in made:
            document = call_termination(self._new_id(at_ms), call, self._moments)
            document.update(fields)
            if not with_id:
                del document["eventId"]
            self._create(at_ms, document)
        return len(made)

    def _hear(self, event: Event) -> None:
        call, message, at_ms = event.call, event.message, self._moments.ms(event.tick)
        if message is not None and message.queue.hidden_since is None:
            self._create(at_ms, message_attempt(self._new_id(at_ms), message, self._moments))
        if call is None or call.queue.hidden_since is not None:
            return
        if event.kind is EventKind.CALL_START:
            self._create(at_ms, call_start(self._new_id(at_ms), call, event.tick, self._moments))
        elif event.kind is EventKind.CALL_END:
            self._terminate(call, at_ms)
        elif event.kind is EventKind.CALL_DISPOSITION:
            document = call_disposition(self._new_id(at_ms), call, event.tick, self._moments)
            self._create(at_ms, document)

    def _terminate(self, call: Call, at_ms: int) -> None:
        self._create(at_ms, call_termination(self._new_id(at_ms), call, self._moments))

    def _create(self, at_ms: int, document: Document) -> None:
        self.record.add(at_ms, document)
        self._append(at_ms, document.get("eventId", ""), document)

    def _new_id(self, at_ms: int) -> str:
        return self.ids.text(at_ms, len(self.record) + 1)
