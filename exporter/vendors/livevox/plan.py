"""What a source costs: requests of one round of each feed, and series it shows."""

from collections.abc import Mapping, Sequence
from math import ceil

from exporter.accounts import Planned, Size
from exporter.configuration.histograms import Histograms
from exporter.families import AGENT_STATES
from exporter.vendors.livevox import agent_totals, campaigns, queues
from exporter.vendors.livevox.agent_words import EFFECTS, STATES
from exporter.vendors.livevox.api import MOST_SERVICES, PAGE
from exporter.vendors.livevox.contacts import CONTACTS, OUTCOMES
from exporter.vendors.livevox.interaction_words import DIRECTIONS
from exporter.vendors.livevox.settings import LiveVoxSettings

SERVICES_PER_AGENT = 2  # an assumption, for the series of agents by service
SKILLS_PER_QUEUE = 1
TIME_ZONES = 10
KINDS_OF_INTERACTIONS = 16  # an assumption: kinds of events times results that a queue has
RESULTS_OF_CALLS = 8  # the same of completed calls: results times term codes
EVENTS_AN_HOUR = 60  # an assumption, of an agent at work: some ten calls of five or six events
IDLE_ROUND = 10.0  # seconds for which LiveVox holds a long poll that has nothing to tell
BUSIEST_ROUND = 0.5  # seconds from one long poll to the next at least
IDLE_STREAM = 300.0  # seconds after which LiveVox closes a stream that has nothing to tell
BESIDE_BUCKETS = 3  # the series of a histogram that are no bucket of its own: +Inf, sum, count
_NOT_READY = 6
_REASONS = 7 + _NOT_READY  # of the busy states, and of not ready

Costs = Mapping[str, tuple[float, int, int]]  # by feed: interval, requests, series


def plan(settings: LiveVoxSettings, size: Size) -> Sequence[Planned]:
    """The enabled feeds with their costs for an account of this size.

    A long poll is answered when something happens: its interval is what the number of agents lets
    expect of a busy hour. A stream is opened again when it was idle: its interval is the shortest.
    A histogram is as many series as Prometheus keeps of it, with the source's own bounds or the
    default ones.
    """
    on = settings.feeds
    costs = {**_polled(settings, size), **_streamed(settings, size)}
    return [
        Planned(feed, interval, requests, series)
        for feed, (interval, requests, series) in costs.items()
        if getattr(on, feed).enabled
    ]


def _polled(settings: LiveVoxSettings, size: Size) -> Costs:
    on = settings.feeds
    batches = max(1, ceil(size.queues / MOST_SERVICES))
    shown = settings.agents != "hidden"
    each = size.agents * SERVICES_PER_AGENT if shown else 0
    totals = len(agent_totals.SECONDS) + len(agent_totals.CALLS) + len(agent_totals.OUTCOMES)
    stats = len(queues.ServiceStatsTables(settings, 1).families)
    stats -= len(CONTACTS) * on.interaction_events.enabled  # which then counts them
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
        "directory": (_lists(settings, size), size.campaigns + 1),
    }
    return {
        feed: (getattr(on, feed).interval, requests, series)
        for feed, (requests, series) in costs.items()
    }


def _lists(settings: LiveVoxSettings, size: Size) -> int:
    """The pages of call centers, services, campaigns, and of agents where events need them."""
    agents = max(1, ceil(size.agents / PAGE)) if settings.feeds.agent_events.enabled else 0
    services = max(size.groups, ceil(size.queues / PAGE))
    return 1 + services + max(1, ceil(size.campaigns / PAGE)) + agents


def _streamed(settings: LiveVoxSettings, size: Size) -> Costs:
    on = settings.feeds
    long_poll = _round(size.agents)
    sse = on.interaction_events.transport == "sse"
    # what polls show as well is theirs here: agents by state, and since when if agent_stats is on
    of_agents = len(EFFECTS) + len(STATES) + _NOT_READY
    if not on.agent_stats.enabled:
        of_agents += len(AGENT_STATES) + size.agents * (settings.agents != "hidden")
    each = ceil(on.call_data.max_per_minute / 60)
    of_calls = size.queues * (len(DIRECTIONS) + RESULTS_OF_CALLS) + 1
    return {
        "agent_events": (long_poll, 1, of_agents),
        "interaction_events": (
            IDLE_STREAM if sse else long_poll,
            1,
            size.queues * _series_of_interactions(settings),
        ),
        "call_data": (each * 60 / on.call_data.max_per_minute, each, of_calls),
    }


def _round(agents: int) -> float:
    """Seconds from one long poll to the next in a busy hour; a tenth of a second is enough."""
    if not agents:
        return IDLE_ROUND
    return round(min(IDLE_ROUND, max(BUSIEST_ROUND, 3600 / (agents * EVENTS_AN_HOUR))), 1)


def _series_of_interactions(settings: LiveVoxSettings) -> int:
    """The series of one queue that takes calls."""
    bounds = settings.histograms.over(Histograms())
    waits = len(bounds.wait_seconds) + BESIDE_BUCKETS
    handles = len(bounds.handle_seconds) + BESIDE_BUCKETS
    ivr = waits
    counters = len(CONTACTS) * len(DIRECTIONS) + KINDS_OF_INTERACTIONS
    return counters + len(OUTCOMES) * waits + handles + ivr
