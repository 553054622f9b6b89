"""A new cryoSPARC file from a record: one numpy array with all fields that the record says.

Types and names of the fields are those of files that cryoSPARC writes. What nobody said is left
out, so ``blob/sign`` too: whether particles are bright or dark in their images is not in a record,
and the wrong sign would turn every image over without a word. A place in a micrograph needs the
size of that micrograph (``location/center_x_frac`` is a fraction), which no record has.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.progress import Progress
from evenview.core.record import FIELDS, Created, Names, Record
from evenview.core.words import counted
from evenview.formats.base import Precision
from evenview.formats.cs.base import UID
from evenview.formats.cs.described import (
    CTF,
    CTF_ANGLES,
    GROUP,
    GROUP_WORD,
    IMAGE_INDEX,
    IMAGE_PATH,
)
from evenview.formats.cs.fields import POSE, SPLIT
from evenview.formats.cs.pixels import IMAGE_PIXEL, IMAGE_SHAPE, sizes
from evenview.formats.facts import require_images
from evenview.formats.output import atomic_writer
from evenview.formats.texts import bytes_of

Numbers = NDArray[Any]

#: A pose of up to pi radians has parts of up to 2^-23 rad off, together 1.03e-5°; shifts of up to
#: 256 pixels 2^-17 pixels.
PRECISION = Precision(1.1e-5, 7.7e-6, "pixels", "float32")

SHIFT, SHIFT_PIXEL, CLASS = "alignments3D/shift", "alignments3D/psize_A", "alignments3D/class"
_ONES = ("alignments3D/class_posterior", "alignments3D/alpha")
#: Fields of a record that a file can say; all but what is in `_Fields.lost`.
_SAYABLE = {
    "origins", "pixel_size", "box", "halves", "classes", "images", "groups", "uids",
    *CTF, *CTF_ANGLES,
}  # fmt: skip
_GROUP_NUMBER = re.compile(rf"{GROUP_WORD}(\d{{1,9}})")
_PIECE = 1 << 16


@dataclass(frozen=True, eq=False)
class _Field:
    """A field of the new file: its type and its values (N, ...), or the texts they are codes of."""

    name: str
    kind: str
    values: Numbers
    texts: NDArray[np.bytes_] | None = None

    @property
    def descr(self) -> tuple[Any, ...]:
        kind = self.kind if self.texts is None else self.texts.dtype.str
        shape = self.values.shape[1:]
        return (self.name, kind, shape) if shape else (self.name, kind)

    def of_rows(self, rows: slice) -> Numbers:
        values = self.values[rows]
        return values if self.texts is None else self.texts[values]


def create(path: Path, record: Record, progress: Progress) -> Created:
    """Write a new file; see `Creatable.create`."""
    require_images(record, "cryoSPARC")
    made = _Fields(record)
    with atomic_writer(path) as file:
        _write(file, made.fields, len(record), progress)
    progress(1.0, "Written")
    lost = (*record.not_said_by(_SAYABLE), *made.lost)
    return Created((path,), lost, tuple(made.filled), made.lost)


def _write(file: BinaryIO, fields: Sequence[_Field], n: int, progress: Progress) -> None:
    dtype = np.dtype([field.descr for field in fields])
    header = {"descr": dtype.descr, "fortran_order": False, "shape": (n,)}
    np.lib.format.write_array_header_1_0(file, header)
    for start in range(0, n, _PIECE):
        progress(start / n, "Writing rows")
        rows = slice(start, min(start + _PIECE, n))
        piece = np.empty(rows.stop - start, dtype)
        for field in fields:
            piece[field.name] = field.of_rows(rows)
        file.write(piece.tobytes())


class _Fields:
    """The fields of a new file, what of the record they cannot say and why, and what was filled."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.lost: dict[str, str] = {}
        self.filled: list[str] = []
        self.fields = [*self._uids(), *self._images(), *self._ctf(), *self._alignment()]

    def _uids(self) -> Iterator[_Field]:
        uids = self.record.uids
        if uids is None or len(np.unique(uids)) < len(uids):
            again = "" if uids is None else ", as some of the particles' own stand twice"
            self.filled.append(f"{UID} (new numbers{again})")
            uids = new_uids(self.record)
        yield _Field(UID, "<u8", uids)

    def _images(self) -> Iterator[_Field]:
        record, images = self.record, self.record.images
        if images is not None and self._whole("images", images.index > 0):
            if images.stacks is not None:
                yield _Field(IMAGE_PATH, "", *_texts(images.stacks))
            yield _Field(IMAGE_INDEX, "<u4", images.index - 1)
        if record.box is not None and self._whole("box", record.box > 0):
            yield _Field(IMAGE_SHAPE, "<u4", np.column_stack([record.box, record.box]))
        if record.pixel_size is not None:
            yield _Field(IMAGE_PIXEL, "<f4", record.pixel_size)

    def _ctf(self) -> Iterator[_Field]:
        ctf = self.record.ctf
        if self.record.groups is not None:
            yield from self._groups(self.record.groups)
        for name, field in CTF.items():
            if (values := getattr(ctf, name)) is not None:
                yield _Field(field, "<f4", values)
        for name, field in CTF_ANGLES.items():
            if (values := getattr(ctf, name)) is not None:
                yield _Field(field, "<f4", np.radians(values))
        if ctf.defocus_u is not None and ctf.phase_shift is None:
            yield self._fill(CTF_ANGLES["phase_shift"], 0.0)

    def _groups(self, groups: Names) -> Iterator[_Field]:
        if not self._whole("groups", groups.codes >= 0):
            return
        codes = np.unique(groups.codes, return_inverse=True)[1]
        names = [groups.words[code] for code in np.unique(groups.codes).tolist()]
        own = [int(match[1]) for match in map(_GROUP_NUMBER.fullmatch, names) if match]
        apart, n = _optics(self.record, codes)
        if n > len(names):
            why = ", as some of one name differ in what is said of them"
        elif len(set(own)) < len(names):
            why = ""
        else:
            yield _Field(GROUP, "<u4", np.array(own, np.uint32)[codes])
            return
        self.filled.append(f"{GROUP} (the optics groups are numbered in their order{why})")
        yield _Field(GROUP, "<u4", apart + 1)

    def _alignment(self) -> Iterator[_Field]:
        record = self.record
        if record.halves is not None and self._whole("halves", record.halves > 0):
            yield _Field(SPLIT, "<u4", record.halves - 1)
        yield from self._shifts()
        yield _Field(POSE, "<f4", convention.quaternions_to_cryosparc(record.quaternions))
        if record.classes is not None and self._whole("classes", record.classes > 0):
            yield _Field(CLASS, "<u4", record.classes - 1)
        for field in _ONES:
            yield self._fill(field, 1.0)

    def _shifts(self) -> Iterator[_Field]:
        record = self.record
        if record.origins is None:
            self.filled.append(f"{SHIFT} (0, 0)")
            yield _Field(SHIFT, "<f4", np.zeros((len(record), 2)))
            if record.pixel_size is not None:
                yield _Field(SHIFT_PIXEL, "<f4", record.pixel_size)
            return
        pixel = record.require_pixel_size("cryoSPARC's shifts")
        as_read = sizes(pixel.astype(np.float32))[:, None]
        yield _Field(SHIFT, "<f4", record.origins[:, :2] / as_read)
        yield _Field(SHIFT_PIXEL, "<f4", pixel)

    def _whole(self, name: str, said: NDArray[np.bool_]) -> bool:
        """Whether all rows (N,) say a field of the record; no field here can say nothing."""
        missing = int(np.count_nonzero(~said))
        if missing:
            has = "has" if missing == 1 else "have"
            self.lost[FIELDS[name]] = f"{missing:,} of {counted(len(said), 'particle')} {has} none"
        return not missing

    def _fill(self, field: str, value: float) -> _Field:
        self.filled.append(f"{field} ({value:g})")
        return _Field(field, "<f4", np.full(len(self.record), value))


