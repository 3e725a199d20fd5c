"""LiveVox as far as a reader of interaction events sees it: sign-in, directory, event/feed/sse.

    python -m bench.children.event_feed

Verbs: `flood` sends chunks of events as fast as they are read, once somebody listens; `halt` ends
that and tells how many chunks were sent; `one` sends an event alone and tells when, in seconds of
the monotonic clock that all processes of a machine share.
"""

import asyncio
import json
import time
from collections.abc import Coroutine
from typing import Any

from bench.channel import answer
from bench.interactions import SERVICES, chunks, single

LISTENING_WITHIN = 60.0  # seconds
BEAT_EVERY = 5.0  # seconds between comments while nothing is sent
SINGLES = 1 << 31  # serial numbers from here on are those of events sent alone
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
ANSWERS = {
    "session/login": {"sessionId": "bench", "clientId": 1, "userId": 2},
    "configuration/callCenters": {
        "callCenter": [{"callCenterId": 6799, "name": "Main", "clientId": 1}]
    },
    "configuration/services": {
        "service": [{"serviceId": int(key), "name": name} for key, name in SERVICES.items()]
    },
    "campaign/campaigns/search": {"campaign": []},
}


class Feed:
    """The server, with at most one listener."""

    def __init__(self) -> None:
        self._chunks = chunks()
        self._single = single()
        self._sent = 0
        self._alone = 0
        self._flooding = asyncio.Event()
        self._listening = asyncio.Event()
        self._listener: asyncio.StreamWriter | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until the reader ends it."""
        try:
            while path := await _asked(reader):
                if path.endswith("event/feed/sse"):
                    await self._stream(writer)
                body = json.dumps(ANSWERS[path]).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n"
                writer.write(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            pass  # the end of this program, which asyncio's callback would print as an error
        finally:
            writer.close()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM + _framed(b": keepalive\n\n"))
        self._listener = writer
        self._listening.set()
        while True:
            try:
                await asyncio.wait_for(self._flooding.wait(), BEAT_EVERY)
            except TimeoutError:
                writer.write(_framed(b": keepalive\n\n"))
            if self._flooding.is_set():  # it may have been ended since
                chunk = self._chunks[self._sent % len(self._chunks)]
                writer.write(_framed(chunk.sent(self._sent, time.time())))
                self._sent += 1
            await writer.drain()
            await asyncio.sleep(0)  # drain does not wait while the reader is fast

    async def flood(self) -> None:
        """Begins to send."""
        await asyncio.wait_for(self._listening.wait(), LISTENING_WITHIN)
        self._flooding.set()

    async def halt(self) -> int:
        """Ends sending; how many chunks were sent in all."""
        self._flooding.clear()
        return self._sent

    async def one(self) -> float:
        """Sends one event; when that began."""
        await asyncio.wait_for(self._listening.wait(), LISTENING_WITHIN)
        assert self._listener is not None
        self._alone += 1
        text = _framed(self._single.sent(SINGLES + self._alone, time.time()))
        began = time.perf_counter()
        self._listener.write(text)
        return began


def _framed(text: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(text), text)


async def _asked(reader: asyncio.StreamReader) -> str:
    """The path of the next request, without its body; empty at the end of the connection."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return ""
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            await reader.readexactly(int(value))
    return head.split(" ")[1].partition("?")[0].strip("/")


async def run() -> None:
    """Serves until standard input ends."""
    feed = Feed()
    loop = asyncio.get_running_loop()
    server = await asyncio.start_server(feed.serve, "127.0.0.1", 0)

    def done(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    verbs = {
        "flood": lambda _: done(feed.flood()),
        "halt": lambda _: done(feed.halt()),
        "one": lambda _: done(feed.one()),
    }
    await asyncio.to_thread(answer, server.sockets[0].getsockname()[1], verbs)
    server.close()


if __name__ == "__main__":
    asyncio.run(run())
