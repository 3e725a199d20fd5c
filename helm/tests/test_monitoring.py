"""What Prometheus and Grafana get from the chart: a monitor, the rules, the dashboards."""

import json
import pathlib
import re
import shutil
from typing import Any

import yaml
from rendering import CHART, MINIMAL, ROOT, Document, container, of_kind, render, run


def test_the_service_and_the_monitor_find_the_pod() -> None:
    documents = render(CHART / "ci" / "full-values.yaml")
    (deployment,) = of_kind("Deployment", documents)
    (service,) = of_kind("Service", documents)
    (monitor,) = of_kind("ServiceMonitor", documents)
    pod_labels = deployment["spec"]["template"]["metadata"]["labels"].items()
    assert service["spec"]["selector"].items() <= pod_labels
    assert (
        monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    )
    assert monitor["spec"]["namespaceSelector"] == {"matchNames": ["support"]}
    (endpoint,) = monitor["spec"]["endpoints"]
    (port,) = service["spec"]["ports"]
    assert endpoint["port"] == port["name"]
    assert endpoint["path"] == "/contact-center/metrics"
    assert port["targetPort"] in {each["name"] for each in container(documents)["ports"]}


def test_the_rules_and_dashboards_are_those_of_the_repository() -> None:
    result = run(ROOT / "helm" / "sync-files", "--check")
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_copy_that_differs_is_noticed_and_mended(tmp_path: pathlib.Path) -> None:
    """A small repository of its own, so that the real one is not touched."""
    script = tmp_path / "helm" / "sync-files"
    script.parent.mkdir()
    shutil.copy2(ROOT / "helm" / "sync-files", script)
    files = tmp_path / "helm" / "contact-center-exporter" / "files"
    rules = tmp_path / "grafana" / "rules" / "contact-center.rules.yml"
    board = tmp_path / "grafana" / "dashboards" / "wallboard.json"
    for original in (rules, board):
        original.parent.mkdir(parents=True)
        original.write_text("first", encoding="utf-8")
    assert run(script).returncode == 0
    assert run(script, "--check").returncode == 0
    rules.write_text("second", encoding="utf-8")
    board.unlink()
    result = run(script, "--check")
    assert result.returncode == 1
    assert "contact-center.rules.yml" in result.stdout
    assert "wallboard.json" in result.stdout
    assert run(script).returncode == 0
    assert (files / rules.name).read_text(encoding="utf-8") == "second"
    assert not (files / "dashboards" / board.name).exists()


def name_of(rule: Document) -> str:
    """The name of an alert or of a recorded series."""
    name: str = rule.get("alert") or rule["record"]
    return name


def shipped_rules() -> list[Document]:
    """The rules in the chart's own file."""
    text = (CHART / "files" / "contact-center.rules.yml").read_text(encoding="utf-8")
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def installed_rules(**values: Any) -> list[Document]:
    """The rules that Prometheus would get with these values of prometheusRule."""
    documents = render({**MINIMAL, "prometheusRule": {"enabled": True, **values}})
    (rule,) = of_kind("PrometheusRule", documents)
    return [each for group in rule["spec"]["groups"] for each in group["rules"]]


def test_every_rule_is_installed_as_it_is() -> None:
    assert installed_rules() == shipped_rules()


def test_a_rule_can_be_left_out_by_name() -> None:
    alert = next(name_of(each) for each in shipped_rules() if "alert" in each)
    record = next(name_of(each) for each in shipped_rules() if "record" in each)
    left = installed_rules(disabled=[alert, record])
    assert left == [each for each in shipped_rules() if name_of(each) not in {alert, record}]


def test_labels_for_routing_reach_the_alerts_alone() -> None:
    for before, after in zip(
        shipped_rules(), installed_rules(alertLabels={"team": "support"}), strict=True
    ):
        added = {"team": "support"} if "alert" in before else {}
        assert after.get("labels", {}) == {**before.get("labels", {}), **added}


def test_the_job_is_the_one_that_the_alerts_look_for() -> None:
    """ContactCenterExporterAbsent would fire for ever if a release's name changed the job."""
    values = {**MINIMAL, "nameOverride": "x", "serviceMonitor": {"enabled": True}}
    (monitor,) = of_kind("ServiceMonitor", render(values))
    (endpoint,) = monitor["spec"]["endpoints"]
    (job,) = (each["replacement"] for each in endpoint["relabelings"])
    (absent,) = (
        each for each in shipped_rules() if each.get("alert", "").endswith("ExporterAbsent")
    )
    (pattern,) = re.findall(r'job=~"([^"]+)"', absent["expr"])
    assert re.fullmatch(pattern, job)


def test_every_dashboard_becomes_a_config_map_for_the_sidecar() -> None:
    shipped = {path.name: path for path in (CHART / "files" / "dashboards").glob("*.json")}
    documents = render({**MINIMAL, "dashboards": {"enabled": True}})
    found = {}
    for each in of_kind("ConfigMap", documents):
        if each["metadata"]["labels"].get("grafana_dashboard") == "1":
            found.update(each["data"])
    assert {name: json.loads(text) for name, text in found.items()} == {
        name: json.loads(path.read_text(encoding="utf-8")) for name, path in shipped.items()
    }
