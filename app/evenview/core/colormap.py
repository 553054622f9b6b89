"""Values to colours: named colour maps (``cmap`` package) and a neutral for what is empty."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError

RGBA = tuple[int, int, int, int]

#: For what runs from little to much. The first three are even to the eye, in print and for
#: colour-blind readers; turbo and jet are there because people recognise them.
SEQUENTIAL = ("viridis", "cividis", "magma", "inferno", "plasma", "turbo", "jet", "gray")
#: For what has a middle (significance): low, neutral, high.
DIVERGING = ("RdBu_r", "PuOr_r", "coolwarm")
NAMES = SEQUENTIAL + DIVERGING

#: Where two makers gave one name to different maps, whose it is.
_SOURCES = {
    "RdBu_r": "colorbrewer:RdBu_r",
    "PuOr_r": "colorbrewer:PuOr_r",
    "coolwarm": "matplotlib:coolwarm",
}

#: Empty bins: a slate grey that is in none of the maps, least of all at their low end.
EMPTY: RGBA = (148, 156, 166, 255)
#: Bins that lie wholly outside the asymmetric unit shown: there is nothing to be empty of.
OUTSIDE: RGBA = (148, 156, 166, 64)


def suited(name: str, *, diverging: bool) -> str:
    """The map itself if it is of the kind that the values need, else the first of that kind."""
    kind = DIVERGING if diverging else SEQUENTIAL
    return name if name in kind else kind[0]


@cache
def lut(name: str) -> NDArray[np.uint8]:
    """(256, 4) uint8 RGBA, low to high, read-only. Raises `UserError` for an unknown name."""
    if name not in NAMES:
        raise UserError(
            f"There is no colour map called {name!r}", hint=f"Choose one of {', '.join(NAMES)}."
        )
    from cmap import Colormap

    source = Colormap(_SOURCES.get(name, name))
    colors: NDArray[np.uint8] = np.rint(np.asarray(source.lut(256)) * 255).astype(np.uint8)
    colors.flags.writeable = False
    return colors


def positions(
    values: NDArray[np.float64], lo: float, hi: float, scale: Literal["linear", "log"]
) -> NDArray[np.float64]:
    """Where `values` lie between `lo` (0) and `hi` (1), clipped; NaN stays NaN.

    In log scale what is not above 0 lies at 0.
    """
    if scale == "log":
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(np.maximum(values, 0))
        place = (logs - np.log(lo)) / np.log(hi / lo)
    else:
        place = (values - lo) / (hi - lo)
    clipped: NDArray[np.float64] = np.clip(place, 0.0, 1.0)
    return clipped


def colorize(
    values: NDArray[np.float64],
    lo: float,
    hi: float,
    scale: Literal["linear", "log"],
    name: str,
    empty_rgba: RGBA = EMPTY,
) -> NDArray[np.uint8]:
    """(B, 4) uint8 colours of (B,) values; NaN, which is not a value, gets `empty_rgba`."""
    known = np.isfinite(values)
    place = positions(np.where(known, values, lo), lo, hi, scale)
    colors: NDArray[np.uint8] = lut(name)[np.minimum((place * 256).astype(np.intp), 255)]
    colors[~known] = empty_rgba
    return colors
