"""What every layer must know of the picture being drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Heights towards the viewer from -DEPTH to DEPTH (sphere radii) fill the depth buffer.
DEPTH = 4.0


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture of `size` pixels, `scale` of them to a logical pixel.

    Parameters
    ----------
    matrix
        (4, 4) from the scene's coordinates to OpenGL's clip space, for column vectors.
    turn
        (3, 3) from the scene's axes to the viewer's.
    occluder
        Radius in pixels of the ball in the middle that hides lines behind it; 0 for none.
    """

    matrix: NDArray[np.float64]
    turn: NDArray[np.float64]
    size: tuple[int, int]
    scale: float = 1.0
    occluder: float = 0.0

    @property
    def half(self) -> tuple[float, float]:
        """Half the size."""
        return self.size[0] / 2, self.size[1] / 2


def sphere_frame(
    turn: NDArray[np.float64], radius: float, size: tuple[int, int], scale: float
) -> Frame:
    """Orthographic picture of a unit sphere of `radius` pixels in the middle."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.diag([2 * radius / size[0], 2 * radius / size[1], -1 / DEPTH]) @ turn
    return Frame(matrix, turn, size, scale, radius)


def plane_frame(
    origin: tuple[float, float], step: tuple[float, float], size: tuple[int, int], scale: float
) -> Frame:
    """Flat picture: pixel (right, down) = origin + step × (x, y)."""
    matrix = np.eye(4)
    matrix[0, 0], matrix[1, 1] = 2 * step[0] / size[0], -2 * step[1] / size[1]
    matrix[0, 3], matrix[1, 3] = 2 * origin[0] / size[0] - 1, 1 - 2 * origin[1] / size[1]
    return Frame(matrix, np.eye(3), size, scale)


def give(program: Any, uniforms: Mapping[str, Any]) -> None:
    """Hand uniforms to a vispy program; matrices are turned into OpenGL's column order."""
    for name, value in uniforms.items():
        is_matrix = isinstance(value, np.ndarray) and value.ndim == 2
        program[name] = value.T.astype(np.float32) if is_matrix else value
