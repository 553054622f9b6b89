"""The status bar: what is under the pointer, and what is being worked on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QProgressBar, QPushButton, QStatusBar, QWidget

from evenview.core import convention
from evenview.core.display import Display
from evenview.gui.checkup import Checkup
from evenview.gui.desk import Desk
from evenview.gui.panels.check import in_short, worst_icon
from evenview.gui.text import counted, degrees, significant, times_uniform, whole
from evenview.gui.widgets import STEP, name_icon, number, row

#: Pixels of words about the work under way, so that none of them widens the window.
LONGEST = 280


class StatusBar(QStatusBar):
    """Azimuth, elevation, bin, count and density on the left; progress on the right, and what the
    check found.

    Signals
    -------
    check_wanted
        What was found is to be read.
    """

    check_wanted = pyqtSignal()

    def __init__(self, desk: Desk, checkup: Checkup) -> None:
        super().__init__()
        self._desk = desk
        self.setSizeGripEnabled(False)
        self.setContentsMargins(0, 0, STEP, 0)
        self.place = number(tip="The direction under the pointer, in the map's frame.")
        self.bin = number(tip="The bin of the grid that this direction lies in.")
        self.count = number(tip="Particles in this bin, symmetry copies included where they show.")
        self.density = number(tip="What is coloured, in this bin; of particles a bin, the density.")
        for part, width in (
            (self.place, 176), (self.bin, 80), (self.count, 136), (self.density, 144),
        ):  # fmt: skip
            part.setMinimumWidth(width)
            self.addWidget(part)
        self.measure = QLabel()
        self.measure.setIndent(2 * STEP)
        self.addWidget(self.measure)
        self.messageChanged.connect(self._on_message)
        self._work = self._progress()
        self.addPermanentWidget(self._work)
        self._work.hide()
        self._checkup = checkup
        self.found = QPushButton()
        self.found.setObjectName("link")
        self.found.setToolTip("What the check of this file found. Click to read it.")
        self.found.clicked.connect(lambda _checked: self.check_wanted.emit())
        self.addPermanentWidget(self.found)
        self.found.hide()
        checkup.changed.connect(self._on_checked)
        desk.pointed.connect(self._on_moved)
        desk.document.display_changed.connect(lambda _b, _a: self._on_pointed(desk.direction))
        desk.after_changed.connect(lambda _after: self._on_pointed(desk.direction))
        desk.measured.connect(self.measure.setText)
        desk.jobs.progressed.connect(self._on_progress)
        desk.jobs.idle.connect(self._work.hide)

    def _progress(self) -> QWidget:
        self.job = QLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(160, 12)
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Stop this work. What was open stays as it was.")
        self.cancel.clicked.connect(lambda _checked: self._desk.jobs.cancel())
        holder = QWidget()
        holder.setLayout(row(self.job, self.bar, self.cancel))
        return holder

    def _on_progress(self, title: str, fraction: float, phrase: str) -> None:
        self._work.show()
        words = f"{title}: {phrase}" if phrase else title
        elide = Qt.TextElideMode.ElideRight
        self.job.setText(self.job.fontMetrics().elidedText(words, elide, LONGEST))
        self.job.setToolTip(words)
        if fraction < 0:
            self.bar.setRange(0, 0)
        else:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * fraction))

    def _on_checked(self) -> None:
        words = in_short(self._checkup)
        self.found.setText(words)
        self.found.setVisible(bool(words))
        name_icon(self.found, worst_icon(self._checkup))

    def _on_message(self, message: str) -> None:
        """Qt hides the labels behind a message too, but shows them again when the bar's height
        changes, as it does where work begins."""
        for part in (self.place, self.bin, self.count, self.density, self.measure):
            part.setVisible(not message)

    def _on_moved(self, direction: NDArray[np.float64] | None) -> None:
        """The pointer goes over the sphere: what is there matters more than what was said."""
        if direction is not None:
            self.clearMessage()
        self._on_pointed(direction)

    def _on_pointed(self, direction: NDArray[np.float64] | None) -> None:
        index, display = self._desk.bin_of(direction), self._desk.display
        if direction is None or index is None or display is None:
            for part in (self.place, self.bin, self.count, self.density):
                part.clear()
            return
        az, el = convention.azimuth_elevation(direction[None])[0]
        self.place.setText(f"az {degrees(az)}   el {degrees(el)}")
        self.bin.setText(f"bin {whole(index)}")
        if display.binning.areas[index] == 0:
            self.count.setText("outside the unit")
            self.density.clear()
            return
        after = self._desk.after
        count = display.after_counts[index] if after else display.binning.counts[index]
        self.count.setText(counted(round(float(count)), "particle"))
        self.density.setText(shown_value(display, index, after=after))


def shown_value(display: Display, index: int, *, after: bool) -> str:
    """The value of a bin with its unit, of the quantity that is coloured."""
    if display.quantity in ("density", "count"):
        density = display.after_density[index] if after else display.binning.density[index]
        return times_uniform(float(density))
    value = float((display.after_values if after else display.layer.values)[index])
    if not np.isfinite(value):
        kind = display.quantity.partition(":")[0]
        return "no value" if kind in ("mean", "rows", "field") else "empty"
    return f"{significant(value)} {display.layer.unit}"
