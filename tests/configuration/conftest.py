"""A configuration file that loads."""

from pathlib import Path

import pytest

from tests.configuration.loading import SOURCE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file, with one source in it."""
    made = tmp_path / "exporter.yml"
    made.write_text(SOURCE)
    return made
