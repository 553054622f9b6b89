"""Pose: how one particle's pose becomes azimuth and elevation, with its own numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QGridLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from evenview.core import convention, rotation
from evenview.core.display import Display
from evenview.core.particles import Particles
from evenview.gui.desk import Desk
from evenview.gui.fields import style_box
from evenview.gui.text import NOTHING, degrees, whole
from evenview.gui.widgets import STEP, Facts, head, number, panel_column, quiet, row, rule, wrapped

STORY = (
    "A pose is a rotation A from the map to the image: r(image) = A · r(map). RELION stores it as "
    "three angles, A = Rz(psi)·Ry(tilt)·Rz(rot) in passive form; cryoSPARC stores the rotation "
    "vector p of A transposed."
)
FORMULA = (
    "The beam runs along the image's z axis, so the view direction v is the third row of A:\n"
    "azimuth = atan2(v.y, v.x) = rot\n"
    "elevation = asin(v.z) = 90° − tilt\n"
    "What is left, psi, turns the image in its plane and moves no dot on the sphere."
)
#: Cells of the file that a pose is made of, by the endings of their names.
POSE_CELLS = ("AngleRot", "AngleTilt", "AnglePsi", "alignments3D/pose", "RandomSubset", "split")


class PosePanel(QWidget):
    """A row chooser, and the steps from the file's cells to azimuth and elevation.

    Attributes
    ----------
    pose
        (4,), (w, x, y, z) of A, of the particle that shows; None where there is none.

    Signals
    -------
    convert_wanted
        That pose is wanted in every convention.
    """

    convert_wanted = pyqtSignal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._picked: NDArray[np.float64] | None = None
        self.pose: NDArray[np.float64] | None = None
        self.row = QSpinBox()
        style_box(self.row, width=128)
        self.row.setAccessibleName("Particle, from 1")
        self.row.setToolTip(
            "The particle's place in the file: the first is 1, as RELION counts. Clicking a bin "
            "shows the particle nearest to the click."
        )
        self.counted = quiet(
            "", "The same counted from 0, as in the column row of exported directions."
        )
        self.row.valueChanged.connect(lambda place: self.show_row(place - 1))
        column = panel_column(self)
        column.addWidget(wrapped(head("How does a pose become azimuth and elevation?")))
        column.addLayout(row(quiet("Particle"), 1, self.row))
        column.addLayout(row(1, self.counted))
        self._cells = QVBoxLayout()
        self._cells.setSpacing(STEP // 2)
        self.cells: Facts | None = None
        holder = QWidget()
        holder.setLayout(self._cells)
        self._cells.setContentsMargins(0, 0, 0, 0)
        column.addWidget(holder)
        column.addWidget(rule())
        column.addWidget(wrapped(quiet(STORY)))
        column.addLayout(self._rotation())
        column.addLayout(self._matrix())
        column.addWidget(rule())
        column.addWidget(wrapped(quiet(FORMULA)))
        column.addLayout(self._outcome())
        self.convert = QPushButton("In every convention…")
        self.convert.setToolTip("This pose as each package writes it, with the formulas.")
        self.convert.clicked.connect(lambda _checked: self._convert())
        column.addLayout(row(1, self.convert))
        column.addStretch(1)
        desk.document.opened.connect(self._on_opened)
        desk.picked.connect(self.show_nearest)

    def _rotation(self) -> Facts:
        facts = Facts()
        self.relion = facts.add_number(
            "rot, tilt, psi", "RELION's Euler angles of this rotation, in RELION's own ranges."
        )
        self.rodrigues = facts.add_number(
            "Rotation vector of Aᵀ\n(cryoSPARC pose)",
            "cryoSPARC's pose: axis times angle, in radians, at most π long.",
        )
        self.quaternion = facts.add_number(
            "Quaternion of A\n(w, x, y, z)",
            "w, x, y, z of A, map to image; its negative is the same rotation.",
        )
        return facts

    def _matrix(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(STEP)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(quiet("Matrix A", "Map to image; its third row is v."), 0, 0)
        self.matrix: list[QLabel] = []
        for line in range(3):
            for place in range(3):
                cell = number(tip="Third row: the view direction v." if line == 2 else "")
                cell.setProperty("head", line == 2)
                grid.addWidget(cell, line, place + 1)
                self.matrix.append(cell)
        return grid

    def _outcome(self) -> Facts:
        facts = Facts()
        self.direction = facts.add_number("Direction v", "Unit vector of the view, map frame.")
        self.azimuth = facts.add_number("Azimuth", "About Z, from X towards Y.")
        self.elevation = facts.add_number("Elevation", "Above the XY plane; 90° is the top.")
        self.inplane = facts.add_number("In-plane", "psi: the turn of the image in its plane.")
        return facts

    def show_row(self, index: int) -> None:
        """Show one particle, by its row from 0."""
        particles = self._desk.document.particles
        if particles is None or not 0 <= index < len(particles):
            return
        self.counted.setText(f"row {whole(index)} counted from 0")
        self._show_cells(particles, index)
        self._show_numbers(particles.quaternions[index])

    def show_nearest(self, direction: NDArray[np.float64]) -> None:
        """Show the particle of the clicked bin whose view is nearest to the click.

        Looked for by the worker, among all rows; a hidden panel waits until it is shown.
        """
        index, display = self._desk.bin_of(direction), self._desk.display
        self._picked = None if self.isVisible() else direction
        if index is None or display is None or not self.isVisible():
            return
        self._desk.jobs.run(
            "pose",
            "Finding the particle",
            lambda _progress: nearest_row(display, index, direction),
            self._found,
            self._desk.failed.emit,
        )

    def showEvent(self, event: QShowEvent | None) -> None:
        """What was clicked last is what one wants to hear about."""
        super().showEvent(event)
        if self._picked is not None:
            self.show_nearest(self._picked)

    def _convert(self) -> None:
        if self.pose is not None:
            self.convert_wanted.emit(self.pose)

    def _found(self, index: int | None) -> None:
        if index is not None:
            self.row.setValue(index + 1)

    def _on_opened(self, particles: Particles) -> None:
        self._desk.jobs.drop("pose")
        self._picked = None
        self.row.setRange(1, max(1, len(particles)))
        self.row.setValue(1)
        self.show_row(0)

    def _show_cells(self, particles: Particles, index: int) -> None:
        while item := self._cells.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        holder = QWidget()
        facts = Facts()
        facts.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(facts)
        for name, text in particles.table.cells(index).items():
            if name.endswith(POSE_CELLS):
                facts.add_number(name, "As it stands in the file.").setText(text)
        self._cells.addWidget(holder)

    def _show_numbers(self, quaternion: NDArray[np.float64]) -> None:
        self.pose = quaternion
        self.convert.setEnabled(bool(np.isfinite(quaternion).all()))
        q = quaternion[None]
        a = rotation.to_matrix(q)[0]
        v = convention.directions(q)
        az, el = convention.azimuth_elevation(v)[0]
        self.relion.setText(
            "  ".join(degrees(x, 3) for x in convention.quaternions_to_relion(q)[0])
        )
        self.rodrigues.setText(_list(convention.quaternions_to_cryosparc(q)[0]) + "  rad")
        self.quaternion.setText(_list(quaternion))
        for cell, entry in zip(self.matrix, a.ravel(), strict=True):
            cell.setText(_decimal(entry))
        self.direction.setText(_list(v[0]))
        self.azimuth.setText(degrees(az, 3))
        self.elevation.setText(degrees(el, 3))
        self.inplane.setText(degrees(convention.inplane(q)[0], 3))


def nearest_row(display: Display, index: int, direction: NDArray[np.float64]) -> int | None:
    """The row, among those of a bin and of its symmetry copies, whose view is nearest."""
    binning = display.binning
    bins = [index] if binning.look == "stored" else np.unique(binning.orbits[index])
    rows = np.flatnonzero(np.isin(binning.bin_of_row, bins))
    if rows.size == 0:
        return None
    views = convention.directions(display.particles.quaternions[rows])
    near = max(
        ((views @ copy[0]) for copy in binning.group.expand(direction[None])),
        key=lambda cosines: float(cosines.max()),
    )
    return int(rows[int(near.argmax())])


def _decimal(value: float) -> str:
    if not np.isfinite(value):
        return NOTHING
    return f"{value + 0.0:.4f}".replace("-", "−")


def _list(values: NDArray[np.float64]) -> str:
    return "  ".join(_decimal(value) for value in values)
