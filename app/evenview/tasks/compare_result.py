"""What a comparison of two sets of poses was asked for and found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.compare import agreement, comparison
from evenview.core.compare.changes import NONE
from evenview.core.compare.comparison import Comparison, Trial
from evenview.core.compare.judgement import Judged
from evenview.core.compare.matching import TOLERANCE, Matches, Way
from evenview.core.compare.relation import Relation
from evenview.core.compare.shifts import Shifts
from evenview.core.particles import Particles
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.symmetry import PointGroup
from evenview.tasks import compare_words

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Where the bins of the histograms end, degrees.
_EDGES = {
    "angle": (0.0, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 90, 120, 150, 180),
    "direction_error": (0.0, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 90, 120, 150, 180),
    "inplane_error": (
        *(-180, -150, -120, -90, -60, -45, -30, -20, -15, -10, -7.5, -5, -3, -2, -1, -0.5),
        *(0, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 90, 120, 150, 180),
    ),
}


@dataclass(frozen=True)
class Outputs:
    """What is written.

    Attributes
    ----------
    table
        A .csv of every matched particle.
    disagreeing, agreeing
        Particle files in the format of the file `of`, with its rows that do and do not agree.
    over
        Degrees: particles disagree whose angle is larger; None goes by the probability.
    """

    table: Path | None = None
    disagreeing: Path | None = None
    agreeing: Path | None = None
    of: Literal["A", "B"] = "A"
    over: float | None = None


@dataclass(frozen=True)
class CompareRequest:
    """Which files to compare, and how.

    Attributes
    ----------
    a, b
        Paths, or particles that are already open.
    symmetry
        The point group of A's map; None is what the files name, or C1.
    way, tolerance
        How particles are matched; see `core.compare.matching.match`.
    truth
        Whether B is the truth that A is judged by.
    pixel_size, box
        Å and pixels, of files that do not say them.
    advise
        Whether to say which group would explain more, though C1 was asked for.
    """

    a: Path | Particles
    b: Path | Particles
    symmetry: str | None = None
    way: Way | None = None
    tolerance: float = TOLERANCE
    truth: bool = False
    pixel_size: float | None = None
    box: int | None = None
    reading_a: Reading = AS_IT_IS
    reading_b: Reading = AS_IT_IS
    outputs: Outputs = Outputs()
    advise: bool = False


@dataclass(frozen=True, eq=False)
class CompareResult:
    """What was found.

    Attributes
    ----------
    a, b
        The particles of the two files.
    group, group_told
        The point group that was asked for, and where it is from, in words.
    matches
        The rows that are the same particles, of those that have a pose in both files.
    unposed
        Matched particles that have no pose in one of the files, or in both.
    found, relation
        How the poses relate, and that in words.
    shifts
        None where they cannot be compared.
    given, fitted
        A judged by B in the frames as they are, and once they are brought together; None unless
        asked for.
    means
        Degrees between G and the means of all particles' own turns, by metric and power.
    better
        A group that nobody said and that explains the poses clearly better.
    written, more_notes
        Files, and what else is to be known, a sentence each.
    """

    request: CompareRequest
    a: Particles
    b: Particles
    group: PointGroup
    group_told: str
    matches: Matches
    unposed: int
    found: Comparison
    relation: Relation
    shifts: Shifts | None
    means: dict[str, float]
    given: dict[str, Judged] | None = None
    fitted: dict[str, Judged] | None = None
    better: Trial | None = None
    written: tuple[Path, ...] = ()
    more_notes: tuple[str, ...] = ()

    @cached_property
    def agrees(self) -> Bools:
        """(M,) which of the matched particles agree."""
        over = self.request.outputs.over
        if over is not None:
            return self.found.angle <= over
        return self.found.probability > 0.5

    @property
    def limit(self) -> float:
        """Degrees: particles agree whose angle is at most this."""
        over = self.request.outputs.over
        return self.found.limit if over is None else over

    @property
    def matched(self) -> int:
        """How many particles are in both files, with a pose or without."""
        return len(self.matches) + self.unposed

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is to be known, a sentence each."""
        told = [*self.matches.notes]
        if self.unposed:
            told.append(
                f"{self.unposed:,} matched particles have no pose in one of the files and are left "
                "out."
            )
        told += self.relation.notes
        if self.better is not None:
            name = self.better.hypothesis.group.name
            told.append(
                f"With the symmetry {name}, {self.better.share:.0%} of the particles would agree: "
                f"say --symmetry {name} if the map has it."
            )
        if self.shifts is not None and self.shifts.told and self.found.related:
            told.append(self.shifts.told)
        return (*told, *self.more_notes)

    def summary(self) -> str:
        return compare_words.summary(self)

    def as_json(self) -> dict[str, Any]:
        found = self.found
        change = found.hypothesis.change
        return {
            "a": str(self.a.table.path),
            "b": str(self.b.table.path),
            "matched": self.matched,
            "matched_by": self.matches.words,
            "compared": len(self.matches),
            "unmatched_a": len(self.a) - self.matched,
            "unmatched_b": len(self.b) - self.matched,
            "relation": self.relation.words,
            "related": found.related,
            "significance": found.significance,
            "agreeing_by_chance": found.by_chance,
            "rotation": found.matrix.tolist(),
            "quaternion": self.quaternion,
            "rotation_error_degrees": found.uncertainty,
            "flipped": found.hypothesis.flipped,
            "changed": None if change is NONE else {"file": change.of, "change": change.name},
            "symmetry": found.hypothesis.group.name,
            "operators": _operators_as_json(found),
            "sigma_degrees": found.sigma,
            "agreeing_fraction": found.mixture.share,
            "agreeing": int(self.agrees.sum()),
            "disagreeing": int((~self.agrees).sum()),
            "to_turn_a": self.to_turn_a,
            "errors": self.errors,
            "histograms": histograms(found),
            "means": self.means,
            "shifts": _shifts_as_json(self.shifts),
            "alternatives": [_trial_as_json(trial) for trial in self.alternatives],
            "truth": self._truth_as_json(),
            "settings": self.settings,
            "notes": list(self.notes),
            "written": [str(path) for path in self.written],
        }

    @property
    def quaternion(self) -> list[float]:
        """G as w, x, y, z."""
        parts: list[float] = rotation.from_matrix(self.found.matrix).tolist()
        return parts

    @property
    def to_turn_a(self) -> str:
        """The options of 'evenview transform' that bring A's poses into B's frame, or ""."""
        found = self.found
        if not found.related or found.hypothesis.change is not NONE:
            return ""
        words = ["--mirror z --mirror-about voxel"] if found.hypothesis.flipped else []
        words.append("--quaternion " + " ".join(f"{part:.9g}" for part in self.quaternion))
        if self.shifts is not None and not self.shifts.told:
            words.append("--shift " + " ".join(f"{part:.6g}" for part in self.shifts.translation))
        return " ".join(words)

    @property
    def alternatives(self) -> list[Trial]:
        """The other hypotheses, the best first."""
        own = self.found.hypothesis
        others = [
            trial
            for trial in self.found.trials
            if (trial.hypothesis.change, trial.hypothesis.flipped, trial.hypothesis.group.name)
            != (own.change, own.flipped, own.group.name)
        ]
        return sorted(others, key=lambda trial: -trial.fit.gain)

    @property
    def errors(self) -> dict[str, dict[str, float]]:
        """The middle and the 95th percentile, of the particles that agree and of all; degrees."""
        told = {}
        for name, which in (("agreeing", self.agrees), ("all", np.ones(len(self.agrees), bool))):
            for key, values in per_particle(self.found).items():
                some = np.abs(values[which])
                if len(some):
                    middle, most = np.percentile(some, (50, 95)).tolist()
                    told[f"{key}_{name}"] = {"median": middle, "percentile_95": most}
        return told

    @property
    def settings(self) -> dict[str, Any]:
        """All that the numbers depend on, as plain values."""
        request = self.request
        return {
            "symmetry": self.group.name,
            "symmetry_from": self.group_told,
            "match": self.matches.way,
            "tolerance": request.tolerance,
            "truth": request.truth,
            "over": request.outputs.over,
            "sample": comparison.SAMPLE,
            "tries": agreement.TRIES,
            "soft_count_width_degrees": float(np.degrees(agreement.WIDTH)),
            "smallest_sigma_degrees": float(np.degrees(agreement.SMALLEST)),
            "largest_sigma_degrees": float(np.degrees(agreement.LARGEST)),
            "related_from": comparison.SURE,
        }

    def _truth_as_json(self) -> dict[str, Any] | None:
        if self.given is None or self.fitted is None:
            return None
        return {
            "as_given": {name: judged.as_json() for name, judged in self.given.items()},
            "after_frame_fit": {name: judged.as_json() for name, judged in self.fitted.items()},
        }


