"""The hand of a tilt series in words: what defocus says of it, and what each package calls it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from evenview.core.tilt.hand import MIN_TILTS, SURE, Hand, depth_sign_of, right_side
from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.relation import Combination
from evenview.core.tilt.series import TiltSeries
from evenview.core.tilt.slope import Slope
from evenview.core.words import counted
from evenview.tasks.tilt_words import combination_words, hand_of_file

_UNKNOWN = (
    "Not known from the file. Give measured defocus (--left and --right, or --defocus) to decide "
    "it."
)
_ORDER = ("relion", "warp", "aretomo", "eman2", "imod")
#: How far the packages that have no flag are to be believed.
_RULES = {
    "eman2": "whose defocus knows no flag",
    "imod": "by the rule of its users (not verified)",
}
_CHECK = "are the pixel size or the distance between left and right, the angles and the axis right?"


def hand_words(series: TiltSeries, hand: Hand | None, found: Sequence[Combination]) -> list[str]:
    """What is known of the hand of a series, a sentence each: by its defocus, else by its file."""
    if hand is None:
        return hand_said(series, found) or [_UNKNOWN, *focus_words(series.package)]
    return [*_decided_or_not(series, hand, found), *_edge_on_words(hand)]


def _decided_or_not(series: TiltSeries, hand: Hand, found: Sequence[Combination]) -> list[str]:
    if hand.slope is None:
        few = counted(hand.tilts, "tilt with values is", "tilts with values are")
        return [f"Undecided: {few} too few, or all the tilts are the same."]
    slope, sign = _slope_words(hand.slope, hand), hand.depth_sign
    if sign is None:
        return [_undecided(hand), slope, *focus_words(series.package)]
    side = right_side(series.package, sign)
    words = [f"At positive angles of this file the right side is {side} underfocused."]
    words += [_odd(hand.slope)] if hand.odd else []
    return [*words, *package_hands(series, sign, found), slope]


def hand_said(series: TiltSeries, found: Sequence[Combination]) -> list[str]:
    """What the file itself takes for the hand, a sentence each; [] where it says none."""
    sign = sign_said(series)
    if sign is None:
        return []
    if series.hand is None:
        words = "EMAN2 knows one sign of the depth only, which this geometry goes by."
    else:
        words = f"The file says {hand_of_file(series)}."
    side = right_side(series.package, sign)
    unchecked = (
        f"{words} No defocus was given to check it; if it is right, the right side is {side} "
        "underfocused at positive angles of this file:"
    )
    return [unchecked, *package_hands(series, sign, found)]


def sign_said(series: TiltSeries) -> int | None:
    """h of `core.tilt.hand` by the file alone: as it says it, or as EMAN2 always takes it."""
    fixed = PACKAGES[series.package].focus
    if series.hand is not None:
        return series.hand
    return fixed if series.package == "eman2" and isinstance(fixed, int) else None


def package_hands(series: TiltSeries, sign: int, found: Sequence[Combination]) -> list[str]:
    """The hand, h in the geometry of the series, in each package's terms, its own first."""
    words = []
    for name in sorted(_ORDER, key=lambda name: name != series.package):
        package = PACKAGES[name]
        if package.focus == "flag":
            words.append(
                f"{package.title}: {package.flag(sign)} for this tomogram ({package.flag(-sign)} "
                "for the one mirrored in z)."
            )
        elif name == series.package == "imod":
            words.append(_mirrored(sign))
        else:
            said = combination_words(right_in(name, sign, found))
            words.append(f"{package.title}, {_RULES[name]}, is right at {said}.")
    if series.hand is not None and series.hand != sign:
        words.append(f"The file says {hand_of_file(series)}, which this contradicts.")
    if series.package == "eman2" and sign != PACKAGES["eman2"].focus:
        words.append("EMAN2 used the wrong hand: this contradicts the geometry of the file.")
    return words


