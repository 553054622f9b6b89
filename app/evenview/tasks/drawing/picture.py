"""What one heat map of a figure shows: the state before or after thinning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.words import counted
from evenview.tasks.drawing.style import paper_colors

if TYPE_CHECKING:
    from evenview.core.display import Display

State = Literal["before", "after", "both"]
STATES: tuple[State, ...] = ("before", "after", "both")


@dataclass(frozen=True, eq=False)
class Picture:
    """Colours (B, 4) on paper, the bins selected (B,), and words above ("" for none)."""

    colors: NDArray[np.uint8]
    selected: NDArray[np.bool_]
    heading: str = ""


def pictures(display: Display, state: State, outline: bool) -> tuple[Picture, ...]:
    """One picture, or two for "both"; the selection in them only if it is to get an ``outline``.

    Raises `UserError` for an "after" where nothing is thinned.
    """
    require_after(display, state)
    both = state == "both"
    selected = display.selected & outline
    found = []
    for name in ("before", "after") if both else (state,):
        numbers = display.summary.before if name == "before" else display.summary.after
        heading = f"{name.capitalize()}: {counted(numbers.particles, 'particle')}" if both else ""
        found.append(Picture(_colors(display, name), selected, heading))
    return tuple(found)


def require_after(display: Display, state: State) -> None:
    """Raise `UserError` if the figure is to show a thinning that there is not."""
    if state not in STATES:
        raise UserError(f"There is no state “{state}”", hint=f"States are: {', '.join(STATES)}.")
    if state != "before" and display.problem is not None:
        raise display.problem
    if state != "before" and display.quotas is None:
        raise UserError(
            "Nothing is thinned, so that there is no “after” to draw",
            hint="Choose a strategy first, or draw the state before.",
        )


def _colors(display: Display, state: str) -> NDArray[np.uint8]:
    if state == "before":
        colors, values = display.colors, display.layer.values
    else:
        colors, values = display.after_colors, display.after_values
    return paper_colors(colors, values, display.binning.areas)
