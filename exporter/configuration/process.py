"""What the configuration says of the process: how it is asked, keeps counts, logs and waits."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from exporter.configuration.addresses import host_and_port
from exporter.configuration.durations import Interval
from exporter.configuration.files import NAMES_FILE
from exporter.configuration.section import Section
from exporter.configuration.text import Text, split_commas


def _addresses(given: tuple[str, ...]) -> tuple[str, ...]:
    if not given:
        raise ValueError("must name at least one address")
    for address in given:
        host_and_port(address)
    if len(set(given)) < len(given):
        raise ValueError("names an address twice")
    return given


def _telemetry_path(path: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise ValueError("must be a path such as /metrics, without a query; / is the status page")
    if path.startswith(("/-/", "/api/")):
        raise ValueError("must not begin with /-/ or /api/, which the exporter uses itself")
    return path


def _path_or_nothing(given: object) -> object:
    return None if isinstance(given, str) and not given.strip() else given


def _a_path(path: Path | None) -> Path | None:
    if path is not None and not str(path).isprintable():
        raise ValueError("must not hold control characters")
    return path


class Web(Section):
    """Where and how the exporter is asked."""

    listen_address: Annotated[
        tuple[Text, ...], BeforeValidator(split_commas), AfterValidator(_addresses)
    ] = (":10710",)
    telemetry_path: Annotated[str, AfterValidator(_telemetry_path)] = "/metrics"
    config_file: Annotated[Text, NAMES_FILE] = ""
    enable_lifecycle: bool = False


class LedgerSettings(Section):
    """Where the counts are kept; without a path, in memory."""

    path: Annotated[
        Path | None, NAMES_FILE, BeforeValidator(_path_or_nothing), AfterValidator(_a_path)
    ] = None
    url: Annotated[Text, Field(repr=False)] = ""


class Log(Section):
    """What is logged, and how a line is written."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["logfmt", "json"] = "logfmt"


class AuthRetry(Section):
    """How long refused credentials wait: doubling from `first` to `most` seconds."""

    first: Interval = 60.0
    most: Interval = 600.0

    @field_validator("most")
    @classmethod
    def _rising(cls, most: float, info: ValidationInfo) -> float:
        if most < info.data.get("first", 0):
            raise ValueError("must not be shorter than first")
        return most


class Limits(Section):
    """How many series a family may have in a source, values an open vocabulary, and ids of events
    are known again, for each stream."""

    series_per_family: Annotated[int, Field(ge=1, le=10_000_000)] = 20_000
    label_values: Annotated[int, Field(ge=1, le=100_000)] = 200
    event_ids: Annotated[int, Field(ge=1_000, le=10_000_000)] = 50_000
