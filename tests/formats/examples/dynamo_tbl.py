"""Made Dynamo tables for the contract of formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

HALVES = False


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A table of `n` uniform random orientations, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    tdrot, narot = rng.uniform(-180, 180, (2, n))
    tilt = np.degrees(np.arccos(rng.uniform(-1, 1, n)))
    lines = []
    for k in range(n):
        angle = "NaN" if k < unplaced else f"{tdrot[k]:.5g}"
        shifts = " ".join(f"{shift:.5g}" for shift in rng.normal(0, 2, 3))
        xyz = " ".join(f"{place:.1f}" for place in rng.uniform(0, 500, 3))
        lines.append(
            f"{k + 1} 1 1 {shifts} {angle} {tilt[k]:.5g} {narot[k]:.5g} 0.12+0.01i 0 0 1 "
            f"-60 60 -60 60 0 0 1 1 0 0 {xyz} 0 0 0 0 0 1 0 1 0\n"
        )
    path = folder / f"table_{seed}.tbl"
    path.write_text("".join(lines), newline="\n")
    return path
