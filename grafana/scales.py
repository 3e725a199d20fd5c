"""The values from which a colour warns.

Each one that an alert of grafana/rules has as well is the alert's, so that a tile and a page never
disagree; tests/test_dashboards.py compares them.
"""

from dataclasses import dataclass

from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import Threshold, ThresholdsMode

GREEN, ORANGE, RED = "semi-dark-green", "semi-dark-orange", "semi-dark-red"
# In a table only what needs somebody is coloured.
CALM = "transparent"
UNKNOWN = "#6e7078"


@dataclass(frozen=True, slots=True)
class Scale:
    """A colour below the first value, and one from each value on. Values are in base units."""

    first: str
    steps: tuple[tuple[float, str], ...]

    def steps_from(self, calm: str = GREEN) -> list[Threshold]:
        """The thresholds as Grafana writes them, with `calm` in the place of green and unknown."""
        pairs = [(None, self.first), *self.steps]
        plain = (GREEN, UNKNOWN) if calm != GREEN else ()
        return [Threshold(value, calm if color in plain else color) for value, color in pairs]

    def absolute(self, calm: str = GREEN) -> dict[str, object]:
        """The thresholds as the property of an override."""
        return {"mode": "absolute", "steps": self.steps_from(calm)}

    def config(self, calm: str = GREEN) -> ThresholdsConfig:
        """The thresholds of a panel."""
        return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(self.steps_from(calm))


WAITING = Scale(GREEN, ((10, ORANGE), (20, RED)))  # ContactCenterQueueDepthHigh
WAIT_SECONDS = Scale(GREEN, ((120, ORANGE), (300, RED)))  # ContactCenterLongestWaitHigh
# A cell without a value has the first colour, so that must not be a warning.
SERVICE_LEVEL = Scale(UNKNOWN, ((0, RED), (0.70, ORANGE), (0.80, GREEN)))  # …ServiceLevelLow
ABANDONED = Scale(GREEN, ((0.02, ORANGE), (0.03, RED)))  # ContactCenterAbandonRateHigh
AVAILABLE = Scale(ORANGE, ((1, GREEN),))  # ContactCenterNoAgentsAvailable
WORKING = Scale(RED, ((1, GREEN),))  # ContactCenterNoAgentsWorking
# Orange: a feed that is read each minute has missed one.
DATA_AGE = Scale(GREEN, ((120, ORANGE), (900, RED)))  # ContactCenterDataStale
SOURCES_DOWN = Scale(GREEN, ((1, RED),))  # ContactCenterFeedDown
NONE = Scale(GREEN, ())
