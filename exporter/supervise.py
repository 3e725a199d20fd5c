"""The only retry: runs a feed's loop again after it failed, for ever.

A failure of one feed never reaches another. A bug is logged with where it happened, counted, and
retried like the rest; only cancellation ends the loop.
"""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable

from exporter.backoff import Patience
from exporter.errors import FeedError, Reason, SignInPending

log = logging.getLogger(__name__)


async def supervise(
    run: Callable[[], Awaitable[None]],
    failed: Callable[[FeedError], None],
    patience: Patience,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Runs `run` until it is cancelled. `failed` is told each failure; waits are `patience`'s."""
    while True:
        try:
            await run()
        except SignInPending as pending:
            await sleep(max(pending.retry_after or 0.0, 0.1))
        except FeedError as error:
            failed(error)
            await sleep(patience.after(error))
        except Exception as bug:
            # the message of a foreign exception may quote a vendor's data: only its type is logged
            where = "".join(traceback.format_tb(bug.__traceback__))
            log.error(
                "a bug in this program; the feed is tried again",
                extra={"exception": type(bug).__name__, "where": where},
            )
            failure = FeedError(Reason.BUG, type(bug).__name__)
            failed(failure)
            await sleep(patience.after(failure))
