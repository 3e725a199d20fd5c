"""The same bytes from a server that does nothing: the answers of ours, captured for the control."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.channel import Child, child
from bench.children.static import NAMES
from bench.http_client import Scraper, request


@contextmanager
def static(port: int) -> Iterator[Child]:
    """A static server with what the server on `port` answers now, in each format and encoding."""
    with TemporaryDirectory(prefix="bench-") as directory:
        scraper = Scraper(port)
        for (gzip, openmetrics), name in NAMES.items():
            answer = scraper.fetch(request(gzip, openmetrics))
            (Path(directory) / name).write_bytes(answer.head + answer.body)
        with child("static", directory) as running:
            yield running