def _mirrored(sign: int) -> str:
    """Whether IMOD's own tomogram is mirrored, by a rule that is not verified."""
    said = f"IMOD, {_RULES['imod']}: this tomogram (turned about x, trimvol -rx) is"
    if sign == PACKAGES["imod"].focus:
        return f"{said} not mirrored in z. The angles stay as they are."
    return (
        f"{said} mirrored in z. To get the right hand negate the angles (.tlt), or turn the axis "
        "by 180°, and reconstruct it anew."
    )


def focus_words(package: str) -> list[str]:
    """What would follow from either gradient of the defocus, a sentence each."""
    words = []
    for sign in (-1, 1):
        names = ", ".join(filter(None, (_flag(name, sign) for name in PACKAGES)))
        side = right_side(package, sign)
        words.append(
            f"Right side {side} underfocused at positive angles of this file, by the terms of "
            f"this tomogram: {names}."
        )
    return words


def right_in(name: str, sign: int, found: Sequence[Combination]) -> list[Combination]:
    """The axes and signs of the angles with which the one rule of a package is right, of h in the
    series."""
    focus = PACKAGES[name].focus
    return [c for c in found if c.package == name and depth_sign_of(c, sign) == focus]


def _flag(name: str, sign: int) -> str:
    package = PACKAGES[name]
    if package.focus == "flag":
        return f"{package.title} {package.flag(sign)}"
    if package.focus != sign:
        return ""
    return f"{package.title} ({'always' if name == 'eman2' else 'the rule of its users'})"


def _slope_words(slope: Slope, hand: Hand) -> str:
    left = f", {counted(slope.outliers, 'value')} of {slope.n:,} left out" if slope.outliers else ""
    value = _measured(slope) if hand.scaled else _sign_of(slope)
    return (
        f"Slope of defocus against x·sin(tilt): {value}, from {counted(hand.tilts, 'tilt')}{left}. "
        "x is to the right of the axis when this is upright, and the tilt is in IMOD's and "
        "RELION's sense."
    )


def _edge_on_words(hand: Hand) -> list[str]:
    if not hand.edge_on:
        return []
    were = "was left out: at its tilt" if hand.edge_on == 1 else "were left out: at their tilts"
    return [
        f"{counted(hand.edge_on, 'value')} {were} the middle plane of the specimen is seen from "
        "its edge, and a place in the image is at no one depth."
    ]


def _measured(slope: Slope) -> str:
    """A slope and its error, to two digits of the error."""
    decimals = min(max(1 - math.floor(math.log10(max(slope.error, 1e-4))), 0), 4)
    value, error = (round(x, decimals) + 0.0 for x in (slope.value, slope.error))
    return f"{value:,.{decimals}f} ± {error:,.{decimals}f}"


def _sign_of(slope: Slope) -> str:
    """All that a slope says whose lengths are not known."""
    sign = "positive" if slope.value > 0 else "negative" if slope.value < 0 else "flat"
    return f"{sign}, {_errors(slope.value, slope)} from 0 (lengths are not known)"


def _odd(slope: Slope) -> str:
    near = math.copysign(1.0, slope.value)
    apart = _errors(slope.value - near, slope)
    return f"The slope is {apart} from {near:.0f}, which it should be near: {_CHECK}"


def _errors(apart: float, slope: Slope) -> str:
    """A distance in standard errors: "23 standard errors"."""
    number = abs(apart) / slope.error
    words = f"{number:,.0f}" if number >= 10 else f"{number:.1f}"
    return f"{words} standard errors"


def _undecided(hand: Hand) -> str:
    why = {
        "tilts": f"values at {MIN_TILTS} tilts or more are needed.",
        "error": f"the slope is within {SURE:g} standard errors of 0.",
        "few": f"of so few values the slope would have to be {hand.needed:.1f} standard errors "
        f"from 0 (of many, {SURE:g}).",
        "flat": f"the slope is far too flat for either hand, which have 1 and -1: {_CHECK}",
    }
    return f"Undecided: {why[hand.doubt]}"
