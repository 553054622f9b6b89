"""Particle files made for a test: plain RELION 3.1 text and distributions with known answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

COLUMNS = (
    "rlnImageName",
    "rlnMicrographName",
    "rlnOpticsGroup",
    "rlnDefocusU",
    "rlnAngleRot",
    "rlnAngleTilt",
    "rlnAnglePsi",
    "rlnRandomSubset",
    "rlnMaxValueProbDistribution",
)


def crowded_angles(n: int, rng: np.random.Generator, crowd: float = 0.8) -> NDArray[np.float64]:
    """(n, 3) rot, tilt, psi: a `crowd` within a fraction of a degree of +Z, the rest uniform."""
    uniform = np.degrees(np.arccos(rng.uniform(-1, 1, n)))
    top = np.abs(rng.normal(0, 0.25, n))
    tilt = np.where(rng.random(n) < crowd, top, uniform)
    return np.column_stack([rng.uniform(-180, 180, n), tilt, rng.uniform(-180, 180, n)])


def uniform_angles(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(n, 3) rot, tilt, psi of rotations spread evenly."""
    return crowded_angles(n, rng, crowd=0.0)


def write_star(
    path: Path,
    angles: NDArray[np.float64],
    halves: NDArray[np.int64] | None = None,
    probability: NDArray[np.float64] | None = None,
) -> Path:
    """Write a RELION 3.1 file with optics (pixel size 1.25 Å) and one row a particle."""
    n = len(angles)
    halves = 1 + np.arange(n) % 2 if halves is None else halves
    probability = np.linspace(0.1, 0.9, n) if probability is None else probability
    head = (
        "\n# version 30001\n\ndata_optics\n\nloop_ \n_rlnOpticsGroupName #1 \n_rlnOpticsGroup #2 \n"
        "_rlnVoltage #3 \n_rlnImagePixelSize #4 \n_rlnImageSize #5 \n"
        "opticsGroup1            1   300.000000     1.250000          256 \n \n"
        "\n# version 30001\n\ndata_particles\n\nloop_ \n"
    )
    head += "".join(f"_{name} #{i} \n" for i, name in enumerate(COLUMNS, start=1))
    rows = (
        f"{i % 300 + 1:06d}@Extract/mic{i // 300:05d}.mrcs Micrographs/mic{i // 300:05d}.mrc "
        f"{1:12d} {12000 + i % 977:12.6f} {rot:14.8f} {tilt:14.8f} {psi:14.8f} "
        f"{half:12d} {p:12.6f} \n"
        for i, ((rot, tilt, psi), half, p) in enumerate(
            zip(angles.tolist(), halves.tolist(), probability.tolist(), strict=True)
        )
    )
    path.write_text(head + "".join(rows) + " \n")
    return path


def particle_lines(path: Path) -> list[bytes]:
    """The particle rows of a file of `write_star`, as bytes."""
    return [line for line in path.read_bytes().splitlines() if b"@Extract" in line]


def shifted(path):
    """Give a star file columns for shifts."""
    lines = []
    for line in path.read_text().splitlines():
        lines.append(f"{line.rstrip()} 0.5 -1.5 " if "@Extract" in line else line)
        if line.startswith(f"_{COLUMNS[-1]} "):
            n = len(COLUMNS)
            lines += [f"_rlnOriginXAngst #{n + 1} ", f"_rlnOriginYAngst #{n + 2} "]
    path.write_text("\n".join(lines) + "\n")
    return path
