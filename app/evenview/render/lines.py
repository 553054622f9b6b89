"""Even, smooth-edged lines of any width, drawn as quads: no multisampling, no wide GL lines."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from vispy import gloo

from evenview.render import shaders
from evenview.render.frame import Frame, give
from evenview.render.theme import Rgba

_CORNERS = np.array([(0, -1), (0, 1), (1, -1), (1, 1)], dtype=np.float32)
_TRIANGLES = np.array([0, 1, 2, 2, 1, 3], dtype=np.uint32)


def segments_of(points: ArrayLike) -> NDArray[np.float64]:
    """A polyline (M, D) as pieces (M - 1, 2, D); pieces that touch a row of NaN are left out."""
    line = np.asarray(points, dtype=np.float64)
    pieces = np.stack([line[:-1], line[1:]], axis=1)
    return np.asarray(pieces[np.isfinite(pieces).all(axis=(1, 2))])


class Lines:
    """Straight pieces of one width (logical pixels), with or without a casing under them.

    `on_top` lines shine through solids, but not through the sphere.
    """

    def __init__(self, width: float, casing: float = 0.0, on_top: bool = False) -> None:
        self.width = width
        self.casing = casing
        self.on_top = on_top
        self.color: Rgba = (0, 0, 0, 1)
        self.casing_color: Rgba = (0, 0, 0, 1)
        self.shown = True
        self._program: Any = gloo.Program(shaders.LINE_VERTEX, shaders.LINE_FRAGMENT)
        self._quads: Any = None

    def set_segments(self, segments: NDArray[np.float64] | None) -> None:
        """Take pieces (K, 2, 2 or 3) in the scene's coordinates; None or K = 0 for nothing."""
        if segments is None or not len(segments):
            self._quads = None
            return
        count = len(segments)
        ends = np.zeros((count, 2, 3), dtype=np.float32)
        ends[:, :, : segments.shape[2]] = segments
        quads = np.repeat(ends, 4, axis=0)
        self._program["a_start"] = gloo.VertexBuffer(np.ascontiguousarray(quads[:, 0]))
        self._program["a_end"] = gloo.VertexBuffer(np.ascontiguousarray(quads[:, 1]))
        self._program["a_corner"] = gloo.VertexBuffer(np.tile(_CORNERS, (count, 1)))
        first = 4 * np.arange(count, dtype=np.uint32)
        self._quads = gloo.IndexBuffer((first[:, None] + _TRIANGLES).ravel())

    def draw(self, frame: Frame) -> None:
        """Draw over what is there, hidden where the sphere is in front."""
        if self._quads is None or not self.shown:
            return
        gloo.set_state(
            depth_test=not self.on_top,
            depth_mask=False,
            blend=True,
            blend_func=("src_alpha", "one_minus_src_alpha", "one", "one_minus_src_alpha"),
        )
        give(
            self._program,
            {"u_matrix": frame.matrix, "u_half_view": frame.half, "u_occluder": frame.occluder},
        )
        if self.casing:
            self._stroke(frame, self.width + 2 * self.casing, self.casing_color)
        self._stroke(frame, self.width, self.color)
        gloo.set_state(depth_mask=True)

    def _stroke(self, frame: Frame, width: float, color: Rgba) -> None:
        give(self._program, {"u_width": width * frame.scale, "u_color": color})
        self._program.draw("triangles", self._quads)
