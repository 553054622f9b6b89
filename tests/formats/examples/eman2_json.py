"""Made particle parameters of EMAN2 for the contract of formats."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """Parameters of `n` uniform random orientations, the first `unplaced` of them without one."""
    matrices = Rotation.random(n, np.random.default_rng(seed)).as_matrix()
    entries = []
    for k in range(n):
        values = {"class": k % 2, "score": -0.1 - 0.001 * k}
        if k >= unplaced:
            numbers = np.column_stack([matrices[k], (1.5, -2, 0.25)]).ravel()
            text = f"[{','.join(f'{x:.6g}' for x in numbers)}]"
            values["xform.align3d"] = {"__class__": "Transform", "matrix": text}
        name = json.dumps(f"('particles3d/ts_01.hdf', {k})")
        entries.append(f"{name}: {json.dumps(values, indent=0)}")
    path = folder / f"particle_parms_{seed}.json"
    path.write_text("{\n" + ",\n".join(entries) + "\n}\n", newline="\n")
    return path
