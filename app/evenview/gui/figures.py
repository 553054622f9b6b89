"""Figures: choose what, see it, save it; or put it on the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QBrush, QColor, QGuiApplication, QImage, QPainter, QPixmap
from PyQt6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from evenview.gui.desk import Desk
from evenview.gui.fields import Choice, style_box
from evenview.gui.files import ask_save
from evenview.gui.widgets import STEP, Facts, quiet, row, wrapped
from evenview.tasks import figure

PREVIEW = (480, 360)
KINDS = {"png": "PNG pictures (*.png)", "svg": "SVG drawings (*.svg)", "pdf": "PDF files (*.pdf)"}


class FigureDialog(QDialog):
    """What, format, size, and a small preview of just that.

    Parameters
    ----------
    look
        Tells (name of the chart shown, view rotation of the sphere (3, 3)).
    """

    def __init__(
        self, desk: Desk, look: Callable[[], tuple[str, NDArray[np.float64]]], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export figure")
        self._desk, self._look = desk, look
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(150)
        self._soon.timeout.connect(self._draw_preview)
        self.preview = QLabel()
        self.preview.setFixedSize(*PREVIEW)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.told = wrapped(quiet())
        save = QPushButton("Save…")
        save.setObjectName("primary")
        save.clicked.connect(lambda _checked: self.ask_where())
        close = QPushButton("Close")
        close.clicked.connect(self.hide)
        side = QVBoxLayout()
        side.addLayout(self._choices())
        side.addWidget(self.told)
        side.addStretch(1)
        side.addLayout(row(1, close, save))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * STEP, 2 * STEP, 2 * STEP, 2 * STEP)
        layout.setSpacing(2 * STEP)
        layout.addWidget(self.preview)
        layout.addLayout(side, 1)
        desk.document.display_changed.connect(lambda _b, _a: self._changed())

    def _choices(self) -> Facts:
        facts = Facts()
        self.what = Choice(
            [("chart", "Chart"), ("sphere", "Sphere"), ("histogram", "Histogram")],
            "What is drawn. The chart and the view of the sphere are those of the window.",
        )
        self.state = Choice(
            [("before", "Before thinning"), ("after", "After thinning"), ("both", "Both")],
            "Before and after share one colour range, so that they can be compared.",
        )
        self.format = Choice(
            [("png", "PNG"), ("svg", "SVG"), ("pdf", "PDF")],
            "PNG is made of pixels. SVG and PDF keep real text, which a journal can edit.",
        )
        self.wide = _box(40, 400, 170, "mm", "One column of most journals is 85 mm, two are 170.")
        self.dpi = _box(72, 1200, 300, "dpi", "300 is what journals ask for; 150 does for slides.")
        self.transparent = QCheckBox("Transparent background")
        self.transparent.setToolTip("Without the white page, to lay over a coloured slide.")
        self.outline = QCheckBox("Outline the selection")
        self.outline.setChecked(True)
        self.outline.setToolTip("Draw the border of the selected bins, as in the window.")
        self.state.setMinimumContentsLength(14)
        facts.add("Figure", self.what)
        facts.add("State", self.state)
        facts.add("Format", self.format)
        facts.add("Width", row(1, self.wide))
        facts.add("Resolution", row(1, self.dpi))
        for check in (self.transparent, self.outline):
            facts.addWidget(check, facts.rowCount(), 0, 1, 2)
            check.toggled.connect(lambda _on: self._changed())
        for choice in (self.what, self.state, self.format):
            choice.chosen.connect(lambda _key: self._changed())
        self.wide.valueChanged.connect(lambda _value: self._changed())
        return facts

    def ask(self, what: str) -> None:
        """Show the dialog for the chart, the sphere or the histogram."""
        self.what.show_key(what)
        self.show()
        self.raise_()
        self._changed()

    def request(self) -> figure.FigureRequest:
        """What the inputs say."""
        chart, rotation = self._look()
        wishes: dict[str, Any] = {"what": self.what.key, "state": self.state.key}
        return figure.FigureRequest(
            path=None,
            chart=chart,
            width_mm=self.wide.value(),
            dpi=self.dpi.value(),
            transparent=self.transparent.isChecked(),
            outline=self.outline.isChecked(),
            view=_rows(rotation),
            **wishes,
        )

    def ask_where(self) -> None:
        """Ask for a name and write."""
        source = self._desk.document.path
        if source is None:
            return
        suffix = self.format.key
        proposal = source.with_name(f"{source.stem}_{self.what.key}.{suffix}")
        path = ask_save(self, "Save figure", KINDS[suffix], proposal)
        if path is not None:
            self.save(path if path.suffix else path.with_suffix(f".{suffix}"))

    def save(self, path: Path) -> None:
        """Write the figure."""
        display = self._desk.display
        if display is None:
            return
        request = replace(self.request(), path=path)
        self._desk.jobs.run(
            "figure",
            "Drawing the figure",
            lambda progress: figure.run(display, request, progress),
            lambda result: self.told.setText(f"Wrote {result.summary()}"),
            self._desk.failed.emit,
        )

    def copy(self, what: str) -> None:
        """Put the chart or the sphere on the clipboard, as it would be saved."""
        display = self._desk.display
        if display is None:
            return
        wishes: dict[str, Any] = {"what": what, "state": "after" if self._desk.after else "before"}
        request = replace(self.request(), dpi=200, **wishes)
        self._desk.jobs.run(
            "copy",
            "Copying the picture",
            lambda _progress: figure.to_rgba(display, request),
            _to_clipboard,
            self._desk.failed.emit,
        )

    def _changed(self) -> None:
        if self.isVisible():
            self.told.clear()
            self._soon.start()

    def _draw_preview(self) -> None:
        display = self._desk.display
        if display is None or not self.isVisible():
            return
        self.dpi.setEnabled(self.format.key == "png")
        request = self.request()
        request = replace(request, dpi=max(30.0, 25.4 * PREVIEW[0] / request.width_mm))
        self._desk.jobs.run(
            "preview",
            "Drawing the preview",
            lambda _progress: figure.to_rgba(display, request),
            self._show_preview,
            self._refused,
        )

    def _refused(self, error: Exception) -> None:
        self.preview.clear()
        self.told.setText(str(error))

    def _show_preview(self, rgba: NDArray[np.uint8]) -> None:
        picture = QPixmap.fromImage(image_of(rgba))
        fitted = picture.scaled(
            *PREVIEW,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        self.preview.setPixmap(on_checks(fitted))


def image_of(rgba: NDArray[np.uint8]) -> QImage:
    """(H, W, 4) bytes as Qt's picture."""
    height, width = rgba.shape[:2]
    data = np.ascontiguousarray(rgba).tobytes()
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def on_checks(picture: QPixmap) -> QPixmap:
    """The picture on pale checks, which show through where it is transparent."""
    checks = QPixmap(2 * STEP, 2 * STEP)
    checks.fill(Qt.GlobalColor.white)
    dots = QPainter(checks)
    for corner in (0, STEP):
        dots.fillRect(corner, corner, STEP, STEP, QColor("#e4e7eb"))
    dots.end()
    ground = QPixmap(picture.size())
    painter = QPainter(ground)
    painter.fillRect(ground.rect(), QBrush(checks))
    painter.drawPixmap(0, 0, picture)
    painter.end()
    return ground


def _to_clipboard(rgba: NDArray[np.uint8]) -> None:
    clipboard = QGuiApplication.clipboard()
    if clipboard is not None:
        clipboard.setImage(image_of(rgba))


def _rows(rotation: NDArray[np.float64]) -> Any:
    return tuple(tuple(map(float, line)) for line in rotation)


def _box(low: int, high: int, value: int, unit: str, tip: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setValue(value)
    style_box(box, unit)
    box.setToolTip(tip)
    return box
