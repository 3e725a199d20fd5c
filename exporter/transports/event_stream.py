"""The data of server-sent events out of the bytes of a stream, in whatever pieces they come.

The format is WHATWG's (HTML, 9.2.6, "Interpreting an event stream"), of which only the payloads
are kept: names, ids, retry times and comments are passed over.
"""

from collections.abc import Iterable
from io import BytesIO
from itertools import islice
from operator import itemgetter

from exporter.errors import FeedError, Reason

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventStream:
    """Decodes one response; each connection needs a new one.

    `largest` is the most bytes of one event (its data lines as they came, joined by a line end),
    and, together with the data lines before it, of a line that is passed over.
    """

    def __init__(self, largest: int = 16 * 1024 * 1024) -> None:
        self._largest = largest
        self._opening: bytes | None = b""  # what may begin a byte order mark; None once known
        self._after_cr = False  # a line feed that comes next belongs to the line end before it
        # The open event: its data lines, their size with line ends, and the unfinished line.
        self._lines: list[bytes] = []
        self._size = 0
        self._line = bytearray()

    def received(self, chunk: bytes) -> list[bytes]:
        """The payloads of the events that this chunk completes, in order; often none.

        A payload is the event's data lines joined by a line feed, as UTF-8 that is not checked.
        An event without data has no payload; one whose data is empty has an empty one.

        Raises FeedError (decode) where an event is too large. What else this chunk completed is
        then lost with it, and the stream is of no more use.
        """
        text = self._with_line_feeds(chunk)
        if self._lines and not self._line:
            text = b"\n" + text  # the last line end, which may be one half of a blank line
        end = text.rfind(b"\n\n") + 2
        if end < 2:
            self._hold(text)
            return []
        events = self._taken() + memoryview(text)[:end]
        self._hold(text[end:])
        return self._payloads(events)

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """The chunk without byte order mark, and with every line end as a line feed."""
        if self._opening is not None:
            chunk = self._opening + chunk
            if len(chunk) < len(BYTE_ORDER_MARK):  # too little for an event, too
                self._opening = chunk
                return b""
            self._opening = None
            chunk = chunk.removeprefix(BYTE_ORDER_MARK)
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            # A carriage return ends its line at once: waiting for a line feed, which need not
            # come, would keep an event back until the next one.
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _hold(self, text: bytes) -> None:
        """Keeps text that has no blank line, until its event is complete."""
        # Whole lines are looked at once, when they come: the time is linear, however small the
        # chunks, and keep-alives that no blank line follows do not pile up.
        *whole, rest = text.split(b"\n")
        if whole:
            whole[0] = bytes(self._line) + whole[0]
            self._line.clear()
            kept = self._data_lines(whole, self._size)
            self._lines += kept
            self._size += sum(map(len, kept)) + len(kept)
        self._line += rest
        if self._line and self._size + len(self._line) > self._largest:
            raise self._too_large()

    def _taken(self) -> bytes:
        """The text of the open event, which is none from now on; without its last line end."""
        lines = [*self._lines, bytes(self._line)] if self._line else self._lines
        self._lines, self._size, self._line = [], 0, bytearray()
        return b"\n".join(lines)

    def _payloads(self, events: bytes) -> list[bytes]:
        """The payloads of whole events, each with its blank line."""
        if len(events) <= self._largest:
            payloads = _of_single_lines(events)
            if payloads is not None:
                return payloads
        each = (self._data_lines(event.split(b"\n"), 0) for event in events.split(b"\n\n"))
        return [b"\n".join(map(_value, lines)) for lines in each if lines]

    def _data_lines(self, lines: Iterable[bytes], size: int) -> list[bytes]:
        """The lines whose field is `data`; `size` is that of the event's data lines before."""
        kept = []
        for line in lines:
            if line and size + len(line) > self._largest:
                raise self._too_large()
            if line.startswith(b"data:") or line == b"data":
                kept.append(line)
                size += len(line) + 1
        return kept

    def _too_large(self) -> FeedError:
        return FeedError(Reason.DECODE, f"an event over {self._largest} bytes")


def _of_single_lines(events: bytes) -> list[bytes] | None:
    """The payloads of events that are one data line each, alike in the space after the colon.

    None where any of them is not; `events` ends with a blank line.
    """
    prefix = b"data: " if events.startswith(b"data: ") else b"data:"
    # No loop of ours: reading lines is several times faster than split, and every second line
    # should be a blank one. That nothing else stood in the text is checked once, by joining.
    every_second = islice(BytesIO(events), 0, None, 2)
    payloads = list(map(itemgetter(slice(len(prefix), -1)), every_second))
    joined = (b"\n\n" + prefix).join(payloads)
    if not (events.startswith(prefix) and events.startswith(joined, len(prefix))):
        return None
    return payloads if prefix == b"data: " else [value.removeprefix(b" ") for value in payloads]


def _value(line: bytes) -> bytes:
    """The value of a data line; empty where it has no colon."""
    return line[len(b"data:") :].removeprefix(b" ")
