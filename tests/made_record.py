"""A record with known values of everything that a file may say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evenview.core import convention, rotation
from evenview.core.record import Coordinates, Ctf, Images, Names, Record

N, PIXEL, BOX = 24, 1.25, 64

#: rot, tilt, psi that some Euler angles find hard.
HARD = np.array([(0, 0, 0), (0, 180, 35), (90, 90, -90), (-180, 90, 180), (30, 0.02, -60)], float)


def record(seed: int = 3, subtomograms: bool = False) -> Record:
    """(N,) rows, the first of them with hard angles, of images or of subtomograms."""
    rng = np.random.default_rng(seed)
    q = rotation.random(N, rng)
    q[: len(HARD)] = convention.relion_to_quaternions(*HARD.T)
    dimensions = 3 if subtomograms else 2
    places = Coordinates(
        rng.integers(50, 900, (N, dimensions)).astype(float), "pixel", np.full(N, PIXEL)
    )
    plane = Record(
        quaternions=q,
        origins=rng.normal(0, 3, (N, dimensions)),
        subtomograms=subtomograms,
        pixel_size=np.full(N, PIXEL),
        box=np.full(N, BOX),
        halves=(1 + np.arange(N) % 2).astype(np.int8),
        classes=1 + np.arange(N) % 3,
        coordinates=places,
        groups=Names.of(["opticsGroup1"] * N),
    )
    if subtomograms:
        return replace(
            plane,
            images=Images(1 + np.arange(N), Names.of(["subtomograms.hdf"] * N)),
            tomograms=Names.of([f"tomo_{1 + i // 12}" for i in range(N)]),
        )
    stacks = Names.of([f"Extract/stack_{i // 12}.mrcs" for i in range(N)])
    ctf = Ctf(
        defocus_u=np.round(rng.uniform(8000, 20000, N), 1),
        defocus_v=np.round(rng.uniform(8000, 20000, N), 1),
        angle=np.round(rng.uniform(0, 90, N), 2),
        phase_shift=np.zeros(N),
        voltage=np.full(N, 300.0),
        spherical_aberration=np.full(N, 2.7),
        amplitude_contrast=np.full(N, 0.1),
    )
    return replace(
        plane,
        images=Images(1 + np.arange(N) % 12, stacks),
        micrographs=Names.of([f"Micrographs/mic_{i // 12}.mrc" for i in range(N)]),
        ctf=ctf,
        uids=rng.integers(1 << 62, 1 << 64, N, dtype=np.uint64),
    )


def unplaced(whole: Record, rows: slice) -> Record:
    """The record without the poses of some rows."""
    q = whole.quaternions.copy()
    q[rows] = np.nan
    return replace(whole, quaternions=q)
