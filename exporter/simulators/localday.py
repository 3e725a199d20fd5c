"""The contact center's local time: ticks count from 08:00, and the reader comes at 10:00."""

HOUR = 3600
DAY = 24 * HOUR
FIRST_TICK_LOCAL = 8 * HOUR
START_TICK = 2 * HOUR

LOAD = (
    0.30, 0.30, 0.30, 0.30, 0.30, 0.32, 0.38, 0.48, 0.58, 0.66, 0.72, 0.72,
    0.64, 0.64, 0.70, 0.72, 0.70, 0.64, 0.58, 0.54, 0.48, 0.44, 0.38, 0.34,
)  # fmt: skip
"""For each hour of the local day, the work that arrives for each agent at work."""


def local_seconds(tick: int) -> int:
    """Seconds since local midnight."""
    return (tick + FIRST_TICK_LOCAL) % DAY


def next_midnight(tick: int) -> int:
    """The first local midnight after a tick."""
    return tick + DAY - local_seconds(tick)


def next_time_of_day(tick: int, seconds: int) -> int:
    """The first tick after a given one at which the local clock shows a time of day."""
    return tick + (seconds - local_seconds(tick) - 1) % DAY + 1


def load(tick: int) -> float:
    """How busy the hour is, as a share of each agent's time."""
    return LOAD[local_seconds(tick) // HOUR]
