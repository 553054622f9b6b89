"""Two descriptions of one tilt series that are shifted against each other, and particles of its
tomogram.

The projection is written out here, with each package's centre of images and tomograms: IMOD's is
the middle of the box, (N - 1) / 2 counted from 0, EMAN2's the pixel N // 2.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evenview.core import convention, rotation
from evenview.core.record import Coordinates, Images, Names, Record
from evenview.formats import formats, open_particles
from made_star import loop
from made_tilt import ANGLES, AXIS, info, rot, tlt, xf

SIZE = np.array([400, 380, 150])
PIXEL = 1.35
#: Pixels: how the second tomogram is shifted.
SHIFT = np.array([12.25, -7.5, 30.0])


def imods(tilts: np.ndarray, axis: float) -> np.ndarray:
    return np.array([rot("z", axis) @ rot("y", t) for t in tilts])


def eman2s(tilts: np.ndarray, axis: float) -> np.ndarray:
    return np.array([rot("z", axis) @ rot("y", -t) for t in tilts])


class Pair:
    """A series of IMOD's and one of EMAN2's of the same images, shifted against each other."""

    def __init__(self, folder: Path, axis: float, angles: np.ndarray) -> None:
        d = np.random.default_rng(1).normal(0, 20, (len(ANGLES), 2)).round(6)
        self.first, self.second = imods(ANGLES, AXIS), eman2s(angles, axis)
        # x' = A u + d of the .xf: where the point of the middle is seen is -A^-1 d.
        self.t1 = -np.einsum("ij,nj->ni", rot("z", AXIS)[:2, :2], d)
        # EMAN2 counts from the pixel N // 2, which is half a pixel beyond IMOD's middle.
        self.t2 = self.t1 - 0.5 - self.second[:, :2] @ SHIFT
        self.files = [
            tlt(folder / "TS.tlt"),
            xf(folder / "TS.xf", shifts=d),
            info(folder / "TS_info.json", axis, angles, shifts=self.t2),
        ]

    def seen_first(self, points: np.ndarray) -> np.ndarray:
        """Pixels about the pixel N // 2 of points about the middle of IMOD's tomogram."""
        return np.einsum("tij,nkj->tnki", self.first[:, :2], points) + self.t1[:, None, None] - 0.5

    def seen_second(self, points: np.ndarray) -> np.ndarray:
        return np.einsum("tij,nkj->tnki", self.second[:, :2], points) + self.t2[:, None, None]


def table(path: Path, name: str) -> Path:
    """Subtomograms of a format that counts voxels of 2.7 Å from the corner."""
    rng = np.random.default_rng(4)
    n = 9
    record = Record(
        quaternions=rotation.random(n, rng),
        origins=rng.normal(0, 5, (n, 3)),
        subtomograms=True,
        pixel_size=np.full(n, 2 * PIXEL),
        images=Images(np.arange(1, n + 1)),
        tomograms=Names.of(["7"] * n),
        coordinates=Coordinates(rng.uniform(30, 120, (n, 3)), pixel_size=np.full(n, 2 * PIXEL)),
    )
    formats()[name].create(path, record)
    return path


def stars(path: Path, boxes: bool, pixels: bool, names=("TS_01",)) -> Path:
    """Subtomograms of RELION, with or without the rotation of a box, and with shifts."""
    rng = np.random.default_rng(4)
    labels = ["rlnTomoName", "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"]
    labels += ["rlnOriginXAngst", "rlnOriginYAngst", "rlnOriginZAngst"]
    labels += [f"rlnCoordinate{x}" if pixels else f"rlnCenteredCoordinate{x}Angst" for x in "XYZ"]
    labels += [f"rlnTomoSubtomogram{x}" for x in ("Rot", "Tilt", "Psi")] if boxes else []
    rows = []
    for k in range(12):
        q = rotation.random(2, rng)
        angles = convention.quaternions_to_relion(q).round(6)
        place = rng.uniform(-500, 500, 3) + (SIZE / 2 if pixels else 0)
        numbers = [*angles[0], *rng.normal(0, 5, 3), *place, *(angles[1] if boxes else [])]
        rows.append(" ".join([names[k % len(names)], *(f"{x:.6f}" for x in numbers)]))
    groups = loop("optics", ("rlnOpticsGroup", "rlnImagePixelSize"), [f"1 {PIXEL}"])
    path.write_text(groups + loop("particles", labels, rows))
    return path


def columns(path: Path, names) -> np.ndarray:
    table = open_particles(path).table
    return np.column_stack([table.numeric(name) for name in names])
