"""Faults of answers: which there are, which apply to a request, and what they do to a document.

Those of feeds are only named and read here: a feed does them itself.

The same for every platform; a simulator adds those of its own world (see its package).
"""

import asyncio
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from exporter.simulators.options import BadRequest, Options

ANY_PATH = "*"
_SHAPES: dict[str, object] = {"list": [], "string": "maintenance", "number": 7, "null": None}
DOCUMENT_FAULTS = frozenset(
    {
        "wrong_document",
        "wrong_types",
        "bad_key",
        "duplicate_row",
        "extra_keys",
        "null_fields",
        "truncated_list",
    }
)
ANSWER_FAULTS = frozenset(
    {"status", "slow", "cut", "broken_json", "empty_body", "hang", "refuse_login"}
)
FEED_FAULTS = frozenset(
    {
        "duplicates",
        "reordering",
        "cut_events",
        "half_open",
        "silence",
        "expired_token",
        "not_enabled",
        "clock_skew",
        "garbage",
    }
)
DONE_BY_FEEDS = FEED_FAULTS | {"extra_keys", "null_fields"}
"""Faults that a feed does to its events itself, for as long as they are in force."""
FAULT_NAMES = DOCUMENT_FAULTS | ANSWER_FAULTS | FEED_FAULTS
_COUNTED_BY_FEEDS = ("cut_events", "expired_token")
_LEAST_EVERY = 2


@dataclass(slots=True)
class Fault:
    """One fault, for a path or for all, for a number of requests or (None) until cleared."""

    path: str
    name: str
    times: int | None = None
    status: int = 503
    retry_after: str | None = None
    seconds: float = 0.0
    dribble: bool = False
    row: int = 0
    row_id: str | None = None
    every_row: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    shape: str = "list"
    mode: str = "endless"
    last_page: list[Any] = field(default_factory=list)
    share: float = 0.0
    every: int = 0

    def document(self) -> dict[str, object]:
        """What `GET /_faults` tells of it."""
        return {"path": self.path, "fault": self.name, "times": self.times}


def parse_fault(name: str, path: str, options: Options) -> Fault:
    """A fault as asked for; raises BadRequest where its options are not understood."""
    fault = Fault(path, name)
    times = options.take_any("times")
    if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
        raise BadRequest("times must be a whole number from 1, or null: until cleared")
    fault.times = times
    if name == "status":
        fault.status = options.required("status", int)
        if not 200 <= fault.status <= 599:
            raise BadRequest("status must be from 200 to 599")
        retry_after = options.take_any("retry_after")
        fault.retry_after = None if retry_after is None else str(retry_after)
    elif name == "refuse_login":
        fault.status = 401
    elif name == "slow":
        fault.seconds = options.required("seconds", float)
        fault.dribble = options.take("dribble", bool, False)
    elif name == "wrong_document":
        fault.shape = _choice(options, "shape", "list", (*_SHAPES, "missing_array"))
    elif name == "truncated_list":
        fault.mode = _choice(options, "mode", "endless", ("endless", "no_next"))
    elif name in ("wrong_types", "bad_key", "duplicate_row", "null_fields"):
        _parse_row(fault, options)
    elif name in FEED_FAULTS:
        _parse_feed_fault(fault, options)
    options.done()
    return fault


def _parse_feed_fault(fault: Fault, options: Options) -> None:
    name = fault.name
    if fault.times is not None and name not in _COUNTED_BY_FEEDS:
        raise BadRequest(f"{name} is in force until lifted: it has no times")
    if name in ("duplicates", "reordering"):
        fault.share = options.take("share", float, 0.1)
        if not 0 < fault.share <= 1:
            raise BadRequest("share must be greater than 0, and at most 1")
    elif name in ("cut_events", "garbage"):
        fault.every = options.required("every", int)
        if fault.every < _LEAST_EVERY:
            raise BadRequest(f"every must be at least {_LEAST_EVERY}")
    elif name == "expired_token":
        fault.times = fault.times or 1
    elif name == "not_enabled":
        fault.mode = _choice(options, "mode", "forbidden", ("forbidden", "empty"))
    elif name == "clock_skew":
        fault.seconds = options.required("seconds", float)


