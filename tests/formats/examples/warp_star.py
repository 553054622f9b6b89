"""Made files of M for the contract of formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

_LABELS = (
    *(f"wrpCoordinate{axis}1" for axis in "XYZ"),
    *(f"wrpAngle{name}{point}" for point in (1, 2) for name in ("Rot", "Tilt", "Psi")),
    "wrpRandomSubset",
    "wrpSourceName",
    "wrpSourceHash",
)


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A file of `n` uniform random orientations, the first `unplaced` of them missing."""
    rng = np.random.default_rng(seed)
    rot, psi = rng.uniform(-180, 180, (2, n))
    tilt = np.degrees(np.arccos(rng.uniform(-1, 1, n)))
    lines = ["", "data_", "", "loop_", *(f"_{label} #{k}" for k, label in enumerate(_LABELS, 1))]
    for k in range(n):
        angle = "nan" if k < unplaced else f"{rot[k]:.5f}"
        angles = f"{angle} {tilt[k]:.5f} {psi[k]:.5f}"
        lines.append(f"  1.0 2.0 3.0 {angles} {angles} {k % 2 + 1} ts01.tomostar  _hash{k}")
    path = folder / f"particles_{seed}.star"
    path.write_text("\n".join([*lines, "", ""]), newline="\n")
    return path
