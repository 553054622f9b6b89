"""Align maps: a page for what is to be aligned, one for what was found, one to apply it again."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QHideEvent,
    QKeyEvent,
    QShowEvent,
)
from PyQt6.QtWidgets import QDialog, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from evenview.core.errors import UserError
from evenview.core.words import counted
from evenview.gui.aligning.applying import ApplyPage
from evenview.gui.aligning.card import refuse_drops
from evenview.gui.aligning.found import WORDS, FoundPage
from evenview.gui.aligning.inputs import AlignInputs
from evenview.gui.aligning.moved import VIEWS
from evenview.gui.aligning.sights import SEE
from evenview.gui.aligning.words import here, in_one, not_written, told
from evenview.gui.aligning.work import FIND, TAKE, WRITE, Aligning, stopped
from evenview.gui.desk import Desk
from evenview.gui.files import by_folder, dropped
from evenview.gui.report import Working
from evenview.gui.widgets import STEP, button, lead, mark, row, to_clipboard, warning, words_label

TITLE = "Align 3D maps"
ALIGN = "Find how the maps lie (Ctrl+Enter). Nothing is written."
BACK_TIP = "What was found last. The inputs stay as they are."
INPUTS = "Choose other maps, masks or limits. What was found stays until you align again."
APPLY = "Move other maps and particles by a transform that was written before."
COPY = "Copy all that was found as text, as 'evenview align' says it."
STOPPED = "Stopped. What was found before is still there."
STALE = "The inputs have changed since: align again to see what follows from them."
#: The kinds of work that can be stopped here.
SLOTS = (FIND, TAKE, SEE, WRITE, VIEWS)
#: Pixels of the bar of progress.
BAR = 320
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
        self.working = Working(desk.jobs, SLOTS)
        self.told, self.phrase = words_label(), words_label()
        self.warned = warning()
        for words in (self.told, self.warned):
            words.setMinimumWidth(WORDS)
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
        """Align what is asked for, unless it is known that it cannot be."""
        self._say("")
        self.inputs.look()
        errors = self.inputs.errors
        if errors:
            self._say("\n".join(words for words, _ in errors), warn=True)
            self.inputs.go_to(errors[0][1])
            return
        try:
            request = self.inputs.request()
        except UserError as error:
            self._say(told(error), warn=True)
        else:
            self.inputs.leave()
            self.aligning.find(request)

    def changeEvent(self, event: QEvent | None) -> None:
        """Files may be others after somebody was elsewhere."""
        super().changeEvent(event)
        activated = event is not None and event.type() == QEvent.Type.ActivationChange
        if activated and self.isActiveWindow() and not self._busy:
            self.inputs.look()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Somebody looks."""
        super().showEvent(event)
        self.aligning.watch(True)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Nobody does: large maps are not kept in memory."""
        super().hideEvent(event)
        self.aligning.watch(False)

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
            self._desk.jobs.cancel(SLOTS)
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
        self.working.bar.setFixedWidth(BAR)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * STEP, 2 * STEP, 2 * STEP, 2 * STEP)
        column.setSpacing(STEP)
        column.addWidget(self.pages, 1)
        column.addWidget(self.told)
        column.addWidget(self.warned)
        column.addLayout(bottom)
        refuse_drops(self)

    def _connect(self) -> None:
        aligning, others = self.aligning, self.others
        self.inputs.changed.connect(self._on_inputs)
        self.inputs.judged.connect(self._allow)
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
        result, files = self.aligning.result, list(self.aligning.wrote)
        if result is None:
            return
        failed = [told(one.error) for one in result.failed]
        if files:
            folders = ", ".join(sorted({str(path.resolve().parent) for path in files}))
            words = f"Wrote {counted(len(files), 'file')} into {folders}."
            self.found.chosen.show_page("Files")
            self._say(words, warnings="\n".join(failed))
            self.told.setToolTip(by_folder(files))
        elif failed:
            self._say("\n".join(failed), warn=True)
        if failed and not self.isVisible():
            done = "aligned or written" if files else "aligned"
            self._desk.failed.emit(in_one([one.error for one in result.failed], done))

    def _show_page(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self._say("")
        self._allow()
        if page == FORM:
            self.inputs.look()
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
        lead(self.align, not self.inputs.errors)
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
        own = self._desk.jobs.told in SLOTS
        self.phrase.setText(here(phrase) if own and self._busy else "")

    def _failed(self, errors: tuple[Exception, ...]) -> None:
        if any(map(stopped, errors)):
            self._say(STOPPED if self.aligning.result else "Stopped.")
            return
        self._say("\n".join(map(told, errors)), warn=True)
        error = errors[0]
        if isinstance(error, UserError) and self.pages.currentIndex() == FORM:
            self.inputs.point_at(error)
        if not self.isVisible():
            self._desk.failed.emit(in_one(errors, "aligned"))

    def _not_written(self, errors: tuple[Exception, ...], written: tuple[Path, ...]) -> None:
        words = not_written(written)
        if any(map(stopped, errors)):
            self._say(words)
            return
        self._say("\n".join([*map(told, errors), words]), warn=True)
        if not self.isVisible():
            self._desk.failed.emit(in_one(errors, "written"))

    def _apply(self, transform: Path) -> None:
        self._show_page(OTHERS)
        self.others.take([transform])

    def _say_other(self, words: str, warnings: str) -> None:
        if self.pages.currentIndex() == OTHERS:
            self._say(words, warnings=warnings)

    def _say(self, words: str, *, warn: bool = False, warnings: str = "") -> None:
        """Words below the page, in the colour of warnings or not, and warnings below those."""
        self.told.setText(words)
        self.told.setToolTip("")
        self.told.setVisible(bool(words))
        mark(self.told, "warn", warn)
        self.warned.setText(warnings)
        self.warned.setVisible(bool(warnings))

    def _copy(self) -> None:
        result = self.aligning.result
        if result is not None:
            to_clipboard(here(result.summary()) + "\n")
            self._say("Copied what was found.")
