"""The geometry of tilt series in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.relation import KINDS, Combination, Kind
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import decimal

#: Degrees or pixels: what differs by less is written as 0.
SEEN = 0.005

_HEADINGS: dict[Kind, tuple[str, str]] = {
    "same": ("the same", "tomogram"),
    "turned": ("turned by", "180° about z"),
    "mirrored": ("mirrored", "in z"),
    "mirrored and turned": ("mirrored", "and turned"),
}
#: What is not certain, and stands in the output wherever it matters.
CHECKED = (
    "Only RELION's and EMAN2's rotations were checked by running these programs; what is said of "
    "IMOD, AreTomo and Warp is from their sources, and no real tilt series was processed through "
    "any of them."
)
IMOD_RULE = (
    "That the right side is more underfocused at positive angles in IMOD's geometry is a rule of "
    "its users and of Dynamo's (ctfplotter, novaCTF), not checked here on data; that of RELION, "
    "Warp and EMAN2 is from their source."
)
WARP_EXPORT = (
    "WarpTools exports rlnTomoHand -1 for a series without flip and 1 for one with it (-1 for all "
    "before July 2026), which is the opposite of what the rules of the two programs give (1 and "
    "-1). This is open: let a check of the defocus decide."
)
ARETOMO_AXIS = (
    "AreTomo from 2.0.6 on turns the axis by 180° where that makes its own hand 1; by its source "
    "and developers, such a tomogram is mirrored in z against IMOD's at the axis before. This was "
    "not checked on data."
)
PHYSICAL = (
    "Whether camera or software mirrored the images, and so which hand the specimen really has, "
    "cannot be told from these files."
)
#: The same by the package whose files it bears on.
UNCERTAIN = {
    "imod": IMOD_RULE,
    "aretomo": ARETOMO_AXIS,
    "relion": WARP_EXPORT,
    "warp": WARP_EXPORT,
}
WHY = (
    "EMAN2 and Warp tilt the specimen by minus the angle, IMOD, AreTomo and RELION by the angle. "
    "So one series can have the axis φ in IMOD and φ + 180° in EMAN2, and both are right: the "
    "tomograms are each other turned by 180° about z, with the same hand.",
    "Negating the tilt angles mirrors the tomogram in z, which changes its hand; turning the axis "
    "by 180° mirrors it and turns it by 180° about z. Both together only turn it. With the angles "
    "negated (rawtlt) EMAN2 at φ makes the very tomogram that IMOD makes.",
)
#: Characters of a column of the table of conventions.
_CELL = 18


def degrees(value: float) -> str:
    """With two decimals and no minus at 0."""
    return f"{round(value, 2) + 0.0:.2f}°"


def series_facts(series: TiltSeries) -> list[tuple[str, str]]:
    """A series, a fact a line."""
    facts = [("Series", f"{series.name}, as {PACKAGES[series.package].title} describes it")]
    lowest, highest = series.angles.min(), series.angles.max()
    stage = " (of the stage, not aligned)" if series.nominal else ""
    tilts = f"{len(series)}, from {degrees(lowest)} to {degrees(highest)}{stage}"
    facts += [("Tilts", tilts), ("Axis", _axis(series))]
    if series.x_tilts.any():
        ends = dict.fromkeys(map(degrees, (series.x_tilts.min(), series.x_tilts.max())))
        facts.append(("Tilt about x", " to ".join(ends)))
    if series.shifts is not None:
        facts.append(("Shifts", f"up to {_length_of(series.shifts, series.shift_unit)}"))
    if series.defocus is not None and np.isfinite(series.defocus).any():
        facts.append(("Defocus", f"{np.nanmedian(series.defocus):,.0f} Å (median of the tilts)"))
    if series.pixel_size is not None:
        facts.append(("Pixel size", f"{decimal(series.pixel_size, 4)} Å"))
    if series.hand is not None:
        facts.append(("Hand", f"the file says {hand_of_file(series)}"))
    return facts


def hand_of_file(series: TiltSeries) -> str:
    """What the file itself says of the hand, which it is to say."""
    assert series.hand is not None
    return PACKAGES[series.package].flag(series.hand)


def _axis(series: TiltSeries) -> str:
    spread = (series.axes - series.axis + 180.0) % 360.0 - 180.0
    most = float(np.abs(spread).max())
    varies = f", by up to {degrees(most)} more or less" if most >= SEEN else ""
    return f"{degrees(series.axis)}{varies}, counted from +y of the image counter-clockwise"


def _length_of(shifts: NDArray[np.float64], unit: str) -> str:
    """The longest of some shifts (N, 2): "1 pixel", "2.5 pixels", "12 Å"."""
    most = decimal(float(np.linalg.norm(shifts, axis=1).max()))
    return f"{most} Å" if unit == "Å" else f"{most} {'pixel' if most == '1' else 'pixels'}"


def combination_words(found: Sequence[Combination]) -> str:
    """What to give a package: "85.30° with the angles negated or at −94.70° with ..."."""
    return " or at ".join(
        f"{degrees(c.axis)} with the angles {'negated' if c.negated else 'as they are'}"
        for c in found
    )


def convention_table(found: Sequence[Combination]) -> list[str]:
    """What each package is to be given for which tomogram, as lines of a table; packages that are
    given the same share a line."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for name in dict.fromkeys(c.package for c in found):
        own = {c.relation.kind: c for c in found if c.package == name}
        cells = tuple(_cell(own[kind]) for kind in KINDS)
        rows.setdefault(cells, []).append(PACKAGES[name].title)
    named = [(", ".join(titles), *cells) for cells, titles in rows.items()]
    lines = [("", *words) for words in zip(*(_HEADINGS[kind] for kind in KINDS), strict=True)]
    first = max(len(line[0]) for line in named) + 3
    return [
        (line[0].ljust(first) + "".join(cell.ljust(_CELL) for cell in line[1:])).rstrip()
        for line in (*lines, *named)
    ]


def remarks() -> list[str]:
    """What to know of the packages' angles, a sentence each."""
    return [
        f"{package.title}: {package.remark}." for package in PACKAGES.values() if package.remark
    ]


def _cell(found: Combination) -> str:
    return f"{degrees(found.axis)} negated" if found.negated else degrees(found.axis)
