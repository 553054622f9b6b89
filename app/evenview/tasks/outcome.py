"""What thinning did to the scores: the views of a file before and after, said alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention, psf, sampling
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.core.sampling import REFERENCE, Scores
from evenview.core.scores import Views, collect
from evenview.core.symmetry import PointGroup, parse_group

#: A loss of effective particles that is warned of, and bins that hold too few on average.
_MUCH, _FEW = 0.25, 10.0


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
    """

    fourier: Scores
    e_od: float | None
    least: tuple[float, float]
    part: float

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "scf_star": self.fourier.scf_star,
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

    Both SCF* are said for as many views as both have: with empty directions fewer views alone would
    make it higher.
    """
    group = parse_group(symmetry)
    whole = collect(particles, progress)
    left = collect(replace(particles, quaternions=particles.quaternions[kept], halves=None))
    reference = min(REFERENCE, left.n) or min(REFERENCE, whole.n)
    return Outcome(_scored(whole, group, reference), _scored(left, group, reference), group.name)


def warnings(found: Outcome, counts: NDArray[np.int64], areas: NDArray[np.float64]) -> list[str]:
    """What to be told of a thinning, a sentence each.

    Parameters
    ----------
    counts, areas
        (B,) of the bins that the decision was made in.
    """
    told = []
    if found.lost >= _MUCH:
        told.append(f"This removes {found.lost:.0%} of the effective particles.")
    held = float(counts.sum()) / max(1, int(np.count_nonzero(areas > 0)))
    if held < _FEW:
        told.append(
            f"Bins hold {held:.2g} particles on average: this thins noise. Use larger bins."
        )
    return told


def _scored(views: Views, group: PointGroup, reference: int) -> Scored:
    shell = sampling.shell(group.name)
    sampled = views.sampled(shell)
    found = sampling.score(sampled, views.n, reference=reference)
    e_od = psf.point_spread(group.name).of(views.counts) if views.n else None
    at = int(sampled.argmin())
    azimuth, elevation = convention.azimuth_elevation(shell.points[at : at + 1])[0].tolist()
    mean = float(sampled.mean())
    part = float(sampled[at]) / mean if mean else 0.0
    return Scored(found, e_od.e_od if e_od else None, (azimuth, elevation), part)
