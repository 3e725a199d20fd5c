"""The LiveVox application: its paths, who may use them, and the control paths beside them."""

import re
from collections.abc import Callable
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from exporter.simulators.control import Control, bad_request
from exporter.simulators.faults import Faults
from exporter.simulators.front import Front, Manners
from exporter.simulators.livevox import agentdocs, discovery, servicedocs
from exporter.simulators.livevox.calldata import IN_CALL_PATH, POST_CALL_PATH
from exporter.simulators.livevox.errors import LiveVoxError, error_document
from exporter.simulators.livevox.feedpath import Patience
from exporter.simulators.livevox.feeds import PATHS as FEED_PATHS
from exporter.simulators.livevox.feeds import STREAMS, Feeds
from exporter.simulators.livevox.selection import (
    CAMPAIGN_FILTERS,
    Selection,
    read_object,
    read_selection,
)
from exporter.simulators.livevox.sessions import Account, Sessions
from exporter.simulators.livevox.truth import FEEDS, KNOWN_FEEDS, truth
from exporter.simulators.livevox.worldfaults import WorldFaults
from exporter.simulators.options import BadRequest
from exporter.simulators.people import CALL_SESSION_HOST
from exporter.simulators.requestlog import RequestLog
from exporter.simulators.scenario import Scenario

REALTIME: dict[str, Callable[[Scenario, Selection], dict[str, Any]]] = {
    "/realtime/service/stats": servicedocs.service_stats,
    "/realtime/service/agents/status": agentdocs.agents_status,
    "/realtime/service/calls/status": servicedocs.calls_status,
    "/realtime/service/agents/averages": servicedocs.agent_averages,
    "/realtime/service/liveConnects": servicedocs.live_connects,
    "/realtime/service/agent/stats": agentdocs.agent_stats,
    "/realtime/service/agent/stats/ex": agentdocs.agent_stats_ex,
    "/realtime/campaign/stats": servicedocs.campaign_stats,
}
CONFIGURATION: dict[str, Callable[[Scenario, Any], dict[str, Any]]] = {
    "/configuration/callCenters": discovery.call_centers,
    "/configuration/services": discovery.services,
    "/configuration/agents": discovery.agents,
}
SEARCH_PATH = "/campaign/campaigns/search"
LOGIN_PATH = "/session/login"
VALIDATE_PATH = "/session/validate/{id}"
LOGOUT_PATH = "/session/logout/{id}"
ROW_KEYS = {
    "stats": ("campaignId", "serviceId"),
    "agentDetails": ("agentLoginId",),
    "callsDetails": ("serviceId",),
    "agentAverages": ("timeStamp",),
    "liveConnects": ("timeStamp",),
    "agentStatistics": ("agentLoginId", "agentName"),
    "callCenter": ("callCenterId",),
    "service": ("serviceId",),
    "agent": ("id",),
    "campaign": ("id",),
    "events": ("eventId",),
    "agentEvent": ("eventId",),
}
_READS = (
    {("POST", path) for path in (*REALTIME, *FEED_PATHS, SEARCH_PATH, LOGIN_PATH)}
    | {("GET", path) for path in (*CONFIGURATION, VALIDATE_PATH, IN_CALL_PATH, POST_CALL_PATH)}
    | {("DELETE", LOGOUT_PATH)}
)
_PATHS = frozenset(path for _, path in _READS)
_VERSION = re.compile(r"^/(session|configuration|realtime|campaign)/v\d+(\.\d+)*/")
_SESSION_ID = re.compile(r"^/session/(validate|logout)/[^/]+$")


def app(
    scenario: Scenario, account: Account | None = None, patience: Patience | None = None
) -> Front:
    """A LiveVox site with one account, as an ASGI application; its feeds begin now."""
    log, faults = RequestLog(), Faults()
    site = _Site(scenario, account or Account(), faults, patience or Patience())
    world = WorldFaults(scenario, site.sessions, site.feeds.agent_events.review).by_name()
    further = site.feeds.further_events()
    control = Control(scenario, log, faults, _PATHS, LOGIN_PATH, world, FEED_PATHS, further)
    inner = Starlette(
        routes=[*site.routes(), *control.routes()],
        exception_handlers={
            LiveVoxError: _refused,
            BadRequest: bad_request,
            HTTPException: _not_routed,
        },
    )
    inner.router.redirect_slashes = False
    manners = Manners(
        plain_path=lambda path: _VERSION.sub(r"/\1/", path),
        template=lambda path: _SESSION_ID.sub(r"/session/\1/{id}", path),
        reads=lambda method, path: method in ("GET", "HEAD") or (method, path) in _READS,
        error=error_document,
        row_keys=ROW_KEYS,
        feeds=FEED_PATHS,
        streams=STREAMS,
    )
    return Front(inner, scenario, manners, log, faults)


