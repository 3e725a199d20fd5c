"""Paths of keys: where a value stands in the configuration, and how people are told of it."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TypeAlias

Keys: TypeAlias = tuple[str | int, ...]
"""Where a value stands: names of keys, and positions in a list."""


def shown(key: str | int, most: int = 200) -> str:
    """Write a key so that it stays on its line and within a page."""
    text = str(key)
    short = text if len(text) <= most else text[: most - 3] + "..."
    return short if short.isprintable() and short else ascii(short)


def dotted(keys: Keys) -> str:
    """Write a path as `sources.acme-us.include.services[0]`; the empty path is the empty text."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{shown(key)}" for key in keys)
    return text.removeprefix(".")


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known name is nearest to a word, or else which names are known."""
    names = sorted(known)
    near = get_close_matches(word.lower(), names, 1) if len(word) <= 100 else []
    return f"the nearest is {near[0]}" if near else f"known are {', '.join(names)}"
