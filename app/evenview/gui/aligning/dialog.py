"""Align maps: one page for what is to be aligned, one for what was found."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from evenview.core.errors import UserError
from evenview.core.words import counted
from evenview.gui.aligning.chosen import ChosenPart, chimerax_command, matrix_text
from evenview.gui.aligning.inputs import AlignInputs
from evenview.gui.aligning.slices import SlicesView
from evenview.gui.aligning.table import ResultTable
from evenview.gui.aligning.words import NOT_WRITTEN, here, told
from evenview.gui.aligning.work import FIND, SEE, WRITE, Aligning, stopped
from evenview.gui.aligning.writing import FolderForm
from evenview.gui.desk import Desk
from evenview.gui.files import by_folder, dropped
from evenview.gui.report import Working
from evenview.gui.tilt_series.parts import button, to_clipboard, warning, words_label
from evenview.gui.widgets import STEP, mark, row
from evenview.tasks.align import AlignResult

TITLE = "Align maps"
ALIGN = "Find how the maps lie. Nothing is written."
BACK_TIP = "What was found last. The inputs stay as they are."
INPUTS = "Choose other maps, masks or limits. What was found stays until you align again."
COPY = "Copy all that was found as text, as 'evenview align' says it."
STOPPED = "Stopped. What was found before is still there."
STALE = "The inputs have changed since: align again to see what follows from them."


class AlignDialog(QDialog):
    """Inputs, then results; it stays open beside the window and holds nothing up."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setAcceptDrops(True)
        self._desk = desk
        self._shown: AlignResult | None = None
        self.aligning = Aligning(desk)
        self.inputs = AlignInputs(desk)
        self.table, self.slices, self.chosen = ResultTable(), SlicesView(), ChosenPart()
        self.doubts, self.told = warning(), words_label()
        self.writing = FolderForm(desk, self.aligning)
        self.working = Working(desk.jobs, (FIND, SEE, WRITE))
        self.phrase = words_label()
        self._make_buttons()
        self._lay_out()
        self._connect()
        self._on_inputs()
        self._show()
        self.resize(1220, 680)

    def ask(self) -> None:
        """Show the window."""
        self.show()
        self.raise_()
        self.activateWindow()
        if self.pages.currentIndex() == 0:
            (self.inputs.reference if self.inputs.reference.path is None else self.align).setFocus()

    def start(self) -> None:
        """Align what is asked for."""
        self._say("")
        try:
            request = self.inputs.request()
        except UserError as error:
            self._say(told(error), warn=True)
        else:
            self.aligning.find(request)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Files are welcome."""
        if event is not None and dropped(event.mimeData()):
            event.acceptProposedAction()
            self.inputs.show_over(True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent | None) -> None:
        """The files went elsewhere."""
        self.inputs.show_over(False)

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Take what was dropped."""
        self.inputs.show_over(False)
        if event is not None:
            self._show_page(0)
            self.inputs.take(dropped(event.mimeData()))
            event.acceptProposedAction()

    def _make_buttons(self) -> None:
        self.align = button("Align", ALIGN, self.start)
        self.align.setObjectName("primary")
        self.back = button("Back to the result", BACK_TIP, lambda: self._show_page(1))
        self.again = button("Inputs…", INPUTS, lambda: self._show_page(0))
        self.copy = button("Copy as text", COPY, self._copy)
        self.shut = button("Close", "Inputs and results stay here.", self.hide)

    def _lay_out(self) -> None:
        both = QHBoxLayout()
        both.setSpacing(2 * STEP)
        both.addWidget(self.slices, 9)
        both.addWidget(self.chosen, 5)
        found = QWidget()
        page = QVBoxLayout(found)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(STEP)
        page.addWidget(self.table)
        page.addWidget(self.doubts)
        page.addLayout(both, 1)
        page.addWidget(self.writing)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.inputs)
        self.pages.addWidget(found)
        bottom = row(
            self.again, self.align, self.back, self.working, self.phrase, self.copy, self.shut
        )
        bottom.setStretch(4, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * STEP, 2 * STEP, 2 * STEP, 2 * STEP)
        column.setSpacing(STEP)
        column.addWidget(self.pages, 1)
        column.addWidget(self.told)
        column.addLayout(bottom)

    def _connect(self) -> None:
        aligning = self.aligning
        self.inputs.changed.connect(self._on_inputs)
        self.inputs.refused.connect(lambda words: self._say(words, warn=True))
        aligning.changed.connect(self._show)
        aligning.looked.connect(self._show_chosen)
        aligning.failed.connect(self._failed)
        self.table.picked.connect(aligning.choose)
        self.chosen.copy_matrix.clicked.connect(lambda _checked: self._copy_matrix())
        self.chosen.copy_chimerax.clicked.connect(lambda _checked: self._copy_chimerax())
        self._desk.jobs.progressed.connect(self._on_progress)
        self._desk.jobs.idle.connect(self.phrase.clear)

    def _show(self) -> None:
        """What was found, and what can be done now."""
        aligning = self.aligning
        result, busy = aligning.result, aligning.finding or aligning.writing
        self.inputs.setEnabled(not busy)
        self.again.setEnabled(not busy)
        self._allow()
        if result is self._shown or result is None:
            return
        first = self._shown is None or self._shown.maps[0].found is not result.maps[0].found
        self._shown = result
        self.table.show_maps(result.maps, aligning.chosen)
        if first:
            self._show_page(1)
        self._tell_written(result)
        self._show_chosen()

    def _tell_written(self, result: AlignResult) -> None:
        files = [path for one in result.maps if one.outputs for path in one.outputs.all()]
        if files:
            folders = ", ".join(sorted({str(path.resolve().parent) for path in files}))
            self._say(f"Wrote {counted(len(files), 'file')} into {folders}.")
            self.told.setToolTip(by_folder(files))

    def _show_chosen(self) -> None:
        result, sight = self.aligning.map, self.aligning.sight
        self.chosen.show_map(result)
        self.chosen.show_sight(sight)
        self.slices.show_sight(sight)
        words = () if result is None else result.warnings
        self.doubts.setText("\n".join(map(here, words)))
        self.doubts.setVisible(bool(words))

    def _show_page(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self._say("")
        self._allow()
        if page == 1 and not self._is_current():
            self._say(STALE)

    def _is_current(self) -> bool:
        """Whether what was found is of the inputs as they are; what goes along is taken over."""
        try:
            return self.aligning.stands_for(self.inputs.request())
        except UserError:
            return False

    def _on_inputs(self) -> None:
        missing = self.inputs.missing
        self._say(missing)
        self._allow()

    def _allow(self) -> None:
        form = self.pages.currentIndex() == 0
        busy = self.aligning.finding or self.aligning.writing
        self.align.setVisible(form)
        self.align.setEnabled(not busy and not self.inputs.missing)
        self.back.setVisible(form and self.aligning.result is not None)
        self.back.setEnabled(not busy)
        self.again.setVisible(not form)
        self.copy.setVisible(not form)

    def _on_progress(self, _title: str, _fraction: float, phrase: str) -> None:
        busy = self.aligning.finding or self.aligning.writing
        self.phrase.setText(here(phrase) if busy else "")

    def _failed(self, error: Exception, writing: bool) -> None:
        if stopped(error):
            self._say(NOT_WRITTEN if writing else STOPPED if self._shown else "Stopped.")
            return
        self._say(f"{NOT_WRITTEN} {told(error)}" if writing else told(error), warn=True)
        if not self.isVisible():
            self._desk.failed.emit(error)

    def _say(self, words: str, *, warn: bool = False) -> None:
        self.told.setText(words)
        self.told.setToolTip("")
        self.told.setVisible(bool(words))
        mark(self.told, "warn", warn)

    def _copy(self) -> None:
        if self._shown is not None:
            to_clipboard(here(self._shown.summary()) + "\n")
            self._say("Copied what was found.")

    def _copy_matrix(self) -> None:
        result = self.aligning.map
        if result is not None:
            to_clipboard(matrix_text(result) + "\n")
            self._say(f"Copied the matrix of {result.path.name}.")

    def _copy_chimerax(self) -> None:
        result, sight = self.aligning.map, self.aligning.sight
        if result is not None and sight is not None:
            to_clipboard(chimerax_command(sight) + "\n")
            self._say(f"Copied the command for ChimeraX, for {result.path.name} opened as #2.")
