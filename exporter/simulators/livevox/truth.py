"""`/_truth`: what a perfect exporter that started at a given moment would show now."""

from collections.abc import Collection

from exporter.simulators.livevox import agenteventtruth, agenttruth, queuetruth
from exporter.simulators.livevox.feeds import Feeds
from exporter.simulators.livevox.interactiontruth import interaction_events
from exporter.simulators.livevox.samples import Samples
from exporter.simulators.livevox.sessions import Sessions
from exporter.simulators.scenario import Scenario

FEEDS = (
    "service_stats",
    "agent_status",
    "calls_on_hold",
    "campaign_stats",
    "agent_averages",
    "live_connects",
    "agent_stats",
    "agent_stats_ex",
    "directory",
    "session",
)
"""The feeds that the truth tells of where none is asked for."""
KNOWN_FEEDS = (*FEEDS, "interaction_events", "agent_events", "call_data")
"""The feeds whose families the truth knows."""


def truth(
    scenario: Scenario,
    sessions: Sessions,
    event_feeds: Feeds,
    *,
    since_ms: int,
    feeds: Collection[str] = FEEDS,
    named: bool = False,
) -> dict[str, object]:
    """The document of `/_truth`; raises ValueError when `since_ms` is no longer known.

    What an event feed and a polled one both tell is told once, as the events have it.
    """
    samples = Samples()
    if "interaction_events" in feeds:
        interaction_events(scenario, event_feeds.interactions.record, samples, since_ms)
    elif "service_stats" in feeds:
        queuetruth.contact_counters(scenario, samples, since_ms)
    for feed, tell in (
        ("service_stats", queuetruth.service_stats),
        ("calls_on_hold", queuetruth.calls_on_hold),
        ("campaign_stats", queuetruth.campaign_stats),
        ("agent_averages", queuetruth.agent_averages),
        ("live_connects", queuetruth.live_connects),
        ("directory", queuetruth.directory),
    ):
        if feed in feeds:
            tell(scenario, samples)
    _agents(scenario, event_feeds, samples, since_ms, feeds, named)
    if "call_data" in feeds:
        agenteventtruth.call_data(event_feeds.agent_events, samples, since_ms)
    if "session" in feeds and sessions.password_expiry_told is not None:
        samples.add("livevox_password_expiry_timestamp_seconds", {}, sessions.password_expiry_told)
    return {"at": scenario.now_ms, "since": since_ms, "samples": samples.document()}


def _agents(
    scenario: Scenario,
    event_feeds: Feeds,
    samples: Samples,
    since_ms: int,
    feeds: Collection[str],
    named: bool,
) -> None:
    by_events = "agent_events" in feeds
    if by_events:
        told = event_feeds.agent_events
        agenteventtruth.agent_events(scenario, told, samples, since_ms, named)
    if "agent_status" in feeds:
        if not by_events:
            agenttruth.persons_by_state(scenario, samples)
        agenttruth.agent_status(scenario, samples, named)
    if "agent_stats_ex" in feeds:
        agenttruth.agent_stats_ex(scenario, samples, named)
    if "agent_stats" in feeds:
        if not by_events:
            agenttruth.times_in_state(scenario, samples, named)
        if "agent_stats_ex" not in feeds:
            agenttruth.agent_stats_totals(scenario, samples)
