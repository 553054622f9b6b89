"""Numbers: before and after thinning, side by side, and what is to be told of it."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from evenview.core.display import Display, Summary
from evenview.gui.desk import Desk
from evenview.gui.live import Live
from evenview.gui.panels.numbers_lines import LEAST, LINES, Side
from evenview.gui.text import NOTHING, typeset
from evenview.gui.widgets import (
    STEP,
    mark,
    number,
    panel_column,
    quiet,
    row,
    rule,
    scroller,
    tinted_label,
    wrapped,
)
from evenview.tasks.compared import settings_line
from evenview.tasks.forecast import LiveScores

#: As wide as the columns of numbers ever have to be.
WIDEST = ("10,000,000", "≈ 10,000,000", "at −100°, −90°")
HEADS = (
    ("Before", "Of the file as it is open."),
    ("After", "Of what an export would keep now; ≈ marks what only the choice of rows settles."),
    ("Change", "From before to after."),
)
SETTINGS = (
    "What SCF*, empty Fourier space and the least sampled direction depend on: the number of views "
    "that they are said for, the radius k of the shell in Fourier voxels, the s0 views that an "
    "empty direction counts as, and the symmetry whose copies count."
)


class NumbersPanel(QWidget):
    """A table of names, before, after, and how much that is; below it what scores depend on, and
    warnings in words."""

    def __init__(self, desk: Desk, live: Live) -> None:
        super().__init__()
        self._desk, self._live = desk, live
        self._shown: tuple[Summary, LiveScores | None] | None = None
        self.cells: dict[str, tuple[QLabel, QLabel, QLabel]] = {}
        body = QWidget()
        column = panel_column(body)
        column.addLayout(self._table())
        self.settings = wrapped(quiet("", SETTINGS))
        column.addWidget(self.settings)
        column.addStretch(1)
        frame = QVBoxLayout(self)
        frame.setContentsMargins(0, 0, 0, 0)
        frame.setSpacing(0)
        frame.addWidget(scroller(body), 1)
        self.warned = _Warnings()
        frame.addWidget(self.warned)
        desk.document.display_changed.connect(self._on_display)
        live.changed.connect(self._on_scores)

    def _table(self) -> QGridLayout:
        table = QGridLayout()
        table.setHorizontalSpacing(2 * STEP)
        table.setVerticalSpacing(STEP // 4)
        table.setColumnStretch(0, 1)
        for place, (title, tip) in enumerate(HEADS, start=1):
            label = quiet(title, tip)
            label.setAlignment(number().alignment())
            table.addWidget(label, 0, place)
            widest = label.fontMetrics().horizontalAdvance(WIDEST[place - 1])
            table.setColumnMinimumWidth(place, widest + STEP // 2)
        for index, line in enumerate(LINES, start=1):
            name = quiet(line.title, line.tip)
            table.addWidget(name, index, 0)
            cells = (number(tip=line.tip), number(tip=line.tip), number(tip=line.tip))
            cells[1].setProperty("head", True)
            cells[2].setProperty("quiet", True)
            for place, cell in enumerate(cells, start=1):
                table.addWidget(cell, index, place)
            self.cells[line.title] = cells
            if line.title == LEAST:
                self._point_from(name, *cells)
        return table

    def _point_from(self, *labels: QLabel) -> None:
        """Resting on the line shows where the direction is."""
        self._pointing = _Pointing(self)
        for label in labels:
            label.installEventFilter(self._pointing)

    def point(self, on: bool) -> None:
        """Mark the least sampled direction in all pictures, or nothing."""
        scores = self._live.scores
        if scores is not None:
            self._desk.point(scores.least if on else None)

    def _on_display(self, _before: Display | None, after: Display) -> None:
        self._show(after, self._live.scores)

    def _on_scores(self, scores: LiveScores | None) -> None:
        if self._desk.display is not None:
            self._show(self._desk.display, scores)

    def _show(self, display: Display, scores: LiveScores | None) -> None:
        if scores is not None and scores.quotas is not display.quotas:
            scores = None  # of the step before
        if self._shown == (display.summary, scores):
            return
        self._shown = (display.summary, scores)
        found = scores.outcome if scores is not None else None
        before = Side(display.summary.before, found.before if found else None)
        after = Side(display.summary.after, found.after if found else None)
        thinned = display.quotas is not None
        for line in LINES:
            was, now, difference = self.cells[line.title]
            about = "≈ " if line.expected(after.numbers) else ""
            was.setText(line.show(before))
            now.setText(about + line.show(after) if thinned else NOTHING)
            always = line.title == LEAST
            difference.setText(line.compare(before, after) if thinned or always else "")
            for cell, side, shown in ((was, before, True), (now, after, thinned)):
                self._worry(cell, shown and line.worries(side))
        self.settings.setText("" if found is None else settings_line(found))
        self.warned.show_all(scores.warnings if scores is not None else ())

    @staticmethod
    def _worry(cell: QLabel, worries: bool) -> None:
        if bool(cell.property("warn")) != worries:
            mark(cell, "warn", worries)


class _Pointing(QObject):
    """Tells the panel when the pointer comes and goes."""

    def __init__(self, panel: NumbersPanel) -> None:
        super().__init__(panel)
        self._panel = panel

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Look on only."""
        if event is not None and event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self._panel.point(event.type() == QEvent.Type.Enter)
        return False


class _Warnings(QWidget):
    """Sentences under a thin line, never scrolled out of sight; nothing where there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.label = wrapped(QLabel())
        icon = tinted_label("warning", color="warning")
        line = row(icon, self.label)
        line.setContentsMargins(STEP + 4, STEP // 2, STEP + 4, STEP // 2)
        line.setStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(rule())
        column.addLayout(line)
        self.hide()

    def show_all(self, sentences: tuple[str, ...]) -> None:
        """Say these, or nothing."""
        self.label.setText(typeset("\n".join(sentences)))
        self.setVisible(bool(sentences))
