"""Which package means which setting of a point group, and the turn from one setting to another.

Packages call different sets of operators by one name: T is three sets, D7 two. The rows of
`PACKAGES` were found by comparing the operators that each package gives
(``SymList::fill_symmetry_class`` of RELION and Xmipp, ``symmetry.cpp`` of EMAN2,
``symmetry_matrix.cpp`` of cisTEM, ``convert/symmetry.py`` of Scipion's pwem, ASPIRE), and for
cryoSPARC the generators that its developers have stated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenview.core import axes, rotation
from evenview.core.errors import UserError
from evenview.core.symmetry import PointGroup, parse_group

Array = NDArray[np.float64]

#: Turns that differ by less, in degrees or in an element of a matrix, are the same.
_SAME = 1e-9


class Means(NamedTuple):
    """A package's name of a group, and ours; "Dn" stands for every n."""

    name: str
    group: str


@dataclass(frozen=True)
class Package:
    """The groups that a package knows, by its own names."""

    title: str
    groups: tuple[Means, ...]
    remark: str = ""


def _groups(**names: str) -> tuple[Means, ...]:
    return tuple(Means(name, group) for name, group in names.items())


PACKAGES = {
    "relion": Package(
        "RELION, Xmipp",
        _groups(Cn="Cn", Dn="Dn", T="T", O="O", I="I2", I1="I1", I2="I2", I3="I3", I4="I4"),
    ),
    "cryosparc": Package(
        "cryoSPARC",
        _groups(Cn="Cn", Dn="Dny", T="T", O="O", I1="I1", I2="I2"),
        "stated by its developers; Scipion takes its T for T222",
    ),
    "cistem": Package(
        "cisTEM", _groups(Cn="Cn", Dn="Dn", T="T222", T2="T", O="O", I="I1", I2="I2")
    ),
    "eman": Package(
        "EMAN2",
        _groups(cn="Cn", dn="Dn", tet="T-eman", oct="O", icos="I4", icos5="I4", icos2="I1"),
    ),
    "aspire": Package("ASPIRE", _groups(Cn="Cn", Dn="Dn", T="T222", O="O", I="I1")),
    "scipion": Package(
        "Scipion",
        _groups(
            Cn="Cn",
            Dxn="Dn",
            Dyn="Dny",
            T222="T222",
            Tz3="T",
            Tz3r="T-eman",
            O="O",
            I222="I1",
            I222r="I2",
            In25="I3",
            In25r="I4",
        ),
    ),
}


def group_of(package: str, name: str) -> PointGroup:
    """What a package means by the name of a group.

    Parameters
    ----------
    package
        A key of `PACKAGES`.
    name
        As the package spells it, in any case: "D7", "tet".

    Raises
    ------
    UserError
        The package is not in the table or has no such group.
    """
    if package not in PACKAGES:
        raise UserError(
            f'the point groups of "{package}" are not known',
            hint=f"Known are {', '.join(PACKAGES)}.",
        )
    wanted = name.strip().lower()
    number = re.search(r"\d+$", wanted)
    for means in PACKAGES[package].groups:
        if means.name.lower() == wanted:
            return parse_group(means.group)
        if number and means.group[1:2] == "n" and _ring(means.name, number[0]) == wanted:
            return parse_group(means.group.replace("n", number[0]))
    known = ", ".join(means.name for means in PACKAGES[package].groups)
    raise UserError(
        f'{PACKAGES[package].title} has no point group "{name}"', hint=f"It has {known}."
    )


def _ring(pattern: str, number: str) -> str:
    return pattern.lower().removesuffix("n") + number


@dataclass(frozen=True, eq=False)
class SettingTurn:
    """How a map is turned from one setting to another: ``r_new = matrix r_old``."""

    matrix: Array
    axis: Array
    angle: float

    @property
    def words(self) -> str:
        """By how much and about what."""
        if self.angle == 0.0:
            return "no turn"
        x, y, z = self.axis.tolist()
        for end, letter in zip(np.eye(3), "XYZ", strict=True):
            if np.array_equal(np.abs(self.axis), end):
                return f"{self.angle * (x + y + z):.6g}° about {letter}"
        return f"{self.angle:.6g}° about ({x:.4f}, {y:.4f}, {z:.4f})"


def turn_between(old: PointGroup, new: PointGroup) -> SettingTurn:
    """The simplest turn G of a map that takes the operators S of one setting to another's.

    ``G S G^T`` runs through the new operators as S does through the old; poses become ``A G^T``. Of
    all such turns a quarter or half turn about Z, X or Y is chosen (it moves voxels onto voxels),
    else one about Z, else the smallest.

    Raises
    ------
    UserError
        The two are not settings of one group.
    """
    if _kind(old) != _kind(new):
        raise UserError(
            f"{old.name} and {new.name} are different groups, not settings of one",
            hint="No turn takes the one to the other.",
        )
    first = new.setting.unit_frame.T @ old.setting.unit_frame
    turns = first @ _normalizer(old)
    vectors, angles = rotation.to_axis_angle(rotation.from_matrix(turns))
    best = min(range(len(turns)), key=lambda i: _roughness(turns[i], vectors[i], float(angles[i])))
    return _tidy(vectors[best], float(angles[best]))


def _kind(group: PointGroup) -> tuple[str, int]:
    return group.name[0], group.order


def _normalizer(group: PointGroup) -> Array:
    """Turns that take a group to itself: T's are those of O, Dn's those of D2n."""
    frame = group.setting.unit_frame
    more = {"T": _quarter, "D": _half_step}.get(group.name[0])
    turns = group.matrices
    if more is None:
        return turns
    return np.concatenate([turns, turns @ more(group, frame)])


def _quarter(group: PointGroup, _frame: Array) -> Array:
    twofold = next(axis for axis in group.axes if axis.order == 2)
    return axes.turn(twofold.direction, 1, 4)


def _half_step(group: PointGroup, frame: Array) -> Array:
    return axes.turn(frame[0], 1, group.order)


def _roughness(turn: Array, axis: Array, angle: float) -> tuple[int, float, tuple[float, ...]]:
    """Small for turns that people would choose; the sense of the axis ends a tie."""
    on_voxels = np.abs(turn - np.round(turn)).max() < _SAME
    along = np.abs(axis).max() > 1.0 - _SAME
    about_z = abs(axis[2]) > 1.0 - _SAME
    ranks = (angle < _SAME, on_voxels and about_z, on_voxels and along, about_z, True)
    return ranks.index(True), round(angle, 9), tuple((-np.round(axis, 9)).tolist())


def _tidy(axis: Array, angle: float) -> SettingTurn:
    """The turn without the rounding of its search, where it is by whole degrees about X, Y or Z."""
    degrees = round(angle)
    if degrees == 0:
        return SettingTurn(np.eye(3), np.array([0.0, 0.0, 1.0]), 0.0)
    near = np.round(axis) + 0.0
    axis = near if np.abs(axis - near).max() < _SAME else axis
    if axis is near and abs(angle - degrees) < _SAME:
        return SettingTurn(axes.turn(axis, degrees, 360), axis, float(degrees))
    matrix = rotation.to_matrix(rotation.from_axis_angle(axis[None], [angle]))[0]
    return SettingTurn(matrix, axis, angle)
