"""Lines on the sphere as lines on a chart: bent where the chart bends, cut where it is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from evenview.charts.base import Chart

# A piece longer than this part of the chart's width or height is halved ...
LONGEST = 0.01
# ... until its arc (radians) is so short that only a cut of the chart explains its length.
SHORTEST = 1e-4


def flatten(
    chart: Chart, segments: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Arcs (E, 2, 3) as straight pieces (K, 2, 2) on the chart, in order.

    No chart has to tell where its cuts are: halving the arcs finds them, and the last piece
    (0.006° long at most) that still jumps across the chart is left out. The second array (K,) is
    true where a piece goes on where the piece before it ended. Arcs are shorter than half a turn.
    """
    segments = segments[np.isfinite(segments).all(axis=(1, 2))]
    flat, jumps = _project(chart, segments)
    for _ in range(40):
        split = jumps & (_chord(segments) > SHORTEST)
        if not split.any():
            break
        segments = _halve(segments, split)
        flat, jumps = _project(chart, segments)
    kept = np.flatnonzero(~jumps)
    joined = np.zeros(len(kept), dtype=np.bool_)
    joined[1:] = (np.diff(kept) == 1) & (flat[kept[1:], 0] == flat[kept[:-1], 1]).all(axis=1)
    return flat[kept], joined


def chain(pieces: NDArray[np.float64], joined: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """Polylines (K, 2) from pieces (K, 2, 2) that go on from one another where ``joined``."""
    if not len(pieces):
        return []
    runs = np.split(pieces, np.flatnonzero(~joined)[1:])
    return [np.concatenate([run[:1, 0], run[:, 1]]) for run in runs]


def _project(
    chart: Chart, segments: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Ends on the chart (E, 2, 2), and whether they lie too far apart (E,)."""
    flat = chart.forward(segments.reshape(-1, 3)).reshape(-1, 2, 2)
    xmin, xmax, ymin, ymax = chart.extent
    apart = np.abs(flat[:, 1] - flat[:, 0]) / [xmax - xmin, ymax - ymin]
    return flat, ~(apart.max(axis=1) <= LONGEST)


def _chord(segments: NDArray[np.float64]) -> NDArray[np.float64]:
    length: NDArray[np.float64] = np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1)
    return length


def _halve(segments: NDArray[np.float64], split: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The arcs with those in ``split`` (E,) replaced by their two halves, order kept."""
    middle = segments[split].sum(axis=1)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    counts = np.where(split, 2, 1)
    halved = np.repeat(segments, counts, axis=0)
    first = (np.cumsum(counts) - counts)[split]
    halved[first, 1] = middle
    halved[first + 1, 0] = middle
    return halved
