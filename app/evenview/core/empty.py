"""The empty part of Fourier space against the Fourier radius k.

On the shell of radius k a direction u is empty where no view v has ``|u · v| < 1/(2k)`` (Baldwin &
Lyumkis 2020, Prog. Biophys. Mol. Biol. 150, 160): the plane of a view grows thinner, as seen from
the origin, the farther out one looks. A cone of views of half-angle a leaves empty what is nearer
to its axis than ``acos(1/(2k)) - a``, which goes to the part ``1 - sin a`` as k grows.

`tilting.Tilted` knows how many views lie at which ``|u · v|`` from each u, so that the views need
to be gone through once for all radii.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evenview.core.sampling import REFERENCE, score
from evenview.core.tilting import Tilted

#: Fourier voxels, in about even ratios.
RADII = (4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 50, 63, 80, 100, 126, 160, 200, 250, 320, 400)


@dataclass(frozen=True)
class EmptyShell:
    """How much of one shell is empty.

    Attributes
    ----------
    radius
        k, Fourier voxels.
    empty_fraction
        The part of its directions that no view samples, 0 to 1.
    """

    radius: int
    empty_fraction: float


def empty_by_radius(
    views: Tilted, radii: Sequence[int] = RADII, reference: int = REFERENCE
) -> tuple[EmptyShell, ...]:
    """The empty part of shells, for `reference` of the views.

    Parameters
    ----------
    views
        Without a tilt, of all copies by symmetry. Of histograms, shells beyond k = 100 are finer
        than the bins, so that the edges of holes blur by half a degree.
    radii
        k of each shell.
    reference
        Of more views than this, so many are drawn at random; the mean over all draws is given, as
        in `sampling.score`.
    """
    return tuple(EmptyShell(k, _empty(views, k, reference)) for k in radii)


def _empty(views: Tilted, radius: int, reference: int) -> float:
    sampled = replace(views, radius=radius).sampled(0.0)
    return score(sampled, views.particles, radius, reference=reference).empty_fraction
