"""Numbers as people read them: thousands in groups, signs that line up, units beside them."""

from __future__ import annotations

import math
import re

from evenview.core.words import counted as counted
from evenview.core.words import with_minus

MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
NOTHING = "\N{EN DASH}"
#: The voxel at the centre of a box of N, rounded down; it is never broken into two lines.
HALF = "N\N{NO-BREAK SPACE}//\N{NO-BREAK SPACE}2"
#: Said where only the selection is to be thinned, and there is none.
NONE_SELECTED = "Nothing is selected, so nothing is thinned."


def whole(number: float) -> str:
    """131442 → "131,442"."""
    return f"{number:,.0f}".replace("-", MINUS)


def share(part: float, of: float, digits: int = 1) -> str:
    """A part as a percentage: (1, 8) → "12.5 %"; a dash where there is nothing to share."""
    return f"{100 * part / of:.{digits}f} %" if of else NOTHING


def change(before: float, after: float) -> str:
    """How much more or less, as a percentage of before: "−37.5 %"."""
    if not before or not math.isfinite(before) or not math.isfinite(after):
        return NOTHING
    percent = 100 * (after - before) / before
    if abs(percent) < 0.05:
        return "0.0 %"
    return f"{percent:+.1f} %".replace("-", MINUS)


def typeset(words: str) -> str:
    """Words of a task with real minus signs before numbers, units set off from numbers, and what
    belongs together kept so."""
    return re.sub(r"(?<=\d) ?%", "\N{NO-BREAK SPACE}%", with_minus(words)).replace("N // 2", HALF)


def significant(number: float, digits: int = 3) -> str:
    """Three digits that mean something: 0.0123, 1.23, 123, 12,345."""
    if not math.isfinite(number):
        return NOTHING
    if number == 0:
        return "0"
    decimals = digits - 1 - math.floor(math.log10(abs(number)))
    return f"{number:,.{min(max(decimals, 0), 8)}f}".replace("-", MINUS)


def degrees(angle: float, digits: int = 1) -> str:
    """31.23 → "31.2°"."""
    if not math.isfinite(angle):
        return NOTHING
    return f"{round(angle, digits) + 0.0:.{digits}f}°".replace("-", MINUS)


def times_uniform(density: float) -> str:
    """27.3 → "27.3 × uniform"."""
    return f"{significant(density)} {TIMES} uniform" if math.isfinite(density) else NOTHING
