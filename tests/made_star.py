"""Star text made for a test, table by table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evenview.core.particles import Particles
from evenview.formats import open_particles

LABELS = (
    "rlnImageName",
    "rlnAngleRot",
    "rlnAngleTilt",
    "rlnAnglePsi",
    "rlnRandomSubset",
    "rlnOpticsGroup",
)
ROWS = (
    "000001@a.mrcs 10.5 20.25 30 1 1",
    "000002@a.mrcs 90 90 -45.125 2 1",
    "000003@a.mrcs -170 110 5 1 1",
)
ANGLES = ((10.5, 20.25, 30), (90, 90, -45.125), (-170, 110, 5))


def loop(block: str, labels: Sequence[str], rows: Sequence[str], numbered: bool = True) -> str:
    """A block with one table."""
    names = [f"_{label} #{k}" if numbered else f"_{label}" for k, label in enumerate(labels, 1)]
    return "\n".join([f"data_{block}", "", "loop_", *names, *rows]) + "\n\n"


def optics(*groups: tuple[int, float]) -> str:
    """Optics groups: number and pixel size."""
    rows = [f'{group} "group {group}" {size}' for group, size in groups or ((1, 1.25),)]
    return loop("optics", ("rlnOpticsGroup", "rlnOpticsGroupName", "rlnImagePixelSize"), rows)


def particles(rows: Sequence[str] = ROWS, labels: Sequence[str] = LABELS) -> str:
    """A table of particles."""
    return loop("particles", labels, rows)


def angled(*angles: tuple[object, object, object]) -> str:
    """A table of particles of these rot, tilt and psi."""
    return particles([f"{rot} {tilt} {psi}" for rot, tilt, psi in angles], LABELS[1:4])


def save(folder: Path, text: str | bytes) -> Path:
    """The text as a file."""
    path = folder / "made.star"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def opened(folder: Path, text: str | bytes) -> Particles:
    """The text read as particles."""
    return open_particles(save(folder, text))
