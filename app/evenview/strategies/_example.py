"""What the strategies that follow a distribution share: that of another file, or uniform."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.thinning import BinTable
from evenview.strategies import file_parameter


def followed() -> str:
    """The field for the file whose distribution is followed."""
    return file_parameter(
        title="Like",
        help="The particle file whose distribution of views is followed; without one, all views "
        "are wanted alike.",
        none="Uniform",
    )


def shape(bins: BinTable, like: str) -> NDArray[np.float64]:
    """(B,) the wanted distribution: particles of the file `like` in each bin, or areas for "".

    Raises `UserError` where the file is not open, or has no view in these bins.
    """
    if not like:
        return bins.areas
    if bins.wanted is None:
        raise UserError(
            f"{Path(like).name}, the file to follow, is not open", hint="Choose the file again."
        )
    wanted = np.where(bins.areas > 0, bins.wanted, 0.0)
    if not wanted.any():
        raise UserError(
            f"{Path(like).name}, the file to follow, has no particle with a pose in any bin",
            hint="Choose another file.",
        )
    return wanted
