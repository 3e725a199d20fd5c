"""How long agents were in each state, over any period until now."""

from array import array
from bisect import bisect_right

_KEPT_MS = 48 * 3600 * 1000
_FORGET_EVERY_MS = 3600 * 1000

StateKey = tuple[str, str]
"""A canonical state and its reason."""


class StateHistory:
    """Agent time by state, from a first moment on; times are milliseconds since the Unix epoch.

    For each state it keeps when the number of agents in it changed, and the agent time until
    then, so that the time of any period is the difference of two moments.
    """

    def __init__(self, opened_ms: int) -> None:
        self._opened_ms = opened_ms
        self._known_from_ms = opened_ms
        self._forget_at_ms = opened_ms + _KEPT_MS
        self._lines: dict[StateKey, _Line] = {}

    def enter(self, at_ms: int, key: StateKey) -> None:
        """One more agent is in a state."""
        if at_ms >= self._forget_at_ms:
            self._forget_until(at_ms - _KEPT_MS)
            self._forget_at_ms = at_ms + _FORGET_EVERY_MS
        self._lines.setdefault(key, _Line()).change(at_ms, 1)

    def leave(self, at_ms: int, key: StateKey) -> None:
        """One agent fewer is in a state."""
        self._lines[key].change(at_ms, -1)

    def milliseconds(self, since_ms: int, until_ms: int) -> dict[StateKey, int]:
        """Agent milliseconds by state of a period, of the states that somebody was in.

        Raises ValueError when the beginning is no longer known.
        """
        if self._opened_ms < since_ms < self._known_from_ms:
            raise ValueError("that is longer ago than two days, and no longer known")
        since = max(since_ms, self._opened_ms)
        spent = {key: line.until(until_ms) - line.until(since) for key, line in self._lines.items()}
        return {key: spent[key] for key in sorted(spent) if spent[key] > 0}

    def _forget_until(self, at_ms: int) -> None:
        self._known_from_ms = at_ms
        for line in self._lines.values():
            line.forget_until(at_ms)


class _Line:
    """One state: the moments at which its number of agents changed."""

    __slots__ = ("_counts", "_spent", "_times")

    def __init__(self) -> None:
        self._times = array("q")
        self._spent = array("q")
        self._counts = array("q")

    def change(self, at_ms: int, by: int) -> None:
        """Change the number of agents, at a moment not before the last one."""
        if self._times and self._times[-1] == at_ms:
            self._counts[-1] += by
            return
        spent = self.until(at_ms)
        count = self._counts[-1] if self._counts else 0
        self._times.append(at_ms)
        self._spent.append(spent)
        self._counts.append(count + by)

    def until(self, at_ms: int) -> int:
        """Agent milliseconds up to a moment."""
        last = bisect_right(self._times, at_ms) - 1
        if last < 0:
            return 0
        return self._spent[last] + self._counts[last] * (at_ms - self._times[last])

    def forget_until(self, at_ms: int) -> None:
        """Drop the changes that no moment from this one on needs."""
        needed = max(0, bisect_right(self._times, at_ms) - 1)
        for column in (self._times, self._spent, self._counts):
            del column[:needed]
