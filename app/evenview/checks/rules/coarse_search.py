"""Angles on a coarse search grid."""

from __future__ import annotations

from collections.abc import Iterator

from evenview.checks.base import ANY, WHOLE_FILE, Found, Rule
from evenview.checks.subject import Subject
from evenview.core.search_grid import search_grid, spacing

_USUAL_ORDER = 4


def _look(subject: Subject) -> Iterator[Found]:
    grid = None if subject.quaternions is None else search_grid(subject.quaternions)
    if grid is None:
        return
    order = grid.safe_order
    yield Found(
        f"{grid.poses:,} poses have only {grid.views:,} view directions, about {grid.step:.1f}° "
        "apart: those of a search grid",
        WHOLE_FILE,
        grid.views,
        "warning" if order < _USUAL_ORDER else "note",
        f"Use bins of {spacing(order):.3g}° or more: the finest safe grid is healpix:{order}. "
        "For finer ones refine with local searches first.",
    )


RULE = Rule(
    name="coarse-search",
    title="angles on a coarse search grid",
    severity="warning",
    causes={
        ANY: "Bins that are not wider than the search step show a moiré of full and empty bins "
        "that has nothing to do with the particle, and thinning acts on it."
    },
    mend="Use bins at least twice as wide as the search step.",
    look=_look,
)
