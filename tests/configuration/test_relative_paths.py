"""Relative paths: those of the file start at its directory, all others where one works."""

import re
import shutil
from pathlib import Path

import certifi
import pytest

from exporter.errors import ConfigError
from exporter.settings import describe, load
from tests.configuration.loading import ACME, NEW, PLANTED, SOURCE, TOKEN, problems_of, settings_of

NO_REFERENCE = "must be {file: PATH} or {env: NAME}, one of the two"
NAMING = SOURCE.replace(PLANTED, "{file: secrets/password}") + (
    "    agents: hashed\n"
    "    agents_key: {file: ' ../key '}\n"
    "    http: {ca_file: ca.pem}\n"
    "ledger: {path: data/ledger.sqlite}\n"
)


@pytest.fixture(name="site")
def _site(file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a configuration in `etc`, whose files lie beside it."""
    site = file.parent
    (site / "etc" / "secrets").mkdir(parents=True)
    (site / "etc" / "secrets" / "password").write_text("of etc\n")
    (site / "key").write_text("a key\n")
    shutil.copy(certifi.where(), site / "etc" / "ca.pem")
    (site / "etc" / "exporter.yml").write_text(NAMING)
    monkeypatch.chdir(site)
    return site


@pytest.mark.parametrize("named", ["etc/exporter.yml", "{site}/etc/exporter.yml"])
def test_paths_in_the_file_start_at_its_directory(site: Path, named: str) -> None:
    loaded = load(Path(named.format(site=site)), TOKEN, {})
    acme = loaded.sources["acme-us"]
    assert loaded.ledger.path == site / "etc" / "data" / "ledger.sqlite"
    assert acme.http.ca_file == str(site / "etc" / "ca.pem")
    assert acme.password.reveal() == "of etc"
    assert acme.agents_key is not None
    assert acme.agents_key.reveal() == "a key"


def test_a_secret_is_found_again_from_another_working_directory(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = load(Path("etc/exporter.yml"), TOKEN, {}).sources["acme-us"]
    monkeypatch.chdir("/")
    (site / "etc" / "secrets" / "password").write_text("rotated\n")
    assert acme.password.reveal() == "rotated"


def test_what_check_prints_means_the_same_files_wherever_it_is_kept(site: Path) -> None:
    loaded = load(Path("etc/exporter.yml"), TOKEN, {})
    elsewhere = site / "elsewhere.yml"
    elsewhere.write_text(describe(loaded))
    assert load(elsewhere, TOKEN, {}) == loaded


def test_flags_and_variables_start_at_the_working_directory(site: Path) -> None:
    (site / "password").write_text("of the working directory\n")
    shutil.move(site / "etc" / "ca.pem", site / "other.pem")
    environment = {
        **TOKEN,
        ACME + "PASSWORD__FILE": "password",
        ACME + "HTTP__CA_FILE": "other.pem",
        "CCE_LEDGER__PATH": "variable.sqlite",
    }
    loaded = load(Path("etc/exporter.yml"), environment, {})
    assert loaded.sources["acme-us"].password.reveal() == "of the working directory"
    assert loaded.sources["acme-us"].http.ca_file == "other.pem"
    assert loaded.ledger.path == Path("variable.sqlite")
    flag = load(Path("etc/exporter.yml"), environment, {"ledger": {"path": "flag.sqlite"}})
    assert flag.ledger.path == Path("flag.sqlite")


def test_an_absolute_path_stays_and_an_empty_one_names_no_file(file: Path) -> None:
    text = f"{SOURCE}    http: {{ca_file: '{certifi.where()}'}}\nledger: {{path: /srv/a.sqlite}}\n"
    loaded = settings_of(file, text)
    assert loaded.ledger.path == Path("/srv/a.sqlite")
    assert loaded.sources["acme-us"].http.ca_file == certifi.where()
    empty = settings_of(file, SOURCE + "    http: {ca_file: ''}\nledger: {path: ' '}\n")
    assert empty.ledger.path is None
    assert empty.sources["acme-us"].http.ca_file == ""


def test_a_source_may_have_its_platform_from_the_environment(file: Path) -> None:
    (file.parent / "key").write_text("a key\n")
    text = "sources: {new-one: {agents: hashed, agents_key: {file: key}}}"
    key = settings_of(file, text, **NEW).sources["new-one"].agents_key
    assert key is not None
    assert key.reveal() == "a key"


def test_a_file_that_is_not_there_is_named_whole(file: Path) -> None:
    file.write_text(SOURCE.replace(PLANTED, "{file: secrets/none}"))
    missing = re.escape(f"the file {file.parent}/secrets/none can not be read (No such file")
    with pytest.raises(ConfigError, match=missing):
        load(file, TOKEN, {})


def test_other_shapes_are_refused_as_what_they_are(file: Path) -> None:
    text = SOURCE.replace(PLANTED, "{file: [a]}") + "    http: text\nledger: [data]\n"
    assert problems_of(file, text) == [
        "ledger (exporter.yml, line 11): must be a mapping",
        "sources.acme-us.http (exporter.yml, line 10): must be a mapping",
        f"sources.acme-us.password (exporter.yml, line 8): {NO_REFERENCE}",
    ]
