"""What the strategies that leave a given number share."""

from __future__ import annotations

from evenview.core.errors import UserError
from evenview.core.words import counted


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
