"""Gathers what comes in a flood, so that many events share the work that a batch costs."""

import asyncio
from collections.abc import Callable, Sequence

INTERVAL = 0.02  # seconds from one batch to the next


class Gathering:
    """Hands events over at once, or, when they come faster than batches may, a moment later.

    Made and used in one event loop. What a batch raises that is handed over later is raised by
    the next call.
    """

    def __init__(
        self, take: Callable[[Sequence[bytes]], None], clock: Callable[[], float] | None = None
    ) -> None:
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._clock = clock or self._loop.time
        self._gathered: list[bytes] = []
        self._not_before = self._clock()
        self._timer: asyncio.TimerHandle | None = None
        self._raised: Exception | None = None

    def add(self, events: Sequence[bytes]) -> None:
        """Takes the data of events."""
        self._raise()
        self._gathered += events
        wait = self._not_before - self._clock()
        if wait <= 0:
            self.flush()
        elif self._timer is None:
            self._timer = self._loop.call_later(wait, self._later)

    def flush(self) -> None:
        """Hands over what there is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._raise()
        if self._gathered:
            gathered, self._gathered = self._gathered, []
            self._take(gathered)
            self._not_before = self._clock() + INTERVAL

    def _later(self) -> None:
        self._timer = None
        try:
            self.flush()
        except Exception as error:
            self._raised = error

    def _raise(self) -> None:
        if self._raised is not None:
            raised, self._raised = self._raised, None
            raise raised
