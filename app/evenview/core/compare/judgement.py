"""How good predicted orientations are where the true ones are known, as methods papers report."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LIMITS = (5, 10, 20)


@dataclass(frozen=True)
class Judged:
    """Errors in degrees over all particles: the middle, the mean, and parts below `LIMITS`."""

    median: float
    mean: float
    under_5: float
    under_10: float
    under_20: float

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @property
    def words(self) -> str:
        """One line."""
        parts = ", ".join(
            f"{part:.1%} under {limit}°"
            for part, limit in zip(
                (self.under_5, self.under_10, self.under_20), LIMITS, strict=True
            )
        )
        return f"median {self.median:.2f}°, mean {self.mean:.2f}°, {parts}"


def judge(degrees: Array) -> Judged:
    """The errors (N,) of predictions, N at least 1."""
    return Judged(
        float(np.median(degrees)),
        float(np.mean(degrees)),
        *(float(np.mean(degrees < limit)) for limit in LIMITS),
    )
