"""What a comparison of two sets of poses was asked for and found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.compare.averages import Averages, averages
from evenview.core.compare.comparison import Comparison
from evenview.core.compare.hypotheses import Trial
from evenview.core.compare.judgement import Judged
from evenview.core.compare.matching import TOLERANCE, Matches, Way
from evenview.core.compare.relation import Relation
from evenview.core.compare.shifts import Shifts
from evenview.core.means import Metric
from evenview.core.particles import Particles
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.symmetry import PointGroup
from evenview.tasks import compare_json, compare_turning, compare_words

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: A hypothesis comes near to the best with this part of what that gains in likelihood.
_RIVAL = 0.5


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
        The point group of the maps; None is what the files name, or C1.
    way, tolerance
        How particles are matched; see `core.compare.matching.match`.
    truth
        Whether B is the truth that A is judged by.
    pixel_size, box
        Å and pixels, of files that do not say them.
    metric
        The distance between poses that is told besides their angle, with the means by it, and has a
        column in the table.
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
    metric: Metric | None = None


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
    better
        A group that has the one that was said in it and explains the poses clearly better.
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
        if (said := self.request.symmetry) and said.strip().upper() == "I":
            told.append(f"The symmetry I was read as {self.group.name}, as RELION does.")
        if same_file(self.a.table.path, self.b.table.path):
            told.append("A and B are the same file.")
        if self.unposed:
            told.append(
                f"{self.unposed:,} matched particles have no pose in one of the files and are left "
                "out."
            )
        told += self.relation.notes
        if self.advice:
            told.append(self.advice)
        if self.shifts is not None and self.shifts.told and self.found.related:
            told.append(self.shifts.told)
        return (*told, *self.more_notes)

    @property
    def advice(self) -> str:
        """Which other group would explain more, a sentence; "" where none would."""
        if self.better is None:
            return ""
        name = self.better.hypothesis.group.name
        return (
            f"With the symmetry {name}, {self.better.share:.0%} of the particles would agree: say "
            f"--symmetry {name} if the map has it."
        )

    def summary(self) -> str:
        return compare_words.summary(self)

    def as_json(self) -> dict[str, Any]:
        return compare_json.whole(self)

    @property
    def per_particle(self) -> dict[str, Floats]:
        """The errors of each particle (M,), degrees, by their names."""
        return per_particle(self.found)

    @property
    def quaternion(self) -> list[float]:
        """G as w, x, y, z."""
        parts: list[float] = rotation.from_matrix(self.found.matrix).tolist()
        return parts

    @cached_property
    def turning(self) -> str:
        """The command that brings A's poses into B's frame, "" where none does or need be."""
        return compare_turning.command(self)

    @property
    def why_not_turned(self) -> str:
        """Why there is no such command, "" where there is one or need be none."""
        return compare_turning.why_none(self)

    @property
    def is_of_subtomograms(self) -> bool:
        """Whether the particles have shifts in space."""
        return self.shifts is not None and self.shifts.residual.shape[1] == 3

    @cached_property
    def averages(self) -> Averages:
        """Distances and means of all particles that were compared."""
        return self._averages(None)

    @cached_property
    def averages_of_agreeing(self) -> Averages:
        """Distances and means of the particles that agree."""
        return self._averages(self.agrees)

    def _averages(self, which: Bools | None) -> Averages:
        rows = self.matches
        a, b = self.a.quaternions[rows.rows_a], self.b.quaternions[rows.rows_b]
        return averages(self.found, a, b, which)

    @property
    def alternatives(self) -> list[Trial]:
        """The other hypotheses, the best first."""
        own = self.found.hypothesis
        others = [trial for trial in self.found.trials if not trial.hypothesis.is_like(own)]
        return sorted(others, key=lambda trial: -trial.fit.gain)

    @property
    def rivals(self) -> list[Trial]:
        """The other hypotheses that come near to the best, the best first."""
        most = max((trial.fit.gain for trial in self.found.trials), default=0.0)
        return [trial for trial in self.alternatives if trial.fit.gain >= _RIVAL * most]

    @cached_property
    def errors(self) -> dict[str, dict[str, float]]:
        """The middle and the 95th percentile, of the particles that agree and of all; degrees."""
        told = {}
        for name, which in (("agreeing", self.agrees), ("all", np.ones(len(self.agrees), bool))):
            for key, values in self.per_particle.items():
                some = np.abs(values[which])
                if len(some):
                    middle, most = np.percentile(some, (50, 95)).tolist()
                    told[f"{key}_{name}"] = {"median": middle, "percentile_95": most}
        return told


def same_file(a: Path, b: Path) -> bool:
    """Whether two paths lead to one file."""
    try:
        return a.samefile(b)
    except OSError:
        return False


def per_particle(found: Comparison) -> dict[str, Floats]:
    """The errors of each particle (M,), degrees, by their names."""
    return {
        "angle": found.angle,
        "direction_error": found.direction_error,
        "inplane_error": found.inplane_error,
    }
