"""Control paths that every simulator has: time, faults, and what was asked.

`GET /_clock`, `POST /_pause`, `/_resume`, `/_advance {"seconds": n}`; `GET`, `POST`, `DELETE
/_faults`; `GET`, `DELETE /_requests`.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from exporter.simulators.faults import ANY_PATH, FAULT_NAMES, FEED_FAULTS, Faults, parse_fault
from exporter.simulators.options import BadRequest, Options
from exporter.simulators.requestlog import RequestLog
from exporter.simulators.scenario import Scenario

WorldFault = Callable[[Options], dict[str, object]]
"""A fault of a platform's world: does it, and says what was done."""
FeedEvents = Callable[[str, Options], dict[str, object]]
"""Further events of the feed that has a path: creates them, and says what was done."""


class Control:
    """Answers the control paths."""

    def __init__(
        self,
        scenario: Scenario,
        log: RequestLog,
        faults: Faults,
        paths: frozenset[str],
        login_path: str,
        world_faults: Mapping[str, WorldFault],
        feed_paths: frozenset[str] = frozenset(),
        feed_events: Mapping[str, FeedEvents] | None = None,
    ) -> None:
        self._scenario = scenario
        self._log = log
        self._faults = faults
        self._paths = paths
        self._login_path = login_path
        self._world_faults = world_faults
        self._feed_paths = feed_paths
        self._feed_events = feed_events or {}

    def routes(self) -> list[Route]:
        """The routes of the control paths."""
        return [
            Route("/_clock", self._clock, methods=["GET"]),
            Route("/_pause", self._pause, methods=["POST"]),
            Route("/_resume", self._resume, methods=["POST"]),
            Route("/_advance", self._advance, methods=["POST"]),
            Route("/_requests", self._requests, methods=["GET", "DELETE"]),
            Route("/_faults", self._list_faults, methods=["GET", "DELETE"]),
            Route("/_faults", self._add_fault, methods=["POST"]),
        ]

    async def _clock(self, _: Request) -> Response:
        scenario = self._scenario
        return JSONResponse(
            {
                "now": scenario.now_ms,
                "start": scenario.start_ms,
                "next_midnight": scenario.next_midnight_ms,
                "speed": scenario.clock.speed,
                "paused": scenario.clock.paused,
            }
        )

    async def _pause(self, request: Request) -> Response:
        self._scenario.clock.pause()
        self._scenario.catch_up()
        return await self._clock(request)

    async def _resume(self, request: Request) -> Response:
        self._scenario.clock.resume()
        return await self._clock(request)

    async def _advance(self, request: Request) -> Response:
        options = Options(await read_object(request))
        seconds = options.required("seconds", float)
        options.done()
        if seconds < 0:
            raise BadRequest("seconds must not be less than 0: time only goes forward")
        self._scenario.clock.advance(seconds)
        self._scenario.catch_up()
        return await self._clock(request)

    async def _requests(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._log.clear()
        return JSONResponse(self._log.document())

    async def _list_faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
        return JSONResponse({"faults": [fault.document() for fault in self._faults]})

    async def _add_fault(self, request: Request) -> Response:
        options = Options(await read_object(request))
        name = options.required("fault", str)
        path = options.take("path", str, "")
        if name in self._world_faults:
            done = self._world_faults[name](options)
            return JSONResponse({"fault": name, "done": done}, 201)
        if name in self._feed_events:
            _check_path(path, self._feed_paths)
            done = self._feed_events[name](path, options)
            return JSONResponse({"fault": name, "done": done}, 201)
        if name not in FAULT_NAMES:
            known = ", ".join(sorted({*FAULT_NAMES, *self._world_faults, *self._feed_events}))
            raise BadRequest(f"there is no fault {name!r}; there are {known}")
        if name == "refuse_login":
            path = self._login_path
        paths = self._feed_paths if name in FEED_FAULTS else self._paths
        if path != ANY_PATH:
            _check_path(path, paths, "* or ")
        fault = parse_fault(name, path, options)
        self._faults.add(fault)
        return JSONResponse(fault.document(), 201)


def _check_path(path: str, paths: frozenset[str], more: str = "") -> None:
    if path not in paths:
        raise BadRequest(f"path must be {more}one of {', '.join(sorted(paths))}")


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object that a control request carries; nothing is an empty one."""
    body = await request.body()
    try:
        document = json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise BadRequest("the body must be a JSON object")
    return document


async def bad_request(_: Request, error: Exception) -> Response:
    """The answer to a control request that can not be understood."""
    return JSONResponse({"error": str(error)}, 400)
