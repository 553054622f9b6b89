"""Say what a particle file is: format, particles, half-sets, pixel size, warnings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.formats import open_particles


@dataclass(frozen=True)
class InfoRequest:
    """Which file to describe, by the poses of which class where it has several."""

    path: Path
    chosen_class: int | None = None


@dataclass(frozen=True)
class InfoResult:
    """What a file is. `half_sets` counts halves "1", "2", and "none" where some rows have none."""

    path: Path
    format: str
    particles: int
    placed: int
    half_sets: dict[str, int] | None
    pixel_size: float | None
    symmetry: str | None
    files: tuple[Path, ...]
    warnings: tuple[str, ...]

    def summary(self) -> str:
        facts = [
            ("File", ", ".join(map(str, self.files))),
            ("Format", self.format),
            ("Particles", f"{self.particles:,}"),
            ("Placed", f"{self.placed:,}{_share(self.placed, self.particles)}"),
            ("Half-sets", _halves_in_words(self.half_sets)),
            ("Pixel size", f"{self.pixel_size:g} Å" if self.pixel_size else "not in the file"),
            ("Symmetry", self.symmetry or "not in the file"),
        ]
        facts += [("Note", warning) for warning in self.warnings]
        return "\n".join(f"{name + ':':<12}{value}" for name, value in facts)

    def as_json(self) -> dict[str, Any]:
        return {
            "file": str(self.path),
            "files": [str(file) for file in self.files],
            "format": self.format,
            "particles": self.particles,
            "placed": self.placed,
            "half_sets": self.half_sets,
            "pixel_size": self.pixel_size,
            "symmetry": self.symmetry,
            "warnings": list(self.warnings),
        }


def run(request: InfoRequest, progress: Progress = silent) -> InfoResult:
    """Open the file and describe it."""
    return describe(open_particles(request.path, progress, request.chosen_class))


def describe(particles: Particles) -> InfoResult:
    """Describe particles that are already open."""
    return InfoResult(
        path=particles.table.path,
        format=particles.table.format_name,
        particles=len(particles),
        placed=particles.n_placed,
        half_sets=count_halves(particles),
        pixel_size=particles.pixel_size,
        symmetry=particles.symmetry,
        files=tuple(particles.table.sources),
        warnings=tuple(map(str, particles.notes)),
    )


def count_halves(particles: Particles) -> dict[str, int] | None:
    """Particles in half 1, half 2 and, only if there are any, in none."""
    if particles.halves is None:
        return None
    none, one, two = np.bincount(particles.halves, minlength=3)[:3].tolist()
    return {"1": one, "2": two} | ({"none": none} if none else {})


def _halves_in_words(halves: dict[str, int] | None) -> str:
    if halves is None:
        return "not in the file"
    total = sum(halves.values())
    return ", ".join(f"{name}: {n:,} ({n / total:.1%})" for name, n in halves.items())


def _share(part: int, whole: int) -> str:
    return "" if part == whole else f" ({part / whole:.1%}); {whole - part:,} without a pose"
