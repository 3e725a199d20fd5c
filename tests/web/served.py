"""A program that a server can ask, the server, and a client."""

import gzip
import http.client
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from exporter.exposition import Format
from exporter.server import Server, application, listen
from tests.web.status import document, source


class Program:
    """What the server asks: a page, and what the program says of itself."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Everything is well again, and nothing was asked."""
        self.page = b"up 1.0\n"
        self.sick = ""
        self.bug: Exception | None = None
        self.waiting: Sequence[str] = ()
        self.sources = [source()]
        self.asked: list[tuple[Format, bool]] = []

    def pieces(self, form: Format, compressed: bool) -> Sequence[bytes]:
        """The page in two pieces, or compressed."""
        self.asked.append((form, compressed))
        text = self.page + form.name.encode()
        return [gzip.compress(text)] if compressed else [text[:3], text[3:]]

    def unhealthy(self) -> str:
        """Why it does not work."""
        if self.bug is not None:
            raise self.bug
        return self.sick

    def unready(self) -> Sequence[str]:
        """What it waits for."""
        return self.waiting

    def status(self) -> dict[str, Any]:
        """Its status."""
        return document(*self.sources)


@contextmanager
def serving(program: Program, telemetry_path: str = "/metrics") -> Iterator[Server]:
    """A server of the program on a free port of this machine."""
    server = Server(application(program, program, telemetry_path), [listen("127.0.0.1:0")])
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Got:
    """One answer."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()
        self.kind = answer.headers["Content-Type"]


def ask(server: Server, path: str, method: str = "GET", **headers: str) -> Got:
    """Asks on a connection of its own; `accept_encoding` stands for Accept-Encoding."""
    host, _, port = server.addresses[0].rpartition(":")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection(host, int(port), timeout=10)) as connection:
        connection.request(method, path, headers=named)
        return Got(connection.getresponse())


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    """A connection to the server on which nothing was sent."""
    host, _, port = server.addresses[0].rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        yield raw


def read_all(raw: socket.socket) -> bytes:
    """What comes until the other side closes."""
    received = b""
    with closing(raw.makefile("rb")) as stream:
        while piece := stream.read1(65536):
            received += piece
    return received
