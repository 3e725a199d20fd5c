"""Render the chart as a user would, and find things in what came out."""

import json
import os
import pathlib
import subprocess
from typing import Any

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "contact-center-exporter"
CI_FILES = sorted((CHART / "ci").glob("*.yaml"))
HELM = ROOT / ".tools" / "bin" / "helm"
TOOLS = ROOT / ".tools" / "chart-venv" / "bin"

# Kubernetes objects and values are free-form documents, so they stay untyped here.
Document = dict[str, Any]

SOURCES: Document = {
    "desk": {"platform": "tiledesk", "password": {"file": "/run/secrets/tiledesk-password"}},
}
MINIMAL: Document = {"config": {"sources": SOURCES}}


def run(
    *command: str | pathlib.Path, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end in the repository; the caller judges the exit code."""
    return subprocess.run(
        [str(part) for part in command],
        input=stdin,
        env={**os.environ, **(env or {})},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def template(values: Document | pathlib.Path) -> subprocess.CompletedProcess[str]:
    """Run `helm template` with a values file, or with values given directly."""
    command = (HELM, "template", "test", CHART, "--namespace", "support", "--values")
    if isinstance(values, pathlib.Path):
        return run(*command, values)
    # JSON, because Helm and PyYAML disagree about which plain text is a number.
    return run(*command, "-", stdin=json.dumps(values))


def render(values: Document | pathlib.Path) -> list[Document]:
    """Return the rendered objects, in order."""
    result = template(values)
    assert result.returncode == 0, result.stderr
    return [document for document in yaml.safe_load_all(result.stdout) if document]


def refusal(values: Document) -> str:
    """Return what helm says about values that it has to refuse."""
    result = template(values)
    assert result.returncode != 0, "helm accepted these values"
    return result.stderr


def of_kind(kind: str, documents: list[Document]) -> list[Document]:
    """The objects of one kind."""
    return [document for document in documents if document["kind"] == kind]


def pod(documents: list[Document]) -> Document:
    """The pod's specification in the chart's only Deployment."""
    (deployment,) = of_kind("Deployment", documents)
    spec: Document = deployment["spec"]["template"]["spec"]
    return spec


def container(documents: list[Document]) -> Document:
    """The chart's only container."""
    (found,) = pod(documents)["containers"]
    only: Document = found
    return only


def exporter_yml(documents: list[Document]) -> Document:
    """The configuration that the exporter would read."""
    (text,) = (
        document["data"]["exporter.yml"]
        for document in of_kind("ConfigMap", documents)
        if "exporter.yml" in document["data"]
    )
    parsed: Document = yaml.safe_load(text)
    return parsed
