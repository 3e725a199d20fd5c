"""The environment: every key can be set by it, and nothing else is taken."""

import os
from pathlib import Path

import pytest

from exporter.cli import main
from exporter.settings import config_file, load, warnings
from tests.configuration.loading import ACME, NEW, PLANTED, SOURCE, TOKEN, problems, settings_of


def test_every_key_can_be_set_by_environment(file: Path) -> None:
    environment = {
        **TOKEN,
        "cce_web__Listen_Address": "127.0.0.1:9, :10",
        "CCE_HISTOGRAMS__WAIT_SECONDS": "1,2.5",
        "CCE_LEDGER__PATH": "data/ledger.sqlite",
        "CCE_AUTH_RETRY__FIRST": "2m",
        ACME + "FEEDS__SERVICE_STATS__INTERVAL": "20",
        ACME + "INCLUDE__SERVICES": "0123,7001",
        ACME + "INCLUDE__CALL_CENTERS": "",
        ACME + "DAY_BOUNDARY__TIMEZONE": "UTC",
        ACME + "PASSWORD": "other",
        ACME + "ACCESS_TOKEN__ENV": "TOKEN",
        "CCE_CONFIG__FILE": "elsewhere.yml",
    }
    loaded = load(file, environment, {})
    acme = loaded.sources["acme-us"]
    assert loaded.web.listen_address == ("127.0.0.1:9", ":10")
    assert loaded.histograms.wait_seconds == (1.0, 2.5)
    assert loaded.histograms_of("acme-us").wait_seconds == (1.0, 2.5)
    assert loaded.ledger.path == Path("data/ledger.sqlite")
    assert loaded.auth_retry.first == 120
    assert acme.feeds.service_stats.interval == 20
    assert (acme.include.services, acme.include.call_centers) == (("0123", "7001"), ())
    assert acme.day_boundary is not None
    assert (acme.password.reveal(), acme.access_token.reveal()) == ("other", PLANTED)


def test_a_source_can_be_made_of_environment_alone() -> None:
    loaded = load(None, NEW, {})
    assert list(loaded.sources) == ["new-one"]
    assert loaded.sources["new-one"].client_name == "0123"
    assert warnings(loaded) == []
    without = {name: text for name, text in NEW.items() if not name.endswith("PASSWORD")}
    assert problems(None, without, {}) == [
        "sources.new-one.password (CCE_SOURCES__NEW_ONE__ACCESS_TOKEN__ENV): is missing"
    ]


def test_names_with_double_dashes_and_prefixes_are_found_in_the_file(file: Path) -> None:
    text = SOURCE.replace("acme-us", "a--b") + SOURCE.replace("acme-us", "a").replace(
        "\nsources:\n", ""
    )
    loaded = settings_of(
        file, text, CCE_SOURCES__A__B__USERNAME="one", CCE_SOURCES__A__USERNAME="two"
    )
    assert {name: source.username for name, source in loaded.sources.items()} == {
        "a--b": "one",
        "a": "two",
    }


def test_an_environment_variable_replaces_what_the_file_has_in_another_shape(
    file: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text("of the file\n")
    text = SOURCE.replace(PLANTED, "{env: NOT_SET}") + "    feeds: text\n    include: [1]\n"
    environment = {
        ACME + "PASSWORD__FILE": str(secret),
        ACME + "ACCESS_TOKEN": "plain",
        ACME + "FEEDS__DIRECTORY__ENABLED": "off",
        ACME + "INCLUDE__SERVICES": "7",
    }
    acme = settings_of(file, text, **environment).sources["acme-us"]
    assert (acme.password.reveal(), acme.access_token.reveal()) == ("of the file", "plain")
    assert acme.feeds.directory.enabled is False
    assert acme.include.services == ("7",)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("CCE_WEB__LISTEN_ADRESS", "; the nearest is CCE_WEB__LISTEN_ADDRESS"),
        (ACME + "PASWORD", f"; the nearest is {ACME}PASSWORD"),
        (ACME + "PASSWORD__FILES", f"; the nearest is {ACME}PASSWORD__FILE"),
        ("CCE_SOURCES__OTHER__PASWORD", "; the nearest is CCE_SOURCES__OTHER__PASSWORD"),
        ("CCE_SOURCES", ""),
        ("CCE_SOURCES__", ""),
        ("CCE_WEB", ""),
        ("cce_", ""),
        ("CCE_" + "X" * 1000, ""),
    ],
)
def test_an_unknown_variable_is_refused_with_the_nearest(file: Path, name: str, said: str) -> None:
    (line,) = problems(file, {**TOKEN, name: PLANTED}, {})
    assert line.startswith(name[:70])
    assert ": is not a known variable" in line
    assert line.endswith(said)


def test_variables_that_contradict_each_other_are_refused(file: Path) -> None:
    environment = {
        **TOKEN,
        "CCE_LOG__LEVEL": "debug",
        "cce_log__level": "info",
        ACME + "PASSWORD": "a",
        ACME + "PASSWORD__FILE": "b",
        ACME + "USERNAME": "\udcff",
    }
    assert problems(file, environment, {}) == [
        f"{ACME}PASSWORD__FILE: contradicts {ACME}PASSWORD",
        f"{ACME}USERNAME: is not UTF-8 text",
        "cce_log__level: sets the same as CCE_LOG__LEVEL",
    ]


def test_the_file_can_be_named_by_environment() -> None:
    assert config_file({"cce_config__file": "a.yml"}) == Path("a.yml")
    assert config_file({"CCE_CONFIG__FILE": ""}) is None
    assert config_file({}) is None


def test_the_process_environment_is_a_mapping_like_any_other(file: Path) -> None:
    assert not [name for name in os.environ if name.upper().startswith("CCE_")]
    assert load(None, os.environ, {}) == load(None, {}, {})


@pytest.mark.parametrize("variable", ["CCE_CONFIG__FILE", "cce_config__file"])
def test_a_command_reads_the_file_that_the_environment_names(
    file: Path,
    variable: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, str(file))
    monkeypatch.setenv("TOKEN", PLANTED)
    assert main(["check"]) == 0
    assert "client_name: ACME_CC" in capsys.readouterr().out
    assert main(["check", "--config.file", str(file.parent / "none.yml")]) == 2
    assert "none.yml: can not be read" in capsys.readouterr().err
