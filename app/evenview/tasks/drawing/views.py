"""From where the sphere is seen."""

from __future__ import annotations

from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError

Vector: TypeAlias = tuple[float, float, float]
#: A named view, or the rows of a rotation from the map's frame to the screen's.
View: TypeAlias = str | tuple[Vector, Vector, Vector]

_TOWARDS = MappingProxyType(
    {
        "reset": (0.80, 0.42, 0.43),
        "top": (0.0, 0.0, 1.0),
        "bottom": (0.0, 0.0, -1.0),
        "+x": (1.0, 0.0, 0.0),
        "-x": (-1.0, 0.0, 0.0),
        "+y": (0.0, 1.0, 0.0),
        "-y": (0.0, -1.0, 0.0),
    }
)
VIEWS = tuple(_TOWARDS)


def view_rotation(view: View) -> NDArray[np.float64]:
    """(3, 3) from the map's frame to the screen's: x to the right, y up, z towards the reader.

    Named views have +Z up; "top" and "bottom" have +Y up. `UserError` for an unknown name and for a
    matrix that is not a rotation.
    """
    if isinstance(view, str):
        if view not in _TOWARDS:
            raise UserError(f"There is no view “{view}”", hint=f"Views are: {', '.join(VIEWS)}.")
        return look_from(np.array(_TOWARDS[view]))
    matrix = np.asarray(view, dtype=np.float64)
    if matrix.shape != (3, 3) or not np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-4):
        raise UserError("The view of a figure is not a rotation (3 by 3, rows of length 1)")
    return matrix


def look_from(direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """The view from a point on the sphere, with +Z up, and with +Y up from the poles."""
    towards = direction / np.linalg.norm(direction)
    up = np.array([0.0, 0.0, 1.0]) if abs(towards[2]) < 1 - 1e-9 else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, towards)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(towards, right), towards])


def in_words(rotation: NDArray[np.float64]) -> str:
    """Where the reader stands: "seen from +Z", "seen from azimuth 35°, elevation 25°"."""
    towards = rotation[2]
    axis = int(np.argmax(np.abs(towards)))
    if abs(towards[axis]) > 1 - 1e-6:
        return f"seen from {'+' if towards[axis] > 0 else '−'}{'XYZ'[axis]}"
    azimuth = np.degrees(np.arctan2(towards[1], towards[0]))
    elevation = np.degrees(np.arctan2(towards[2], np.hypot(towards[0], towards[1])))
    words = f"seen from azimuth {azimuth:.0f}°, elevation {elevation:.0f}°"
    return words.replace("-", "−")
