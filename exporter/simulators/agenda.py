"""What is to happen, by tick: the same order however far time goes at once."""

import heapq
from collections.abc import Callable
from typing import Any

Action = Callable[..., None]


class Agenda:
    """Actions in order of their tick, those of one tick in the order they were planned."""

    def __init__(self) -> None:
        self.tick = 0
        self._plans: list[tuple[int, int, Action, tuple[Any, ...]]] = []
        self._planned = 0

    def at(self, tick: int, action: Action, *arguments: object) -> None:
        """Plan an action for a tick; one that has passed means now."""
        self._planned += 1
        heapq.heappush(self._plans, (max(tick, self.tick), self._planned, action, arguments))

    def after(self, ticks: int, action: Action, *arguments: object) -> None:
        """Plan an action some ticks from now."""
        self.at(self.tick + ticks, action, *arguments)

    def run_until(self, tick: int) -> None:
        """Do everything that is planned up to a tick, that tick included."""
        plans = self._plans
        while plans and plans[0][0] <= tick:
            self.tick, _, action, arguments = heapq.heappop(plans)
            action(*arguments)
        self.tick = max(self.tick, tick)
