"""Server-sent events: WHATWG's examples, every cut of a stream, and httpx-sse as the reference."""

import itertools
from collections.abc import Iterable

import httpx
import pytest
from httpx_sse import EventSource
from hypothesis import example, given
from hypothesis import strategies as st

from exporter.errors import FeedError, Reason
from exporter.transports.event_stream import EventStream

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
LINE_ENDS = [b"\n", b"\r", b"\r\n"]


def decoded(chunks: Iterable[bytes], largest: int = 1 << 20) -> list[bytes]:
    """What our decoder makes of a stream that comes in these chunks."""
    stream = EventStream(largest)
    return [payload for chunk in chunks for payload in stream.received(chunk)]


def by_httpx_sse(text: bytes) -> list[str]:
    """The data that httpx-sse finds in a stream; it does not know a byte order mark."""
    headers = {"Content-Type": "text/event-stream"}
    response = httpx.Response(200, headers=headers, content=text.removeprefix(BYTE_ORDER_MARK))
    return [event.data for event in EventSource(response).iter_sse()]


def as_text(payloads: Iterable[bytes]) -> list[str]:
    return [payload.decode("utf-8", "replace") for payload in payloads]


def refused(chunks: Iterable[bytes], largest: int) -> bool:
    """Whether the stream ends with the error of an event that is too large."""
    try:
        decoded(chunks, largest)
    except FeedError as error:
        return error.reason is Reason.DECODE and str(largest) in error.detail
    return False


def cut(text: bytes, places: Iterable[int]) -> list[bytes]:
    """The text in pieces, cut at these places; equal places make empty pieces."""
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(edges)]


# Tokens rather than bytes: random bytes would hardly ever make a field.
TOKENS = [
    *(b"\n", b"\n", b"\n\n", b"\r", b"\r\n", b"\r\n\r\n"),
    *(b"data: ", b"data:", b"data", b"data: {}\n\n", b"data:{}\n\n", b":", b": keepalive\n", b" "),
    *(b"Data: ", b"datum: ", b"x", b'{"eventId": "41e2"}', b"\x00", b"\x0b", b"\x85", b"\xff"),
    *("é".encode(), "\u2028".encode(), "\N{ZERO WIDTH NO-BREAK SPACE}".encode(), b"\xe2\x82"),
]
OTHER_FIELDS = [b"event: add\n", b"id: 1\n", b"id\n", b"id: \x00\n", b"retry: 5\n", b"event"]
START = st.sampled_from([b"", BYTE_ORDER_MARK])
DATA_ONLY = st.builds(
    bytes.__add__,
    START,
    st.lists(st.sampled_from(TOKENS) | st.binary(max_size=4), max_size=40).map(b"".join),
)
ANY_FIELD = st.lists(st.sampled_from(TOKENS + OTHER_FIELDS), max_size=40).map(b"".join)
PLACES = st.lists(st.integers(min_value=0, max_value=400), max_size=12)

SPECIFICATION = {
    "one line": (b"data: This is the first message.\n\n", [b"This is the first message."]),
    "two lines": (
        b"data: This is the second message, it\ndata: has two lines.\n\n",
        [b"This is the second message, it\nhas two lines."],
    ),
    "named events": (b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n",
                     [b"73857293", b"2153"]),
    "three lines of a stock ticker": (b"data: YHOO\ndata: +2\ndata: 10\n\n", [b"YHOO\n+2\n10"]),
    "a comment, ids, a space, an end without blank line": (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event",
        [b"first event", b"second event"],
    ),
    "only one space is taken away": (b"data:  third event\n\n", [b" third event"]),
    "empty data twice, and an unfinished event": (b"data\n\ndata\ndata\n\ndata:", [b"", b"\n"]),
    "with and without space": (b"data:test\n\ndata: test\n\n", [b"test", b"test"]),
}  # fmt: skip


@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("mark", [b"", BYTE_ORDER_MARK], ids=["plain", "marked"])
@pytest.mark.parametrize(("stream", "payloads"), SPECIFICATION.values(), ids=list(SPECIFICATION))
def test_examples_of_the_specification_in_any_two_pieces(
    stream: bytes, payloads: list[bytes], mark: bytes, line_end: bytes
) -> None:
    text = mark + stream.replace(b"\n", line_end)
    assert decoded(text[i : i + 1] for i in range(len(text))) == payloads
    for place in range(len(text) + 1):
        assert decoded([text[:place], text[place:]]) == payloads


