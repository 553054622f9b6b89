"""What a file is that no format reads, in words, and what to open instead."""

from __future__ import annotations

import re
from struct import unpack_from

_PARTICLES = "Open the particle file of a 3-D refinement: RELION run_data.star or cryoSPARC .cs."

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "this is a gzip-compressed file", "Unpack it first (gunzip), then open it."),
    (b"BZh", "this is a bzip2-compressed file", "Unpack it first (bunzip2), then open it."),
    (b"\xfd7zXZ", "this is an xz-compressed file", "Unpack it first (unxz), then open it."),
    (b"PK\x03\x04", "this is a zip archive", "Unpack it first, then open what is inside."),
    (b"\x89HDF\r\n\x1a\n", "this is an HDF5 file, which is not read here", _PARTICLES),
    (b"SQLite format 3", "this is an SQLite database, which is not read here", _PARTICLES),
    (b"II*\x00", "this is a TIFF picture, not a particle file", _PARTICLES),
    (b"MM\x00*", "this is a TIFF picture, not a particle file", _PARTICLES),
    (b"\x89PNG", "this is a PNG picture, not a particle file", _PARTICLES),
    (b"%PDF", "this is a PDF document, not a particle file", _PARTICLES),
    (b"\xff\xfe", "this is text in UTF-16", "Save it as plain text (UTF-8), then open it."),
    (b"\xfe\xff", "this is text in UTF-16", "Save it as plain text (UTF-8), then open it."),
)

_LABELS: tuple[tuple[bytes, str, str], ...] = (
    (
        rb"^[ \t]*_(atom_site|entry|cell|struct)\.",
        "this is an mmCIF model, not a particle file",
        _PARTICLES,
    ),
    (
        rb"^data_",
        "this is a star file without labels of a program that is known here, so nothing tells its "
        "angles",
        _PARTICLES,
    ),
)


#: Where an MRC header says which axes columns, rows and sections are: old files say 0.
_AXES = 64
#: No image is as wide.
_MOST = 1 << 20


def explain(head: bytes) -> tuple[str, str]:
    """What the file that begins with `head` seems to be, and what to do about it."""
    for magic, what, hint in _MAGIC:
        if head.startswith(magic):
            return what, hint
    if is_mrc(head):
        return "this is an MRC image stack or map, not a table of particles", _PARTICLES
    for pattern, what, hint in _LABELS:
        if re.search(pattern, head, re.MULTILINE):
            return what, hint
    if b"\x00" in head:
        return "this is a binary file of no kind that is read here", _PARTICLES
    return "this is not a particle file of a kind that is read here", _PARTICLES


def is_mrc(head: bytes) -> bool:
    """Whether `head` is an MRC header: by its "MAP" word, or by its first words."""
    if len(head) < 1024:
        return False
    if head[208:211] == b"MAP":
        return True
    return any(
        _plausible_mrc(unpack_from(f"{order}4i", head), unpack_from(f"{order}3i", head, _AXES))
        for order in "<>"
    )


def _plausible_mrc(words: tuple[int, ...], axes: tuple[int, ...]) -> bool:
    """By sizes, mode and axes: tables of cisTEM and lists in EM form begin with whole numbers, too.

    The first word of an EM file has its machine and type in the outer bytes.
    """
    columns, rows, sections, mode = words
    if mode not in (0, 1, 2, 3, 4, 6, 12) or not 0 < sections < 100_000_000:
        return False
    if not (0 < columns < _MOST and 0 < rows < _MOST):
        return False
    return sorted(axes) == [1, 2, 3] or (axes == (0, 0, 0) and sections > 1)
