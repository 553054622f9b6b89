"""EMAN2's Transform in the spellings of its files, and the rotation A that each means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention, rotation
from evenview.formats.matrices import TOLERANCE, orthogonal

Floats = NDArray[np.float64]

PROJECTION, ALIGN3D = TRANSFORMS = ("xform.projection", "xform.align3d")

_CALL = re.compile(r"\s*Transform\((.*)\)\s*", re.DOTALL)
_PAIR = re.compile(r"""\s*(?:'(\w+)'|"(\w+)")\s*:\s*('\w*'|"\w*"|[-+.\w]+)\s*(?:,|$)""")
_LONGEST = 4096
#: How far from 1 the scale of a rounded matrix may be.
_ROUNDING = 1e-4

#: Angles that are RELION's rot, tilt, psi or EMAN2's az, alt, phi by another name.
_RELION = {"spider": ("phi", "theta", "psi"), "mrc": ("phi", "theta", "omega")}
_EMAN = {"eman": ("az", "alt", "phi"), "imagic": ("alpha", "beta", "gamma")}
_MATRIX = tuple(f"m{i}{j}" for i in (1, 2, 3) for j in (1, 2, 3))
_SHIFT = ("tx", "ty", "tz")
_QUATERNION = ("e0", "e1", "e2", "e3")
#: An angle in degrees and the axis it turns about.
_SPIN = {"spin": ("omega", "n1", "n2", "n3"), "sgirot": ("q", "n1", "n2", "n3")}


class NotATransformError(ValueError):
    """A text that was to be a Transform and is none, said in words."""


def matrix_of(value: Any) -> Floats:
    """The matrix (3, 4) of a Transform: JSON's object with twelve numbers, or a legacy text."""
    if isinstance(value, str):
        return _of_call(value)
    if not isinstance(value, Mapping) or value.get("__class__") != "Transform":
        raise NotATransformError("this is not a Transform with a matrix")
    return _of_list(value.get("matrix"))


def _of_list(matrix: Any) -> Floats:
    """Twelve numbers in row-major order, in a list or in the text of one."""
    parts = matrix.strip("[] ").split(",") if isinstance(matrix, str) else matrix
    try:
        numbers = np.array([float(part) for part in parts])
    except (TypeError, ValueError, OverflowError):
        numbers = np.empty(0)
    if numbers.size != 12:
        raise NotATransformError("the matrix of a Transform is not twelve numbers")
    return numbers.reshape(3, 4)


def _of_call(text: str) -> Floats:
    """``Transform({...})`` as older EMAN2s wrote it; read, never run."""
    call = _CALL.fullmatch(text[:_LONGEST])
    if call is None:
        raise NotATransformError("the transform is neither JSON nor Transform({...})")
    inside = call[1].strip()
    if inside.startswith("[") and inside.endswith("]"):
        return _of_list(inside)
    return _of_parameters(_parameters(inside))


def _parameters(inside: str) -> dict[str, str | float]:
    """Names and values between braces: numbers and plain words, nothing else."""
    body = inside.removeprefix("{").removesuffix("}").strip()
    if len(inside) < 2 or inside[0] + inside[-1] != "{}":
        raise NotATransformError("a Transform has its parameters in braces")
    found: dict[str, str | float] = {}
    at = 0
    while at < len(body):
        pair = _PAIR.match(body, at)
        if pair is None:
            raise NotATransformError("a parameter of a Transform is neither a number nor a word")
        found[pair[1] or pair[2]] = _plain(pair[3])
        at = pair.end()
    return found


def _plain(text: str) -> str | float:
    if text[0] in "'\"":
        return text[1:-1]
    value = {"True": 1.0, "False": 0.0}.get(text)
    try:
        return float(text) if value is None else value
    except ValueError:
        raise NotATransformError(f'"{text[:40]}" in a Transform is not a number') from None


def _of_parameters(found: Mapping[str, str | float]) -> Floats:
    kind = found.get("type", "matrix" if "m11" in found else "eman")
    shift = [_number(found, name, 0.0) for name in _SHIFT]
    if kind == "matrix":  # scale and mirror are in it
        matrix = np.column_stack([_angles(found, _MATRIX).reshape(3, 3), np.zeros(3)])
        mirrored = bool(np.linalg.det(matrix[:, :3]) < 0)
        return matrix + _moved(np.zeros((3, 3)), shift, mirrored)
    turn = rotation.to_matrix(_quaternions(str(kind), found))[0] * _number(found, "scale", 1.0)
    return _moved(turn, shift, bool(_number(found, "mirror", 0.0)))


