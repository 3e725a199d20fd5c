"""Chart and exporter agree: configuration, flags and secrets are those of the product."""

import json
import pathlib
import re
import signal
import subprocess
import sys
import threading
from typing import get_args

import pytest
from rendering import CHART, CI_FILES, MINIMAL, ROOT, container, of_kind, render, run

from exporter.configuration.secret import Secret
from exporter.configuration.source import SourceSettings
from exporter.settings import Source

WITH_CONFIG = [path for path in CI_FILES if path.name != "demo-values.yaml"]
EXPORTER = (sys.executable, "-m", "exporter")


@pytest.mark.parametrize("values", WITH_CONFIG, ids=lambda path: path.stem)
def test_the_exporter_accepts_the_configuration_of_the_chart(
    values: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """The mounted file, with secrets where the pod would have them, but in a folder of the test."""
    documents = render(values)
    (config_map,) = (
        each for each in of_kind("ConfigMap", documents) if "exporter.yml" in each["data"]
    )
    text = config_map["data"]["exporter.yml"].replace("/run/secrets", str(tmp_path))
    file = tmp_path / "exporter.yml"
    file.write_text(text, encoding="utf-8")
    for name in re.findall(rf"{re.escape(str(tmp_path))}/(\S+)", text):
        secret = tmp_path / name
        secret.parent.mkdir(exist_ok=True)
        secret.write_text("a secret of at least thirty-two bytes", encoding="utf-8")
    names = [variable["name"] for variable in container(documents).get("env", [])]
    env = {name: "something" for name in names if not name.startswith("CCE_")}
    result = run(*EXPORTER, "check", f"--config.file={file}", env=env)
    assert result.returncode == 0, result.stderr
    assert "warning" not in result.stderr


@pytest.mark.parametrize("values", WITH_CONFIG, ids=lambda path: path.stem)
def test_the_exporter_knows_the_flags_of_the_chart(values: pathlib.Path) -> None:
    """Flags come before the file: one that is not known would be a usage error."""
    args = [arg for arg in container(render(values))["args"] if not arg.startswith("--config.")]
    result = run(*EXPORTER, *args, "--config.file=/nowhere/exporter.yml")
    assert result.returncode == 2
    assert "/nowhere/exporter.yml" in result.stderr
    assert "usage:" not in result.stderr


def test_the_demo_of_the_chart_starts_and_ends() -> None:
    documents = render(CHART / "ci" / "demo-values.yaml")
    args = [arg.replace("=:10710", "=127.0.0.1:0") for arg in container(documents)["args"]]
    demo = subprocess.Popen(
        [*EXPORTER, *args], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    deadline = threading.Timer(60, demo.kill)
    deadline.start()
    try:
        assert demo.stdout is not None
        assert any("status page" in line for line in demo.stdout)
        demo.send_signal(signal.SIGTERM)
        demo.stdout.read()
        assert demo.wait() == 0
    finally:
        deadline.cancel()
        demo.kill()
        demo.communicate()


def test_the_schema_knows_every_secret_of_every_platform() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    known = schema["$defs"]["source"]["properties"]
    protected = {name for name, rule in known.items() if rule == {"$ref": "#/$defs/secret"}}
    platforms: tuple[type[SourceSettings], ...] = get_args(Source) or (Source,)
    for platform in platforms:
        secrets = {
            name
            for name, field in platform.model_fields.items()
            if Secret in (field.annotation, *get_args(field.annotation))
        }
        assert secrets
        assert secrets <= protected


def test_the_pod_runs_as_the_user_of_the_image() -> None:
    user, group = re.findall(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(), re.M)[0]
    security = render(MINIMAL)
    (deployment,) = of_kind("Deployment", security)
    context = deployment["spec"]["template"]["spec"]["securityContext"]
    assert (context["runAsUser"], context["runAsGroup"]) == (int(user), int(group))
