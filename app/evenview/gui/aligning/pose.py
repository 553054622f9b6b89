"""Turn, shift and hand of one map in every form that other programs take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontDatabase
from PyQt6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from evenview.core import rotation
from evenview.core.words import with_minus
from evenview.gui.aligning.words import angstroms, here
from evenview.gui.report import Line, Report
from evenview.gui.text import degrees, significant
from evenview.gui.widgets import STEP, button, quiet, row
from evenview.tasks.align import MapResult
from evenview.tasks.align_words import hand_words
from evenview.tasks.turns import axis_angle

MATRIX = "Matrix M and shift t"
MATRIX_TIP = (
    "A point x of the map, in Å about its centre voxel N // 2, comes to lie at the first three "
    "columns times x, plus the last column (Å). It can be pasted at Turn, move or mirror the map."
)
CHIMERAX = "In ChimeraX"
CHIMERAX_TIP = (
    "The same in the coordinates of both headers, as ChimeraX has them: rotation and shift (Å)."
)
TURN_TIP = "The turn G that lays the map over the reference, right-handed about an axis x, y, z."
QUATERNION_TIP = "The same turn G as a unit quaternion: w, x, y, z."
SHIFT_TIP = "x, y, z: where the centre voxel of the map comes to lie, from that of the reference."
HAND_TIP = "By which part of the best score the other hand fits worse. Below 0.1 it is undecided."
CORRELATION_TIP = (
    "Of map and reference over all Fourier shells compared. Of noisy maps it is low however well "
    "they are aligned: look at the FSC."
)
COPY_MATRIX = "Copy the twelve numbers, row by row."
COPY_CHIMERAX = "Copy the command for ChimeraX, with the reference opened as #1 and the map as #2."
NO_CHIMERAX = "The hand is changed, which ChimeraX cannot show of the map: open the aligned map."
NAMES = 10 * STEP


class PosePart(QWidget):
    """Lines about the pose, and two matrices that can be copied."""

    def __init__(self) -> None:
        super().__init__()
        self.report = Report(NAMES)
        self.matrix, self.chimerax = _numbers(MATRIX, MATRIX_TIP), _numbers(CHIMERAX, CHIMERAX_TIP)
        self.copy_matrix = button("Copy", COPY_MATRIX)
        self.copy_chimerax = button("Copy command", COPY_CHIMERAX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, STEP, 0, 0)
        column.setSpacing(STEP // 2)
        column.addWidget(self.report)
        for title, tip, copy, numbers in (
            (MATRIX, MATRIX_TIP, self.copy_matrix, self.matrix),
            (CHIMERAX, CHIMERAX_TIP, self.copy_chimerax, self.chimerax),
        ):
            column.addLayout(_titled(title, tip, copy))
            column.addWidget(numbers)
        column.addStretch(1)

    def show_map(self, result: MapResult | None) -> None:
        """Say how a map lies; None says nothing."""
        self.report.show_lines(() if result is None else _lines(result))
        for label, text in (
            (self.matrix, "" if result is None else matrix_text(result)),
            (self.chimerax, "" if result is None else rows_text(result.chimerax)),
        ):
            label.setText(with_minus(text))
        mirrors = result is not None and result.found.pose.flipped
        self.copy_chimerax.setEnabled(result is not None and not mirrors)
        self.copy_chimerax.setToolTip(NO_CHIMERAX if mirrors else COPY_CHIMERAX)


def matrix_text(result: MapResult) -> str:
    """M and t, three rows of four numbers that line up."""
    motion = result.found.pose.motion
    return rows_text(np.column_stack([motion.matrix, motion.shift]))


def rows_text(matrix: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    """(3, 4) as three rows that line up."""
    return "\n".join(
        "  ".join(f"{x:9.6f}" for x in line[:3]) + f"  {line[3]:9.3f}"
        for line in (matrix + 0.0).tolist()
    )


def chimerax_command(result: MapResult) -> str:
    """What lays the map, opened as #2, over the reference in ChimeraX, and their voxel sizes."""
    numbers = ",".join(f"{x:.9g}" for x in (result.chimerax + 0.0).ravel().tolist())
    return "\n".join([*result.chimerax_sizes, f"view matrix models #2,{numbers}"])


def _lines(result: MapResult) -> Iterator[Line]:
    found, pose = result.found, result.found.pose
    turn = axis_angle(pose.rotation)
    axis = _listed((turn.axis + 0.0).tolist(), 4)
    yield Line("Turn", f"{degrees(turn.angle, 2)} about ({axis})", "", TURN_TIP)
    quaternion = rotation.from_matrix(pose.rotation).tolist()
    yield Line("Quaternion", f"{_listed(quaternion, 5)} (wxyz)", "", QUATERNION_TIP)
    shift, size = pose.shift, significant(result.voxel_size)
    yield Line("Shift", f"{_listed(shift.tolist(), 2)} Å", "", SHIFT_TIP)
    voxels = _listed((shift / result.voxel_size).tolist(), 2)
    yield Line("", f"{voxels} voxels of {size} Å", "", SHIFT_TIP)
    yield Line(
        "Hand", with_minus(hand_words(found)), "warn" if found.hand_is_open else "", HAND_TIP
    )
    before, after = (with_minus(f"{value:.3f}") for value in (found.before, found.after))
    compared = angstroms(found.frame.side / found.frame.limit)
    words = f"{before} before, {after} after (down to {compared})"
    yield Line("Correlation", words, "", CORRELATION_TIP)
    for note in result.every_note:
        yield Line("Note", here(note), "quiet")


def _listed(values: Sequence[float], digits: int) -> str:
    return with_minus(", ".join(f"{round(value, digits) + 0.0:.{digits}f}" for value in values))


def _numbers(name: str, tip: str) -> QLabel:
    label = QLabel()
    label.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setToolTip(tip)
    label.setAccessibleName(name)
    return label


def _titled(title: str, tip: str, copy: QPushButton) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(0, STEP // 2, 0, 0)
    column.addLayout(row(quiet(title, tip), 1, copy, gap=STEP // 2))
    return column
