"""Which setting of a point group fits poses that a program has folded to one asymmetric unit.

RELION searches one asymmetric unit alone, so the views of its refinements lie there and tell the
setting. Its units are those of ``HealpixSampling::removeSymmetryEquivalentPointsGeometric``
(``src/healpix_sampling.cpp``), which are not those of `PointGroup.fold`. Views that are spread over
all units (cryoSPARC's are) tell nothing here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenview.core import convention, rotation
from evenview.core.settings import turn_between
from evenview.core.symmetry import PointGroup, parse_group

Array = NDArray[np.float64]

#: Local searches leave the unit by a few degrees; views within so many count as inside.
MARGIN = 5.0
#: A setting is suggested that holds more of the views than this, and each other less than that.
NEARLY_ALL, CLEARLY_FEWER = 0.99, 0.90

_I_TILT = 31.7174745559
_I2 = np.array([(0.0, 1.0, 0.0), (-0.5, -0.80901699, 0.30901699), (0.5, -0.80901699, 0.30901699)])
_I4 = np.array(
    [
        (0.0, 0.0, -1.0),
        (-0.18759247, 0.30353099, 0.49112348),
        (-0.18759247, -0.30353099, 0.49112348),
    ]
)
_T = np.array([(-1.0, 0.0, 0.0), (0.471405, 0.272165, 0.7698), (0.471404, 0.816497, 0.0)])


@dataclass(frozen=True)
class SettingHint:
    """What the views say of the settings of a group.

    Attributes
    ----------
    shares
        The part of the views, 0 to 1, in RELION's asymmetric unit of each setting.
    suggested
        The setting that fits, where exactly one does.
    """

    shares: dict[str, float]
    suggested: str | None

    @property
    def words(self) -> str:
        """One sentence or two."""
        if len(self.shares) < 2:
            return "It has one setting alone."
        told = ", ".join(f"{name} {share:.1%}" for name, share in self.shares.items())
        inside = f"Views in RELION's asymmetric unit: {told}."
        if self.suggested:
            return f"{inside} If RELION folded them, that fits {self.suggested}."
        return f"{inside} The setting cannot be told from them."

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"shares": self.shares, "suggested": self.suggested, "words": self.words}


def suggest_setting(directions: ArrayLike, group: PointGroup) -> SettingHint:
    """The setting of a group that fits the views of a refinement.

    Parameters
    ----------
    directions
        (N, 3) views in the map's frame, as stored; rows of NaN do not count.
    group
        In any of its settings.
    """
    v = np.asarray(directions, dtype=np.float64)
    v = v[np.isfinite(v).all(axis=1)]
    shares = {name: _share(v, relion_unit(parse_group(name))) for name in _settings(group)}
    fitting = [name for name, share in shares.items() if share > NEARLY_ALL]
    others = [share for share in shares.values() if share <= NEARLY_ALL]
    one = len(fitting) == 1 and len(shares) > 1 and all(share < CLEARLY_FEWER for share in others)
    return SettingHint(shares, fitting[0] if one else None)


def relion_unit(group: PointGroup) -> Array:
    """(K, 3) unit vectors p: views with ``p v >= 0`` for all are in RELION's unit of a setting.

    Of a setting that RELION does not know: where its unit goes when the map is turned there
    (`turn_between`). Groups without a second setting have none here: (0, 3).
    """
    planes = _planes(group)
    lengths = np.linalg.norm(planes, axis=1, keepdims=True)
    return planes / lengths if len(planes) else planes


def _planes(group: PointGroup) -> Array:
    if len(_settings(group)) < 2:
        return np.empty((0, 3))
    if group.name[0] == "I":
        return _icosahedral(group.name)
    n = group.order // 2
    relion, planes = ("T", _T) if group.name[0] == "T" else (f"D{n}", _lune(n))
    return planes @ turn_between(parse_group(relion), group).matrix.T


def _settings(group: PointGroup) -> tuple[str, ...]:
    """The names of all settings of a group that differ."""
    n = group.order // 2
    if group.name[0] == "D" and n % 2:
        return f"D{n}", f"D{n}y"
    others = {"T": ("T", "T-eman", "T222"), "I": ("I1", "I2", "I3", "I4")}
    return others.get(group.name[0], (group.name,))


def _lune(n: int) -> Array:
    """Dn: v_z >= 0, azimuth within 180°/n of 90°."""
    up = [(0.0, 0.0, 1.0)]
    if n == 1:
        return np.array(up)
    half = math.pi / n
    sides = [(sign * math.cos(half), math.sin(half), 0.0) for sign in (1.0, -1.0)]
    return np.array(up + sides)


def _icosahedral(name: str) -> Array:
    planes = _I4 if name == "I4" else _I2
    tilt = {"I1": 90.0, "I2": 0.0, "I3": _I_TILT, "I4": -_I_TILT}[name]
    euler = convention.relion_to_quaternions([0.0], [tilt], [0.0])
    turned: Array = planes @ rotation.to_matrix(euler)[0].T
    return turned


def _share(v: Array, planes: Array) -> float:
    if not len(v):
        return 0.0
    inside = (v @ planes.T >= -math.sin(math.radians(MARGIN))).all(axis=1)
    return float(np.count_nonzero(inside) / len(v))
