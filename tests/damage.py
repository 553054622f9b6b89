"""Ways in which files are damaged: each takes the bytes of a file and a source of chance."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from random import Random

Damage = Callable[[bytes, Random], bytes]

#: What stands where something else was promised.
INSERTS = (
    b"\0",
    b"\0" * 600,
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\n\n",
    b"\r",
    b"\x0b",
    b"\x1a",
    b"\xc2\xa0",
    b"\xe2\x80\xa8",
    b"\xed\xa0\x80",
    b'"',
    b"'",
    b"{",
    b"]",
    b",,",
    b"#",
    b"\nloop_\n",
    b"\ndata_\n",
    b"_x\n",
    b"x" * 70_000,
    b" 1" * 3_000,
    b"[" * 3_000,
)
#: What stands where a number was.
NUMBERS = (
    b"nan",
    b"-NaN",
    b"inf",
    b"-Infinity",
    b"1e400",
    b"-1e400",
    b"1e308",
    b"1e-400",
    b"4.9e-324",
    b"1e22",
    b"123456789012345678",
    b"9" * 400,
    b"0." + b"0" * 400 + b"1",
    b"0x1F",
    b"0x1p3",
    b"1_000",
    b"1,5",
    b"1d3",
    b"1e",
    b"1e+",
    b"--1",
    b"+1",
    b".5",
    b"5.",
    b".",
    b"-",
    b"-0",
    b"",
    b"\xd9\xa3",
    b"\xef\xbc\x91",
    b"None",
    b"null",
    b"true",
    b"2147483648",
    b"-1",
    b"0",
    b"18446744073709551616",
    b"1000000000000",
)
_NUMBER = re.compile(rb"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")
_WORDS = (0, 1, -1, 2, 255, 1 << 15, (1 << 31) - 1, -(1 << 31), (1 << 63) - 1, 1 << 40, 1 << 28)


def truncate(data: bytes, chance: Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def behead(data: bytes, chance: Random) -> bytes:
    return data[chance.randrange(len(data) + 1) :]


def flip_bit(data: bytes, chance: Random) -> bytes:
    return _with(data, _near(data, chance), lambda byte: byte ^ 1 << chance.randrange(8))


def flip_byte(data: bytes, chance: Random) -> bytes:
    return _with(data, _near(data, chance), lambda byte: chance.randrange(256))


def insert(data: bytes, chance: Random) -> bytes:
    at = chance.choice((0, len(data), _near(data, chance)))
    return data[:at] + chance.choice(INSERTS) + data[at:]


def cut_out(data: bytes, chance: Random) -> bytes:
    at = _near(data, chance)
    return data[:at] + data[at + chance.choice((1, 2, 4, 8, 100)) :]


def splice(data: bytes, chance: Random) -> bytes:
    start, stop = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[start:stop] + data[at:]


def zero(data: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    size = min(chance.choice((1, 16, 512)), len(data) - at)
    return data[:at] + bytes(size) + data[at + size :]


def other_number(data: bytes, chance: Random) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    match = chance.choice(found)
    number = chance.choice(NUMBERS)
    if chance.random() < 0.3:  # what has a fixed width stays where it is
        number = number[: len(match[0])].rjust(len(match[0]))
    return data[: match.start()] + number + data[match.end() :]


def other_word(data: bytes, chance: Random) -> bytes:
    """A whole number of a binary header, mostly near the beginning, that lies."""
    form = chance.choice(("<i", "<q", ">i", "<H"))
    size = struct.calcsize(form)
    if len(data) < size:
        return data
    most = min(len(data) - size, chance.choice((32, 300, 4096, 1 << 30)))
    at = chance.randrange(most + 1)
    at -= at % (4 if chance.random() < 0.7 else 1)
    value = chance.choice(_WORDS) + chance.randrange(-1, 2)
    bits = 8 * size
    value = (value + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1)
    packed = struct.pack(form, value & 0xFFFF if form == "<H" else value)
    return data[:at] + packed + data[at + size :]


def duplicate_line(data: bytes, chance: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    at = chance.randrange(len(lines) + 1)
    return b"".join([*lines[:at], *lines[at : at + 1], *lines[at:]])


def delete_line(data: bytes, chance: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    at = chance.randrange(len(lines) + 1)
    return b"".join(lines[:at] + lines[at + 1 :])


def swap_lines(data: bytes, chance: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    if lines:
        i, j = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[i], lines[j] = lines[j], lines[i]
    return b"".join(lines)


def swap_cells(data: bytes, chance: Random) -> bytes:
    """Two cells of one line, or the same two of all lines with as many."""
    lines = data.split(b"\n")
    cells = [re.split(rb"(\s+|,)", line) for line in lines]
    wide = [k for k, line in enumerate(cells) if len(line) > 2]
    if not wide:
        return data
    k = chance.choice(wide)
    i, j = (2 * chance.randrange((len(cells[k]) + 1) // 2) for _ in range(2))
    for line in cells if chance.random() < 0.5 else [cells[k]]:
        if len(line) == len(cells[k]):
            line[i], line[j] = line[j], line[i]
    return b"\n".join(b"".join(line) for line in cells)


def line_ends(data: bytes, chance: Random) -> bytes:
    return data.replace(b"\n", chance.choice((b"\r", b"\r\n", b"\n\n", b" \n", b"\x0b", b"")))


def mark_first(data: bytes, chance: Random) -> bytes:
    return chance.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\n", b" ", b"#\n")) + data


def twice(data: bytes, chance: Random) -> bytes:
    return data + data


def as_utf16(data: bytes, chance: Random) -> bytes:
    return data.decode("latin-1").encode(chance.choice(("utf-16", "utf-16-le")))


ALL: tuple[Damage, ...] = (
    truncate,
    behead,
    flip_bit,
    flip_byte,
    insert,
    cut_out,
    splice,
    zero,
    other_number,
    other_number,
    other_number,
    other_word,
    other_word,
    duplicate_line,
    delete_line,
    swap_lines,
    swap_cells,
    line_ends,
    mark_first,
    twice,
    as_utf16,
)


def damaged(data: bytes, seed: int, times: int) -> bytes:
    """`data` after some damages, the same for the same seed."""
    chance = Random(seed)
    for _ in range(times):
        data = chance.choice(ALL)(data, chance)
    return data


def _near(data: bytes, chance: Random) -> int:
    """A place in the data, half of the time one near its beginning."""
    most = max(1, len(data))
    return chance.randrange(min(most, 1024) if chance.random() < 0.5 else most)


def _with(data: bytes, at: int, change: Callable[[int], int]) -> bytes:
    if at >= len(data):
        return data
    return data[:at] + bytes([change(data[at])]) + data[at + 1 :]
