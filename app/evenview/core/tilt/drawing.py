"""What to draw of a tilted specimen: points and lines, without any colours or widths.

The frame is the image's x and y and, as z, the depth; the specimen is one unit wide, and its middle
is at 0. z is drawn upwards. Which way the beam travels along z no file says, and nothing here
depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from evenview.core.tilt.packages import PACKAGES, across_axis
from evenview.core.tilt.series import TiltSeries

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_THICKNESS = 0.12
_REACH = 0.85
_ARC_POINTS = 25
_FLAT = 0.5  # degrees: no side of a specimen tilted by less is nearer to focus

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
    axis
        (2, 3) ends of the tilt axis.
    beam
        (2, 3) ends of a line along the beam through the middle.
    arc
        (K, 3) how the right edge moves from tilt 0 to this tilt; its last step is the arrow.
    right, left
        (3,) middles of the edges to the right and to the left of the axis.
    nearer, farther
        (3,) the one of these that is nearer to focus (less underfocused), and the other; None at
        tilt 0, and where the hand is not known.
    image
        (4, 2) corners of the image.
    image_axis
        (2, 2) the axis in the image.
    image_right
        (2,) unit vector in the image to the right of the axis.
    side_view
        (4, 2) the slab seen along the axis: across the axis (right is positive) and depth.
    """

    slab: Floats
    flat: Floats
    axis: Floats
    beam: Floats
    arc: Floats
    right: Floats
    left: Floats
    nearer: Floats | None
    farther: Floats | None
    image: Floats
    image_axis: Floats
    image_right: Floats
    side_view: Floats


def drawing_of(series: TiltSeries, tilt: int, depth_sign: int | None = None) -> TiltDrawing:
    """What to draw of one tilt of a series, by its place from 0; see `drawing`."""
    angle, axis, x_tilt = (float(a[tilt]) for a in (series.angles, series.axes, series.x_tilts))
    return drawing(series.package, angle, axis, x_tilt, depth_sign)


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
    nearer = farther = None
    if depth_sign is not None and abs(angle) > _FLAT:
        nearer, farther = (-right, right) if depth_sign * right[2] > 0 else (right, -right)
    ends = np.array([-along, along])
    across = across_axis(axis)[0]
    profile = _CORNERS[[0, 1, 5, 4]] * (1.0, 0.0, 1.0)
    seen = profile @ tilted.T
    return TiltDrawing(
        slab=_CORNERS @ tilted.T,
        flat=_CORNERS @ flat.T,
        axis=ends @ flat.T,
        beam=np.array([[0.0, 0.0, _REACH], [0.0, 0.0, -_REACH]]),
        arc=moving @ edge,
        right=right,
        left=-right,
        nearer=nearer,
        farther=farther,
        image=np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]),
        image_axis=(ends @ flat.T)[:, :2],
        image_right=across,
        side_view=np.column_stack([seen[:, :2] @ across, seen[:, 2]]),
    )
