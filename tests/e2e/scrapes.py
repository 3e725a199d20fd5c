"""What one scrape showed, and which feed shows which series."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from tests.e2e.processes import Exporter

# The beginnings of the names of what each feed shows as gauges, by the metric contract.
SHOWN: Mapping[str, tuple[str, ...]] = {
    "service_stats": (
        "contactcenter_queue_waiting_contacts",
        "contactcenter_queue_longest_wait_seconds",
        "contactcenter_queue_active_contacts",
        "contactcenter_queue_agents_logged_in",
        "contactcenter_queue_service_level_threshold_seconds",
        "contactcenter_queue_info",
        "contactcenter_queue_window_",
        "livevox_queue_calls_in_progress",
        "livevox_queue_max_hold_seconds",
        "livevox_queue_pacing_",
        "livevox_queue_records_",
        "livevox_queue_complete_ratio",
    ),
    "agent_status": (
        "contactcenter_agents{",
        "contactcenter_queue_agents{",
        "contactcenter_agent_state{",
        "livevox_agents_",
    ),
    "calls_on_hold": ("livevox_queue_calls_on_hold", "livevox_queue_longest_hold_seconds"),
    "campaign_stats": ("livevox_campaign_records_", "livevox_campaign_timezone_records"),
    "agent_averages": ("livevox_queue_window_agent_state_seconds",),
    "live_connects": ("livevox_queue_window_right_party_connects",),
    "agent_stats": ("contactcenter_agents_longest_in_state_seconds",),
    "agent_stats_ex": (
        "livevox_queue_window_agent_seconds",
        "livevox_queue_window_call",
        "livevox_agent_window_",
    ),
    "directory": ("livevox_campaign_info", "livevox_directory_truncated"),
    "session": ("livevox_password_expiry_timestamp_seconds",),
}
COUNTERS = "contactcenter_contacts_"
OWN = ("contactcenter_exporter_", "contactcenter_source_", "contactcenter_feed_")
# They follow a clock, not what happened: the same state has another value at each reading.
BY_THE_CLOCK = ("contactcenter_agents_longest_in_state_seconds", "livevox_password_expiry")

_ESCAPED = re.compile(r"\\(.)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def labels_of(series: str) -> dict[str, str]:
    """The labels of a sample line."""
    pairs = _LABEL.findall(series.partition("{")[2])
    return {name: _ESCAPED.sub(_unescaped, value) for name, value in pairs}


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]


def family_of(series: str) -> str:
    """The name of a sample line."""
    return series.partition("{")[0]


@dataclass(frozen=True)
class Scrape:
    """The samples of one scrape, and the Unix times before and after it."""

    began: float
    ended: float
    samples: Mapping[str, float]

    def family(self, name: str) -> dict[str, float]:
        """The samples of one family."""
        return {line: value for line, value in self.samples.items() if family_of(line) == name}

    def value(self, family: str, **labels: str) -> float | None:
        """The value of the one sample of a family that has these labels; None if there is none."""
        found = [
            value
            for line, value in self.family(family).items()
            if labels.items() <= labels_of(line).items()
        ]
        assert len(found) <= 1, f"{len(found)} samples of {family} have {labels}"
        return found[0] if found else None

    def of_feed(self, feed: str) -> set[str]:
        """The series that a feed shows."""
        return {line for line in self.samples if line.startswith(SHOWN[feed])}

    def up(self) -> set[str]:
        """The feeds that are up."""
        found = self.family("contactcenter_feed_up")
        return {labels_of(line)["feed"] for line, value in found.items() if value}

    def counters(self) -> dict[str, float]:
        """The contacts counted."""
        return {line: value for line, value in self.samples.items() if line.startswith(COUNTERS)}

    def failures(self) -> dict[tuple[str, str], float]:
        """Failures by feed and reason, those that happened."""
        found = self.family("contactcenter_feed_failures_total")
        labels = [(labels_of(line), value) for line, value in found.items()]
        return {(one["feed"], one["reason"]): value for one, value in labels if value}

    def told(self) -> dict[str, float]:
        """What the vendor told: no series of the exporter's own, nothing that follows a clock."""
        return {
            line: value
            for line, value in self.samples.items()
            if line.startswith(("contactcenter_", "livevox_"))
            and not line.startswith((*OWN, *BY_THE_CLOCK))
        }


def scrape(exporter: Exporter) -> Scrape:
    """Scrapes now."""
    began = time.time()
    samples = exporter.samples()
    return Scrape(began, time.time(), samples)
