"""Compare: the open particles beside those of another file."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PyQt6.QtCore import QSize, pyqtSignal
from PyQt6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from evenview.core.compare.matching import Way
from evenview.gui.compare_found import Compared, Selected
from evenview.gui.compare_lines import advice, headline, matrix_text, of_selection
from evenview.gui.comparing import Comparing
from evenview.gui.desk import Desk
from evenview.gui.files import by_folder
from evenview.gui.panels.beside_or_below import BesideOrBelow
from evenview.gui.panels.compare_inputs import CompareInputs
from evenview.gui.panels.compare_menus import CompareMenus
from evenview.gui.panels.compare_spread import CompareSpread
from evenview.gui.report import Line, Report
from evenview.gui.text import typeset
from evenview.gui.widgets import (
    STEP,
    button,
    head,
    quiet,
    row,
    rule,
    scroller,
    to_clipboard,
    warning,
    wrapped,
)

#: What the panel needs to be read, the least width of its words, and from which width on the
#: histograms are beside them.
ROOM, LEAST, WIDE = 344, 26 * STEP, 66 * STEP
USE = "Set this symmetry in Data and compare again. A wrong symmetry makes agreement cheaper."
INTRO = (
    "How does the open file relate to another one with the same particles, such as another "
    "refinement, or the same one in another program? Choose that file: the particles are matched, "
    "the turn and the hand between the two maps are found, and it is told which poses agree."
)


class ComparePanel(QWidget):
    """Above what is compared and how; below what was found, in words and as histograms.

    Signals
    -------
    said
        A word for the status bar.
    """

    said = pyqtSignal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._shown: tuple[Compared, Selected | None] | None = None
        self.comparing = Comparing(desk)
        self.inputs = CompareInputs(desk, self.comparing)
        self.menus = CompareMenus(desk, self.comparing, self)
        self.relation, self.report = wrapped(head("")), Report(names=0)
        self.relation.setMinimumWidth(20 * STEP)
        self.advice, self.advised = QWidget(), warning()
        self.advised.setMinimumWidth(12 * STEP)
        self.use = button("", USE, self._use_group)
        line = row(self.advised, self.use)
        line.setStretch(0, 1)
        self.advice.setLayout(line)
        self.spread = CompareSpread(self.comparing)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._empty())
        self.pages.addWidget(self._found())
        self.setMinimumSize(240, 120)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.inputs, rule(), self.pages):
            column.addWidget(part)
        column.setStretch(2, 1)
        self.inputs.matched.chosen.connect(self._match_by)
        self.menus.copied.connect(self._copy)
        self.menus.said.connect(self.said)
        self.comparing.changed.connect(self._show)
        self.comparing.written.connect(self._tell_written)
        self._show()

    def minimumSizeHint(self) -> QSize:
        """Small: what has no room scrolls."""
        return QSize(240, 120)

    def ask(self) -> None:
        """Let a file to compare with be chosen."""
        self.inputs.source.choose.click()

    def _empty(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(STEP + 4, STEP, STEP + 4, STEP)
        column.addWidget(wrapped(quiet(INTRO)))
        column.addStretch(1)
        return scroller(page)

    def _found(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(STEP + 4, STEP, 0, 0)
        column.setSpacing(STEP)
        column.addWidget(self.relation)
        column.addWidget(self.advice)
        column.addWidget(scroller(self.report), 1)
        column.addLayout(row(*self.menus.buttons, 1, gap=0))
        side.setMinimumWidth(LEAST)
        return BesideOrBelow((side, self.spread), (6, 5), WIDE, (26 * STEP, 28 * STEP))

    def _match_by(self, key: str) -> None:
        self.comparing.match_by(cast("Way | None", key or None))

    def _show(self) -> None:
        compared = self.comparing.compared
        self.pages.setCurrentIndex(0 if compared is None else 1)
        if compared is None or (compared, self.comparing.selected) == self._shown:
            return
        self._shown = compared, self.comparing.selected
        self.report.show_lines((*self._of_selection(), *compared.lines))
        self.relation.setText(typeset(headline(compared.result)))
        better = compared.result.better
        words = advice(compared.result)
        self.advice.setVisible(bool(words))
        self.advised.setText(words)
        self.use.setText(f"Use {better.hypothesis.group.name}" if better is not None else "")

    def _use_group(self) -> None:
        result = self.comparing.result
        if result is not None and result.better is not None:
            self.comparing.use_group(result.better.hypothesis.group.name)

    def _of_selection(self) -> tuple[Line, ...]:
        some = self.comparing.selected
        return () if some is None else of_selection(some.agreeing, some.averages)

    def _tell_written(self, paths: list[Path]) -> None:
        self.said.emit(f"Wrote {by_folder(paths)}.")

    def _copy(self, what: str) -> None:
        result = self.comparing.result
        if result is None:
            return
        texts = {"all": result.summary(), "matrix": matrix_text(result), "command": result.turning}
        to_clipboard(texts[what] + "\n" * (what != "command"))
        self.said.emit("Copied.")
