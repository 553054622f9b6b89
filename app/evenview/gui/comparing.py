"""The comparison of the open particles with another file: found in the worker, shown, written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal

from evenview.core.beside import RowValues
from evenview.core.compare.matching import Way
from evenview.core.compare.spread import Spreads, spreads
from evenview.core.errors import ClassNeededError, ColumnsNeededError, UserError
from evenview.core.progress import Progress
from evenview.gui.compare_lines import lines
from evenview.gui.desk import Desk
from evenview.gui.options import in_this_window
from evenview.gui.report import Line
from evenview.tasks import compare as task
from evenview.tasks.compare import CompareRequest, CompareResult, Outputs

#: The kinds of work: comparing, counting by another limit, and writing files.
COMPARE, LIMIT, WRITE = "compare", "compare limit", "compare file"
#: How the title of the work begins.
TITLE = "Comparing with"
#: What can be shown on the sphere.
DISAGREEMENT, AGREEING = "disagreement", "agreeing"
OPEN_IT = "Open that file here, say it in Data, and compare it with the other one."


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
    """

    result: CompareResult
    spreads: Mapping[str, Spreads]
    lines: tuple[Line, ...]
    rows: tuple[RowValues, ...]

    @classmethod
    def of(cls, result: CompareResult, found: Mapping[str, Spreads]) -> Compared:
        """Put a result in words and numbers."""
        return cls(result, found, lines(result), _rows(result))

    def within(self, over: float | None) -> Compared:
        """The same where particles agree whose angle is at most `over` degrees; None goes by the
        probability."""
        request = replace(self.result.request, outputs=Outputs(over=over))
        return Compared.of(replace(self.result, request=request), self.spreads)


class Comparing(QObject):
    """Compares the open particles (A) with those of another file (B).

    Attributes
    ----------
    path
        B, None where none was chosen.
    way
        How particles are to be matched, None for automatically.
    compared
        What was found last of the particles that are open.

    Signals
    -------
    changed
        Any of these, or whether comparing is under way.
    progressed
        How far it is: 0 to 1.
    written
        Files (a list of paths) that were written.
    """

    changed = pyqtSignal()
    progressed = pyqtSignal(float)
    written = pyqtSignal(list)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.path: Path | None = None
        self.way: Way | None = None
        self.compared: Compared | None = None
        desk.document.opened.connect(self._forget)
        desk.jobs.progressed.connect(self._on_progress)

    @property
    def result(self) -> CompareResult | None:
        """What was found last."""
        return self.compared.result if self.compared is not None else None

    @property
    def running(self) -> bool:
        """Whether files are being compared."""
        return self._desk.jobs.is_running(COMPARE)

    @property
    def is_stale(self) -> bool:
        """Whether the symmetry is another one by now."""
        result = self.result
        return result is not None and result.request.symmetry != self._desk.document.plan.symmetry

    def choose(self, path: Path) -> None:
        """Compare with a file; what was found of another one is of no interest any more."""
        if path != self.path:
            self._take(None)
        self.path = path
        self.compare()

    def match_by(self, way: Way | None) -> None:
        """Match particles in another way, and compare where there is a file to compare with."""
        self.way = way
        self.compare()

    def compare(self) -> None:
        """Compare with the symmetry of the plan; what was found before stays until that is done."""
        document, path = self._desk.document, self.path
        if document.particles is None or path is None:
            return
        request = CompareRequest(
            document.particles,
            path,
            document.plan.symmetry,
            self.way,
            outputs=Outputs(over=self._over),
            advise=True,
        )
        self._desk.jobs.run(
            COMPARE,
            f"{TITLE} {path.name}",
            lambda progress: _compared(request, progress),
            self._take,
            self._failed,
        )
        self.changed.emit()

    def stop(self) -> None:
        """Compare no further; what was there stays."""
        self._desk.jobs.drop(COMPARE)
        self.changed.emit()

    def clear(self) -> None:
        """Forget the other file, and show nothing of it any more."""
        self._desk.jobs.drop(COMPARE)
        self.path = None
        self._take(None)

    def agree_within(self, over: float | None) -> None:
        """Let particles agree by their angle, degrees; None goes by the probability."""
        compared = self.compared
        if compared is None or over == self._over:
            return

        def counted(found: Compared) -> None:
            if self.compared is compared:
                self._take(found)

        title = "Counting who agrees"
        work = partial(_within, compared, over)
        self._desk.jobs.run(LIMIT, title, work, counted, self._failed)

    def write(self, outputs: Outputs) -> None:
        """Write files of what was found, with what agrees by the rule in force."""
        result = self.result
        if result is None:
            return
        wanted = replace(outputs, over=self._over)
        self._desk.jobs.run(
            WRITE,
            "Writing what was compared",
            lambda progress: task.write(result, wanted, progress),
            lambda done: self.written.emit(list(done.written)),
            self._failed,
        )

    @property
    def _over(self) -> float | None:
        return self.result.request.outputs.over if self.result is not None else None

    def _take(self, compared: Compared | None) -> None:
        self.compared = compared
        particles = self._desk.document.particles
        if particles is not None:
            self._desk.document.set_rows(particles, *(compared.rows if compared else ()))
        self.changed.emit()

    def _forget(self) -> None:
        """Other particles are open; the document has let go of what was known of these."""
        self._desk.jobs.drop(COMPARE)
        self.path = self.way = self.compared = None
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ClassNeededError | ColumnsNeededError):
            error = UserError(error.what, where=error.where, hint=OPEN_IT)
        self._desk.failed.emit(in_this_window(error))
        self.changed.emit()

    def _on_progress(self, title: str, fraction: float, _phrase: str) -> None:
        if self.running and title.startswith(TITLE):
            self.progressed.emit(max(fraction, 0.0))


def _compared(request: CompareRequest, progress: Progress) -> Compared:
    result = task.run(request, progress)
    found, matches = result.found, result.matches
    a, b = result.a.quaternions[matches.rows_a], result.b.quaternions[matches.rows_b]
    return Compared.of(result, spreads(found, a, b))


def _within(compared: Compared, over: float | None, _progress: Progress) -> Compared:
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
        RowValues(AGREEING, "Agreeing share", "of particles", agree),
    )
