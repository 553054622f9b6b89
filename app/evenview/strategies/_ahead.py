"""What the strategies that look ahead share: the curve of best trades of the bins they may thin."""

from __future__ import annotations

from evenview.core.errors import UserError
from evenview.core.thinning import BinTable
from evenview.core.trade import Trade, trade


def best_trades(bins: BinTable) -> Trade:
    """The curve. Raises `ValueError` for bins without foresight."""
    if bins.foresight is None:
        raise ValueError("a strategy that looks ahead needs BinTable.foresight")
    return trade(bins.foresight, bins.selected & (bins.areas > 0))


def check_scf_star(curve: Trade, wanted: float) -> None:
    """Raise `UserError` where no thinning of these bins reaches an SCF*."""
    best = curve.best_scf_star
    if wanted <= best:
        return
    empty = curve.foresight.scores().empty_fraction
    why = (
        f"{empty:.0%} of the directions in Fourier space are empty, and taking particles away "
        f"fills none. {_remedy(curve)}"
        if empty > 0.01
        else "Let more of the sphere be thinned."
    )
    raise UserError(
        f"No thinning of these particles reaches an SCF* of {wanted:.3g}: the highest is "
        f"{best:.3f}",
        hint=f"{why} Choose at most {int(1000 * best) / 1000:g}.",
    )


def _remedy(curve: Trade) -> str:
    """What fills empty directions."""
    if curve.foresight.shell.group.order > 1:
        return "Collect tilted, or find other views."
    return (
        "If the map has symmetry, give it: copies fill directions. Else collect tilted, or find "
        "other views."
    )
