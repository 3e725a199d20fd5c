"""Problems: a line for each, with the path, where the value came from, and what is wrong."""

from typing import Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from exporter.configuration.keys import Keys, dotted, nearest, shown
from exporter.configuration.layers import Layers, given
from exporter.configuration.schema import Schema, section_at


def problem(schema: Schema, layers: Layers, found: ErrorDetails) -> str:
    """Write a refusal of pydantic's, whose own message may repeat what was given, as a line."""
    keys: Keys = tuple(found["loc"])
    if found["loc"][2:] == ("[key]",):  # pydantic's mark for the name, not the value, of a source
        keys = keys[:2]
    return line(schema, layers, keys, _reason(schema, layers, keys, found))


def line(schema: Schema, layers: Layers, keys: Keys, reason: str) -> str:
    """Write what is wrong at a path: `path (file, line or variable or flag): reason`."""
    origin = _origin(layers, keys)
    return f"{dotted(schema.public(keys))}{f' ({origin})' if origin else ''}: {reason}"


def _origin(layers: Layers, keys: Keys) -> str:
    """Return where the value at a path came from, or else what made its section."""
    prefixes = [keys[:end] for end in range(len(keys), 0, -1)]
    *stronger, written = layers
    for layer in stronger:
        for at in prefixes:
            if at in layer.origins:
                return shown(layer.origins[at])
    for at in prefixes:
        if at in written.origins:
            return written.origins[at]
        for layer in stronger:
            for below, origin in layer.origins.items():
                if below[: len(at)] == at:
                    return shown(origin)
    return ""


_REASONS: Final = {
    "missing": "is missing",
    "model_type": "must be a mapping",
    "mapping_type": "must be a mapping",
    "dict_type": "must be a mapping",
    "tuple_type": "must be a list",
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
}


def _reason(schema: Schema, layers: Layers, keys: Keys, found: ErrorDetails) -> str:
    if found["type"] == "extra_forbidden":
        known = _section_at(schema, layers, keys[:-1]).model_fields
        return f"is not a known key; {nearest(str(keys[-1]), known)}"
    if found["type"] == "value_error":
        return str(found["ctx"]["error"])
    said = found["msg"].replace("Input should", "must")
    return _REASONS.get(found["type"], said)


def _section_at(schema: Schema, layers: Layers, keys: Keys) -> type[BaseModel]:
    if keys[:1] != ("sources",):
        return section_at(schema.root, keys)
    platform = given(layers, ("sources", str(keys[1]), "platform"))
    return section_at(schema.platforms[str(platform)], keys[2:])