class _Site:
    """Answers the platform's own paths, and the control paths that only this platform has."""

    def __init__(
        self, scenario: Scenario, account: Account, faults: Faults, patience: Patience
    ) -> None:
        self._scenario = scenario
        self._account = account
        self.sessions = Sessions(account, lambda: scenario.now_ms, scenario.seed)
        self.feeds = Feeds(scenario, self.sessions, faults, patience)

    def routes(self) -> list[Route]:
        return [
            Route(LOGIN_PATH, self._log_in, methods=["POST"]),
            Route(VALIDATE_PATH, self._validate, methods=["GET"]),
            Route(LOGOUT_PATH, self._log_out, methods=["DELETE"]),
            Route(SEARCH_PATH, self._search, methods=["POST"]),
            *(Route(path, self._list, methods=["GET"]) for path in CONFIGURATION),
            *(Route(path, self._realtime, methods=["POST"]) for path in REALTIME),
            *self.feeds.routes(),
            Route(IN_CALL_PATH, self._call_data, methods=["GET"]),
            Route(POST_CALL_PATH, self._call_data, methods=["GET"]),
            Route("/_truth", self._truth, methods=["GET"]),
            Route("/_secrets", self._secrets, methods=["GET"]),
        ]

    async def _log_in(self, request: Request) -> Response:
        body = read_object(await request.body())
        return JSONResponse(self.sessions.log_in(request.headers.get("lv-access"), body))

    async def _validate(self, request: Request) -> Response:
        if not self.sessions.valid(request.path_params["id"]):
            raise LiveVoxError(404, "There is no such session.")
        return Response(status_code=204)

    async def _log_out(self, request: Request) -> Response:
        self.sessions.log_out(request.path_params["id"])
        return Response(status_code=204)

    async def _list(self, request: Request) -> Response:
        self.sessions.use(request.headers.get("lv-session"))
        tell = CONFIGURATION[request.url.path]
        return JSONResponse(tell(self._scenario, request.query_params))

    async def _search(self, request: Request) -> Response:
        self.sessions.use(request.headers.get("lv-session"))
        body = read_object(await request.body())
        return JSONResponse(discovery.search_campaigns(self._scenario, body, request.query_params))

    async def _realtime(self, request: Request) -> Response:
        self.sessions.use(request.headers.get("lv-session"))
        path = request.url.path
        body = read_object(await request.body())
        if path == "/realtime/campaign/stats":
            selection = read_selection(body, self._scenario, CAMPAIGN_FILTERS, exclusive=True)
        elif path == "/realtime/service/agents/status":
            selection = read_selection(body, self._scenario, more_keys=("stateChangedAfter",))
        else:
            selection = read_selection(body, self._scenario)
        return JSONResponse(REALTIME[path](self._scenario, selection))

    async def _call_data(self, request: Request) -> Response:
        self.sessions.use(request.headers.get("lv-session"))
        calls = self.feeds.agent_events.calls
        tell = calls.in_call if request.url.path == IN_CALL_PATH else calls.post_call
        return JSONResponse(tell(request.query_params))

    async def _truth(self, request: Request) -> Response:
        query = request.query_params
        for name in query:
            if name not in ("since", "agents", "feed"):
                raise BadRequest(f"{name} is not known; known are since, agents, feed")
        since = query.get("since", str(self._scenario.start_ms))
        if not since.isdecimal():
            raise BadRequest("since must be milliseconds since the Unix epoch")
        if query.get("agents", "hidden") not in ("hidden", "named"):
            raise BadRequest("agents must be hidden or named")
        feeds = query.getlist("feed") or FEEDS
        for feed in feeds:
            if feed not in KNOWN_FEEDS:
                raise BadRequest(f"there is no feed {feed!r}; there are {', '.join(KNOWN_FEEDS)}")
        try:
            document = truth(
                self._scenario,
                self.sessions,
                self.feeds,
                since_ms=int(since),
                feeds=feeds,
                named=query.get("agents") == "named",
            )
        except ValueError as error:
            raise BadRequest(f"since: {error}") from None
        return JSONResponse(document)

    async def _secrets(self, _: Request) -> Response:
        scenario = self._scenario
        planted = {self._account.password, self._account.access_token, CALL_SESSION_HOST}
        planted.update(self.sessions.issued)
        for customer in scenario.customers:
            planted.update((customer.name, customer.phone, customer.account))
            planted.add(customer.name.split()[-1])
            planted.add(customer.email)
        for agent in scenario.agents:
            planted.update((agent.name, agent.phone))
        return JSONResponse(sorted(planted))


async def _refused(_: Request, error: Exception) -> Response:
    refusal = cast(LiveVoxError, error)
    return JSONResponse(refusal.document, refusal.status)


async def _not_routed(_: Request, error: Exception) -> Response:
    refusal = cast(HTTPException, error)
    document = error_document(refusal.status_code, refusal.detail)
    return JSONResponse(document, refusal.status_code, headers=refusal.headers)
