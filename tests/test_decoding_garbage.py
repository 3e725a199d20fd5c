"""Any rows, any JSON and any bytes: what is readable is read, the rest counted or refused."""

import json
import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.decoding import identity
from exporter.errors import FeedError
from tests.test_decoding import ROWS

garbage = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
ABSENT = (None, "", "  ", "null", "NULL")
FIELDS: dict[str, tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]] = {
    # what can be read, and what can not
    "id": (
        st.integers(0, 99) | st.sampled_from(["A1", "7", 2.5]),
        st.booleans() | st.lists(st.integers(), max_size=2) | st.just({"id": 1}),
    ),
    "calls": (
        st.integers(0, 10**18) | st.floats(0, 1e300) | st.integers(0, 10**18).map(str),
        st.integers(max_value=-1) | st.booleans() | st.sampled_from(["x", "-1", "1e301", [], {}]),
    ),
    "monitored": (
        st.sampled_from([True, False, 0, 1, "true", "0"]),
        st.sampled_from([2, -1, 1.5, "yes", [], {}]),
    ),
    "name": (st.sampled_from(["Lunch", " x ", "7"]), st.sampled_from([1, 1.5, True, [], {}])),
}


@st.composite
def rows_and_verdicts(draw: st.DrawFn) -> tuple[Any, bool, list[str]]:
    """A row, whether it is kept, and which of its fields are counted."""
    if draw(st.integers(0, 5)) == 0:
        return draw(garbage.filter(lambda value: not isinstance(value, dict))), False, []
    row: dict[str, Any] = {}
    verdicts = {}
    for name, (good, bad) in FIELDS.items():
        verdict = draw(st.sampled_from(["good", "good", "bad", "absent", "missing"]))
        verdicts[name] = verdict
        if verdict != "missing":
            row[name] = draw({"good": good, "bad": bad, "absent": st.sampled_from(ABSENT)}[verdict])
    row.update(draw(st.dictionaries(st.sampled_from(["x", "Id", ""]), garbage, max_size=2)))
    kept = verdicts["id"] == "good"
    unreadable = [f"rows.{name}" for name, verdict in verdicts.items() if verdict == "bad"]
    return row, kept, unreadable if kept else []


@settings(deadline=None, max_examples=150)
@given(st.lists(rows_and_verdicts(), max_size=6))
def test_of_any_rows_the_readable_part_is_read_and_the_rest_counted(
    drawn: list[tuple[Any, bool, list[str]]],
) -> None:
    body = json.dumps({"rows": [row for row, _, _ in drawn]}).encode()
    found, _ = ROWS.decode(body)
    kept = [row for row, keep, _ in drawn if keep]
    counted = [name for _, _, names in drawn for name in names]
    assert found.rejected.rows == len(drawn) - len(kept)
    assert found.rejected.fields == {name: counted.count(name) for name in counted}
    assert [identity(row.id) for row in found.rows] == [identity(row["id"]) for row in kept]
    for row, written in zip(found.rows, kept, strict=True):
        if "rows.calls" not in counted and written.get("calls") not in ABSENT:
            assert row.calls is not None
            assert math.isclose(row.calls, float(written["calls"]))


def outcome(body: bytes) -> str:
    """What becomes of any body: it is read, or a FeedError says why not."""
    try:
        found, _ = ROWS.decode(body)
    except FeedError as error:
        return error.reason.value
    assert found.rejected.rows >= 0
    assert all(identity(row.id) for row in found.rows)
    assert all(row.calls is None or 0 <= row.calls <= 1e300 for row in found.rows)
    return "read"


@settings(deadline=None, max_examples=300)
@given(st.binary())
def test_garbage_bytes_are_refused(body: bytes) -> None:
    assert outcome(body) == "decode"


@settings(deadline=None, max_examples=150)
@given(garbage, st.binary(max_size=3), st.integers(0, 200))
def test_garbage_json_is_read_or_refused(value: Any, noise: bytes, at: int) -> None:
    for document in (value, {"rows": value}, {"rows": [{"id": 1}, value]}):
        body = json.dumps(document).encode()
        for damaged in (body, body[:at] + noise + body[at:], body[:at]):
            assert outcome(damaged) in ("read", "decode")
    assert outcome(json.dumps({"rows": [{"id": 1}, value]}).encode()) == "read"
