"""Which keys there can be, and which of them hold secrets or name files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, get_args

from pydantic import BaseModel

from exporter.configuration.files import NAMES_FILE
from exporter.configuration.keys import Keys
from exporter.configuration.secret import Secret
from exporter.configuration.section import Section
from exporter.configuration.source import SourceSettings


class Leaf(NamedTuple):
    """A key that has a value of its own, not a section, by its path below a section."""

    keys: tuple[str, ...]
    names_file: bool


def leaves(model: type[BaseModel]) -> Iterator[Leaf]:
    """Yield every leaf of a section; a secret's are itself, its `file` and its `env`."""
    for name, known in model.model_fields.items():
        inner = section_of(known.annotation)
        if inner is not None:
            yield from (Leaf((name, *leaf.keys), leaf.names_file) for leaf in leaves(inner))
        else:
            yield Leaf((name,), NAMES_FILE in known.metadata)
        if _is_secret(known.annotation):
            yield Leaf((name, "file"), names_file=True)
            yield Leaf((name, "env"), names_file=False)


def section_of(annotation: object) -> type[BaseModel] | None:
    """Return the section that a field holds, also where it may be None."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, Section):
            return kind
    return None


def section_at(model: type[BaseModel], keys: Keys) -> type[BaseModel]:
    """Return the section at a path below a section, which has been validated as one."""
    for key in keys:
        model = section_of(model.model_fields[str(key)].annotation) or model
    return model


def _is_secret(annotation: object) -> bool:
    return Secret in (annotation, *get_args(annotation))


@dataclass(frozen=True)
class Schema:
    """The keys of the whole configuration: `root`, and below `sources.NAME` its platform's."""

    root: type[BaseModel]
    platforms: Mapping[str, type[SourceSettings]]

    @cached_property
    def secrets(self) -> frozenset[str]:
        """The keys of a source that hold secrets; all stand directly in the source."""
        return frozenset(
            name
            for model in self.platforms.values()
            for name, known in model.model_fields.items()
            if _is_secret(known.annotation)
        )

    def process_leaves(self) -> Iterator[Leaf]:
        """Yield every leaf that is not one of a source."""
        return (leaf for leaf in leaves(self.root) if leaf.keys != ("sources",))

    def public(self, keys: Keys) -> Keys:
        """Cut a path at a secret: what stands below it may be the secret itself."""
        for position, key in enumerate(keys):
            if position > 1 and key in self.secrets:
                return keys[: position + 1]
        return keys
