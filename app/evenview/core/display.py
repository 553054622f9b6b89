"""What a plan looks like: everything there is to draw, and the numbers beside it.

A `Display` is made by `resolve` alone; nobody writes to it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from evenview.core.beside import Beside
from evenview.core.binning import Binning
from evenview.core.density import Evenness, Layer, Scale
from evenview.core.errors import UserError
from evenview.core.keep import count_halves
from evenview.core.particles import Particles
from evenview.core.plan import Plan, Thinning


@dataclass(frozen=True)
class Numbers:
    """What there is, in a few numbers.

    Attributes
    ----------
    particles
        All rows, those without a pose among them.
    halves
        Rows of half-set 1 and 2; None where the file has none.
    unplaced
        Rows without a pose: never drawn, never thinned.
    evenness
        Of the bins as shown.
    halves_expected
        The halves are what a choice that does not look at them is expected to leave.
    evenness_expected
        The evenness is what is to be expected: of symmetry copies, the bins after thinning are.
    """

    particles: int
    halves: tuple[int, int] | None
    unplaced: int
    evenness: Evenness
    halves_expected: bool = False
    evenness_expected: bool = False


@dataclass(frozen=True)
class Summary:
    """The numbers before and after thinning. Without thinning both are the same object.

    Numbers that only choosing the rows would settle are marked as expected.
    """

    before: Numbers
    after: Numbers


@dataclass(frozen=True, eq=False)
class Display:
    """Everything there is to draw, made by `resolve`. Arrays are read-only.

    An array whose inputs did not change is the same object as in the display before, so who draws
    compares with ``is``. Shapes: B bins as shown.

    Attributes
    ----------
    particles, plan, beside
        What it was made from.
    binning
        Which row lies in which bin, and how many do.
    quantity
        What is shown: the plan's, or density where that is gone (`layers.at_hand`).
    layer
        Its values, before thinning.
    scale
        "linear" or "log", as drawn: log is for positive quantities only.
    limits
        The values at both ends of the colour map; before and after share them.
    colors
        (B, 4) uint8. Empty bins have `colormap.EMPTY`, bins outside the unit `colormap.OUTSIDE`.
    selected
        (B,) bool as shown: all copies, none outside the asymmetric unit.
    decision_selected
        (B,) bool, the bins in which particles are selected, each counted once.
    problem
        Why the strategy cannot be followed here (then nothing is thinned), or None.
    quotas
        (B,) int64 particles that stay in each decision bin; None where nothing is to be thinned.
    after_counts
        (B,) float64 as shown after thinning; for symmetry copies an expectation (see `copies`).
    after_density
        (B,) float64, multiples of the uniform density of what is left; 0 where empty.
    after_values
        (B,) float64 of the quantity after thinning. A mean of a column is taken to stay.
    after_colors
        (B, 4) uint8.
    summary
        The numbers before and after.
    """

    particles: Particles
    plan: Plan
    beside: Beside
    binning: Binning
    quantity: str
    layer: Layer
    scale: Scale
    limits: tuple[float, float]
    colors: NDArray[np.uint8]
    selected: NDArray[np.bool_]
    decision_selected: NDArray[np.bool_]
    problem: UserError | None
    quotas: NDArray[np.int64] | None
    after_counts: NDArray[np.float64]
    after_density: NDArray[np.float64]
    after_values: NDArray[np.float64]
    after_colors: NDArray[np.uint8]
    summary: Summary

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    @property
    def wanted(self) -> NDArray[np.float64] | None:
        """(B,) particles of the strategy's example in each decision bin; None without one."""
        return self.beside.wanted(example_of(self.plan.thinning), self.binning)

    def checked_quotas(self) -> NDArray[np.int64]:
        """The quotas, for who is about to write files.

        Raises `UserError` with the strategy's problem, or when the plan has no thinning.
        """
        if self.problem is not None:
            raise self.problem
        if self.quotas is None:
            raise UserError("Nothing is to be thinned", hint="Choose a strategy first.")
        return self.quotas


def exact_summary(display: Display, kept: NDArray[np.bool_]) -> Summary:
    """The summary with particles and halves counted over the rows (N,) that were chosen."""
    after = replace(
        display.summary.after,
        particles=int(np.count_nonzero(kept)),
        halves=count_halves(display.particles, kept),
        halves_expected=False,
    )
    return Summary(display.summary.before, after)


def example_of(thinning: Thinning | None) -> str:
    """The path of the file that a strategy takes for an example, "" where it takes none."""
    return thinning.strategy.example if thinning is not None else ""
