"""Plan: what the user wants, as one frozen value.

The window edits it, the command line parses into it, undo is a list of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from evenview.core.errors import UserError
from evenview.core.selection import Combine, Grow, Invert, Mode, Region, Step
from evenview.core.thinning import Strategy

Look = Literal["stored", "expanded", "folded"]
LOOKS: tuple[Look, ...] = ("stored", "expanded", "folded")


@dataclass(frozen=True)
class ColorRange:
    """How values become colours.

    ``kind`` is "auto" (smallest to largest occupied bin), "percentile" (``low`` and ``high`` are
    percentiles of the occupied bins) or "fixed" (they are values of the quantity).
    """

    kind: Literal["auto", "percentile", "fixed"] = "auto"
    low: float = 0.0
    high: float = 100.0


@dataclass(frozen=True)
class Order:
    """Which particles of a bin stay first: random by the plan's seed, or by a numeric column."""

    column: str | None = None
    descending: bool = True


@dataclass(frozen=True)
class Thinning:
    """What is to be thinned, and how."""

    strategy: Strategy
    only_selected: bool = False
    minimum: int = 0
    keep_halves: bool = True
    order: Order = field(default_factory=Order)
    seed: int = 0

    def __post_init__(self) -> None:
        for title, value in (("minimum left in a bin", self.minimum), ("seed", self.seed)):
            if value < 0:
                raise UserError(f"The {title} is a whole number from 0 up, not {value}")


@dataclass(frozen=True)
class Plan:
    """Everything the user wants to see and do with one file.

    Attributes
    ----------
    grid
        The cutting of the sphere, as `evenview.core.grid.parse_grid` reads it: "healpix:4",
        "fibonacci:192", "azel:5".
    symmetry
        Point group in RELION's setting ("C1", "D7", "I1", ...).
    look
        Directions as stored, expanded to all symmetry copies, or folded to one asymmetric unit.
    quantity
        "density" (multiples of uniform), "count", "significance", "sampling", "value",
        "mean:COLUMN", "rows:KEY" or "field:KEY" (`evenview.core.layers`).
    scale
        "linear" or "log".
    colors
        The range of values the colour map spans.
    colormap
        A name of `evenview.core.colormap.NAMES`.
    selection
        Steps, taken one after the other, that end in the selected bins.
    thinning
        The rebalancing, or None while nothing is to be thinned.
    """

    grid: str = "healpix:4"
    symmetry: str = "C1"
    look: Look = "stored"
    quantity: str = "density"
    scale: Literal["linear", "log"] = "log"
    colors: ColorRange = field(default_factory=ColorRange)
    colormap: str = "viridis"
    selection: tuple[Step, ...] = ()
    thinning: Thinning | None = None

    def select(self, region: Region, mode: Mode = "replace") -> Plan:
        """The plan with a region taken into the selection; "replace" forgets the steps before."""
        before = () if mode == "replace" else self.selection
        return replace(self, selection=(*before, Combine(mode, region)))

    def cleared(self) -> Plan:
        """The plan with nothing selected."""
        return replace(self, selection=())

    def inverted(self) -> Plan:
        """The plan with the selection turned inside out; twice is back where it was."""
        if self.selection and isinstance(self.selection[-1], Invert):
            return replace(self, selection=self.selection[:-1])
        return replace(self, selection=(*self.selection, Invert()))

    def grown(self, rings: int = 1) -> Plan:
        """The plan with the selection grown by rings of bins."""
        return replace(self, selection=(*self.selection, Grow(rings)))
