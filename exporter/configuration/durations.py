"""Durations: text such as `15s` or `1h30m` outside, seconds inside.

A validator here says what is wrong and never repeats what it was given, because a secret that
stands in the wrong place must not reach a log.
"""

import math
import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PARTS = re.compile("".join(rf"(?:(?P<{unit}>[0-9]+){unit})?" for unit in _UNITS))
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
_LONGEST = 36_500 * _UNITS["d"]
_NO_DURATION = "must be a duration such as 250ms, 15s, 5m, 1h30m or 30d, or a number of seconds"


def seconds(given: object) -> float:
    """Return the seconds of `15s`, `250ms`, `1h30m`, `30d` or a number; ValueError for others."""
    if isinstance(given, str):
        length = _seconds_of_text(given.strip())
    elif isinstance(given, int | float) and not isinstance(given, bool):
        length = math.inf if given > _LONGEST else float(max(given, -1))
    else:
        raise ValueError(_NO_DURATION)
    if math.isnan(length) or length < 0:
        raise ValueError(_NO_DURATION)
    if length > _LONGEST:
        raise ValueError("must be at most 36500d")
    return length


def _seconds_of_text(text: str) -> float:
    if _SECONDS.fullmatch(text):
        return float(text)
    parts = _PARTS.fullmatch(text)
    if not text or parts is None:
        raise ValueError(_NO_DURATION)
    # Milliseconds are divided, not multiplied: 250ms is the float nearest to a quarter second.
    whole = sum(float(parts[unit] or 0) * _UNITS[unit] for unit in ("d", "h", "m", "s"))
    return whole + float(parts["ms"] or 0) / 1000


def duration_text(length: float) -> str:
    """Write seconds as a duration that reads back as the same number."""
    rest, text = round(length * 1000), ""
    for unit, size in _UNITS.items():
        count, rest = divmod(rest, round(size * 1000))
        text += f"{count}{unit}" if count else ""
    text = text or "0s"
    return text if _seconds_of_text(text) == length else format(Decimal(repr(length)), "f")


def _at_least_a_second(length: float) -> float:
    if length < 1:
        raise ValueError("must be at least 1s")
    return length


def _more_than_nothing(length: float) -> float:
    if length <= 0:
        raise ValueError("must be more than 0s")
    return length


def _at_most_ten_minutes(length: float) -> float:
    if length > 600:
        raise ValueError("must be at most 10m")
    return length


Duration = Annotated[
    float, BeforeValidator(seconds), PlainSerializer(duration_text, str, when_used="json")
]
"""Seconds, 0 or more."""
Interval = Annotated[Duration, AfterValidator(_at_least_a_second)]
"""Seconds, 1 or more."""
PositiveDuration = Annotated[Duration, AfterValidator(_more_than_nothing)]
"""Seconds, more than 0."""
Timeout = Annotated[PositiveDuration, AfterValidator(_at_most_ten_minutes)]
"""Seconds, more than 0 and at most 600."""
