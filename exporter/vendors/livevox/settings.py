"""What the configuration of a LiveVox account may say."""

import re
import zoneinfo
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from exporter.configuration.addresses import HttpUrl, is_loopback
from exporter.configuration.durations import PositiveDuration
from exporter.configuration.secret import Secret
from exporter.configuration.section import Section
from exporter.configuration.source import Feed, PolledFeed, SourceSettings
from exporter.configuration.text import Identifiers, Name, Text

BASE_URLS: Final = {
    "na3": "https://api.livevox.com",
    "na4": "https://api.na4.livevox.com",
    "na5": "https://api.na5.livevox.com",
    "na6": "https://api.na6.livevox.com",
}


def _lower_or_nothing(given: object) -> object:
    # LiveVox writes its environments in capitals; an empty variable takes back what a file says.
    return (given.strip().lower() or None) if isinstance(given, str) else given


def _whole_number(given: object) -> object:
    # A Literal takes no text for a number, and all scalars of a file are text.
    return int(given) if isinstance(given, str) and given in ("1", "100") else given


def _time_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        known = zoneinfo.available_timezones()
    else:
        return name
    if not known:
        raise ValueError("can not be looked up: this machine has no time zones; install tzdata")
    near = get_close_matches(name[:64], known, 1)
    hint = f"; the nearest is {near[0]}" if near else ", such as America/New_York"
    raise ValueError(f"is not the name of a time zone{hint}")


def _api_version(text: str) -> str:
    if text and not re.fullmatch(r"v[0-9]{1,3}(\.[0-9]{1,3})?", text):
        raise ValueError("must be such as v6.0, or empty")
    return text


class Include(Section):
    """Which queues to read: the union of the two lists; both empty: all that the user may see."""

    services: Identifiers = ()
    call_centers: Identifiers = ()


class DayBoundary(Section):
    """When the vendor's daily totals start again: `hour` o'clock in `timezone`."""

    timezone: Annotated[Name, AfterValidator(_time_zone)]
    hour: Annotated[int, Field(ge=0, le=23)] = 0

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone, with its rules."""
        return zoneinfo.ZoneInfo(self.timezone)


class InteractionEvents(Feed):
    """Events of calls and other interactions, by server-sent events or by long polling."""

    transport: Literal["sse", "longpoll"]


class CallData(Feed):
    """Details of the calls that the agent feed announces, so many a minute at most."""

    max_per_minute: Annotated[int, Field(ge=1, le=6000)]


class LiveVoxFeeds(Section):
    """The feeds of an account; the names are the `feed` labels.

    Events of agents need the snapshots that correct them and the names that join the two;
    call_data needs the events that announce calls.
    """

    service_stats: PolledFeed = PolledFeed(enabled=True, interval=15)
    agent_status: PolledFeed = PolledFeed(enabled=True, interval=15)
    calls_on_hold: PolledFeed = PolledFeed(enabled=True, interval=15)
    campaign_stats: PolledFeed = PolledFeed(enabled=True, interval=60)
    agent_averages: PolledFeed = PolledFeed(enabled=False, interval=60)
    live_connects: PolledFeed = PolledFeed(enabled=False, interval=60)
    agent_stats: PolledFeed = PolledFeed(enabled=False, interval=60)
    agent_stats_ex: PolledFeed = PolledFeed(enabled=True, interval=60)
    directory: PolledFeed = PolledFeed(enabled=True, interval=600)
    agent_events: Feed = Feed(enabled=False)
    interaction_events: InteractionEvents = InteractionEvents(enabled=False, transport="sse")
    call_data: CallData = CallData(enabled=False, max_per_minute=60)

    @model_validator(mode="after")
    def _whole(self) -> "LiveVoxFeeds":
        needed = {"agent_events": ("agent_status", "directory"), "call_data": ("agent_events",)}
        for feed, others in needed.items():
            for other in others:
                if getattr(self, feed).enabled and not getattr(self, other).enabled:
                    raise ValueError(f"{feed} needs {other}, which is not enabled")
        return self


class LiveVoxSettings(SourceSettings):
    """One LiveVox account, read as one user of it."""

    platform: Literal["livevox"]
    environment: Annotated[
        Literal["na3", "na4", "na5", "na6"] | None, BeforeValidator(_lower_or_nothing)
    ] = None
    base_url: HttpUrl = ""
    client_name: Name
    username: Name
    password: Secret
    access_token: Secret
    include: Include = Include()
    percent_scale: Annotated[Literal[100, 1], BeforeValidator(_whole_number)] = 100
    api_version: Annotated[Text, AfterValidator(_api_version)] = ""
    day_boundary: DayBoundary | None = None
    longest_wait_unit: Literal["ms", "s"] = "ms"
    service_level_threshold: PositiveDuration = 20.0
    feeds: LiveVoxFeeds = LiveVoxFeeds()

    @model_validator(mode="after")
    def _one_address(self) -> "LiveVoxSettings":
        if self.environment and self.base_url:
            raise ValueError("has both environment and base_url; leave one out")
        if not self.environment and not self.base_url:
            raise ValueError("needs an environment (na3, na4, na5 or na6) or a base_url")
        return self

    @property
    def url(self) -> str:
        """The URL before the API category, without a trailing slash."""
        return BASE_URLS[self.environment] if self.environment else self.base_url

    def warnings(self) -> Iterator[tuple[str, str]]:
        """Yield (key, sentence) for what is accepted and should not stay."""
        yield from super().warnings()
        address = urlsplit(self.url)
        if address.scheme == "http" and not is_loopback(address.hostname or ""):
            yield "base_url", "is not encrypted: the password and the data cross the network openly"
