"""LiveVox: statistics of services, agents and campaigns, polled; events of agents and calls."""

from collections.abc import Collection, Mapping

from exporter import families as common
from exporter.accounts import Account, Common, Vendor
from exporter.accumulator import DayBoundary
from exporter.feeds import Poll
from exporter.labels import Vocabulary
from exporter.model import Family
from exporter.streams import Stream
from exporter.vendors.livevox import agent_status, agent_totals, campaigns, queues, streams
from exporter.vendors.livevox import families as own
from exporter.vendors.livevox.agent_states import Naming
from exporter.vendors.livevox.api import Api
from exporter.vendors.livevox.auth import sign_in
from exporter.vendors.livevox.call_data import CallBook, call_data
from exporter.vendors.livevox.directory import Include, LiveVoxDirectory, discovery
from exporter.vendors.livevox.plan import plan
from exporter.vendors.livevox.settings import LiveVoxSettings
from exporter.vendors.livevox.unexported import UNEXPORTED

PLATFORM = "livevox"


Declared = Poll[LiveVoxDirectory] | Stream[LiveVoxDirectory]


def _feeds(settings: LiveVoxSettings, api: Api, common: Common) -> list[Declared]:
    """The enabled feeds, in order of ownership."""
    on = settings.feeds
    label_values = common.label_values
    key = settings.agents_key.reveal() if settings.agents_key else ""
    naming = Naming(settings.agents, key)
    calls = CallBook(label_values) if on.call_data.enabled else None
    feeds: dict[str, Declared] = {
        "directory": Poll(
            "directory",
            on.directory.interval,
            discovery(api, Vocabulary(label_values), with_agents=on.agent_events.enabled),
            (own.CAMPAIGN_INFO, own.DIRECTORY_TRUNCATED),
            auxiliary=True,
        ),
        "interaction_events": streams.interaction_events(api, settings, common),
        "agent_stats": agent_totals.agent_stats(
            api, on.agent_stats.interval, naming, with_totals=not on.agent_stats_ex.enabled
        ),
        "agent_events": streams.agents(api, naming, common, calls),
        "call_data": call_data(api, calls or CallBook(label_values), on.call_data.max_per_minute),
        "service_stats": queues.service_stats(
            api,
            on.service_stats.interval,
            settings,
            label_values,
            counted=not on.interaction_events.enabled,
        ),
        "agent_status": agent_status.agent_status(
            api, on.agent_status.interval, naming, label_values
        ),
        "calls_on_hold": queues.calls_on_hold(api, on.calls_on_hold.interval),
        "campaign_stats": campaigns.campaign_stats(api, on.campaign_stats.interval),
        "agent_averages": queues.agent_averages(api, on.agent_averages.interval),
        "live_connects": queues.live_connects(api, on.live_connects.interval),
        "agent_stats_ex": agent_totals.agent_stats_ex(api, on.agent_stats_ex.interval, naming),
    }
    return [feed for name, feed in feeds.items() if getattr(on, name).enabled]


def enabled_streams(settings: LiveVoxSettings) -> Collection[str]:
    """The streams that are on: the others do not resume."""
    on = settings.feeds
    return [name for name in ("interaction_events", "agent_events") if getattr(on, name).enabled]


def account(
    settings: LiveVoxSettings, names: Mapping[str, str], common: Common
) -> Account[LiveVoxDirectory]:
    """A source of LiveVox, ready to be read; `names` are the queue names of the run before."""
    api = Api(settings.api_version)
    include = Include(
        frozenset(settings.include.services), frozenset(settings.include.call_centers)
    )
    boundary = settings.day_boundary
    return Account(
        platform=PLATFORM,
        environment=settings.environment or "custom",
        base_url=settings.url,
        credential=(settings.url, settings.client_name, settings.username),
        sign_in=sign_in(
            api,
            settings.client_name,
            settings.username,
            settings.password.reveal,
            settings.access_token.reveal,
        ),
        directory=LiveVoxDirectory(include, remembered=dict(names)),
        feeds=tuple(_feeds(settings, api, common)),
        first="directory",
        day_boundary=(None if boundary is None else DayBoundary(boundary.zone, boundary.hour)),
    )


def _families_of(module: object) -> tuple[Family, ...]:
    return tuple(value for value in vars(module).values() if isinstance(value, Family))


VENDOR = Vendor(
    platform=PLATFORM,
    families=(*_families_of(common), *_families_of(own)),
    account=account,
    plan=plan,
    unexported=UNEXPORTED,
    streams=enabled_streams,
    takes_over=streams.TAKES_OVER,
)
