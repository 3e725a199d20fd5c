"""A section: a frozen mapping of known keys, completed from the default of its place."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.fields import FieldInfo


class Section(BaseModel):
    """A frozen part of the configuration whose keys are all known.

    A section that is given in part, or not at all, keeps its own default for the rest: an
    interval that is left out is that of this feed, not of the type.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        str_strip_whitespace=True,
        validate_default=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any) -> Any:
        return filled(cls.model_fields, given)


def filled(fields: Mapping[str, FieldInfo], given: object) -> object:
    """Return the mapping `given` with each section in it completed from that field's default."""
    if not isinstance(given, Mapping):
        return given
    whole = dict(given)
    for name, known in fields.items():
        if not isinstance(known.default, Section) or name not in whole:
            continue
        if whole[name] is None:
            del whole[name]
        elif isinstance(whole[name], Mapping):
            whole[name] = {**dict(known.default), **whole[name]}
    return whole
