"""The metronome: APScheduler sets an event, and whoever waits for it does the work.

So runs never overlap, a late one starts at once, and a shutdown waits for work. APScheduler
stops ticking when the wall clock is set back, so a tick also comes by a monotonic time-out.
"""

import asyncio
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

GRACE = 0.25  # seconds that a tick may be late before the time-out stands in for it


class Ticks:
    """A tick every `interval` seconds, for one who waits. Made and used in one event loop."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._due = asyncio.Event()
        self._clock = asyncio.get_running_loop().time
        self._last = self._clock()
        self._stood_in = False

    async def set(self) -> None:
        """It is time, unless the time-out has just said so."""
        if not (self._stood_in and self._clock() - self._last < self._interval / 2):
            self._due.set()

    def skip(self) -> None:
        """Forgets a tick that has passed; the next one comes within an interval from now."""
        self._take(stood_in=False)

    async def wait(self) -> None:
        """Returns at the next tick; at once if one has passed since the last call or `skip`."""
        stood_in = False
        try:
            async with asyncio.timeout_at(self._last + self._interval + GRACE):
                await self._due.wait()
        except TimeoutError:
            stood_in = True
        self._take(stood_in=stood_in)

    def _take(self, *, stood_in: bool) -> None:
        self._due.clear()
        self._last = self._clock()
        self._stood_in = stood_in


class Metronome:
    """All ticks of the program. Use it as a context manager inside the running loop."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def __enter__(self) -> "Metronome":
        self._scheduler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._scheduler.shutdown(wait=False)

    def every(self, interval: float, phase: float) -> Ticks:
        """Ticks every `interval` seconds, the first after `phase` seconds."""
        ticks = Ticks(interval)
        self._scheduler.add_job(
            ticks.set,
            IntervalTrigger(seconds=interval, timezone=UTC),
            next_run_time=datetime.now(UTC) + timedelta(seconds=phase),
            coalesce=True,
            misfire_grace_time=None,
            max_instances=1,
        )
        return ticks
