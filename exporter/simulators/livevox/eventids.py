"""Ids of interaction events and tokens of feeds: UUIDs of version 1, which tell their moment.

They are made of nothing but the seed, a moment and a number, so that the same day has the same
ids, and an id that is too old is told from one that never was.
"""

import hashlib
import uuid

_EPOCH_100NS = 0x01B21DD213814000
_IN_A_MS = 10_000
_TOKEN_CLOCK = 0x3A7E
_MOST_POSITIONS = 1 << 32


class EventIds:
    """Ids of the events of one seed."""

    def __init__(self, seed: int) -> None:
        self._node = _fingerprint(f"events of {seed}", 6)

    def text(self, at_ms: int, number: int) -> str:
        """The id of the event with a number, created at a moment."""
        clock, fraction = divmod(number, _IN_A_MS)
        return _text(at_ms, fraction, clock & 0x3FFF, self._node)

    def moment_of(self, text: str) -> int | None:
        """When an event was created whose id this may be, in milliseconds; None if it is none."""
        found = _parsed(text)
        return _moment(found) if found is not None and found.node == self._node else None


class Tokens:
    """Tokens of one feed of one seed: a position, and the moment that the token is valid from."""

    def __init__(self, feed: str, seed: int) -> None:
        self._feed = feed
        self._seed = seed

    def text(self, at_ms: int, position: int) -> str:
        """The token after which the event at `position + 1` comes."""
        return _text(
            at_ms, 0, _TOKEN_CLOCK, position % _MOST_POSITIONS << 16 | self._check(position)
        )

    def read(self, text: str) -> tuple[int, int] | None:
        """The moment and the position of a token; None if it is none of this feed."""
        found = _parsed(text)
        if found is None:
            return None
        position, check = divmod(found.node, 1 << 16)
        if check != self._check(position) or found.clock_seq != _TOKEN_CLOCK:
            return None
        return _moment(found), position

    def _check(self, position: int) -> int:
        return _fingerprint(f"{self._feed} of {self._seed}: {position}", 2)


def _fingerprint(text: str, size: int) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=size).digest())


def _text(at_ms: int, fraction: int, clock: int, node: int) -> str:
    time = at_ms * _IN_A_MS + fraction + _EPOCH_100NS
    low, middle, high = time & 0xFFFFFFFF, time >> 32 & 0xFFFF, time >> 48 & 0x0FFF
    return f"{low:08x}-{middle:04x}-{high | 0x1000:04x}-{clock | 0x8000:04x}-{node:012x}"


def _parsed(text: str) -> uuid.UUID | None:
    try:
        found = uuid.UUID(text)
    except ValueError:
        return None
    return found if str(found) == text and found.version == 1 else None


def _moment(found: uuid.UUID) -> int:
    return (found.time - _EPOCH_100NS) // _IN_A_MS
