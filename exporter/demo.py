"""`demo`: a simulated account of each platform, and the exporter reading them.

Each simulator is a process of its own that ends when its standard input does, so that none is
left behind, whatever happens to this one.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from exporter.errors import ExporterError

PLATFORMS = ("livevox",)
PASSWORD_VARIABLE = "DEMO_LIVEVOX_PASSWORD"  # noqa: S105  the name of a variable, not a password
TOKEN_VARIABLE = "DEMO_LIVEVOX_ACCESS_TOKEN"  # noqa: S105  likewise
_SIGNS = "listening on "


@contextmanager
def simulators(seed: int, speed: float) -> Iterator[Mapping[str, str]]:
    """Runs the simulators; yields their base URLs by platform."""
    running: list[subprocess.Popen[str]] = []
    try:
        urls = {}
        for platform in PLATFORMS:
            process = _started(platform, seed, speed)
            running.append(process)
            urls[platform] = _url(process, platform)
        yield urls
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=10)


def _started(platform: str, seed: int, speed: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "exporter.simulators", platform, "--port", "0"]
    command += ["--seed", str(seed), "--speed", str(speed), "--exit-with-stdin"]
    return subprocess.Popen(  # noqa: S603  our own interpreter and module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the exporter, which then ends this process
    )


def _url(process: subprocess.Popen[str], platform: str) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if not line.startswith(_SIGNS):
        raise ExporterError(f"the simulator of {platform} did not start")
    return line.removeprefix(_SIGNS).strip()


def configuration(urls: Mapping[str, str], addresses: Sequence[str]) -> Mapping[str, object]:
    """The configuration of the demo: what a user would write, for the simulated accounts."""
    return {
        "web": {"listen_address": list(addresses)},
        "sources": {
            "demo-livevox": {
                "platform": "livevox",
                "base_url": urls["livevox"],
                "client_name": "DEMO",
                "username": "exporter",
                "password": {"env": PASSWORD_VARIABLE},
                "access_token": {"env": TOKEN_VARIABLE},
                "feeds": {
                    "service_stats": {"interval": "2s"},
                    "agent_status": {"interval": "2s"},
                    "calls_on_hold": {"interval": "2s"},
                    "campaign_stats": {"interval": "5s"},
                    "agent_averages": {"enabled": True, "interval": "15s"},
                    "live_connects": {"enabled": True, "interval": "15s"},
                    "agent_stats": {"enabled": True, "interval": "5s"},
                    "agent_stats_ex": {"interval": "10s"},
                    "directory": {"interval": "60s"},
                    "agent_events": {"enabled": True},
                    "interaction_events": {"enabled": True},
                },
            }
        },
    }


def environment() -> Mapping[str, str]:
    """The process's environment with the simulated accounts' credentials."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("CCE_")},
        PASSWORD_VARIABLE: "demo-password",
        TOKEN_VARIABLE: "demo-token",
    }
