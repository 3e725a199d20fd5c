"""Layers: what the flags, the environment and the file say, and where each key of it stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pydantic_settings import BaseSettings, InitSettingsSource

from exporter.configuration.keys import Keys, dotted
from exporter.configuration.schema import Schema
from exporter.configuration.secret import GivenSecret

LAYERS: Final = "layers"
"""The argument by which the settings are given their layers."""


@dataclass
class Layer:
    """Nested values; for each path, where it stands, for people; and what could not be read."""

    values: dict[str, Any] = field(default_factory=dict, repr=False)
    origins: dict[Keys, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


Layers: TypeAlias = tuple[Layer, ...]
"""Strongest first; the last is the file's."""


class LayerSource(InitSettingsSource):
    """A layer as pydantic-settings takes it."""

    def __init__(self, settings_cls: type[BaseSettings], layer: Layer) -> None:
        super().__init__(settings_cls, {})
        self._layer = layer

    def __call__(self) -> dict[str, Any]:
        """Return the nested values, as they were given."""
        return self._layer.values


def given(layers: Iterable[Layer], keys: Sequence[str]) -> object:
    """Return what the strongest layer says at a path, None where none does."""
    for layer in layers:
        value: object = layer.values
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None:
            return value
    return None


def source_names(layers: Iterable[Layer]) -> list[str]:
    """Return the names of the sources of all layers, sorted."""
    each = (layer.values.get("sources") for layer in layers)
    return sorted({name for names in each if isinstance(names, dict) for name in names})


def flags_layer(overrides: Mapping[str, object]) -> Layer:
    """Make a layer of nested flags; one that is None was not given."""
    layer = Layer()
    layer.values = _flags(overrides, (), layer.origins)
    return layer


def _flags(given: Mapping[str, object], at: Keys, origins: dict[Keys, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in given.items():
        keys = (*at, key)
        if isinstance(value, Mapping):
            values[key] = _flags(value, keys, origins)
        elif value is not None:
            values[key] = value
            origins[keys] = "--" + dotted(keys).replace("_", "-")
    return values


def hide_secrets(
    layer: Layer, schema: Schema, environment: Mapping[str, str], in_file: bool
) -> None:
    """Put each secret of a layer into a value that is not shown, nor merged with another."""
    sources = layer.values.get("sources")
    for source in sources.values() if isinstance(sources, dict) else ():
        for name in schema.secrets & set(source if isinstance(source, dict) else ()):
            if source[name] is not None:
                source[name] = GivenSecret(source[name], environment, in_file)
