"""The geometry of tilt series in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenview.core.tilt.compared import Compared, Difference
from evenview.core.tilt.offset import Offset
from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.relation import KINDS, Combination, Kind, Relation
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import decimal, listed

#: Degrees: tomograms turned by less lie alike, tilts apart by more are not the same ones.
SAME_TURN, SAME_TILTS = 0.1, 2.0
#: Pixels: tomograms shifted by less are one.
SAME_PIXELS = 1.0
UNREAD_SHIFTS = (
    "How far the two tomograms are shifted is not known: the shifts of RELION 4's matrices are not "
    "read."
)
#: Degrees or pixels: what differs by less is written as 0.
_SEEN = 0.005

RELATIONS: dict[Kind, str] = {
    "same": "the same tomogram",
    "turned": "the tomogram turned by 180° about z, with the same hand",
    "mirrored": "the tomogram mirrored in z, with the other hand",
    "mirrored and turned": "the tomogram mirrored in z and turned by 180° about z, with the other "
    "hand",
}
_HEADINGS: dict[Kind, tuple[str, str]] = {
    "same": ("the same", "tomogram"),
    "turned": ("turned by", "180° about z"),
    "mirrored": ("mirrored", "in z"),
    "mirrored and turned": ("mirrored", "and turned"),
}
_AGAINST: dict[Kind, str] = {
    "same": "Same geometry: both describe the same tomogram",
    "turned": "The second tomogram is the first turned by 180° about z; the hand is the same",
    "mirrored": "The second tomogram is the first mirrored in z; the hands differ",
    "mirrored and turned": "The second tomogram is the first mirrored in z and turned by 180° "
    "about z; the hands differ",
}

#: What is not certain, and stands in the output wherever it matters.
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
        x = series.x_tilts
        facts.append(("Tilt about x", f"{degrees(x.min())} to {degrees(x.max())}"))
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
    varies = f", by up to {degrees(most)} more or less" if most >= 0.005 else ""
    return f"{degrees(series.axis)}{varies}, counted from +y of the image counter-clockwise"


def _length_of(shifts: NDArray[np.float64], unit: str) -> str:
    """The largest of some shifts along x or y: "1 pixel", "2.5 pixels", "12 Å"."""
    most = decimal(float(np.abs(shifts).max()))
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


def _cell(found: Combination) -> str:
    return f"{degrees(found.axis)} negated" if found.negated else degrees(found.axis)


def is_same(found: Relation, offset: Offset | None) -> bool:
    """Whether the second tomogram is the first, neither turned nor shifted by a pixel."""
    shifted = offset is not None and offset.explained and _length(offset) >= SAME_PIXELS
    return found.kind == "same" and found.rest <= SAME_TURN and not shifted


def offset_words(offset: Offset | None) -> str:
    """How far the second tomogram is shifted, by the shifts of the tilts."""
    if offset is None:
        return (
            "How far the two tomograms are shifted is not in the files (shifts, and the size of "
            "their pixels), and taken to be 0."
        )
    if not offset.explained:
        return (
            "No shift of the tomogram explains how the shifts of the tilts differ "
            f"({offset.rms:.1f} pixels rms are left), so none is taken: are they of images of one "
            "pixel size?"
        )
    if _length(offset) < _SEEN:
        return (
            "The two tomograms are not shifted, by the shifts of the tilts, which agree to "
            f"{offset.rms:.2f} pixels (rms)."
        )
    shift = ", ".join(f"{round(x, 2) + 0.0:.2f}" for x in offset.pixels.tolist())
    return (
        f"The second tomogram is shifted besides by {shift} pixels of the tilt images (x, y, z), "
        f"by the shifts of the tilts, which agree to {offset.rms:.2f} pixels (rms)."
    )


def _length(offset: Offset) -> float:
    return float(np.linalg.norm(offset.pixels))


def relation_words(first: TiltSeries, found: Compared) -> list[str]:
    """How the tomogram of a further series lies to that of the first, and why, a sentence each."""
    second, relation = found.second, found.relation
    if relation.rms > SAME_TILTS:
        return [
            f"No turn and no mirror takes {first.name} to {second.name}: at best the tilts still "
            f"differ by {relation.rms:.1f}° (rms). Are the tilts in the same order, and of one "
            f"series? {found.in_both:,} tilts of each were compared.",
        ]
    words = [f"{_AGAINST[relation.kind]}."]
    if found.difference is not None:
        words += _reason(first, second, found.difference)
    if relation.rest > SAME_TURN:
        words.append(f"It is also turned by another {degrees(relation.rest)} as a whole.")
    if abs(relation.axis_difference) >= _SEEN:
        words.append(f"The axis differs by {degrees(relation.axis_difference)}.")
    if relation.rms >= _SEEN:
        words.append(f"Beyond that the tilts differ by {degrees(relation.rms)} (rms).")
    offset = found.offset
    if offset is not None and not (offset.explained and _length(offset) < SAME_PIXELS):
        words.append(offset_words(offset))
    if found.unread(first):
        words.append(UNREAD_SHIFTS)
    return [*words, _in_both(first, found)]


def _in_both(first: TiltSeries, found: Compared) -> str:
    """How many tilts all this is of."""
    most, least = sorted((len(first), len(found.second)), reverse=True)
    if found.in_both == most:
        return f"All {most:,} tilts are in both."
    words = f"{found.in_both:,} of {most:,} tilts are in both"
    words += f" (the smaller series has {least:,})." if least < most else "."
    if 2 * found.in_both < most:
        return f"Only {words} The relation rests on these alone: are the files of one series?"
    return words


def _reason(first: TiltSeries, second: TiltSeries, found: Difference) -> list[str]:
    """Why the tomograms of two descriptions lie so: what these say differently."""
    said = []
    if found.senses:
        packages = [PACKAGES[series.package] for series in (first, second)]
        minus, plus = sorted(packages, key=lambda package: package.sign)
        said.append(f"{minus.title} tilts by minus the angle where {plus.title} tilts by the angle")
    if found.angles:
        said.append("the angles of one file are minus those of the other")
    if found.axis:
        said.append("the axes are 180° apart")
    if not said:
        return []
    if found.kind == "same":
        return [f"Both are right: {listed(said)}, and these two cancel."]
    if found.kind == "turned":
        return [f"Both are right: {listed(said)}, which together only turns the tomogram."]
    return [f"What differs: {listed(said)}."]
