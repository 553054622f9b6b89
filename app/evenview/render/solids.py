"""Lit solids in the scene of the sphere: bars on bins, the surface of a volume."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from vispy import gloo

from evenview.render import shaders
from evenview.render.frame import Frame, give
from evenview.render.table import ColorTable
from evenview.render.theme import Rgba

ROUNDER = 4000  # so many bars have six sides, more have four: a picture takes half the time
TALLEST = 0.45


class Solid:
    """A mesh; vertices of bin -1 take `color`, the others the colour of their bin.

    `closed` ones, with triangles counter-clockwise from outside, are drawn without their backs.
    """

    def __init__(self, table: ColorTable, closed: bool = False) -> None:
        self._closed = closed
        self.color: Rgba = (0.7, 0.7, 0.7, 1.0)
        self._program: Any = gloo.Program(shaders.SOLID_VERTEX, shaders.SOLID_FRAGMENT)
        self._table = table
        self._faces: Any = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self._faces is None

    def clear(self) -> None:
        """Draw nothing from now on."""
        self._faces = None

    def set_mesh(
        self,
        vertices: NDArray[np.float64],
        normals: NDArray[np.float64],
        faces: NDArray[np.integer[Any]],
        bins: NDArray[np.int32],
    ) -> None:
        """Take vertices and unit normals (V, 3), triangles (F, 3), bins (V,)."""
        if not len(faces):
            self.clear()
            return
        self._program["a_position"] = gloo.VertexBuffer(vertices.astype(np.float32))
        self._program["a_normal"] = gloo.VertexBuffer(normals.astype(np.float32))
        self._program["a_bin"] = gloo.VertexBuffer(bins.astype(np.float32))
        self._faces = gloo.IndexBuffer(faces.astype(np.uint32).ravel())

    def draw(self, frame: Frame) -> None:
        """Draw, lit from the viewer's upper left."""
        if self._faces is None:
            return
        gloo.set_state(depth_test=True, depth_mask=True, cull_face=self._closed, blend=False)
        give(self._program, self._table.uniforms)
        give(self._program, {"u_matrix": frame.matrix, "u_turn": frame.turn, "u_color": self.color})
        self._program.draw("triangles", self._faces)
        gloo.set_state(cull_face=False)


def bars(
    centers: NDArray[np.float64], areas: NDArray[np.float64], heights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int32]]:
    """Bars on the bins whose height is above 0, as RELION's .bild files have them.

    `heights` (B,) 0..1 are of `TALLEST` sphere radii. Returns what `Solid.set_mesh` takes.
    """
    shown = np.flatnonzero(np.nan_to_num(heights) > 0)
    axis = centers[shown]
    helper = np.where(np.abs(axis[:, 2:]) < 0.9, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
    right = np.cross(helper, axis)
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    up = np.cross(axis, right)
    sides = 6 if len(shown) <= ROUNDER else 4
    turn = 2 * np.pi * np.arange(sides) / sides
    out = np.cos(turn)[:, None] * right[:, None] + np.sin(turn)[:, None] * up[:, None]
    foot = axis[:, None] + 0.42 * np.sqrt(areas[shown])[:, None, None] * out
    top = foot + TALLEST * heights[shown, None, None] * axis[:, None]
    vertices = np.concatenate([foot, top, top], axis=1).reshape(-1, 3)
    lids = np.broadcast_to(axis[:, None], out.shape)
    normals = np.concatenate([out, out, lids], axis=1).reshape(-1, 3)
    first = 3 * sides * np.arange(len(shown))
    faces = (first[:, None, None] + _bar_faces(sides)).reshape(-1, 3)
    return vertices, normals, faces, np.repeat(shown, 3 * sides).astype(np.int32)


def _bar_faces(sides: int) -> NDArray[np.int64]:
    """Triangles (F, 3) of one bar: sides from foot ring to top ring, then the lid."""
    a = np.arange(sides)
    b = (a + 1) % sides
    lower = np.stack([a, b, a + sides], axis=1)
    upper = np.stack([b, b + sides, a + sides], axis=1)
    fan = np.arange(1, sides - 1)
    lid = np.stack([0 * fan, fan, fan + 1], axis=1) + 2 * sides
    return np.concatenate([lower, upper, lid])


def vertex_normals(vertices: NDArray[np.float64], faces: NDArray[Any]) -> NDArray[np.float64]:
    """(V, 3) unit normals, each the mean of its triangles' weighted by area."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    across = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices, dtype=np.float64)
    for axis in range(3):
        for corner in range(3):
            normals[:, axis] += np.bincount(faces[:, corner], across[:, axis], len(vertices))
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(normals / np.where(lengths > 0, lengths, 1.0))


def fitted(vertices: ArrayLike, radius: float) -> NDArray[np.float64]:
    """Vertices scaled about the origin (the middle of the box) to reach `radius`."""
    points = np.asarray(vertices, dtype=np.float64)
    reach = np.linalg.norm(points, axis=1).max(initial=0.0)
    return points * (radius / reach) if reach > 0 else points
