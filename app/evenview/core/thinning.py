"""What a strategy is: a rule that says how many particles stay in each bin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class BinTable:
    """What a strategy may look at.

    Attributes
    ----------
    counts
        (B,) int64, particles whose own bin this is (never symmetry copies).
    areas
        (B,) float64, steradians of each bin that particles can fall in; 0 where none can
        (outside the asymmetric unit of a folded look).
    selected
        (B,) bool, the bins that may be thinned. Statistics are taken over all bins with an area.
    """

    counts: NDArray[np.int64]
    areas: NDArray[np.float64]
    selected: NDArray[np.bool_]


@runtime_checkable
class Strategy(Protocol):
    """A way to thin: a frozen dataclass with its parameters as fields (see `strategies`)."""

    name: ClassVar[str]
    title: ClassVar[str]
    help: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def quotas(self, bins: BinTable) -> NDArray[np.int64]:
        """(B,) particles that stay in each bin, 0 ≤ quota ≤ count. Unselected bins keep all."""
        ...
