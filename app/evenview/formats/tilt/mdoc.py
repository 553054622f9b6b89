"""SerialEM's metadata (.mdoc): sections [ZValue = k] with TiltAngle, RotationAngle, Defocus.

The header says "Tilt axis angle = ..." in IMOD's sense. Without it, the axis is RotationAngle - 90
(SerialEM's ``EMbufferManager.cpp`` and IMOD's ``tif2mrc.c`` make the one of the other so).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.particles import Note
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import decimal
from evenview.formats.texts import shown
from evenview.formats.tilt import reading
from evenview.formats.tilt.base import Given

Floats = NDArray[np.float64]

_HEAD = re.compile(rb"^\[ZValue\s*=|^\[FrameSet\s*=|^\[T\s*=|^TiltAngle\s*=", re.MULTILINE)
_SECTION = re.compile(rb"\s*\[\s*(\w+)\s*=\s*(.*?)\s*\]?\s*$")
_PAIR = re.compile(rb"\s*(\w+)\s*=\s*(.*?)\s*$")
_AXIS = re.compile(rb"tilt\s*axis\s*angle\s*=\s*([-+.\deE]+)", re.IGNORECASE)
_MICROMETRE = 1e4
_MEAN_AXIS = "Give the angle of the axis with --axis."


@dataclass(frozen=True)
class Mdoc:
    """What the microscope was told, before any alignment."""

    title: str = "SerialEM .mdoc"

    def sniff(self, head: bytes) -> bool:
        """Whether it has a section or a title as SerialEM writes them."""
        return bool(_HEAD.search(head))

    def read(self, path: Path, given: Given) -> TiltSeries:
        """Read the sections of images."""
        text = _Mdoc.of(path)
        n = len(text.sections)
        axes, notes = _axes(text, n)
        found = TiltSeries(
            name=path.name.removesuffix(".mdoc").removesuffix(".mrc").removesuffix(".st"),
            files=(path,),
            package="imod",
            angles=_angles(text),
            axes=reading.axes_of(axes, given, n, str(path), _MEAN_AXIS),
            x_tilts=np.zeros(n),
            sections=_places(text),
            images=_images(text),
            defocus=_defocus(text),
            pixel_size=_pixel_size(text),
            nominal=True,
            notes=(*notes, *reading.axis_notes(axes, given)),
        )
        return reading.checked(found, given)


FORMAT = Mdoc()


@dataclass
class _Mdoc:
    path: Path
    titles: list[bytes] = field(default_factory=list)
    head: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    sections: list[dict[str, tuple[bytes, int]]] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path) -> _Mdoc:
        found = cls(path)
        values = found.head
        for k, line in enumerate(reading.lines_of(path)):
            section = _SECTION.match(line) if line.lstrip().startswith(b"[") else None
            if section and section[1] == b"T":
                found.titles.append(section[2])
            elif section:
                values = {"ZValue": (section[2], k)} if section[1] == b"ZValue" else {}
                if section[1] == b"ZValue":
                    found.sections.append(values)
            elif pair := _PAIR.match(line):
                values[pair[1].decode("ascii", "replace")] = (pair[2], k)
        if not found.sections:
            raise UserError(
                "there is no section [ZValue = ...] in this file",
                where=str(path),
                hint="Give the .mdoc of a whole tilt series, not that of the frames of one image.",
            )
        return found

    def numbers(self, key: str) -> Floats | None:
        """(N,) of a key of all sections; None where one has none."""
        if not all(key in values for values in self.sections):
            return None
        return np.array([self.number(values, key) for values in self.sections])

    def number(self, values: dict[str, tuple[bytes, int]], key: str) -> float:
        word, line = values[key]
        return reading.number(word, reading.place(self.path, line), key)


def _angles(text: _Mdoc) -> Floats:
    for values in text.sections:
        if "TiltAngle" not in values:
            raise MalformedFileError(
                f"the section ZValue {shown(values['ZValue'][0])} has no TiltAngle",
                where=reading.place(text.path, values["ZValue"][1]),
                hint="The file may be cut off: copy it again.",
            )
    angles = text.numbers("TiltAngle")
    assert angles is not None
    return angles


def _axes(text: _Mdoc, n: int) -> tuple[Floats | None, tuple[Note, ...]]:
    """The axis by the title, else by the rotation of the image."""
    rotations = text.numbers("RotationAngle")
    for title in text.titles:
        found = _AXIS.search(title)
        if found:
            axis = reading.number(found[1], str(text.path), "Tilt axis angle")
            return np.full(n, axis), _differing(axis, rotations)
    if rotations is None:
        return None, ()
    note = Note(
        "The axis is RotationAngle - 90, since no title says a tilt axis angle",
        "SerialEM can be set up to turn it by 180°: compare it with your alignment.",
    )
    return rotations - 90.0, (note,)


def _differing(axis: float, rotations: Floats | None) -> tuple[Note, ...]:
    if rotations is None:
        return ()
    apart = float((axis - (rotations[0] - 90.0) + 90.0) % 180.0 - 90.0)
    if abs(apart) < 1.0:
        return ()
    other = decimal(rotations[0] - 90.0)
    text = f"The title says an axis of {decimal(axis)}°, and RotationAngle one of {other}°"
    return (Note(text, "That of the title is used."),)


def _places(text: _Mdoc) -> NDArray[np.int64] | None:
    values = text.numbers("ZValue")
    assert values is not None
    whole = np.where(np.abs(values) < 1e6, values, -1.0).astype(np.int64)
    if (whole < 0).any() or (whole != values).any() or len(set(whole.tolist())) < len(whole):
        return None
    return whole + 1


def _images(text: _Mdoc) -> tuple[str, ...]:
    """The names of the frames, without their folders."""
    names = [values.get("SubFramePath", (b"", 0))[0] for values in text.sections]
    if not all(names):
        return ()
    return tuple(re.split(r"[\\/]", shown(name))[-1] for name in names)


def _defocus(text: _Mdoc) -> Floats | None:
    """Å, of µm that are negative under focus."""
    found = text.numbers("Defocus")
    return None if found is None else -found * _MICROMETRE


def _pixel_size(text: _Mdoc) -> float | None:
    values = text.head if "PixelSpacing" in text.head else text.sections[0]
    if "PixelSpacing" not in values:
        return None
    size = text.number(values, "PixelSpacing")
    return size if size > 0 else None
