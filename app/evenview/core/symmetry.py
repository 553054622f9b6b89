"""Point groups in their settings: operators, expansion and the asymmetric unit.

Plain names are RELION's settings; "D7y", "T222" and "T-eman" are those of other packages
(`evenview.core.settings` says which package means what).

An operator S (3 x 3) acts in the map's frame: a particle at A is as well at ``A S``, so a view at v
is as well at ``S^T v`` (RELION's ``particle_symmetry_expand``). Operators are built from the axes,
exactly; RELION's own come from generators of 6 to 9 digits (``SymList::fill_symmetry_class``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenview.core import axes as settings
from evenview.core.axes import Axis, Setting
from evenview.core.errors import UserError

Array = NDArray[np.float64]

#: The largest n of Cn and Dn, as in RELION.
MAX_FOLD = 99

#: What `parse_group` takes, for messages and menus.
KNOWN = (
    f"C1 to C{MAX_FOLD}, D1 to D{MAX_FOLD}, T, O, I1, I2, I3, I4, and I for I2; in other settings "
    "D3y, D5y ... with the 2-fold axis on Y, T222 and T-eman"
)


@dataclass(frozen=True)
class PointGroup:
    """A point group of proper rotations.

    Attributes
    ----------
    name
        "C3", "D7", "T", "O", "I1" ... ("I" is I2, as in RELION), "D7y", "T222", "T-eman". Equal
        names are equal groups.
    setting
        How the axes lie in the map's frame, and the frame of the asymmetric unit.
    """

    name: str
    setting: Setting = field(compare=False, repr=False)

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Every rotation axis once, by one of its two ends, the main kind first. C1 has none."""
        return self.setting.axes

    @property
    def title(self) -> str:
        """The name and the setting in words."""
        return f"{self.name} ({self.setting.words})"

    @cached_property
    def order(self) -> int:
        """The number of operators, identity included."""
        return 1 + sum(axis.order - 1 for axis in self.axes)

    @property
    def unit_area(self) -> float:
        """Steradians of the asymmetric unit."""
        return 4.0 * math.pi / self.order

    @cached_property
    def matrices(self) -> Array:
        """(G, 3, 3) float64, read-only: the operators S, identity first."""
        turns = [
            settings.turn(axis.direction, k, axis.order)
            for axis in self.axes
            for k in range(1, axis.order)
        ]
        matrices = np.stack([np.eye(3), *turns])
        matrices.setflags(write=False)
        return matrices

    def expand(self, v: ArrayLike) -> Iterator[Array]:
        """All equivalents of directions, one block an operator, in the order of `matrices`.

        Parameters
        ----------
        v
            (N, 3) directions in the map's frame.

        Yields
        ------
        (N, 3) float64, ``S^T v``; the first block is `v` itself.
        """
        rows = np.asarray(v, dtype=np.float64)
        yield rows
        for matrix in self.matrices[1:]:
            # not "@": a BLAS that threads fights with the other threads of this program
            yield np.einsum("ni,ij->nj", rows, matrix)

    def fold(self, v: ArrayLike) -> Array:
        """The equivalents of directions that lie in the asymmetric unit.

        Of all equivalents of a direction the unit holds the one nearest to the main axis m; of
        those as near to it, the one farthest towards n; of those, the one farthest towards m x n
        (`Setting.unit_frame`; for two equivalents on the border, told apart to 1e-12, it decides).

        - Cn: azimuth in (-180°/n, 180°/n].
        - Dn: the half of that with z > 0, and of the equator the azimuths from 0 to 180°/n; Dny is
          that turned by 90° about Z.
        - T, O, I: the triangle of the main axis (3-, 4-, 5-fold) and the two 3-fold axes at the
          ends of its far side, whose middle is a 2-fold axis.

        Parameters
        ----------
        v
            (N, 3) directions in the map's frame.

        Returns
        -------
        (N, 3) float64. Directions in the unit come back bit for bit, and rows of NaN as NaN.
        """
        rows = np.ascontiguousarray(v, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != 3:
            raise ValueError(f"expected (N, 3), not {rows.shape}")
        if self.order == 1:
            return rows.copy()
        from evenview.core.kernels import symmetry

        out = np.empty_like(rows)
        symmetry.fold(rows, *self._fold_tables, out)
        return out

    @cached_property
    def unit_outline(self) -> Array:
        """(M, 3) unit vectors, first and last the same: the border of the asymmetric unit.

        Arcs of great circles with a point at least every 2°, counter-clockwise seen from outside.
        C1, whose unit has no border, gives (0, 3).
        """
        corners = self._unit_corners
        if not len(corners):
            return corners
        ring = np.vstack([corners, corners[:1]])
        arcs = [_arc(start, end)[:-1] for start, end in pairwise(ring)]
        return np.vstack([*arcs, ring[:1]])

    @cached_property
    def _fold_tables(self) -> tuple[Array, Array]:
        compared = self.setting.unit_frame @ self.matrices.transpose(0, 2, 1)
        return self.matrices.copy(), np.ascontiguousarray(compared)

    @property
    def _unit_corners(self) -> Array:
        if self.order == 1:
            return np.empty((0, 3))
        return self._ring_corners() if self.name[0] in "CD" else self._triangle_corners()

    def _ring_corners(self) -> Array:
        """Of Cn and Dn: the meridians ±180°/n, and the equator or the other pole."""
        pole, zero, ninety = self.setting.unit_frame
        if self.name in ("D1", "D1y"):
            return np.stack([zero, ninety, -zero, -ninety])
        half = math.pi / self.axes[0].order
        west, east = (math.cos(half) * zero + s * math.sin(half) * ninety for s in (-1, 1))
        return np.stack([pole, west, -pole if self.name[0] == "C" else zero, east])

    def _triangle_corners(self) -> Array:
        """Of T, O and I: the main axis, two 3-fold axes and the 2-fold axis between them."""
        main, towards, east = self.setting.unit_frame
        ends = [np.array(axis.direction) * sign for axis in self.axes for sign in (1, -1)]
        orders = np.repeat([axis.order for axis in self.axes], 2)
        # The far side's great circle parts the main axis and its next copy: the plane that the
        # 2-fold axis nearest to the main axis, towards n, leaves as it is.
        twofold = np.array(ends)[orders == 2]
        middle = twofold[np.argmax(twofold @ (main + 1e-3 * towards))]
        threefold = np.array(ends)[orders == 3]
        copy = 2.0 * (middle @ main) * middle - main
        on_side = threefold[np.abs(threefold @ (main - copy)) < 1e-9]
        nearest = on_side[np.argsort(-(on_side @ middle))[:2]]
        west, right = nearest[np.argsort(nearest @ east)]
        return np.stack([main, west, middle, right])


def parse_group(name: str) -> PointGroup:
    """The point group of a name, upper or lower case; "I" is I2, as in RELION, and "D4y" is D4.

    Raises
    ------
    UserError
        The name is none of `KNOWN`.
    """
    return _group(name.strip().upper())


@cache
def _group(name: str) -> PointGroup:
    ring = re.fullmatch(r"C0*([1-9]\d?)|D0*([1-9]\d?)(Y?)", name)
    if ring and ring[1]:
        return PointGroup(f"C{ring[1]}", settings.cyclic(int(ring[1])))
    if ring:
        return _dihedral(int(ring[2]), "Y" if ring[3] else "X")
    if name in _TETRAHEDRAL:
        spelling, build = _TETRAHEDRAL[name]
        return PointGroup(spelling, build())
    if name == "O":
        return PointGroup("O", settings.octahedral())
    if re.fullmatch(r"I[1-4]?", name):
        number = int(name[1:] or 2)
        return PointGroup(f"I{number}", settings.icosahedral(number))
    raise UserError(f'"{name}" is not a known point group', hint=f"Known are {KNOWN}.")


def _dihedral(n: int, on: str) -> PointGroup:
    """Dn; for even n the 2-fold axes lie on X and Y alike."""
    if on == "Y" and n % 2:
        return PointGroup(f"D{n}y", settings.dihedral(n, "Y"))
    return PointGroup(f"D{n}", settings.dihedral(n))


#: The settings of T, by their names in capital letters: how they are spelt, and their axes.
_TETRAHEDRAL: dict[str, tuple[str, Callable[[], Setting]]] = {
    "T": ("T", settings.tetrahedral),
    "T-EMAN": ("T-eman", lambda: settings.tetrahedral("-Y")),
    "T222": ("T222", settings.tetrahedral_222),
}


def _arc(start: Array, end: Array) -> Array:
    """(M, 3) points of the great circle between two directions, both included."""
    angle = math.atan2(float(np.linalg.norm(np.cross(start, end))), float(start @ end))
    t = np.linspace(0.0, 1.0, 1 + math.ceil(math.degrees(angle) / 2.0))[:, None]
    return np.asarray((np.sin((1 - t) * angle) * start + np.sin(t * angle) * end) / math.sin(angle))
