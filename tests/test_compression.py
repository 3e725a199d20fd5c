"""One gzip member from pieces, and checksums of texts that are put together."""

import subprocess
import sys
import zlib
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.compression import MEMBER_START, combined, deflate, member_end

CODECS = ("zlib", "isal")
CODEC_WITHOUT_ISAL = """
import sys
sys.modules["isal"] = None
from exporter.compression import CODEC, deflate
sys.stdout.buffer.write(CODEC.encode() + b" " + deflate(b"text"))
"""

pieces_of_text = st.lists(
    st.one_of(st.binary(max_size=40), st.builds(bytes.__mul__, st.binary(), st.integers(0, 2000)))
)


def member(pieces: list[bytes], checksum: int, size: int) -> list[bytes]:
    """The parts of a gzip member that holds the pieces."""
    return [MEMBER_START, *pieces, member_end(checksum, size)]


def unpacked(data: bytes) -> bytes:
    """The text of one gzip member with nothing behind it; its checksum and size are checked."""
    reader = zlib.decompressobj(wbits=31)
    text = reader.decompress(data) + reader.flush()
    assert reader.eof
    assert reader.unused_data == b""
    return text


@pytest.mark.parametrize("codec", CODECS)
@settings(deadline=None)
@given(pieces_of_text)
def test_pieces_become_one_member(codec: str, texts: list[bytes]) -> None:
    whole = b"".join(texts)
    parts = member([deflate(text, codec) for text in texts], zlib.crc32(whole), len(whole))
    assert unpacked(b"".join(parts)) == whole


@pytest.mark.parametrize("codec", CODECS)
def test_a_piece_may_stand_anywhere(codec: str) -> None:
    one, other = b'a{b="c"} 1.0\n' * 500, b'a{b="d"} 2.0\n' * 500
    pieces = {text: deflate(text, codec) for text in (one, other)}
    for texts in ([one, other], [other, one], [one, one, other], [other]):
        whole = b"".join(texts)
        data = b"".join(member([pieces[text] for text in texts], zlib.crc32(whole), len(whole)))
        assert unpacked(data) == whole
        assert len(data) < len(whole) / 20


def test_pieces_of_both_codecs_may_be_mixed() -> None:
    pieces = [deflate(b"one ", "zlib"), deflate(b"two ", "isal"), deflate(b"three", "zlib")]
    whole = b"one two three"
    assert unpacked(b"".join(member(pieces, zlib.crc32(whole), len(whole)))) == whole


def test_a_wrong_checksum_or_size_is_noticed_by_who_reads_it() -> None:
    piece = deflate(b"text")
    for checksum, size in ((zlib.crc32(b"text") ^ 1, 4), (zlib.crc32(b"text"), 5)):
        with pytest.raises(zlib.error, match="incorrect"):
            unpacked(b"".join(member([piece], checksum, size)))


def test_the_size_in_the_trailer_is_that_of_the_text_modulo_four_gibibytes() -> None:
    assert member_end(0, 2**32 + 7)[-4:] == (7).to_bytes(4, "little")


@pytest.mark.parametrize("codec", CODECS)
def test_a_level_is_used_that_really_compresses(codec: str) -> None:
    text = b"".join(b'cc_waiting{queue="%d"} %d.0\n' % (n, n % 7) for n in range(1000))
    assert len(deflate(text, codec)) < len(text) / 4


def test_without_the_extra_speed_zlib_is_used() -> None:
    command = [sys.executable, "-c", CODEC_WITHOUT_ISAL]
    out = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    codec, _, piece = out.partition(b" ")
    assert codec == b"zlib"
    assert zlib.decompressobj(-15).decompress(piece) == b"text"


@settings(deadline=None)
@given(st.lists(st.binary(max_size=3000)))
def test_checksums_combine(texts: list[bytes]) -> None:
    checksum = reduce(lambda sum_, text: combined(sum_, zlib.crc32(text), len(text)), texts, 0)
    assert checksum == zlib.crc32(b"".join(texts))


@settings(deadline=None)
@given(st.binary(max_size=50), st.integers(0, 2**32 - 1), st.integers(0, 2**21))
def test_checksums_combine_for_long_texts(first: bytes, seed: int, length: int) -> None:
    second = seed.to_bytes(4, "big") * (length // 4)
    checksum = combined(zlib.crc32(first), zlib.crc32(second), len(second))
    assert checksum == zlib.crc32(first + second)


checksums = st.integers(0, 2**32 - 1)
lengths = st.integers(0, 2**45)


@settings(deadline=None)
@given(checksums, checksums, lengths, checksums, lengths)
def test_the_order_of_combining_does_not_matter_for_texts_of_any_length(
    first: int, second: int, second_length: int, third: int, third_length: int
) -> None:
    from_the_left = combined(combined(first, second, second_length), third, third_length)
    rest = combined(second, third, third_length)
    assert from_the_left == combined(first, rest, second_length + third_length)
