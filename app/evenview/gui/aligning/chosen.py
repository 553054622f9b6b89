"""What is said of the map that is looked at: the curve, what else fits, and its matrix."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontDatabase
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from evenview.core.words import with_minus
from evenview.gui.aligning.fsc_plot import FscPlot
from evenview.gui.aligning.words import angstroms, here
from evenview.gui.report import Line, Report
from evenview.gui.widgets import STEP, quiet, row, scroller, text_button
from evenview.tasks.align import MapResult
from evenview.tasks.align_look import Sight

MATRIX = "Matrix"
MATRIX_TIP = (
    "A point x of the map, in Å about its centre voxel N // 2, comes to lie at the first three "
    "columns times x, plus the last column (Å). It can be pasted at Turn, move or mirror the map."
)
RUNNER_UP = (
    "Another pose that fits, how well as a part of the best, and how far it is turned from it. Of "
    "a symmetric map these are the same answer."
)
COPY_MATRIX = "Copy the twelve numbers, row by row."
COPY_CHIMERAX = "Copy the command for ChimeraX, with the reference opened as #1 and the map as #2."
NO_CHIMERAX = "The hand is changed, which ChimeraX cannot show of the map: open the aligned map."
NAMES = 10 * STEP


class ChosenPart(QWidget):
    """The FSC of one map, and lines about it."""

    def __init__(self) -> None:
        super().__init__()
        self.plot = FscPlot()
        self.report = Report(NAMES)
        self.matrix = QLabel()
        self.matrix.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.matrix.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.matrix.setToolTip(MATRIX_TIP)
        self.matrix.setAccessibleName(MATRIX)
        self.copy_matrix = text_button("Copy", COPY_MATRIX)
        self.copy_chimerax = text_button("Copy for ChimeraX", COPY_CHIMERAX)
        lines = QWidget()
        inside = QVBoxLayout(lines)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.report)
        inside.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP // 2)
        column.addWidget(self.plot.key)
        column.addWidget(self.plot, 1)
        column.addWidget(scroller(lines, snug=True))
        title = quiet(MATRIX, MATRIX_TIP)
        column.addLayout(row(title, 1, self.copy_matrix, self.copy_chimerax, gap=STEP // 2))
        column.addWidget(self.matrix)

    def show_map(self, result: MapResult | None) -> None:
        """Say what is known of a map; None for none."""
        self.plot.show_map(result)
        self.report.show_lines(() if result is None else _lines(result))
        self.matrix.setText("" if result is None else with_minus(matrix_text(result)))

    def show_sight(self, sight: Sight | None) -> None:
        """What is known of the map once it is seen."""
        command = None if sight is None else chimerax_command(sight)
        self.copy_chimerax.setEnabled(bool(command))
        self.copy_chimerax.setToolTip(NO_CHIMERAX if command == "" else COPY_CHIMERAX)


def matrix_text(result: MapResult) -> str:
    """M and t, three rows of four numbers that line up."""
    motion = result.found.pose.motion
    rows = np.column_stack([motion.matrix, motion.shift]) + 0.0
    return "\n".join(
        "  ".join(f"{x:9.6f}" for x in line[:3]) + f"  {line[3]:9.3f}" for line in rows.tolist()
    )


def chimerax_command(sight: Sight) -> str:
    """The line that lays the map over the reference in ChimeraX; "" where none can."""
    lines = [line for line in sight.script.splitlines() if not line.startswith("#")]
    return lines[0] if lines else ""


def _lines(result: MapResult) -> Iterator[Line]:
    frame = result.found.frame
    yield Line("Compared", f"down to {angstroms(frame.side / frame.limit)}", "quiet")
    others = [words for name, words in result.facts() if name == "Runner-up"]
    for words in others or ["none: no other pose comes near"]:
        yield Line("Runner-up", here(words), "" if others else "quiet", RUNNER_UP)
    for note in result.notes:
        yield Line("Note", here(note), "quiet")
