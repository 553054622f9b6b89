"""How two descriptions of the same tilt images relate: found from their projection matrices.

Two descriptions P1 and P2 of the same images, of which the second may have them turned in their
plane by e, belong to tomograms with ``X2 = M X1`` if ``(P2 M)_xy = (Rz(e) P1)_xy`` for every tilt.
M is orthogonal, of either determinant: its best value for a given e is the orthogonal factor of
``C(e) = sum of P2_xy^T R2(e) P1_xy`` (Procrustes), and the sum of the singular values of C(e) tells
how good e is. C(e + 180) = -C(e), which would only turn the images and invert the tomogram; the
images are the same, so e is within 90 degrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.motion import MIRROR_Z
from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.series import TiltSeries

Floats = NDArray[np.float64]
Kind: TypeAlias = Literal["same", "turned", "mirrored", "mirrored and turned"]

#: M of each kind of relation.
KINDS: dict[Kind, Floats] = {
    "same": np.eye(3),
    "turned": np.diag([-1.0, -1.0, 1.0]),
    "mirrored": MIRROR_Z,
    "mirrored and turned": -np.eye(3),
}
#: Degrees: tomograms turned by less lie alike, tilts apart by more (rms) are not the same ones.
SAME_TURN, SAME_TILTS = 0.1, 2.0
#: A tomogram seen only from directions nearer than this to one plane has no hand in its images:
#: the least singular value of all rows of P, per tilt.
_LEAST_SPREAD = 0.02
#: Radians: where the search for a turn in the plane ends.
_FINEST = 1e-9
_PROBES = np.array([-60.0, -35.0, -10.0, 0.0, 15.0, 40.0, 60.0])


@dataclass(frozen=True, eq=False)
class Relation:
    """How the second of two tomograms of the same images lies to the first: ``X2 = M X1``.

    Attributes
    ----------
    matrix
        M (3, 3).
    kind
        Which of `KINDS` is nearest to M.
    rest
        Degrees of the rotation that is left beside that.
    axis_difference
        e, degrees: how far the second axis is turned from the first, in (-90, 90], where a turn of
        180 degrees counts as none.
    misfit
        (N,) degrees, per tilt, that neither M nor e explains.
    """

    matrix: Floats
    kind: Kind
    rest: float
    axis_difference: float
    misfit: Floats

    @property
    def mirrors(self) -> bool:
        """Whether the tomograms have different hands."""
        return bool(np.linalg.det(self.matrix) < 0)

    @property
    def rms(self) -> float:
        """Of `misfit`."""
        return float(np.sqrt(np.mean(self.misfit**2)))

    @property
    def fits(self) -> bool:
        """Whether M and e explain the tilts: they may be of the same images."""
        return self.rms <= SAME_TILTS

    @property
    def turns_further(self) -> bool:
        """Whether M is none of `KINDS`, but turned against it."""
        return self.rest > SAME_TURN


@dataclass(frozen=True, eq=False)
class Combination:
    """What a package makes of the same axis, or that turned by 180°, and angles, or these negated.

    `relation` is from the tomogram of the series to that of the package.
    """

    package: str
    axis: float
    turned_axis: bool
    negated: bool
    relation: Relation


def is_determined(matrices: Floats) -> bool:
    """Whether tilts P (N, 3, 3) are different enough to tell a tomogram from its mirror image."""
    rows = matrices[:, :2].reshape(-1, 3)
    least = np.linalg.eigvalsh(rows.T @ rows)[0]
    return bool(least > len(matrices) * _LEAST_SPREAD**2)


def relate(first: Floats, second: Floats) -> Relation:
    """The relation of two descriptions P (N, 3, 3) of the same tilts.

    Raises `ValueError` where these do not tell (see `is_determined`).
    """
    if not (is_determined(first) and is_determined(second)):
        raise ValueError("the tilts are too much alike to tell a tomogram from its mirror image")
    difference = _axis_difference(*_correlation(first, second))
    turned = _about_z(difference) @ first
    u, _, vt = np.linalg.svd(np.einsum("nai,naj->ij", second[:, :2], turned[:, :2]))
    matrix = u @ vt
    kind = _nearest(matrix)
    rest = _angles((KINDS[kind].T @ matrix)[None])[0]
    misfit = _angles(_proper(second @ matrix) @ turned.transpose(0, 2, 1))
    return Relation(matrix, kind, float(rest), difference, misfit)


def combinations(series: TiltSeries) -> list[Combination]:
    """Every package's tomogram of a series, for both axes and both signs of the angles.

    They are properties of the conventions alone: found at tilts and an axis of their own.
    """
    found = []
    for name, turned, negated in product(PACKAGES, (False, True), (False, True)):
        axis = _half_turns(series.axis + (180.0 if turned else 0.0))
        relation = _of_conventions(series.package, name, turned, negated)
        found.append(Combination(name, axis, turned, negated, relation))
    return found


@cache
def _of_conventions(first: str, second: str, turned: bool, negated: bool) -> Relation:
    """From what a package makes of some tilts to what another makes of them, the axis turned by
    180 degrees or the angles negated: a turn of both in the image, by the axis, changes nothing."""
    own = PACKAGES[first].matrices(_PROBES, 0.0)
    axis = 180.0 if turned else 0.0
    return relate(own, PACKAGES[second].matrices(-_PROBES if negated else _PROBES, axis))


def as_package(series: TiltSeries, package: str) -> Relation:
    """From the tomogram of a series to what `package` makes of the same axis and angles."""
    return next(
        c.relation
        for c in combinations(series)
        if c.package == package and not (c.turned_axis or c.negated)
    )


def _correlation(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """B and K of ``C(e) = cos(e) B + sin(e) K``, (3, 3) each."""
    quarter = np.stack([-first[:, 1], first[:, 0]], axis=1)
    b: Floats = np.einsum("nai,naj->ij", second[:, :2], first[:, :2])
    k: Floats = np.einsum("nai,naj->ij", second[:, :2], quarter)
    return b, k


def _axis_difference(b: Floats, k: Floats) -> float:
    """e in degrees, by a search over half a turn and a refinement; 0 wherever it is as good."""

    def fit(radians: Floats | float) -> Floats:
        turned = np.multiply.outer(np.cos(radians), b) + np.multiply.outer(np.sin(radians), k)
        values: Floats = np.linalg.svd(turned, compute_uv=False).sum(axis=-1)
        return values

    found, reach = 0.0, np.radians(90.0)
    while reach > _FINEST:
        grid = found + np.linspace(-reach, reach, 181)
        found = float(grid[fit(grid).argmax()])
        reach /= 30.0
    if fit(0.0) >= fit(found) * (1.0 - 1e-14):
        found = 0.0
    return float(-((90.0 - np.degrees(found)) % 180.0 - 90.0)) + 0.0


def _nearest(matrix: Floats) -> Kind:
    """The kind of the same determinant that is least rotated from M."""
    alike = [name for name, own in KINDS.items() if np.linalg.det(own) * np.linalg.det(matrix) > 0]
    return max(alike, key=lambda name: float(np.trace(KINDS[name].T @ matrix)))


def _about_z(degrees: float) -> Floats:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _proper(matrices: Floats) -> Floats:
    """Those that mirror with their depth turned round: their images are the same."""
    flipped = matrices.copy()
    flipped[np.linalg.det(matrices) < 0, 2] *= -1.0
    return flipped


def _angles(matrices: Floats) -> Floats:
    """Degrees of rotations (N, 3, 3)."""
    q = np.abs(rotation.from_matrix(matrices))
    found: Floats = 2.0 * np.degrees(np.arctan2(np.linalg.norm(q[:, 1:], axis=1), q[:, 0]))
    return found


def _half_turns(degrees: float) -> float:
    return float(180.0 - (180.0 - degrees) % 360.0)
