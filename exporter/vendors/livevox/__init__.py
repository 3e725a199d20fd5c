"""LiveVox: statistics of services, agents and campaigns, polled."""

from collections.abc import Mapping

from exporter import families as common
from exporter.accumulator import DayBoundary
from exporter.feeds import Account, Poll, Vendor
from exporter.labels import Vocabulary
from exporter.model import Family
from exporter.vendors.livevox import agent_status, agent_totals, campaigns, queues
from exporter.vendors.livevox import families as own
from exporter.vendors.livevox.agent_states import Naming
from exporter.vendors.livevox.api import Api
from exporter.vendors.livevox.auth import sign_in
from exporter.vendors.livevox.directory import Include, LiveVoxDirectory, discovery
from exporter.vendors.livevox.plan import plan
from exporter.vendors.livevox.settings import LiveVoxSettings
from exporter.vendors.livevox.unexported import UNEXPORTED

PLATFORM = "livevox"


def _polls(settings: LiveVoxSettings, api: Api, label_values: int) -> list[Poll[LiveVoxDirectory]]:
    """The enabled feeds, in order of ownership."""
    on = settings.feeds
    key = settings.agents_key.reveal() if settings.agents_key else ""
    naming = Naming(settings.agents, key)
    polls = {
        "directory": Poll(
            "directory",
            on.directory.interval,
            discovery(api, Vocabulary(label_values)),
            (own.CAMPAIGN_INFO, own.DIRECTORY_TRUNCATED),
            auxiliary=True,
        ),
        "service_stats": queues.service_stats(
            api, on.service_stats.interval, settings, label_values
        ),
        "agent_status": agent_status.agent_status(
            api, on.agent_status.interval, naming, label_values
        ),
        "calls_on_hold": queues.calls_on_hold(api, on.calls_on_hold.interval),
        "campaign_stats": campaigns.campaign_stats(api, on.campaign_stats.interval),
        "agent_averages": queues.agent_averages(api, on.agent_averages.interval),
        "live_connects": queues.live_connects(api, on.live_connects.interval),
        "agent_stats": agent_totals.agent_stats(
            api, on.agent_stats.interval, naming, with_totals=not on.agent_stats_ex.enabled
        ),
        "agent_stats_ex": agent_totals.agent_stats_ex(api, on.agent_stats_ex.interval, naming),
    }
    return [poll for name, poll in polls.items() if getattr(on, name).enabled]


def account(
    settings: LiveVoxSettings, names: Mapping[str, str], label_values: int
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
        feeds=tuple(_polls(settings, api, label_values)),
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
)
