"""Running a simulator until it is told to end, on a socket of its own."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_KEEP_UP_SECONDS = 0.5


class _Server(uvicorn.Server):
    """A server that ends at once, open connections or not, and leaves signals to its owner."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if isinstance(transport, asyncio.Transport):
                transport.abort()
        self.force_exit = True
        await super().shutdown(sockets)


def bind(host: str, port: int) -> socket.socket:
    """A listening address; port 0 is any free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def url_of(bound: socket.socket) -> str:
    """The URL of a bound address."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


async def serve(
    app: ASGIApp,
    bound: socket.socket,
    *,
    ready: Callable[[], None],
    keep_up: Callable[[], None],
    exit_with_stdin: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT, or until standard input ends where that is wanted.

    `ready` is called when the address answers; `keep_up` twice a second, so that simulated time
    passes also while nobody asks.
    """
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, ready)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True

    for number in ENDING_SIGNALS:
        loop.add_signal_handler(number, stop)
    if exit_with_stdin:
        threading.Thread(target=_at_end_of_stdin, args=(loop, stop), daemon=True).start()
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve(sockets=[bound]))
        attending = group.create_task(_attend(keep_up))
        serving.add_done_callback(lambda _: attending.cancel())


async def _attend(keep_up: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(_KEEP_UP_SECONDS)
        keep_up()


def _at_end_of_stdin(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with contextlib.suppress(RuntimeError):  # the loop has ended for another reason
        loop.call_soon_threadsafe(stop)
