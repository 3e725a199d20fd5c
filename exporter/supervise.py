"""The only retry: runs a feed's loop again after it failed, for ever.

A failure of one feed never reaches another. A bug is logged with where it happened, counted, and
retried like the rest; only cancellation ends the loop.
"""

import asyncio
from collections.abc import Awaitable, Callable

from exporter.backoff import Patience
from exporter.bugs import BugLog
from exporter.errors import FeedError, SignInPending

SHORTEST_PAUSE = 0.1  # seconds; a sign-in that is due this very moment must not make a busy loop


async def supervise(
    run: Callable[[], Awaitable[None]],
    failed: Callable[[FeedError], None],
    patience: Patience,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Runs `run` until it is cancelled. `failed` is told each failure; waits are `patience`'s.

    A `run` that returns is a bug: it would be called again without a pause.
    """
    bugs = BugLog()
    while True:
        try:
            await run()
            raise RuntimeError("the loop of a feed ended")
        except SignInPending as pending:
            await sleep(max(pending.retry_after or 0.0, SHORTEST_PAUSE))
            continue
        except FeedError as error:
            failure = error
        except Exception as bug:
            failure = bugs.failure(bug)
        failed(failure)
        await sleep(patience.after(failure))
