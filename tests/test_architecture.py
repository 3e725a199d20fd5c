"""The import contracts of pyproject.toml name every module, and platforms are complete."""

import tomllib
from pathlib import Path
from typing import Any

from exporter.app import all_families
from exporter.vendors import VENDORS

ROOT = Path(__file__).parents[1]
SIMULATORS = "exporter.simulators"


def _contracts() -> dict[str, Any]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {one["name"]: one for one in settings["tool"]["importlinter"]["contracts"]}


def _modules() -> set[str]:
    """The modules and packages right below `exporter`, the simulators aside."""
    found = {path.stem for path in (ROOT / "exporter").glob("*.py")}
    found |= {path.parent.name for path in (ROOT / "exporter").glob("*/__init__.py")}
    return {f"exporter.{name}" for name in found - {"__init__", "__main__"}} - {SIMULATORS}


def test_the_simulators_are_apart_from_every_module() -> None:
    contracts = _contracts()
    kept = contracts["the simulators share no code with the exporter"]
    assert set(kept["forbidden_modules"]) == _modules()
    assert set(contracts["nothing imports the simulators"]["source_modules"]) == _modules()


def test_every_platform_folder_is_a_platform_with_settings_and_a_readme() -> None:
    folders = {path.parent.name for path in (ROOT / "exporter" / "vendors").glob("*/__init__.py")}
    assert folders == {vendor.platform for vendor in VENDORS}
    for name in folders:
        folder = ROOT / "exporter" / "vendors" / name
        assert (folder / "README.md").exists()
        assert (folder / "settings.py").exists()
        assert (ROOT / "tests" / "golden" / f"{name}.prom").exists()


def test_no_two_families_clash_and_every_help_names_its_origin() -> None:
    for family in all_families():
        assert family.full_help.endswith(".")
        if not family.name.startswith(("contactcenter_exporter_", "contactcenter_feed_")):
            ours = family.name.startswith("contactcenter_source_")
            assert ours or family.origins, f"{family.name} does not say where it comes from"
