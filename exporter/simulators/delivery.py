"""How an answer leaves: whole or broken, compressed, late, in dribbles or cut off."""

import asyncio
import gzip
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

GZIP_FROM_BYTES = 500
_GZIP_LEVEL = 4
_DRIBBLES = 20


@dataclass(slots=True)
class Answer:
    """An HTTP answer that has not left yet."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

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

    await app(scope, receive, keep)
    return answer


async def deliver(
    answer: Answer, receive: Receive, send: Send, *, seconds: float, dribble: bool, cut: bool
) -> None:
    """Send an answer: after some real seconds, or spread over them, or only its first half."""
    if answer.status not in (204, 304):
        answer.replace_header(b"content-length", str(len(answer.body)).encode())
    if seconds and not dribble and not await stayed(receive, asyncio.sleep(seconds)):
        return
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    if cut:
        half = answer.body[: len(answer.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
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
