"""Thin the crowded views and write what is kept, what is excluded, and how it was done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenview.core.display import Summary, exact_summary
from evenview.core.errors import UserError
from evenview.core.keep import choose_rows
from evenview.core.particles import Particles
from evenview.core.plan import Plan
from evenview.core.progress import Progress, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.resolve import resolve
from evenview.core.search_grid import search_grid_of
from evenview.core.thinning import Strategy
from evenview.formats import open_particles
from evenview.formats.output import check_targets
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
from evenview.tasks.outcome import Outcome, outcome
from evenview.tasks.outcome import warnings as of_thinning
from evenview.tasks.recipe_file import Recipe, save_recipe
from evenview.tasks.score import suggest
from evenview.tasks.written import all_warnings

#: What an SCF* may miss the one that was asked for by: chance, as rows of a bin are drawn.
_NEAR = 0.005


@dataclass(frozen=True)
class RebalanceRequest:
    """What to thin, how (``plan.thinning``), and where the files go.

    `source` is a path, or particles that are already open; `reading` says what a path leaves open.
    """

    source: Path | Particles
    plan: Plan
    kept: Path
    excluded: Path | None = None
    recipe: Path | None = None
    reading: Reading = AS_IT_IS


@dataclass(frozen=True)
class RebalanceResult:
    """The files written, the numbers before and after, and what programs will stumble on.

    `warnings` are of the particles that stay, as they are written.
    """

    kept: tuple[Path, ...]
    excluded: tuple[Path, ...]
    recipe: Path | None
    numbers: Summary
    scores: Outcome
    warnings: tuple[str, ...] = ()
    replaced: tuple[Path, ...] = ()

    def summary(self) -> str:
        before, after = self.numbers.before, self.numbers.after
        kept = after.particles / before.particles if before.particles else 1.0
        lines = [
            heading(),
            row("particles", f"{before.particles:,}", f"{after.particles:,}") + f"  ({kept:.1%})",
            *half_rows(self.numbers),
            *evenness_rows(self.numbers),
            spread_row(self.scores),
            *fourier_rows(self.scores),
        ]
        files = [*self.kept, *self.excluded, *([self.recipe] if self.recipe else [])]
        warned = [f"Warning: {warning}" for warning in self.warnings]
        return "\n".join([*lines, *map(self._told, files), *warned])

    def _told(self, file: Path) -> str:
        return f"{'Replaced' if file in self.replaced else 'Wrote'} {file}"

    def as_json(self) -> dict[str, Any]:
        return {
            "kept": [str(path) for path in self.kept],
            "excluded": [str(path) for path in self.excluded],
            "recipe": str(self.recipe) if self.recipe else None,
            "replaced": [str(path) for path in self.replaced],
            "before": numbers_as_json(self.numbers.before) | self.scores.before.as_json(),
            "after": numbers_as_json(self.numbers.after) | self.scores.after.as_json(),
            "settings": self.scores.settings(),
            "warnings": list(self.warnings),
        }


def run(request: RebalanceRequest, progress: Progress = silent) -> RebalanceResult:
    """Choose the rows that stay and write them, byte for byte, with the excluded rows beside them.

    Either both are written or none. Raises `UserError`, with nothing written, where a target is a
    source, two targets are one file, or a folder is missing.
    """
    thinning = request.plan.thinning
    if thinning is None:
        raise UserError("No way of thinning was chosen", hint="Choose a strategy first.")
    particles = _opened(request, progress)
    example = open_example(request.plan, progress)
    sources = (*particles.table.sources, *sources_of(example))
    check_targets(_targets(request, particles), sources)
    display = resolve(particles, request.plan, None, progress, example)
    replaced = tuple(target for target in _targets(request, particles) if target.exists())
    kept = choose_rows(particles, display.binning, display.checked_quotas(), thinning)
    table = particles.table
    parts = [(request.kept, kept)]
    if request.excluded:
        parts.append((request.excluded, ~kept))
    table.write_parts(parts, progress)
    written = table.targets(request.kept)
    left = table.targets(request.excluded) if request.excluded else ()
    if request.recipe:
        recipe = Recipe.of(sources, request.plan, written, left, particles.reading)
        save_recipe(recipe, request.recipe)
    numbers = exact_summary(display, kept)
    scores = outcome(particles, kept, request.plan.symmetry, progress)
    binning = display.binning
    warnings = (
        *of_thinning(
            scores,
            binning.decision_counts,
            binning.decision_areas,
            search_grid_of(particles),
            display.wanted,
        ),
        *_aims(scores, thinning.strategy),
        *_symmetry(particles, request.plan),
        *(str(note) for note in particles.notes if note.warns),
        *all_warnings(written[0], particles.reading, progress),
    )
    return RebalanceResult(written, left, request.recipe, numbers, scores, warnings, replaced)


def _aims(scores: Outcome, strategy: Strategy) -> list[str]:
    """Where the rows that were chosen miss the SCF* that their bins were expected to reach."""
    wanted, reached = getattr(strategy, "target_scf", None), scores.after.fourier.scf_star
    if wanted is None or reached >= wanted - _NEAR:
        return []
    return [f"An SCF* of {wanted:.3g} was asked for; the particles that stay have {reached:.3f}."]


def _symmetry(particles: Particles, plan: Plan) -> list[str]:
    hint = suggest(particles) if plan.symmetry == "C1" else None
    return [hint.words] if hint is not None else []


def _opened(request: RebalanceRequest, progress: Progress) -> Particles:
    if isinstance(request.source, Particles):
        return request.source
    return open_particles(request.source, progress, request.reading)


def _targets(request: RebalanceRequest, particles: Particles) -> list[Path]:
    """Every file that is to be written, companions among them."""
    paths = [path for path in (request.kept, request.excluded) if path is not None]
    targets = [target for path in paths for target in particles.table.targets(path)]
    return [*targets, *([request.recipe] if request.recipe else [])]
