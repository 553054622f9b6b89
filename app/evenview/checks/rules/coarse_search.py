"""Angles on a coarse search grid."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from evenview.checks.base import ANY, Found, Rule
from evenview.checks.sheet import Floats
from evenview.checks.subject import Subject
from evenview.core import convention, rotation

_LEAST_POSES, _LEAST_VIEWS = 100, 10
_MOST_VIEWS = 0.5  # of the poses: more are chance
_DIGITS = 1e5
_ASKED = 2000
_EVEN = 0.6  # nearest neighbours at random have quartiles in a ratio of 0.46, of a lattice of 0.9
_STEPS = 2.0  # a bin this many steps wide holds a like number of search directions everywhere
_FINEST_ORDER = 8
_USUAL_ORDER = 4


def _look(subject: Subject) -> Iterator[Found]:
    if subject.quaternions is None:
        return
    poses = subject.quaternions[np.isfinite(subject.quaternions[:, 0])]
    if len(poses) < _LEAST_POSES:
        return
    n_poses = _n_different(rotation.canonical(poses)[:, 1:])
    views = _different(convention.directions(poses))
    if n_poses < _LEAST_POSES or not _LEAST_VIEWS <= len(views) <= _MOST_VIEWS * n_poses:
        return
    step = search_step(views)
    order = None if step is None else safe_order(step)
    if step is None or order is None or order >= _FINEST_ORDER:
        return
    yield Found(
        f"{n_poses:,} poses have only {len(views):,} view directions, about {step:.1f}° apart: "
        "those of a search grid",
        "whole file",
        len(views),
        "warning" if order < _USUAL_ORDER else "note",
        f"Use bins of {_spacing(order):.3g}° or more: the finest safe grid is healpix:{order}. "
        "For finer ones refine with local searches first.",
    )


def search_step(views: Floats) -> float | None:
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


def safe_order(step: float) -> int:
    """The finest HEALPix order whose bins are `_STEPS` steps (degrees) wide."""
    orders = range(_FINEST_ORDER, -1, -1)
    width = 0.95 * _STEPS * step  # a median from few directions may be a little too large
    return next((order for order in orders if _spacing(order) >= width), 0)


def _spacing(order: int) -> float:
    """Degrees across a bin of HEALPix: the root of its area."""
    return math.degrees(math.sqrt(4 * math.pi / (12 * 4**order)))


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


RULE = Rule(
    name="coarse-search",
    title="angles on a coarse search grid",
    severity="warning",
    causes={
        ANY: "Bins that are not wider than the search step show a moiré of full and empty bins "
        "that has nothing to do with the particle, and thinning acts on it."
    },
    mend="Use bins at least twice as wide as the search step.",
    look=_look,
)
