"""Secrets: plain, in a file or in a variable, and shown nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from exporter.configuration.files import read_text
from exporter.errors import ConfigError

MASK: Final = "**********"
SECRET_BYTES: Final = 64 * 1024


class Secret:
    """A text that is shown nowhere: plain, or a reference to a file or to a variable.

    A file is read at each `reveal`, so that a rotated secret is seen; a variable's value is the
    one of load time. Copies by pickle keep the reference alone.
    """

    __slots__ = ("_file", "_plain_in_file", "_text", "_variable")

    def __init__(
        self,
        text: str | None = None,
        *,
        file: str | None = None,
        variable: str | None = None,
        plain_in_file: bool = False,
    ) -> None:
        self._text = text
        self._file = file
        self._variable = variable
        self._plain_in_file = plain_in_file

    @property
    def is_plain_in_file(self) -> bool:
        """True for a plain text that stands in the configuration file."""
        return self._plain_in_file

    def reveal(self) -> str:
        """Return the secret now; ConfigError, naming the file, where it can not be had."""
        text, problem = self._content()
        if problem:
            raise ConfigError(problem)
        return text

    def described(self) -> dict[str, str] | str:
        """Return what a configuration file may say of it: the reference, or a mask."""
        if self._file is not None:
            return {"file": self._file}
        return MASK if self._variable is None else {"env": self._variable}

    def _content(self) -> tuple[str, str]:
        if self._file is not None:
            text, problem = read_text(Path(self._file), SECRET_BYTES, pipes=False)
            text = text.rstrip("\r\n")
            problem = problem or ("" if text else "is empty")
            return text, f"the file {self._file} {problem}" if problem else ""
        if self._text:
            return self._text, ""
        what = "the secret" if self._variable is None else f"the variable {self._variable}"
        return "", f"{what} is {'not set' if self._text is None else 'empty'}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self._file, self._variable))

    def _key(self) -> tuple[str | None, ...]:
        return (self._file, self._variable, self._text)

    def __str__(self) -> str:
        shown = self.described()
        return shown if isinstance(shown, str) else " ".join(next(iter(shown.items())))

    def __repr__(self) -> str:
        return f"Secret({self})"

    def __format__(self, form: str) -> str:
        return format(str(self), form)

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _copied_secret, (self._file, self._variable)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        shown = core_schema.plain_serializer_function_ser_schema(Secret.described)
        return core_schema.no_info_plain_validator_function(_secret, serialization=shown)


def _copied_secret(file: str | None, variable: str | None) -> Secret:
    return Secret(file=file, variable=variable)


@dataclass(frozen=True)
class GivenSecret:
    """What was written for a secret, with the environment that a reference may name."""

    written: object = field(repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    in_file: bool = False

    def secret(self) -> Secret:
        """Return the secret, which could be read; ValueError without its content otherwise."""
        if isinstance(self.written, Mapping):
            secret = self._reference(self.written)
        elif isinstance(self.written, str):
            secret = Secret(self.written, plain_in_file=self.in_file)
        else:
            raise ValueError("must be a text, {file: PATH} or {env: NAME}")
        text, problem = secret._content()
        if text == MASK:
            problem = "is the mask that `check` prints, not a secret"
        if not problem and not _is_utf8(text):
            problem = "is not UTF-8 text"
        if problem:
            raise ValueError(problem)
        return secret

    def _reference(self, written: Mapping[Any, object]) -> Secret:
        kind, name = next(iter(written.items()), (None, None))
        if len(written) != 1 or kind not in ("file", "env") or not isinstance(name, str | Path):
            raise ValueError("must be {file: PATH} or {env: NAME}, one of the two")
        if not (name := str(name).strip()) or not name.isprintable():
            raise ValueError("must name a file or a variable")
        if kind == "file":
            return Secret(file=name)
        return Secret(self.environment.get(name), variable=name)


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _secret(given: object) -> Secret:
    if isinstance(given, Secret):
        return given
    return (given if isinstance(given, GivenSecret) else GivenSecret(given)).secret()
