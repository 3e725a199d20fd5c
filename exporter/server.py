"""HTTP, on a thread of its own: metrics, health, readiness, status. Never asks a vendor.

The thread goes on while the main loop is stuck, so that health can say so.
"""

import asyncio
import re
import socket
import threading
from collections.abc import Sequence
from typing import Any, Protocol, cast

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from exporter.errors import ExporterError
from exporter.exposition import Format, accepts_gzip, negotiate
from exporter.web.pieces import PiecesResponse
from exporter.web.status_page import status_page

STOP_WITHIN = 2.0  # seconds for requests under way when the server is stopped
KEPT_ALIVE = 75  # seconds, beyond a scrape interval, that an idle connection stays open
LARGEST_PORT = 65535
BACKLOG = 128
_NOT_KEPT = {"Cache-Control": "no-store"}


class Body(Protocol):
    """Where the body of `/metrics` comes from."""

    def pieces(self, form: Format, gzip: bool) -> Sequence[bytes]:
        """The body as it is now, in pieces."""
        ...


class Views(Protocol):
    """What the program says of itself; asked from the server's thread."""

    def unhealthy(self) -> str:
        """Why the process does not work; empty where it does."""
        ...

    def unready(self) -> Sequence[str]:
        """What has not been tried yet."""
        ...

    def status(self) -> dict[str, Any]:
        """The status of each source and feed, as JSON values."""
        ...


def application(page: Body, views: Views, telemetry_path: str) -> Starlette:
    """The ASGI application."""
    answers = _Answers(page, views, telemetry_path)
    app = Starlette(
        routes=[
            Route(telemetry_path, answers.metrics),
            Route("/-/healthy", answers.healthy),
            Route("/-/ready", answers.ready),
            Route("/api/v1/status", answers.status),
            Route("/", answers.front),
        ],
        exception_handlers={HTTPException: _refused},
    )
    app.router.redirect_slashes = False  # `/metrics/` is an unknown path like others
    return app


class _Answers:
    """One method for each path."""

    def __init__(self, page: Body, views: Views, telemetry_path: str) -> None:
        self._page = page
        self._views = views
        self._telemetry_path = telemetry_path

    async def metrics(self, request: Request) -> Response:
        chosen = negotiate(",".join(request.headers.getlist("accept")))
        gzip = accepts_gzip(",".join(request.headers.getlist("accept-encoding")))
        headers = {"Content-Type": chosen.content_type, "Vary": "Accept, Accept-Encoding"}
        if gzip:
            headers["Content-Encoding"] = "gzip"
        return PiecesResponse(self._page.pieces(chosen.form, gzip), headers)

    async def healthy(self, _: Request) -> Response:
        reason = self._views.unhealthy()
        if reason:
            return PlainTextResponse(f"unhealthy: {reason}\n", 503)
        return PlainTextResponse("healthy\n")

    async def ready(self, _: Request) -> Response:
        waiting = self._views.unready()
        if waiting:
            return PlainTextResponse("".join(f"waiting for {one}\n" for one in waiting), 503)
        return PlainTextResponse("ready\n")

    async def status(self, _: Request) -> Response:
        return JSONResponse(self._views.status(), headers=_NOT_KEPT)

    async def front(self, _: Request) -> Response:
        return HTMLResponse(
            status_page(self._views.status(), self._telemetry_path), headers=_NOT_KEPT
        )


async def _refused(_: Request, error: Exception) -> Response:
    known = cast("HTTPException", error)  # the only kind this handler is for
    return PlainTextResponse(f"{known.detail}\n", known.status_code, known.headers)


def listen(address: str) -> socket.socket:
    """A listening socket for `host:port`, `[v6]:port` or `:port`; raises ExporterError."""
    parts = re.fullmatch(r"(?:\[(?P<v6>[^]]+)\]|(?P<host>[^]:[]*)):(?P<port>[0-9]{1,5})", address)
    if parts is None or int(parts["port"]) > LARGEST_PORT:
        raise ExporterError(f"can not listen on {address}: not host:port, [IPv6]:port or :port")
    try:
        return _listening(parts["v6"] or parts["host"] or "", int(parts["port"]))
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]  # the rest repeats the address
        raise ExporterError(f"can not listen on {address}: {reason}") from None


def _listening(host: str, port: int) -> socket.socket:
    if not host and socket.has_dualstack_ipv6():
        return socket.create_server(
            ("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


class _Uvicorn(uvicorn.Server):
    """Leaves no connection open: a client that does not read would keep one."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # the transports close in the next step of the loop


class Server:
    """The HTTP server in its thread. `stop` may be called from any other thread."""

    def __init__(self, app: Starlette, sockets: Sequence[socket.socket]) -> None:
        self._sockets = list(sockets)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEPT_ALIVE,
            timeout_graceful_shutdown=1,
        )
        self._server = _Uvicorn(config)
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)

    @property
    def addresses(self) -> list[str]:
        """The addresses that are listened on, `host:port`."""
        return [_address(one.getsockname()) for one in self._sockets]

    def start(self) -> None:
        """Serves from now on."""
        self._thread.start()

    def _serve(self) -> None:
        self._server.run(sockets=self._sockets)

    def stop(self) -> None:
        """Stops serving; requests under way have a moment to end."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(STOP_WITHIN)
            self._server.force_exit = True
            self._thread.join(STOP_WITHIN)
        for one in self._sockets:
            one.close()


def _address(name: tuple[Any, ...]) -> str:
    host, port = name[0], name[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
