"""A simulated day, the exporter and a real Prometheus: what it holds is the truth."""

import math
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import processes as run

pytestmark = pytest.mark.e2e

OURS = ("contactcenter_queue", "contactcenter_agent", "contactcenter_contacts", "livevox_")
# computed on the vendor's Date header, which has whole seconds
BY_DATE = ("contactcenter_agents_longest_in_state_seconds", "livevox_password_expiry")
NOT_IN_TRUTH = ("livevox_directory_truncated", "contactcenter_queue_service_level_threshold")
FEEDS = 10  # the nine polled feeds and the session


def key(name: str, labels: dict[str, str]) -> tuple[str, frozenset[tuple[str, str]]]:
    """A series without the labels that a scrape or the exporter adds."""
    added = ("__name__", "source", "job", "instance")
    return name, frozenset((k, v) for k, v in labels.items() if k not in added and v)


def truth(simulator: run.Simulator, **params: Any) -> dict[Any, float]:
    """What a perfect exporter would show."""
    document = simulator.get("_truth", **params)
    return {key(one["name"], one["labels"]): one["value"] for one in document["samples"]}


def held(prometheus: run.Prometheus) -> dict[Any, float]:
    """What Prometheus holds of the source now."""
    found = prometheus.query(
        '{source="acme-us", __name__!~"contactcenter_(feed|source|exporter).*"}'
    )
    return {
        key(one["metric"]["__name__"], one["metric"]): float(one["value"][1])
        for one in found
        if one["metric"]["__name__"].startswith(OURS)
    }


@pytest.mark.parametrize("agents", ["hidden", "named"])
def test_prometheus_holds_the_truth_of_a_simulated_day(tmp_path: Path, agents: str) -> None:
    with (
        run.simulator(tmp_path, "--seed", "7", "--speed", "120", "--paused") as simulator,
        run.exporter(
            tmp_path,
            {"sources": {"acme-us": run.source(simulator.url, agents=agents)}},
            f"--ledger.path={tmp_path / 'ledger.sqlite'}",
        ) as exporter,
        run.prometheus(tmp_path, exporter.url.removeprefix("http://").rstrip("/")) as prometheus,
    ):
        up = "sum(contactcenter_feed_up)"
        run.wait_until(
            lambda: [one for one in prometheus.query(up) if one["value"][1] == str(FEEDS)],
            "every feed is up",
        )
        before = truth(simulator)
        simulator.post("_resume")
        run.wait_until(
            lambda: truth(simulator)[_offered(before)] > before[_offered(before)] + 5,
            "simulated minutes pass",
        )
        time.sleep(8)  # about a quarter of a simulated hour of calls
        simulator.post("_pause")
        paused_at = time.time()
        oldest = 'min(contactcenter_feed_last_success_timestamp_seconds{feed!="session"})'
        run.wait_until(
            lambda: float(prometheus.query(oldest)[0]["value"][1]) > paused_at + 2.5,
            "every feed was read, committed and scraped after the pause",
        )
        expected = truth(simulator, agents=agents)
        found = held(prometheus)

    assert len(expected) > 500
    assert sorted(expected.keys() - found.keys(), key=str) == []
    extra = {name for name, _ in found.keys() - expected.keys()}
    assert {name for name in extra if not name.startswith(NOT_IN_TRUTH)} == set()
    for series, value in expected.items():
        tolerance = 1.5 if series[0].startswith(BY_DATE) else 1e-6  # Unix times are floats
        assert math.isclose(found[series], value, rel_tol=1e-9, abs_tol=tolerance), series
    assert any(value > 0 for (name, _), value in found.items() if "contacts_abandoned_tot" in name)


def _offered(samples: dict[Any, float]) -> Any:
    """The window total of the busiest queue."""
    names = [one for one in samples if one[0] == "contactcenter_queue_window_offered_contacts"]
    return max(names, key=lambda one: samples[one])
