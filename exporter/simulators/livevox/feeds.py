"""The event feeds of a site: what they keep, the paths they are read at, and events on demand."""

import json
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from exporter.simulators.faults import Faults
from exporter.simulators.livevox.agentevents import AgentEvents
from exporter.simulators.livevox.eventids import Tokens
from exporter.simulators.livevox.eventstream import EventStream
from exporter.simulators.livevox.feedpath import FeedPath, Patience
from exporter.simulators.livevox.feedtrouble import GARBAGE, NO_JSON, FeedTrouble
from exporter.simulators.livevox.interactions import Interactions
from exporter.simulators.livevox.longpoll import LongPoll
from exporter.simulators.livevox.retained import Retained
from exporter.simulators.livevox.sessions import Sessions
from exporter.simulators.options import BadRequest, Options
from exporter.simulators.scenario import Scenario

AGENT_PATH = "/realtime/agentEvent/feed"
INTERACTION_PATH = "/realtime/event/feed"
STREAM_PATH = "/realtime/event/feed/sse"
PATHS = frozenset({AGENT_PATH, INTERACTION_PATH, STREAM_PATH})
STREAMS = frozenset({STREAM_PATH})
MOST_EVENTS_AT_ONCE = 100_000
MOST_HUGE_BYTES = 64 * 1024 * 1024
MOST_LISTED = 10_000
_LISTED = ("interaction_events", "agent_events")

Done = dict[str, object]


class Feeds:
    """Both feeds of a site, from now on."""

    def __init__(
        self, scenario: Scenario, sessions: Sessions, faults: Faults, patience: Patience
    ) -> None:
        self._scenario = scenario
        self._sessions = sessions
        of_interactions, of_agents = Retained(), Retained()
        self._retained = {"interaction_events": of_interactions, "agent_events": of_agents}
        self.interactions = Interactions(scenario, of_interactions.append)
        self.agent_events = AgentEvents(scenario, of_agents.append)

        def path(retained: Retained, name: str, garbage: tuple[bytes, ...]) -> FeedPath:
            trouble = FeedTrouble(faults, name, garbage, scenario.seed)
            return FeedPath(scenario, retained, trouble, patience)

        def tokens(feed: str) -> Tokens:
            return Tokens(feed, scenario.seed)

        polled = path(of_interactions, INTERACTION_PATH, GARBAGE)
        agents = path(of_agents, AGENT_PATH, GARBAGE)
        streamed = path(of_interactions, STREAM_PATH, NO_JSON)
        self._readers: Mapping[str, LongPoll | EventStream] = {
            INTERACTION_PATH: LongPoll(polled, tokens("interactions"), "events", filtered=True),
            AGENT_PATH: LongPoll(agents, tokens("agents"), "agentEvent", filtered=False),
            STREAM_PATH: EventStream(streamed, self.interactions.ids),
        }

    def routes(self) -> list[Route]:
        """The routes of the feeds, and of what they keep."""
        return [
            *(Route(path, self._answer, methods=["POST"]) for path in PATHS),
            Route("/_events", self._list, methods=["GET"]),
        ]

    def further_events(self) -> Mapping[str, Callable[[str, Options], Done]]:
        """What creates events on demand, by the names of the faults that it is asked for with."""
        return {
            "burst": self._burst,
            "unknown_events": self._unknown,
            "missing_id": self._missing_id,
            "huge_event": self._huge,
        }

    async def _answer(self, request: Request) -> Response:
        self._sessions.use(request.headers.get("lv-session"))
        return await self._readers[request.url.path].answer(request)

    async def _list(self, request: Request) -> Response:
        feed, after = request.query_params.get("feed", ""), request.query_params.get("after", "0")
        if feed not in self._retained:
            raise BadRequest(f"feed must be one of {', '.join(_LISTED)}")
        if not after.isdecimal():
            raise BadRequest("after must be a position: a whole number from 0")
        retained = self._retained[feed]
        events = retained.after(int(after), MOST_LISTED)
        listed = b",".join(
            b'{"position":%d,"at":%d,"event":%b}' % (kept.position, kept.at_ms, kept.body)
            for kept in events
        )
        head = json.dumps({"first": retained.first, "last": retained.last})
        body = head[:-1].encode() + b', "events": [' + listed + b"]}"
        return Response(body, media_type="application/json")

    def _burst(self, path: str, options: Options) -> Done:
        self._only_interactions("burst", path)
        events = _number(options, "events", MOST_EVENTS_AT_ONCE)
        options.done()
        return {"events": self.interactions.burst(events)}

    def _unknown(self, path: str, options: Options) -> Done:
        count = _number(options, "n", MOST_EVENTS_AT_ONCE)
        options.done()
        if path == AGENT_PATH:
            self.agent_events.unknown(count)
            return {"events": count}
        return {"events": self.interactions.unknown(count)}

    def _missing_id(self, path: str, options: Options) -> Done:
        self._only_interactions("missing_id", path)
        count = _number(options, "n", MOST_EVENTS_AT_ONCE)
        options.done()
        return {"events": self.interactions.without_id(count)}

    def _huge(self, path: str, options: Options) -> Done:
        self._only_interactions("huge_event", path)
        size = _number(options, "bytes", MOST_HUGE_BYTES)
        options.done()
        return {"events": self.interactions.huge(size)}

    def _only_interactions(self, name: str, path: str) -> None:
        if path == AGENT_PATH:
            raise BadRequest(f"{name} is of the interaction feed: {INTERACTION_PATH}")


def _number(options: Options, name: str, most: int) -> int:
    number = options.required(name, int)
    if not 1 <= number <= most:
        raise BadRequest(f"{name} must be from 1 to {most}")
    return number
