"""Text and lists of it. No refusal repeats what was given: it may be a secret out of place."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator


def _one_line(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("must not hold control characters")
    return text


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


def _number_as_text(given: object) -> object:
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


def split_commas(given: object) -> object:
    """Split text at its commas; empty text is the empty list; anything else stays as it is."""
    if not isinstance(given, str):
        return given
    return [part.strip() for part in given.split(",")] if given.strip() else []


Text = Annotated[str, AfterValidator(_one_line)]
"""One line, which may be empty."""
Name = Annotated[Text, AfterValidator(_not_empty)]
"""One line that is not empty."""
Identifier = Annotated[Name, BeforeValidator(_number_as_text)]
"""A vendor's id, kept as the text that was written: 0123 is not 123."""
Identifiers = Annotated[tuple[Identifier, ...], BeforeValidator(split_commas)]
