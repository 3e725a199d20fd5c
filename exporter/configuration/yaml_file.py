"""The file: YAML whose scalars all stay text, refused without a word of what stands in it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from exporter.configuration.files import read_text
from exporter.configuration.keys import Keys, dotted, shown
from exporter.configuration.layers import Layer
from exporter.configuration.schema import Schema
from exporter.errors import ConfigError

FILE_BYTES: Final = 1024 * 1024
_MOST_NODES: Final = 100_000
_MOST_DEPTH: Final = 40
_TAG: Final = "tag:yaml.org,2002:"
_PLAIN_TAGS: Final = frozenset(
    _TAG + name
    for name in ("null", "bool", "int", "float", "timestamp", "str", "value", "map", "seq")
)
_YAML_REASONS: Final = {
    "mapping values are not allowed here": "a second `:` is not allowed here",
    "could not find expected ':'": "a `:` is missing",
    "but found another document": "one document is expected",
    "nests too deeply": "it nests too deeply",
}
"""The parser's problems that hold nothing of the file, in our words."""


class _Composer(yaml.SafeLoader):
    """Makes nodes of bounded depth; no tag of them is ever executed."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > _MOST_DEPTH:
            raise yaml.MarkedYAMLError(problem="nests too deeply", problem_mark=self.get_mark())
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _composed(text: str) -> tuple[yaml.Node | None, str]:
    """Return (the root, "") or (None, where and why it is not YAML), never a line of it."""
    try:
        return _Composer(text).get_single_node(), ""
    except yaml.MarkedYAMLError as error:
        mark, problem = error.problem_mark or error.context_mark, error.problem or ""
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return None, f"line {line}: is not YAML: it holds a character that YAML does not allow"
    except (ValueError, OverflowError):  # an escape or a version beyond what Python can hold
        return None, "is not YAML: it holds a number that is too large"
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    if "\\t" in problem:
        return None, f"{place}is not YAML: a tab can not indent, spaces do"
    why = f": {_YAML_REASONS[problem]}" if problem in _YAML_REASONS else ""
    return None, f"{place}is not YAML{why}"


@dataclass
class _Document:
    """A file on its way from nodes to nested values whose scalars are all text."""

    name: str
    schema: Schema
    layer: Layer = field(default_factory=Layer)
    nodes: int = 0
    depth: int = 0

    def value(self, node: yaml.Node, keys: Keys) -> Any:
        """Return what a node says; raises ConfigError where aliases make it endless."""
        self.nodes += 1
        if self.nodes > _MOST_NODES or self.depth > _MOST_DEPTH:
            raise ConfigError(f"{self._place(node)}: aliases make the file too large")
        self.depth += 1
        value = self._value(node, keys)
        self.depth -= 1
        return value

    def _value(self, node: yaml.Node, keys: Keys) -> Any:
        self.layer.origins[keys] = self._place(node)
        if node.tag not in _PLAIN_TAGS:
            self._refuse(node, keys, "has a tag, which is not supported")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, keys)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*keys, at)) for at, item in enumerate(node.value)]
        empty = node.tag == _TAG + "null" and node.value in ("", "~", "null", "Null", "NULL")
        return None if empty else node.value

    def _mapping(self, node: yaml.MappingNode, keys: Keys) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, inner in node.value:
            if key.tag == _TAG + "merge":
                values |= self._merged(inner, keys)
        first: dict[str, str] = {}
        for key, inner in node.value:
            if key.tag == _TAG + "merge":
                continue
            if not isinstance(key, yaml.ScalarNode):
                self._refuse(key, keys, "has a key that is not text")
            elif key.value in first:
                self._refuse(key, (*keys, key.value), f"stands twice, first in {first[key.value]}")
            else:
                first[key.value] = f"line {key.start_mark.line + 1}"
                values[key.value] = self.value(inner, (*keys, key.value))
                self.layer.origins[(*keys, key.value)] = self._place(key)
        return values

    def _merged(self, node: yaml.Node, keys: Keys) -> dict[str, Any]:
        """Return what `<<` brings; of several mappings the first is the strongest."""
        listed = node.value if isinstance(node, yaml.SequenceNode) else [node]
        values: dict[str, Any] = {}
        for one in reversed(listed):
            if isinstance(one, yaml.MappingNode):
                values |= self.value(one, keys) or {}
            else:
                self._refuse(one, keys, "merges what is not a mapping")
        return values

    def _place(self, node: yaml.Node) -> str:
        return f"{self.name}, line {node.start_mark.line + 1}"

    def _refuse(self, node: yaml.Node, keys: Keys, why: str) -> None:
        where = dotted(self.schema.public(keys)) or "the file"
        self.layer.problems.append(f"{where} ({self._place(node)}): {why}")


def file_layer(file: Path, schema: Schema) -> Layer:
    """Read a file; ConfigError where it is no mapping at all, problems for what is in it."""
    name = shown(str(file), most=4096)
    text, problem = read_text(file, FILE_BYTES)
    root, problem = (None, problem) if problem else _composed(text)
    if problem:
        raise ConfigError(f"{name}: {problem}")
    document = _Document(name, schema)
    values = None if root is None else document.value(root, ())
    if values is None and not document.layer.problems:
        raise ConfigError(f"{name}: is empty; where no file is needed, name none")
    if not isinstance(values, dict):
        raise ConfigError(f"{name}: must be a mapping of sections such as `sources:`")
    document.layer.values = values
    return document.layer
