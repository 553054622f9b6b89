"""A comparison and what is shown of it, made in the worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from evenview.core.beside import RowValues
from evenview.core.compare.averages import Averages, averages
from evenview.core.compare.spread import Spreads, spreads
from evenview.core.display import Display
from evenview.core.progress import Progress
from evenview.gui.compare_lines import lines
from evenview.gui.report import Line
from evenview.tasks import compare as task
from evenview.tasks.compare import CompareRequest, CompareResult, Outputs

#: What can be shown on the sphere.
DISAGREEMENT, AGREEING = "disagreement", "agreeing"


@dataclass(frozen=True, eq=False)
class Compared:
    """A comparison and what is shown of it, made in the worker: millions of rows take a while.

    Attributes
    ----------
    spreads
        How its errors spread, by their names.
    lines
        All of it in words.
    rows
        What is known of each particle of A.
    stamp
        Size and time of B's file when it was read.
    """

    result: CompareResult
    spreads: Mapping[str, Spreads]
    lines: tuple[Line, ...]
    rows: tuple[RowValues, ...]
    stamp: tuple[int, int] | None

    @classmethod
    def of(
        cls, result: CompareResult, found: Mapping[str, Spreads], stamp: tuple[int, int] | None
    ) -> Compared:
        """Put a result in words and numbers."""
        return cls(result, found, lines(result), _rows(result), stamp)

    def within(self, over: float | None) -> Compared:
        """The same where particles agree whose angle is at most `over` degrees; None goes by the
        probability."""
        request = replace(self.result.request, outputs=Outputs(over=over))
        return Compared.of(replace(self.result, request=request), self.spreads, self.stamp)


@dataclass(frozen=True, eq=False)
class Selected:
    """Of the matched particles in the bins that are selected: how many agree, and their means."""

    agreeing: int
    averages: Averages


def compared_with(request: CompareRequest, progress: Progress) -> Compared:
    """Compare, and put what was found in words and numbers."""
    stamp = stamp_of(request.b) if isinstance(request.b, Path) else None
    result = task.run(request, progress)
    found, matches = result.found, result.matches
    a, b = result.a.quaternions[matches.rows_a], result.b.quaternions[matches.rows_b]
    return Compared.of(result, spreads(found, a, b), stamp)


def stamp_of(path: Path) -> tuple[int, int] | None:
    """Size and time of a file, None where it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def of_selection(result: CompareResult, display: Display, _progress: Progress) -> Selected:
    """What holds of the matched particles in the bins that are selected."""
    found, rows = result.found, result.matches
    inside = display.selected[display.binning.bin_of_row[rows.rows_a]]
    a, b = result.a.quaternions[rows.rows_a], result.b.quaternions[rows.rows_b]
    agreeing = int(np.count_nonzero(inside & result.agrees))
    return Selected(agreeing, averages(found, a, b, inside))


def within(compared: Compared, over: float | None, _progress: Progress) -> Compared:
    """The same by another limit of agreement."""
    return compared.within(over)


def _rows(result: CompareResult) -> tuple[RowValues, ...]:
    """What is known of each particle of A; nothing where no relation was found."""
    if not result.found.related:
        return ()
    apart, agree = np.full((2, len(result.a)), np.nan)
    apart[result.matches.rows_a] = result.found.direction_error
    agree[result.matches.rows_a] = result.agrees
    return (
        RowValues(DISAGREEMENT, "Direction error", "degrees", apart),
        RowValues(AGREEING, "Agreeing share", "share agreeing", agree, (0.0, 1.0)),
    )
