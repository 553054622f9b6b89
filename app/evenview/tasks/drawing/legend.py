"""What a colour bar has to say, and how much room that takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evenview.tasks.drawing.inks import EMPTY
from evenview.tasks.drawing.picture import State
from evenview.tasks.drawing.scale import Scale, number
from evenview.tasks.drawing.style import OUTSIDE, SMALL, TEXT, text_size

if TYPE_CHECKING:
    from evenview.core.display import Display

# mm
THICK, TICK = 2.8, 0.8
POINT = 0.8 * THICK
UNIT_GAP = 2.0
SHORTEST = 30.0


@dataclass(frozen=True)
class ColorBar:
    """What one bar shows, measured before it is drawn.

    Attributes
    ----------
    scale
        Its range.
    colormap
        A name of `evenview.core.colormap.NAMES`.
    unit
        What is written along it.
    marked
        A value with a line across the bar (1 × uniform), or None.
    below, above
        Values lie beyond that end and have its colour.
    swatches
        Colour and name of what has no value.
    """

    scale: Scale
    colormap: str
    unit: str
    marked: float | None
    below: bool
    above: bool
    swatches: tuple[tuple[tuple[int, int, int, int], str], ...]

    @property
    def width(self) -> float:
        """mm that an upright bar needs: bar, ticks, numbers and unit, or the swatches' names."""
        names = [THICK + 1.2 + text_size(name, SMALL)[0] for _, name in self.swatches]
        return max([self.to_unit, *names])

    @property
    def to_unit(self) -> float:
        """mm from the left of an upright bar to the right of its unit."""
        numbers = max(text_size(number(v), SMALL)[0] for v in self.scale.major(6))
        return THICK + TICK + 0.8 + numbers + 1.2 + text_size("0", TEXT)[1]

    @property
    def points(self) -> tuple[float, float]:
        """mm of the points at the low and the high end."""
        return self.below * POINT, self.above * POINT

    @property
    def swatches_width(self) -> float:
        """mm that all swatches need in a row."""
        return sum(swatch_width(name) for _, name in self.swatches)

    def in_one_row(self, width: float) -> bool:
        """Whether a lying bar, its swatches and its unit fit beside one another in so many mm."""
        words = self.swatches_width + UNIT_GAP + text_size(self.unit, TEXT)[0]
        return width - words >= SHORTEST

    def height(self, width: float) -> float:
        """mm that a lying bar needs in a room of that width."""
        row = THICK + TICK + 0.5 + text_size("0", SMALL)[1]
        return row if self.in_one_row(width) else row + 1.2 + THICK


def describe(display: Display, state: State) -> ColorBar:
    """The bar for what is shown of a display."""
    low, high = display.limits
    values = _shown(display, state)
    real = values[np.isfinite(values)]
    hair = 1e-9 * (high - low)
    marked = display.layer.marked
    return ColorBar(
        scale=Scale(low, high, display.scale),
        colormap=display.plan.colormap,
        unit=unit_in_words(display),
        marked=marked if marked is not None and low <= marked <= high else None,
        below=bool(np.any(real < low - hair)),
        above=bool(np.any(real > high + hair)),
        swatches=_swatches(np.isnan(values), display.binning.areas),
    )


def _shown(display: Display, state: State) -> NDArray[np.float64]:
    """(S, B) values of the states that are drawn."""
    states = {"before": [display.layer.values], "after": [display.after_values]}
    return np.stack(states.get(state, [display.layer.values, display.after_values]))


def unit_in_words(display: Display) -> str:
    """What is written along the bar."""
    words = {
        "density": "× uniform",
        "count": "particles per bin",
        "significance": "σ above shot noise",
        "sampling": "Fourier sampling, × mean",
        "value": "value of one more view, × mean",
    }
    quantity, shown = display.quantity, display.layer
    kind, _, name = quantity.partition(":")
    if kind in ("field", "rows"):
        return f"{shown.title}, {shown.unit}" if shown.unit else shown.title
    return words.get(quantity, f"mean of {name}")


def swatch_width(name: str) -> float:
    """mm of a swatch in a row, its name and the gap behind it."""
    return THICK + 1.2 + text_size(name, SMALL)[0] + 3.0


def _swatches(
    nothing: NDArray[np.bool_], areas: NDArray[np.float64]
) -> tuple[tuple[tuple[int, int, int, int], str], ...]:
    found = []
    if np.any(nothing & (areas > 0)):
        found.append((EMPTY, "empty"))
    if np.any(areas == 0):
        found.append((OUTSIDE, "outside unit"))
    return tuple(found)
