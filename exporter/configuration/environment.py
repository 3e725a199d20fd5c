"""The environment: which variable sets which key; `_` stands for `-`, `__` goes a level down."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from exporter.configuration.keys import Keys, shown
from exporter.configuration.layers import Layer
from exporter.configuration.schema import Schema, leaves

PREFIX: Final = "CCE_"
CONFIG_FILE_VARIABLE: Final = "CCE_CONFIG__FILE"


def config_file(environment: Mapping[str, str]) -> Path | None:
    """Return the file that CCE_CONFIG__FILE names, in any case; None where it is not set."""
    for name, value in environment.items():
        if name.upper() == CONFIG_FILE_VARIABLE and value:
            return Path(value)
    return None


def environment_layer(
    environment: Mapping[str, str], names: Iterable[str], schema: Schema
) -> Layer:
    """Read the CCE_ variables; `names` are the source names that flags and file have."""
    layer = Layer()
    ours = sorted(name for name in environment if name[: len(PREFIX)].upper() == PREFIX)
    known = _known_variables(names, ours, schema)
    for name in ours:
        keys = known.get(name.upper())
        if name.upper() == CONFIG_FILE_VARIABLE:
            continue
        if keys is None:
            hint = _nearest_variable(name.upper(), known)
            layer.problems.append(f"{shown(name)}: is not a known variable{hint}")
        elif problem := _put(layer, keys, name, environment[name]):
            layer.problems.append(f"{shown(name)}: {problem}")
        else:
            # A problem of a secret is told at the secret itself, not at its reference's key.
            layer.origins[schema.public(keys)] = name
    return layer


def _nearest_variable(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, 1) if len(name) <= 200 else []
    return f"; the nearest is {near[0]}" if near else ""


def _known_variables(
    names: Iterable[str], ours: Iterable[str], schema: Schema
) -> dict[str, tuple[str, ...]]:
    """Return the path of every variable that could be set; names of the file go first."""
    known: dict[str, tuple[str, ...]] = {CONFIG_FILE_VARIABLE: ()}
    for leaf in schema.process_leaves():
        known[_variable(leaf.keys)] = leaf.keys
    in_file = sorted(names, key=len, reverse=True)
    for name in (*in_file, *filter(None, map(_source_of_variable, ours))):
        for model in schema.platforms.values():
            for leaf in leaves(model):
                keys = ("sources", name, *leaf.keys)
                known.setdefault(_variable(keys), keys)
    return known


def _variable(keys: Iterable[str]) -> str:
    return PREFIX + "__".join(key.replace("-", "_").upper() for key in keys)


def _source_of_variable(name: str) -> str | None:
    section, _, rest = name[len(PREFIX) :].partition("__")
    source, separator, _ = rest.partition("__")
    found = section.upper() == "SOURCES" and separator and source
    return source.lower().replace("_", "-") if found else None


def _put(layer: Layer, keys: Keys, name: str, text: str) -> str:
    """Set a value of the environment; returns what is wrong, or nothing."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "is not UTF-8 text"
    values: Any = layer.values
    for end, key in enumerate(keys[:-1], 1):
        values = values.setdefault(key, {})
        if not isinstance(values, dict):
            return f"contradicts {layer.origins[keys[:end]]}"
    if keys[-1] in values:
        return f"sets the same as {layer.origins[keys]}"
    values[keys[-1]] = text
    layer.origins[keys] = name
    return ""
