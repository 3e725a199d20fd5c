"""What was asked of a simulator, so that a test can prove what the exporter never asks."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class RequestLog:
    """Counts of requests by method and path, and those that would have changed something."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._changes: list[dict[str, str]] = []
        self._in_flight = 0
        self._max_in_flight = 0

    @contextmanager
    def request(self, method: str, path: str, reads: bool) -> Iterator[None]:
        """Count a request, which is in flight until the context ends."""
        self._counts[f"{method} {path}"] += 1
        if not reads:
            self._changes.append({"method": method, "path": path})
        self._in_flight += 1
        self._max_in_flight = max(self._max_in_flight, self._in_flight)
        try:
            yield
        finally:
            self._in_flight -= 1

    def clear(self) -> None:
        """Forget everything but what is in flight."""
        self._counts.clear()
        self._changes.clear()
        self._max_in_flight = self._in_flight

    def document(self) -> dict[str, object]:
        """What `GET /_requests` answers."""
        return {
            "total": self._counts.total(),
            "in_flight": self._in_flight,
            "max_in_flight": self._max_in_flight,
            "counts": dict(sorted(self._counts.items())),
            "changes": list(self._changes),
        }
