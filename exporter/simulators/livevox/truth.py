"""`/_truth`: what a perfect exporter that started at a given moment would show now."""

from collections.abc import Collection

from exporter.simulators.livevox import agenttruth, queuetruth
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
"""The feeds whose families the truth knows."""


def truth(
    scenario: Scenario,
    sessions: Sessions,
    *,
    since_ms: int,
    feeds: Collection[str] = FEEDS,
    named: bool = False,
) -> dict[str, object]:
    """The document of `/_truth`; raises ValueError when `since_ms` is no longer known."""
    samples = Samples()
    if "service_stats" in feeds:
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
    if "agent_status" in feeds:
        agenttruth.agent_status(scenario, samples, named)
    if "agent_stats_ex" in feeds:
        agenttruth.agent_stats_ex(scenario, samples, named)
    if "agent_stats" in feeds:
        agenttruth.agent_stats(scenario, samples, named, totals="agent_stats_ex" not in feeds)
    if "session" in feeds and sessions.password_expiry_told is not None:
        samples.add("livevox_password_expiry_timestamp_seconds", {}, sessions.password_expiry_told)
    return {"at": scenario.now_ms, "since": since_ms, "samples": samples.document()}
