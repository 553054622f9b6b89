"""What to draw of a tilted specimen: points and lines, without any colours or widths.

The frame is the image's x and y and, as z, the depth; the specimen is one unit wide, and its middle
is at 0. z is drawn upwards. The beam comes from the side that is less underfocused, where that is
known: an underfocused lens is too weak, and has in focus what is farther from it, nearer to the
source.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core.tilt.packages import PACKAGES, across_axis

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_THICKNESS = 0.12
_REACH = 0.85
_ARC_POINTS = 25
_FLAT = 0.5  # degrees: no side of a specimen tilted by less has less defocus

_CORNERS = np.array(list(product((-0.5, 0.5), repeat=3))) * (1.0, 1.0, _THICKNESS)
#: Pairs of the corners of a slab (12, 2) that an edge joins.
EDGES: Whole = np.array([(i, j) for i in range(8) for j in range(i + 1, 8) if (i ^ j) in (1, 2, 4)])


@dataclass(frozen=True, eq=False)
class TiltDrawing:
    """A specimen at one tilt.

    Attributes
    ----------
    slab, flat
        (8, 3) corners, joined by `EDGES`: tilted, and at tilt 0.
    beam
        (3,) unit vector along which the beam travels; None where the hand is not known.
    arc
        (K, 3) how the right edge moves from tilt 0 to this tilt; its last step is the arrow.
    right, left
        (3,) middles of the edges to the right and to the left of the axis.
    less, more
        (3,) the one of these that is less underfocused (nearer to focus), and the other; None at
        tilt 0, and where the hand is not known.
    image_axis
        (2, 2) ends of the tilt axis in the image; its depth is 0.
    image_right
        (2,) unit vector in the image to the right of the axis.
    side_view
        (4, 2) the slab seen along the axis: across the axis (right is positive) and depth.
    """

    slab: Floats
    flat: Floats
    beam: Floats | None
    arc: Floats
    right: Floats
    left: Floats
    less: Floats | None
    more: Floats | None
    image_axis: Floats
    image_right: Floats
    side_view: Floats

    @property
    def less_side(self) -> Literal["right", "left"] | None:
        """Which side is less underfocused; None where neither is, or that is not known."""
        if self.less is None:
            return None
        return "right" if np.array_equal(self.less, self.right) else "left"


def drawing(
    package: str, angle: float, axis: float, x_tilt: float = 0.0, depth_sign: int | None = None
) -> TiltDrawing:
    """What to draw of a tilt in a package's convention, degrees.

    Parameters
    ----------
    package
        A key of `PACKAGES`.
    depth_sign
        h of `core.tilt.hand` in this package's geometry, where it is known.
    """
    steps = np.linspace(0.0, 1.0, _ARC_POINTS)
    described = PACKAGES[package]
    moving = described.matrices(steps * angle, axis, steps * x_tilt)
    flat, tilted = moving[0], moving[-1]
    edge, along = np.array([0.5, 0.0, 0.0]), np.array([0.0, _REACH, 0.0])
    right = tilted @ edge
    less = more = None
    if depth_sign is not None and abs(angle) > _FLAT:
        less, more = (-right, right) if depth_sign * right[2] > 0 else (right, -right)
    ends = np.array([-along, along])
    across = across_axis(axis)[0]
    profile = _CORNERS[[0, 1, 5, 4]] * (1.0, 0.0, 1.0)
    seen = profile @ tilted.T
    return TiltDrawing(
        slab=_CORNERS @ tilted.T,
        flat=_CORNERS @ flat.T,
        beam=None if depth_sign is None else np.array([0.0, 0.0, float(depth_sign)]),
        arc=moving @ edge,
        right=right,
        left=-right,
        less=less,
        more=more,
        image_axis=(ends @ flat.T)[:, :2],
        image_right=across,
        side_view=np.column_stack([seen[:, :2] @ across, seen[:, 2]]),
    )
