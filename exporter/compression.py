"""One gzip member put together from pieces that were compressed on their own.

Each piece is a run of deflate blocks that ends on a byte boundary and refers to nothing before
it, so pieces can be compressed when they change and joined when somebody asks. One member,
because several members are cut short by curl and httpx.
"""

import struct
import zlib
from importlib.util import find_spec

MEMBER_START = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"  # an empty final block
_POLYNOMIAL = 0xEDB88320
_MEMORY = 2  # of isal: as good as its default here, and less to allocate for each piece
COMBINE_FROM = 256 * 1024  # bytes from which combining checksums is cheaper than reading again
CODEC = "zlib" if find_spec("isal") is None else "isal"  # isal comes with the extra `speed`


def deflate(text: bytes, codec: str = CODEC) -> bytes:
    """The piece for `text`: raw deflate blocks, none of them final. `codec` is zlib or isal."""
    if codec == "isal":
        from isal import isal_zlib

        fast = isal_zlib.compressobj(1, isal_zlib.DEFLATED, -15, _MEMORY)
        return bytes(fast.compress(text) + fast.flush(isal_zlib.Z_FULL_FLUSH))
    plain = zlib.compressobj(1, zlib.DEFLATED, -15)
    return plain.compress(text) + plain.flush(zlib.Z_FULL_FLUSH)


def member_end(checksum: int, size: int) -> bytes:
    """What ends the gzip member that `MEMBER_START` begins, after any number of pieces.

    `checksum` and `size` are the CRC-32 and the length of the text that the pieces hold.
    """
    return _LAST_BLOCK + struct.pack("<II", checksum, size & 0xFFFFFFFF)


def _times(matrix: list[int], vector: int) -> int:
    total = 0
    row = 0
    while vector:
        if vector & 1:
            total ^= matrix[row]
        vector >>= 1
        row += 1
    return total


def _squares() -> list[list[int]]:
    """Operators that append 2^k zero bytes to a checksum, for k from 0 to 47."""
    one_bit = [_POLYNOMIAL, *(1 << n for n in range(31))]
    operators = []
    matrix = one_bit
    for step in range(3 + 48):
        if step >= 3:
            operators.append(matrix)
        matrix = [_times(matrix, matrix[n]) for n in range(32)]
    return operators


_APPEND_ZEROS = _squares()


def combined(first: int, second: int, second_length: int) -> int:
    """The CRC-32 of two texts in a row, from that of each and the length of the second."""
    bit = 0
    while second_length:
        if second_length & 1:
            first = _times(_APPEND_ZEROS[bit], first)
        second_length >>= 1
        bit += 1
    return first ^ second
