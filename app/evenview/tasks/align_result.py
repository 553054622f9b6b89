"""How maps came to lie over a reference, in words and as JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.align.alignment import Alignment, RunnerUp
from evenview.core.align.superpose import Likeness
from evenview.core.align.words import warnings
from evenview.core.errors import UserError
from evenview.core.words import with_minus
from evenview.tasks.align_outputs import Outputs, written_words
from evenview.tasks.align_words import (
    HALF,
    SEVENTH,
    compared_words,
    fsc_words,
    hand_words,
    reached,
    runners_up,
    triple,
    turn_words,
)
from evenview.tasks.turns import axis_angle

Floats = NDArray[np.float64]

#: What `--json` has of each map besides its name, and why it failed.
_KEYS = (
    "rotation",
    "shift_angstrom",
    "shift_voxels",
    "axis",
    "angle",
    "quaternion",
    "flipped",
    "hand_margin",
    "correlation_before",
    "correlation_after",
    "compared_to",
    "fsc_0.5",
    "fsc_0.5_reached",
    "fsc_0.143",
    "fsc_0.143_reached",
    "fsc_masked",
    "fsc",
    "chimerax_matrix",
    "pose",
    "runners_up",
    "outputs",
    "replaced",
    "reliable",
    "unreliable_because",
    "warnings",
    "notes",
)
#: The first shells are compared by eye where the FSC is below 0.5 from the first on.
_AT_LEAST = 3.0


@dataclass(frozen=True, eq=False)
class MapResult:
    """How one map came to lie, and what was written.

    Attributes
    ----------
    place, path
        Which map of the request it is, from 0, and its file.
    found
        Turn, shift and hand, and how sure they are.
    voxel_size
        Å, of the reference.
    likeness
        The FSC of the moved map against the reference.
    chimerax
        (3, 4) rows of the matrix in the coordinates of both headers.
    outputs
        None where nothing was to be written.
    chimerax_sizes
        Commands that tell ChimeraX the voxels of #1 and #2 where the headers do not.
    replaced
        Those outputs that were there before.
    notes
        What was odd about the maps and masks.
    notes_of_writing
        What was odd about that which went along, or was done to it.
    misfits
        Which particles do not seem to be of the map.
    refused
        Why its particles were not written with the rest.
    masked
        Whether the FSC is of maps that are both multiplied by the reference's mask.
    """

    place: int
    path: Path
    found: Alignment
    voxel_size: float
    likeness: Likeness
    chimerax: Floats
    outputs: Outputs | None
    chimerax_sizes: tuple[str, ...] = ()
    replaced: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    notes_of_writing: tuple[str, ...] = ()
    misfits: tuple[str, ...] = ()
    refused: UserError | None = None
    masked: bool = False

    def unwritten(self) -> MapResult:
        """The same before anything of it was written."""
        return replace(self, outputs=None, replaced=(), notes_of_writing=(), refused=None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes the answer, or what goes with the map, doubtful."""
        return (*warnings(self.found), *self.misfits)

    @property
    def every_note(self) -> tuple[str, ...]:
        """What was odd about any of the files."""
        return (*self.notes, *self.notes_of_writing)

    @property
    def compared(self) -> float:
        """Å: down to where the maps are compared by eye and in the difference map."""
        lowpass, at = self.found.settings.lowpass, self.likeness.crossing(HALF)
        resolution = self.likeness.side / _AT_LEAST if at is None else at
        return max(resolution, lowpass or 0.0)

    def facts(self) -> list[tuple[str, str]]:
        """The result in words, a fact a line."""
        found, pose = self.found, self.found.pose
        voxels = triple(pose.shift / self.voxel_size, 2)
        return [
            ("Map", str(self.path)),
            ("Turned", turn_words(pose, 2)),
            ("Shifted", f"{triple(pose.shift, 2)} Å = {voxels} voxels of the reference"),
            ("Hand", hand_words(found)),
            ("Compared", compared_words(found)),
            ("Correlation", f"{found.before:.3f} before, {found.after:.3f} after"),
            ("FSC", fsc_words(self.likeness, masked=self.masked)),
            *runners_up(found),
        ]

    def lines(self) -> list[str]:
        """All that is to be said of the map, line by line."""
        files = () if self.outputs is None else self.outputs.all()
        refused = [] if self.refused is None else [f"Not written:  {self.refused}"]
        return [
            *(f"{name + ':':<14}{with_minus(value)}" for name, value in self.facts()),
            *refused,
            *(f"Note: {note}" for note in self.every_note),
            *(written_words(path, self.replaced) for path in files),
            *(f"Warning: {warning}" for warning in self.warnings),
        ]

    def as_json(self) -> dict[str, Any]:
        found, pose = self.found, self.found.pose
        turn = axis_angle(pose.rotation)
        return {
            "map": str(self.path),
            "rotation": pose.rotation.tolist(),
            "shift_angstrom": pose.shift.tolist(),
            "shift_voxels": (pose.shift / self.voxel_size).tolist(),
            "axis": (turn.axis + 0.0).tolist(),
            "angle": turn.angle,
            "quaternion": rotation.from_matrix(pose.rotation).tolist(),
            "flipped": pose.flipped,
            "hand_margin": found.hand_margin,
            "correlation_before": found.before,
            "correlation_after": found.after,
            "compared_to": found.frame.side / found.frame.limit,
            "fsc_0.5": self.likeness.crossing(HALF),
            "fsc_0.5_reached": reached(self.likeness, HALF),
            "fsc_0.143": self.likeness.crossing(SEVENTH),
            "fsc_0.143_reached": reached(self.likeness, SEVENTH),
            "fsc_masked": self.masked,
            "fsc": _curve(self.likeness),
            "chimerax_matrix": self.chimerax.tolist(),
            "pose": found.taken,
            "runners_up": [_other(other) for other in found.runners_up],
            "outputs": None if self.outputs is None else self.outputs.as_json(),
            "replaced": [str(path) for path in self.replaced],
            "reliable": not found.unreliable,
            "unreliable_because": _reason(found),
            "warnings": list(self.warnings),
            "notes": list(self.every_note),
            "error": None if self.refused is None else str(self.refused),
        }


