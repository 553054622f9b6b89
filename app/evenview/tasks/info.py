"""Say what a particle file is: format, particles, half-sets, pixel size, units, warnings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.symmetry import parse_group
from evenview.core.unit_hint import SettingHint, suggest_setting
from evenview.core.words import counted
from evenview.formats import open_particles
from evenview.formats.base import Described
from evenview.tasks.described import format_of


@dataclass(frozen=True)
class InfoRequest:
    """Which file to describe, and how to read it where it leaves something open.

    Of a point group `symmetry`, the setting that fits the views is looked for.
    """

    path: Path
    reading: Reading = AS_IT_IS
    symmetry: str | None = None


@dataclass(frozen=True)
class InfoResult:
    """What a file is.

    `half_sets` counts halves "1", "2", and "none" where some rows have none; `units` says how the
    columns were understood, `settings` which setting of a point group fits the views, if asked.
    """

    path: Path
    format: str
    particles: int
    placed: int
    half_sets: dict[str, int] | None
    pixel_size: float | None
    box: int | None
    symmetry: str | None
    files: tuple[Path, ...]
    warnings: tuple[str, ...]
    units: Mapping[str, str] = field(default_factory=dict)
    settings: SettingHint | None = None

    def summary(self) -> str:
        facts = [
            ("File", ", ".join(map(str, self.files))),
            ("Format", self.format),
            ("Particles", f"{self.particles:,}"),
            ("Placed", f"{self.placed:,}{_share(self.placed, self.particles)}"),
            ("Half-sets", self._halves_in_words()),
            ("Pixel size", f"{self.pixel_size:g} Å" if self.pixel_size else "not in the file"),
            ("Symmetry", self.symmetry or "not in the file"),
        ]
        if self.box is not None:
            facts.insert(-1, ("Box size", counted(self.box, "pixel")))
        if self.settings:
            facts.append(("Setting", self.settings.words))
        facts += [("Note", warning) for warning in self.warnings]
        lines = [f"{name + ':':<12}{value}" for name, value in facts]
        return "\n".join([*lines, *self._unit_lines()])

    def _halves_in_words(self) -> str:
        if self.half_sets is None:
            said = self.units.get("half-sets", "not said")
            return "not in the file" if said == "not said" else said
        total = sum(self.half_sets.values())
        return ", ".join(f"{name}: {n:,} ({n / total:.1%})" for name, n in self.half_sets.items())

    def _unit_lines(self) -> list[str]:
        width = max(map(len, self.units), default=0) + 2
        rows = [f"  {name:<{width}}{meaning}" for name, meaning in self.units.items()]
        return ["Understood as:", *rows] if rows else []

    def as_json(self) -> dict[str, Any]:
        return {
            "file": str(self.path),
            "files": [str(file) for file in self.files],
            "format": self.format,
            "particles": self.particles,
            "placed": self.placed,
            "half_sets": self.half_sets,
            "pixel_size": self.pixel_size,
            "box": self.box,
            "symmetry": self.symmetry,
            "units": dict(self.units),
            "settings": self.settings.as_json() if self.settings else None,
            "warnings": list(self.warnings),
        }


def run(request: InfoRequest, progress: Progress = silent) -> InfoResult:
    """Open the file and describe it."""
    return describe(open_particles(request.path, progress, request.reading), request.symmetry)


def describe(particles: Particles, symmetry: str | None = None) -> InfoResult:
    """Describe particles that are already open; see `InfoRequest` for `symmetry`."""
    form = format_of(particles)
    return InfoResult(
        path=particles.table.path,
        format=particles.table.format_name,
        particles=len(particles),
        placed=particles.n_placed,
        half_sets=count_halves(particles),
        pixel_size=particles.pixel_size,
        box=particles.box,
        symmetry=particles.symmetry,
        files=tuple(particles.table.sources),
        warnings=tuple(map(str, particles.notes)),
        units=form.units(particles) if isinstance(form, Described) else {},
        settings=(
            suggest_setting(particles.directions, parse_group(symmetry)) if symmetry else None
        ),
    )


def count_halves(particles: Particles) -> dict[str, int] | None:
    """Particles in half 1, half 2 and, only if there are any, in none."""
    if particles.halves is None:
        return None
    none, one, two = np.bincount(particles.halves, minlength=3)[:3].tolist()
    return {"1": one, "2": two} | ({"none": none} if none else {})


def _share(part: int, whole: int) -> str:
    return "" if part == whole else f" ({part / whole:.1%}); {whole - part:,} without a pose"
