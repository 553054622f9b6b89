"""Made cryoSPARC result groups for the contract of formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import made_cs

NAMES_OTHERS = True


def make(folder: Path, n: int, seed: int, unplaced: int = 0) -> Path:
    """A group of two files in different orders, the first `unplaced` without a pose."""
    whole = made_cs.particles(n, seed)
    whole["alignments3D/pose"][:unplaced] = np.nan
    aligned = np.zeros(n, [("uid", "<u8"), *made_cs.ALIGNMENT])
    images = np.zeros(n, made_cs.BLOB)
    for part in (aligned, images):
        for name in part.dtype.names:
            part[name] = whole[name]
    made_cs.write(folder / "J1_particles.cs", aligned)
    made_cs.write_stream(folder / "J1_passthrough.cs", images[::-1].copy())
    slots = {"alignments3D": ("J1_particles.cs", n), "blob": ("J1_passthrough.cs", n)}
    path = folder / f"particles_{seed}.csg"
    path.write_text(made_cs.group_text(slots))
    return path
