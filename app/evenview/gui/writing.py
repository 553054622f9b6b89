"""A dialog that writes a new file from the open one: what it will say, and what was written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QDialog,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.progress import Cancelled
from evenview.document import cause
from evenview.gui.asking import Inputs, UnfinishedError
from evenview.gui.desk import Desk
from evenview.gui.files import ask_save, names
from evenview.gui.new_file import NewFile
from evenview.gui.options import sentence
from evenview.gui.report import Report, Working
from evenview.gui.widgets import (
    STEP,
    head,
    mark,
    row,
    rule,
    scroller,
    to_clipboard,
    words_label,
    wrapped,
)
from evenview.tasks.result import Result

#: Pixels of questions beside a report, so that another choice does not move it.
WIDE = 66 * STEP
#: Milliseconds without another change after which it is told what follows.
SETTLED = 150
AGAIN = "A file of that name is there already. Press again to replace it."
NO_NAME = "The new file has no name."
STOPPED = "Stopped. What will be written was not looked at; it can be written all the same."
NOT_WRITTEN = "Nothing was written."


class WriteDialog(QDialog):
    """Questions, what follows from the answers while they are given, and a button that writes.

    It stays open beside the window and holds nothing up.
    """

    def __init__(self, desk: Desk, inputs: Inputs, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(inputs.title)
        self._desk, self.inputs = desk, inputs
        self._particles: Particles | None = None
        self._refused = self._settling = False
        self.result_told: Result | None = None
        self._written: Sequence[Path] = ()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SETTLED)
        self._soon.timeout.connect(self._look)
        self._make_parts()
        self._lay_out()
        inputs.changed.connect(self._on_changed)
        self.target.changed.connect(self._on_target)
        desk.document.opened.connect(self._on_opened)

    def ask(self) -> None:
        """Show the dialog for the open file."""
        if self._particles is not self._desk.document.particles:
            self._take_file()
        self.show()
        self.raise_()
        self.activateWindow()
        self.inputs.setFocus()
        self._on_target()
        if self.result_told is None:
            self._look()

    def start(self) -> None:
        """Write; what is to be replaced is shown first, by itself."""
        path, particles = self.target.path, self._particles
        if path is None or particles is None:
            self._say(NO_NAME, warn=True)
            return
        self._warn()
        if self.target.must_ask:
            self._ask_again()
            return
        try:
            work = self.inputs.work(particles, path)
        except UserError as error:
            self._failed(error)
            return
        self._soon.stop()
        self._desk.jobs.drop(self._preview_slot)
        self._say("Writing…")
        self._desk.jobs.run(
            self.inputs.slot, f"Writing {path.name}", work, self._done, self._failed
        )
        self.inputs.setEnabled(False)
        self._allow()

    def _make_parts(self) -> None:
        inputs, jobs = self.inputs, self._desk.jobs
        self.heading = wrapped(head(""))
        self.target = NewFile(lambda path: ask_save(self, inputs.title, inputs.kinds(), path))
        inputs.add("New file", self.target)
        self.told = words_label()
        self.report = Report()
        self.working = Working(jobs, (inputs.slot, self._preview_slot))
        self.copy = QPushButton("Copy the report")
        self.copy.clicked.connect(lambda _checked: self._copy())
        self.open_it = QPushButton("Open it")
        self.open_it.setToolTip("Open the new file in place of the one that is open.")
        self.open_it.clicked.connect(lambda _checked: self._open())
        self.shut = QPushButton("Close")
        self.shut.clicked.connect(self.hide)
        self.write = QPushButton(inputs.verb)
        self.write.setObjectName("primary")
        self.write.setDefault(True)
        self.write.clicked.connect(lambda _checked: self.start())
        for button in (self.copy, self.open_it):
            button.hide()

    def _lay_out(self) -> None:
        below = self.inputs.side == "below"
        told = QVBoxLayout()
        told.setSpacing(STEP)
        told.addWidget(self.told)
        told.addWidget(scroller(self.report), 1)
        asked = QVBoxLayout()
        asked.addWidget(self.inputs)
        if not below:
            self.inputs.setMinimumWidth(WIDE)
            asked.addStretch(1)
        direction = QBoxLayout.Direction
        both = QBoxLayout(direction.TopToBottom if below else direction.LeftToRight)
        both.setSpacing(STEP if below else 3 * STEP)
        both.addLayout(asked)
        if below:
            both.addWidget(rule())
        both.addLayout(told, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * STEP, 2 * STEP, 2 * STEP, 2 * STEP)
        column.setSpacing(STEP + 4)
        column.addWidget(self.heading)
        column.addLayout(both, 1)
        column.addLayout(row(self.copy, self.open_it, self.working, 1, self.shut, self.write))
        self.resize(*self.inputs.room)

    @property
    def _writes(self) -> bool:
        return self._desk.jobs.is_running(self.inputs.slot)

    @property
    def _preview_slot(self) -> str:
        return f"{self.inputs.slot} preview"

    def _on_opened(self) -> None:
        if self.isVisible():
            self._take_file()
            self._on_target()
            self._look()

    def _take_file(self) -> None:
        """Another file is open: nothing that was said of the one before holds."""
        self._particles = particles = self._desk.document.particles
        self.target.forget()
        self._forget()
        if particles is None:
            return
        path = particles.table.path
        self.heading.setText(
            f"{len(particles):,} particles of {path.name} ({particles.table.format_name}): all "
            "rows, whatever is selected or thinned"
        )
        self.inputs.take(particles)
        self._propose()

    def _propose(self) -> None:
        if self._particles is not None:
            self.target.propose(self.inputs.name(self._particles.table.path))

    def _on_changed(self) -> None:
        self._forget()
        self._propose()
        self._on_target()
        self._soon.start()

    def _on_target(self) -> None:
        self.target.ask_anew()
        self.write.setText(self.inputs.verb)
        self._warn()
        self._allow()

    def _forget(self) -> None:
        """What was written before is no news of what will be."""
        if self.result_told is not None:
            self.result_told = None
            self.report.show_lines(())
            self._say("")
        for button in (self.copy, self.open_it):
            button.hide()

    def _look(self) -> None:
        """Tell what would be written."""
        particles = self._particles
        if particles is None or self._writes or not self.isVisible():
            return
        try:
            work = self.inputs.preview(particles)
        except UserError as error:
            self._desk.jobs.drop(self._preview_slot)
            self._not_seen(error)
            return
        title = f"Looking at {particles.table.path.name}"
        self._desk.jobs.run(self._preview_slot, title, work, self._foretell, self._not_seen)

    def _foretell(self, found: Any) -> None:
        self._refused = False
        self.inputs.refuse(None)
        said, lines = self.inputs.foretell(found)
        self._say(said, head=True)
        self.report.show_lines(lines)
        self._allow()

    def _not_seen(self, error: Exception) -> None:
        error = cause(error)
        self._refused = not isinstance(error, Cancelled)
        self.inputs.refuse(error)
        self.report.show_lines(())
        if self._refused:
            self._say(sentence(error), warn=not isinstance(error, UnfinishedError))
        else:
            self._say(STOPPED)
        self._allow()

    def _warn(self) -> None:
        """Say at the name what would be replaced."""
        path, particles = self.target.path, self._particles
        if path is None or not path.name or particles is None:
            self.target.look((), ())
        else:
            self.target.look(self.inputs.targets(particles, path), particles.table.sources)

    def _ask_again(self) -> None:
        """The next press replaces; the second half of a double click is none."""
        self.target.ask()
        self._say(AGAIN, warn=True)
        self.write.setText(f"Replace and {self.inputs.verb.lower()}")
        self._settling = True
        self._allow()
        QTimer.singleShot(QApplication.doubleClickInterval(), self._settle)

    def _settle(self) -> None:
        self._settling = False
        self._allow()
        if self.isActiveWindow():
            self.write.setFocus()

    def _allow(self) -> None:
        """The button can be pressed where there is something to write, once at a time."""
        named = self.target.path is not None and not self.target.is_own
        busy = self._settling or self._writes
        self.write.setEnabled(named and not busy and not self._refused)

    def _say(self, words: str, *, warn: bool = False, head: bool = False) -> None:
        self.told.setText(words)
        mark(self.told, "warn", warn)
        mark(self.told, "head", head)

    def _done(self, result: Result) -> None:
        self._end()
        self.result_told = result
        self._written, lines = self.inputs.tell(result)
        self._say(f"Wrote {names(self._written)}", head=True)
        self.report.show_lines(lines)
        for button in (self.copy, self.open_it):
            button.show()
        if self.isActiveWindow():
            self.shut.setFocus()

    def _failed(self, error: Exception) -> None:
        self._end()
        error = cause(error)
        stopped = isinstance(error, Cancelled)
        self.inputs.refuse(error)
        self._say(f"{NOT_WRITTEN} {'' if stopped else sentence(error)}".rstrip(), warn=not stopped)
        if not self.isVisible():
            self._desk.failed.emit(error)

    def _end(self) -> None:
        self.inputs.setEnabled(True)
        self.target.ask_anew()
        self.write.setText(self.inputs.verb)
        self.target.warn("")
        self._allow()

    def _copy(self) -> None:
        if self.result_told is not None:
            to_clipboard(self.result_told.summary() + "\n")

    def _open(self) -> None:
        if self._written:
            self.hide()
            self._desk.open_wanted.emit(self._written[0])
