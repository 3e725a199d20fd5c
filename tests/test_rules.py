"""The recording and alerting rules, their runbooks, and the example configuration of Prometheus.

What the rules compute and when they fire is said in grafana/rules/tests, in promtool's own format;
here promtool runs it, and what promtool can not know is checked.
"""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parent.parent
PROMTOOL = CHECKOUT / ".tools" / "bin" / "promtool"
RULES = CHECKOUT / "grafana" / "rules" / "contact-center.rules.yml"
RULE_TESTS = sorted((CHECKOUT / "grafana" / "rules" / "tests").glob("*.yml"))
RUNBOOKS = CHECKOUT / "docs" / "runbooks"
EXAMPLE = CHECKOUT / "docs" / "examples" / "prometheus.yml"

RUNBOOK_URL = (
    "https://github.com/contact-center-exporter/contact-center-exporter/blob/main/docs/runbooks/"
)
WINDOWS = ("5m", "30m", "1h", "1d")
LEVELS = {"source", "source_queue", "source_channel", "source_state"}
CONTRACT_NAME = re.compile(r"(?:contactcenter|livevox|talkdesk|tiledesk)_\w+")
NAME = re.compile(r"[a-zA-Z_:][\w:]*")


def promtool(*arguments: str) -> str:
    """Run promtool, which has to succeed, and return what it printed."""
    assert PROMTOOL.exists(), f"{PROMTOOL} is missing: `make tools` builds it"
    command = [str(PROMTOOL), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, timeout=120)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}{done.stderr}"
    return done.stdout


def every_rule() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


ALERTS = [rule for rule in every_rule() if "alert" in rule]
RECORDS = [rule for rule in every_rule() if "record" in rule]
each_alert = pytest.mark.parametrize(
    "alert", ALERTS, ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}"
)


@cache
def sample_names() -> frozenset[str]:
    """The name of every sample of the metric contract, as the product itself lists it."""
    command = [sys.executable, "-m", "exporter", "metrics", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, timeout=60)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stderr}"
    families = json.loads(done.stdout)["families"]
    return frozenset(name for family in families for name in samples_of(family))


def samples_of(family: dict[str, Any]) -> set[str]:
    """The sample names of one family, whether or not its name carries the suffix of its type."""
    name = str(family["name"])
    match family["type"]:
        case "counter":
            return {f"{name.removesuffix('_total')}_total"}
        case "histogram":
            return {f"{name}_{part}" for part in ("bucket", "sum", "count")}
        case "info":
            return {f"{name.removesuffix('_info')}_info"}
    return {name}


def unknown_names(text: str) -> set[str]:
    """The names in an expression or a text that look like our metrics, and are none.

    A name with a colon has to be a recording rule, any other one a sample of the contract.
    """
    recorded = {rule["record"] for rule in RECORDS}
    names = set(NAME.findall(text))
    return {n for n in names if ":" in n.strip(":") and n not in recorded} | {
        n for n in names if CONTRACT_NAME.fullmatch(n) and n not in sample_names()
    }


def test_promtool_accepts_the_rules_and_has_no_complaint() -> None:
    out = promtool("check", "rules", "--lint=all", "--lint-fatal", str(RULES))
    assert f"{len(ALERTS) + len(RECORDS)} rules found" in out


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.stem)
def test_the_rules_compute_and_fire_as_their_tests_say(path: Path) -> None:
    assert "SUCCESS" in promtool("test", "rules", str(path))


def test_the_example_configuration_is_valid_and_loads_the_rules() -> None:
    out = promtool("check", "config", "--lint=all", "--lint-fatal", str(EXAMPLE))
    assert "1 rule files found" in out
    assert f"{len(ALERTS) + len(RECORDS)} rules found" in out


