"""What is not built yet is refused, together with everything else."""

from pathlib import Path

import pytest

from exporter.configuration.not_yet import NOT_YET
from exporter.settings import NOT_YET_KEYS, load
from tests.configuration.loading import TOKEN, problems


@pytest.mark.parametrize("pattern", sorted(NOT_YET_KEYS))
def test_what_is_not_built_is_refused_with_everything_else(file: Path, pattern: str) -> None:
    keys = pattern.replace("*", "acme-us").split(".")
    variable = "CCE_" + "__".join(keys).upper().replace("-", "_")
    off = "" if NOT_YET_KEYS[pattern] is str else "false"
    assert "acme-us" in load(file, {**TOKEN, variable: off}, {}).sources
    lines = problems(file, {**TOKEN, variable: "true"}, {"log": {"level": "x"}})
    assert f"{'.'.join(keys)} ({variable}): {NOT_YET}" in lines
    assert len(lines) == 2
