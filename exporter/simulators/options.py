"""Options of a fault or a control request, checked: what is wrong with them is said in words."""

from collections.abc import Mapping
from typing import TypeVar

Wanted = TypeVar("Wanted")


class BadRequest(Exception):
    """A control request that can not be understood; its text says why."""


class Options:
    """A JSON object whose keys are taken one by one; what nobody took is an error."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = dict(values)

    def take(self, name: str, wanted: type[Wanted], default: Wanted) -> Wanted:
        """The value of a key, of a type; the default where it is left out."""
        if name not in self._values:
            return default
        return self.required(name, wanted)

    def required(self, name: str, wanted: type[Wanted]) -> Wanted:
        """The value of a key, of a type."""
        if name not in self._values:
            raise BadRequest(f"{name} is missing")
        value: object = self._values.pop(name)
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise BadRequest(f"{name} must be {_NAMES.get(wanted, wanted.__name__)}")
        return value

    def take_any(self, name: str) -> object:
        """The value of a key, of any type; None where it is left out."""
        return self._values.pop(name, None)

    def done(self) -> None:
        """Say that all keys should have been taken."""
        if self._values:
            raise BadRequest(f"unknown: {', '.join(sorted(self._values))}")


_NAMES: dict[type, str] = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}
