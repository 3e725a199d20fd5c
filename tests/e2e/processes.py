"""Real processes for end-to-end tests: the simulator, the exporter, Prometheus. Loopback only."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / ".tools" / "bin" / "prometheus"
PROMTOOL = ROOT / ".tools" / "bin" / "promtool"
DEADLINE = 30.0  # seconds in which a condition has to come true
# One client for all: making one costs more than most requests. No connection outlives a request,
# as the process at its other end may.
HTTP = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False, timeout=10)

CREDENTIALS = {
    "client_name": "DEMO",
    "username": "exporter",
    "password": "demo-password",
    "access_token": "demo-token",
}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Callable[[], Any], what: str, deadline: float = DEADLINE) -> Any:
    """The first true value of a condition; fails if none comes in time."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"in {deadline:g} s, this did not come true: {what}"
        time.sleep(0.05)


@contextmanager
def process(
    *command: str, cwd: Path, environment: Mapping[str, str] | None = None, name: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a command with its output in `NAME.log`; ends it by its process id."""
    log = (cwd / f"{name}.log").open("ab")
    clean = {k: v for k, v in os.environ.items() if not k.startswith("CCE_")}
    with log:
        running = subprocess.Popen(
            command, cwd=cwd, env={**clean, **(environment or {})}, stdout=log, stderr=log
        )
        try:
            yield running
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGTERM)
                try:
                    running.wait(10)
                except subprocess.TimeoutExpired:
                    running.kill()
                    running.wait()
                    raise


@dataclass
class Simulator:
    """A simulated LiveVox and its controls."""

    url: str

    def post(self, path: str, body: Any = None) -> Any:
        """A control such as `_pause`."""
        answer = HTTP.post(f"{self.url}{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def get(self, path: str, **params: Any) -> Any:
        """A view such as `_truth`."""
        answer = HTTP.get(f"{self.url}{path}", params=params, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def fault(self, path: str, fault: str, **options: Any) -> None:
        """Makes it misbehave."""
        self.post("_faults", {"path": path, "fault": fault, **options})

    def heal(self) -> None:
        """Ends all misbehaviour."""
        HTTP.delete(f"{self.url}_faults").raise_for_status()


@contextmanager
def simulator(cwd: Path, *arguments: str) -> Iterator[Simulator]:
    """A simulated LiveVox on a free port."""
    port = free_port()
    command = (sys.executable, "-m", "exporter.simulators", "livevox", "--port", str(port))
    with process(*command, *arguments, cwd=cwd, name="simulator"):
        running = Simulator(f"http://127.0.0.1:{port}/")
        wait_until(lambda: answers(f"{running.url}_requests"), "the simulator answers")
        yield running


def answers(url: str) -> bool:
    """Whether a URL answers with 200."""
    try:
        return HTTP.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def serves(running: subprocess.Popen[bytes], url: str) -> bool:
    """Whether a process answers with 200 at a URL; fails if it has ended."""
    assert running.poll() is None, f"it ended with {running.poll()}: see its log"
    return answers(url)


@dataclass
class Exporter:
    """A running exporter."""

    url: str
    pid: int
    process: subprocess.Popen[bytes]
    log: Path

    def metrics(self) -> str:
        """The text of /metrics."""
        answer = HTTP.get(f"{self.url}metrics")
        assert answer.status_code == 200
        return answer.text

    def samples(self, prefix: str = "") -> dict[str, float]:
        """Sample lines to values, of names that begin with the prefix."""
        pairs = (
            line.rpartition(" ") for line in self.metrics().splitlines() if not line.startswith("#")
        )
        return {name: float(value) for name, _, value in pairs if name.startswith(prefix)}

    def value(self, family: str, **labels: str) -> float | None:
        """The value of the one sample of a family that has these labels."""
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        found = [
            value
            for name, value in self.samples(family).items()
            if name.partition("{")[0] == family and all(pair in name for pair in wanted)
        ]
        assert len(found) <= 1, f"{len(found)} samples of {family} have {wanted}"
        return found[0] if found else None

    def status(self) -> Any:
        """The status document."""
        return HTTP.get(f"{self.url}api/v1/status").json()

    def feed(self, name: str, source: str = "acme-us") -> Any:
        """A feed in the status document."""
        found = next(one for one in self.status()["sources"] if one["name"] == source)
        return next(feed for feed in found["feeds"] if feed["name"] == name)


def configuration(cwd: Path, document: Mapping[str, Any]) -> Path:
    """Writes a configuration file; JSON is YAML."""
    file = cwd / "exporter.yml"
    file.write_text(json.dumps(document))
    return file


def exporter_command(cwd: Path, document: Mapping[str, Any], port: int) -> list[str]:
    """The command that runs the exporter with a configuration on a port of this machine."""
    file = configuration(cwd, document)
    address = f"--web.listen-address=127.0.0.1:{port}"
    return [sys.executable, "-m", "exporter", "run", f"--config.file={file}", address]


@contextmanager
def exporter(cwd: Path, document: Mapping[str, Any], *arguments: str) -> Iterator[Exporter]:
    """The exporter with a configuration, once it serves."""
    port = free_port()
    command = exporter_command(cwd, document, port)
    with process(*command, *arguments, cwd=cwd, name="exporter") as running:
        url = f"http://127.0.0.1:{port}/"
        wait_until(lambda: serves(running, f"{url}-/healthy"), "the exporter answers")
        yield Exporter(url, running.pid, running, cwd / "exporter.log")


POLLED = (
    "service_stats",
    "agent_status",
    "calls_on_hold",
    "campaign_stats",
    "agent_averages",
    "live_connects",
    "agent_stats",
    "agent_stats_ex",
    "directory",
)


def feeds(*enabled: str, interval: str = "1s") -> dict[str, Any]:
    """The setting `feeds` with only some of the polled ones."""
    return {name: {"enabled": name in enabled, "interval": interval} for name in POLLED}


def source(url: str, interval: str = "1s", **changes: Any) -> dict[str, Any]:
    """A source with every polled feed on."""
    return {
        "platform": "livevox",
        "base_url": url,
        **CREDENTIALS,
        "http": {"timeout": "3s"},
        "feeds": feeds(*POLLED, interval=interval),
        **changes,
    }


@dataclass
class Prometheus:
    """A running Prometheus."""

    url: str

    def query(self, expression: str) -> list[Any]:
        """The result of an instant query."""
        answer = HTTP.get(f"{self.url}api/v1/query", params={"query": expression}).json()
        assert answer["status"] == "success", answer
        result: list[Any] = answer["data"]["result"]
        return result


@contextmanager
def prometheus(cwd: Path, target: str) -> Iterator[Prometheus]:
    """A Prometheus that scrapes the target each second."""
    assert PROMETHEUS.exists(), "build it with tests/tools/build"
    port = free_port()
    file = cwd / "prometheus.yml"
    file.write_text(
        json.dumps(
            {
                "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
                "scrape_configs": [
                    {"job_name": "exporter", "static_configs": [{"targets": [target]}]}
                ],
            }
        )
    )
    command = (str(PROMETHEUS), f"--config.file={file}", f"--storage.tsdb.path={cwd / 'tsdb'}")
    address = f"--web.listen-address=127.0.0.1:{port}"
    with process(*command, address, cwd=cwd, name="prometheus"):
        url = f"http://127.0.0.1:{port}/"
        wait_until(lambda: answers(f"{url}-/ready"), "Prometheus is ready")
        yield Prometheus(url)
