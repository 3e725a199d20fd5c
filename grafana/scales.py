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
    """A colour from each value on, the first of which is the least possible one.

    Values are in base units. Below them is what is not known: Grafana gives it the first colour,
    which must be neither good nor bad.
    """

    steps: tuple[tuple[float, str], ...]

    def thresholds(self, *, calm: bool = False) -> list[Threshold]:
        """The thresholds as Grafana writes them; calm: with no colour but those that warn."""
        plain = {GREEN: CALM, UNKNOWN: CALM} if calm else {}
        pairs = [(None, UNKNOWN), *self.steps]
        return [Threshold(value, plain.get(color, color)) for value, color in pairs]

    def absolute(self, *, calm: bool = False) -> dict[str, object]:
        """The thresholds as the property of an override."""
        return {"mode": "absolute", "steps": self.thresholds(calm=calm)}

    def config(self, *, calm: bool = False) -> ThresholdsConfig:
        """The thresholds of a panel."""
        return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(self.thresholds(calm=calm))


WAITING = Scale(((0, GREEN), (10, ORANGE), (20, RED)))  # ContactCenterQueueDepthHigh
WAIT_SECONDS = Scale(((0, GREEN), (120, ORANGE), (300, RED)))  # ContactCenterLongestWaitHigh
SERVICE_LEVEL = Scale(((0, RED), (0.70, ORANGE), (0.80, GREEN)))  # ContactCenterServiceLevelLow
ABANDONED = Scale(((0, GREEN), (0.02, ORANGE), (0.03, RED)))  # ContactCenterAbandonRateHigh
AVAILABLE = Scale(((0, ORANGE), (1, GREEN)))  # ContactCenterNoAgentsAvailable
WORKING = Scale(((0, RED), (1, GREEN)))  # ContactCenterNoAgentsWorking
# Orange: a feed that is read each minute has missed one.
DATA_AGE = Scale(((0, GREEN), (120, ORANGE), (900, RED)))  # ContactCenterDataStale
SOURCES_DOWN = Scale(((0, GREEN), (1, RED)))  # ContactCenterFeedDown
WAITING_LIMIT = Scale(((20, RED),))
EVENT_LAG_LIMIT = Scale(((30, RED),))  # ContactCenterEventLagHigh
SERVICE_LEVEL_TARGET = Scale(((0.80, RED),))
NONE = Scale(())
