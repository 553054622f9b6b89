"""The geometry and the hand of tilt series in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evenview.core.tilt.hand import SURE, Hand, depth_sign_of, right_side
from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.relation import KINDS, Combination, Kind, Relation
from evenview.core.tilt.series import TiltSeries
from evenview.core.tilt.slope import Slope
from evenview.core.words import counted, listed

#: Degrees: tomograms turned by less lie alike, tilts apart by more are not the same ones.
SAME_TURN, SAME_TILTS = 0.1, 2.0

RELATIONS: dict[Kind, str] = {
    "same": "the same tomogram",
    "turned": "the tomogram turned by 180° about z, with the same hand",
    "mirrored": "the tomogram mirrored in z, with the other hand",
    "mirrored and turned": "the tomogram mirrored in z and turned by 180° about z, with the other "
    "hand",
}
_HEADINGS: dict[Kind, str] = {
    "same": "The same tomogram",
    "turned": "It turned by 180° about z (same hand)",
    "mirrored": "It mirrored in z (other hand)",
    "mirrored and turned": "It mirrored in z and turned by 180° (other hand)",
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
    "Which side the beam comes from, and so which hand the specimen really has, cannot be told "
    "from these files."
)
WHY = (
    "EMAN2 and Warp tilt the specimen by minus the angle where IMOD, AreTomo and RELION tilt it by "
    "the angle. So the same series can have the axis φ in IMOD and φ + 180° in EMAN2, and both are "
    "right: their tomograms are each other turned by 180° about z, with the same hand.",
    "Negating the tilt angles mirrors the tomogram in z, which changes its hand. Turning the axis "
    "by 180° does that and turns the tomogram by 180° about z besides. Both together leave the "
    "hand and only turn the tomogram. With the angles negated (rawtlt) EMAN2 at φ makes the very "
    "tomogram that IMOD makes.",
)


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
        most = float(np.abs(series.shifts).max())
        unit = "pixels" if series.shift_unit == "pixel" else "Å"
        facts.append(("Shifts", f"up to {most:.6g} {unit}"))
    if series.defocus is not None and np.isfinite(series.defocus).any():
        facts.append(("Defocus", f"{np.nanmedian(series.defocus):,.0f} Å (median of the tilts)"))
    if series.pixel_size is not None:
        facts.append(("Pixel size", f"{series.pixel_size:.6g} Å"))
    if series.hand is not None:
        facts.append(("Hand", f"the file says rlnTomoHand {series.hand}"))
    return facts


def _axis(series: TiltSeries) -> str:
    spread = (series.axes - series.axis + 180.0) % 360.0 - 180.0
    most = float(np.abs(spread).max())
    varies = f", by up to {most:.2g}° more or less" if most > 0.005 else ""
    return f"{degrees(series.axis)}{varies}, counted from +y of the image counter-clockwise"


def combination_words(found: Sequence[Combination]) -> str:
    """Packages that make one and the same of a series: "IMOD and RELION at 85.30°, ..."."""
    groups: dict[tuple[float, bool], list[str]] = {}
    for c in found:
        groups.setdefault((round(c.axis, 2), c.negated), []).append(PACKAGES[c.package].title)
    said = [
        f"{listed(titles)} at {degrees(axis)} with the angles "
        f"{'negated' if negated else 'as they are'}"
        for (axis, negated), titles in groups.items()
    ]
    return "; ".join(said)


def convention_facts(found: Sequence[Combination]) -> list[tuple[str, str]]:
    """Which combinations make the same tomogram, and which another."""
    facts = []
    for kind in KINDS:
        alike = [c for c in found if c.relation.kind == kind]
        if alike:
            facts.append((_HEADINGS[kind], combination_words(alike)))
    return facts


def focus_facts(package: str) -> list[tuple[str, str]]:
    """What each hand means at positive angles, and what packages call it."""
    facts = []
    for sign in (-1, 1):
        names = [_flag(name, sign) for name in PACKAGES]
        more = right_side(package, sign)
        said = ", ".join(name for name in names if name)
        facts.append((f"Right side {more} underfocused", said))
    return facts


def _flag(name: str, sign: int) -> str:
    package = PACKAGES[name]
    if package.focus == "flag":
        return f"{package.title} {package.flags[0 if sign > 0 else 1]}"
    if package.focus != sign:
        return ""
    return f"{package.title} ({'always' if name == 'eman2' else 'its rule'})"


def relation_words(first: TiltSeries, second: TiltSeries, found: Relation) -> list[str]:
    """How the second of two series relates to the first, a sentence each."""
    if found.rms > SAME_TILTS:
        return [
            f"No turn and no mirror takes {first.name} to {second.name}: at best the tilts still "
            f"differ by {found.rms:.1f}° (rms). Are the tilts in the same order, and of one series?"
        ]
    said = {
        "same": "Same geometry: both describe the same tomogram",
        "turned": "The second tomogram is the first turned by 180° about z; the hand is the same",
        "mirrored": "The second tomogram is the first mirrored in z; the hands differ",
        "mirrored and turned": "The second tomogram is the first mirrored in z and turned by 180° "
        "about z; the hands differ",
    }
    words = [f"{said[found.kind]}."]
    if found.rest > SAME_TURN:
        words.append(f"It is also turned by another {degrees(found.rest)} as a whole.")
    if abs(found.axis_difference) >= 0.005:
        words.append(f"The axis differs by {degrees(found.axis_difference)}.")
    if found.rms >= 0.005:
        words.append(f"Beyond that the tilts differ by {degrees(found.rms)} (rms).")
    if found.kind == "turned" and first.package != second.package:
        apart = (second.axis - first.axis + 180.0) % 360.0 - 180.0
        if abs(apart) > 90.0:
            words.append(
                "Both are right: the two packages tilt in opposite senses, so that the axis of "
                "the one is that of the other turned by 180°."
            )
    return words


def hand_facts(series: TiltSeries, hand: Hand, found: Sequence[Combination]) -> list[str]:
    """What defocus says of the hand, a sentence each."""
    slope = hand.slope
    if slope is None:
        return [
            f"Undecided: {counted(hand.tilts, 'tilt')} with values are too few, or all their tilts "
            "are the same."
        ]
    left = f", {counted(slope.outliers, 'value')} of {slope.n:,} left out" if slope.outliers else ""
    unit = "" if hand.scaled else " (only its sign means something: lengths are not known)"
    words = [
        f"Slope of defocus against x·sin(tilt): {_short(slope.value)} ± {_short(slope.error)}, "
        f"from {counted(hand.tilts, 'tilt')}{left}{unit}. x is to the right of the axis when this "
        "is upright, and the tilt is in IMOD's and RELION's sense."
    ]
    sign = hand.depth_sign
    if sign is None:
        return [*words, _undecided(hand, slope)]
    if hand.odd:
        words.append(
            "It should be near 1 or -1. Are the pixel size, the angles and the axis right?"
        )
    side = right_side(series.package, sign)
    words.append(f"At positive angles of this file the right side is {side} underfocused.")
    return words + package_hands(series, sign, found)


def _undecided(hand: Hand, slope: Slope) -> str:
    if abs(slope.value) <= SURE * slope.error:
        return f"Undecided: the slope is within {SURE:g} standard errors of 0."
    return (
        f"Undecided: of so few values the slope would have to be {hand.needed:.1f} standard errors "
        f"from 0 (of many, {SURE:g})."
    )


def hand_said(series: TiltSeries, found: Sequence[Combination]) -> list[str]:
    """What the file itself takes for the hand, a sentence each; [] where it says none."""
    fixed = PACKAGES[series.package].focus
    if series.hand is not None:
        sign, words = series.hand, f"The file says rlnTomoHand {series.hand}."
    elif series.package == "eman2" and isinstance(fixed, int):
        sign, words = fixed, "EMAN2 knows one sign of the depth only, which this geometry goes by."
    else:
        return []
    unchecked = f"{words} No defocus was given to check it; if it is right:"
    return [unchecked, *package_hands(series, sign, found)]


def package_hands(series: TiltSeries, sign: int, found: Sequence[Combination]) -> list[str]:
    """The hand in RELION's, Warp's, AreTomo's and EMAN2's terms."""
    words = []
    for name in ("relion", "warp", "aretomo"):
        package = PACKAGES[name]
        kept, other = (_called(name, s) for s in (sign, -sign))
        words.append(
            f"{package.title}: {kept} for this tomogram ({other} for the one mirrored in z)."
        )
    right = [
        c
        for c in found
        if c.package == "eman2" and depth_sign_of(c, sign) == PACKAGES["eman2"].focus
    ]
    said = combination_words(right).replace("EMAN2 ", "")
    words.append(f"EMAN2, whose defocus knows no flag, is right {said}.")
    if series.hand is not None and series.hand != sign:
        words.append(f"The file says rlnTomoHand {series.hand}, which this contradicts.")
    if series.package == "eman2" and sign != -1:
        words.append("EMAN2 used the wrong hand: this contradicts the geometry of the file.")
    return words


def right_in_eman2(sign: int, found: Sequence[Combination]) -> list[Combination]:
    """The axes and signs of the angles with which EMAN2's defocus is right, of h in the series."""
    eman2 = PACKAGES["eman2"]
    own = [c for c in found if PACKAGES[c.package] is eman2]
    return [c for c in own if depth_sign_of(c, sign) == eman2.focus]


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _called(name: str, sign: int) -> str:
    return PACKAGES[name].flags[0 if sign > 0 else 1]
