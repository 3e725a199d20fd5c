"""The documentation says what the code does: keys, defaults, examples, variables and flags."""

import json
import re
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import certifi
import pytest
import yaml
from pydantic import BaseModel

from exporter.cli import main
from exporter.configuration.schema import leaves, section_at
from exporter.errors import ConfigError
from exporter.settings import (
    NOT_YET_KEYS,
    NOT_YET_PLATFORMS,
    SCHEMA,
    Settings,
    describe,
    load,
)
from exporter.vendors.livevox.settings import LiveVoxSettings

ROOT = Path(__file__).parents[1]
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "docs" / "examples" / "exporter.yml"
PAGES = {"docs/configuration.md": CONFIGURATION, "README.md": README}

LIVEVOX = {
    "platform": "livevox",
    "environment": "na4",
    "client_name": "ACME_CC",
    "username": "exporter",
    "password": "not-a-password",
    "access_token": "not-a-token",
}
WITHOUT_DEFAULT = {"environment"}  # the source above has a value for it only because it must
COMMANDS = ("run", "check", "plan", "metrics", "demo", "shapes")


def _section(title: str) -> str:
    """A part of the page, from its heading to the next heading of the same level."""
    level, name = title.split(" ", 1)
    found = re.search(
        rf"^{level} {re.escape(name)}$(.*?)(?=^#{{1,{len(level)}}} |\Z)", CONFIGURATION, re.M | re.S
    )
    assert found, title
    return found[1]


def _rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def _documented(text: str) -> dict[str, str]:
    """The keys of the tables with the columns key, type, default, meaning; and their defaults."""
    return {row[0].strip("| `"): row[2].strip("`") for row in _rows(text) if len(row) == 4}


def _feeds(text: str) -> Iterator[tuple[str, str]]:
    for name, enabled, interval, _ in _rows(text):
        feed = name.strip("| `")
        yield f"feeds.{feed}.enabled", enabled.strip("`")
        if interval.startswith("`"):
            yield f"feeds.{feed}.interval", interval.strip("`")


def _defaults(model: type[BaseModel], dumped: Mapping[str, Any]) -> dict[str, str]:
    """Every leaf of a section with its default, as the documentation writes it."""
    found = {}
    for leaf in leaves(model):
        *above, last = leaf.keys
        if leaf.keys[0] in SCHEMA.secrets and above:
            continue  # a reference to a secret has its own part of the page
        section: Any = dumped
        for key in above:
            section = section.get(key)
        known = section_at(model, tuple(above)).model_fields[last]
        needed = known.is_required() and (not above or section is None)
        value = known.default if section is None else section.get(last)
        shown = "needed" if needed else _shown(None if last in WITHOUT_DEFAULT else value)
        found[".".join(leaf.keys)] = shown
    return found


def _shown(default: object) -> str:
    if default in (None, "", []):
        return "none"
    return default if isinstance(default, str) else json.dumps(default)


def test_every_key_of_the_process_is_documented_with_its_default() -> None:
    dumped = yaml.safe_load(describe(load(None, {}, {})))
    defaults = _defaults(Settings, dumped)
    del defaults["sources"]
    assert _documented(_section("## Keys of the process")) == defaults


def test_every_key_of_a_livevox_source_is_documented_with_its_default() -> None:
    dumped = LiveVoxSettings.model_validate(LIVEVOX).model_dump(mode="json")
    documented = {
        **_documented(_section("## Keys of every source")),
        **_documented(_section("## Keys of a LiveVox source").replace(_section("### Feeds"), "")),
        **dict(_feeds(_section("### Feeds"))),
    }
    assert documented == _defaults(LiveVoxSettings, dumped)


def test_everything_that_is_not_yet_built_is_said_to_be() -> None:
    said = [row[0].strip("| ") for row in _rows(_section("## Not yet"))]
    keys = [f"`{key.removeprefix('sources.*.')}`" for key in NOT_YET_KEYS]
    platforms = [f"`platform: {platform}`" for platform in NOT_YET_PLATFORMS]
    assert said == [*keys, *platforms, "`check --online`, `shapes`"]


def _examples() -> Iterator[tuple[str, str]]:
    yield "docs/examples/exporter.yml", EXAMPLE.read_text(encoding="utf-8")
    for page, text in PAGES.items():
        found = re.finditer(r"^( *)```yaml\n(.*?)^\1```$", text, re.M | re.S)
        for number, block in enumerate(found, 1):
            yield f"{page} {number}", textwrap.dedent(block[2])


EXAMPLES = dict(_examples())


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_loads(name: str, tmp_path: Path) -> None:
    text = EXAMPLES[name].replace("/run/secrets", str(tmp_path / "run"))
    for secret in re.findall(r"\{file: ([^}]+)\}", text):
        (tmp_path / secret).parent.mkdir(exist_ok=True)
        (tmp_path / secret).write_text("a secret", encoding="utf-8")
    for authorities in re.findall(r"ca_file: ([^,}\s]+)", text):
        shutil.copy(certifi.where(), tmp_path / authorities)
    environment = dict.fromkeys(re.findall(r"\{env: ([^}]+)\}", text), "a secret")
    file = tmp_path / "exporter.yml"
    file.write_text(text, encoding="utf-8")
    assert load(file, environment, {}).sources


def test_every_page_has_an_example() -> None:
    assert {name.split()[0] for name in EXAMPLES} == {*PAGES, "docs/examples/exporter.yml"}


@pytest.mark.parametrize("page", PAGES)
def test_every_variable_that_is_mentioned_is_known(page: str) -> None:
    variables = set(re.findall(r"\bCCE_[A-Z0-9_]+[A-Z0-9]", PAGES[page]))
    assert variables
    with pytest.raises(ConfigError) as refused:
        load(None, {**dict.fromkeys(variables, "x"), "CCE_WEB__TELEMETRY_PATH": "no path"}, {})
    assert "is not a known variable" not in str(refused.value)


def _flags(command: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    return set(re.findall(r"(?<![\w-])--[a-z][a-z.-]*[a-z]", capsys.readouterr().out))


def test_every_flag_that_is_mentioned_exists(capsys: pytest.CaptureFixture[str]) -> None:
    flags = {command: _flags(command, capsys) for command in COMMANDS}
    known = set().union(*flags.values())
    for page, text in PAGES.items():
        mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z.-]*[a-z]", text))
        assert mentioned, page
        assert mentioned <= known, page
        for command, rest in re.findall(r"contact-center-exporter (\w+)([^`\n]*)", text):
            if command in flags:
                assert set(re.findall(r"--[a-z][a-z.-]*[a-z]", rest)) <= flags[command], page


def test_the_table_of_flags_is_that_of_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    flags = {command: _flags(command, capsys) for command in COMMANDS}
    for row in _rows(_section("### Flags")):
        (flag,) = re.findall(r"--[a-z][a-z.-]*[a-z]", row[0])
        commands = set(re.findall(r"`(\w+)`", row[2]))
        assert commands == {command for command, known in flags.items() if flag in known}, flag


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", CONFIGURATION):
        assert (ROOT / "docs" / target).exists(), target
    headings = re.findall(r"^#+ (.+)$", CONFIGURATION, re.M)
    plain = (re.sub(r"[^a-z0-9 -]", "", heading.lower()) for heading in headings)
    anchors = {heading.replace(" ", "-") for heading in plain}
    assert set(re.findall(r"\]\(#([^)]+)\)", CONFIGURATION)) <= anchors
