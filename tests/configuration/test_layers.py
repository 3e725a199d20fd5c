"""Layers: flag over environment over file over default."""

from pathlib import Path

from exporter.settings import load
from tests.configuration.loading import SOURCE, TOKEN


def test_a_flag_is_stronger_than_the_environment_than_the_file_than_the_default(
    file: Path,
) -> None:
    text = SOURCE + "log: {level: error, format: json}\nweb: {telemetry_path: /file}\n"
    file.write_text(text + "limits: {label_values: 7}\n")
    environment = {**TOKEN, "CCE_LOG__LEVEL": "warning", "CCE_WEB__TELEMETRY_PATH": "/variable"}
    flags = {"log": {"level": "debug", "format": None}, "web": None}
    loaded = load(file, environment, flags)
    assert (loaded.log.level, loaded.log.format) == ("debug", "json")
    assert loaded.web.telemetry_path == "/variable"
    assert loaded.limits.label_values == 7
    assert loaded.limits.series_per_family == 20_000
