"""What the chart installs: strict lint, strict schemas, and the promises of its README."""

import pathlib
import re
from typing import Any

import pytest
import yaml
from rendering import (
    CHART,
    CI_FILES,
    HELM,
    MINIMAL,
    ROOT,
    TOOLS,
    Document,
    container,
    exporter_yml,
    of_kind,
    pod,
    render,
    run,
    template,
)

import exporter

every_ci_file = pytest.mark.parametrize("values", CI_FILES, ids=lambda path: path.stem)

# Served by the Prometheus operator; kubernetes-validate has no schema for them.
OPERATOR_KINDS = {"ServiceMonitor", "PrometheusRule"}


def test_the_ci_files_cover_the_ways_to_install() -> None:
    names = {path.name.removesuffix("-values.yaml") for path in CI_FILES}
    assert names >= {"default", "full", "demo", "persistence"}


@every_ci_file
def test_helm_lint_is_strict_and_clean(values: pathlib.Path) -> None:
    result = run(HELM, "lint", "--strict", CHART, "--values", values)
    assert result.returncode == 0, result.stdout
    assert "[WARNING]" not in result.stdout


@every_ci_file
@pytest.mark.parametrize("version", ["1.25", "1.34"])
def test_kubernetes_knows_every_field(
    values: pathlib.Path, version: str, tmp_path: pathlib.Path
) -> None:
    built_in = [each for each in render(values) if each["kind"] not in OPERATOR_KINDS]
    rendered = tmp_path / "rendered.yaml"
    rendered.write_text(yaml.safe_dump_all(built_in), encoding="utf-8")
    result = run(TOOLS / "kubernetes-validate", "-k", version, "--strict", rendered)
    said = result.stdout + result.stderr
    assert result.returncode == 0, said
    # A kind without a schema would only be a warning, and would not have been checked at all.
    assert "WARN" not in said
    assert said.count(" passed ") == len(built_in)


@every_ci_file
def test_rendering_twice_gives_the_same_bytes(values: pathlib.Path) -> None:
    first, second = template(values), template(values)
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout


