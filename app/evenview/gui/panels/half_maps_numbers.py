"""The scores of half-maps as a list, beside what is predicted, and what is to be known of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QEnterEvent
from PyQt6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from evenview.core.prediction import Prediction
from evenview.core.words import sentence
from evenview.gui.gauge import Gauge
from evenview.gui.options import in_fields
from evenview.gui.text import significant, typeset
from evenview.gui.widgets import STEP, head, mark, number, quiet, rule, words_label
from evenview.tasks.half_map_verdict import CFAR_THRESHOLD
from evenview.tasks.half_maps import HalfMapsResult

Floats = NDArray[np.float64]

PREDICTED = (
    "Predicted, not measured: what a refinement of the particles that are left is expected to give."
    " It assumes: {0} A new refinement decides."
)
EARLIER = (
    "The half-maps were scored before the open file was opened, and may be of other particles."
)


@dataclass(frozen=True)
class Line:
    """One number: its name, what it means, how it is read now and predicted, and the axis (3,) that
    it is of, where it is of one."""

    title: str
    tip: str
    read: Callable[[HalfMapsResult], str]
    predict: Callable[[Prediction], str] | None = None
    axis: Callable[[HalfMapsResult], Floats] | None = None


def _finest(result: HalfMapsResult) -> Floats:
    return np.asarray(result.scores.axes[result.scores.resolutions.argmin()])


def _coarsest(result: HalfMapsResult) -> Floats:
    return np.asarray(result.scores.axes[result.scores.resolutions.argmax()])


ROBUST, WITHOUT_MASK = "Robust cFAR", "Without mask"
EVENNESS = (
    Line(
        ROBUST,
        "Least over largest area under the conical FSCs, 1 for even maps. No single noisy shell "
        "can end an area: the mean of three shells does, from the third shell on.",
        lambda r: f"{r.scores.cfar_robust:.3f}",
        lambda p: f"{p.cfar_robust:.3f}",
    ),
    Line(
        "cFAR",
        "The same by the published recipe, where the first shell at or below the threshold ends an "
        "area. cryoSPARC, with a mask of its own, takes less than 0.5 for a sign of preferred "
        "views.",
        lambda r: f"{r.scores.cfar:.3f}",
    ),
    Line(
        "tFAR",
        "Least over largest area under the toroidal FSCs, 1 where all views carry the same signal. "
        "A torus holds the voxels that a view samples.",
        lambda r: f"{r.scores.tfar:.3f}",
    ),
    Line(
        "Sphericity",
        "Of the part of the 3DFSC above 0.5: 1 for a ball, less for everything else (Tan et al. "
        "2017). Save the 3DFSC to see the part itself.",
        lambda r: f"{r.fsc_volume.sphericity:.3f}",
    ),
)
#: In Å.
RESOLUTIONS = (
    Line(
        "Over all",
        "Where the FSC over all directions falls to the threshold. It says nothing about any "
        "single direction.",
        lambda r: significant(r.scores.resolution),
    ),
    Line(
        WITHOUT_MASK,
        "The same of the maps without the mask. A large difference to the masked one is usual; a "
        "mask that is too tight makes it larger.",
        lambda r: significant(r.unmasked.resolution),
    ),
    Line(
        "Finest",
        "The best resolution along any axis. Point to it to see the axis, click to turn the sphere "
        "there.",
        lambda r: significant(float(r.scores.resolutions.min())),
        lambda p: significant(float(p.resolutions.min())),
        _finest,
    ),
    Line(
        "Median",
        "Half the axes are better, half are worse. In even maps it is close to the resolution over "
        "all directions.",
        lambda r: significant(float(np.median(r.scores.resolutions))),
        lambda p: significant(float(np.median(p.resolutions))),
    ),
    Line(
        "Coarsest",
        "The worst resolution along any axis. Point to it to see the axis, click to turn the "
        "sphere there.",
        lambda r: significant(float(r.scores.resolutions.max())),
        lambda p: significant(float(p.resolutions.max())),
        _coarsest,
    ),
    Line(
        "Sd",
        "Standard deviation of the resolutions along the axes. Noise alone makes some.",
        lambda r: significant(float(r.scores.resolutions.std())),
        lambda p: significant(float(p.resolutions.std())),
    ),
    Line(
        "Mean + 1 sd",
        "Where the mean conical FSC plus one standard deviation over the axes, the upper border of "
        "the band in the plot, falls to the threshold.",
        lambda r: significant(r.scores.resolution_range[0]),
    ),
    Line(
        "Mean − 1 sd",
        "Where the lower border of that band falls to the threshold. The further the two are "
        "apart, the more the directions differ.",
        lambda r: significant(r.scores.resolution_range[1]),
    ),
)


LINES = (*EVENNESS, *RESOLUTIONS)


class HalfMapNumbers(QWidget):
    """A line for each number; below, notes and settings in words.

    Signals
    -------
    hovered
        The axis (3,) of the line under the pointer, None when it left.
    clicked
        The axis of the line that was clicked.
    """

    hovered = pyqtSignal(object)
    clicked = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._result: HalfMapsResult | None = None
        self._earlier = False
        self.now: dict[str, QLabel] = {}
        self.then: dict[str, QLabel] = {}
        self.links: dict[str, AxisLink] = {}
        self._names: dict[str, QWidget] = {}
        self.gauge = Gauge(CFAR_THRESHOLD, "cryoSPARC’s threshold")
        self._heads = (quiet("Now"), quiet("Predicted"))
        self.assumptions = _words()
        self.notes = _words()
        mark(self.notes, "warn", True)
        self.settings = _words()
        mark(self.settings, "quiet", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, STEP, STEP)
        column.setSpacing(STEP)
        column.addLayout(self._table())
        column.addWidget(self.assumptions)
        column.addWidget(self.notes)
        column.addWidget(rule())
        column.addWidget(head("Settings"))
        column.addWidget(self.settings)
        column.addStretch(1)
        self.show_prediction(None)

    def _table(self) -> QGridLayout:
        table = QGridLayout()
        table.setHorizontalSpacing(STEP)
        table.setVerticalSpacing(STEP // 2)
        table.setColumnStretch(0, 1)
        table.addWidget(head("Evenness"), 0, 0)
        for place, title in enumerate(self._heads, start=1):
            table.addWidget(title, 0, place, Qt.AlignmentFlag.AlignRight)
        for line in EVENNESS:
            self._add(table, line)
        table.addWidget(head("Resolution (Å)"), table.rowCount(), 0)
        for line in RESOLUTIONS:
            self._add(table, line)
        return table

    def _add(self, table: QGridLayout, line: Line) -> None:
        at = table.rowCount()
        self._names[line.title] = self._name(line)
        table.addWidget(self._names[line.title], at, 0)
        self.now[line.title] = number(tip=line.tip)
        table.addWidget(self.now[line.title], at, 1)
        if line.predict is not None:
            self.then[line.title] = cell = number(tip=line.tip)
            mark(cell, "accent", True)
            table.addWidget(cell, at, 2)
        if line.title == ROBUST:
            self.gauge.setToolTip(line.tip)
            table.addWidget(self.gauge, at + 1, 0, 1, 3)

    def _name(self, line: Line) -> QWidget:
        if line.axis is None:
            return quiet(line.title, line.tip)
        link = AxisLink(line.title, line.tip)
        link.hovered.connect(lambda on: self.hovered.emit(self._axis(line) if on else None))
        link.clicked.connect(lambda _checked: self.clicked.emit(self._axis(line)))
        self.links[line.title] = link
        return link

    def _axis(self, line: Line) -> Floats | None:
        return None if self._result is None or line.axis is None else line.axis(self._result)

    def show_result(self, result: HalfMapsResult | None, *, earlier: bool = False) -> None:
        """Fill the lines; `earlier`: another file was opened since."""
        if result is self._result and earlier == self._earlier:
            return
        self._result, self._earlier = result, earlier
        for line in LINES:
            self.now[line.title].setText("" if result is None else line.read(result))
        self.gauge.show_value(None if result is None else result.scores.cfar_robust)
        masked = result is not None and result.maps.mask is not None
        for part in (self._names[WITHOUT_MASK], self.now[WITHOUT_MASK]):
            part.setVisible(masked)
        _tell(self.notes, in_fields("\n".join(_notes(result, earlier=earlier))))
        self.settings.setText("" if result is None else _described(result))

    def show_prediction(self, prediction: Prediction | None) -> None:
        """Fill the column of what is predicted, and say what it assumes."""
        shown = prediction is not None
        for label in (*self._heads, *self.then.values()):
            label.setVisible(shown)
        for line in LINES:
            if line.predict is not None:
                said = "" if prediction is None else line.predict(prediction)
                self.then[line.title].setText(said)
        assumed = () if prediction is None else prediction.assumptions
        _tell(self.assumptions, PREDICTED.format(" ".join(assumed)) if shown else "")


class AxisLink(QPushButton):
    """The name of a number that is of one axis.

    Signals
    -------
    hovered
        Whether the pointer is on it.
    """

    hovered = pyqtSignal(bool)

    def __init__(self, title: str, tip: str) -> None:
        super().__init__(title)
        self.setObjectName("link")
        self.setStyleSheet("padding: 0;")
        self.setToolTip(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)

    def enterEvent(self, event: QEnterEvent | None) -> None:
        """Point there."""
        super().enterEvent(event)
        self.hovered.emit(True)

    def leaveEvent(self, event: QEvent | None) -> None:
        """Point nowhere."""
        super().leaveEvent(event)
        self.hovered.emit(False)


def _words() -> QLabel:
    label = words_label()
    label.setMinimumWidth(20 * STEP)
    return label


def _tell(label: QLabel, words: str) -> None:
    label.setText(typeset(words))
    label.setVisible(bool(words))


def _notes(result: HalfMapsResult | None, *, earlier: bool) -> list[str]:
    """All but what stands over the plot."""
    if result is None:
        return []
    notes = (note for note in result.notes if note != result.mask_note)
    return [note for note in (EARLIER if earlier else "", result.plain_note, *notes) if note]


def _described(result: HalfMapsResult) -> str:
    """The maps and all settings, in words."""
    request, maps = result.request, result.maps
    mask = f"mask {request.mask.name}" if request.mask else "no mask"
    files = f"{request.first.name} and {request.second.name}, {mask}"
    size = f"{maps.box} voxels of {maps.voxel_size:.6g} Å a side"
    settings = sentence(result.settings_in_words)
    return typeset(f"{files}; {size}. {settings}.")
