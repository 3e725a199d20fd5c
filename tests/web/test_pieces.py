"""Bodies that are sent in pieces: the same bytes, and large pieces as they are."""

from collections.abc import MutableMapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.web.pieces import LEAST, PiecesResponse, messages

pytestmark = pytest.mark.anyio

sizes = st.lists(st.sampled_from([0, 1, 100, LEAST // 3, LEAST - 1, LEAST, LEAST + 1, 2 * LEAST]))


@given(sizes)
def test_messages_are_the_pieces_in_order_small_neighbours_joined(lengths: list[int]) -> None:
    pieces = [bytes([n % 256]) * length for n, length in enumerate(lengths)]
    sent = messages(pieces)
    assert b"".join(sent) == b"".join(pieces)
    assert [one for one in sent if len(one) > LEAST] == [p for p in pieces if len(p) > LEAST]
    assert all(len(one) + len(other) > LEAST for one, other in pairwise(sent))


def test_a_large_piece_is_not_copied() -> None:
    large = b"x" * LEAST
    assert any(message is large for message in messages([b"head", large, b"tail"]))


async def answered(pieces: list[bytes]) -> tuple[MutableMapping[str, Any], list[Any]]:
    """The head of a response, and the messages of its body."""
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("there is nothing to receive")

    response = PiecesResponse(pieces, {"Content-Type": "text/plain", "Vary": "Accept"})
    await response({"type": "http"}, receive, send)
    return sent[0], sent[1:]


@pytest.mark.parametrize("pieces", [[], [b""], [b"a", b"b"], [b"a", b"x" * LEAST, b"b"]])
async def test_the_length_is_told_before_and_the_last_message_says_so(pieces: list[bytes]) -> None:
    head, body = await answered(pieces)
    assert dict(head["headers"]) == {
        b"content-type": b"text/plain",
        b"vary": b"Accept",
        b"content-length": str(len(b"".join(pieces))).encode(),
    }
    assert b"".join(message["body"] for message in body) == b"".join(pieces)
    assert [message.get("more_body", False) for message in body] == [True] * (len(body) - 1) + [
        False
    ]
