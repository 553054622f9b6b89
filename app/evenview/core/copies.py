"""From particles to their symmetry copies, bin by bin: what thinning does to the expanded look.

Thinning acts on particles, each counted once in the bin of its folded direction (its decision
bin), while the expanded look shows all their copies. Bins do not map onto bins under a group
unless grid and group fit each other, so a bin shown may be fed by several decision bins. Who feeds
whom is counted once per binning; after that a preview is one sparse product over bins.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from evenview.core import convention
from evenview.core.binning import Binning
from evenview.core.particles import Particles

#: Copies looked at to learn the flow; with fewer in all (particles × operators) it is exact.
SAMPLE = 4_000_000
_ROUNDS = 12

_flows: WeakKeyDictionary[Binning, csr_array] = WeakKeyDictionary()


def differ(binning: Binning) -> bool:
    """Whether the counts shown are not those that decisions are made on."""
    return binning.look == "expanded" and binning.group.order > 1


def flow(binning: Binning, particles: Particles) -> csr_array:
    """(B, B) sparse: how many copies of the particles of decision bin j lie in bin i as shown.

    Rows add up to the counts shown, exactly; columns to group order × decision counts, exactly
    when all copies were looked at (`SAMPLE`), else to a fraction of a percent.
    """
    known = _flows.get(binning)
    if known is None:
        known = _flows[binning] = _fitted(_sampled(binning, particles), binning)
    return known


def as_shown(
    binning: Binning, particles: Particles, values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(B,) sums over particles by decision bin, turned into sums over copies by bin as shown."""
    if not differ(binning):
        return values
    counts = np.maximum(binning.decision_counts, 1)
    shown: NDArray[np.float64] = flow(binning, particles) @ (values / counts)
    return shown


def after_thinning(
    binning: Binning, particles: Particles, quotas: NDArray[np.int64] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """(B,) counts shown once only `quotas` (B,) particles stay in each decision bin.

    Without copies these are the quotas. With copies they are expectations over which particles of
    a bin stay; bins fed only by bins that are not thinned keep their counts exactly.
    """
    if not differ(binning):
        return quotas.astype(np.float64)
    counts = binning.decision_counts
    leaving = (counts - quotas) / np.maximum(counts, 1)
    lost = flow(binning, particles) @ leaving
    after: NDArray[np.float64] = np.maximum(binning.counts - lost, 0.0)
    return after


def _sampled(binning: Binning, particles: Particles) -> csr_array:
    placed = np.flatnonzero(binning.bin_of_row >= 0)
    stride = max(1, -(-len(placed) * binning.group.order // SAMPLE))
    rows = placed[::stride]
    deciding = binning.bin_of_row[rows]
    blocks = binning.group.expand(convention.directions(particles.quaternions[rows]))
    shape = (len(binning.areas), len(binning.areas))
    total = csr_array(shape, dtype=np.float64)
    for block in blocks:
        showing = binning.grid.index_of(block)
        total = total + coo_array((np.ones(len(rows)), (showing, deciding)), shape=shape).tocsr()
    return total


def _fitted(sample: csr_array, binning: Binning) -> csr_array:
    """Scale rows and columns in turn until both add up to what was counted (Sinkhorn's way)."""
    copies = binning.group.order * binning.decision_counts
    rows = np.repeat(np.arange(sample.shape[0]), np.diff(sample.indptr))
    data = sample.data
    for _ in range(_ROUNDS):
        data = data * _ratio(copies, sample.indices, data)[sample.indices]
        data = data * _ratio(binning.counts, rows, data)[rows]
    return csr_array((data, sample.indices, sample.indptr), shape=sample.shape)


def _ratio(
    wanted: NDArray[np.int64], bins: NDArray[np.integer], data: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(B,) what the entries of each bin, summed up, have to be multiplied by."""
    found = np.bincount(bins, weights=data, minlength=len(wanted))
    return np.divide(wanted, found, out=np.ones(len(wanted)), where=found > 0)