def new_uids(record: Record) -> NDArray[np.uint64]:
    """(N,) different numbers of the whole range, always the same for the same particles.

    A number is that of the row, begun at a digest of poses and images, through splitmix64 (Steele,
    Lea & Flood 2014, OOPSLA), which gives no number twice. So files of other particles get others.
    """
    digest = hashlib.blake2b(record.quaternions.tobytes(), digest_size=8)
    if record.images is not None:
        digest.update(record.images.index.tobytes())
        digest.update(
            bytes_of("\n".join(record.images.stacks.words if record.images.stacks else ()))
        )
    seed = np.uint64(int.from_bytes(digest.digest(), "little"))
    x = seed + np.arange(1, len(record) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _optics(record: Record, codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """(N,) numbers from 0 of the optics groups `codes`, in their order, and how many there are.

    Groups may have one name, each in a file of its own: where voltage, spherical aberration,
    amplitude contrast, pixel size or box differ they are several.
    """
    ctf = record.ctf
    said = (ctf.voltage, ctf.spherical_aberration, ctf.amplitude_contrast)
    for values in (*said, record.pixel_size, record.box):
        if values is not None:
            kinds, places = np.unique(values, return_inverse=True)
            codes = np.unique(codes * len(kinds) + places, return_inverse=True)[1]
    _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[codes], len(first)


def _texts(names: Names) -> tuple[NDArray[np.int64], NDArray[np.bytes_]]:
    """(N,) codes, and the texts they are codes of; the last is empty, for none."""
    return names.codes, np.array([*map(bytes_of, names.words), b""], "S")
