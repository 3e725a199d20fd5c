"""A feed by server-sent events: data lines and comments, until somebody closes the stream."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from exporter.simulators.livevox.errors import LiveVoxError
from exporter.simulators.livevox.eventids import EventIds
from exporter.simulators.livevox.feedpath import FeedPath, printed, unknown_token
from exporter.simulators.livevox.feedrequest import FeedRequest, read_request
from exporter.simulators.livevox.feedtrouble import Delivery

_ACCEPTED = ("text/event-stream", "text/*", "*/*")


class EventStream:
    """Answers with streams; a token is the id of the event that the reader had last."""

    def __init__(self, path: FeedPath, ids: EventIds) -> None:
        self._path = path
        self._ids = ids

    async def answer(self, request: Request) -> Response:
        """The stream; raises LiveVoxError before anything of it was sent."""
        await self._path.open()
        _check_accept(request.headers.get("accept"))
        count = request.query_params.get("count")
        asked = read_request(await request.body(), count, filtered=True)
        position = self._path.position_of(asked, self._position)
        return _StreamResponse(self._pieces(position, asked))

    def _position(self, token: str) -> int:
        moment = self._ids.moment_of(token)
        if moment is not None:
            self._path.refuse_old(moment)
        position = self._path.retained.position_of(token)
        if moment is None or position is None:
            raise unknown_token()
        return position

    async def _pieces(self, position: int, asked: FeedRequest) -> AsyncGenerator[bytes | None]:
        """What is sent, piece by piece; None where the connection ends in the middle."""
        path, patience = self._path, self._path.patience
        time = asyncio.get_running_loop().time
        owed = path.owed(position) if asked.token else []
        told = commented = time()
        while True:
            page = path.page(position, asked, owed)
            position = page.position
            if page.delivery.texts:
                owed = []
                told = commented = time()
                yield _lines(page.delivery)
                if page.delivery.cut is not None:
                    yield None
                await asyncio.sleep(0)
                continue
            now = time()
            if "half_open" in path.trouble.in_force:
                told = commented = now
            elif now >= told + patience.idle:
                yield f": no event for {patience.idle:g} seconds, closing\n\n".encode()
                return
            elif now >= commented + patience.keepalive:
                commented = now
                yield f": keepalive {printed(path.now_ms)}\n\n".encode()
            due = min(told + patience.idle, commented + patience.keepalive) - now
            await path.wait(position, due)


def _lines(delivery: Delivery) -> bytes:
    texts, cut = delivery
    if cut is None:
        return b"data: " + b"\n\ndata: ".join(texts) + b"\n\n"
    broken = texts[cut][: len(texts[cut]) // 2]
    return b"data: " + b"\n\ndata: ".join([*texts[:cut], broken])


def _check_accept(accept: str | None) -> None:
    accepted = [part.split(";")[0].strip().lower() for part in (accept or "*/*").split(",")]
    if not any(kind in accepted for kind in _ACCEPTED):
        raise LiveVoxError(406, "Accept must have text/event-stream, and application/json.")


class _StreamResponse(Response):
    """An answer of pieces as they come; None is a cut."""

    media_type = "text/event-stream"
    charset = "utf-8"

    def __init__(self, pieces: AsyncGenerator[bytes | None]) -> None:
        super().__init__()
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [header for header in self.raw_headers if header[0] != b"content-length"]
        headers.append((b"cache-control", b"no-cache"))
        start = {"type": "http.response.start", "status": self.status_code, "headers": headers}
        await send(start)
        async with aclosing(self._pieces) as pieces:
            async for piece in pieces:
                if piece is None:
                    return
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
