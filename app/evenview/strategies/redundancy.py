"""Take the least valuable particles until the sampling is as even as wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from evenview.core.thinning import BinTable
from evenview.strategies import Checked, parameter
from evenview.strategies._ahead import best_trades, check_scf_star


@dataclass(frozen=True)
class Redundancy(Checked):
    """The particles that stay are the most that reach an SCF*, at the least loss of N·SCF*.

    What a particle is worth is what one more of its view adds to N·SCF*: much where the directions
    that it samples are sampled little (SCF* after Baldwin & Lyumkis 2020 and 2021, see
    `core.sampling`; the curve of best trades, see `core.trade`). An SCF* that is there already
    leaves everything. Not idempotent: the value of what is left differs.

    Raises `UserError` where no thinning reaches that SCF*.
    """

    name: ClassVar[str] = "redundancy"
    title: ClassVar[str] = "Least valuable, to an SCF*"
    help: ClassVar[str] = (
        "Remove the particles that are worth least until SCF* is what you want. 0.81 is that of "
        "side views alone."
    )
    idempotent: ClassVar[bool] = False
    looks_ahead: ClassVar[bool] = True

    target_scf: float = parameter(
        0.81,
        low=0.01,
        high=1.0,
        step=0.01,
        title="Target",
        help="How even the sampling is to be: 1 is even, 0.81 that of side views alone.",
        unit="SCF*",
    )

    def quotas(self, bins: BinTable) -> NDArray[np.int64]:
        """(B,) particles that stay in each bin."""
        curve = best_trades(bins)
        check_scf_star(curve, self.target_scf)
        return curve.of_scf(self.target_scf)


STRATEGY = Redundancy
