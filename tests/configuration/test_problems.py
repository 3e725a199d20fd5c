"""Problems: each is a line with its path, its place and its reason."""

from pathlib import Path

import pytest

from exporter.errors import ConfigError
from exporter.settings import load
from tests.configuration.loading import PLANTED, SOURCE, TOKEN, problems, problems_of

NO_ADDRESS = "must be host:port, :port or [IPv6 address]:port"


def test_every_problem_is_a_line_with_path_place_and_reason(file: Path) -> None:
    text = SOURCE + (
        "    percent_scale: hunter2-planted\n"
        "    feeds:\n"
        "      service_stats: {interval: 500ms}\n"
        "      service_stat: {}\n"
        "web: {listen_address: [':1', hunter2-planted]}\n"
        "histograms: {wait_seconds: [1, x]}\n"
        "Wob: {}\n"
    )
    environment = {"CCE_LIMITS__LABEL_VALUES": "-1", "CCE_LIMIT__LABEL_VALUES": PLANTED}
    file.write_text(text)
    found = problems(file, {**TOKEN, **environment}, {"log": {"level": PLANTED}})
    feeds, near = "sources.acme-us.feeds", "service_stats"
    assert sorted(found) == [
        "CCE_LIMIT__LABEL_VALUES: is not a known variable; the nearest is CCE_LIMITS__LABEL_VALUES",
        "Wob (exporter.yml, line 16): is not a known key; the nearest is web",
        "histograms.wait_seconds[1] (exporter.yml, line 15): must be a number",
        "limits.label_values (CCE_LIMITS__LABEL_VALUES): must be greater than or equal to 1",
        "log.level (--log.level): must be 'debug', 'info', 'warning' or 'error'",
        f"{feeds}.service_stat (exporter.yml, line 13): is not a known key; the nearest is {near}",
        "sources.acme-us.feeds.service_stats.interval (exporter.yml, line 12): must be at least 1s",
        "sources.acme-us.percent_scale (exporter.yml, line 10): must be 100 or 1",
        f"web.listen_address (exporter.yml, line 14): {NO_ADDRESS}",
    ]


def test_a_section_of_another_shape_is_named(file: Path) -> None:
    assert problems_of(file, "web: text\nsources: [a]\nlimits: {label_values: {}}\n") == [
        "web (exporter.yml, line 1): must be a mapping",
        "sources (exporter.yml, line 2): must be a mapping",
        "limits.label_values (exporter.yml, line 3): must be a whole number",
    ]
    assert problems_of(file, "sources: {a: text, b: {platform: []}, c: {}}") == [
        "sources.a (exporter.yml, line 1): must be a mapping",
        "sources.b.platform (exporter.yml, line 1): must be one of: livevox",
        "sources.c.platform (exporter.yml, line 1): is missing",
    ]


def test_a_secret_without_a_value_and_a_flag_that_is_not_known_are_named(file: Path) -> None:
    (line,) = problems_of(file, SOURCE.replace(PLANTED, ""))
    assert line.endswith("line 8): must be a text, {file: PATH} or {env: NAME}")
    (line,) = problems(None, {}, {"foo": {}})
    assert line.startswith("foo: is not a known key; known are auth_retry, ")


def test_a_long_path_of_a_file_is_shown_whole_and_a_long_key_is_not(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 150) / ("e" * 150)
    deep.mkdir(parents=True)
    (deep / "exporter.yml").write_text(f"{'k' * 5000}: 1")
    (line,) = problems(deep / "exporter.yml", {}, {})
    assert len(line) < 500
    with pytest.raises(ConfigError) as refused:
        load(deep / "exporter.yml", {}, {})
    assert str(deep / "exporter.yml") in str(refused.value)
