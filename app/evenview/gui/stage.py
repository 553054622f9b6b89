"""The stage: sphere, colour bar and chart, above the choices of colours; never covered."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from evenview.core.display import Display
from evenview.gui.desk import Desk
from evenview.gui.panels.chart import ChartPanel
from evenview.gui.panels.colorbar import ColorBar
from evenview.gui.panels.colors import ColorControls
from evenview.gui.panels.sphere import SpherePanel

Which = Literal["sphere", "chart", "both"]
#: Share of the views that a file opened anew shows at least.
LEAST_SEEN = 0.05


class Stage(QWidget):
    """The two pictures of the data."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.which: Which = "both"
        self.sphere = SpherePanel(desk)
        self.chart = ChartPanel(desk)
        self.bar = ColorBar(desk)
        self.colors = ColorControls(desk)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(1)
        self.split.addWidget(self.sphere)
        self.split.addWidget(self.chart)
        self.split.setStretchFactor(0, 5)
        self.split.setStretchFactor(1, 6)
        self.split.setSizes([500, 600])
        top = QHBoxLayout()
        top.setSpacing(0)
        top.addWidget(self.split, 1)
        top.addWidget(self.bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top, 1)
        column.addWidget(self.colors)
        self.chart.scene.pointed.connect(self._follow)

    def look(self) -> tuple[str, NDArray[np.float64]]:
        """(name of the chart, (3, 3) rotation from the map's frame to the screen's)."""
        return self.chart.choice.key, self.sphere.scene.view_rotation

    def face_views(self, display: Display) -> None:
        """Look as at the start; from the fullest bin if next to no views are seen from there."""
        scene, binning = self.sphere.scene, display.binning
        scene.look_from("reset", animate=False)
        counts, centers = binning.counts, binning.centers
        seen = counts[centers @ scene.camera_direction > 0].sum()
        if seen < LEAST_SEEN * counts.sum():
            scene.look_from(centers[counts.argmax()], animate=False)

    def show_scenes(self, which: Which) -> None:
        """The sphere, the chart, or both."""
        self.which = which
        self.sphere.setVisible(which != "chart")
        self.chart.setVisible(which != "sphere")

    def cancel_gesture(self) -> bool:
        """Forget what is being drawn; True if there was something."""
        return any([self.sphere.cancel_gesture(), self.chart.cancel_gesture()])

    def close_scenes(self) -> None:
        """Give the canvases up."""
        self.sphere.close_scene()
        self.chart.close_scene()

    def _follow(self, _pointer: object) -> None:
        if self.chart.follow.isChecked() and self._desk.direction is not None:
            self.sphere.scene.follow(self._desk.direction)
