"""Configurations to load, and the problems of those that are refused."""

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from exporter.errors import ConfigError
from exporter.settings import Settings, load

PLANTED = "hunter2-planted"
"""A secret: it stands in no error, whatever is refused."""
SOURCE = f"""
sources:
  acme-us:
    platform: livevox
    environment: na4
    client_name: ACME_CC
    username: exporter
    password: {PLANTED}
    access_token: {{env: TOKEN}}
"""
TOKEN = {"TOKEN": PLANTED}
ACME = "CCE_SOURCES__ACME_US__"
NEW = {
    "CCE_SOURCES__NEW_ONE__PLATFORM": "livevox",
    "CCE_SOURCES__NEW_ONE__ENVIRONMENT": "na5",
    "CCE_SOURCES__NEW_ONE__CLIENT_NAME": "0123",
    "CCE_SOURCES__NEW_ONE__USERNAME": "exporter",
    "CCE_SOURCES__NEW_ONE__PASSWORD": PLANTED,
    "CCE_SOURCES__NEW_ONE__ACCESS_TOKEN__ENV": "TOKEN",
    **TOKEN,
}


def refusal_of(kind: Any, value: object) -> str:
    """What a type says of a value that it refuses."""
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    (problem,) = refused.value.errors()
    return str(problem["msg"])


def settings_of(file: Path, text: str, **environment: str) -> Settings:
    """The settings that a text in a file gives."""
    file.write_text(text)
    return load(file, {**TOKEN, **environment}, {})


def problems(
    file: Path | None, environment: Mapping[str, str], overrides: Mapping[str, object]
) -> list[str]:
    """The lines of the error, after a look that it shows no planted secret in any way."""
    with pytest.raises(ConfigError) as refused:
        load(file, environment, overrides)
    error = refused.value
    assert error.__cause__ is None
    assert error.__context__ is None
    everything = repr(error) + "".join(traceback.format_exception(error))
    assert PLANTED not in everything.replace(f'"{PLANTED}', "")
    where = str(file.parent) + "/" if file else "/nowhere/"
    return str(error).replace(where, "").splitlines()


def problems_of(file: Path, text: str, **environment: str) -> list[str]:
    """The problems of a text in a file."""
    file.write_text(text)
    return problems(file, {**TOKEN, **environment}, {})
