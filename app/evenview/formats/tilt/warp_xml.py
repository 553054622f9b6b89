"""Warp's and M's metadata of a tilt series (.xml): Angles, AxisAngle and offsets, a line a tilt.

It is in UTF-16. By ``TiltSeries.cs`` (LoadMeta, GetPositionInAllTilts) a tilt is ``Matrix3.Euler(0,
angle + LevelAngleY, -axis) RotateX(LevelAngleX)``, which is ``Rz(axis) Ry(-(angle + LevelAngleY))
Rx(LevelAngleX)``; offsets are in Å of the image. AreAnglesInverted is the flip of the defocus's
hand and does not change the projection. The rotations were transcribed, also by Warp's own Python
version (warpylib).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.particles import Note
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import counted, decimal
from evenview.formats.texts import shown
from evenview.formats.tilt import reading
from evenview.formats.tilt.base import Given

Floats = NDArray[np.float64]

_HEAD = re.compile(r"\s*(?:<\?xml[^>]*>)?\s*<(?:TiltSeries|Movie)\b")
_DECLARED = re.compile(r"\s*<\?xml[^>]*\?>")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_HINT = "Give the angle of the axis with --axis."
_MICROMETRE = 1e4


@dataclass(frozen=True)
class WarpXml:
    """The element TiltSeries, whose children hold a number in each line."""

    title: str = "Warp .xml"

    def sniff(self, head: bytes) -> bool:
        """Whether its first element is Warp's."""
        return bool(_HEAD.match(_text(head[: len(head) // 2 * 2])))

    def read(self, path: Path, given: Given) -> TiltSeries:
        """Read the numbers of every tilt, those that are not used, too."""
        root = _root(path)
        angles = _column(root, "Angles", path)
        if angles is None:
            raise UserError(
                "there are no Angles in this file",
                where=str(path),
                hint="Give the .xml of a tilt series, not that of the frames of one image.",
            )
        n = len(angles)
        axes = _column(root, "AxisAngle", path, n)
        offsets = [_column(root, f"AxisOffset{x}", path, n) for x in "XY"]
        level_x, level_y = (_attribute(root, f"LevelAngle{x}", path) or 0.0 for x in "XY")
        pixel_size = _pixel_size(root, path)
        found = TiltSeries(
            name=path.stem,
            files=(path,),
            package="warp",
            angles=angles + level_y,
            axes=reading.axes_of(axes, given, n, str(path), _HINT),
            x_tilts=np.full(n, -level_x),
            images=_images(root, n),
            shifts=_pair(offsets),
            shift_unit="Å",
            defocus=_defocus(root, path, n),
            pixel_size=pixel_size,
            size=_size(root, path, pixel_size),
            hand=_hand(root, path),
            notes=(*_notes(root, level_x, level_y), *reading.axis_notes(axes, given)),
        )
        return reading.checked(found, given)


FORMAT = WarpXml()


def _text(data: bytes) -> str:
    """Warp writes UTF-16; what was edited may be anything."""
    coding = "utf-16" if data.startswith(_UTF_16) else "utf-8-sig"
    return data.decode(coding, "replace")


def _root(path: Path) -> Xml.Element:
    text = _DECLARED.sub("", _text(reading.bytes_of_file(path)), count=1)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise MalformedFileError(
            "this XML defines its own words, which Warp's does not", where=str(path)
        )
    try:
        root = Xml.fromstring(text)
    except (Xml.ParseError, ValueError, LookupError) as error:
        place = getattr(error, "position", None)
        line = f", line {place[0]:,}" if place else ""
        raise MalformedFileError(
            "this is not sound XML",
            where=f"{path}{line}",
            hint="The file may be cut off: copy it again, or let Warp write it again.",
        ) from error
    if root.tag != "TiltSeries":
        raise UserError(
            "this is the .xml of the frames of one image, not of a tilt series",
            where=str(path),
            hint="Give the .xml of the series (in warp_tiltseries).",
        )
    return root


def _words(root: Xml.Element, name: str) -> list[str]:
    """The lines of an element."""
    return (root.findtext(name) or "").split("\n") if root.find(name) is not None else []


def _column(root: Xml.Element, name: str, path: Path, n: int | None = None) -> Floats | None:
    """Numbers (N,) of an element, None where there is none."""
    words = [word.strip() for word in _words(root, name) if word.strip()]
    if not words:
        return None
    if n is not None and len(words) != n:
        raise MalformedFileError(
            f"{name} has {counted(len(words), 'number')}, and there are {n:,} Angles",
            where=str(path),
            hint="The file seems to be damaged: let Warp write it again.",
        )
    return np.array([reading.number(word, f"{path} ({name})") for word in words])


def _pair(columns: list[Floats | None]) -> Floats | None:
    found = [column for column in columns if column is not None]
    return np.column_stack(found) if len(found) == 2 else None


def _attribute(root: Xml.Element, name: str, path: Path) -> float | None:
    said = root.get(name)
    return reading.number(said, f"{path} ({name})") if said else None


def _images(root: Xml.Element, n: int) -> tuple[str, ...]:
    names = [word.strip() for word in _words(root, "MoviePath") if word.strip()]
    if len(names) != n:
        return ()
    return tuple(re.split(r"[\\/]", shown(name))[-1] for name in names)


def _hand(root: Xml.Element, path: Path) -> int | None:
    """h of `core.tilt.hand`: without the flip defocus grows with the depth."""
    said = root.get("AreAnglesInverted")
    if said is None:
        return None
    if said.lower() not in ("true", "false"):
        raise MalformedFileError(
            f'AreAnglesInverted is "{shown(said)}", and only True and False mean something',
            where=str(path),
        )
    return -1 if said.lower() == "true" else 1


def _defocus(root: Xml.Element, path: Path, n: int) -> Floats | None:
    """Å, where GridCTF has one value (µm) a tilt."""
    grid = root.find("GridCTF")
    nodes = [] if grid is None else grid.findall("Node")
    places = {node.get("Z"): node.get("Value") for node in nodes}
    if len(nodes) != n or set(places) != {str(k) for k in range(n)}:
        return None
    values = [places[str(k)] or "" for k in range(n)]
    return np.array([reading.number(v, f"{path} (GridCTF)") for v in values]) * _MICROMETRE


def _pixel_size(root: Xml.Element, path: Path) -> float | None:
    ctf = root.find("CTF")
    said = [] if ctf is None else [p for p in ctf.findall("Param") if p.get("Name") == "PixelSize"]
    if not said:
        return None
    size = reading.number(said[0].get("Value") or "", f"{path} (PixelSize)")
    return size if size > 0 else None


def _size(
    root: Xml.Element, path: Path, pixel_size: float | None
) -> tuple[float, float, float] | None:
    """Of the tomogram in pixels of the tilt images."""
    said = root.get("VolumeDimensionsAngstrom")
    if said is None or pixel_size is None:
        return None
    where = f"{path} (VolumeDimensionsAngstrom)"
    sides = [reading.number(word.strip(), where) for word in said.split(",")]
    if len(sides) != 3 or not min(sides) > 0:
        return None
    x, y, z = (side / pixel_size for side in sides)
    return x, y, z


def _notes(root: Xml.Element, level_x: float, level_y: float) -> list[Note]:
    notes = []
    if level_x or level_y:
        notes.append(
            Note(
                f"LevelAngleX {decimal(level_x)}° and LevelAngleY {decimal(level_y)}° are added, "
                "as Warp does it",
                "The angles here are Angles + LevelAngleY. The tilt about x is minus LevelAngleX: "
                "Warp tilts by minus the angle about y, and by LevelAngleX itself about x.",
            )
        )
    unused = [word.strip() for word in _words(root, "UseTilt")].count("False")
    if unused:
        notes.append(
            Note(f"Warp leaves {counted(unused, 'tilt')} out (UseTilt), kept here all the same")
        )
    if root.get("AreAnglesInverted", "").lower() == "false":
        notes.append(
            Note(
                "AreAnglesInverted False stands there also before any check of the hand",
                "ts_defocus_hand sets it.",
            )
        )
    return notes
