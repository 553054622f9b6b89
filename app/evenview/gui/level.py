"""The level a strategy cuts to, as a count: read from its quotas, set by finding the parameter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.display import Display
from evenview.core.errors import UserError
from evenview.core.thinning import BinTable, Strategy
from evenview.strategies import Parameter, parameters


def table_of(display: Display, only_selected: bool) -> BinTable:
    """What a strategy sees of a display."""
    binning = display.binning
    everywhere = np.ones(len(binning.decision_counts), dtype=np.bool_)
    selected = display.decision_selected if only_selected else everywhere
    return BinTable(binning.decision_counts, binning.decision_areas, selected)


def level_of(counts: NDArray[np.int64], quotas: NDArray[np.int64]) -> float | None:
    """The most particles left in any bin that was cut, None where no bin was."""
    cut = quotas < counts
    return float(quotas[cut].max()) if cut.any() else None


def strategy_at(strategy: Strategy, level: float, bins: BinTable) -> Strategy:
    """The strategy with its only parameter such that no cut bin keeps more than `level`.

    Every strategy's level rises with its parameter, so halving the range finds it.
    """
    (about,) = parameters(strategy)
    low, high = 0, max(1, round((about.high - about.low) / about.step))
    while high - low > 1:
        middle = (low + high) // 2
        if _level(_with(strategy, about, middle), bins) > level:
            high = middle
        else:
            low = middle
    return _with(strategy, about, low)


def _with(strategy: Strategy, about: Parameter, steps: int) -> Strategy:
    number = min(about.low + steps * about.step, about.high)
    changes: dict[str, Any] = {about.name: round(number) if about.whole else round(number, 6)}
    return replace(strategy, **changes)


def _level(strategy: Strategy, bins: BinTable) -> float:
    """Infinite where nothing is cut; 0 where the rule would drop everything."""
    try:
        level = level_of(bins.counts, strategy.quotas(bins))
    except UserError:
        more = getattr(strategy, parameters(strategy)[0].name) > bins.counts.sum()
        return float("inf") if more else 0.0
    return float("inf") if level is None else level
