"""All bins of a grid as one mesh: a bin index at each vertex, a colour table looked up by it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vispy import gloo

from evenview.render import shaders
from evenview.render.frame import Frame, give
from evenview.render.table import ColorTable
from evenview.render.theme import Rgba

CLEAR: Rgba = (0.0, 0.0, 0.0, 0.0)


class BinMesh:
    """The heat map on the sphere."""

    def __init__(self, table: ColorTable) -> None:
        self._program: Any = gloo.Program(shaders.BIN_MESH_VERTEX, shaders.BIN_MESH_FRAGMENT)
        self._table = table
        self._faces: Any = None

    def set_mesh(
        self,
        vertices: NDArray[np.float32],
        faces: NDArray[np.uint32],
        bin_of_vertex: NDArray[np.int32],
    ) -> None:
        """Take unit vectors (V, 3), triangles (F, 3) counter-clockwise from outside, bins (V,)."""
        self._program["a_position"] = gloo.VertexBuffer(np.ascontiguousarray(vertices, np.float32))
        self._program["a_bin"] = gloo.VertexBuffer(bin_of_vertex.astype(np.float32))
        self._faces = gloo.IndexBuffer(np.ascontiguousarray(faces, np.uint32).ravel())

    def draw(self, frame: Frame, opacity: float = 1.0, cover: Rgba = CLEAR) -> None:
        """Draw the half that faces the viewer; `cover` paints over the colours of the bins."""
        if self._faces is None:
            return
        solid = opacity >= 1.0
        gloo.set_state(
            depth_test=True,
            depth_mask=solid,
            cull_face=True,
            blend=not solid,
            blend_func=("src_alpha", "one_minus_src_alpha", "one", "one_minus_src_alpha"),
        )
        give(self._program, self._table.uniforms)
        give(
            self._program,
            {
                "u_matrix": frame.matrix,
                "u_turn": frame.turn,
                "u_opacity": opacity,
                "u_cover": cover,
            },
        )
        self._program.draw("triangles", self._faces)
        gloo.set_state(cull_face=False, depth_mask=True)
