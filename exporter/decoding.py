"""Documents to typed rows, tolerantly: one bad field is not a bad row, one bad row not a bad
document.

The fast path decodes the whole document at once. Only where that fails is it taken apart, row by
row and field by field, and what can not be read is counted.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from exporter.errors import FeedError, Reason
from exporter.feeds import Rejected

Number = Annotated[float, msgspec.Meta(ge=0, le=1e300)] | None
Whole = Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None
Switch = Annotated[float, msgspec.Meta(ge=0, le=1e300)] | bool | None  # 0 and 1, or a truth value
Duration = Annotated[float, msgspec.Meta(ge=0, le=1e9)] | None  # seconds, of which sums are made
Text = str | None
Flag = bool | None
Id = int | str | float | None

S = TypeVar("S", bound=msgspec.Struct)

# deep nesting is garbage as well
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_ABSENT = ("", "null")  # what vendors write for nothing, in any case and between blanks
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def identity(value: Id) -> str:
    """An id as a decimal string or the vendor's text; empty where it says nothing."""
    if value is None or isinstance(value, str):
        return text(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def text(value: Text) -> str:
    """A text, empty for what vendors write instead of nothing: null, "null", blanks."""
    stripped = "" if value is None else value.strip()
    return "" if stripped.lower() in _ABSENT else stripped


class Fields:
    """The values of a JSON object, each read when it is asked for."""

    def __init__(self, body: bytes, known: Mapping[str, Id] | None = None) -> None:
        """Raises FeedError(decode) if the body is no JSON object.

        One of which some ids are `known` is taken apart only when another value is asked for.
        """
        self._body = body
        self._known = known or {}
        if known is None:
            _ = self._values

    @cached_property
    def _values(self) -> dict[str, msgspec.Raw]:
        text = self._body.removeprefix(_BYTE_ORDER_MARK)
        try:
            return _OBJECT.decode(text)
        except _UNREADABLE:
            pass
        try:
            return _OBJECT.decode(_mended(text))
        except (*_UNREADABLE, ValueError):
            raise FeedError(Reason.DECODE, "the document is not a JSON object") from None

    def raw(self, name: str) -> msgspec.Raw | None:
        """The JSON text of a value; None if it is not there."""
        return self._values.get(name)

    def number(self, name: str) -> float | None:
        """A number that is at least 0; None if it is not there or not readable."""
        number: float | None = self._read(name, _NUMBER)
        return number

    def identity(self, name: str) -> str:
        """An id or text; empty if it is not there or not readable."""
        if name in self._known:
            return identity(self._known[name])
        return identity(self._read(name, _ID))

    def flag(self, name: str) -> bool | None:
        """Whether; None if it is not there or not readable."""
        flag: bool | None = self._read(name, _FLAG)
        return flag

    def _read(self, name: str, decoder: msgspec.json.Decoder[Any]) -> Any:
        raw = self._values.get(name)
        if raw is None:
            return None
        try:
            return decoder.decode(raw)
        except _UNREADABLE:
            return None


_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_NUMBER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Number, strict=False)
_ID: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Id)
_FLAG: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Flag, strict=False)


@dataclass(frozen=True, slots=True)
class Rows(Generic[S]):
    """The rows of an array that could be read, and what could not."""

    rows: Sequence[S]
    rejected: Rejected


