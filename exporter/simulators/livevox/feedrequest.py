"""What a request to a feed asks for: its token, how many events, and which."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exporter.simulators.livevox.errors import VALIDATION_CODE, LiveVoxError
from exporter.simulators.livevox.retained import Kept
from exporter.simulators.livevox.selection import read_ids, read_object

LEAST_COUNT = 500
MOST_COUNT = 1000
INTERACTION_TYPES = ("EMAIL", "SMS", "VOICE")
_FILTERS = ("interactionType", "callCenter", "service")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The events that a filter lets through: of every kind that it names, one of its values.

    `facets` are the values by the position of their kind in `Kept.facets`.
    """

    facets: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def of(self, events: list[Kept]) -> list[Kept]:
        """Those of some events that are wanted."""
        for position, values in self.facets.items():
            events = [kept for kept in events if kept.facets[position] in values]
        return events


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """A request to a feed; a blank `token` is no token."""

    token: str
    count: int
    wanted: Wanted


def read_request(body: bytes, count: str | None, filtered: bool) -> FeedRequest:
    """A request's body and `count`; a feed that is not `filtered` takes neither of the two.

    Raises LiveVoxError with what is wrong with it.
    """
    document = read_object(body)
    known = ("token", "filter") if filtered else ("token",)
    for key in document:
        if key not in known:
            raise LiveVoxError(400, f"{key} is not known; known are {', '.join(known)}.")
    token = document.get("token")
    if token is not None and not isinstance(token, str):
        raise LiveVoxError(400, "token must be a string.")
    most = _read_count(count) if filtered else MOST_COUNT
    return FeedRequest((token or "").strip(), most, _read_filter(document.get("filter")))


def _read_count(text: str | None) -> int:
    if text is None:
        return MOST_COUNT
    if not text.isdecimal() or not LEAST_COUNT <= int(text) <= MOST_COUNT:
        raise LiveVoxError(
            400, f"count must be from {LEAST_COUNT} to {MOST_COUNT}.", VALIDATION_CODE
        )
    return int(text)


def _read_filter(named: object) -> Wanted:
    if named is None:
        return Wanted()
    if not isinstance(named, dict):
        raise LiveVoxError(400, "filter must be an object.")
    facets = {}
    for kind, items in named.items():
        if kind not in _FILTERS:
            known = ", ".join(_FILTERS)
            raise LiveVoxError(400, f"filter {kind} is not known; known are {known}.")
        if kind == "interactionType":
            values = _read_types(items)
        else:
            values = frozenset(str(number) for number in read_ids(kind, items))
        if values:
            facets[_FILTERS.index(kind)] = values
    return Wanted(facets)


def _read_types(items: object) -> frozenset[str]:
    if not isinstance(items, list):
        raise LiveVoxError(400, "filter interactionType must be a list of objects with a type.")
    found = set()
    for item in items:
        value: Any = item.get("type") if isinstance(item, dict) else None
        if str(value).upper() not in INTERACTION_TYPES:
            known = ", ".join(INTERACTION_TYPES)
            raise LiveVoxError(400, f"type {json.dumps(value)} is not known; known are {known}.")
        found.add(str(value).upper())
    return frozenset(found)
