"""How errors of particles spread, beside how those of unrelated poses would."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenview.core.compare.comparison import Comparison, dealt_out

Array = NDArray[np.float64]

#: Degrees: smaller errors count as this where the scale is logarithmic.
FINEST = 0.01
#: Bars of a decade, and bars of an even scale.
_A_DECADE, _EVEN = 12, 72


@dataclass(frozen=True, eq=False)
class Spread:
    """A histogram.

    Attributes
    ----------
    edges
        (K + 1,) degrees; values beyond are counted at the ends.
    counts
        (K,) particles.
    unrelated
        (K,) particles to be expected here of those that do not agree, if their poses are unrelated.
    """

    edges: Array
    counts: NDArray[np.int64]
    unrelated: Array


@dataclass(frozen=True, eq=False)
class Spreads:
    """Of one error: its size on a logarithmic scale, and with its sign on an even one."""

    log: Spread
    linear: Spread


def spreads(found: Comparison, a: Array, b: Array) -> dict[str, Spreads]:
    """Of the direction error and the in-plane error.

    Parameters
    ----------
    a, b
        (N, 4), the poses that were compared.
    """
    chance = dealt_out(found, a, b)
    return {
        "direction_error": _of(found.direction_error, chance.direction_error, found),
        "inplane_error": _of(found.inplane_error, chance.inplane_error, found),
    }


def _of(values: Array, chance: Array, found: Comparison) -> Spreads:
    number = (1.0 - found.mixture.share) * len(values)
    ends = float(np.abs(values).max()), float(np.abs(chance).max())
    most = min(180.0, 5.0 * np.ceil(max(ends) / 5.0) or 5.0)
    least = min(0.0, float(np.sign(values.min()))) * most
    decades = np.log10(most / FINEST)
    ladder = np.geomspace(FINEST, most, int(np.ceil(_A_DECADE * decades)) + 1)
    even = np.linspace(least, most, _EVEN + 1)
    return Spreads(
        _counted(np.abs(values), np.abs(chance), ladder, number),
        _counted(values, chance, even, number),
    )


def _counted(values: Array, chance: Array, edges: Array, number: float) -> Spread:
    counts, dealt = (
        np.histogram(np.clip(some, edges[0], edges[-1]), edges)[0] for some in (values, chance)
    )
    return Spread(edges, counts, number * dealt / len(chance))
