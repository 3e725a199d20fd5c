"""What a source costs: requests of one round of each feed, and series it shows."""

from collections.abc import Sequence
from math import ceil

from exporter.families import AGENT_STATES
from exporter.feeds import Planned, Size
from exporter.vendors.livevox import agent_totals, campaigns, queues
from exporter.vendors.livevox.api import MOST_SERVICES, PAGE
from exporter.vendors.livevox.settings import LiveVoxSettings

SERVICES_PER_AGENT = 2  # an assumption, for the series of agents by service
SKILLS_PER_QUEUE = 1
TIME_ZONES = 10
_REASONS = 7 + 6  # of the busy states, and of not ready


def plan(settings: LiveVoxSettings, size: Size) -> Sequence[Planned]:
    """The enabled feeds with their costs for an account of this size."""
    on = settings.feeds
    batches = max(1, ceil(size.queues / MOST_SERVICES))
    shown = settings.agents != "hidden"
    each = size.agents * SERVICES_PER_AGENT if shown else 0
    totals = len(agent_totals.SECONDS) + len(agent_totals.CALLS) + len(agent_totals.OUTCOMES)
    stats = len(queues.ServiceStatsTables(settings, 1).families)
    agent_states = len(AGENT_STATES)
    costs = {
        "service_stats": (batches, size.queues * stats),
        "agent_status": (
            batches,
            agent_states * (1 + size.queues) + _REASONS + (size.agents * agent_states) * shown,
        ),
        "calls_on_hold": (batches, size.queues * (SKILLS_PER_QUEUE + 1)),
        "campaign_stats": (
            batches,
            size.campaigns * (len(campaigns.RECORDS.families) + TIME_ZONES),
        ),
        "agent_averages": (size.queues, size.queues * len(queues.AVERAGES)),
        "live_connects": (size.queues, size.queues),
        "agent_stats": (
            batches,
            agent_states + size.agents * shown + totals * (not on.agent_stats_ex.enabled),
        ),
        "agent_stats_ex": (batches, (size.queues + each) * totals),
        "directory": (
            1 + max(size.groups, ceil(size.queues / PAGE)) + max(1, ceil(size.campaigns / PAGE)),
            size.campaigns + 1,
        ),
    }
    return [
        Planned(feed, getattr(on, feed).interval, requests, series)
        for feed, (requests, series) in costs.items()
        if getattr(on, feed).enabled
    ]
