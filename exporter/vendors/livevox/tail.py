"""Where a stream of events is resumed: some events before the last one that came."""

from collections import deque
from collections.abc import Iterable

OVERLAP = 16  # events before the last one at which a stream of events is resumed
OVERLAP_SECONDS = 30.0  # and how long before the last one they may have come


class Tail:
    """The last events that came, of which the first is the cursor.

    Neighbours may have been swapped, and the stream be cut between them.
    """

    def __init__(self, cursor: str) -> None:
        self.cursor = cursor
        self._events: deque[tuple[str, float]] = deque(maxlen=OVERLAP + 1)
        self.begin_again()

    def begin_again(self) -> None:
        """Nothing has come yet of what follows the cursor."""
        self._events.clear()
        if self.cursor:
            self._events.append((self.cursor, 0.0))

    def forget(self) -> None:
        """Begins without a cursor."""
        self.cursor = ""
        self._events.clear()

    def passed(self, came: Iterable[str], at: float) -> str | None:
        """The cursor, if it has changed, once these events came, in this order, at this time."""
        events = self._events
        events.extend([(event, at) for event in came])
        while len(events) > 1 and events[1][1] < at - OVERLAP_SECONDS:
            events.popleft()
        if not events or events[0][0] == self.cursor:
            return None
        self.cursor = events[0][0]
        return self.cursor
