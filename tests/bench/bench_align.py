"""Alignment of two noisy maps of box 128, against emalign where it is installed.

The maps are made here: a chain of Gaussians, turned exactly, mirrored, with white noise. Without
emalign (``pip install emalign``) the peer is this program's own search with one hand at a time: two
runs instead of one.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

import made_maps as made
from bench.common import Row, best_of
from evenview.core.align.aligning import align
from evenview.core.align.settings import Settings
from evenview.core.volume import Volume

BOX, PIXEL = 128, 2.0
_SHIFT = np.array([6.0, -9.0, 4.0])


def rows() -> list[Row]:
    """Seconds from two maps in memory (emalign: on disk) to turn, shift and hand."""
    still, other = _maps()
    ours = best_of(1, partial(align, still, other))
    if shutil.which("emalign"):
        return [Row(f"align, box {BOX}", ours, _emalign(still, other), "emalign", 10)]
    mirrored = Volume(other.values[::-1].copy(), PIXEL)
    same = Settings(hands="same")

    def twice() -> None:
        align(still, other, same)
        align(still, mirrored, same)

    return [Row(f"align, box {BOX}", ours, best_of(1, twice), "one hand at a time", 1)]


def _maps() -> tuple[Volume, Volume]:
    points, weights = made.chain(3, 70.0, 900)
    turn = made.any_turn(4)
    was = made.before(points, turn, _SHIFT, flipped=True)
    first, second = (made.density(p, weights, (BOX,) * 3, PIXEL, 2.5) for p in (points, was))
    return tuple(
        made.as_volume(made.noisy(values, 0.5, seed), PIXEL)
        for seed, values in enumerate((first, second))
    )


def _emalign(still: Volume, other: Volume) -> float:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("ref.mrc", "map.mrc", "out.mrc")]
        made.write(paths[0], still.values, PIXEL)
        made.write(paths[1], other.values, PIXEL)
        command = ["emalign", "-v1", str(paths[0]), "-v2", str(paths[1]), "-o"]
        return best_of(1, partial(subprocess.run, [*command, str(paths[2])], check=True))
