"""No secret and no person is in anything the exporter says, whatever the vendor sends it."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import processes as run
from tests.e2e.pairs import PATHS, SIGN_IN
from tests.e2e.scrapes import labels_of, scrape

pytestmark = pytest.mark.e2e

PLANTED = "Planted-Person-5550100"
KEY = "a-key-for-hashing-logins"
ODD_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "service_stats": {"totalOffered": PLANTED, "totalAgents": {"who": PLANTED}},
    "agent_status": {"stateId": PLANTED, "isAgentMonitored": PLANTED, "agentName": PLANTED},
    "calls_on_hold": {"timeStamp": PLANTED},
    "campaign_stats": {"uploaded": PLANTED, "timezoneBreakdown": PLANTED},
    "agent_averages": {"averageReadyTime": PLANTED},
    "live_connects": {"total": [PLANTED]},
    "agent_stats": {"stateChangedTime": PLANTED, "agentName": PLANTED},
    "agent_stats_ex": {"services": PLANTED},
}


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[run.Simulator]:
    with run.simulator(tmp_path_factory.mktemp("vendor"), "--services", "4") as simulator:
        yield simulator


def sources(url: str) -> dict[str, Any]:
    """One account, read three times."""
    return {
        "sources": {
            "hidden": run.source(url, agents="hidden"),
            "hashed": run.source(url, agents="hashed", agents_key=KEY),
            "named": run.source(url, agents="named"),
        }
    }


def pages(exporter: run.Exporter) -> dict[str, str]:
    """Everything that the exporter serves."""
    asked = ["metrics", "", "api/v1/status", "-/healthy", "-/ready", "nothing-here"]
    found = {path: run.HTTP.get(f"{exporter.url}{path}").text for path in asked}
    openmetrics = {"Accept": "application/openmetrics-text; version=1.0.0"}
    found["openmetrics"] = run.HTTP.get(f"{exporter.url}metrics", headers=openmetrics).text
    assert found["openmetrics"].endswith("# EOF\n")
    return found


def misbehave(simulator: run.Simulator) -> None:
    """Every kind of answer that cannot be read, with something planted in it."""
    for feed, fields in ODD_FIELDS.items():
        simulator.fault(PATHS[feed], "wrong_types", fields=fields)
    simulator.fault("/campaign/campaigns/search", "bad_key")
    simulator.fault(PATHS["agent_stats_ex"], "bad_key", row=1)


def break_down(simulator: run.Simulator) -> None:
    """Answers that are broken as a whole."""
    faults = ("broken_json", "cut", "empty_body", "broken_json", "cut", "wrong_document")
    for path, fault in zip(PATHS.values(), faults, strict=False):
        simulator.fault(path, fault)


def break_sign_in(simulator: run.Simulator) -> None:
    """An answer with a session that can not be read."""
    simulator.fault(SIGN_IN, "broken_json")
    simulator.post("_faults", {"fault": "session_expiry"})


def have_failed(exporter: run.Exporter, feed: str) -> bool:
    """Whether a feed has failed in all three sources."""
    return all(exporter.feed(feed, name)["failures"] for name in ("hidden", "hashed", "named"))


def test_nothing_that_is_said_holds_a_secret_or_a_person(
    vendor: run.Simulator, tmp_path: Path
) -> None:
    said: list[str] = []
    with run.exporter(tmp_path, sources(vendor.url), "--log.level=debug") as exporter:
        up = 3 * (len(PATHS) + 1)
        run.wait_until(
            lambda: sum(scrape(exporter).family("contactcenter_feed_up").values()) == up, "all up"
        )
        shown = scrape(exporter)
        said += pages(exporter).values()
        misbehave(vendor)
        rejected = "contactcenter_feed_rejected_fields_total"
        run.wait_until(lambda: len(scrape(exporter).family(rejected)) > 20, "odd fields were met")
        said += pages(exporter).values()
        break_down(vendor)
        run.wait_until(lambda: have_failed(exporter, "agent_status"), "feeds broke")
        said += pages(exporter).values()
        break_sign_in(vendor)
        run.wait_until(lambda: have_failed(exporter, "session"), "sign-ins broke")
        said += pages(exporter).values()
    said.append(exporter.log.read_text())
    assert "feed failed" in said[-1]

    agents = {labels_of(line).get("agent") for line in shown.samples if 'source="named"' in line}
    hashes = {labels_of(line).get("agent") for line in shown.samples if 'source="hashed"' in line}
    logins = {login for login in agents if login is not None}
    assert len(logins) > 10
    assert len(hashes) == len(agents)
    assert not hashes & logins

    everything = "\n".join(said)
    secrets = vendor.get("_secrets")
    assert len(secrets) > 100
    assert [one for one in (*secrets, PLANTED, KEY) if one in everything] == []
    # logins were asked for of one source, and are in the metrics of that one alone
    elsewhere = "\n".join(line for line in everything.splitlines() if 'source="named"' not in line)
    assert [login for login in logins if login in elsewhere] == []


def command(cwd: Path, name: str, document: Mapping[str, Any]) -> tuple[int, str]:
    """The exit code of a command, and all it wrote."""
    file = run.configuration(cwd, document)
    ended = subprocess.run(
        [sys.executable, "-m", "exporter", name, f"--config.file={file}", "--log.level=debug"],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_commands_show_a_configuration_without_its_secrets(tmp_path: Path) -> None:
    document = sources("http://127.0.0.1:9/")
    for name in ("check", "plan"):
        code, said = command(tmp_path, name, document)
        assert code == 0
        assert "exporter" in said
        for secret in (run.CREDENTIALS["password"], run.CREDENTIALS["access_token"], KEY):
            assert secret not in said


# Secrets where they do not belong, each in a source that is named for it.
WRONG: Mapping[str, Mapping[str, Any]] = {
    "a-list": {"password": ["demo-password", "demo-token"]},
    "an-unknown-key": {"pasword": "demo-password"},
    "a-wrong-place": {"environment": "demo-password", "base_url": ""},
    "a-url": {"base_url": "ftp://exporter:demo-password@127.0.0.1/"},
    "a-proxy": {"http": {"proxy": "gopher://exporter:demo-password@127.0.0.1/"}},
}


def test_what_is_said_of_a_wrong_configuration_quotes_no_secret(tmp_path: Path) -> None:
    wrong = {name: run.source("http://127.0.0.1:9/", **change) for name, change in WRONG.items()}
    code, said = command(tmp_path, "run", {"sources": wrong})
    assert code == 2, said
    for name in wrong:
        assert f"sources.{name}" in said
    assert "demo-password" not in said
    assert "demo-token" not in said
