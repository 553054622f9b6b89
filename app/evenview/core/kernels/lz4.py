"""LZ4 blocks, unpacked: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

_MORE = 15  # a length of this much goes on in the bytes behind
_SHORTEST = 4  # a copy is never shorter


@njit(cache=True, nogil=True)
def _length(data: Bytes, at: int, length: int) -> tuple[int, int]:
    """A length that begins with `length` and where it ends; where is -1 if the data do first."""
    if length < _MORE:
        return length, at
    while at < data.size:
        part = int(np.int64(data[at]))
        at += 1
        length += part
        if part < 255:
            return length, at
    return 0, -1


@njit(cache=True, nogil=True)
def unpack(data: Bytes, out: Bytes) -> int:
    """Unpack the block `data` (n,) into `out` (m,).

    Returns
    -------
    How many bytes it gave; -1 where it is damaged or gives more than there is room for.
    """
    at, n = 0, 0
    while at < data.size:
        token = int(np.int64(data[at]))
        plain, at = _length(data, at + 1, token >> 4)
        if at < 0 or plain > data.size - at or plain > out.size - n:
            return -1
        for i in range(plain):
            out[n + i] = data[at + i]
        at, n = at + plain, n + plain
        if at == data.size:  # the last sequence has nothing to copy
            return n
        if data.size - at < 2:
            return -1
        back = int(np.int64(data[at])) + 256 * int(np.int64(data[at + 1]))
        copied, at = _length(data, at + 2, token & 15)
        copied += _SHORTEST
        if at < 0 or back == 0 or back > n or copied > out.size - n:
            return -1
        for i in range(n, n + copied):  # byte by byte: it may copy what it has just written
            out[i] = out[i - back]
        n += copied
    return -1