class RowDecoder(Generic[S]):
    """Decodes an array of objects inside an object.

    `array` is its key. `keys` are the fields without which a row means nothing: a row is dropped
    when one of them is unreadable. `is_keyed` says whether a row that was decoded has its keys.
    Every field of `row` has a default, which stands for what the vendor left out; TypeError if
    one has none. `beside` are ids that stand beside the array and are read with it. A document
    without an `optional` array is one with an empty array.
    """

    def __init__(
        self,
        array: str,
        row: type[S],
        keys: Sequence[str],
        is_keyed: Callable[[S], bool],
        *,
        beside: Sequence[str] = (),
        optional: bool = False,
    ) -> None:
        self._array = array
        self._beside = beside
        self._optional = optional
        self._row = row
        self._keys = frozenset(keys)
        self._is_keyed = is_keyed
        # mypy knows no type that is a parameter: the rows are list[S]
        self._rows = msgspec.json.Decoder(list[row], strict=False)  # type: ignore[valid-type]
        ids: list[Any] = [(name, Id, None) for name in beside]
        whole = msgspec.defstruct("Document", [(array, list[row]), *ids])  # type: ignore[valid-type]
        self._documents = msgspec.json.Decoder(whole, strict=False)
        self._one = msgspec.json.Decoder(row, strict=False)
        fields = msgspec.structs.fields(row)
        if any(field.required for field in fields):
            raise TypeError(f"{row.__name__}: a field without a default")
        self._fields = {
            field.encode_name: (field.name, msgspec.json.Decoder(field.type, strict=False))
            for field in fields
        }

    def decode(self, body: bytes) -> tuple[Rows[S], Fields]:
        """The rows of a document and its other values; raises FeedError(decode)."""
        try:
            whole = self._documents.decode(body)
        except _UNREADABLE:
            return self._decoded_apart(body)
        known = {name: getattr(whole, name) for name in self._beside}
        return self._keyed(getattr(whole, self._array)), Fields(body, known)

    def _decoded_apart(self, body: bytes) -> tuple[Rows[S], Fields]:
        document = Fields(body)
        raw = document.raw(self._array)
        if raw is None and not self._optional:
            raise FeedError(Reason.DECODE, f"the document has no {self._array}")
        if raw is None or _is_absent(raw):
            return Rows((), Rejected()), document
        return self.rows(raw), document

    def rows(self, raw: bytes | msgspec.Raw) -> Rows[S]:
        """The rows of an array; raises FeedError(decode) if it is none."""
        try:
            rows = self._rows.decode(raw)
        except _UNREADABLE:
            return self._salvaged(raw)
        return self._keyed(rows)

    def _keyed(self, rows: Sequence[S]) -> Rows[S]:
        keyed = [row for row in rows if self._is_keyed(row)]
        return Rows(keyed, Rejected(len(rows) - len(keyed)))

    def nested(self, raw: msgspec.Raw, field: str) -> Rows[S]:
        """The rows of an array inside a row; one that is no array counts as its `field`."""
        if _is_absent(raw):
            return Rows((), Rejected())
        try:
            return self.rows(raw)
        except FeedError:
            return Rows((), Rejected(0, {field: 1}))

    def _salvaged(self, raw: bytes | msgspec.Raw) -> Rows[S]:
        try:
            pieces = _ARRAY.decode(raw)
        except _UNREADABLE:
            raise FeedError(Reason.DECODE, f"{self._array} is not an array") from None
        rows: list[S] = []
        fields: Counter[str] = Counter()
        for piece in pieces:
            row, unreadable = self._salvaged_row(piece)
            if row is not None and self._is_keyed(row):
                rows.append(row)
                fields.update(f"{self._array}.{name}" for name in unreadable)
        return Rows(rows, Rejected(len(pieces) - len(rows), fields))

    def _salvaged_row(self, piece: msgspec.Raw) -> tuple[S | None, Sequence[str]]:
        """The row and the names of its fields that can not be read; no row without its keys."""
        try:
            return self._one.decode(piece), ()
        except _UNREADABLE:
            pass
        try:
            values = _OBJECT.decode(piece)
        except _UNREADABLE:
            return None, ()
        read: dict[str, Any] = {}
        unreadable: list[str] = []
        for name, (attribute, decoder) in self._fields.items():
            raw = values.get(name)
            if raw is None or _is_absent(raw):
                continue
            try:
                read[attribute] = decoder.decode(raw)
            except _UNREADABLE:
                unreadable.append(name)
        if not self._keys.isdisjoint(unreadable):
            return None, ()
        return self._row(**read), unreadable


def _mended(text: bytes) -> bytes:
    """JSON of which one value is none: NaN and the like become texts, half characters `?`."""
    plain = text.decode("utf-8", "replace")
    document = json.loads(plain, parse_constant=str, parse_float=_finite)
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def _finite(written: str) -> float | str:
    """A number, as a text if no float is so large."""
    number = float(written)
    return number if math.isfinite(number) else written


def _is_absent(raw: msgspec.Raw) -> bool:
    return bytes(raw).strip(b'" \t').lower() in (b"", b"null")
