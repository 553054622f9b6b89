"""LZ4 blocks: what was packed comes back, and nothing else does harm."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import made_cs
from evenview.core.kernels import lz4


def unpack(block: bytes, room: int) -> bytes | None:
    out = np.zeros(room, np.uint8)
    n = lz4.unpack(np.frombuffer(block, np.uint8), out)
    return None if n < 0 else out[:n].tobytes()


def test_a_block_written_out_by_hand() -> None:
    # 3 plain bytes, then 9 from 3 back (over what they write), then 5 plain: token, data, distance
    block = bytes([0x35]) + b"abc" + bytes([3, 0]) + bytes([0x50]) + b"hello"
    assert unpack(block, 17) == b"abc" * 4 + b"hello"


def test_long_lengths_go_on_in_more_bytes() -> None:
    assert unpack(bytes([0xF0, 255, 30]) + b"x" * 300, 300) == b"x" * 300
    zeros = bytes([0x1F, 0, 1, 0, 255, 255, 21, 0x00])  # one zero, then 4 + 15 + 531 more
    assert unpack(zeros, 551) == bytes(551)


@given(st.lists(st.sampled_from([b"\0" * 8, b"abcd", b"\x01\x02", b"xyz" * 30, b"q"])))
def test_what_was_packed_comes_back(parts: list[bytes]) -> None:
    data = b"".join(parts)
    assert unpack(made_cs.lz4_block(data), len(data)) == data


def test_numbers_packed_by_another_program_come_back() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    rng = np.random.default_rng(0)
    for data in (bytes(10**6), rng.bytes(10**5), np.arange(30_000).tobytes()):
        block = pyarrow.Codec("lz4_raw").compress(data, asbytes=True)
        assert unpack(block, len(data)) == data


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"\x30ab",  # fewer bytes than it says
        b"\xf0\xff\xff",  # a length without an end
        b"\x10a\x01",  # half a distance
        b"\x10a\x00\x00\x00",  # from nowhere
        b"\x10a\x02\x00\x00",  # from before the beginning
        b"\x10a\x01\x00",  # no last sequence
        b"\x1fa\x01\x00\xff\xff\xff\x00\x00",  # more than there is room for
        b"\xf0\x80" + b"a" * 143,
    ],
)
def test_a_damaged_block_gives_nothing(block: bytes) -> None:
    assert unpack(block, 100) is None


@given(st.binary(max_size=200), st.integers(0, 300))
def test_any_bytes_are_harmless(block: bytes, room: int) -> None:
    guarded = np.full(room + 64, 7, np.uint8)
    lz4.unpack(np.frombuffer(block, np.uint8), guarded[:room])
    assert (guarded[room:] == 7).all()
