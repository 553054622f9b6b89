"""What a bin holds: counts, multiples of uniform, significance, means; and how even it all is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core import copies
from evenview.core.binning import Binning, relative_density
from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.plan import ColorRange

Scale = Literal["linear", "log"]

#: Quantities that need nothing but counts.
QUANTITIES = ("density", "count", "significance")
#: Those with a middle that means something.
DIVERGING_QUANTITIES = ("significance",)

_DENSITY = "1 × uniform is what each bin would hold if all views were equally common."

#: Deviations from even below 5 σ are nothing to paint in strong colours.
LEAST_DIVERGING = 5.0
#: The "auto" range of values of which a few may lie far off.
TRIMMED = ColorRange("percentile", 2.0, 98.0)


@dataclass(frozen=True, eq=False)
class Layer:
    """One quantity over the bins, ready to be coloured.

    Attributes
    ----------
    values
        (B,) float64; NaN where a bin has no area or nothing to say (empty, save for significance,
        to which an empty bin says most).
    unit
        For the colour bar: "× uniform", "particles", "σ", or the column's name.
    title
        For axes and menus.
    diverging
        Zero is a middle to be kept in the middle of the colours.
    loggable
        The values are positive by nature, so a log scale makes sense.
    trimmed
        A few bins may lie far off, which "auto" limits are not to follow.
    marked
        A value that means something in itself, such as 1 × uniform, or None.
    about
        What it is, in a sentence or two.
    span
        What the values can be, lowest and highest, where "auto" limits are to be that.
    """

    values: NDArray[np.float64]
    unit: str
    title: str
    diverging: bool = False
    loggable: bool = False
    trimmed: bool = False
    marked: float | None = None
    about: str = ""
    span: tuple[float, float] | None = None

    def scale(self, wanted: Scale) -> Scale:
        """The scale it is drawn in: linear where a logarithm has no meaning."""
        return wanted if self.loggable else "linear"


@dataclass(frozen=True)
class Evenness:
    """How evenly particles cover the sphere.

    Attributes
    ----------
    entropy
        1 for perfectly even, 0 for all in one bin. Shannon's entropy of the counts relative to
        the areas, over *all* bins with an area: 1 − Σ p ln(p/α) / −Σ α ln α, with p a bin's share
        of the particles and α its share of the area; for equal areas −Σ p ln p / ln B. (Over
        occupied bins only, as some scripts have it, a single crowded spot would score 1.)
    gini
        Gini coefficient of the density, weighted by area: 0 for perfectly even, towards 1 for all
        in one place (Lorenz curve, trapezoids).
    empty_fraction
        Share of the area that no particle falls in, 0 to 1.
    max_density
        Of the fullest bin, in multiples of uniform.
    """

    entropy: float
    gini: float
    empty_fraction: float
    max_density: float


def count_layer(
    quantity: str, counts: NDArray[np.int64] | NDArray[np.float64], areas: NDArray[np.float64]
) -> Layer:
    """One of `QUANTITIES` from (B,) counts (expected ones may be fractions) and (B,) areas.

    Density is counts per area over the mean of that (orix' multiples of a random distribution);
    significance is (n − e)/√e with e = N · (share of area), the deviation from an even spread in
    units of its shot noise.
    """
    if quantity == "density":
        density = relative_density(counts, areas)
        density[counts == 0] = np.nan
        return Layer(density, "× uniform", "Density", loggable=True, marked=1.0, about=_DENSITY)
    if quantity == "count":
        values = np.where((counts > 0) & (areas > 0), counts, np.nan).astype(np.float64)
        return Layer(values, "particles", "Particles per bin", loggable=True)
    if quantity == "significance":
        return Layer(_significance(counts, areas), "σ", "Significance", diverging=True)
    raise UserError(f"There is no quantity called {quantity!r}")


def evenness(
    counts: NDArray[np.int64] | NDArray[np.float64], areas: NDArray[np.float64]
) -> Evenness:
    """Measure how evenly (B,) counts cover (B,) areas; bins without area are left out.

    Without any particle everything is empty: entropy 0, Gini 1, density 0.
    """
    real = areas > 0
    total = float(counts[real].sum())
    if total <= 0:
        return Evenness(entropy=0.0, gini=1.0, empty_fraction=1.0, max_density=0.0)
    share = counts[real] / total
    area = areas[real] / areas[real].sum()
    density = share / area
    return Evenness(
        entropy=_entropy(share, area),
        gini=_gini(share, area, density),
        empty_fraction=float(area[share == 0].sum()),
        max_density=float(density.max()),
    )


def color_limits(
    values: NDArray[np.float64],
    scale: Scale,
    colors: ColorRange,
    *,
    diverging: bool = False,
    trimmed: bool = False,
) -> tuple[float, float]:
    """The values at the two ends of the colour map, low < high.

    "auto" is the lowest to the highest value (in log scale, of those above 0), and of `trimmed`
    values that of all but the lowest and the highest 2 %. Diverging values get
    limits of equal size around 0, whatever the range asked for, save a fixed one; "auto" are then
    those of all but the farthest 2 % of bins, and no less than `LEAST_DIVERGING`, so that one
    crowded spot does not leave all others in the middle colour. Where all values
    are the same the range is widened around them. Raises `UserError` for a fixed range that is
    empty, or that starts at 0 or below in log scale.
    """
    if colors.kind == "fixed":
        return _fixed_limits(scale, colors)
    usable = values[np.isfinite(values)]
    if scale == "log":
        usable = usable[usable > 0]
    if usable.size == 0:
        return (0.1, 10.0) if scale == "log" else (-1.0, 1.0) if diverging else (0.0, 1.0)
    if diverging:
        high = _reach(usable, colors)
        return -high, high
    if trimmed and colors.kind == "auto":
        colors = TRIMMED
    return _widened(*_range(usable, colors), scale)


def _reach(values: NDArray[np.float64], colors: ColorRange) -> float:
    """How far diverging values are shown to both sides of 0."""
    if colors.kind == "auto":
        return max(LEAST_DIVERGING, float(np.percentile(np.abs(values), 98)))
    return max(map(abs, _range(values, colors))) or LEAST_DIVERGING


def mean_layer(binning: Binning, column: str, particles: Particles) -> Layer:
    """The mean of a numeric column over the particles in each bin as shown.

    Raises `UserError` for a column that does not exist.
    """
    mean = row_means(binning, particles.table.numeric(column), particles)
    return Layer(mean, column, f"Mean of {column}")


def row_means(
    binning: Binning, values: NDArray[np.float64], particles: Particles
) -> NDArray[np.float64]:
    """(B,) means of values (N,) over the particles in each bin as shown.

    A value that is NaN counts for nothing; a bin without any other is NaN.
    """
    usable = np.isfinite(values) & (binning.bin_of_row >= 0)
    bins = binning.bin_of_row[usable]
    n = len(binning.areas)
    total, number = (
        copies.as_shown(binning, particles, np.bincount(bins, weights, n).astype(np.float64))
        for weights in (values[usable], np.ones(len(bins)))
    )
    known = (number > 0) & (binning.areas > 0)
    means: NDArray[np.float64] = np.divide(total, number, out=np.full(n, np.nan), where=known)
    return means


def _significance(
    counts: NDArray[np.int64] | NDArray[np.float64], areas: NDArray[np.float64]
) -> NDArray[np.float64]:
    expected = float(counts[areas > 0].sum()) * areas / areas.sum()
    out = np.full(len(areas), np.nan)
    np.divide(counts - expected, np.sqrt(expected), out=out, where=expected > 0)
    return out


def _entropy(share: NDArray[np.float64], area: NDArray[np.float64]) -> float:
    if area.size == 1:
        return 1.0
    occupied = share > 0
    p = share[occupied]
    divergence = float(np.sum(p * np.log(p / area[occupied])))
    most = -float(np.sum(area * np.log(area)))
    return min(1.0, max(0.0, 1.0 - divergence / most))


def _gini(
    share: NDArray[np.float64], area: NDArray[np.float64], density: NDArray[np.float64]
) -> float:
    order = np.argsort(density)
    height = np.cumsum(share[order])
    twice = np.sum(area[order] * (2 * height - share[order]))
    return min(1.0, max(0.0, 1.0 - float(twice)))


def _fixed_limits(scale: Scale, colors: ColorRange) -> tuple[float, float]:
    if not colors.low < colors.high:
        raise UserError(
            f"The colours cannot span {colors.low:g} to {colors.high:g}",
            hint="The lower end must be below the upper end.",
        )
    if scale == "log" and colors.low <= 0:
        raise UserError(
            f"A log scale cannot start at {colors.low:g}",
            hint="Start above 0, or take a linear scale.",
        )
    return (colors.low, colors.high)


def _range(values: NDArray[np.float64], colors: ColorRange) -> tuple[float, float]:
    if colors.kind == "auto":
        return float(values.min()), float(values.max())
    if not 0 <= colors.low < colors.high <= 100:
        raise UserError(
            f"The colours cannot span percentile {colors.low:g} to {colors.high:g}",
            hint="Percentiles lie between 0 and 100, the lower one first.",
        )
    low, high = np.percentile(values, [colors.low, colors.high])
    return float(low), float(high)


def _widened(low: float, high: float, scale: Scale) -> tuple[float, float]:
    if low < high:
        return low, high
    if scale == "log":
        return low / 2, high * 2
    half = abs(low) / 2 or 1.0
    return low - half, high + half