def _parse_row(fault: Fault, options: Options) -> None:
    fault.row = options.take("row", int, 0)
    row_id = options.take_any("id")
    fault.row_id = None if row_id is None else str(row_id)
    if fault.name == "wrong_types":
        fault.fields = options.required("fields", dict)
    elif fault.name == "null_fields":
        fault.fields = dict.fromkeys(options.take("fields", list, []))
        fault.every_row = options.take("every_row", bool, False)


def _choice(options: Options, name: str, default: str, choices: tuple[str, ...]) -> str:
    value = options.take(name, str, default)
    if value not in choices:
        raise BadRequest(f"{name} must be one of {', '.join(choices)}")
    return value


class Faults:
    """The faults that are in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._cleared = asyncio.Event()

    async def cleared(self) -> None:
        """Wait until the faults are lifted."""
        await self._cleared.wait()

    def add(self, fault: Fault) -> None:
        """Put a fault in force, after those that are."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Lift all faults, and let go the requests that hang."""
        self._faults.clear()
        self._cleared.set()
        self._cleared = asyncio.Event()

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._faults))

    def take(self, path: str, but: frozenset[str] = frozenset()) -> list[Fault]:
        """The faults that a request meets, but those of some names; each has one less to meet."""
        met = [
            fault
            for fault in self._faults
            if fault.path in (ANY_PATH, path) and fault.name not in but
        ]
        for fault in met:
            self.spend(fault)
        return met

    def spend(self, fault: Fault) -> None:
        """Let a fault that was met have one less to meet."""
        if fault.times is not None:
            fault.times -= 1
            self._faults = [fault for fault in self._faults if fault.times != 0]

    def in_force(self, path: str) -> dict[str, Fault]:
        """The faults of a path now, by their names; the last of a name counts."""
        return {fault.name: fault for fault in self._faults if fault.path in (ANY_PATH, path)}


def spoil(document: Any, fault: Fault, keys: Mapping[str, tuple[str, ...]]) -> Any:
    """A document as a fault leaves it.

    `keys` names, for each array of rows, the fields that may be a row's key: the first it has is.
    """
    if fault.name == "wrong_document" and fault.shape in _SHAPES:
        return _SHAPES[fault.shape]
    if not isinstance(document, dict):
        return document
    array = next((name for name in keys if isinstance(document.get(name), list)), None)
    if fault.name == "extra_keys":
        document["addedLater"] = {"version": 2}
    if array is None:
        return document
    if fault.name == "wrong_document":
        del document[array]
        return document
    if fault.name == "truncated_list":
        return _truncate(document, array, fault)
    _spoil_rows(document[array], fault, keys[array])
    return document


def _spoil_rows(rows: list[dict[str, Any]], fault: Fault, keys: tuple[str, ...]) -> None:
    if fault.name == "extra_keys" or fault.every_row:
        touched = range(len(rows))
    else:
        touched = _row(rows, fault, keys)
    for index in touched:
        row = rows[index]
        key = _key(row, keys)
        if fault.name == "extra_keys":
            row["addedLater"] = ["new"]
        elif fault.name == "wrong_types":
            row.update(deepcopy(fault.fields))
        elif fault.name == "bad_key":
            row[key] = {"unreadable": True}
        elif fault.name == "null_fields":
            row.update(dict.fromkeys(fault.fields or [name for name in row if name != key]))
        else:
            rows.append(deepcopy(row))


def _row(rows: list[dict[str, Any]], fault: Fault, keys: tuple[str, ...]) -> range:
    """The position of the row that a fault means, as a range; empty where there is none."""
    if fault.row_id is not None:
        matching = (
            i for i, row in enumerate(rows) if str(row.get(_key(row, keys))) == fault.row_id
        )
        index = next(matching, len(rows))
    else:
        index = fault.row
    return range(index, index + 1) if 0 <= index < len(rows) else range(0)


def _key(row: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((key for key in keys if key in row), keys[0])


def _truncate(document: dict[str, Any], array: str, fault: Fault) -> dict[str, Any]:
    if fault.mode == "no_next":
        document["next"] = None
        return document
    fault.last_page = document[array] or fault.last_page
    document[array] = fault.last_page
    document["next"] = "/again?offset=0"
    return document