@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("colon", [b"data:", b"data: "])
def test_an_event_is_there_as_soon_as_its_blank_line_ends(line_end: bytes, colon: bytes) -> None:
    stream = EventStream()
    assert stream.received(colon + b"{}" + line_end) == []
    # the first byte of a CR LF ends the line; the second one changes nothing
    assert stream.received(line_end[:1]) == [b"{}"]
    assert stream.received(line_end[1:]) == []
    assert stream.received(colon + b"[]" + line_end + line_end) == [b"[]"]


def test_keep_alives_names_ids_and_retry_times_give_nothing() -> None:
    text = b": keepalive 2021-04-24 09:00:00-0400\n\nevent: add\nid: 7\nretry: 5\n\n:\n\n\n\n"
    assert decoded([text]) == []


def test_fields_that_only_look_like_data_give_nothing() -> None:
    assert decoded([b"Data: a\n\n data: b\n\ndatum: c\n\ndata : d\n\ndata2\n\n"]) == []


def test_a_comment_between_two_data_lines_is_left_out() -> None:
    assert decoded([b"data: {\n: keepalive\ndata: }\n\n"]) == [b"{\n}"]


def test_a_byte_order_mark_counts_at_the_start_alone() -> None:
    event = BYTE_ORDER_MARK + b"data: a\n\n"
    assert decoded([event + event]) == [b"a"]
    assert decoded([BYTE_ORDER_MARK[:2] + b"\n", b"data: a\n\n"]) == [b"a"]


def test_bytes_that_are_no_utf8_stay_in_their_event_alone() -> None:
    assert decoded([b"data: \xff\n\ndata: \xe2\x82\n\ndata: {}\n\n"]) == [
        b"\xff",
        b"\xe2\x82",
        b"{}",
    ]


@given(DATA_ONLY, PLACES)
@example(b"data: a\r\n\r\ndata: b\n\n", [8, 10])
@example(b"data: a\n: c\n\ndata: b\n\n", [8, 11, 12])
@example(b"data: a\r\ndata: b\n\n", [8, 8])
def test_data_and_comments_are_what_httpx_sse_makes_of_them(text: bytes, places: list[int]) -> None:
    expected = by_httpx_sse(text)
    assert as_text(decoded(cut(text, places))) == expected
    assert as_text(decoded(text[i : i + 1] for i in range(len(text)))) == expected


@given(ANY_FIELD, PLACES)
def test_other_fields_change_nothing(text: bytes, places: list[int]) -> None:
    # httpx-sse gives events without data, and an empty one for each blank line after an id
    expected = [data for data in by_httpx_sse(text) if data]
    assert [data for data in as_text(decoded(cut(text, places))) if data] == expected


@given(ANY_FIELD, PLACES, st.integers(min_value=0, max_value=60))
def test_what_is_too_large_does_not_depend_on_the_cuts(
    text: bytes, places: list[int], largest: int
) -> None:
    assert refused(cut(text, places), largest) == refused([text], largest)


LARGEST = 1000


@pytest.mark.parametrize("size", [1, 7, 64, 5000])
def test_an_event_may_be_as_large_as_the_cap_and_no_larger(size: int) -> None:
    def pieces(text: bytes) -> list[bytes]:
        each = (text[i : i + size] for i in range(0, len(text), size))
        return [piece for some in each for piece in (some, b"")]

    for event in (b"data: " + b"x" * (LARGEST - 6), b"data\n" * 198 + b"data:" + b"x" * 5):
        assert len(event) == LARGEST
        assert not refused(pieces(event + b"\n\n" + event + b"\n\n"), LARGEST)
        assert refused(pieces(event + b"x\n\n"), LARGEST)
        assert refused(pieces(event + b"x"), LARGEST)


def test_a_line_without_end_is_refused_whatever_it_is() -> None:
    assert refused([b": " + b"x" * LARGEST], LARGEST)
    assert refused([b"data: x\n: " + b"x" * (LARGEST - 9)], LARGEST)


def test_keep_alives_are_not_held_however_many_come() -> None:
    keep_alives = [b": keepalive\n"] * LARGEST + [b": keep", b"alive\n"] * LARGEST
    assert decoded([*keep_alives, b"data: {}\n", *keep_alives, b"\n"], LARGEST) == [b"{}"]


def test_more_events_than_the_cap_has_room_for_may_come_in_one_chunk() -> None:
    assert decoded([b"data: {}\n\n" * LARGEST], LARGEST) == [b"{}"] * LARGEST