@every_ci_file
def test_every_object_is_named_once_and_labelled(values: pathlib.Path) -> None:
    documents = render(values)
    keys = [(each["kind"], each["metadata"]["name"]) for each in documents]
    assert len(keys) == len(set(keys))
    for each in documents:
        labels = each["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == "contact-center-exporter"
        assert labels["app.kubernetes.io/instance"] == "test"
        assert each["metadata"]["namespace"]


@every_ci_file
def test_probes_ask_the_exporter_and_never_collect_metrics(values: pathlib.Path) -> None:
    the_container = container(render(values))
    paths = {
        name: the_container[name]["httpGet"]["path"]
        for name in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert paths == {
        "startupProbe": "/-/healthy",
        "livenessProbe": "/-/healthy",
        "readinessProbe": "/-/ready",
    }


@every_ci_file
def test_the_container_has_no_rights(values: pathlib.Path) -> None:
    documents = render(values)
    the_pod, security = pod(documents), container(documents)["securityContext"]
    assert the_pod["securityContext"]["runAsNonRoot"] is True
    assert the_pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert the_pod["automountServiceAccountToken"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    for account in of_kind("ServiceAccount", documents):
        assert account["automountServiceAccountToken"] is False


@every_ci_file
def test_only_one_pod_ever_reads_the_vendors(values: pathlib.Path) -> None:
    (deployment,) = of_kind("Deployment", render(values))
    assert deployment["spec"]["replicas"] == 1
    assert deployment["spec"]["strategy"] == {"type": "Recreate"}


@every_ci_file
def test_no_variable_of_kubernetes_can_look_like_one_of_ours(values: pathlib.Path) -> None:
    """A Service named cce would set CCE_SERVICE_HOST, which the exporter refuses."""
    assert pod(render(values))["enableServiceLinks"] is False


@every_ci_file
def test_every_mount_is_a_whole_directory_of_a_declared_volume(values: pathlib.Path) -> None:
    documents = render(values)
    mounts = container(documents)["volumeMounts"]
    assert all("subPath" not in mount for mount in mounts)
    assert {mount["name"] for mount in mounts} == {
        each["name"] for each in pod(documents)["volumes"]
    }
    assert "/tmp" in {mount["mountPath"] for mount in mounts}


def secrets_in(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every value of a configuration whose key names a secret."""
    if not isinstance(value, dict):
        return []
    here = [(f"{path}.{key}", item) for key, item in value.items() if SECRET_KEY.fullmatch(key)]
    return here + [
        found for key, item in value.items() for found in secrets_in(item, f"{path}.{key}")
    ]


SECRET_KEY = re.compile(r"password|token|access_token|client_secret|private_key|agents_key")


@every_ci_file
def test_the_chart_holds_no_secret_material(values: pathlib.Path) -> None:
    documents = render(values)
    assert of_kind("Secret", documents) == []
    if "config" not in yaml.safe_load(values.read_text(encoding="utf-8")):
        return
    found = secrets_in(exporter_yml(documents))
    assert found
    for path, reference in found:
        assert set(reference) in ({"file"}, {"env"}), path


def test_the_demo_needs_no_account_and_can_be_reached_from_outside_the_pod() -> None:
    documents = render(CHART / "ci" / "demo-values.yaml")
    args = container(documents)["args"]
    assert args[0] == "demo"
    assert "--web.listen-address=:10710" in args
    assert not any(arg.startswith("--config.file") for arg in args)
    assert all("exporter.yml" not in each["data"] for each in of_kind("ConfigMap", documents))


def test_the_configuration_arrives_unchanged() -> None:
    """Whole numbers stay whole, not 1.6777216e+07; text that looks like a number stays text."""
    source = {**MINIMAL["config"]["sources"]["desk"], "projects": ["0123", "1e3", "12:30", "no"]}
    source["feeds"] = {"requests": {"max_message_bytes": 16777216, "resync": "5m"}}
    config = {"sources": {"desk": source}, "histograms": {"wait_seconds": [0.5, 5, 10]}}
    documents = render({"config": config})
    assert exporter_yml(documents) == config
    assert "16777216\n" in of_kind("ConfigMap", documents)[0]["data"]["exporter.yml"]
    args = container(documents)["args"]
    assert args[:2] == ["run", "--config.file=/etc/contact-center-exporter/exporter.yml"]
    mounted = {mount["name"]: mount["mountPath"] for mount in container(documents)["volumeMounts"]}
    assert mounted["config"] == "/etc/contact-center-exporter"


def checksum(values: Document) -> str:
    (deployment,) = of_kind("Deployment", render(values))
    found: str = deployment["spec"]["template"]["metadata"]["annotations"]["checksum/config"]
    return found


def test_a_new_configuration_restarts_the_pod_and_nothing_else_does() -> None:
    changed = {"config": {**MINIMAL["config"], "limits": {"label_values": 10}}}
    assert checksum(changed) != checksum(MINIMAL)
    assert checksum({**MINIMAL, "service": {"port": 80}}) == checksum(MINIMAL)


def test_the_ledger_is_in_memory_unless_a_volume_keeps_it() -> None:
    assert not any("ledger" in arg for arg in container(render(MINIMAL))["args"])
    documents = render({**MINIMAL, "persistence": {"enabled": True}})
    assert "--ledger.path=/data/ledger.sqlite" in container(documents)["args"]
    assert {"name": "data", "mountPath": "/data"} in container(documents)["volumeMounts"]
    (claim,) = of_kind("PersistentVolumeClaim", documents)
    (volume,) = (each for each in pod(documents)["volumes"] if each["name"] == "data")
    assert volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]


def test_a_claim_of_the_user_is_used_and_none_is_made() -> None:
    persistence = {"enabled": True, "existingClaim": "mine"}
    documents = render({**MINIMAL, "persistence": persistence})
    assert of_kind("PersistentVolumeClaim", documents) == []
    claims = [each.get("persistentVolumeClaim") for each in pod(documents)["volumes"]]
    assert {"claimName": "mine"} in claims


def test_the_files_of_secrets_are_where_the_configuration_looks() -> None:
    documents = render(CHART / "ci" / "full-values.yaml")
    (volume,) = (each for each in pod(documents)["volumes"] if each["name"] == "secrets")
    assert [each["secret"]["name"] for each in volume["projected"]["sources"]] == [
        "livevox",
        "livevox-eu",
    ]
    (mount,) = (each for each in container(documents)["volumeMounts"] if each["name"] == "secrets")
    assert mount == {"name": "secrets", "mountPath": "/run/secrets", "readOnly": True}


def test_the_network_policy_lets_scrapes_in_and_https_out() -> None:
    (policy,) = of_kind("NetworkPolicy", render({**MINIMAL, "networkPolicy": {"enabled": True}}))
    (ingress,) = policy["spec"]["ingress"]
    assert ingress == {"ports": [{"port": "http-metrics", "protocol": "TCP"}]}
    ports = {each["port"] for rule in policy["spec"]["egress"] for each in rule["ports"]}
    assert ports == {53, 443}


def test_chart_and_image_carry_the_version_of_the_product() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert chart["appVersion"] == exporter.__version__
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"ARG VERSION={exporter.__version__}\n" in dockerfile
    assert container(render(MINIMAL))["image"] == f"contact-center-exporter:{exporter.__version__}"


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    result = run(TOOLS / "hadolint", ROOT / "Dockerfile")
    assert result.returncode == 0, result.stdout
