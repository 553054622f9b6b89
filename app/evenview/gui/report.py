"""A report of names and values, each as long as it is, and how far the work on it has got."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from PyQt6.QtCore import QSize, Qt, QTimer
from PyQt6.QtWidgets import QGridLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from evenview.gui.jobs import Jobs
from evenview.gui.widgets import STEP, mark, number_font, quiet, row

#: Pixels of names beside values, the same above and below.
NAMES = 12 * STEP
#: Milliseconds of work that are not worth a word.
SOON = 400


@dataclass(frozen=True)
class Line:
    """A name and what is said of it; "warn" in the colour of warnings, "quiet" stands back; more
    is told where the pointer rests."""

    name: str
    text: str
    tone: Literal["", "warn", "quiet"] = ""
    tip: str = ""


class Report(QWidget):
    """Lines that are broken where they must be and can be copied, beside names of some width."""

    def __init__(self, names: int = NAMES) -> None:
        super().__init__()
        self.lines: tuple[Line, ...] = ()
        self._labels: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, STEP, 0)
        self._grid.setHorizontalSpacing(2 * STEP)
        self._grid.setVerticalSpacing(STEP // 2)
        self._grid.setColumnMinimumWidth(0, names)
        self._grid.setColumnStretch(1, 1)

    def minimumSizeHint(self) -> QSize:
        """As high as the words need at the width there is, not at the least."""
        return QSize(super().minimumSizeHint().width(), 0)

    def show_lines(self, lines: Iterable[Line]) -> None:
        """Show these lines and no others."""
        self.lines = tuple(lines)
        for label in self._labels:
            self._grid.removeWidget(label)
            label.deleteLater()
        self._labels = []
        for place, line in enumerate(self.lines):
            self._add(place, line)
        self._grid.setRowStretch(self._grid.rowCount(), 1)

    def text_of(self, name: str) -> str:
        """What is said under a name; "" where nothing is."""
        return "\n".join(line.text for line in self.lines if line.name == name)

    def _add(self, place: int, line: Line) -> None:
        top = Qt.AlignmentFlag.AlignTop
        name, value = quiet(line.name, line.tip), QLabel(line.text)
        value.setToolTip(line.tip)
        value.setFont(number_font(value.font()))
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setWordWrap(True)
        value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        value.setAccessibleName(line.name)
        mark(value, "warn", line.tone == "warn")
        mark(value, "quiet", line.tone == "quiet")
        self._grid.setRowStretch(place, 0)
        self._grid.addWidget(name, place, 0, top)
        self._grid.addWidget(value, place, 1, top)
        self._labels += [name, value]


class Working(QWidget):
    """How far some work of the window has got, and a button that stops it. It keeps its room."""

    def __init__(self, jobs: Jobs, slots: tuple[str, ...]) -> None:
        super().__init__()
        self._jobs, self._slots = jobs, slots
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON)
        self._soon.timeout.connect(self._show)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(160, 12)
        self.bar.setRange(0, 0)
        self.cancel = QPushButton("Cancel")
        self.cancel.setAutoDefault(False)
        self.cancel.setToolTip("Stop this work. What was open stays as it was.")
        self.cancel.clicked.connect(lambda _checked: jobs.cancel(slots))
        layout = row(self.bar, self.cancel)
        self.setLayout(layout)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()
        jobs.progressed.connect(self._on_progress)
        jobs.idle.connect(self._end)

    @property
    def _runs(self) -> bool:
        return any(map(self._jobs.is_running, self._slots))

    def _on_progress(self, _title: str, fraction: float, _phrase: str) -> None:
        if not self._runs:
            self._end()
            return
        if self.isHidden() and not self._soon.isActive():
            self._soon.start()
        if self._jobs.told not in self._slots:  # it waits for other work
            fraction = -1.0
        self.bar.setRange(0, 1000 if fraction >= 0 else 0)
        self.bar.setValue(round(1000 * max(fraction, 0.0)))

    def _show(self) -> None:
        self.setVisible(self._runs)

    def _end(self) -> None:
        self._soon.stop()
        self.hide()