def test_recording_rules_are_named_level_metric_operation() -> None:
    operation = r"sum|max|ratio|(increase|ratio_rate)(5m|30m|1h|1d)"
    name = re.compile(rf"({'|'.join(LEVELS)}):contactcenter_\w+(?<!_total):({operation})")
    assert [rule["record"] for rule in RECORDS if not name.fullmatch(rule["record"])] == []


def test_the_same_is_recorded_for_each_window() -> None:
    windowed = {
        window: {
            rule["record"].removesuffix(window): re.sub(
                rf"{window}\b", "WINDOW", rule["expr"].strip()
            )
            for rule in RECORDS
            if re.search(rf"(increase|rate){window}$", rule["record"])
        }
        for window in WINDOWS
    }
    assert len(windowed["5m"]) == 23
    assert all(windowed[window] == windowed["5m"] for window in WINDOWS)


@each_alert
def test_an_alert_says_what_it_is_and_what_to_do(alert: dict[str, Any]) -> None:
    name, annotations = alert["alert"], alert["annotations"]
    assert re.fullmatch(r"ContactCenter([A-Z][a-z]+)+", name)
    assert alert["labels"] in ({"severity": "critical"}, {"severity": "warning"})
    assert "{{" not in annotations["summary"], "alerts are grouped by their summary"
    assert "{{" in annotations["description"] or name == "ContactCenterExporterAbsent"
    assert annotations["runbook_url"] == f"{RUNBOOK_URL}{name}.md"


@each_alert
def test_an_alert_about_abandoned_contacts_is_not_taken_for_the_law(alert: dict[str, Any]) -> None:
    about_abandoned = "abandoned_per_offered" in alert["expr"]
    says_so = "not the legal measure (3 % over 30 days per campaign)"
    assert (says_so in alert["annotations"]["description"]) == about_abandoned


def test_each_alert_has_a_runbook_and_each_runbook_an_alert() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == {rule["alert"] for rule in ALERTS}


@pytest.mark.parametrize("path", sorted(RUNBOOKS.glob("*.md")), ids=lambda path: path.stem)
def test_a_runbook_says_what_it_means_what_to_look_at_and_what_to_do(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    headings = [line for line in lines if line.startswith("#")]
    parts = ["## What it means", "## What to look at", "## What to do"]
    assert headings == [f"# {path.stem}", *parts]


def expectations(alert: dict[str, Any]) -> list[bool]:
    """For each time that a test looks at this alert: whether it expects it to fire then."""
    tests = [t for path in RULE_TESTS for t in yaml.safe_load(path.read_text())["tests"]]
    moments = [moment for test in tests for moment in test.get("alert_rule_test", [])]
    return [
        any(
            fired["exp_labels"]["severity"] == alert["labels"]["severity"]
            for fired in moment["exp_alerts"]
        )
        for moment in moments
        if moment["alertname"] == alert["alert"]
    ]


@each_alert
def test_an_alert_is_tested_to_fire_and_to_be_quiet(alert: dict[str, Any]) -> None:
    assert set(expectations(alert)) == {True, False}


def test_rules_ask_only_for_what_the_contract_has() -> None:
    asked = {rule.get("record") or rule["alert"]: rule["expr"] for rule in every_rule()}
    unknown = {rule: unknown_names(expression) for rule, expression in asked.items()}
    assert {rule: names for rule, names in unknown.items() if names} == {}


def test_rules_are_tested_with_series_that_the_contract_has() -> None:
    tests = [t for path in RULE_TESTS for t in yaml.safe_load(path.read_text())["tests"]]
    series = {line["series"].split("{")[0] for test in tests for line in test["input_series"]}
    assert unknown_names(" ".join(series)) == set()


def test_runbooks_name_only_what_the_contract_has() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in RUNBOOKS.glob("*.md")}
    code = {
        page: re.findall(r"```promql\n.*?```|`[^`\n]+`", text, re.DOTALL)
        for page, text in texts.items()
    }
    unknown = {page: unknown_names(" ".join(parts)) for page, parts in code.items()}
    assert {page: names for page, names in unknown.items() if names} == {}
