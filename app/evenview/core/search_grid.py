"""Views that lie on the grid of an angular search, and bins that are wide enough for them.

A search without local refinement leaves every view on one of the directions it has tried (HEALPix
in RELION, Gorski et al. 2005). Bins not much wider than its steps hold now one of these directions
and now two: a moiré of full and empty bins that has nothing to do with the particle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention, rotation
from evenview.core.particles import Particles

Floats = NDArray[np.float64]

#: Steps finer than two bins of this order do no harm to any grid in use.
FINEST_ORDER = 8

_LEAST_POSES, _LEAST_VIEWS = 100, 10
_MOST_VIEWS = 0.5  # of the poses: more are chance
_DIGITS = 1e5
_ASKED = 2000
_EVEN = 0.6  # nearest neighbours at random have quartiles in a ratio of 0.46, of a lattice of 0.9
_STEPS = 2.0  # a bin this many steps wide holds a like number of search directions everywhere
_NEARLY = 0.95  # a median from few directions may be a little too large
_SAMPLE = 500_000  # rows: more than twice the directions of any search that matters


@dataclass(frozen=True)
class SearchGrid:
    """Directions that were searched.

    Attributes
    ----------
    poses, views
        Different poses, and the different directions they have.
    step
        Degrees between neighbouring directions.
    """

    poses: int
    views: int
    step: float

    @property
    def safe_order(self) -> int:
        """The finest HEALPix order whose bins are wide enough."""
        orders = range(FINEST_ORDER, -1, -1)
        return next((order for order in orders if self.suits(spacing(order))), 0)

    def suits(self, width: float) -> bool:
        """Whether bins of a width (degrees) hold a like number of the directions everywhere."""
        return width >= _NEARLY * _STEPS * self.step


def search_grid(quaternions: Floats) -> SearchGrid | None:
    """The grid that poses (N, 4) lie on; None where they lie on none, or on a very fine one."""
    poses = quaternions[np.isfinite(quaternions[:, 0])]
    if len(poses) < _LEAST_POSES:
        return None
    n_poses = _n_different(rotation.canonical(poses)[:, 1:])
    views = _different(convention.directions(poses))
    if n_poses < _LEAST_POSES or not _LEAST_VIEWS <= len(views) <= _MOST_VIEWS * n_poses:
        return None
    step = _step(views)
    found = None if step is None else SearchGrid(n_poses, len(views), step)
    return found if found is not None and found.safe_order < FINEST_ORDER else None


_known: WeakKeyDictionary[Particles, SearchGrid | None] = WeakKeyDictionary()


def search_grid_of(particles: Particles) -> SearchGrid | None:
    """The grid that particles lie on, from half a million rows at most; kept for next time."""
    if particles not in _known:
        rows = particles.quaternions[:: max(1, math.ceil(len(particles) / _SAMPLE))]
        _known[particles] = search_grid(rows)
    return _known[particles]


def spacing(order: int) -> float:
    """Degrees across a bin of HEALPix: the root of its area."""
    return width(4 * math.pi / (12 * 4**order))


def width(area: float) -> float:
    """Degrees across a bin of an area in steradians."""
    return math.degrees(math.sqrt(area))


def _step(views: Floats) -> float | None:
    """Degrees between neighbours of different directions (M, 3); None if they lie at random.

    The median distance to the nearest neighbour, which is the spacing sqrt(4π/n) of a HEALPix
    search grid whether all of its directions are used or only half.
    """
    from scipy.spatial import cKDTree

    asked = views[:: max(1, len(views) // _ASKED)]
    distances = np.asarray(cKDTree(views).query(asked, k=2)[0])
    low, middle, high = np.quantile(
        np.degrees(2 * np.arcsin(distances[:, 1] / 2)), (0.25, 0.5, 0.75)
    )
    return float(middle) if low > _EVEN * high else None


def _different(vectors: Floats) -> Floats:
    """The different rows of (N, 3), told apart to five digits."""
    return vectors[np.unique(_keys(vectors), return_index=True)[1]]


def _n_different(vectors: Floats) -> int:
    return len(np.unique(_keys(vectors)))


def _keys(vectors: Floats) -> NDArray[np.int64]:
    """One whole number for each row of (N, 3), of coordinates from -1 to 1."""
    x, y, z = (np.rint((axis + 1.0) * _DIGITS).astype(np.int64) for axis in vectors.T)
    keys: NDArray[np.int64] = (x << 40) | (y << 20) | z
    return keys
