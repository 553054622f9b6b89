"""Made Xmipp files for the contract of formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

HALVES = False

_HEAD = """# XMIPP_STAR_1 *
#
data_noname
loop_
 _image
 _enabled
 _angleRot
 _angleTilt
 _anglePsi
 _shiftX
 _flip
 _coefficients
"""


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A file of `n` uniform random orientations, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    rot, psi = rng.uniform(-180, 180, (2, n))
    tilt = np.degrees(np.arccos(rng.uniform(-1, 1, n)))
    rows = []
    for k in range(n):
        angle = "nan" if k < unplaced else f"{rot[k]:.6f}"
        rows.append(
            f" {k + 1:06d}@images.stk 1 {angle:>12} {tilt[k]:12.6f} {psi[k]:12.6f} "
            f"{rng.normal():12.6f} {k % 3 % 2} ' {rng.normal():.4f} {rng.normal():.4f} ' \n"
        )
    path = folder / f"particles_{seed}.xmd"
    path.write_text(_HEAD + "".join(rows), newline="\n")
    return path