def _moved(turn: Floats, shift: list[float], mirrored: bool) -> Floats:
    """The matrix (3, 4) of a turn and a shift, both mirrored if so (``Transform::set_params``)."""
    matrix = np.column_stack([turn, shift])
    return convention.eman_mirrored(matrix) if mirrored else matrix


def _quaternions(kind: str, found: Mapping[str, str | float]) -> Floats:
    if kind in _RELION:
        return convention.relion_to_quaternions(*_angles(found, _RELION[kind]))
    if kind in _EMAN:
        return convention.eman_to_quaternions(*_angles(found, _EMAN[kind]))
    if kind in _SPIN:
        angle, *axis = _angles(found, _SPIN[kind])
        return convention.cryosparc_to_quaternions(np.radians(angle) * np.transpose(axis))
    if kind == "quaternion":
        return convention.eman_quaternion_to_quaternions(_angles(found, _QUATERNION).T)
    raise NotATransformError(f'a Transform of type "{kind[:40]}" is not read here')


def _angles(found: Mapping[str, str | float], names: tuple[str, ...]) -> Floats:
    return np.array([[_number(found, name, 0.0)] for name in names])


def _number(found: Mapping[str, str | float], name: str, default: float) -> float:
    value = found.get(name, default)
    if isinstance(value, str):
        raise NotATransformError(f"{name} in a Transform is not a number")
    return value


@dataclass(frozen=True, eq=False)
class Poses:
    """What the matrices of N particles mean.

    Attributes
    ----------
    quaternions
        (N, 4) of A; NaN where there is no matrix, or no rotation in it.
    origins
        (N, 2), of subtomograms (N, 3), pixels, with RELION's sign.
    wrong
        (N,) whose matrix is no rotation.
    scales, mirrored
        (N,) what else is in the matrix, so that it can be written again.
    """

    quaternions: Floats
    origins: Floats
    wrong: NDArray[np.bool_]
    scales: Floats
    mirrored: NDArray[np.bool_]

    @classmethod
    def empty(cls, n: int, key: str) -> Poses:
        """Room for `n` of a key."""
        return cls(
            np.empty((n, 4)),
            np.empty((n, 3 if key == ALIGN3D else 2)),
            np.empty(n, np.bool_),
            np.empty(n),
            np.empty(n, np.bool_),
        )

    def of_rows(self, rows: slice) -> Poses:
        """Those of some rows."""
        return Poses(*(getattr(self, field.name)[rows] for field in fields(self)))

    def put(self, rows: slice, other: Poses) -> None:
        """Put others in the place of some rows."""
        for field in fields(self):
            getattr(self, field.name)[rows] = getattr(other, field.name)


def poses(matrices: Floats, key: str) -> Poses:
    """The poses that matrices (N, 3, 4) under a key mean; a scale is taken out of them."""
    m = np.array(matrices)
    absent = np.isnan(m).any(axis=(1, 2))
    with np.errstate(all="ignore"):
        sizes = np.linalg.det(m[:, :, :3])
        scales = np.cbrt(np.abs(sizes))[:, None, None]
        m[:, :, :3] /= scales
        if key == ALIGN3D:  # it scales the subtomogram, whose pixels count
            m[:, :, 3:] /= scales
    m[:, :, :3], distances = orthogonal(m[:, :, :3])
    mirrored = sizes < 0
    wrong = ~absent & ~(distances < TOLERANCE)
    if key == ALIGN3D:
        wrong |= mirrored
    m[wrong | absent] = np.nan
    convert = (
        convention.eman_align3d_to_poses if key == ALIGN3D else convention.eman_projection_to_poses
    )
    return Poses(*convert(m), wrong, scales[:, 0, 0], mirrored)


def matrices_of(
    quaternions: Floats, origins: Floats, key: str, like: Poses | None = None
) -> Floats:
    """The matrices (N, 3, 4) of poses, origins in pixels; `like` says which scale and mirror."""
    if key == ALIGN3D:
        matrices = convention.poses_to_eman_align3d(quaternions, origins)
        return matrices if like is None else matrices * _scales(like)
    mirrored = False if like is None else like.mirrored
    matrices = convention.poses_to_eman_projection(quaternions, origins, mirrored)
    if like is not None:
        matrices[:, :, :3] *= _scales(like)
    return matrices


def _scales(poses: Poses) -> Floats:
    """(N, 1, 1): 1 where a scale is nothing but the rounding of a matrix."""
    scales = np.where(np.abs(poses.scales - 1.0) < _ROUNDING, 1.0, poses.scales)
    return scales[:, None, None]
