"""Numbers: before and after thinning, side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from evenview.core.resolve import Display, Numbers
from evenview.gui.desk import Desk
from evenview.gui.text import NOTHING, change, share, significant, whole
from evenview.gui.widgets import STEP, number, panel_column, quiet


@dataclass(frozen=True)
class Line:
    """One number of the table: its name, what it means, how it is read and shown, and whether
    it is only an expectation."""

    title: str
    tip: str
    read: Callable[[Numbers], float | None]
    show: Callable[[float], str]
    expected: Callable[[Numbers], bool] = lambda _numbers: False


def _half(index: int) -> Callable[[Numbers], float | None]:
    return lambda numbers: None if numbers.halves is None else numbers.halves[index]


def _halves_expected(numbers: Numbers) -> bool:
    return numbers.halves_expected


def _evenness_expected(numbers: Numbers) -> bool:
    return numbers.evenness_expected


LINES = (
    Line(
        "Particles",
        "Rows that the kept file holds, those without a pose included. Fewer particles always "
        "means less signal: thinning buys evenness with it.",
        lambda n: n.particles,
        whole,
    ),
    Line(
        "Half-set 1",
        "Particles of half 1 that stay. Halves that differ by more than 2 % make cryoSPARC warn.",
        _half(0),
        whole,
        _halves_expected,
    ),
    Line(
        "Half-set 2",
        "Particles of half 2 that stay. No particle ever changes its half.",
        _half(1),
        whole,
        _halves_expected,
    ),
    Line(
        "Empty sphere",
        "Share of the sphere's area without a single particle. Thinning cannot fill it; a tilted "
        "collection or another grid can.",
        lambda n: n.evenness.empty_fraction,
        lambda value: share(value, 1.0),
        _evenness_expected,
    ),
    Line(
        "Evenness",
        "Entropy of the particles over the bins, by area: 1 is perfectly even, 0 all in one bin. "
        "Empty bins count.",
        lambda n: n.evenness.entropy,
        lambda value: f"{value:.3f}",
        _evenness_expected,
    ),
    Line(
        "Gini",
        "How unequally bins are filled: 0 is perfectly even, 1 all in one bin. It notices a few "
        "crowded bins sooner than the entropy does.",
        lambda n: n.evenness.gini,
        lambda value: f"{value:.3f}",
        _evenness_expected,
    ),
    Line(
        "Fullest bin",
        "Density of the fullest bin in multiples of uniform. 1 would be perfectly even.",
        lambda n: n.evenness.max_density,
        lambda value: f"{significant(value)} ×",
        _evenness_expected,
    ),
)


class NumbersPanel(QWidget):
    """A table of names, before, after, and how much that is."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.cells: dict[str, tuple[QLabel, QLabel, QLabel]] = {}
        table = QGridLayout()
        table.setHorizontalSpacing(2 * STEP)
        table.setVerticalSpacing(STEP // 2)
        table.setColumnStretch(0, 1)
        for place, title in enumerate(("", "Before", "After", "Change")):
            label = quiet(title)
            label.setAlignment(number().alignment())
            table.addWidget(label, 0, place)
        for index, line in enumerate(LINES, start=1):
            table.addWidget(quiet(line.title, line.tip), index, 0)
            row = (number(tip=line.tip), number(tip=line.tip), number(tip=line.tip))
            row[1].setProperty("head", True)
            row[2].setProperty("quiet", True)
            for place, cell in enumerate(row, start=1):
                cell.setMinimumWidth(72)
                table.addWidget(cell, index, place)
            self.cells[line.title] = row
        column = panel_column(self)
        column.addLayout(table)
        column.addStretch(1)
        desk.document.display_changed.connect(self._on_display)

    def _on_display(self, before: Display | None, after: Display) -> None:
        if before is not None and before.summary is after.summary:
            return
        thinned = after.quotas is not None
        for line in LINES:
            was, now = line.read(after.summary.before), line.read(after.summary.after)
            about = "≈ " if line.expected(after.summary.after) else ""
            cells = self.cells[line.title]
            cells[0].setText(NOTHING if was is None else line.show(was))
            cells[1].setText(NOTHING if now is None or not thinned else about + line.show(now))
            hidden = was is None or now is None or not thinned
            cells[2].setText("" if hidden else change(float(was or 0), float(now or 0)))
