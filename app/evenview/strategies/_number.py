"""What the strategies that leave a given number share."""

from __future__ import annotations

from evenview.core.errors import UserError
from evenview.core.thinning import BinTable
from evenview.core.words import counted
from evenview.strategies import parameter


def particles_left() -> int:
    """The field of the number that is to be left."""
    return parameter(
        10_000,
        low=1,
        high=1_000_000_000,
        step=1,
        title="Leave",
        help="Particles with a pose that stay in all, selected or not.",
        unit="particles",
    )


def half_of(bins: BinTable) -> int:
    """A number to begin with: half of what is there."""
    return max(1, int(bins.counts.sum() // 2))


def check_number(wanted: int, fixed: int, usable: int, why: str = "are there") -> None:
    """Raise `UserError` where so many cannot be left.

    Parameters
    ----------
    fixed
        Particles that stay whatever is wanted.
    usable
        Those that may stay besides.
    why
        What the number of all that could stay rests on: "only 30 are there".
    """
    if wanted > fixed + usable:
        raise UserError(
            f"{counted(wanted, 'particle')} cannot be left: only {fixed + usable:,} {why}",
            hint="Choose a smaller number.",
        )
    if wanted < fixed:
        raise UserError(
            f"{wanted:,} is less than the {counted(fixed, 'particle')} outside the selection, "
            "which cannot leave",
            hint="Select more of the sphere, or choose a larger number.",
        )
