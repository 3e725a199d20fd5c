"""What the exporter says of its build, configuration, ledger and process."""

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import generate_latest as reference_text
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parsed_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parsed_text

from exporter import __version__
from exporter.exposition import Format
from exporter.model import catalogue
from exporter.page import lines
from exporter.selfmetrics import (
    FAMILIES,
    SAMPLE_FRESH_FOR,
    Configuration,
    LedgerFigures,
    ProcessMetrics,
    exporter_blocks,
)


@dataclass(frozen=True)
class Figures:
    """A ledger as the families see it."""

    commits: int
    failures: int
    size_bytes: int


def samples(ledger: LedgerFigures | None, revision: str = "0a1b2c3") -> dict[str, float]:
    """The samples of the exporter's own families, by the text before the value."""
    blocks = exporter_blocks(Configuration(1750000000.25, 2**48 - 1), revision, ledger)
    text = b"".join(lines([("", blocks)], Format.TEXT)).decode()
    said = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in said}


def test_the_build_the_configuration_and_the_ledger_are_told() -> None:
    build = f'version="{__version__}",revision="0a1b2c3",python="{platform.python_version()}"'
    assert samples(Figures(12, 3, 4096)) == {
        f"contactcenter_exporter_build_info{{{build}}}": 1.0,
        "contactcenter_exporter_config_last_reload_successful": 1.0,
        "contactcenter_exporter_config_last_reload_success_timestamp_seconds": 1750000000.25,
        "contactcenter_exporter_config_hash": 2.0**48 - 1,
        "contactcenter_exporter_ledger_commits_total": 12.0,
        "contactcenter_exporter_ledger_failures_total": 3.0,
        "contactcenter_exporter_ledger_bytes": 4096.0,
    }


def test_a_ledger_that_could_not_be_opened_is_a_failure_without_a_size() -> None:
    told = samples(None)
    assert told["contactcenter_exporter_ledger_failures_total"] == 1.0
    assert told["contactcenter_exporter_ledger_commits_total"] == 0.0
    assert "contactcenter_exporter_ledger_bytes" not in told


def test_a_revision_that_is_not_known_is_left_out() -> None:
    assert not any("revision" in name for name in samples(None, revision=""))


def test_the_families_are_prefixed_and_do_not_clash() -> None:
    assert all(f.name.startswith("contactcenter_exporter_") for f in FAMILIES)
    assert len(catalogue(FAMILIES)) == len(FAMILIES)


def understood(parse: Any, text: str) -> dict[str, tuple[str, str, list[Any]]]:
    """Type, help and label sets of each family, as prometheus_client reads them."""
    return {
        metric.name: (
            metric.type,
            metric.documentation,
            [(sample.name, sample.labels) for sample in metric.samples],
        )
        for metric in parse(text)
    }


def test_process_garbage_collection_and_platform_are_told_as_prometheus_client_tells_them() -> None:
    registry = CollectorRegistry()
    for collector in (ProcessCollector, GCCollector, PlatformCollector):
        collector(registry=registry)
    ours = understood(parsed_text, ProcessMetrics().lines(Format.TEXT).decode())
    assert ours == understood(parsed_text, reference_text(registry).decode())
    assert len(ours) == 10


def test_they_are_told_in_openmetrics_too_and_the_info_is_one() -> None:
    text = ProcessMetrics().lines(Format.OPENMETRICS).decode()
    told = understood(parsed_openmetrics, text + "# EOF\n")
    plain = understood(parsed_text, ProcessMetrics().lines(Format.TEXT).decode())
    kind, *rest = plain.pop("python_info")
    assert kind == "gauge"
    assert told.pop("python") == ("info", *rest)
    assert told == plain


def test_the_figures_are_those_of_this_process() -> None:
    lines_told = ProcessMetrics().lines(Format.TEXT).decode().splitlines()
    values = dict(line.split(" ") for line in lines_told if not line.startswith("#"))
    assert float(values["process_resident_memory_bytes"]) > 1e6
    assert abs(float(values["process_cpu_seconds_total"]) - time.process_time()) < 1.0
    assert float(values["process_open_fds"]) >= 3
    assert not any("_created" in name for name in values)


@pytest.mark.parametrize("form", list(Format))
def test_a_sample_is_shown_until_it_is_old_or_another_is_taken(form: Format) -> None:
    now = [100.0]
    process = ProcessMetrics(lambda: now[0])

    def open_files() -> float:
        lines_told = process.lines(form).decode().splitlines()
        told = next(line for line in lines_told if line.startswith("process_open_fds "))
        return float(told.split()[1])

    process.sample()
    before = open_files()
    with Path(os.devnull).open():
        assert open_files() == before
        now[0] += SAMPLE_FRESH_FOR
        assert open_files() == before
        now[0] += 0.1
        assert open_files() == before + 1
    process.sample()
    assert open_files() == before


def test_two_of_them_do_not_disturb_each_other() -> None:
    assert b"process_open_fds" in ProcessMetrics().lines(Format.TEXT)
    assert b"process_open_fds" in ProcessMetrics().lines(Format.TEXT)
