"""Say how evenly the views of particles fill Fourier space, and what that means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evenview.core import convention, psf
from evenview.core.empty import EmptyShell, empty_by_radius
from evenview.core.errors import UserError
from evenview.core.folded import FoldedHint, suggest_group
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.sampling import EMPTY_SAMPLING, RADIUS
from evenview.core.scores import ViewScores, chance_gini, score_views
from evenview.core.search_grid import search_grid_of
from evenview.core.symmetry import parse_group
from evenview.core.tensor import OrientationTensor
from evenview.core.tilting import Curve
from evenview.core.verdict import HOLE, LIMITS, Verdict, judge
from evenview.formats import open_particles
from evenview.tasks.weight_column import uncounted

#: Shells that can be asked for: a smaller one is all of Fourier space at once.
SMALLEST_RADIUS, LARGEST_RADIUS = 4, 500
#: Particles that are looked at for the group that they were folded with, spread over the file.
ENOUGH = 20_000
#: Of the shells whose empty part is known, those that are printed.
_PRINTED = (10, 25, 50, 100, 200, 400)


@dataclass(frozen=True)
class ScoreRequest:
    """What to score, with which symmetry, on the shell of which radius k (Fourier voxels).

    `source` is a path, or particles that are already open; `reading` says what a path leaves open.
    Empty directions count as sampled by `empty_sampling` views, s0. With `tilt`, the scores at
    other angles of the stage, too.
    """

    source: Path | Particles
    symmetry: str = "C1"
    radius: int = RADIUS
    empty_sampling: float = EMPTY_SAMPLING
    tilt: bool = False
    reading: Reading = AS_IT_IS


@dataclass(frozen=True, eq=False)
class ScoreResult:
    """The scores of the views of a file, in numbers and in words.

    `empty` is how much of Fourier space is empty on shells of rising radius, `curve` the scores at
    other angles of the stage, if they were asked for.
    """

    scores: ViewScores
    verdict: Verdict
    empty: tuple[EmptyShell, ...]
    curve: Curve | None

    def summary(self) -> str:
        lines = [f"{name + ':':<21}{value}" for name, value in (*self._facts(), *self._settings())]
        words = [*self.verdict.sentences, *self.verdict.warnings, LIMITS]
        return "\n".join([*lines, "", *words])

    def _facts(self) -> list[tuple[str, str]]:
        fourier, even = self.scores.fourier, self.scores.evenness
        part = fourier.effective_particles / fourier.particles
        facts = [
            ("Particles", f"{fourier.particles:,}"),
            ("SCF*", f"{fourier.scf_star:.4f}"),
            ("Effective particles", f"{fourier.effective_particles:,.0f} ({part:.1%})"),
            ("Empty directions", f"{fourier.empty_fraction:.2%} of Fourier space"),
            ("Empty at radius k", self._empty_parts()),
        ]
        if fourier.empty_fraction <= HOLE:  # without meaning where there are holes
            facts.insert(1, ("SCF", f"{fourier.scf:.4f}"))
        if self.scores.spread is not None:
            value = self.scores.spread.e_od
            facts.append(("E_od", f"{value:.3f}" + (" (counts as 0)" if value < 0 else "")))
        chance = chance_gini(self.scores.a_bin)
        facts += [
            ("Gini", f"{even.gini:.3f} (0 is even; chance alone gives {chance:.3f})"),
            ("Entropy", f"{even.entropy:.4f} (1 is even)"),
        ]
        chi = self.scores.chi_square
        if chi is not None:
            facts.append(
                (
                    "Chi-square",
                    f"{chi.reduced:.4g} per degree of freedom, of {chi.degrees_of_freedom:,} "
                    f"(1 is even), {_chance(chi.chance)}",
                )
            )
        return facts

    def _empty_parts(self) -> str:
        shown = [shell for shell in self.empty if shell.radius in _PRINTED]
        return ", ".join(f"{shell.radius} {shell.empty_fraction:.1%}" for shell in shown)

    def _settings(self) -> list[tuple[str, str]]:
        tensor, fourier = self.scores.tensor, self.scores.fourier
        values = ", ".join(f"{value:.3f}" for value in tensor.eigenvalues)
        settings = (
            f"k = {fourier.radius} Fourier voxels, s0 = {fourier.empty_sampling:g}, SCF* and empty "
            f"directions of {fourier.reference:,} particles, B = {psf.B_FACTOR:g} Å², "
            f"{self.scores.bins:,} bins, symmetry {self.scores.group.name}"
        )
        return [
            ("Tensor", f"{tensor.shape}; eigenvalues {values}"),
            *([("Stage tilt", self._tilts())] if self.curve else []),
            ("Settings", settings),
        ]

    def _tilts(self) -> str:
        assert self.curve is not None
        pairs = zip(self.curve.degrees, self.curve.scores, strict=True)
        shown = (f"{angle:g}° {found.scf_star:.3f}" for angle, found in pairs if not angle % 10)
        return "SCF* at " + ", ".join(shown)

    def as_json(self) -> dict[str, Any]:
        fourier, chi = self.scores.fourier, self.scores.chi_square
        return {
            "particles": fourier.particles,
            "scf": fourier.scf,
            "scf_star": fourier.scf_star,
            "effective_particles": fourier.effective_particles,
            "empty_fraction": fourier.empty_fraction,
            "empty_by_radius": [
                {"k": shell.radius, "empty_fraction": shell.empty_fraction} for shell in self.empty
            ],
            "e_od": self.scores.spread.e_od if self.scores.spread else None,
            "gini": self.scores.evenness.gini,
            "entropy": self.scores.evenness.entropy,
            "chi_square": chi
            and {
                "value": chi.value,
                "degrees_of_freedom": chi.degrees_of_freedom,
                "reduced": chi.reduced,
                "p": chi.chance,
            },
            "tensor": _tensor_json(self.scores.tensor),
            "settings": {
                "k": fourier.radius,
                "s0": fourier.empty_sampling,
                "reference": fourier.reference,
                "B": psf.B_FACTOR,
                "bins": self.scores.bins,
                "symmetry": self.scores.group.name,
            },
            "verdict": self.verdict.as_json(),
            "tilt": _curve_json(self.curve) if self.curve else None,
        }


def run(request: ScoreRequest, progress: Progress = silent) -> ScoreResult:
    """Open the file, unless it is open, and score its views.

    Raises `UserError` for a symmetry, a radius or an s0 that make no sense, and for a file in which
    no particle has a pose.
    """
    group = parse_group(request.symmetry)
    _check(request)
    particles = _opened(request, progress)
    found = score_views(particles, group, request.radius, request.empty_sampling, progress)
    progress(0.0, "Looking at other shells")
    tilted = found.views.tilted(group, request.radius)
    empty = empty_by_radius(tilted)
    curve = None
    if request.tilt:
        progress(0.0, "Tilting the stage")
        curve = tilted.curve(empty_sampling=request.empty_sampling)
    searched = search_grid_of(particles)
    hint = suggest(particles) if group.order == 1 else None
    verdict = judge(found, hint, curve, particles.symmetry, searched)
    weights = uncounted(particles)
    if weights is not None:
        verdict = replace(verdict, warnings=(*verdict.warnings, weights))
    return ScoreResult(found, verdict, empty, curve)


def suggest(particles: Particles) -> FoldedHint | None:
    """The group whose asymmetric unit the views of particles fill, as far as some of them tell."""
    some = particles.quaternions[:: -(-max(len(particles), 1) // ENOUGH)]
    return suggest_group(convention.directions(some))


def _opened(request: ScoreRequest, progress: Progress) -> Particles:
    source = request.source
    if isinstance(source, Path):
        source = open_particles(source, progress, request.reading)
    if not source.n_placed:
        raise UserError(
            "No particle has a pose, so there are no views to score", where=str(source.table.path)
        )
    return source


def _check(request: ScoreRequest) -> None:
    if not SMALLEST_RADIUS <= request.radius <= LARGEST_RADIUS:
        raise UserError(
            f"A radius of {request.radius} Fourier voxels cannot be scored",
            hint=f"Choose {SMALLEST_RADIUS} to {LARGEST_RADIUS}; {RADIUS} is the usual one.",
        )
    if not 0 < request.empty_sampling < float("inf"):
        raise UserError(
            f"Empty directions cannot count as {request.empty_sampling:g} views",
            hint="s0 is above 0; the authors' program has 2, their window 1.",
        )


def _chance(probability: float) -> str:
    return f"p = {probability:.2g}" if probability > 1e-99 else "p < 1e-99"


def _tensor_json(tensor: OrientationTensor) -> dict[str, Any]:
    return {
        "shape": tensor.shape,
        "eigenvalues": list(tensor.eigenvalues),
        "axes": tensor.axes.tolist(),
        "polar": tensor.polar,
        "girdle": tensor.girdle,
        "random": tensor.random,
        "p": tensor.chance,
    }


def _curve_json(curve: Curve) -> dict[str, Any]:
    return {
        "threshold": curve.threshold,
        "smallest": curve.smallest,
        "curve": [
            {
                "tilt": angle,
                "scf_star": found.scf_star,
                "empty_fraction": found.empty_fraction,
            }
            for angle, found in zip(curve.degrees, curve.scores, strict=True)
        ],
    }
