"""The comparison of the open particles with another file: found in the worker, shown, written."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QFileSystemWatcher, QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QApplication

from evenview.core.compare.matching import Way
from evenview.core.display import Display
from evenview.core.errors import ClassNeededError, ColumnsNeededError, UserError
from evenview.gui import edits
from evenview.gui.compare_found import (
    Compared,
    Selected,
    compared_with,
    of_selection,
    stamp_of,
    within,
)
from evenview.gui.desk import Desk
from evenview.gui.options import in_this_window, sentence
from evenview.tasks import compare as task
from evenview.tasks.compare import CompareRequest, CompareResult, Outputs

#: The kinds of work: comparing, counting by another limit, writing files, and looking at a
#: selection.
COMPARE, LIMIT, WRITE = "compare", "compare limit", "compare file"
SELECTION = "compare selection"
#: How the title of the work begins.
TITLE = "Comparing with"
OPEN_IT = "Open that file here, say it in Data, and compare it with the other one."


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
    selected
        The part of it in the bins that are selected, None where there are none.
    failure
        Why the last comparison was not made, in words; "" where it was.

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
        self.selected: Selected | None = None
        self.failure = ""
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(lambda _path: self.changed.emit())
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.applicationStateChanged.connect(self._on_state)
        desk.document.display_changed.connect(self._on_display)
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

    @property
    def is_outdated(self) -> bool:
        """Whether B's file is another one by now than the one that was compared."""
        compared, path = self.compared, self.path
        return compared is not None and path is not None and stamp_of(path) != compared.stamp

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
            truth=True,
            outputs=Outputs(over=self._over),
        )
        self._desk.jobs.run(
            COMPARE,
            f"{TITLE} {path.name}",
            lambda progress: compared_with(request, progress),
            self._take,
            self._not_compared,
        )
        self.failure = ""
        self.changed.emit()

    def use_group(self, name: str) -> None:
        """Set another symmetry and compare with it."""
        self._desk.document.edit(f"Symmetry {name}", lambda plan: edits.symmetry(plan, name))
        self.compare()

    def stop(self) -> None:
        """Compare no further; what was there stays."""
        self._desk.jobs.drop(COMPARE)
        self.changed.emit()

    def clear(self) -> None:
        """Forget the other file, and show nothing of it any more."""
        self._desk.jobs.drop(COMPARE)
        self.path, self.failure = None, ""
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
        work = partial(within, compared, over)
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
        self._watch()
        self._look_at_selection()
        particles = self._desk.document.particles
        if particles is not None:
            self._desk.document.set_rows(particles, *(compared.rows if compared else ()))
        self.changed.emit()

    def _forget(self) -> None:
        """Other particles are open; the document has let go of what was known of these."""
        self._desk.jobs.drop(COMPARE)
        self._desk.jobs.drop(SELECTION)
        self.path = self.way = self.compared = self.selected = None
        self.failure = ""
        self.changed.emit()

    def _watch(self) -> None:
        """Hear of changes of B's file; some file systems do not tell, so `_on_state` looks, too."""
        if watched := self._watcher.files():
            self._watcher.removePaths(watched)
        if self.compared is not None and self.path is not None:
            self._watcher.addPath(str(self.path))

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive and self.compared is not None:
            self.changed.emit()

    def _on_display(self, before: Display | None, after: Display) -> None:
        if before is None or before.selected is not after.selected:
            self._look_at_selection()

    def _look_at_selection(self) -> None:
        compared, display = self.compared, self._desk.display
        self._desk.jobs.drop(SELECTION)
        if self.selected is not None:
            self.selected = None
            self.changed.emit()
        if compared is None or display is None or not display.selected.any():
            return
        if not compared.result.found.related:
            return

        def looked(found: Selected) -> None:
            if self.compared is compared:
                self.selected = found
                self.changed.emit()

        work = partial(of_selection, compared.result, display)
        title = "Looking at the selection"
        self._desk.jobs.run(SELECTION, title, work, looked, self._failed)

    def _not_compared(self, error: Exception) -> None:
        """Keep the reason, which the error bar shows until something else is said there."""
        self.failure = sentence(self._said(error))
        self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._desk.failed.emit(self._said(error))
        self.changed.emit()

    def _said(self, error: Exception) -> Exception:
        if isinstance(error, ClassNeededError | ColumnsNeededError):
            error = UserError(error.what, where=error.where, hint=OPEN_IT)
        return in_this_window(error)

    def _on_progress(self, title: str, fraction: float, _phrase: str) -> None:
        if self.running and title.startswith(TITLE):
            self.progressed.emit(max(fraction, 0.0))
