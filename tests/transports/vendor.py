"""A vendor's HTTP server for tests: bytes on a socket, so that it can break every rule."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

HEADERS_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Seen:
    """One request as it came. Names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


Respond = Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]


def reply(status: int, body: bytes = b"{}", **headers: str) -> bytes:
    """A whole answer; `retry_after` stands for the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named.setdefault("content-length", str(len(body)))
    lines = [f"HTTP/1.1 {status} As told", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join(lines).encode() + HEADERS_END + body


@dataclass
class Vendor:
    """What was asked, and how it is answered from now on."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    answers: dict[str, bytes | Respond] = field(default_factory=dict)

    def asked(self, path: str) -> list[Seen]:
        """The requests for one path."""
        return [request for request in self.seen if request.target.split("?")[0] == path]


async def read_request(reader: asyncio.StreamReader) -> Seen:
    """The next request of a connection."""
    head = (await reader.readuntil(HEADERS_END)).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    pairs = (line.split(":", 1) for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(method, target, headers, body)


@asynccontextmanager
async def serving(
    connected: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """Serves connections on a free port, and ends them all at the end."""
    open_now: set[asyncio.Task[None] | None] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_now.add(asyncio.current_task())
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                await connected(reader, writer)
        finally:
            open_now.discard(asyncio.current_task())
            await _closed(writer)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        while open_now:
            tasks = [task for task in open_now if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


@asynccontextmanager
async def vendor(tls: ssl.SSLContext | None = None) -> AsyncIterator[Vendor]:
    """A server that answers each path as told, 404 where nothing is, and keeps connections."""
    told = Vendor("")

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            told.seen.append(request)
            answer = told.answers.get(request.target.split("?")[0], reply(404))
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(request, writer)
            await writer.drain()

    async with serving(connected, tls) as port:
        told.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        yield told


@asynccontextmanager
async def proxy() -> AsyncIterator[Vendor]:
    """A forward proxy, for plain HTTP and by CONNECT."""
    told = Vendor("")

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            told.seen.append(request)
            if request.method == "CONNECT":
                await _tunnelled(request.target, reader, writer)
                return
            writer.write(await _forwarded(request))
            await writer.drain()

    async with serving(connected) as port:
        told.url = f"http://127.0.0.1:{port}"
        yield told


async def _forwarded(request: Seen) -> bytes:
    """The answer of the host that the request names."""
    path = request.target.split(request.headers["host"], 1)[1]
    lines = [f"{request.method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    reader, writer = await _opened(request.headers["host"])
    try:
        writer.write("\r\n".join(lines).encode() + HEADERS_END + request.body)
        head = await reader.readuntil(HEADERS_END)
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return head + await reader.readexactly(length)
    finally:
        await _closed(writer)


async def _tunnelled(
    address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    there_reader, there_writer = await _opened(address)
    writer.write(b"HTTP/1.1 200 Connected" + HEADERS_END)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_pumped(reader, there_writer))
            group.create_task(_pumped(there_reader, writer))
    finally:
        await _closed(there_writer)


async def _pumped(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while piece := await source.read(65536):
        sink.write(piece)
        await sink.drain()
    if sink.can_write_eof():
        sink.write_eof()


async def _opened(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = address.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
        await writer.wait_closed()
