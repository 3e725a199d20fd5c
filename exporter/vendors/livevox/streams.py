"""The streams of LiveVox: agentEvent/feed, event/feed, event/feed/sse."""

from dataclasses import replace

import msgspec

from exporter.accounts import Common
from exporter.feeds import Request
from exporter.streams import LongPoll, Sse
from exporter.vendors.livevox import agent_events, interactions
from exporter.vendors.livevox.agent_events import CallAnnouncements
from exporter.vendors.livevox.agent_states import Naming
from exporter.vendors.livevox.api import MOST_SERVICES, Api, only, resumed
from exporter.vendors.livevox.directory import LiveVoxDirectory
from exporter.vendors.livevox.settings import LiveVoxSettings
from exporter.vendors.livevox.wire import FULL_PAGE

LONGPOLL_WITHIN = 30.0  # seconds; LiveVox waits 10 s when there is nothing to tell
LONGPOLL_IDLE = 45.0
SSE_IDLE = 30.0  # LiveVox writes a comment every 10 s
TAKES_OVER = {"interaction_events": "service_stats"}
_ACCEPT = ("Accept", "text/event-stream, application/json")
_PLAIN = ("Accept-Encoding", "identity")  # what waits in a compressor is not told


def agents(
    api: Api, naming: Naming, common: Common, calls: CallAnnouncements | None
) -> LongPoll[LiveVoxDirectory]:
    """agentEvent/feed."""
    return LongPoll(
        name="agent_events",
        request=lambda cursor, _: api.realtime("agentEvent/feed", resumed(cursor, None)),
        machine=agent_events.machine(naming, common.label_values, calls),
        families=agent_events.families(naming),
        idle=LONGPOLL_IDLE,
        within=LONGPOLL_WITHIN,
        ready=_is_known,
        corrected_by="agent_status",
    )


def interaction_events(
    api: Api, settings: LiveVoxSettings, common: Common
) -> LongPoll[LiveVoxDirectory] | Sse[LiveVoxDirectory]:
    """event/feed or event/feed/sse, as the settings choose."""
    machine = interactions.machine(common, settings.service_level_threshold, common.label_values)
    params = (("count", str(FULL_PAGE)),)
    if settings.feeds.interaction_events.transport == "longpoll":
        return LongPoll(
            name="interaction_events",
            request=lambda cursor, directory: replace(
                api.realtime("event/feed", resumed(cursor, _filter(directory))), params=params
            ),
            machine=machine,
            families=interactions.FAMILIES,
            idle=LONGPOLL_IDLE,
            within=LONGPOLL_WITHIN,
            ready=_is_known,
            takes_over=TAKES_OVER["interaction_events"],
        )

    def request(cursor: str, directory: LiveVoxDirectory) -> Request:
        body = msgspec.json.encode(resumed(cursor, _filter(directory)))
        path = api.path("realtime", "event/feed/sse")
        return Request("POST", path, body, params, (_ACCEPT, _PLAIN))

    return Sse(
        name="interaction_events",
        request=request,
        machine=machine,
        families=interactions.FAMILIES,
        idle=SSE_IDLE,
        ready=_is_known,
        takes_over=TAKES_OVER["interaction_events"],
    )


def _is_known(directory: LiveVoxDirectory) -> bool:
    """Whether it can be told which events are of the included services."""
    return directory.loaded or not directory.include.call_centers


def _filter(directory: LiveVoxDirectory) -> object:
    """The included services, where one request may name them; else everything is asked for."""
    services = sorted(directory.listed)
    if not directory.include or not services or len(services) > MOST_SERVICES:
        return None
    return only("service", services)
