"""What thinning did to the scores: the views of a file before and after, said alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention, psf, sampling
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.core.sampling import REFERENCE, FourierShell, Scores
from evenview.core.scores import Views, collect
from evenview.core.search_grid import SearchGrid, spacing, width
from evenview.core.symmetry import PointGroup, parse_group
from evenview.core.weights import effective_sampling
from evenview.core.words import counted

Floats = NDArray[np.float64]

#: A loss of effective particles that is warned of, and bins that hold too few on average.
_MUCH, _FEW = 0.25, 10.0
#: A part of what is wanted that is worth a word where no particle is there for it.
_LACKING = 0.001


@dataclass(frozen=True)
class Scored:
    """The scores of one set of views.

    Attributes
    ----------
    fourier
        SCF*, the empty fraction and effective particles.
    e_od
        None of no views.
    least, part
        Azimuth and elevation (degrees) of the direction of Fourier space that is sampled least, and
        its sampling as a part of the mean.
    alone
        SCF* of these views by themselves, as `evenview score` says it: where directions are empty
        and few views are left another number than that of as many as there were.
    """

    fourier: Scores
    e_od: float | None
    least: tuple[float, float]
    part: float
    alone: float

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "scf_star": self.fourier.scf_star,
            "scf_star_alone": self.alone,
            "effective_particles": self.fourier.effective_particles,
            "empty_fourier_fraction": self.fourier.empty_fraction,
            "e_od": self.e_od,
            "least_sampled": {
                "azimuth": self.least[0],
                "elevation": self.least[1],
                "times_mean": self.part,
            },
        }


@dataclass(frozen=True)
class Outcome:
    """The scores before and after, said for one number of views, with copies by one symmetry."""

    before: Scored
    after: Scored
    group: str

    @property
    def lost(self) -> float:
        """The part of the effective particles that is gone."""
        whole = self.before.fourier.effective_particles
        return 1.0 - self.after.fourier.effective_particles / whole if whole else 0.0

    def settings(self) -> dict[str, Any]:
        """What the numbers depend on."""
        fourier = self.before.fourier
        return {
            "symmetry": self.group,
            "radius": fourier.radius,
            "s0": fourier.empty_sampling,
            "reference": fourier.reference,
        }


def outcome(
    particles: Particles, kept: NDArray[np.bool_], symmetry: str, progress: Progress = silent
) -> Outcome:
    """Score particles and those of them that are `kept` (N,).

    Both SCF* are said for one number of views (`sampling.score_as_before`).
    """
    left = collect(replace(particles, quaternions=particles.quaternions[kept], halves=None))
    whole, group = collect(particles, progress), parse_group(symmetry)
    reference = min(REFERENCE, whole.n)
    return Outcome(_scored(whole, group, reference), _scored(left, group, reference), group.name)


def weighted_outcome(
    particles: Particles, weights: Floats, symmetry: str, progress: Progress = silent
) -> Outcome:
    """Score particles, and the same with weights (N,).

    With them a direction is sampled by the effective number (Σw)²/Σw² of the views there
    (`effective_sampling`), and there are as many particles as sample so often when spread evenly.
    E_od is that of Σw, the sampling that the denominators see.
    """
    group = parse_group(symmetry)
    shell = sampling.shell(group.name)
    whole = collect(particles, progress)
    reference = min(REFERENCE, whole.n)
    first, second = (collect(particles, weights=each) for each in (weights, np.square(weights)))
    sampled = whole.sampled(shell)
    effective = effective_sampling(first.sampled(shell), second.sampled(shell))
    effective = np.minimum(effective, sampled)  # but for single precision it is never more
    mean = float(sampled.mean())
    n = round(whole.n * float(effective.mean()) / mean) if mean else 0
    before = scored(shell, sampled, whole.n, _e_od(whole, group), reference)
    after = scored(shell, effective, n, _e_od(first, group), reference)
    return Outcome(before, after, group.name)


def warnings(
    found: Outcome,
    counts: NDArray[np.int64],
    areas: NDArray[np.float64],
    searched: SearchGrid | None = None,
    wanted: Floats | None = None,
) -> list[str]:
    """What to be told of a thinning, a sentence each.

    Parameters
    ----------
    counts, areas
        (B,) of the bins that the decision was made in.
    searched
        The search grid that the views lie on, if they do (`search_grid_of`).
    wanted
        (B,) particles of the file that is followed, if one is.
    """
    if found.after.fourier.particles == found.before.fourier.particles:
        return []
    told = []
    if found.lost >= _MUCH:
        told.append(f"This removes {found.lost:.0%} of the effective particles.")
    return [*told, *bin_warnings(counts, areas, searched, wanted)]


def bin_warnings(
    counts: NDArray[np.int64],
    areas: NDArray[np.float64],
    searched: SearchGrid | None = None,
    wanted: Floats | None = None,
) -> list[str]:
    """Those of `warnings` that are about bins and not about what is lost."""
    told = []
    held = float(counts.sum()) / max(1, int(np.count_nonzero(areas > 0)))
    if held < _FEW:
        told.append(
            f"Bins hold {held:.1f} particles on average: this thins noise. Use larger bins."
        )
    if wanted is not None and (wanted > 0).any():
        told.extend(_too_few_to_follow(wanted, counts))
        told.extend(_not_here(np.where(areas > 0, wanted, 0.0), counts))
    across = width(float(np.median(areas[areas > 0]))) if (areas > 0).any() else 0.0
    if searched is not None and not searched.suits(across):
        order = searched.safe_order
        told.append(
            f"The crowd lies on a search grid of {searched.step:.2g}°, which shows in bins "
            f"{across:.2g}° across: this thins its moiré. Use bins of {spacing(order):.2g}° or "
            f"more, healpix:{order}, or refine with local searches first."
        )
    return told


def _too_few_to_follow(wanted: Floats, counts: NDArray[np.int64]) -> list[str]:
    """Of few particles a bin it is chance how many there are, and whether there is one at all.

    The median of bins with any is told: a crowd must not make up for all the others.
    """
    held = float(np.median(wanted[wanted > 0]))
    if held >= _FEW:
        return []
    emptied = int(np.count_nonzero((wanted == 0) & (counts > 0)))
    empty = f", and empties {counted(emptied, 'bin')} where it has none" if emptied else ""
    return [
        f"The file to follow has about {counted(int(held), 'particle')} a bin, of those with any: "
        f"this follows its chance{empty}. Use larger bins."
    ]


def _not_here(wanted: Floats, counts: NDArray[np.int64]) -> list[str]:
    """Bins without a particle can never be filled, whatever is thinned."""
    part = float(wanted[counts == 0].sum()) / max(1.0, float(wanted.sum()))
    if part < _LACKING:
        return []
    return [
        f"{part:.1%} of the particles of the file to follow lie in bins that have none here. What "
        "stays cannot be like it there."
    ]


def _scored(views: Views, group: PointGroup, reference: int) -> Scored:
    shell = sampling.shell(group.name)
    return scored(shell, views.sampled(shell), views.n, _e_od(views, group), reference)


def _e_od(views: Views, group: PointGroup) -> float | None:
    return psf.point_spread(group.name).of(views.counts).e_od if views.n else None


def scored(
    shell: FourierShell, sampled: Floats, n: int, e_od: float | None, reference: int
) -> Scored:
    """The scores of a sampling S (R,) of a shell by n views, SCF* of `reference` of them."""
    at = int(sampled.argmin())
    azimuth, elevation = convention.azimuth_elevation(shell.points[at : at + 1])[0].tolist()
    mean = float(sampled.mean())
    part = float(sampled[at]) / mean if mean else 0.0
    fourier = sampling.score_as_before(sampled, n, reference, shell.radius)
    alone = fourier if n >= reference else sampling.score(sampled, n, shell.radius)
    return Scored(fourier, e_od, (azimuth, elevation), part, alone.scf_star)
