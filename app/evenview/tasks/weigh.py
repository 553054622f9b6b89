"""Write a weight for each particle in a column, where a rebalancing would remove particles."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.display import Summary
from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.plan import Plan
from evenview.core.progress import Progress, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.resolve import resolve
from evenview.core.search_grid import search_grid_of
from evenview.core.weights import bin_weights, row_weights, weighted_summary, worth
from evenview.formats import open_particles
from evenview.formats.base import WeightColumn
from evenview.formats.output import check_targets
from evenview.tasks import weight_column
from evenview.tasks.compared import (
    evenness_rows,
    fourier_rows,
    half_rows,
    heading,
    numbers_as_json,
    row,
    spread_row,
)
from evenview.tasks.example import open_example, sources_of
from evenview.tasks.outcome import Outcome, bin_warnings, weighted_outcome
from evenview.tasks.recipe_file import Recipe, save_recipe
from evenview.tasks.weight_column import Weighting
from evenview.tasks.written import all_warnings

#: What weights can do and what they cannot.
HONEST = (
    "Weights change the balance and add no signal: where views meet, the map is worth at most "
    "(Σw)²/Σw² of their particles."
)
#: What the numbers after are numbers of.
SUMS = "sum of weights"
EFFECTIVE = "effective number per direction, (Σw)²/Σw² (Kish 1965)"
OF_SUMS = f"after, of the {SUMS}, which the denominators see:"
OF_EFFECTIVE = f"after, of the {EFFECTIVE}:"


@dataclass(frozen=True)
class WeighRequest:
    """What would be thinned, how (``plan.thinning``), and where all particles go with weights.

    `source` is a path, or particles that are already open; `reading` says what a path leaves open.
    """

    source: Path | Particles
    plan: Plan
    output: Path
    weighting: Weighting = field(default_factory=Weighting)
    recipe: Path | None = None
    reading: Reading = AS_IT_IS


@dataclass(frozen=True)
class Weights:
    """Weights of the particles with a pose, in a few numbers.

    Attributes
    ----------
    particles
        How many there are.
    total
        Σw, the particles that they count as.
    worth
        (Σw)²/Σw².
    least, largest
        The weights at both ends.
    """

    particles: int
    total: float
    worth: float
    least: float
    largest: float

    @classmethod
    def of(cls, weights: NDArray[np.float64]) -> Weights:
        """Those of weights (N,)."""
        least, largest = (weights.min(), weights.max()) if weights.size else (1.0, 1.0)
        return cls(len(weights), float(weights.sum()), worth(weights), float(least), float(largest))

    def rows(self) -> list[str]:
        """Lines of a table of before and after."""
        n = f"{self.particles:,}"
        part = self.total / self.particles if self.particles else 1.0
        return [
            row("sum of weights", n, f"{self.total:,.0f}") + f"  ({part:.1%})",
            row("worth, (Σw)²/Σw²", n, f"{self.worth:,.0f}"),
            row("least weight", "1", f"{self.least:.4g}"),
            row("largest weight", "1", f"{self.largest:.4g}"),
        ]

    def as_json(self) -> dict[str, float]:
        """As plain values."""
        return {
            "sum": self.total,
            "worth": self.worth,
            "least": self.least,
            "largest": self.largest,
        }


@dataclass(frozen=True)
class WeighResult:
    """The file written, the weights, and the numbers of all particles and of them weighted.

    Attributes
    ----------
    kept
        Where all particles are, with their weights.
    recipe, replaced, warnings
        As of a rebalancing.
    column, became
        Where the weights are, and what became of the column.
    weights
        Those written, of particles with a pose, before what was there multiplied them.
    numbers
        Before, and with the evenness of Σw in the bins.
    scores
        Before, and of the effective number in each direction (`weighted_outcome`).
    """

    kept: tuple[Path, ...]
    recipe: Path | None
    column: WeightColumn
    became: str
    weights: Weights
    numbers: Summary
    scores: Outcome
    warnings: tuple[str, ...] = ()
    replaced: tuple[Path, ...] = ()

    @property
    def excluded(self) -> tuple[Path, ...]:
        """Nothing leaves."""
        return ()

    def place(self) -> str:
        """Where the weights are, in a sentence."""
        whole = "" if self.column.whole == 1.0 else f" ({self.column.whole:g} is a weight of 1)"
        reader = f", for {self.column.reader}" if self.column.reader else ""
        return f"Weights are in {self.column.name}{whole}{reader}: {self.became}."

    def summary(self) -> str:
        n = f"{self.numbers.before.particles:,}"
        lines = [
            heading(),
            row("particles", n, n),
            *half_rows(self.numbers),
            *self.weights.rows(),
            OF_SUMS,
            *evenness_rows(self.numbers),
            spread_row(self.scores),
            OF_EFFECTIVE,
            *fourier_rows(self.scores),
            self.place(),
            HONEST,
        ]
        files = [*self.kept, *([self.recipe] if self.recipe else [])]
        told = [f"{'Replaced' if file in self.replaced else 'Wrote'} {file}" for file in files]
        return "\n".join([*lines, *told, *(f"Warning: {warning}" for warning in self.warnings)])

    def as_json(self) -> dict[str, Any]:
        before, after = self.numbers.before, self.numbers.after
        return {
            "kept": [str(path) for path in self.kept],
            "excluded": [],
            "recipe": str(self.recipe) if self.recipe else None,
            "replaced": [str(path) for path in self.replaced],
            "weights": {
                "column": self.column.name,
                "whole": self.column.whole,
                "became": self.became,
                **self.weights.as_json(),
            },
            "after_is_of": {"fourier": EFFECTIVE, "evenness": SUMS, "e_od": SUMS},
            "before": numbers_as_json(before) | self.scores.before.as_json(),
            "after": numbers_as_json(after) | self.scores.after.as_json(),
            "settings": self.scores.settings(),
            "warnings": list(self.warnings),
        }


def run(request: WeighRequest, progress: Progress = silent) -> WeighResult:
    """Write every particle with the weight of its bin; every other byte of the file stays.

    Raises `UserError`, with nothing written, where no program of the format takes weights, the
    column holds some already, the target is a source, or a folder is missing.
    """
    plan = request.plan
    if plan.thinning is None:
        raise UserError("No way of thinning was chosen", hint="Choose a strategy first.")
    particles = _opened(request, progress)
    example = open_example(plan, progress)
    table, sources = particles.table, (*particles.table.sources, *sources_of(example))
    targets = [*table.targets(request.output), *([request.recipe] if request.recipe else [])]
    check_targets(targets, sources)
    column = weight_column.column_of(particles, request.weighting.column)
    display = resolve(particles, plan, None, progress, example)
    of_bins = bin_weights(display)
    weights = row_weights(display, of_bins)
    replaced = tuple(target for target in targets if target.exists())
    became = weight_column.write(
        particles, column, weights, request.weighting.present, request.output, progress
    )
    written = table.targets(request.output)
    if request.recipe:
        weighting = Weighting(column.name, request.weighting.present)
        recipe = Recipe.of(sources, plan, written, (), particles.reading, weighting)
        save_recipe(recipe, request.recipe)
    binning = display.binning
    warnings = (
        *bin_warnings(
            binning.decision_counts,
            binning.decision_areas,
            search_grid_of(particles),
            display.wanted,
        ),
        *(str(note) for note in particles.notes if note.warns),
        *all_warnings(written[0], particles.reading, progress),
    )
    return WeighResult(
        kept=written,
        recipe=request.recipe,
        column=column,
        became=became,
        weights=Weights.of(weights[particles.placed]),
        numbers=weighted_summary(display, of_bins),
        scores=weighted_outcome(particles, weights, plan.symmetry, progress),
        warnings=warnings,
        replaced=replaced,
    )


def _opened(request: WeighRequest, progress: Progress) -> Particles:
    if isinstance(request.source, Particles):
        return request.source
    return open_particles(request.source, progress, request.reading)
