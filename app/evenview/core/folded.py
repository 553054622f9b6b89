"""Which point group's asymmetric unit the views of a file fill, when nobody has said a symmetry.

A refinement with symmetry searches one unit alone (RELION), so its views leave the rest of the
sphere empty; scored without the symmetry they look as if many were missing. The units are those of
RELION's ``HealpixSampling::removeSymmetryEquivalentPoints`` (``src/healpix_sampling.cpp``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from evenview.core.grids.fibonacci import lattice
from evenview.core.symmetry import parse_group
from evenview.core.unit_hint import relion_unit

Floats = NDArray[np.float64]

#: The part of the views that must lie in the unit, and of the unit that they must fill.
INSIDE, FILLED = 0.9, 0.75
#: Fewer views than this tell nothing.
FEWEST = 300
#: Places that a unit is filled at, and how near a view must be to fill one.
_PLACES, _NEAR_VIEWS = 300, 6
_LOOKED_AT = 20_000

_GROUPS = (
    *(f"C{n}" for n in range(2, 18)),
    *(f"D{n}" for n in range(2, 18)),
    *("T", "T222", "I1", "I2", "I3", "I4"),
)


@dataclass(frozen=True)
class FoldedHint:
    """The group whose asymmetric unit the views fill.

    Attributes
    ----------
    group
        Its name.
    inside
        The part of the views that lie in the unit, 0 to 1.
    filled
        The part of the unit that they fill, 0 to 1.
    """

    group: str
    inside: float
    filled: float

    @property
    def words(self) -> str:
        """What to do, in a sentence or two."""
        return (
            f"{self.inside:.0%} of the views lie in one asymmetric unit of {self.group} and fill "
            f"it, as a refinement with that symmetry leaves them. If it was one, give the symmetry."
        )


def suggest_group(directions: Floats) -> FoldedHint | None:
    """The group whose unit views (N, 3) fill best, or None where they fill none.

    Rows of NaN do not count; of many views some are looked at. The best is the one with most of the
    views inside times the part that is filled: a larger unit stays empty at its sides, a smaller
    one leaves views out.
    """
    v = directions[np.isfinite(directions).all(axis=1)]
    if len(v) < FEWEST:
        return None
    v = v[:: -(-len(v) // _LOOKED_AT)]
    inside = {name: _share(v, name) for name in _GROUPS}
    hints = [
        FoldedHint(name, share, _filled(v, name))
        for name, share in inside.items()
        if share > INSIDE
    ]
    fitting = [hint for hint in hints if hint.filled > FILLED]
    return max(fitting, key=lambda hint: hint.inside * hint.filled, default=None)


def _share(v: Floats, name: str) -> float:
    # Directions on the border itself are in: a view from the side of Dn lies on its equator.
    return float((v @ _planes(name).T >= -0.01).all(axis=1).mean())


def _filled(v: Floats, name: str) -> float:
    """The part of a unit that has a view near, near being where an even spread has a few."""
    from scipy.spatial import cKDTree

    order = parse_group(name).order
    points = lattice(_PLACES * order, slice(0, _PLACES * order))
    points = points[(points @ _planes(name).T >= 0).all(axis=1)]
    cosine = max(1.0 - 2.0 * _NEAR_VIEWS / (order * len(v)), -1.0)
    reach = math.sqrt(2.0 - 2.0 * cosine)  # the chord of the cap that holds so many
    near, _ = cKDTree(v).query(points, distance_upper_bound=reach)
    return float(np.isfinite(near).mean())


@cache
def _planes(name: str) -> Floats:
    """(K, 3) unit vectors p: views with ``p v >= 0`` for all are in RELION's unit."""
    if name[0] not in "CD":
        return relion_unit(parse_group(name))
    middle, half = (0.0 if name[0] == "C" else math.pi / 2), math.pi / int(name[1:])
    sides = [
        (math.sin(half - sign * middle), sign * math.cos(half - sign * middle), 0.0)
        for sign in (1.0, -1.0)
    ]
    return np.array([*sides, (0.0, 0.0, 1.0)] if name[0] == "D" else sides)
