"""Relative paths: one that stands in the configuration file starts at that file's directory.

Flags and variables are left alone: theirs start at the working directory, as everywhere.
"""

from collections.abc import Iterator
from pathlib import Path

from exporter.configuration.layers import Layer, Layers, given, source_names
from exporter.configuration.schema import Schema, leaves


def start_at(directory: Path, written: Layer, layers: Layers, schema: Schema) -> None:
    """Make the relative paths of the layer `written` absolute, before its secrets are hidden.

    `layers` are all of them: a source of the file may have its platform from a stronger layer.
    """
    for *above, last in _paths(layers, schema):
        section = given((written,), above)
        if not isinstance(section, dict):
            continue
        path = section.get(last)
        if isinstance(path, str) and path.strip():
            section[last] = str(directory / path.strip())


def _paths(layers: Layers, schema: Schema) -> Iterator[tuple[str, ...]]:
    yield from (leaf.keys for leaf in schema.process_leaves() if leaf.names_file)
    for name in source_names(layers):
        model = schema.platforms.get(str(given(layers, ("sources", name, "platform"))))
        for leaf in leaves(model) if model else ():
            if leaf.names_file:
                yield ("sources", name, *leaf.keys)
