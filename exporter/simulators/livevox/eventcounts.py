"""Events counted by kind, from any moment on."""

from collections.abc import Hashable
from typing import Generic, TypeVar

from exporter.simulators.localday import DAY
from exporter.simulators.scenario import Scenario
from exporter.simulators.tallies import Count

KEPT = 2 * DAY
"""Seconds for which a simulated site knows when its events happened."""

Key = TypeVar("Key", bound=Hashable)


class EventCounts(Generic[Key]):
    """How many events of each kind there were; of two days, when they happened."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._counts: dict[Key, Count] = {}
        self._forget_at = scenario.tick + KEPT

    def add(self, key: Key) -> None:
        """Count one, that happens now."""
        tick = self._scenario.tick
        self._counts.setdefault(key, Count()).add(tick)
        if tick >= self._forget_at:
            self._forget_at = tick + DAY
            for counted in self._counts.values():
                counted.forget_until(tick - KEPT)

    def since(self, since_ms: int) -> dict[Key, int]:
        """How many of each kind there were after a moment, of all kinds ever counted.

        Raises ValueError when the moment is no longer known.
        """
        if since_ms <= self._scenario.start_ms:
            return {key: counted.since_start() for key, counted in self._counts.items()}
        tick = self._scenario.tick_of(since_ms)
        return {key: counted.since(tick) for key, counted in self._counts.items()}
