"""What faults do to an event of a feed on its way: to its times, its keys and its nulls."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from exporter.simulators.faults import Fault

Document = dict[str, Any]
SHAPING = frozenset({"clock_skew", "extra_keys", "null_fields"})
OPTIONAL = (
    "account", "accountNumber", "agentId", "agentLoginId", "agentSkillId", "agentTeamId",
    "areaCodeState", "callerId", "campaignId", "campaignTypeId", "carrier", "operatorPhone",
    "phoneDialed", "phoneNumber", "phonePosition", "priority", "smsCode", "threadId", "zipCode",
)  # fmt: skip
"""Fields that nothing is counted by."""
_TIMES = ("timestamp", "start", "end")


def shaped(body: bytes, faults: Mapping[str, Fault]) -> bytes:
    """The JSON of an event as the faults in force leave it."""
    if SHAPING.isdisjoint(faults):
        return body
    document: Document = json.loads(body)
    if (skew := faults.get("clock_skew")) is not None:
        _skew(document, timedelta(seconds=skew.seconds))
    if "extra_keys" in faults:
        document["addedLater"] = ["new"]
    if "null_fields" in faults:
        _make_null(document)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _skew(document: Document, by: timedelta) -> None:
    for name in _TIMES:
        value = document.get(name)
        if isinstance(value, int):
            document[name] = value + int(by.total_seconds() * 1000)
        elif isinstance(value, str):
            moment = (datetime.fromisoformat(value) + by).isoformat(timespec="milliseconds")
            document[name] = moment.replace("+00:00", "Z")


def _make_null(document: Document) -> None:
    """Null and the text "null" in turns, the text only where there may be one."""
    is_of_agent = "interactionType" not in document  # his number says of whom it tells
    for index, name in enumerate(OPTIONAL):
        if name in document and not (is_of_agent and name == "agentId"):
            text = isinstance(document[name], str) and index % 2
            document[name] = "null" if text else None
