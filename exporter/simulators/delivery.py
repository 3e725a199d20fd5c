"""How an answer leaves: whole or broken, compressed, late, in dribbles or cut off."""

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

GZIP_FROM_BYTES = 500
_GZIP_LEVEL = 4
_DRIBBLES = 20
_GZIP_WINDOW = 31
_STREAM_LEVEL = 1
_BYTES_WITHHELD = 64


@dataclass(slots=True)
class Answer:
    """An HTTP answer that has not left yet; one that is not `whole` ends before its end."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    whole: bool = True

    def replace_header(self, name: bytes, value: bytes) -> None:
        """Set a header, in place of any of that name (lower case)."""
        self.headers = [header for header in self.headers if header[0] != name]
        self.headers.append((name, value))

    def compress(self) -> None:
        """Compress the body where that is worth it."""
        if len(self.body) >= GZIP_FROM_BYTES:
            self.body = gzip.compress(self.body, _GZIP_LEVEL, mtime=0)
            self.replace_header(b"content-encoding", b"gzip")


async def body_of(receive: Receive) -> bytes:
    """The body of a request; after this, `receive` tells when the client leaves, and no more."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def answer_of(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    """What an application answers to a request with a body, kept back."""
    answer = Answer(500, [], b"")

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = list(message["headers"])
        else:
            answer.body += message.get("body", b"")
            answer.whole = not message.get("more_body", False)

    await app(scope, receive, keep)
    return answer


async def answer_while_there(
    app: ASGIApp, scope: Scope, body: bytes, receive: Receive
) -> Answer | None:
    """The same, for an application that takes its time; None when the client did not wait."""
    answers: list[Answer] = []

    async def ask() -> None:
        answers.append(await answer_of(app, scope, body))

    return answers[0] if await stayed(receive, ask()) else None


async def stream(
    app: ASGIApp,
    scope: Scope,
    body: bytes,
    receive: Receive,
    send: Send,
    *,
    date: bytes,
    compressed: bool,
) -> None:
    """Pass on what an application answers piece by piece, for as long as the client is there.

    Each piece is compressed so that it can be read at once. An application that ends without a
    last piece ends the connection.
    """
    packer = zlib.compressobj(_STREAM_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)

    async def given() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def pass_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message["headers"], (b"date", date)]
            if compressed:
                headers = [header for header in headers if header[0] != b"content-length"]
                headers.append((b"content-encoding", b"gzip"))
            await send({**message, "headers": headers})
            return
        piece = message.get("body", b"")
        if compressed:
            last = not message.get("more_body", False)
            piece = packer.compress(piece) + packer.flush(
                zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH
            )
        await send({**message, "body": piece})

    await stayed(receive, _running(app(scope, given, pass_on)))


async def _running(answering: Awaitable[None]) -> None:
    await answering


async def deliver(
    answer: Answer, receive: Receive, send: Send, *, seconds: float, dribble: bool, cut: bool
) -> None:
    """Send an answer: after some real seconds, or spread over them, or only its first half."""
    if answer.status not in (204, 304):
        length = len(answer.body) + (0 if answer.whole else _BYTES_WITHHELD)
        answer.replace_header(b"content-length", str(length).encode())
    if seconds and not dribble and not await stayed(receive, asyncio.sleep(seconds)):
        return
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    if cut:
        half = answer.body[: len(answer.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        return
    if not answer.whole:
        await send({"type": "http.response.body", "body": answer.body, "more_body": True})
        return
    size = -(-len(answer.body) // _DRIBBLES) or 1
    for start in range(0, len(answer.body) if dribble else 0, size):
        piece = answer.body[start : start + size]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        if not await stayed(receive, asyncio.sleep(seconds / _DRIBBLES)):
            return
    await send({"type": "http.response.body", "body": b"" if dribble else answer.body})


async def stayed(receive: Receive, wait: Coroutine[Any, Any, object]) -> bool:
    """Wait while the client stays; whether it stayed to the end."""
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait)
        leaving = group.create_task(_left(receive))
        waiting.add_done_callback(lambda _: leaving.cancel())
        leaving.add_done_callback(lambda _: waiting.cancel())
    return not waiting.cancelled()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
