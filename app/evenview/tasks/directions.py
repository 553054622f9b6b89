"""Write every particle's view direction, azimuth, elevation and in-plane angle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evenview.core import convention
from evenview.core.progress import Progress, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.words import counted
from evenview.formats import open_particles
from evenview.tasks.textfile import write_csv


@dataclass(frozen=True)
class DirectionsRequest:
    """Which file to read, and how where it leaves something open; where the table goes."""

    path: Path
    output: Path
    reading: Reading = AS_IT_IS


@dataclass(frozen=True)
class DirectionsResult:
    """How many directions were written."""

    output: Path
    particles: int
    placed: int

    def summary(self) -> str:
        words = counted(self.particles, "direction")
        return f"Wrote {words} ({self.placed:,} placed) to {self.output}"

    def as_json(self) -> dict[str, Any]:
        return {
            "output": str(self.output),
            "particles": self.particles,
            "placed": self.placed,
        }


def run(request: DirectionsRequest, progress: Progress = silent) -> DirectionsResult:
    """Write ``row,x,y,z,azimuth,elevation,inplane``, degrees, one line a particle in file order.

    Rows count from 0. A particle without a pose has "nan" in every other column.
    """
    particles = open_particles(request.path, progress, request.reading)
    directions = particles.directions
    azimuth, elevation = convention.azimuth_elevation(directions).T
    columns = {
        "row": np.arange(len(particles)),
        "x": directions[:, 0],
        "y": directions[:, 1],
        "z": directions[:, 2],
        "azimuth": azimuth,
        "elevation": elevation,
        "inplane": convention.inplane(particles.quaternions),
    }
    row_format = "%d,%.9f,%.9f,%.9f,%.6f,%.6f,%.6f\n"
    write_csv(request.output, columns, row_format, particles.table.sources, progress)
    return DirectionsResult(request.output, len(particles), particles.n_placed)
