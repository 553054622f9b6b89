"""How the rotation axes of each point group lie, in each setting.

Plain names are the settings of RELION's ``SymList::fill_symmetry_class`` (``symmetries.cpp``); the
axes are exact. An asymmetric unit is described by a frame: rows m, n and m x n (see
`PointGroup.fold`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Vectors = Iterable[ArrayLike]

GOLDEN = (1.0 + math.sqrt(5.0)) / 2.0

_X, _Y, _Z = np.eye(3)


class Axis(NamedTuple):
    """A rotation axis: its order and one of its two ends, a unit vector in the map's frame."""

    order: int
    direction: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Setting:
    """The axes of a point group, each once, and the (3, 3) frame of its asymmetric unit."""

    words: str
    axes: tuple[Axis, ...]
    unit_frame: Array


def cyclic(n: int) -> Setting:
    """Cn."""
    words = f"{n}-fold axis on Z" if n > 1 else "no symmetry"
    return Setting(words, _axes((n, [_Z])), _frame(_Z, _X))


def dihedral(n: int, on: str = "X") -> Setting:
    """Dn with a 2-fold axis on X as in RELION, or on Y as in cryoSPARC (for even n on both)."""
    first = _X if on == "X" else _Y
    second = np.cross(_Z, first)
    angles = [k * math.pi / n for k in range(n)]
    twofold = [math.cos(angle) * first + math.sin(angle) * second for angle in angles]
    words = f"{n}-fold axis on Z, 2-fold axis on {on}" if n > 1 else f"2-fold axis on {on}"
    return Setting(words, _axes((n, [_Z]), (2, twofold)), _frame(_Z, first))


def tetrahedral(side_of_y: str = "+Y") -> Setting:
    """T with a 3-fold axis on Z: RELION's "+Y", or "-Y", which is it turned by 180° about Z."""
    # Its 2-fold axes are the edges of a cube that stands on a corner, one of them in the YZ plane.
    out, up = math.sqrt(2.0 / 3.0), math.sqrt(1.0 / 3.0)
    side = math.sqrt(0.5)
    edges = np.array([(0.0, out, up), (side, -out / 2.0, up), (-side, -out / 2.0, up)])
    sign = 1.0 if side_of_y == "+Y" else -1.0
    edges[:, :2] *= sign
    words = f"3-fold axis on Z, 2-fold axis in the YZ plane above {side_of_y}"
    return Setting(words, _axes((3, _diagonals(edges)), (2, edges)), _frame(_Z, sign * _Y))


def tetrahedral_222() -> Setting:
    """T with its 2-fold axes on X, Y and Z."""
    axes = _axes((3, _diagonals(np.eye(3))), (2, [_X, _Y, _Z]))
    return Setting("2-fold axes on X, Y and Z", axes, _frame(_X + _Y + _Z, _Z))


def octahedral() -> Setting:
    """O."""
    cube = np.eye(3)
    pairs = ((0, 1), (1, 2), (2, 0))
    twofold = [cube[i] + s * cube[j] for i, j in pairs for s in (1, -1)]
    axes = _axes((4, cube), (3, _diagonals(cube)), (2, twofold))
    return Setting("4-fold axes on X, Y and Z", axes, _frame(_Z, _X))


def icosahedral(number: int) -> Setting:
    """I1, I2, I3 or I4."""
    words, frame = _ICOSAHEDRAL[number]
    a, b, c = frame()
    signs = (1, -1)
    cycles = ((a, b, c), (b, c, a), (c, a, b))
    fivefold = [q + s * GOLDEN * r for _, q, r in cycles for s in signs]
    threefold = [GOLDEN * q + s / GOLDEN * r for _, q, r in cycles for s in signs]
    twofold = [
        p + s / GOLDEN * q + t * GOLDEN * r
        for p, q, r in cycles
        for s, t in product(signs, repeat=2)
    ]
    axes = _axes((5, fivefold), (3, [*_diagonals((a, b, c)), *threefold]), (2, [a, b, c, *twofold]))
    # m and the 5-fold axis it is compared with stand on both sides of c.
    return Setting(words, axes, _frame(b + GOLDEN * c, GOLDEN * c - b))


def turn(axis: ArrayLike, k: int, n: int) -> Array:
    """The matrix (3, 3) of k n-ths of a turn about `axis` (Rodrigues' formula)."""
    x, y, z = _unit(axis)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    angle = 2.0 * math.pi * k / n
    versine = 2.0 * math.sin(0.5 * angle) ** 2
    return _clean(np.eye(3) + math.sin(angle) * cross + versine * (cross @ cross))


def _five_on_z(side: int) -> tuple[Array, Array, Array]:
    """The orthogonal 2-fold axes whose middle one is Y while a 5-fold axis is Z."""
    length = math.hypot(1.0, GOLDEN)
    return _Y, (_Z - side * GOLDEN * _X) / length, (GOLDEN * _Z + side * _X) / length


# Three orthogonal 2-fold axes a, b, c with 5-fold axes at b ± golden c.
_ICOSAHEDRAL: dict[int, tuple[str, Callable[[], tuple[Array, Array, Array]]]] = {
    1: ("2-fold axes on X, Y and Z, 5-fold axes next to Z in the YZ plane", lambda: (_X, _Y, _Z)),
    2: ("2-fold axes on X, Y and Z, 5-fold axes next to Z in the XZ plane", lambda: (_Y, _X, _Z)),
    3: ("5-fold axis on Z, 2-fold on Y, next 5-fold axis towards -X", lambda: _five_on_z(-1)),
    4: ("5-fold axis on Z, 2-fold on Y, next 5-fold axis towards +X", lambda: _five_on_z(1)),
}


def _diagonals(edges: ArrayLike) -> list[Array]:
    """The four body diagonals of a cube with these (3, 3) edges."""
    signs = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
    return list(np.array(signs) @ np.asarray(edges))


def _axes(*orders: tuple[int, Vectors]) -> tuple[Axis, ...]:
    pairs = [(n, _clean(_unit(vector))) for n, vectors in orders if n > 1 for vector in vectors]
    return tuple(Axis(n, (float(v[0]), float(v[1]), float(v[2]))) for n, v in pairs)


def _frame(main: ArrayLike, towards: ArrayLike) -> Array:
    m, t = _unit(main), np.asarray(towards, dtype=np.float64)
    n = _unit(t - (t @ m) * m)
    frame = np.stack([m, n, np.cross(m, n)])
    frame.setflags(write=False)
    return frame


def _unit(vector: ArrayLike) -> Array:
    v = np.asarray(vector, dtype=np.float64)
    return np.asarray(v / np.linalg.norm(v))


def _clean(values: Array) -> Array:
    """Halves and whole numbers exact again: they are what rounding spoils in these numbers."""
    halves = np.round(2.0 * values) / 2.0 + 0.0
    return np.where(np.abs(values - halves) < 1e-14, halves, values)
