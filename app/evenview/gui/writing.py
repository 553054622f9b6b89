"""A dialog that writes a new file from the open one: what it will say, and what was written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.progress import Cancelled, Progress
from evenview.document import cause
from evenview.gui.desk import Desk
from evenview.gui.files import ALL, ask_save, is_there, names
from evenview.gui.options import sentence
from evenview.gui.report import NAMES, Line, Report, Working
from evenview.gui.widgets import STEP, Facts, head, mark, row, rule, scroller, wrapped
from evenview.tasks.result import Result

#: Pixels of questions beside a report, so that another choice does not move it.
WIDE = 66 * STEP
#: Milliseconds without another change after which it is told what follows.
SETTLED = 150
AGAIN = "A file of that name is there already. Press again to replace it."
OWN = "The file that is open is never written to. Choose another name."
NO_NAME = "The new file has no name."
STOPPED = "Stopped. What will be written was not looked at; it can be written all the same."
NOT_WRITTEN = "Nothing was written."


class UnfinishedError(UserError):
    """Nothing is wrong, but there is more to say before anything can be written."""


class Inputs(QWidget):
    """What a dialog asks, and what it does with the answers.

    Signals
    -------
    changed
        An answer, by the user's hand.
    """

    #: The title of the dialog, the word on its button, and the name of the work.
    title, verb, slot = "", "", ""
    #: Whether the report stands beside the questions or below them.
    side: Literal["beside", "below"] = "below"
    room = (720, 560)

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.facts = Facts()
        self.facts.setVerticalSpacing(STEP)
        self.facts.setContentsMargins(0, 0, 0, 0)
        self.facts.setColumnMinimumWidth(0, NAMES)
        self.setLayout(self.facts)

    def add(self, name: str, field: QWidget) -> None:
        """Add a question; its name stands beside the first line of the field."""
        label = self.facts.add(name, field)
        label.setMinimumHeight(QLineEdit().sizeHint().height())
        self.facts.setAlignment(label, Qt.AlignmentFlag.AlignTop)

    def take(self, particles: Particles) -> None:
        """Another file is open."""
        raise NotImplementedError

    def name(self, path: Path) -> Path:
        """A name for the new file, beside the one that is open."""
        raise NotImplementedError

    def kinds(self) -> str:
        """What the file dialog offers."""
        return ALL

    def targets(self, _particles: Particles, path: Path) -> Sequence[Path]:
        """Every file that is written under a name."""
        return (path,)

    def preview(self, particles: Particles) -> Callable[[Progress], Any]:
        """What to do to tell what follows. Raises `UserError` where the answers do not do."""
        raise NotImplementedError

    def foretell(self, found: Any) -> tuple[str, Sequence[Line]]:
        """A sentence and lines for what `preview` found."""
        raise NotImplementedError

    def refuse(self, error: Exception | None) -> None:
        """Point out the answer that is missing, or none."""

    def work(self, particles: Particles, path: Path) -> Callable[[Progress], Result]:
        """What to do to write. Raises `UserError` where the answers do not do."""
        raise NotImplementedError

    def tell(self, result: Any) -> tuple[Sequence[Path], Sequence[Line]]:
        """The files that were written, and lines for what is in them."""
        raise NotImplementedError


class PathField(QWidget):
    """A file's name and a button that chooses it.

    Signals
    -------
    changed
        By the user's hand.
    """

    changed = pyqtSignal()

    def __init__(self, name: str, tip: str, choose: Callable[[Path], Path | None]) -> None:
        super().__init__()
        self._ask = choose
        self.line = QLineEdit()
        self.line.setMinimumWidth(24 * STEP)
        self.line.setAccessibleName(name)
        self.line.setToolTip(tip)
        self.line.textEdited.connect(lambda _text: self.changed.emit())
        self.button = QPushButton("Choose…")
        self.button.setAutoDefault(False)
        self.button.setAccessibleName(f"{name}: choose")
        self.button.clicked.connect(lambda _checked: self._choose())
        self.warning = wrapped(QLabel())
        mark(self.warning, "warn", True)
        self.warning.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row(self.line, self.button))
        column.addWidget(self.warning)
        self.setFocusProxy(self.line)

    @property
    def path(self) -> Path | None:
        """The name, None where there is none."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    def set_path(self, path: Path | None) -> None:
        """Show a name."""
        self.line.setText(str(path or ""))
        self.line.setCursorPosition(0 if path is None else len(str(path)))

    def warn(self, words: str) -> None:
        """Say below the name what is to be known about it; "" for nothing."""
        self.warning.setText(words)
        self.warning.setVisible(bool(words))

    def _choose(self) -> None:
        chosen = self._ask(Path(self.line.text()))
        if chosen is not None:
            self.set_path(chosen)
            self.changed.emit()


class WriteDialog(QDialog):
    """Questions, what follows from the answers while they are given, and a button that writes.

    It stays open beside the window and holds nothing up.
    """

    def __init__(self, desk: Desk, inputs: Inputs, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(inputs.title)
        self._desk, self.inputs = desk, inputs
        self._particles: Particles | None = None
        self._proposed: Path | None = None
        self._there: frozenset[Path] = frozenset()
        self._seen: frozenset[Path] = frozenset()
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
        if not self._there <= self._seen:
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
        self.target = PathField(
            "New file",
            "Where the new file goes. The file that is open is never written to.",
            lambda path: ask_save(self, inputs.title, inputs.kinds(), path),
        )
        inputs.add("New file", self.target)
        self.told = wrapped(QLabel())
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
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
        self._proposed = None
        self.target.set_path(None)
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
        """A name, until somebody types one of his own; then only its suffix follows."""
        if self._particles is None:
            return
        name = self.inputs.name(self._particles.table.path)
        typed = self.target.path
        if typed is None or typed == self._proposed:
            self.target.set_path(name)
        elif typed.suffix != name.suffix:
            self.target.set_path(typed.with_suffix(name.suffix))
        self._proposed = name

    def _on_changed(self) -> None:
        self._forget()
        self._propose()
        self._on_target()
        self._soon.start()

    def _on_target(self) -> None:
        self._seen = frozenset()
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
        if particles is None or not self.isVisible():
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
        self._there = frozenset()
        words = ""
        if path is not None and path.name and particles is not None:
            there = [p for p in self.inputs.targets(particles, path) if is_there(p)]
            sources = {source.resolve() for source in particles.table.sources}
            if any(file.resolve() in sources for file in there):
                words = OWN
            elif there:
                words, self._there = f"Will be replaced: {names(there)}", frozenset(there)
        self.target.warn(words)

    def _ask_again(self) -> None:
        """The next press replaces; the second half of a double click is none."""
        self._seen = self._there
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
        own = self.target.warning.text() == OWN
        busy = self._settling or self._desk.jobs.is_running(self.inputs.slot)
        named = self.target.path is not None
        self.write.setEnabled(named and not own and not busy and not self._refused)

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
        self._seen = frozenset()
        self.write.setText(self.inputs.verb)
        self.target.warn("")
        self._allow()

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None and self.result_told is not None:
            clipboard.setText(self.result_told.summary() + "\n")

    def _open(self) -> None:
        if self._written:
            self.hide()
            self._desk.open_wanted.emit(self._written[0])
