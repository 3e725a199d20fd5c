"""The account of the benchmark: a LiveVox source with its streams, and hardly a poll."""

from collections.abc import Sequence
from pathlib import Path

from bench.dataset import SOURCE
from exporter.settings import Settings, load

POLLS = ("service_stats", "calls_on_hold", "campaign_stats", "agent_stats_ex")


def settings(base_url: str, ledger: Path, streams: Sequence[str]) -> Settings:
    """A configuration with one source, read at `base_url`, and with these of its streams on."""
    agents = "agent_events" in streams  # which need the poll that corrects them
    feeds = {
        **{name: {"enabled": False} for name in POLLS},
        "agent_status": {"enabled": agents},
        **{name: {"enabled": True} for name in streams},
    }
    source = {
        "platform": "livevox",
        "base_url": base_url,
        "client_name": "ACME",
        "username": "exporter",
        "password": "not-a-password",
        "access_token": "not-a-token",
        "feeds": feeds,
    }
    return load(
        None,
        {},
        {
            "sources": {SOURCE: source},
            "ledger": {"path": str(ledger)},
            "web": {"listen_address": ["127.0.0.1:0"]},
        },
    )
