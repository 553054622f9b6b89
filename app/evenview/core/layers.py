"""Every quantity that bins can be coloured by, from wherever it comes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenview.core import density, fourier_layers
from evenview.core.beside import Beside
from evenview.core.binning import Binning
from evenview.core.density import Layer, count_layer, mean_layer
from evenview.core.errors import UserError
from evenview.core.foresight import Foresight
from evenview.core.fourier_layers import fourier_layer
from evenview.core.particles import Particles

#: Those with a name of their own; "mean:COLUMN", "rows:KEY" and "field:KEY" are the others.
QUANTITIES = (*density.QUANTITIES, *fourier_layers.QUANTITIES)


def at_hand(quantity: str, particles: Particles, beside: Beside) -> str:
    """The quantity, or density where what it shows is gone: half-maps that were closed, say.

    A plan outlives them, in its history and in recipes, and is about more than colours.
    """
    kind, _, name = quantity.partition(":")
    gone = (kind == "field" and name not in beside.fields) or (
        kind == "rows" and not beside.has_rows(name, particles)
    )
    return "density" if gone else quantity


def takes_means(quantity: str) -> bool:
    """Whether a quantity is a mean over the particles of each bin, which takes a pass over them."""
    return quantity.partition(":")[0] in ("mean", "rows")


def takes_time(quantity: str) -> bool:
    """Whether a quantity takes more than bins: a pass over particles, or a field at many bins."""
    return takes_means(quantity) or quantity.startswith("field:")


def looks_ahead(quantity: str) -> bool:
    """Whether a quantity needs a `Foresight`, which takes a pass over the particles."""
    return quantity in fourier_layers.QUANTITIES


def layer(
    quantity: str,
    particles: Particles,
    beside: Beside,
    binning: Binning,
    foresight: Foresight | None = None,
) -> Layer:
    """One quantity over the bins as shown.

    Raises `UserError` for a quantity, a column or a field that does not exist, and `ValueError` for
    one that looks ahead without a foresight.
    """
    kind, _, name = quantity.partition(":")
    if kind == "mean" and name:
        return mean_layer(binning, name, particles)
    if kind == "rows" and name:
        return beside.mean(name, binning, particles)
    if kind == "field" and name:
        return beside.layer(name, binning)
    if looks_ahead(quantity):
        return fourier_layer(quantity, foresight, binning)
    if quantity in density.QUANTITIES:
        return count_layer(quantity, binning.counts, binning.areas)
    raise UserError(
        f"There is no quantity called {quantity!r}",
        hint=f"Choose {', '.join(QUANTITIES)} or mean:COLUMN.",
    )


def layer_after(
    quantity: str,
    shown: Layer,
    counts: NDArray[np.float64],
    quotas: NDArray[np.int64],
    binning: Binning,
    foresight: Foresight | None,
) -> NDArray[np.float64]:
    """(B,) the values of a layer after thinning.

    Parameters
    ----------
    shown
        The layer before it.
    counts, quotas
        (B,) as shown, and in the bins that the decision is made in.
    """
    if quantity.partition(":")[0] == "field":
        return shown.values
    if takes_means(quantity):
        return np.where(counts > 0, shown.values, np.nan)
    if looks_ahead(quantity):
        return fourier_layer(quantity, foresight, binning, quotas).values
    return count_layer(quantity, counts, binning.areas).values
