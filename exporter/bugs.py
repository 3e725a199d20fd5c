"""Mistakes of this program that show while it runs: logged with their place, told as failures."""

import logging
import time
import traceback
from collections.abc import Callable

from exporter.errors import FeedError, Reason

log = logging.getLogger(__name__)

AGAIN_AFTER = 3600.0  # seconds after which the same bug is logged again while it goes on


class BugLog:
    """The bugs of one feed, each place logged once an hour at most."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._logged: dict[str, float] = {}  # where → when

    def failure(self, bug: Exception) -> FeedError:
        """The failure that a bug is; where it happened is logged."""
        name = type(bug).__name__
        where = "".join(traceback.format_tb(bug.__traceback__))
        now = self._monotonic()
        before = self._logged.get(where)
        if before is None or now - before >= AGAIN_AFTER:
            self._logged[where] = now
            # the message of a foreign exception may quote a vendor's data: only its type is logged
            log.error(
                "a bug in this program; the feed is tried again",
                extra={"exception": name, "where": where},
            )
        return FeedError(Reason.BUG, name)
