"""Files that the configuration names: certificates are looked at when it is loaded."""

from pathlib import Path

import certifi
import pytest
from pydantic import ValidationError

from exporter.configuration.source import HttpSettings
from tests.configuration.loading import PLANTED


def test_a_ca_file_must_hold_certificates(tmp_path: Path) -> None:
    wrong = tmp_path / "ca.pem"
    wrong.write_text(PLANTED)
    for path, said in ((wrong, "without certificates"), (tmp_path / "none", "No such file")):
        with pytest.raises(ValidationError, match=said):
            HttpSettings(ca_file=str(path))
    assert HttpSettings(ca_file=certifi.where()).ca_file == certifi.where()
    assert HttpSettings(ca_file="").ca_file == ""
