"""How many bins hold how many particles, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from evenview.tasks.drawing import marks
from evenview.tasks.drawing.page import Box, Page
from evenview.tasks.drawing.picture import State
from evenview.tasks.drawing.scale import Scale, number
from evenview.tasks.drawing.style import FAINT, INK, LINE, QUIET, SMALL, SOLID, TEXT, THIN

if TYPE_CHECKING:
    from evenview.core.display import Display

_PER_DECADE = 8
_FEW = 30
#: Where the bar of empty bins stands, on a linear axis (True) and on a logarithmic one (False).
_NOTHING = {True: (-0.5, 0.5), False: (0.2, 0.33)}


@dataclass(frozen=True, eq=False)
class Classes:
    """Classes of particles per bin, with the bins of each.

    Attributes
    ----------
    edges
        (K + 1,) of the occupied classes, particles.
    bins
        (K,) how many bins fall in each.
    empty
        How many bins are empty.
    """

    edges: NDArray[np.float64]
    bins: NDArray[np.int64]
    empty: int


def classes(counts: NDArray[np.float64], largest: float) -> Classes:
    """Sort the (B,) counts of bins into classes that depend on nothing but the ``largest`` count.

    Up to 30 particles each whole number is a class; beyond, classes grow by a fixed factor and
    still begin and end halfway between whole numbers, so that none holds more numbers than its
    neighbours by chance.
    """
    edges = _edges(largest)
    empty = int(np.count_nonzero(counts < 0.5))
    return Classes(edges, np.histogram(counts[counts >= 0.5], edges)[0], empty)


def _edges(largest: float) -> NDArray[np.float64]:
    if largest <= _FEW:
        return np.arange(0.5, max(largest, 1) + 1)
    steps = np.arange(0, np.log10(largest) * _PER_DECADE + 2)
    grown = np.unique(np.floor(10 ** (steps / _PER_DECADE))) - 0.5
    last = int(np.searchsorted(grown, largest, side="right"))
    return grown[: last + 1]


def draw(page: Page, box: Box, display: Display, state: State) -> Axes:
    """Draw into a box, which is the frame of the axes."""
    axes = page.axes(box, (0, 1, 0, 1))
    axes.set_axis_on()
    real = display.binning.areas > 0
    before = display.binning.counts[real].astype(np.float64)
    after = display.after_counts[real].astype(np.float64)
    largest = float(before.max(initial=1))
    shown = {"before": [("before", before)], "after": [("after", after)]}.get(
        state, [("before", before), ("after", after)]
    )
    for name, counts in shown:
        faint = state == "both" and name == "before"
        _steps(axes, classes(counts, largest), faint, name if state == "both" else "")
    _scales(axes, largest, max(_highest(counts, largest) for _, counts in shown))
    copies = display.plan.look == "expanded" and display.plan.symmetry != "C1"
    words = "particles per bin, copies counted" if copies else "particles per bin"
    axes.set_xlabel(words, fontsize=TEXT, labelpad=2)
    for line, (name, counts) in enumerate(shown):
        _expectation(axes, float(counts.mean()), line, name if state == "both" else "")
    _legend(axes)
    return axes


def _highest(counts: NDArray[np.float64], largest: float) -> int:
    found = classes(counts, largest)
    return max(int(found.bins.max()), found.empty)


def _steps(axes: Axes, found: Classes, faint: bool, name: str) -> None:
    """Bars of one state; empty bins have a bar of their own at the left."""
    few = bool(found.edges[-1] <= _FEW + 1)
    left, right = _NOTHING[few]
    axes.bar(
        np.concatenate([[left], found.edges[:-1]]),
        np.concatenate([[found.empty], found.bins]),
        np.concatenate([[right - left], np.diff(found.edges)]),
        align="edge",
        linewidth=0,
        color=FAINT if faint else SOLID,
        label=name or None,
        zorder=2 if faint else 3,
    )


def _scales(axes: Axes, largest: float, highest: int) -> None:
    axes.autoscale(False)
    few = largest <= _FEW
    edges = _edges(largest)
    if not few:
        axes.set_xscale("log")
    axes.set_xlim(_NOTHING[few][0] - (0.2 if few else 0.05), edges[-1] * (1 if few else 1.15))
    _number_particles(axes, largest, few)
    if highest > _FEW:
        axes.set_yscale("log")
        axes.set_ylim(0.7, highest * 6)
    else:
        axes.set_ylim(0, highest * 1.2 + 0.5)
    low, high = axes.get_ylim()
    scale = Scale(max(low, 1.0), high, "log" if highest > _FEW else "linear")
    values = [value for value in scale.major(5) if value == int(value)]
    axes.set_yticks(values, [number(value) for value in values])
    axes.set_yticks(scale.minor(), minor=True)
    axes.tick_params(labelsize=SMALL, width=THIN, length=2.5, pad=2)
    axes.tick_params(which="minor", width=THIN, length=1.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_ylabel("bins", fontsize=TEXT, labelpad=2)


def _number_particles(axes: Axes, largest: float, few: bool) -> None:
    """Ticks below: none, then whole numbers or decades."""
    scale = Scale(1.0, max(largest, 2.0), "linear" if few else "log")
    values = [value for value in scale.major(6) if value >= 1 and value == int(value)]
    nothing = 0.0 if few else float(np.sqrt(np.prod(_NOTHING[False])))
    axes.set_xticks([nothing, *values], ["0", *(number(value) for value in values)])
    axes.set_xticks(scale.minor(), minor=True)
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())


def _expectation(axes: Axes, mean: float, line: int, name: str) -> None:
    """Where all bins would be if the views were spread evenly, its words on a line of their own."""
    color = QUIET if name == "before" else INK
    axes.axvline(mean, color=color, linewidth=LINE, linestyle=(0, (3, 2)), zorder=4)
    across = axes.transLimits.transform(axes.transScale.transform((mean, 1)))[0]
    # Thinning moves the mean to the left: words on that side stay clear of the other line.
    right = across > (0.4 if name == "after" else 0.6)
    value = number(round(mean, 1 if mean < 100 else 0))
    marks.label(
        axes,
        f"uniform {name}: {value}" if name else f"uniform: {value}",
        (mean, 1.0),
        (-3 if right else 3, -1 - line * 1.3 * SMALL),
        halo=True,
        xycoords=("data", "axes fraction"),
        ha="right" if right else "left",
        va="top",
        color=color,
    )


def _legend(axes: Axes) -> None:
    if not axes.get_legend_handles_labels()[1]:
        return
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=2,
        frameon=False,
        fontsize=SMALL,
        borderaxespad=0,
        handlelength=1.2,
        handleheight=0.8,
    )