def _reason(found: Alignment) -> str | None:
    """What the answer should not be relied on for, in a word for scripts; None where it may be."""
    if found.unlike:
        return "hardly_correlate"
    return "more_alike_before" if found.worse else None


def _other(other: RunnerUp) -> dict[str, Any]:
    pose, turn = other.pose, axis_angle(other.pose.rotation)
    return {
        "rotation": pose.rotation.tolist(),
        "axis": (turn.axis + 0.0).tolist(),
        "angle": turn.angle,
        "shift_angstrom": pose.shift.tolist(),
        "flipped": pose.flipped,
        "score": other.score,
    }


def _curve(likeness: Likeness) -> list[list[float]]:
    """Frequency (1/Å) and FSC of each shell from the first on."""
    return [[s / likeness.side, float(v)] for s, v in enumerate(likeness.fsc) if s]


@dataclass(frozen=True, eq=False)
class Failed:
    """A map of the request that could not be laid over the reference, or written, and why."""

    place: int
    path: Path
    error: UserError

    def as_json(self) -> dict[str, Any]:
        """With the keys of the others, all of them null."""
        return {"map": str(self.path), **dict.fromkeys(_KEYS), "error": str(self.error)}


@dataclass(frozen=True, eq=False)
class AlignResult:
    """How all maps came to lie, in their order, without those that `failed`."""

    reference: Path
    maps: tuple[MapResult, ...]
    failed: tuple[Failed, ...] = ()

    @property
    def errors(self) -> tuple[UserError, ...]:
        """Why maps failed or their particles were not written, in the order of the maps."""
        every = {one.place: one.refused for one in self.maps if one.refused is not None}
        every |= {one.place: one.error for one in self.failed}
        return tuple(every[place] for place in sorted(every))

    def without_errors(self) -> AlignResult:
        """The same, where `errors` are told elsewhere."""
        return replace(self, maps=tuple(replace(one, refused=None) for one in self.maps), failed=())

    def summary(self) -> str:
        lines = [f"Reference:    {self.reference}"]
        for one in self.maps:
            lines += ["", *one.lines()]
        for failed in self.failed:
            lines += ["", f"Map:          {failed.path}", f"Failed:       {failed.error}"]
        return "\n".join(lines)

    def as_json(self) -> list[dict[str, Any]]:
        every: list[MapResult | Failed] = [*self.maps, *self.failed]
        return [one.as_json() for one in sorted(every, key=lambda one: one.place)]
