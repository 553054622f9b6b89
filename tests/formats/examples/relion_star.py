"""Made RELION files for the contract of formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

_HEAD = """# version 30001

data_optics

loop_
_rlnOpticsGroup #1
_rlnOpticsGroupName #2
_rlnImagePixelSize #3
1 "group one" 1.25

# version 30001

data_particles

loop_
_rlnImageName #1
_rlnAngleRot #2
_rlnAngleTilt #3
_rlnAnglePsi #4
_rlnRandomSubset #5
_rlnOpticsGroup #6
_rlnDefocusU #7
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
            f"{k + 1:06d}@stack.mrcs {angle} {tilt[k]:.6f} {psi[k]:.6f} {k % 2 + 1} 1 "
            f"{rng.uniform(5e3, 2e4):.3f}\n"
        )
    path = folder / f"particles_{seed}.star"
    path.write_text(_HEAD + "".join(rows) + "\n", newline="\n")
    return path
