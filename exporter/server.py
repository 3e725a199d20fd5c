"""HTTP, on a thread of its own: metrics, health, readiness, status. Never asks a vendor.

The thread goes on while the main loop is stuck, so that health can say so.
"""

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

    async def metrics(request: Request) -> Response:
        chosen = negotiate(",".join(request.headers.getlist("accept")))
        gzip = accepts_gzip(",".join(request.headers.getlist("accept-encoding")))
        headers = {"Content-Type": chosen.content_type, "Vary": "Accept, Accept-Encoding"}
        if gzip:
            headers["Content-Encoding"] = "gzip"
        return PiecesResponse(page.pieces(chosen.form, gzip), headers)

    async def healthy(_: Request) -> Response:
        reason = views.unhealthy()
        if reason:
            return PlainTextResponse(f"unhealthy: {reason}\n", 503)
        return PlainTextResponse("healthy\n")

    async def ready(_: Request) -> Response:
        waiting = views.unready()
        if waiting:
            return PlainTextResponse("".join(f"waiting for {one}\n" for one in waiting), 503)
        return PlainTextResponse("ready\n")

    async def status(_: Request) -> Response:
        return JSONResponse(views.status(), headers={"Cache-Control": "no-store"})

    async def front(_: Request) -> Response:
        page_text = status_page(views.status(), telemetry_path)
        return HTMLResponse(page_text, headers={"Cache-Control": "no-store"})

    async def refused(_: Request, error: Exception) -> Response:
        known = cast("HTTPException", error)  # the only kind this handler is for
        return PlainTextResponse(f"{known.detail}\n", known.status_code, known.headers)

    app = Starlette(
        routes=[
            Route(telemetry_path, metrics),
            Route("/-/healthy", healthy),
            Route("/-/ready", ready),
            Route("/api/v1/status", status),
            Route("/", front),
        ],
        exception_handlers={HTTPException: refused},
    )
    app.router.redirect_slashes = False  # `/metrics/` is an unknown path like others
    return app


def listen(address: str) -> socket.socket:
    """A listening socket for `host:port`, `[v6]:port` or `:port`; raises ExporterError."""
    parts = re.fullmatch(r"(?:\[(?P<v6>[^]]+)\]|(?P<host>[^:]*)):(?P<port>[0-9]{1,5})", address)
    if parts is None or int(parts["port"]) > LARGEST_PORT:
        raise ExporterError(f"can not listen on {address}: not host:port, [IPv6]:port or :port")
    try:
        return _listening(parts["v6"] or parts["host"] or "", int(parts["port"]))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExporterError(f"can not listen on {address}: {reason}") from None


def _listening(host: str, port: int) -> socket.socket:
    if not host and socket.has_dualstack_ipv6():
        return socket.create_server(
            ("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


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
        self._server = uvicorn.Server(config)
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
