"""Write the particles in each bin of a grid on the sphere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evenview.core.binning import bin_particles
from evenview.core.density import evenness
from evenview.core.grid import parse_grid
from evenview.core.plan import Look
from evenview.core.progress import Progress, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.symmetry import parse_group
from evenview.core.words import counted
from evenview.formats import open_particles
from evenview.tasks.textfile import write_csv


@dataclass(frozen=True)
class HistogramRequest:
    """Which file (the poses of which class where it has several), which cutting of the sphere,
    and where the table goes.
    """

    path: Path
    output: Path
    grid: str = "healpix:4"
    symmetry: str = "C1"
    look: Look = "stored"
    reading: Reading = AS_IT_IS


@dataclass(frozen=True)
class HistogramResult:
    """What was counted."""

    output: Path
    grid: str
    bins: int
    counted: int
    empty_fraction: float
    max_density: float

    def summary(self) -> str:
        found = f"{counted(self.counted, 'direction')} in {counted(self.bins, 'bin')}"
        return (
            f"Counted {found} ({self.grid}); "
            f"{self.empty_fraction:.1%} of the sphere is empty, the fullest bin holds "
            f"{self.max_density:.1f} × uniform. Wrote {self.output}"
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "output": str(self.output),
            "grid": self.grid,
            "bins": self.bins,
            "counted": self.counted,
            "empty_fraction": self.empty_fraction,
            "max_density": self.max_density,
        }


def run(request: HistogramRequest, progress: Progress = silent) -> HistogramResult:
    """Write ``bin,x,y,z,area,count,density``: area in steradian, density in multiples of uniform.

    In the folded look a bin outside the asymmetric unit has area 0 and density "nan".
    """
    grid, group = parse_grid(request.grid), parse_group(request.symmetry)
    particles = open_particles(request.path, progress, request.reading)
    binning = bin_particles(particles, grid, group, request.look, progress)
    x, y, z = binning.centers.T
    columns = {
        "bin": np.arange(grid.n),
        "x": x,
        "y": y,
        "z": z,
        "area": binning.areas,
        "count": binning.counts,
        "density": binning.density,
    }
    row_format = "%d,%.9f,%.9f,%.9f,%.9g,%d,%.6g\n"
    write_csv(request.output, columns, row_format, particles.table.sources, progress)
    even = evenness(binning.counts, binning.areas)
    return HistogramResult(
        request.output,
        grid.name,
        grid.n,
        int(binning.counts.sum()),
        even.empty_fraction,
        even.max_density,
    )
