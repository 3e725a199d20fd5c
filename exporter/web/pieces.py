"""A response whose body exists in pieces: they are sent one after the other, and never joined.

Joining 14 MB costs milliseconds and as much memory again, and asyncio's own loop copies the rest
of a large write at each step. Sent in pieces, the client reads while the next one is prepared.
"""

from collections.abc import Iterable, Mapping, Sequence

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

LEAST = 256 * 1024  # bytes from which a piece is worth a message of its own


class PiecesResponse(Response):
    """A response of known length."""

    def __init__(self, pieces: Sequence[bytes], headers: Mapping[str, str]) -> None:
        """`headers` are sent as they are, with the length of all pieces besides."""
        length = str(sum(len(piece) for piece in pieces))
        super().__init__(headers={**headers, "Content-Length": length})
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the head and the pieces; waits where the client does not keep up."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        *before, last = messages(self._pieces) or [b""]
        for message in before:
            await send({"type": "http.response.body", "body": message, "more_body": True})
        await send({"type": "http.response.body", "body": last})


def messages(pieces: Iterable[bytes]) -> list[bytes]:
    """The pieces, small neighbours joined."""
    found: list[bytes] = []
    small: list[bytes] = []
    size = 0
    for piece in pieces:
        if size and size + len(piece) > LEAST:
            found.append(b"".join(small))
            small, size = [], 0
        if len(piece) >= LEAST:
            found.append(piece)
        else:
            small.append(piece)
            size += len(piece)
    if size:
        found.append(b"".join(small))
    return found
