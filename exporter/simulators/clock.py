"""Simulated time: real monotonic time, scaled, that can be paused and moved forward."""

import math
from collections.abc import Callable


class SimulatedClock:
    """Milliseconds since the Unix epoch, as the simulated platform sees them.

    `monotonic` returns seconds and never goes back; tests give a callable they move by hand.
    """

    def __init__(
        self,
        monotonic: Callable[[], float],
        start_ms: int,
        speed: float = 1.0,
        paused: bool = False,
    ) -> None:
        if not (speed > 0 and math.isfinite(speed)):
            raise ValueError(f"the speed must be a number greater than 0, not {speed}")
        self.start_ms = start_ms
        self.speed = speed
        self._monotonic = monotonic
        self._paused = paused
        self._elapsed_ms = 0.0
        self._resumed_at = monotonic()

    @property
    def paused(self) -> bool:
        """Whether simulated time stands still."""
        return self._paused

    def now_ms(self) -> int:
        """Simulated time in milliseconds since the Unix epoch."""
        return self.start_ms + int(self._elapsed())

    def pause(self) -> None:
        """Stand still; pausing twice is the same as once."""
        self._settle()
        self._paused = True

    def resume(self) -> None:
        """Go on from where the clock stood."""
        self._settle()
        self._paused = False

    def advance(self, seconds: float) -> None:
        """Move forward by simulated seconds at once, paused or not."""
        if seconds < 0:
            raise ValueError(f"time only goes forward: {seconds} seconds is less than 0")
        self._settle()
        self._elapsed_ms += seconds * 1000.0

    def advance_to(self, target_ms: int) -> None:
        """Move forward to a moment; one that has passed leaves the clock alone."""
        self._settle()
        self._elapsed_ms = max(self._elapsed_ms, float(target_ms - self.start_ms))

    def _elapsed(self) -> float:
        if self._paused:
            return self._elapsed_ms
        return self._elapsed_ms + (self._monotonic() - self._resumed_at) * self.speed * 1000.0

    def _settle(self) -> None:
        self._elapsed_ms = self._elapsed()
        self._resumed_at = self._monotonic()
