"""What a strategy is: a rule that says how many particles stay in each bin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # it knows binnings, which know plans, which know strategies
    from evenview.core.foresight import Foresight


@dataclass(frozen=True, eq=False)
class BinTable:
    """What a strategy may look at.

    Attributes
    ----------
    counts
        (B,) int64, particles whose own bin this is (never symmetry copies).
    areas
        (B,) float64, steradians of each bin that particles can fall in; 0 where none can
        (outside the asymmetric unit of a folded look).
    selected
        (B,) bool, the bins that may be thinned. Statistics are taken over all bins with an area.
    foresight
        What thinning does to the scores, for strategies that look ahead. It takes a pass over the
        rows, so the others get None.
    wanted
        (B,) float64, how many particles of the file that the strategy takes for an example lie in
        each bin; None where it takes none.
    """

    counts: NDArray[np.int64]
    areas: NDArray[np.float64]
    selected: NDArray[np.bool_]
    foresight: Foresight | None = None
    wanted: NDArray[np.float64] | None = None


@runtime_checkable
class Strategy(Protocol):
    """A way to thin: a frozen dataclass with its parameters as fields (see `strategies`).

    One that `looks_ahead` needs `BinTable.foresight`. `family` is the name of another that it is a
    variant of, "" where it is none.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    help: ClassVar[str]
    looks_ahead: ClassVar[bool]
    family: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def example(self) -> str:
        """The path of the file that `BinTable.wanted` is to come from, "" where there is none."""
        ...

    def quotas(self, bins: BinTable) -> NDArray[np.int64]:
        """(B,) particles that stay in each bin, 0 ≤ quota ≤ count. Unselected bins keep all."""
        ...


def water_level(
    most: NDArray[np.int64] | NDArray[np.float64], weights: NDArray[np.float64], total: float
) -> float:
    """The λ with Σ min(most, λ · weight) = total, of (B,) bins with a weight above 0.

    The sum is linear between the bins' ratios of most to weight. Infinite where all stays.
    """
    if total >= most.sum():
        return float(np.inf)
    ratio = most / weights
    order = np.argsort(ratio, kind="stable")
    below = np.concatenate([[0.0], np.cumsum(most[order])[:-1]])
    above = np.cumsum(weights[order][::-1])[::-1]
    reached = below + ratio[order] * above
    k = int(np.searchsorted(reached, total))
    return float((total - below[k]) / above[k])


def whole_numbers(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """(B,) numbers, 0 or more, each up or down to a whole one; what is whole stays.

    What a bin gets too much or too little is carried on to the next, so that running sums stay
    within 1/2 of theirs: of a hundred bins with 0.3 each, thirty have one. Rounding each by itself
    would leave none, and the largest remainders first all of one region of the sphere.
    """
    # Noise must not make a 6 of the 5.0 that is all there is.
    whole = np.floor(values + np.maximum(1e-9, 1e-13 * values))
    part = values - whole
    carried = np.floor(np.cumsum(np.where(part > 1e-9, part, 0.0)) + 0.5)
    return (whole + np.diff(carried, prepend=0.0)).astype(np.int64)
