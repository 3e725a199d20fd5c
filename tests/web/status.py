"""A status document as the program makes them, to be changed by tests."""

from typing import Any

PLANTED = "<script>alert('x & y')</script>\"'"


def feed(name: str = "service_stats", **changes: Any) -> dict[str, Any]:
    """A feed that is up; `changes` replace values."""
    return {
        "name": name,
        "state": "up",
        "last_success": 1_763_985_600.0,
        "data_age_seconds": 3.4,
        "requests": 120,
        "failures": 2,
        "rejected": 1,
        "last_error": None,
        "remark": "",
    } | changes


def source(name: str = "acme-us", feeds: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A source that is up."""
    return {
        "name": name,
        "platform": "livevox",
        "environment": "na4",
        "up": True,
        "queues": 12,
        "feeds": [feed()] if feeds is None else feeds,
    }


def document(*sources: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A status document; `changes` replace values."""
    return {
        "version": "1.2.3",
        "uptime_seconds": 3723.0,
        "series": 4567,
        "ledger": {"state": "ok", "durable": True},
        "sources": list(sources),
    } | changes
