"""Documents as vendors write them, and worse: what is read, what is counted, what is refused."""

import msgspec
import pytest

from exporter.decoding import Fields, Flag, Id, Number, RowDecoder, Text, identity, text
from exporter.errors import FeedError, Reason
from exporter.feeds import Rejected


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row with a field of each type."""

    id: Id = None
    calls: Number = None
    name: Text = None
    monitored: Flag = None
    parts: msgspec.Raw = msgspec.Raw(b"[]")


ROWS = RowDecoder("rows", Row, ("id",), lambda row: identity(row.id) != "")


def decoded(*rows: str) -> tuple[list[Row], Rejected]:
    """The rows of a document with these rows, and what was rejected."""
    found, _ = ROWS.decode(b'{"rows": [%s]}' % ", ".join(rows).encode())
    return list(found.rows), found.rejected


def refused(body: bytes) -> str:
    """Why a document is refused."""
    with pytest.raises(FeedError) as caught:
        ROWS.decode(body)
    assert caught.value.reason is Reason.DECODE
    return caught.value.detail


GOOD = '{"id": 1, "calls": 1, "name": "x", "monitored": true}'
# a row beside it that is readable in parts only makes the whole document take the slow way
SLOW = '{"id": 2, "calls": "many"}'

each_way = pytest.mark.parametrize("beside", [(), (SLOW,)], ids=["fast", "slow"])


@each_way
@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("12", 12.0),
        ("12.5", 12.5),
        ('"12"', 12.0),
        ('"12.5"', 12.5),
        ("1e5", 1e5),
        ("0", 0.0),
        ('"0"', 0.0),
        ("1750000000000", 1.75e12),
        ('"1750000000000"', 1.75e12),
        ("null", None),
        ('"null"', None),
        ('"NULL"', None),
        ("99999999999999999999999", 1e23),
    ],
)
def test_a_number_may_be_written_as_a_string_or_be_null(
    written: str, number: float | None, beside: tuple[str, ...]
) -> None:
    rows, rejected = decoded(f'{{"id": 1, "calls": {written}}}', *beside)
    assert rows[0].calls == number
    assert rejected == Rejected(0, {"rows.calls": 1} if beside else {})


@pytest.mark.parametrize("written", ['""', '" "', '"  "', '" null "'])
def test_a_number_that_is_blank_is_absent_and_not_unreadable(written: str) -> None:
    assert decoded(f'{{"id": 1, "calls": {written}}}') == ([Row(id=1)], Rejected())


@pytest.mark.parametrize(
    "written",
    ["-1", '"-1"', "true", '"many"', '"12 s"', '"1,5"', "1e999", "1e301", '"inf"', '"nan"', "[1]"],
)
def test_what_is_no_number_of_at_least_zero_is_counted_and_its_row_stays(written: str) -> None:
    rows, rejected = decoded(f'{{"id": 1, "calls": {written}, "name": "x"}}', GOOD)
    assert rows == [Row(id=1, name="x"), Row(id=1, calls=1.0, name="x", monitored=True)]
    assert rejected == Rejected(0, {"rows.calls": 1})


@each_way
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("7001", "7001"),
        ('"7001"', "7001"),
        ("7001.0", "7001"),
        ("7001.5", "7001.5"),
        ("1e22", "10000000000000000000000"),
        ("-3", "-3"),
        ('" A-7 "', "A-7"),
        ('"007"', "007"),
    ],
)
def test_an_id_is_one_text_however_it_is_written(
    written: str, value: str, beside: tuple[str, ...]
) -> None:
    rows, _ = decoded(f'{{"id": {written}}}', *beside)
    assert identity(rows[0].id) == value


@each_way
@pytest.mark.parametrize("written", ["null", '"null"', '"NULL"', '""', '"  "'])
def test_a_row_whose_key_says_nothing_is_dropped_and_counted(
    written: str, beside: tuple[str, ...]
) -> None:
    rows, rejected = decoded(f'{{"id": {written}, "calls": 1}}', GOOD, *beside)
    assert [row.id for row in rows] == [1, 2][: 1 + len(beside)]
    assert rejected.rows == 1


@pytest.mark.parametrize("written", ["true", "[]", "{}", '{"id": 1}', "1e999"])
def test_a_row_whose_key_can_not_be_read_is_dropped_and_counted_once(written: str) -> None:
    rows, rejected = decoded(GOOD, f'{{"id": {written}, "calls": "many"}}')
    assert len(rows) == 1
    assert rejected == Rejected(1, {})


def test_an_unreadable_key_drops_a_row_though_an_absent_one_would_not() -> None:
    decoder = RowDecoder("rows", Row, ("id",), lambda row: True)
    found, _ = decoder.decode(b'{"rows": [{"id": []}, {"id": null}, {}, {"calls": -1}]}')
    assert len(found.rows) == 3
    assert found.rejected == Rejected(1, {"rows.calls": 1})


def test_unreadable_fields_of_a_row_without_a_key_are_not_counted_beside_the_row() -> None:
    assert decoded(GOOD, '{"calls": "many", "monitored": 7}') == (
        [Row(id=1, calls=1.0, name="x", monitored=True)],
        Rejected(1, {}),
    )


@pytest.mark.parametrize("row", ["1", "null", '"x"', "[]", '[{"id": 1}]'])
def test_a_row_that_is_no_object_is_dropped_and_counted(row: str) -> None:
    rows, rejected = decoded(row, GOOD)
    assert (len(rows), rejected) == (1, Rejected(1, {}))


@each_way
@pytest.mark.parametrize(
    ("written", "flag"),
    [
        ("true", True),
        ("false", False),
        ("1", True),
        ("0", False),
        ('"1"', True),
        ('"0"', False),
        ('"true"', True),
        ('"False"', False),
        ("null", None),
        ('"null"', None),
    ],
)
def test_a_flag_is_true_or_false_or_one_or_zero(
    written: str, flag: bool | None, beside: tuple[str, ...]
) -> None:
    rows, rejected = decoded(f'{{"id": 1, "monitored": {written}}}', *beside)
    assert rows[0].monitored is flag
    assert "rows.monitored" not in rejected.fields


@pytest.mark.parametrize("written", ["2", "-1", "1.5", '"yes"', "[]"])
def test_any_other_flag_is_counted(written: str) -> None:
    rows, rejected = decoded(f'{{"id": 1, "monitored": {written}}}')
    assert (rows, rejected) == ([Row(id=1)], Rejected(0, {"rows.monitored": 1}))


@each_way
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"Lunch"', "Lunch"),
        ('"  Lunch "', "Lunch"),
        ('"Pause d\\u00e9jeuner"', "Pause déjeuner"),
        ('"2025-06-15T12:00:00Z"', "2025-06-15T12:00:00Z"),
        ('"nullable"', "nullable"),
        ("null", ""),
        ('"null"', ""),
        ('"Null"', ""),
        ('""', ""),
        ('"   "', ""),
    ],
)
def test_a_text_says_nothing_where_the_vendor_wrote_null_or_blanks(
    written: str, value: str, beside: tuple[str, ...]
) -> None:
    rows, rejected = decoded(f'{{"id": 1, "name": {written}}}', *beside)
    assert text(rows[0].name) == value
    assert "rows.name" not in rejected.fields


@each_way
def test_missing_and_unknown_keys_are_no_matter(beside: tuple[str, ...]) -> None:
    rows, rejected = decoded('{"id": 1, "new": {"deep": [1, null]}, "Calls": 3}', *beside)
    assert rows[0] == Row(id=1)
    assert (rejected.rows, set(rejected.fields)) == (0, {"rows.calls"} if beside else set())


def test_unreadable_fields_are_counted_by_their_path() -> None:
    bad = '{"id": 1, "calls": -1, "name": 7, "monitored": 7}'
    rows, rejected = decoded(bad, bad, GOOD, '{"id": 2, "calls": -1}')
    assert [row.id for row in rows] == [1, 1, 1, 2]
    assert rejected == Rejected(0, {"rows.calls": 3, "rows.name": 2, "rows.monitored": 2})


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "the document is not a JSON object"),
        (b"<html>504 Gateway Time-out</html>", "the document is not a JSON object"),
        (b'{"rows": [{"id": 1}', "the document is not a JSON object"),
        (b'{"rows": []} {}', "the document is not a JSON object"),
        (b"[]", "the document is not a JSON object"),
        (b"null", "the document is not a JSON object"),
        (b'{"r\xffws": []}', "the document has no rows"),
        (b'{"rows": ' + b"[" * 100_000, "the document is not a JSON object"),
        (b'{"rows": ' + b"[" * 9_000 + b"]" * 9_000 + b"}", "the document is not a JSON object"),
        (b"{}", "the document has no rows"),
        (b'{"Rows": []}', "the document has no rows"),
        (b'{"rows": {}}', "rows is not an array"),
        (b'{"rows": "[]"}', "rows is not an array"),
    ],
)
def test_what_is_no_document_of_rows_is_refused_with_the_reason(body: bytes, detail: str) -> None:
    assert refused(body) == detail


def test_a_reason_never_quotes_the_document() -> None:
    for body in (b'{"secret": ', b'{"rows": "secret"}', b'{"secret": 1}'):
        assert "secret" not in refused(body)


@pytest.mark.parametrize(
    "body", [b'{"rows": []}', b'\xef\xbb\xbf{"rows":[]}', b' \n{"rows":[ ]}\n']
)
def test_no_rows_is_an_answer(body: bytes) -> None:
    found, _ = ROWS.decode(body)
    assert (list(found.rows), found.rejected) == ([], Rejected())


def test_texts_that_are_no_utf_8_are_counted() -> None:
    found, _ = ROWS.decode(b'{"rows": [{"id": 1, "name": "\xff"}, {"id": "\xff"}, {"id": 2}]}')
    assert ([row.id for row in found.rows], found.rejected) == (
        [1, 2],
        Rejected(1, {"rows.name": 1}),
    )


def test_an_array_inside_a_row_is_decoded_on_its_own() -> None:
    for written, rows, rejected in (
        ('[{"id": 1}, {"id": null}]', [Row(id=1)], Rejected(1)),
        ("[]", [], Rejected()),
        ("null", [], Rejected()),
        ('""', [], Rejected()),
        ("{}", [], Rejected(0, {"outer.parts": 1})),
        ('"x"', [], Rejected(0, {"outer.parts": 1})),
    ):
        found, _ = ROWS.decode(b'{"rows": [{"id": 7, "parts": %s}]}' % written.encode())
        inner = ROWS.nested(found.rows[0].parts, "outer.parts")
        assert (list(inner.rows), inner.rejected) == (rows, rejected)


def test_an_array_inside_a_row_survives_a_bad_field_beside_it() -> None:
    rows, rejected = decoded('{"id": 7, "calls": -1, "parts": [{"id": 1}]}')
    assert rejected == Rejected(0, {"rows.calls": 1})
    assert list(ROWS.nested(rows[0].parts, "rows.parts").rows) == [Row(id=1)]


def test_names_of_the_document_may_differ_from_those_of_attributes() -> None:
    class Renamed(msgspec.Struct, rename={"id": "callId", "calls": "nCalls"}):
        id: Id = None
        calls: Number = None

    decoder = RowDecoder("rows", Renamed, ("callId",), lambda row: row.id is not None)
    found, _ = decoder.decode(b'{"rows": [{"callId": 1, "nCalls": -1}, {"callId": []}]}')
    assert [row.id for row in found.rows] == [1]
    assert found.rejected == Rejected(1, {"rows.nCalls": 1})


def test_a_row_type_with_a_field_that_must_be_there_is_a_mistake_in_the_program() -> None:
    class Demanding(msgspec.Struct):
        id: Id

    with pytest.raises(TypeError, match="Demanding: a field without a default"):
        RowDecoder("rows", Demanding, (), lambda row: True)


def test_the_other_values_of_a_document() -> None:
    fields = Fields(
        b'\xef\xbb\xbf{"a": "12", "b": -1, "c": 7001, "d": null, "e": [1], "f": "null"}'
    )
    assert [fields.number(name) for name in "abdefx"] == [12.0, None, None, None, None, None]
    assert [fields.identity(name) for name in "acdefx"] == ["12", "7001", "", "", "", ""]
    raw = fields.raw("e")
    assert raw is not None
    assert bytes(raw) == b"[1]"
    assert fields.raw("x") is None


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, ""), (0, "0"), (0.0, "0"), (-0.0, "0"), (2**70, str(2**70)), ("", ""), ("nULL", "")],
)
def test_an_id_of_any_type_is_a_text(value: Id, said: str) -> None:
    assert identity(value) == said


def test_null_instead_of_an_array_says_that_there_is_none() -> None:
    rows, document = ROWS.decode(b'{"rows": null, "at": 5}')
    assert (list(rows.rows), rows.rejected, document.number("at")) == ([], Rejected(), 5)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("beside", [(), ('{"id": 9, "calls": 1e999}', '{"id": 8.0}')])
def test_what_json_does_not_have_costs_its_field_alone(value: str, beside: tuple[str, ...]) -> None:
    rows, rejected = decoded(f'{{"id": 1, "calls": {value}}}', '{"id": 2, "calls": 3}', *beside)
    assert [row.calls for row in rows[:2]] == [None, 3]
    assert [identity(row.id) for row in rows] == ["1", "2", "9", "8"][: 2 + len(beside)]
    assert rejected == Rejected(0, {"rows.calls": 2 if beside else 1})


def test_half_a_character_costs_no_row() -> None:
    rows, rejected = decoded(r'{"id": 1, "name": "\ud800x"}', '{"id": 2}')
    assert [row.name for row in rows] == ["?x", None]
    assert rejected == Rejected()


PAGES = RowDecoder(
    "rows",
    Row,
    ("id",),
    lambda row: identity(row.id) != "",
    beside=("token",),
    optional=True,
)


@each_way
@pytest.mark.parametrize(
    ("written", "token"),
    [
        ('"cfaf0a70-1c52"', "cfaf0a70-1c52"),
        ('" x "', "x"),
        ("7", "7"),
        ("7.0", "7"),
        ("null", ""),
        ('"null"', ""),
        ('""', ""),
        ("{}", ""),
        ("[1]", ""),
        ("true", ""),
    ],
)
def test_an_id_beside_the_rows_is_read_and_never_costs_a_row(
    written: str, token: str, beside: tuple[str, ...]
) -> None:
    rows = ", ".join([GOOD, *beside])
    body = f'{{"token": {written}, "rows": [{rows}], "at": 5}}'.encode()
    found, document = PAGES.decode(body)
    assert len(found.rows) == 1 + len(beside)
    assert found.rejected.rows == 0
    assert document.identity("token") == token
    assert document.number("at") == 5


def test_an_id_that_is_not_beside_the_rows_is_empty() -> None:
    _, document = PAGES.decode(b'{"rows": [{"id": 1}]}')
    assert document.identity("token") == ""


@pytest.mark.parametrize("rows", ["", ', "rows": null', ', "rows": []', ', "rows": ""'])
def test_an_optional_array_may_be_missing(rows: str) -> None:
    found, document = PAGES.decode(f'{{"token": "t"{rows}}}'.encode())
    assert (list(found.rows), found.rejected) == ([], Rejected())
    assert document.identity("token") == "t"


@pytest.mark.parametrize(
    "body", [b'{"token": "t", "rows": {}}', b'{"rows": "x"}', b"[]", b"{", b""]
)
def test_an_optional_array_that_is_none_or_in_no_document_is_refused(body: bytes) -> None:
    with pytest.raises(FeedError) as caught:
        PAGES.decode(body)
    assert caught.value.reason is Reason.DECODE


def test_an_array_that_is_not_optional_must_be_there_whatever_stands_beside_it() -> None:
    decoder = RowDecoder("rows", Row, ("id",), lambda row: True, beside=("token",))
    with pytest.raises(FeedError, match="the document has no rows"):
        decoder.decode(b'{"token": "t"}')


def test_known_ids_are_taken_as_they_are_and_the_rest_is_read_when_asked_for() -> None:
    fields = Fields(b'{"token": "other", "at": 5}', {"token": 7.0})
    assert fields.identity("token") == "7"
    assert fields.number("at") == 5
    with pytest.raises(FeedError):
        Fields(b"[]", {"token": "t"}).number("at")
