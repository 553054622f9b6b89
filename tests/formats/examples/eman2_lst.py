"""Made lists of EMAN2 for the contract of formats."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

_COMMENT = (
    "# This file is in fast LST format. All lines after the next line have exactly the number of "
    "characters shown on the next line. This MUST be preserved if editing."
)


def record(matrix: np.ndarray | None, k: int) -> dict:
    """What EMAN2 keeps of particle `k`, and its rotation (3, 3) if there is one."""
    values = {"class": k % 2, "score": -0.1 - 0.001 * k}
    if matrix is not None:
        numbers = ",".join(f"{x:.6g}" for x in np.column_stack([matrix, (1.5, -2, 0)]).ravel())
        values["xform.projection"] = {"__class__": "Transform", "matrix": f"[{numbers}]"}
    return values


def records(n: int, seed: int, unplaced: int) -> list[dict]:
    """Records of `n` uniform random orientations, the first `unplaced` of them without one."""
    matrices = Rotation.random(n, np.random.default_rng(seed)).as_matrix()
    return [record(None if k < unplaced else matrices[k], k) for k in range(n)]


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A list of `n` images."""
    rows = [
        f"{k}\tparticles/micrograph_000.hdf\t{json.dumps(row, separators=(',', ':'))}"
        for k, row in enumerate(records(n, seed, unplaced))
    ]
    length = max(map(len, rows), default=20) + 5
    lines = ["#LSX", _COMMENT, f"# {length}", *(row.ljust(length - 1) for row in rows)]
    path = folder / f"ptcls_{seed}.lst"
    path.write_text("\n".join([*lines, ""]), newline="\n")
    return path
