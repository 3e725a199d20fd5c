"""`scrape_duration_seconds` of a real Prometheus 3, beside the same one scraping static bytes."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from bench.captured import static
from bench.channel import ROOT, BenchError, child, end
from bench.free_port import free_port
from bench.measures import Row, Spread, times_at_most
from bench.plan import Plan

PROGRAM = ROOT / ".tools" / "bin" / "prometheus"
GOAL = times_at_most(1.15)
INTERVAL = 1.0  # seconds between scrapes
DEADLINE = 60.0  # seconds in which Prometheus has to have scraped often enough


def rows(plan: Plan) -> Iterator[Row]:
    """One row for each size: ours and static bytes in turns, one Prometheus at a time."""
    if not PROGRAM.exists():
        raise BenchError("there is no .tools/bin/prometheus: run `make tools`")
    for series in plan.sizes:
        turns = plan.starts if plan.decides(series) else 1
        ours_seconds: list[float] = []
        static_seconds: list[float] = []
        with child("ours", series) as ours:
            ours.ask("publish", 0)
            with static(ours.ready) as control:
                for _ in range(turns):
                    ours_seconds += durations(ours.ready, series, plan.scrapes)
                    static_seconds += durations(control.ready, series, plan.scrapes)
        goal = GOAL if plan.decides(series) else None
        spreads = Spread.of(ours_seconds, 1e3), Spread.of(static_seconds, 1e3)
        yield Row("Prometheus 3 scrape_duration", series, "ms", *spreads, goal)


def durations(port: int, series: int, scrapes: int) -> list[float]:
    """How long the scrapes of a fresh Prometheus took, without its first, in seconds."""
    with _prometheus(port) as api:
        taken = _wait(api, scrapes + 1)
        up = [float(value) for _, value in _values(api, "up[10m]")]
        samples = [float(value) for _, value in _values(api, "scrape_samples_scraped[10m]")]
    if not all(up) or min(samples) < series:
        raise BenchError(f"Prometheus scraped {min(samples):,.0f} of {series:,} samples")
    return taken[1:]


def _wait(api: str, scrapes: int) -> list[float]:
    """The durations of so many scrapes, once they were made."""
    until = time.monotonic() + DEADLINE
    time.sleep(scrapes * INTERVAL)
    while time.monotonic() < until:
        try:
            values = _values(api, "scrape_duration_seconds[10m]")
        except URLError:
            values = []
        if len(values) >= scrapes:
            return [float(value) for _, value in values[:scrapes]]
        time.sleep(INTERVAL / 2)
    raise BenchError(f"Prometheus made no {scrapes} scrapes in {DEADLINE:g} s")


def _values(api: str, expression: str) -> list[Any]:
    """Time and value of each raw sample of the one series that the expression selects."""
    with urlopen(f"{api}/api/v1/query?{urlencode({'query': expression})}", timeout=10) as answer:
        result = json.load(answer)["data"]["result"]
    return list(result[0]["values"]) if result else []


@contextmanager
def _prometheus(target: int) -> Iterator[str]:
    """A Prometheus with nothing but this target; its URL."""
    port = free_port()
    settings = {
        "global": {"scrape_interval": f"{INTERVAL:g}s", "scrape_timeout": f"{INTERVAL:g}s"},
        "scrape_configs": [
            {"job_name": "bench", "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}
        ],
    }
    with TemporaryDirectory(prefix="bench-prometheus-") as directory:
        file = Path(directory, "prometheus.yml")
        file.write_text(json.dumps(settings))
        command = [
            str(PROGRAM),
            f"--config.file={file}",
            f"--storage.tsdb.path={directory}/tsdb",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ]
        process = subprocess.Popen(command)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            end(process)
