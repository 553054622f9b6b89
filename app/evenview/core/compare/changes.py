"""What may have happened to poses besides a turn of the map: images mirrored, angles misread.

Each change is done to the poses of one of two files, before the frame is fitted. A mirror of the
map in z, ``D A D`` with D = diag(1, 1, -1), comes on top of it (`mirrored`). These are one and the
same thing for poses: an image turned by 180° in its plane and the map inverted; an image mirrored
in x, and one mirrored in y of a map that is inverted. A turn of the images in their plane by any
other angle comes on top of some of them (`with_offset`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention, rotation
from evenview.core.motion import Motion

Array = NDArray[np.float64]
Plane = tuple[tuple[float, float], tuple[float, float]]

#: Degrees, as read: no angle in radians is larger (two turns), and few that are in degrees are not.
_RADIANS = 12.6
_MIRROR = np.array([1.0, -1.0, -1.0, 1.0])


@dataclass(frozen=True)
class Change:
    """A change of the poses of the file `of`.

    Attributes
    ----------
    kind
        For machines: "image y flip".
    words
        For people, after "B is A": what the change says of the two files.
    apply
        New quaternions (N, 4) of old.
    plane
        (2, 2), what it does to shifts in the image's plane.
    may_be_offset
        Whether all images may be turned in their plane besides.
    offset
        Degrees, from x towards y: how far they are.
    bare
        The change without the offset, None where there is none.
    """

    kind: str
    words: str
    of: Literal["A", "B"]
    apply: Callable[[Array], Array]
    plane: Plane = ((1.0, 0.0), (0.0, 1.0))
    may_be_offset: bool = False
    offset: float = 0.0
    bare: Change | None = None


def with_offset(change: Change, degrees: float, near: float = 0.0) -> Change:
    """A change after which all images are turned in their plane by so many degrees in all.

    Parameters
    ----------
    near
        An offset this near to a multiple of 90° is taken for that.
    """
    bare = change.bare or change
    quarter = 90.0 * round(degrees / 90.0)
    degrees = (quarter if abs(degrees - quarter) <= near else degrees) % 360.0
    degrees -= 360.0 * (degrees > 180.0)
    if degrees == 0.0:
        return bare
    turn = rotation.from_axis_angle([[0.0, 0.0, 1.0]], [degrees])[0]
    (xx, xy), (yx, yy) = (rotation.to_matrix(turn)[:2, :2] @ np.array(bare.plane)).tolist()
    return replace(
        bare,
        kind=", ".join(filter(None, (bare.kind if bare is not NONE else "", "in-plane offset"))),
        words=_offset_words(bare, degrees),
        apply=lambda q: rotation.compose(turn, bare.apply(q)),
        plane=((xx, xy), (yx, yy)),
        offset=degrees,
        bare=bare,
    )


def _offset_words(bare: Change, degrees: float) -> str:
    if bare is FLIP_Y and degrees == 90.0:
        return "with x and y of the images exchanged (rows for columns)"
    size = f"{degrees:.2f}".removesuffix(".00").replace("-", "\N{MINUS SIGN}")
    return f"{bare.words}{', ' * bool(bare.words)}with an in-plane offset of {size}°"


def _image(flip: Literal["x", "y"]) -> Callable[[Array], Array]:
    return lambda q: Motion(flip=flip).apply(q, None)[0]


def from_radians(q: Array) -> Array:
    """Rotations (N, 4) whose RELION angles were in radians and read as degrees."""
    return convention.relion_to_quaternions(*(np.degrees(_as_read(q)).T))


def may_be_radians(q: Array) -> bool:
    """Whether all RELION angles of rotations (N, 4), as read in degrees, are that small."""
    angles = _as_read(q)
    angles = angles[np.isfinite(angles).all(axis=1)]
    return bool(len(angles)) and float(np.abs(angles).max()) <= _RADIANS


def _as_read(q: Array) -> Array:
    """RELION angles (N, 3) in the branch, of tilt and of -tilt, that has the smaller ones."""
    rot, tilt, psi = convention.quaternions_to_relion(q, pole=convention.POLE).T
    other = np.abs(rot) > 90.0
    half = np.where(other, 180.0, 0.0)
    return np.column_stack(
        [
            rot - np.copysign(half, rot),
            np.where(other, -tilt, tilt),
            psi - np.copysign(half, psi),
        ]
    )


def mirrored(q: Array) -> Array:
    """``D A D`` of rotations A (N, 4): the poses in the map mirrored in z."""
    turned: Array = q * _MIRROR
    return turned


NONE = Change("none", "", "A", lambda q: q, may_be_offset=True)
FLIP_Y = Change(
    "image y flip",
    "after an image y-flip",
    "A",
    _image("y"),
    ((1, 0), (0, -1)),
    may_be_offset=True,
)
FLIP_X = Change(
    "image x flip",
    "after an image x-flip",
    "A",
    _image("x"),
    ((-1, 0), (0, 1)),
    may_be_offset=True,
)
TRANSPOSED = (
    Change(
        "transposed B",
        "with transposed angles (inverse rotations): those of B stand for the inverse",
        "B",
        rotation.invert,
    ),
    Change(
        "transposed A",
        "with transposed angles (inverse rotations): those of A stand for the inverse",
        "A",
        rotation.invert,
    ),
)
RADIANS = (
    Change(
        "radians B", "but the units are radians: B's angles, read as degrees", "B", from_radians
    ),
    Change(
        "radians A", "but the units are radians: A's angles, read as degrees", "A", from_radians
    ),
)

#: What images of each are, once they are turned by 180° in their plane as well.
_HALF_TURNED = ((NONE, NONE, 180.0), (FLIP_Y, FLIP_X, 0.0), (FLIP_X, FLIP_Y, 0.0))


def half_turned(change: Change) -> Change | None:
    """The change after which all images are turned in their plane by a further 180°.

    None for those that are not of images.
    """
    for bare, other, degrees in _HALF_TURNED:
        if (change.bare or change) is bare:
            return with_offset(other, change.offset + degrees)
    return None