def histograms(found: Comparison) -> dict[str, dict[str, list[float]]]:
    """How many particles have which errors: edges in degrees and counts between them."""
    told = {}
    for name, values in per_particle(found).items():
        edges = np.array(_EDGES[name], dtype=np.float64)
        counts, _ = np.histogram(values, edges)
        told[name] = {"edges": edges.tolist(), "counts": counts.tolist()}
    return told


def per_particle(found: Comparison) -> dict[str, Floats]:
    """The errors of each particle (M,), degrees, by their names."""
    return {
        "angle": found.angle,
        "direction_error": found.direction_error,
        "inplane_error": found.inplane_error,
    }


def _operators_as_json(found: Comparison) -> list[dict[str, Any]]:
    """The operators S in the order of their numbers, and how many particles have each."""
    matrices = rotation.to_matrix(found.hypothesis.operators)
    counts = np.bincount(found.operator, minlength=len(matrices))
    return [
        {"matrix": matrix.tolist(), "particles": count}
        for matrix, count in zip(matrices, counts.tolist(), strict=True)
    ]


def _shifts_as_json(shifts: Shifts | None) -> dict[str, Any] | None:
    if shifts is None:
        return None
    return {
        "translation_angstrom": shifts.translation.tolist(),
        "image_offset_angstrom": shifts.offset.tolist(),
        "median_error_angstrom": shifts.median,
        "factor": shifts.factor,
        "factor_error": shifts.factor_error if np.isfinite(shifts.factor_error) else None,
    }


def _trial_as_json(trial: Trial) -> dict[str, Any]:
    tried = trial.hypothesis
    return {
        "change": tried.change.name,
        "flipped": tried.flipped,
        "symmetry": tried.group.name,
        "agreeing_fraction": trial.share,
        "sigma_degrees": float(np.degrees(trial.fit.mixture.sigma)),
        "nats_a_particle": trial.fit.gain,
    }
