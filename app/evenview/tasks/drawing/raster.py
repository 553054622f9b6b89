"""The heat map as an image: every pixel asks which bin it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

#: Points of the drawing (N, 2) to bins (N,), -1 where there is none.
IndexOf: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.int32]]
Extent: TypeAlias = tuple[float, float, float, float]

_BLOCK = 1 << 20
# Four samples on a turned square: a border is smooth whichever way it runs.
_SAMPLES = np.array([(-0.125, -0.375), (0.375, -0.125), (0.125, 0.375), (-0.375, 0.125)])


def paint(
    shape: tuple[int, int], extent: Extent, index_of: IndexOf, colors: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """(height, width, 4) picture, first row on top, of bins that have ``colors`` (B, 4).

    Inside of a bin a pixel has exactly its colour; on a border it is the mean of four samples.
    """
    bins = _look_up(pixel_centers(shape, extent), index_of).reshape(shape)
    table = np.concatenate([colors, np.zeros((1, 4), np.uint8)])
    picture = table[bins]
    border = np.flatnonzero(_on_border(bins))
    picture.reshape(-1, 4)[border] = _blend(border, shape, extent, index_of, table)
    return picture


def pixel_centers(shape: tuple[int, int], extent: Extent) -> NDArray[np.float64]:
    """(height × width, 2) points of the drawing."""
    return _points(np.arange(shape[0] * shape[1]), shape, extent, np.zeros(2))


def _points(
    pixels: NDArray[np.intp],
    shape: tuple[int, int],
    extent: Extent,
    offset: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Points in some pixels, ``offset`` (x, y) away from their centres, in pixels."""
    row, column = np.divmod(pixels, shape[1])
    xmin, xmax, ymin, ymax = extent
    x = xmin + (column + 0.5 + offset[0]) * ((xmax - xmin) / shape[1])
    y = ymax - (row + 0.5 + offset[1]) * ((ymax - ymin) / shape[0])
    return np.stack([x, y], axis=1)


def _look_up(points: NDArray[np.float64], index_of: IndexOf) -> NDArray[np.int32]:
    """In blocks, so that a large picture takes little memory."""
    blocks = [index_of(points[i : i + _BLOCK]) for i in range(0, len(points), _BLOCK)]
    return np.concatenate(blocks) if blocks else np.empty(0, np.int32)


def _on_border(bins: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pixels with a neighbour that shows another bin."""
    border = np.zeros(bins.shape, np.bool_)
    across, down = bins[:, 1:] != bins[:, :-1], bins[1:] != bins[:-1]
    border[:, 1:] |= across
    border[:, :-1] |= across
    border[1:] |= down
    border[:-1] |= down
    return border


def _blend(
    pixels: NDArray[np.intp],
    shape: tuple[int, int],
    extent: Extent,
    index_of: IndexOf,
    table: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """(n, 4) mean colours of samples in some pixels, each as heavy as it is opaque."""
    color, alpha = np.zeros((len(pixels), 3)), np.zeros((len(pixels), 1))
    for offset in _SAMPLES:
        sample = table[_look_up(_points(pixels, shape, extent, offset), index_of)]
        color += sample[:, :3] * (sample[:, 3:] / 255)
        alpha += sample[:, 3:] / 255
    opaque = np.divide(color, alpha, out=np.zeros_like(color), where=alpha > 0)
    blended = np.concatenate([opaque, alpha * 255 / len(_SAMPLES)], axis=1)
    rounded: NDArray[np.uint8] = np.rint(blended).astype(np.uint8)
    return rounded
