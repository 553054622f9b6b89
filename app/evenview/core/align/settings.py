"""How far maps may be moved to be laid over each other, and what is compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evenview.core.errors import UserError

Hands = Literal["both", "same"]


@dataclass(frozen=True)
class Settings:
    """What an alignment may do.

    Attributes
    ----------
    lowpass
        Å: nothing finer is compared. None for all that the maps share.
    max_shift
        Å, between the centre voxels. None for a quarter of the larger box.
    max_angle
        Degrees, of the turn.
    hands
        "both" tries the mirrored map as well.
    """

    lowpass: float | None = None
    max_shift: float | None = None
    max_angle: float = 180.0
    hands: Hands = "both"

    def __post_init__(self) -> None:
        if self.lowpass is not None and not 0.0 < self.lowpass < 1000.0:
            raise UserError(
                f"a low-pass filter at {self.lowpass:g} Å makes no sense", hint="20 Å is usual."
            )
        if self.max_shift is not None and not 0.0 <= self.max_shift < float("inf"):
            raise UserError(
                f"a largest shift of {self.max_shift:g} Å makes no sense", hint="Give 0 or more."
            )
        if not 0.0 < self.max_angle <= 180.0:
            raise UserError(
                f"a largest angle of {self.max_angle:g}° makes no sense",
                hint="Give one above 0° and up to 180°, which allows every turn.",
            )

    def shift_limit(self, side: float) -> float:
        """Å, in a box of `side` Å."""
        return side / 4.0 if self.max_shift is None else self.max_shift
