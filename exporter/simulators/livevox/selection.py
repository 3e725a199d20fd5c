"""What a realtime request asks for: its filter, checked as the platform checks it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exporter.simulators.livevox.errors import VALIDATION_CODE, LiveVoxError
from exporter.simulators.scenario import Scenario
from exporter.simulators.world import Queue

MOST_SERVICES = 150
FILTERS = ("service", "callCenter")
CAMPAIGN_FILTERS = ("campaign", "service", "callCenter")


@dataclass(frozen=True, slots=True)
class Selection:
    """The ids that a filter names, by kind; a kind that it does not name is left out."""

    ids: Mapping[str, frozenset[int]]
    changed_after_ms: int | None = None

    def queues(self, scenario: Scenario) -> list[Queue]:
        """The visible queues that are named, or in a call center that is; all without a filter."""
        if not self.ids:
            return scenario.visible_queues
        services = self.ids.get("service", frozenset())
        centers = self.ids.get("callCenter", frozenset())
        return [
            queue
            for queue in scenario.visible_queues
            if queue.id in services or queue.call_center.id in centers
        ]


def read_object(body: bytes) -> dict[str, Any]:
    """A request's body; an empty one is an empty object."""
    if not body.strip():
        return {}
    try:
        document = json.loads(body)
    except ValueError:
        raise LiveVoxError(400, "The request is not valid JSON.") from None
    if not isinstance(document, dict):
        raise LiveVoxError(400, "The request must be a JSON object.")
    return document


def read_selection(
    document: dict[str, Any],
    scenario: Scenario,
    kinds: tuple[str, ...] = FILTERS,
    exclusive: bool = False,
    more_keys: tuple[str, ...] = (),
) -> Selection:
    """The filter of a request; raises LiveVoxError with what is wrong with it."""
    known = ("filter", *more_keys)
    for key in document:
        if key not in known:
            raise LiveVoxError(400, f"{key} is not known; known are {', '.join(known)}.")
    named = document.get("filter")
    named = {} if named is None else named
    if not isinstance(named, dict):
        raise LiveVoxError(400, "filter must be an object.")
    ids = {}
    for kind, items in named.items():
        if kind not in kinds:
            raise LiveVoxError(400, f"filter {kind} is not known; known are {', '.join(kinds)}.")
        if found := read_ids(kind, items):
            ids[kind] = found
    if exclusive and len(ids) > 1:
        raise LiveVoxError(400, "No more than one filter may be given.", VALIDATION_CODE)
    _check_size(ids, scenario)
    changed_after = document.get("stateChangedAfter")
    return Selection(ids, None if changed_after is None else read_ms(changed_after))


def read_ids(kind: str, items: object) -> frozenset[int]:
    """The ids of `[{"id": "7001"}, {"id": 7002}]`."""
    if not isinstance(items, list):
        raise LiveVoxError(400, f"filter {kind} must be a list of objects with an id.")
    ids = set()
    for item in items:
        value = item.get("id") if isinstance(item, dict) else None
        if isinstance(value, bool) or not str(value).isdecimal():
            raise LiveVoxError(400, f"filter {kind} needs objects with a whole number as id.")
        ids.add(int(str(value)))
    return frozenset(ids)


def read_ms(value: object) -> int:
    """A dateTime: milliseconds since the Unix epoch, or ISO 8601 with an offset."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value)
    if text.isdecimal():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise LiveVoxError(400, f"{text!r} is not a date and time.") from None
    if moment.tzinfo is None:
        raise LiveVoxError(400, f"{text!r} has no offset from UTC.")
    return int(moment.timestamp() * 1000)


def _check_size(ids: Mapping[str, frozenset[int]], scenario: Scenario) -> None:
    if len(ids.get("service", ())) > MOST_SERVICES:
        raise LiveVoxError(
            400, f"No more than {MOST_SERVICES} services may be named.", VALIDATION_CODE
        )
    if not ids and len(scenario.visible_queues) > MOST_SERVICES:
        raise LiveVoxError(
            400,
            f"The user can see more than {MOST_SERVICES} services: name some.",
            VALIDATION_CODE,
        )
