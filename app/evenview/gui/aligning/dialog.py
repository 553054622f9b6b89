"""Align maps: a page for what is to be aligned, one for what was found, one to apply it again."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent
from PyQt6.QtWidgets import QDialog, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from evenview.core.errors import UserError
from evenview.core.words import counted
from evenview.gui.aligning.applying import ApplyPage
from evenview.gui.aligning.card import refuse_drops
from evenview.gui.aligning.found import FoundPage
from evenview.gui.aligning.inputs import AlignInputs
from evenview.gui.aligning.moved import VIEWS
from evenview.gui.aligning.words import here, not_written, told
from evenview.gui.aligning.work import FIND, SEE, TAKE, WRITE, Aligning, stopped
from evenview.gui.desk import Desk
from evenview.gui.files import by_folder, dropped
from evenview.gui.report import Working
from evenview.gui.tilt_series.parts import button, to_clipboard, words_label
from evenview.gui.widgets import STEP, mark, row

TITLE = "Align 3D maps"
ALIGN = "Find how the maps lie (Ctrl+Enter). Nothing is written."
BACK_TIP = "What was found last. The inputs stay as they are."
INPUTS = "Choose other maps, masks or limits. What was found stays until you align again."
APPLY = "Move other maps and particles by a transform that was written before."
COPY = "Copy all that was found as text, as 'evenview align' says it."
STOPPED = "Stopped. What was found before is still there."
STALE = "The inputs have changed since: align again to see what follows from them."
#: The places of the pages.
FORM, FOUND, OTHERS = range(3)


class AlignDialog(QDialog):
    """Inputs, then results; it stays open beside the window and holds nothing up."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setAcceptDrops(True)
        self._desk = desk
        self.aligning = Aligning(desk)
        self.inputs = AlignInputs(desk)
        self.found = FoundPage(desk, self.aligning)
        self.others = ApplyPage(desk)
        self.working = Working(desk.jobs, (FIND, TAKE, SEE, WRITE, VIEWS))
        self.told, self.phrase = words_label(), words_label()
        self._make_buttons()
        self._lay_out()
        self._connect()
        self._on_inputs()
        self._show()
        self.resize(1220, 660)

    def ask(self) -> None:
        """Show the window."""
        self.show()
        self.raise_()
        self.activateWindow()
        if self.pages.currentIndex() == FORM:
            (self.inputs.reference if self.inputs.reference.path is None else self.align).setFocus()

    def start(self) -> None:
        """Align what is asked for."""
        self._say("")
        try:
            request = self.inputs.request()
        except UserError as error:
            self._say(told(error), warn=True)
        else:
            self.inputs.leave()
            self.aligning.find(request)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Files are welcome, while nothing is under way."""
        if event is not None and dropped(event.mimeData()) and not self._busy:
            event.acceptProposedAction()
            self._show_over(True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent | None) -> None:
        """The files went elsewhere."""
        self._show_over(False)

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Take what was dropped, on the part of the form that it was dropped on."""
        self._show_over(False)
        if event is None or self._busy:
            return
        files = dropped(event.mimeData())
        if self.pages.currentIndex() == OTHERS:
            self.others.take(files)
        else:
            under = self.childAt(event.position().toPoint())
            self._show_page(FORM)
            self.inputs.take(files, under)
        event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Esc stops what is under way before it closes; Ctrl+Enter does what the page is for."""
        if event is None:
            return
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape and self._busy:
            self._desk.jobs.cancel()
        elif enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._main_button.click()
        else:
            super().keyPressEvent(event)

    def _make_buttons(self) -> None:
        self.align = button("Align", ALIGN, self.start)
        self.align.setObjectName("primary")
        self.back = button("Back to the result", BACK_TIP, lambda: self._show_page(FOUND))
        self.again = button("Inputs…", INPUTS, lambda: self._show_page(FORM))
        self.apply = button("Apply a transform…", APPLY, lambda: self._show_page(OTHERS))
        self.copy = button("Copy as text", COPY, self._copy)
        self.shut = button("Close", "Inputs and results stay here (Esc).", self.hide)

    def _lay_out(self) -> None:
        self.pages = QStackedWidget()
        for page in (self.inputs, self.found, self.others):
            self.pages.addWidget(page)
        bottom = row(
            self.again, self.align, self.back, self.working, self.phrase,
            self.apply, self.copy, self.shut,
        )  # fmt: skip
        bottom.setStretch(4, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * STEP, 2 * STEP, 2 * STEP, 2 * STEP)
        column.setSpacing(STEP)
        column.addWidget(self.pages, 1)
        column.addWidget(self.told)
        column.addLayout(bottom)
        refuse_drops(self)

    def _connect(self) -> None:
        aligning, others = self.aligning, self.others
        self.inputs.changed.connect(self._on_inputs)
        self.inputs.refused.connect(lambda words: self._say(words, warn=True))
        aligning.changed.connect(self._show)
        aligning.arrived.connect(self._arrived)
        aligning.written.connect(self._tell)
        aligning.failed.connect(self._failed)
        aligning.not_written.connect(self._not_written)
        self.found.said.connect(self._say)
        self.found.chosen.files.transform_wanted.connect(self._apply)
        others.said.connect(self._say_other)
        others.applying.changed.connect(self._show)
        others.applying.not_written.connect(self._not_written)
        self._desk.jobs.progressed.connect(self._on_progress)
        self._desk.jobs.idle.connect(self.phrase.clear)

    @property
    def _busy(self) -> bool:
        """Whether files are being aligned, moved or written."""
        return self.aligning.busy

    @property
    def _main_button(self) -> QPushButton:
        """What the page is for."""
        buttons = {FOUND: self.found.writing.write, OTHERS: self.others.writing.write}
        return buttons.get(self.pages.currentIndex(), self.align)

    def _show(self) -> None:
        """What can be done now."""
        self.inputs.setEnabled(not self._busy)
        self.again.setEnabled(not self._busy)
        self._allow()

    def _arrived(self) -> None:
        """Maps were aligned."""
        self._show_page(FOUND)
        self.found.table.setFocus()
        self._tell()

    def _tell(self) -> None:
        """What was written, and which maps could not be aligned or written."""
        result = self.aligning.result
        if result is None:
            return
        files = [path for one in result.maps if one.outputs for path in one.outputs.all()]
        failed = [told(one.error) for one in result.failed]
        lines = list(failed)
        if files:
            folders = ", ".join(sorted({str(path.resolve().parent) for path in files}))
            lines.insert(0, f"Wrote {counted(len(files), 'file')} into {folders}.")
            self.found.chosen.show_page("Files")
        if lines:
            self._say("\n".join(lines), warn=bool(failed))
            self.told.setToolTip(by_folder(files))
        if failed and not self.isVisible():
            self._desk.failed.emit(result.failed[0].error)

    def _show_page(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self._say("")
        self._allow()
        if page == FORM:
            self._say(self.inputs.missing)
        elif page == OTHERS:
            self.others.tell()
        elif not self._is_current():
            self._say(STALE)
        else:
            self.aligning.look_again()

    def _is_current(self) -> bool:
        """Whether what was found is of the inputs as they are; what goes along is taken over."""
        try:
            return self.aligning.stands_for(self.inputs.request())
        except UserError:
            return False

    def _on_inputs(self) -> None:
        self._say(self.inputs.missing)
        self._allow()

    def _allow(self) -> None:
        page = self.pages.currentIndex()
        self.align.setVisible(page == FORM)
        self.align.setEnabled(not self._busy and not self.inputs.missing)
        self.back.setVisible(page != FOUND and self.aligning.result is not None)
        self.back.setEnabled(not self._busy)
        self.again.setVisible(page != FORM)
        self.apply.setVisible(page == FORM)
        self.apply.setEnabled(not self._busy)
        self.copy.setVisible(page == FOUND)

    def _show_over(self, over: bool) -> None:
        for page in (self.inputs, self.others):
            page.show_over(over)

    def _on_progress(self, _title: str, _fraction: float, phrase: str) -> None:
        self.phrase.setText(here(phrase) if self._busy else "")

    def _failed(self, errors: tuple[Exception, ...]) -> None:
        if any(map(stopped, errors)):
            self._say(STOPPED if self.aligning.result else "Stopped.")
            return
        self._say("\n".join(map(told, errors)), warn=True)
        error = errors[0]
        if isinstance(error, UserError) and self.pages.currentIndex() == FORM:
            self.inputs.point_at(error)
        if not self.isVisible():
            self._desk.failed.emit(error)

    def _not_written(self, errors: tuple[Exception, ...], written: tuple[Path, ...]) -> None:
        words = not_written(written)
        if any(map(stopped, errors)):
            self._say(words)
            return
        self._say("\n".join([*map(told, errors), words]), warn=True)
        if not self.isVisible():
            self._desk.failed.emit(errors[0])

    def _apply(self, transform: Path) -> None:
        self._show_page(OTHERS)
        self.others.take([transform])

    def _say_other(self, words: str, warn: bool) -> None:
        if self.pages.currentIndex() == OTHERS:
            self._say(words, warn=warn)

    def _say(self, words: str, *, warn: bool = False) -> None:
        self.told.setText(words)
        self.told.setToolTip("")
        self.told.setVisible(bool(words))
        mark(self.told, "warn", warn)

    def _copy(self) -> None:
        result = self.aligning.result
        if result is not None:
            to_clipboard(here(result.summary()) + "\n")
            self._say("Copied what was found.")
