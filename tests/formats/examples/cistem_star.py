"""Made cisTEM star files for the contract of formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

_HEAD = """# Written by cisTEM

data_

loop_
_cisTEMPositionInStack #1
_cisTEMAnglePsi #2
_cisTEMAngleTheta #3
_cisTEMAnglePhi #4
_cisTEMPixelSize #5
_cisTEMStackFilename #6
_cisTEMAssignedSubset #7
#    POS     PSI   THETA     PHI    PSIZE          STACK_FILENAME  SUBSET
"""


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A file of `n` uniform random orientations, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    phi, psi = rng.uniform(-180, 180, (2, n))
    theta = np.degrees(np.arccos(rng.uniform(-1, 1, n)))
    rows = []
    for k in range(n):
        angle = "nan" if k < unplaced else f"{phi[k]:.2f}"
        rows.append(
            f"{k + 1:8d} {psi[k]:7.2f} {theta[k]:7.2f} {angle:>7}  1.25000 "
            f"  'my stack.mrc' {k % 2 + 1:8d} \n"
        )
    path = folder / f"particles_{seed}.star"
    path.write_text(_HEAD + "".join(rows), newline="\n")
    return path
