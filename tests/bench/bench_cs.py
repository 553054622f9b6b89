"""cryoSPARC files against numpy: reading one, and writing part of it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

import made_cs
from bench.common import Row, best_of
from evenview.core.progress import silent
from evenview.formats.cryosparc_cs import FORMAT
from evenview.formats.cs.companion import join

ROWS = 1_000_000


def rows() -> list[Row]:
    """Reading within 1.5 times of ``np.load``; writing within 1.5 times of ``np.save``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [*_files(folder), _joining()]


def _files(folder: Path) -> list[Row]:
    path = made_cs.write(folder / "J1_particles.cs", _wide(ROWS))
    peer_read = best_of(5, lambda: np.load(path))
    ours_read = best_of(5, lambda: FORMAT.read(path, silent))
    kept = np.random.default_rng(0).random(ROWS) < 0.7
    table = FORMAT.read(path, silent).table
    loaded = np.load(path)
    ours_write = best_of(2, lambda: table.write(folder / "kept.cs", kept))
    peer_write = best_of(2, lambda: np.save(folder / "peer.npy", loaded[kept]))
    return [
        Row(f"cs read, {ROWS:,} rows", ours_read, peer_read, "numpy load", 1 / 1.5),
        Row("cs write, 70 % kept, synced", ours_write, peer_write, "numpy mask + save", 1 / 1.5),
    ]


def _joining() -> Row:
    rng = np.random.default_rng(1)
    uids = made_cs.uids(ROWS, rng)
    others = rng.permutation(uids)
    return Row(
        f"uid join, {ROWS:,} rows in another order",
        best_of(3, lambda: join(uids, others)),
        best_of(3, lambda: np.intersect1d(uids, others, return_indices=True)),
        "numpy intersect1d",
        1.0,
    )


def _wide(n: int) -> np.ndarray:
    """Rows of the width of a real refinement's (about 290 bytes)."""
    ctf = [(f"ctf/field_{i}", "<f4") for i in range(34)]
    out = np.zeros(n, made_cs.BLOB + made_cs.ALIGNMENT + ctf)
    some = made_cs.particles(10_000)
    for name in some.dtype.names:
        out[name] = np.resize(some[name], (n, *some.dtype[name].shape))
    out["uid"] = made_cs.uids(n, np.random.default_rng(0))
    return out
