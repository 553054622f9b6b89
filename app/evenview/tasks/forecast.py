"""What a thinning is expected to do to the scores, from bins: told while a slider moves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.core.foresight import Foresight
from evenview.core.sampling import REFERENCE
from evenview.core.search_grid import SearchGrid
from evenview.tasks.outcome import Outcome, Scored, scored, warnings

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LiveScores:
    """The scores before and after a thinning, and what pictures of them need.

    Attributes
    ----------
    foresight
        What they come from.
    quotas
        (B,) particles that stay; None where nothing is thinned, and after is as before.
    outcome
        As a rebalance will print it, but for the noise of which particles of a bin stay.
    before, after
        (R,) the sampling S in the directions of `foresight.shell.points`.
    searched
        The search grid that the views lie on, if they do.
    wanted
        (B,) particles of the file that is followed, if one is.
    """

    foresight: Foresight
    quotas: NDArray[np.int64] | None
    outcome: Outcome
    before: Floats
    after: Floats
    searched: SearchGrid | None = None
    wanted: Floats | None = None

    @property
    def part_kept(self) -> float:
        """The part of the particles with a pose that stays."""
        present = self.outcome.before.fourier.particles
        return self.outcome.after.fourier.particles / present if present else 1.0

    @property
    def least(self) -> Floats:
        """(3,) the direction of Fourier space that is sampled least afterwards."""
        return np.asarray(self.foresight.shell.points[int(self.after.argmin())])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be told of the thinning; nothing where there is none."""
        if self.quotas is None:
            return ()
        counts, areas = self.foresight.counts, self.foresight.areas
        return tuple(warnings(self.outcome, counts, areas, self.searched, self.wanted))

    def relative(self) -> tuple[Floats, Floats]:
        """(R,) S before and after in multiples of its mean, NaN where it is called empty.

        That is where of as many particles as SCF* is said for more likely than not none is left
        (`fourier_layers`).
        """
        reference = min(REFERENCE, self.outcome.before.fourier.particles)
        before, after = self.outcome.before.fourier, self.outcome.after.fourier
        return (
            _relative(self.before, reference / max(1, before.particles)),
            _relative(self.after, reference / max(1, after.particles)),
        )


@dataclass(frozen=True, eq=False)
class Forecast:
    """The scores of a binning's particles: before thinning once, after it as often as asked.

    `searched` is the search grid that their views lie on, if they do.
    """

    foresight: Foresight
    searched: SearchGrid | None = None

    @cached_property
    def _sampled(self) -> Floats:
        return self.foresight.sampled()

    @cached_property
    def _before(self) -> Scored:
        n = int(self.foresight.counts.sum())
        return self._scored(None, self._sampled, n, min(REFERENCE, n))

    def of(
        self, quotas: NDArray[np.int64] | None = None, wanted: Floats | None = None
    ) -> LiveScores:
        """The scores after thinning to `quotas` (B,), and before it.

        `wanted` are the particles (B,) of the file that is followed, if one is.
        """
        before = self._before
        group = self.foresight.shell.group.name
        if quotas is None:
            whole = Outcome(before, before, group)
            return LiveScores(self.foresight, None, whole, self._sampled, self._sampled)
        n = int(quotas.sum())
        sampled = self.foresight.sampled(quotas)
        after = self._scored(quotas, sampled, n, before.fourier.reference)
        found = Outcome(before, after, group)
        return LiveScores(
            self.foresight, quotas, found, self._sampled, sampled, self.searched, wanted
        )

    def _scored(
        self, quotas: NDArray[np.int64] | None, sampled: Floats, n: int, reference: int
    ) -> Scored:
        e_od = self.foresight.spread(quotas).e_od if n else None
        return scored(self.foresight.shell, sampled, n, e_od, reference)


def _relative(sampled: Floats, drawn: float) -> Floats:
    mean = float(sampled.mean())
    there = sampled * drawn >= math.log(2.0)
    return np.where(there, sampled / mean if mean else 0.0, np.nan)
