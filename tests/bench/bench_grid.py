"""Bins of ten million directions: HEALPix against healpy, Fibonacci against scipy's search tree.

Both peers get their fastest way: healpy contiguous coordinates, the tree every core.
"""

from __future__ import annotations

from functools import partial

import healpy
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bench.common import Row, best_of
from evenview.core.grid import parse_grid

N_DIRECTIONS = 10_000_000
_TIMES = 3


def rows() -> list[Row]:
    """Seconds for all directions."""
    v = np.random.default_rng(0).standard_normal((N_DIRECTIONS, 3))
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    return [
        *(_healpix_row(order, v) for order in (4, 8)),
        *(_fibonacci_row(n, v) for n in (192, 5000)),
    ]


def _healpix_row(order: int, v: NDArray[np.float64]) -> Row:
    x, y, z = np.ascontiguousarray(v.T)
    ours = best_of(_TIMES, partial(parse_grid(f"healpix:{order}").index_of, v))
    peer = best_of(_TIMES, partial(healpy.vec2pix, 2**order, x, y, z))
    return Row(f"HEALPix order {order}, 10 M directions", ours, peer, "healpy.vec2pix", 1 / 1.5)


def _fibonacci_row(n: int, v: NDArray[np.float64]) -> Row:
    grid = parse_grid(f"fibonacci:{n}")
    ours = best_of(_TIMES, partial(grid.index_of, v))
    peer = best_of(1, partial(cKDTree(grid.centers).query, v, workers=-1))
    return Row(f"Fibonacci {n:,}, 10 M directions", ours, peer, "cKDTree, all cores", 5.0)
