"""A scraper that costs little: one socket, kept open where the server allows, bytes counted."""

import socket
import sys
import time
from dataclasses import dataclass
from typing import Self

from bench.channel import BenchError

BUFFER = 1 << 20  # bytes; small enough to stay in the processor's cache
HEAD = 1 << 16  # bytes in which the headers of an answer have to end
TAIL = 1 << 21  # bytes of the end of a body
TIMEOUT = 60.0  # seconds
# What Prometheus 3 sends.
OPENMETRICS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


def request(gzip: bool, openmetrics: bool = False) -> bytes:
    """A scrape of `/metrics`."""
    lines = ["GET /metrics HTTP/1.1", "Host: 127.0.0.1"]
    if openmetrics:
        lines.append(f"Accept: {OPENMETRICS}")
    if gzip:
        lines.append("Accept-Encoding: gzip")
    return "\r\n".join([*lines, "", ""]).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer, and its body."""

    head: bytes
    body: bytes


class Scraper:
    """Asks one server again and again; a context that closes its connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._buffer = bytearray(BUFFER)
        self._view = memoryview(self._buffer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def seconds(self, asked: bytes) -> float:
        """How long one answer took, from the request to the last byte of its body."""
        began = time.perf_counter()
        self._exchange(asked, None)
        return time.perf_counter() - began

    def ended(self, asked: bytes) -> tuple[float, bytes]:
        """When the last byte of an answer came (`time.perf_counter`), and the end of its body:
        its last `TAIL` bytes and hardly more, as keeping a large body whole takes long."""
        kept = bytearray()
        self._exchange(asked, kept, TAIL)
        return time.perf_counter(), bytes(kept)

    def fetch(self, asked: bytes) -> Answer:
        """One answer, kept; over a connection of its own."""
        self.close()
        kept = bytearray()
        head = self._exchange(asked, kept)
        self.close()
        return Answer(head, bytes(kept))

    def _exchange(self, asked: bytes, kept: bytearray | None, last: int = sys.maxsize) -> bytes:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), TIMEOUT)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(asked)
        head, got = self._head(self._socket)
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise BenchError(f"port {self._port} answered {head.splitlines()[0]!r}")
        if kept is not None:
            kept += self._view[len(head) : got]
        self._body(self._socket, _length(head), got - len(head), kept, last)
        if not _keeps(head):
            self.close()
        return head

    def _head(self, connection: socket.socket) -> tuple[bytes, int]:
        got = 0
        while (end := self._buffer.find(b"\r\n\r\n", 0, got)) < 0:
            read = connection.recv_into(self._view[got:HEAD])
            if not read:
                raise BenchError(f"port {self._port} closed the connection")
            got += read
        return bytes(self._view[: end + 4]), got

    def _body(
        self,
        connection: socket.socket,
        length: int | None,
        got: int,
        kept: bytearray | None,
        last: int,
    ) -> None:
        while length is None or got < length:
            read = connection.recv_into(self._buffer)
            if not read:
                break
            got += read
            if kept is not None and (length is None or got >= length - last):
                kept += self._view[:read]
        if length is not None and got != length:
            raise BenchError(f"port {self._port} sent {got} of {length} bytes")


def _length(head: bytes) -> int | None:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return None


def _keeps(head: bytes) -> bool:
    first, _, rest = head.partition(b"\r\n")
    return first.startswith(b"HTTP/1.1") and b"connection: close" not in rest.lower()
