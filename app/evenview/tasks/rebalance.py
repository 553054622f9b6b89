"""Thin the crowded views and write what is kept, what is excluded, and how it was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenview.core.errors import UserError
from evenview.core.keep import choose_rows
from evenview.core.particles import Particles
from evenview.core.plan import Plan
from evenview.core.progress import Progress, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.resolve import Numbers, Summary, exact_summary, resolve
from evenview.formats import open_particles
from evenview.formats.output import check_targets
from evenview.tasks.outcome import Outcome, Scored, outcome
from evenview.tasks.outcome import warnings as of_thinning
from evenview.tasks.recipe_file import Recipe, save_recipe
from evenview.tasks.written import all_warnings


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
            f"{'':<22}{'before':>14}{'after':>14}",
            _row("particles", f"{before.particles:,}", f"{after.particles:,}") + f"  ({kept:.1%})",
            *_half_rows(before, after),
            _row("entropy (1 is even)", *_pair(before, after, lambda e: f"{e.entropy:.4f}")),
            _row("Gini (0 is even)", *_pair(before, after, lambda e: f"{e.gini:.4f}")),
            _row("empty", *_pair(before, after, lambda e: f"{e.empty_fraction:.1%}")),
            _row("fullest, × uniform", *_pair(before, after, lambda e: f"{e.max_density:.1f}")),
            *_score_rows(self.scores),
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
            "before": _numbers_as_json(self.numbers.before) | self.scores.before.as_json(),
            "after": _numbers_as_json(self.numbers.after) | self.scores.after.as_json(),
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
    check_targets(_targets(request, particles), particles.table.sources)
    display = resolve(particles, request.plan, None, progress)
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
        recipe = Recipe.of(table.sources, request.plan, written, left, particles.reading)
        save_recipe(recipe, request.recipe)
    numbers = exact_summary(display, kept)
    scores = outcome(particles, kept, request.plan.symmetry, progress)
    binning = display.binning
    warnings = (
        *of_thinning(scores, binning.decision_counts, binning.decision_areas),
        *(str(note) for note in particles.notes if note.warns),
        *all_warnings(written[0], particles.reading, progress),
    )
    return RebalanceResult(written, left, request.recipe, numbers, scores, warnings, replaced)


def _opened(request: RebalanceRequest, progress: Progress) -> Particles:
    if isinstance(request.source, Particles):
        return request.source
    return open_particles(request.source, progress, request.reading)


def _targets(request: RebalanceRequest, particles: Particles) -> list[Path]:
    """Every file that is to be written, companions among them."""
    paths = [path for path in (request.kept, request.excluded) if path is not None]
    targets = [target for path in paths for target in particles.table.targets(path)]
    return [*targets, *([request.recipe] if request.recipe else [])]


def _row(name: str, before: str, after: str) -> str:
    return f"{name:<22}{before:>14}{after:>14}"


def _pair(before: Numbers, after: Numbers, show: Callable[[Any], str]) -> tuple[str, str]:
    return show(before.evenness), show(after.evenness)


def _score_rows(scores: Outcome) -> list[str]:
    before, after = scores.before, scores.after
    settings = scores.settings()

    def row(name: str, show: Callable[[Scored], str]) -> str:
        return _row(name, show(before), show(after))

    def e_od(one: Scored) -> str:
        return "-" if one.e_od is None else f"{one.e_od:.3f}"

    def least(one: Scored) -> str:
        return f"{one.least[0]:.0f}°, {one.least[1]:.0f}°"

    return [
        row("SCF*", lambda one: f"{one.fourier.scf_star:.3f}"),
        row("effective, N·SCF*", lambda one: f"{one.fourier.effective_particles:,.0f}")
        + f"  ({1.0 - scores.lost:.1%})",
        row("E_od", e_od),
        row("empty Fourier space", lambda one: f"{one.fourier.empty_fraction:.1%}"),
        row("least sampled at", least),
        row("its sampling, × mean", lambda one: f"{one.part:.2f}"),
        f"SCF* of {settings['reference']:,} views, k = {settings['radius']}, "
        f"s0 = {settings['s0']:g}, symmetry {settings['symmetry']}",
    ]


def _half_rows(before: Numbers, after: Numbers) -> list[str]:
    if before.halves is None or after.halves is None:
        return []
    pairs = zip(before.halves, after.halves, strict=True)
    return [_row(f"half {i}", f"{b:,}", f"{a:,}") for i, (b, a) in enumerate(pairs, start=1)]


def _numbers_as_json(numbers: Numbers) -> dict[str, Any]:
    return {
        "particles": numbers.particles,
        "half_sets": (
            None
            if numbers.halves is None
            else {str(i): n for i, n in enumerate(numbers.halves, start=1)}
        ),
        "entropy": numbers.evenness.entropy,
        "gini": numbers.evenness.gini,
        "empty_fraction": numbers.evenness.empty_fraction,
        "max_density": numbers.evenness.max_density,
    }
