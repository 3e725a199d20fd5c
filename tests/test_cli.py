"""The commands, as a user types them: what they print, and their exit codes."""

import json
from pathlib import Path

import pytest

from exporter.cli import main

SECRET = "hunter2-and-more"
CONFIGURATION = f"""
sources:
  acme-us:
    platform: livevox
    environment: na4
    client_name: ACME_CC
    username: exporter
    password: {SECRET}
    access_token: {{env: TOKEN}}
    feeds:
      live_connects: {{enabled: true}}
  acme-eu:
    platform: livevox
    environment: na5
    client_name: ACME_CC
    username: exporter
    password: {SECRET}
    access_token: {{env: TOKEN}}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TOKEN", "t0ken-value")
    path = tmp_path / "exporter.yml"
    path.write_text(CONFIGURATION)
    return str(path)


def test_check_prints_the_configuration_without_secrets(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--config.file", file]) == 0
    shown = capsys.readouterr()
    assert "client_name: ACME_CC" in shown.out
    assert SECRET not in shown.out + shown.err
    assert "t0ken-value" not in shown.out + shown.err
    assert "warning" in shown.err


def test_a_wrong_configuration_is_exit_code_2_and_names_the_path(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(file).write_text(CONFIGURATION.replace("live_connects", "live_conects"))
    assert main(["check", "--config.file", file]) == 2
    error = capsys.readouterr().err
    assert "sources.acme-us.feeds.live_conects" in error
    assert "live_connects" in error
    assert SECRET not in error


@pytest.mark.parametrize("command", [["run"], [], ["check"], ["plan"]])
def test_without_a_source_it_names_the_demo(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(command) == 2
    assert "demo" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config.file", "/nowhere/exporter.yml"]) == 2
    assert "/nowhere/exporter.yml" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ["check", "--online"],
        ["shapes"],
        ["run", "--web.enable-lifecycle"],
        ["run", "--web.config.file", "web.yml"],
    ],
)
def test_what_is_not_built_is_refused(
    file: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    if command != ["shapes"]:
        command = [*command, "--config.file", file]
    assert main(command) == 2
    assert "not yet" in capsys.readouterr().err


def test_plan_adds_up_requests_by_feed_and_by_credential(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    size = ["--queues", "300", "--groups", "4", "--agents", "500", "--campaigns", "20"]
    assert main(["plan", "--config.file", file, *size]) == 0
    shown = capsys.readouterr().out
    lines = [line.split() for line in shown.splitlines()]
    live = next(line for line in lines if line[:1] == ["live_connects"])
    assert live[3:5] == ["300", "18000"]
    stats = next(line for line in lines if line[:1] == ["service_stats"])
    assert stats[3:5] == ["2", "480"]
    assert sum(line[:1] == ["credential"] for line in lines) == 2
    assert "streams held: 0" in shown


def test_metrics_prints_the_reference_as_markdown_and_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["metrics"]) == 0
    text = capsys.readouterr().out
    assert main(["metrics", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    for family in document["families"]:
        assert f"| `{family['name']}`" in text
    methods = {one["method"] for one in document["not_exported"]}
    assert "service/stats" in methods


def test_the_reference_in_the_repository_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    main(["metrics"])
    written = Path(__file__).parents[1] / "METRICS.md"
    assert written.read_text() == capsys.readouterr().out, "run `make metrics`"


@pytest.mark.parametrize(
    "command",
    [
        ["--no-such-flag"],
        ["plan", "--queues", "-1"],
        ["demo", "--speed", "0"],
        ["plan", "--queues=x"],
    ],
)
def test_wrong_usage_is_exit_code_2(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for flag in ("--version", "--help"):
        with pytest.raises(SystemExit) as ended:
            main([flag])
        assert ended.value.code == 0
    shown = capsys.readouterr().out
    for command in ("run", "check", "plan", "metrics", "demo"):
        assert command in shown
    assert "contact-center-exporter 0." in shown


def test_a_port_in_use_is_exit_code_1(
    file: str, taken_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"127.0.0.1:{taken_port}"
    assert main(["--config.file", file, "--web.listen-address", address]) == 1
    assert f"can not listen on {address}" in capsys.readouterr().err
