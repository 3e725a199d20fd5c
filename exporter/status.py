"""The status document: what the status page and `/api/v1/status` show. No secrets, no persons."""

from typing import Any, Protocol

from exporter.feeds import SESSION
from exporter.health import FeedHealth, SourceHealth
from exporter.source import Source


class LedgerState(Protocol):
    """What is shown of a ledger."""

    @property
    def failing(self) -> bool:
        """Whether its last commit failed."""
        ...


def ledger_status(ledger: LedgerState | None, durable: bool) -> dict[str, Any]:
    """The ledger: `ok`, `failing` or `not opened`, and whether it is on disk."""
    state = "not opened" if ledger is None else "failing" if ledger.failing else "ok"
    return {"state": state, "durable": durable}


def source_status(source: Source, now: float, wall: float) -> dict[str, Any]:
    """A source: its name, whether it is up, its feeds."""
    return {
        "name": source.name,
        "platform": source.account.platform,
        "environment": source.account.environment,
        "up": source.health.up(now),
        "queues": len(source.queues),
        "feeds": [
            _feed_status(source.health, feed, now, wall) for feed in source.health.feeds.values()
        ],
    }


def _feed_status(source: SourceHealth, feed: FeedHealth, now: float, wall: float) -> dict[str, Any]:
    error = feed.last_error
    up = feed.up(now)
    waiting = not feed.tried and feed.name != SESSION
    return {
        "name": feed.name,
        "state": "up" if up else "waiting" if waiting else "down",
        "last_success": feed.last_success,
        "data_age_seconds": _age(feed, now),
        "requests": sum(feed.requests.values()),
        "failures": sum(feed.failures.values()),
        "rejected": feed.rejected_rows + sum(feed.rejected_fields.values()),
        "last_error": error
        and {
            "reason": error.reason.value,
            "detail": error.detail,
            "at": error.at,
            "seconds_ago": round(max(0.0, wall - error.at), 1),
        },
        "remark": feed.remark,
        "stream": _stream_status(feed) if feed.streams else None,
    }


def _stream_status(feed: FeedHealth) -> dict[str, Any]:
    """What only streams have; counts since the start of the program."""
    return {
        "connected": feed.connected,
        "connections": feed.connections,
        "events": feed.events,
        "duplicates": feed.duplicates,
        "last_event": feed.newest_event,
    }


def _age(feed: FeedHealth, now: float) -> float | None:
    if feed.last_success is None or feed.name == SESSION:
        return None
    return round(feed.age(now), 1)
