"""The ids of the events that were counted last: what comes again is not counted again."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

Event = TypeVar("Event")


class RecentIds:
    """A window of at least the newest `window` ids, and at most twice as many or one batch more.

    Two generations are kept: forgetting is one step, whatever the window is.
    """

    def __init__(self, window: int, ids: Iterable[str] = ()) -> None:
        self._window = window
        self._older: set[str] = set()
        self._newer = set(ids)

    def new(self, events: Mapping[str, Event]) -> Mapping[str, Event]:
        """The events, by id, that are not in the window."""
        newer, older = self._newer, self._older
        if newer.isdisjoint(events) and older.isdisjoint(events):
            return events
        return {
            key: event for key, event in events.items() if key not in newer and key not in older
        }

    def add(self, ids: Sequence[str]) -> None:
        """Takes ids into the window, oldest first."""
        if self._newer and len(self._newer) + len(ids) > self._window:
            self._older, self._newer = self._newer, set()
        self._newer.update(ids)

    def __len__(self) -> int:
        return len(self._older) + len(self._newer)
