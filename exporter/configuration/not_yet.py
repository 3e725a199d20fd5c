"""Keys that are not built yet: refused where they are used, never accepted silently."""

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import TypeAdapter, ValidationError

from exporter.configuration.layers import Layers, given, source_names
from exporter.configuration.problems import line
from exporter.configuration.schema import Schema

NOT_YET: Final = "is not yet built in this version"


def not_yet(schema: Schema, layers: Layers, patterns: Mapping[str, type]) -> Iterator[str]:
    """Yield a problem for each key of `patterns` that is in use, valid or not as a whole.

    A pattern is a path, with `*` for any source, and the type of what stands there.
    """
    for pattern, kind in patterns.items():
        for name in source_names(layers) if "*" in pattern else [""]:
            keys = tuple(name if key == "*" else key for key in pattern.split("."))
            if _is_in_use(given(layers, keys), kind):
                yield line(schema, layers, keys, NOT_YET)


def _is_in_use(given: object, kind: type) -> bool:
    try:
        return bool(TypeAdapter(kind).validate_python(given))
    except ValidationError:
        return False
