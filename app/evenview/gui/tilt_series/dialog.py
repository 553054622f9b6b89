"""Tilt axis and handedness: tilt series, drawn and said in every package's terms."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from evenview.core.errors import UserError
from evenview.gui.desk import Desk
from evenview.gui.files import dropped
from evenview.gui.report import Working
from evenview.gui.tilt_series.conventions import ConventionsPart
from evenview.gui.tilt_series.defocus import DefocusPart
from evenview.gui.tilt_series.drawing import DrawingPart
from evenview.gui.tilt_series.files import ListArea, SeriesList
from evenview.gui.tilt_series.finding import SLOT, Finding
from evenview.gui.tilt_series.relation import RelationPart, headline
from evenview.gui.tilt_series.typed import TypingForm
from evenview.gui.tilt_series.words import TOMOGRAM, here
from evenview.gui.widgets import (
    STEP,
    button,
    head,
    lead,
    mark,
    quiet,
    row,
    scroller,
    to_clipboard,
    words_label,
    wrapped,
)

TITLE = "Tilt axis and handedness"
EMPTY = "Is it a mistake, or another convention?"
KNOWN = (
    "Add the files of a tilt series, or drop them here: IMOD's .tlt or .rawtlt with the .xf, "
    "AreTomo's .aln, SerialEM's .mdoc, Warp's .tomostar or .xml, RELION's tilt-series star, "
    "EMAN2's info .json. The same geometry is then drawn, and said in every package's convention. "
    "Add a second description of the same images to see how the two relate."
)
UNREAD = "No tilt series could be read yet. What is missing is said above."
COPY = "Copy all that is found as text, as 'evenview tilt' says it."
WHICH = "Which of several tilt series of a file."
#: Pixels of the list of series at most.
LIST = 17 * STEP


class TiltSeriesDialog(QDialog):
    """A list of series; below, a drawing, and tabs for what is said. It holds nothing up."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setAcceptDrops(True)
        self._desk = desk
        self.finding = Finding(desk)
        self.series = SeriesList(self.finding, self._folder)
        self.drawing = DrawingPart(self.finding)
        self.conventions = ConventionsPart(self.finding)
        self.relation = RelationPart(self.finding, desk)
        self.defocus = DefocusPart(self.finding)
        self.headline, self.answer = head(""), words_label()
        # A label that may be narrow asks for the height that it would need then.
        self.answer.setMinimumWidth(90 * STEP)
        self.tomogram = QLineEdit()
        self.tomogram.setAccessibleName(TOMOGRAM)
        self.tomogram.setToolTip(WHICH)
        self.tomogram.setFixedWidth(20 * STEP)
        self.tomogram.textEdited.connect(lambda text: self.finding.set_tomogram(text.strip()))
        self.tomogram_name = quiet(TOMOGRAM, WHICH)
        self.copied = quiet()
        self.copy = button("Copy as text", COPY, self._copy)
        self._lay_out()
        self.finding.changed.connect(self._show)
        self._show()
        self.resize(1256, 690)

    def ask(self) -> None:
        """Show the window."""
        self.show()
        self.raise_()
        self.activateWindow()
        self.series.add.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Files are welcome."""
        if event is not None and dropped(event.mimeData()):
            event.acceptProposedAction()
            mark(self.frame, "over", True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent | None) -> None:
        """The files went elsewhere."""
        mark(self.frame, "over", False)

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Add what was dropped."""
        mark(self.frame, "over", False)
        if event is not None:
            self.finding.add(dropped(event.mimeData()))
            event.acceptProposedAction()

    def _lay_out(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        bar = self.tabs.tabBar()
        if bar is not None:
            bar.setDrawBase(False)
        for part, title in (
            (scroller(self.conventions), "Every package"),
            (scroller(self.relation), "Relation and particles"),
            (self.defocus, "Defocus and hand"),
        ):
            self.tabs.addTab(part, title)
        body = QWidget()
        both = QHBoxLayout(body)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(2 * STEP)
        both.addWidget(self.drawing, 8)
        both.addWidget(self.tabs, 16)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._empty())
        self.pages.addWidget(body)
        self.area = ListArea(self.series, LIST)
        working = Working(self._desk.jobs, (SLOT,))
        buttons = row(
            self.series.add, self.tomogram_name, self.tomogram, working, 1, self.copied, self.copy,
            button("Close", "The series stay here.", self.hide),
        )  # fmt: skip
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * STEP, 2 * STEP, 2 * STEP, 2 * STEP)
        column.setSpacing(STEP)
        column.addWidget(self.area)
        column.addWidget(self.headline)
        column.addWidget(self.answer)
        column.addWidget(self.pages, 1)
        column.addLayout(buttons)

    def _empty(self) -> QWidget:
        self.frame = QFrame()
        self.frame.setObjectName("dropFrame")
        self.empty, self.known = head(EMPTY), wrapped(quiet(KNOWN))
        self.typing = TypingForm(self.finding)
        column = QVBoxLayout(self.frame)
        column.setContentsMargins(6 * STEP, 4 * STEP, 6 * STEP, 4 * STEP)
        column.setSpacing(2 * STEP)
        column.addStretch(1)
        for label in (self.empty, self.known):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addWidget(self.typing)
        column.addStretch(2)
        return self.frame

    def _show(self) -> None:
        look = self.finding.look
        result = look.result
        self.area.setVisible(bool(look.outcomes))
        self.empty.setVisible(not look.outcomes)
        self.typing.setVisible(not look.outcomes)
        self.known.setText(UNREAD if look.outcomes else KNOWN)
        self.pages.setCurrentIndex(0 if result is None else 1)
        lead(self.series.add, not look.outcomes)
        self.copy.setEnabled(result is not None)
        self.copied.setText("")
        names, words = ("", "") if result is None else headline(result)
        self.headline.setText(names)
        self.answer.setText(words)
        for label in (self.headline, self.answer):
            label.setVisible(bool(words))
        wanted = any(
            isinstance(o.found, UserError) and "--tomogram" in o.found.hint for o in look.outcomes
        )
        for part in (self.tomogram, self.tomogram_name):
            part.setVisible(wanted or bool(self.tomogram.text()))

    def _copy(self) -> None:
        result = self.finding.look.result
        if result is not None:
            to_clipboard(here(result.summary()) + "\n")
            self.copied.setText("Copied.")

    def _folder(self) -> Path | None:
        """Where the last series is, else where the particles are."""
        files, path = self.finding.request.files, self._desk.document.path
        return files[-1].parent if files else path.parent if path is not None else None
