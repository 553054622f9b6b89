"""What thinning does to the Fourier sampling, from bins alone: fast enough to follow a slider.

How many particles of each bin sample each direction of Fourier space is found once: each is counted
where the scores count each, and more come from fine bins that are paired with those to be thinned.
As a strategy takes particles of a bin at random, the views that a thinning leaves are expected to
keep the share of their bin. S is linear in them, so one sparse product says S after thinning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from evenview.core import convention, psf, sampling
from evenview.core.binning import Binning
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.core.sampling import (
    EMPTY_SAMPLING,
    REFERENCE,
    FourierShell,
    Scores,
    half_bins,
    score,
    score_as_before,
)
from evenview.core.scores import COUNTED

if TYPE_CHECKING:
    from evenview.core.trade import Trade

Floats = NDArray[np.float64]
Quotas = NDArray[np.int64] | NDArray[np.float64]

_CHUNK = 500_000
#: Views in one bin of this HEALPix order are near each other for who counts them.
_NEAR = 4


@dataclass(frozen=True, eq=False)
class Foresight:
    """The scores of a binning's particles, all or what a thinning leaves of them.

    Attributes
    ----------
    counts
        (B,) particles of each bin that may be thinned, each once.
    areas
        (B,) steradians that they can fall in.
    fine
        (F, B) sparse: how many of them lie in each of `half_bins(sampling.ORDER)`.
    shell
        The directions of Fourier space, with the symmetry whose copies count.
    empty_sampling
        s0.
    each
        (R, B) sparse: how often the particles of each bin sample each direction, counted one by
        one; None where that is to be had from `fine`.
    curves
        The curve of best trades that was made last, by the bins that it thins (`core.trade`).
    """

    counts: NDArray[np.int64]
    areas: Floats
    fine: csr_array
    shell: FourierShell
    empty_sampling: float = EMPTY_SAMPLING
    each: csr_array | None = None
    curves: dict[bytes, Trade] = field(default_factory=dict, repr=False)

    @cached_property
    def operator(self) -> csr_array:
        """(R, B) sparse: S is this times the share of each bin that is left, 0 to 1."""
        if self.each is not None:
            return narrow(self.each)
        return narrow(csr_array(self.shell.operator @ self.fine))

    @cached_property
    def _turned(self) -> csr_array:
        """(B, R) the operator by its columns."""
        return narrow(csr_array(self.operator.T))

    def shares(self, quotas: Quotas | None) -> Floats:
        """(B,) the share of each bin that is left; 1 where nothing is thinned."""
        if quotas is None:
            return np.ones(len(self.counts))
        return np.asarray(quotas / np.maximum(self.counts, 1), dtype=np.float64)

    def sampled(self, quotas: Quotas | None = None) -> Floats:
        """S (R,) in the directions of `shell.points`."""
        return np.asarray(self.operator @ self.shares(quotas), dtype=np.float64)

    def scores(self, quotas: Quotas | None = None, reference: int = REFERENCE) -> Scores:
        """SCF*, the empty fraction and N · SCF*."""
        n = round(float((self.counts if quotas is None else quotas).sum()))
        return score(self.sampled(quotas), n, self.shell.radius, self.empty_sampling, reference)

    def scf_star(self, quotas: Quotas) -> float:
        """SCF* for as many particles as it is said for before thinning (`score_as_before`)."""
        n, reference = round(float(quotas.sum())), min(REFERENCE, int(self.counts.sum()))
        sampled, s0 = self.sampled(quotas), self.empty_sampling
        return score_as_before(sampled, n, reference, self.shell.radius, s0).scf_star

    def trend(self, quotas: Floats) -> tuple[float, Floats]:
        """The logarithm of N · SCF*, every particle counted, and its derivatives.

        Parameters
        ----------
        quotas
            (B,) particles that stay, whole or not; at least one view samples something.

        Returns
        -------
        The logarithm, and (B,) what it rises by for one more particle of each bin: its worth.
        """
        sampled, n = self.sampled(quotas), float(quotas.sum())
        sparse = sampled < 1.0  # of S views there, 0.3 say, is one in three of ten cases
        inverse = np.where(sparse, sampled, 1.0 / np.maximum(sampled, 1.0))
        filled = float(np.minimum(sampled, 1.0).mean())
        loss = float(inverse.mean()) + (1.0 - filled) / self.empty_sampling
        mean = float(sampled.mean())
        of_direction = np.where(
            sparse, 1.0 / filled + (1.0 / self.empty_sampling - 1.0) / loss, inverse**2 / loss
        )
        slope = self._turned @ ((of_direction - 1.0 / mean) / len(sampled))
        worth = slope / np.maximum(self.counts, 1) + 1.0 / n
        return math.log(n * filled / (loss * mean)), np.asarray(worth, dtype=np.float64)

    def spread(self, quotas: Quotas | None = None) -> psf.Spread:
        """E_od and the resolutions it is made of."""
        return psf.point_spread(self.shell.group.name).spread(self._coarse @ self.shares(quotas))

    @cached_property
    def _coarse(self) -> csr_array:
        """(C, B) as `fine`, in the bins of the point spread function."""
        inside = half_bins(psf.ORDER).index_of(half_bins(sampling.ORDER).centers)
        ones, rows = np.ones(len(inside)), np.arange(len(inside))
        shape = (len(half_bins(psf.ORDER).centers), len(inside))
        return csr_array(csr_array((ones, (inside, rows)), shape=shape) @ self.fine)


_known: WeakKeyDictionary[Binning, Foresight] = WeakKeyDictionary()


def is_known(binning: Binning) -> bool:
    """Whether `foresee` answers at once."""
    return binning in _known


def foresee(particles: Particles, binning: Binning, progress: Progress = silent) -> Foresight:
    """The foresight of a binning, made once: S before thinning is that of `scores.score_views`.

    Symmetry copies of the binning's group count, whatever the look.
    """
    known = _known.get(binning)
    if known is None:
        shell = sampling.shell(binning.group.name)
        pairs = _pairs(particles, binning, progress)
        counts, areas = binning.decision_counts, binning.decision_areas
        few = 0 < counts.sum() <= COUNTED
        each = _each(particles, binning, shell) if few else None
        known = _known[binning] = Foresight(counts, areas, pairs, shell, each=each)
    return known


def _pairs(particles: Particles, binning: Binning, progress: Progress) -> csr_array:
    """(F, B) sparse: particles by fine bin and bin to decide in, a chunk of rows at a time."""
    bins = half_bins(sampling.ORDER)
    fine, coarse = len(bins.centers), len(binning.decision_counts)
    pairs = csr_array((fine, coarse))
    for start in range(0, len(particles), _CHUNK):
        rows = slice(start, start + _CHUNK)
        found = bins.index_of(convention.directions(particles.quaternions[rows]))
        own = binning.bin_of_row[rows]
        placed = (found >= 0) & (own >= 0)
        here = (found[placed], own[placed])
        pairs = pairs + coo_array((np.ones(len(here[0])), here), shape=(fine, coarse)).tocsr()
        progress(min(1.0, rows.stop / len(particles)), "Counting views")
    return csr_array(pairs)


def _each(particles: Particles, binning: Binning, shell: FourierShell) -> csr_array:
    """(R, B) sparse: how often the particles of each bin sample each direction, one by one."""
    from evenview.core.kernels import sampling as kernels

    placed = binning.bin_of_row >= 0
    own, views = binning.bin_of_row[placed], convention.directions(particles.quaternions[placed])
    bins, cells = len(binning.decision_counts), half_bins(_NEAR).index_of(views)
    starts, columns, values = kernels.count_by_bin(
        shell.copies, views, own, bins, shell.half_width, cells
    )
    return csr_array((values, columns, starts), shape=(len(shell.points), bins))


def narrow(matrix: csr_array) -> csr_array:
    """The same with indices of 32 bits, which a product reads faster."""
    indices, starts = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
    return csr_array((matrix.data.astype(np.float64), indices, starts), shape=matrix.shape)
