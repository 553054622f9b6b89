"""The empty window: what this is, and three ways to begin."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from evenview.gui.settings import Settings
from evenview.gui.widgets import STEP, head, quiet, tinted_label


class Welcome(QWidget):
    """One line, three large actions, recent files.

    Signals
    -------
    open_wanted, demo_wanted
        An action was chosen.
    file_wanted
        A recent file was chosen.
    """

    open_wanted = pyqtSignal()
    demo_wanted = pyqtSignal()
    file_wanted = pyqtSignal(Path)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        title = QLabel("Evenview")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 2)
        font.setBold(True)
        title.setFont(font)
        self.open = _large(
            "open",
            "Open a particle file…",
            "RELION, cryoSPARC, cisTEM, EMAN2 and others   Ctrl+O",
        )
        self.open.clicked.connect(lambda _checked: self.open_wanted.emit())
        self.demo = _large("demo", "Try the demo", "A made-up trimer that prefers top views")
        self.demo.clicked.connect(lambda _checked: self.demo_wanted.emit())
        column = QVBoxLayout()
        column.setSpacing(STEP)
        column.addWidget(title)
        column.addWidget(
            quiet("See from where your particles were viewed, select the crowd, and thin it.")
        )
        column.addSpacing(2 * STEP)
        for part in (self.open, self._drop(), self.demo):
            column.addWidget(part)
        column.addSpacing(2 * STEP)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        column.addLayout(self._recent)
        self._center(column)
        settings.recent_changed.connect(self.show_recent)
        self.show_recent()

    def _drop(self) -> QFrame:
        self.drop = QFrame()
        self.drop.setObjectName("dropFrame")
        self.drop.setFixedHeight(96)
        label = quiet("or drop a file here")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self.drop)
        layout.addWidget(label)
        return self.drop

    def _center(self, column: QVBoxLayout) -> None:
        body = QWidget()
        body.setFixedWidth(544)
        body.setLayout(column)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        outer.addWidget(body, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(2)

    def show_over(self, over: bool) -> None:
        """A file is being dragged over the window, or no more."""
        self.drop.setProperty("over", over)
        style = self.drop.style()
        if style is not None:
            style.polish(self.drop)

    def show_recent(self) -> None:
        """List the files opened before."""
        while item := self._recent.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        recent = self._settings.recent[:5]
        if recent:
            self._recent.addWidget(head("Recent files"))
        for path in recent:
            self._recent.addWidget(self._link(path))

    def _link(self, path: Path) -> QPushButton:
        text = f"{path.name}   in {path.parent.name}"
        link = QPushButton(text.replace("&", "&&"))
        link.setObjectName("link")
        link.setAutoDefault(True)
        link.setToolTip(str(path))
        link.setCursor(Qt.CursorShape.PointingHandCursor)
        link.clicked.connect(lambda _checked: self.file_wanted.emit(path))
        return link


def _large(icon_name: str, title: str, what: str) -> QPushButton:
    """A button of two lines: what it does, and a quiet word about it."""
    button = QPushButton()
    button.setObjectName("large")
    button.setAutoDefault(True)  # Enter works it, not only the space bar
    button.setAccessibleName(title)
    button.setFixedHeight(9 * STEP)
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addStretch(1)
    words.addWidget(head(title))
    words.addWidget(quiet(what))
    words.addStretch(1)
    layout = QHBoxLayout(button)
    layout.setContentsMargins(2 * STEP, 0, 2 * STEP, 0)
    layout.setSpacing(2 * STEP)
    layout.addWidget(tinted_label(icon_name, 28))
    layout.addLayout(words, 1)
    return button
