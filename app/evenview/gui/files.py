"""Choosing files: the only dialogs that hold the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QMimeData, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from evenview.formats import formats
from evenview.gui.widgets import STEP, icon_button, mark, wrapped

ALL = "All files (*)"
MAPS = f"Maps (*.mrc *.map *.ccp4 *.mrcs);;{ALL}"
MAP_SUFFIXES = (".mrc", ".map", ".ccp4")


def particle_kinds() -> str:
    """What file dialogs offer: the usual suffixes of every format, and everything."""
    suffixes = sorted({suffix for form in formats().values() for suffix in form.suffixes})
    return f"Particle files ({' '.join('*' + suffix for suffix in suffixes)});;{ALL}"


def ask_open(parent: QWidget, title: str, kinds: str, folder: Path | None) -> Path | None:
    """A file to open, None when the user thought better of it."""
    name, _ = QFileDialog.getOpenFileName(parent, title, str(folder or ""), kinds)
    return Path(name) if name else None


def ask_several(parent: QWidget, title: str, kinds: str, folder: Path | None) -> list[Path]:
    """Files to open, none when the user thought better of it."""
    chosen, _ = QFileDialog.getOpenFileNames(parent, title, str(folder or ""), kinds)
    return [Path(name) for name in chosen]


def ask_save(parent: QWidget, title: str, kinds: str, path: Path) -> Path | None:
    """A name to write to, None when the user thought better of it."""
    name, _ = QFileDialog.getSaveFileName(parent, title, str(path), kinds)
    return Path(name) if name else None


def dropped(mime: QMimeData | None) -> list[Path]:
    """The files that are being dragged."""
    if mime is None or not mime.hasUrls():
        return []
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def is_map(path: Path) -> bool:
    """Whether to try a file as a map first; the reader looks at the content."""
    return path.suffix.lower() in MAP_SUFFIXES


class TargetField(QWidget):
    """A file to write: whether, where, and a button to choose.

    Signals
    -------
    changed
        Whether or where, by the user's hand.
    """

    changed = pyqtSignal()

    def __init__(self, title: str, tip: str, kinds: str, *, optional: bool = True) -> None:
        super().__init__()
        self._title, self._kinds = title, kinds
        self.wanted = QCheckBox(title)
        self.wanted.setChecked(True)
        self.wanted.setEnabled(optional)
        self.wanted.setMinimumWidth(160)
        self.wanted.setToolTip(tip)
        self.line = QLineEdit()
        self.line.setMinimumWidth(320)
        self.line.setAccessibleName(title)
        self.line.setToolTip(tip)
        choose = QPushButton("Choose…")
        choose.clicked.connect(lambda _checked: self._choose())
        self.wanted.toggled.connect(self.line.setEnabled)
        self.wanted.toggled.connect(choose.setEnabled)
        self.wanted.toggled.connect(lambda _on: self.changed.emit())
        self.line.textEdited.connect(lambda _text: self.changed.emit())
        self.warning = wrapped(QLabel())
        mark(self.warning, "warn", True)
        self.warning.hide()
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(STEP)
        layout.setVerticalSpacing(2)
        layout.setColumnStretch(1, 1)
        for column, part in enumerate((self.wanted, self.line, choose)):
            layout.addWidget(part, 0, column)
        layout.addWidget(self.warning, 1, 1, 1, 2)

    @property
    def path(self) -> Path | None:
        """Where to write, None where nothing is to be written."""
        return self.proposed if self.wanted.isChecked() else None

    @property
    def proposed(self) -> Path | None:
        """The name that shows, wanted or not."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    def set_path(self, path: Path) -> None:
        """Show a name."""
        self.line.setText(str(path))

    def warn(self, words: str) -> None:
        """Say below the name what is to be known about it; "" for nothing."""
        self.warning.setText(words)
        self.warning.setVisible(bool(words))

    def _choose(self) -> None:
        chosen = ask_save(self, self._title, self._kinds, Path(self.line.text()))
        if chosen is not None:
            self.set_path(chosen)
            self.changed.emit()


class SourceField(QWidget):
    """A particle file to look at, or none: its name, a button to choose it, one to do without.

    Parameters
    ----------
    folder
        Where to look first while there is no file.

    Signals
    -------
    chosen
        A path, by the user's hand.
    dropped
        No file is wanted any more.
    """

    chosen = pyqtSignal(Path)
    dropped = pyqtSignal()

    def __init__(
        self,
        title: str,
        tip: str,
        none: str,
        folder: Callable[[], Path | None] = lambda: None,
    ) -> None:
        super().__init__()
        self._title, self._none, self._path, self._folder = title, none, "", folder
        self.name = QLabel()
        self.name.setMinimumWidth(8 * STEP)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.name.setAccessibleName(title)
        self.choose = QPushButton("Choose a file…")
        self.choose.setToolTip(tip)
        self.choose.clicked.connect(lambda _checked: self._ask())
        self.drop = icon_button("close", f"{none}, without a file", self.dropped.emit)
        policy = self.drop.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.drop.setSizePolicy(policy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(STEP)
        for part in (self.name, self.drop, self.choose):
            layout.addWidget(part)
        layout.setStretch(0, 1)
        self.show_path("")

    def show_path(self, path: str) -> None:
        """Show a file, "" for none."""
        self._path = path
        self.name.setToolTip(path)
        self.drop.setVisible(bool(path))
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Show as much of the name as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        words = Path(self._path).name or self._none
        middle = Qt.TextElideMode.ElideMiddle
        self.name.setText(self.name.fontMetrics().elidedText(words, middle, self.name.width()))

    def _ask(self) -> None:
        folder = Path(self._path).parent if self._path else self._folder()
        chosen = ask_open(self, self._title, particle_kinds(), folder)
        if chosen is not None:
            self.chosen.emit(chosen)


def is_there(path: Path) -> bool:
    """Whether something of that name is there already."""
    try:
        return path.exists()
    except (OSError, ValueError):  # the writer will say what is wrong with the name
        return False


def by_folder(paths: Sequence[Path]) -> str:
    """File names with the folders that they are in: "a.star, b.star in /data"."""
    folders: dict[Path, list[Path]] = {}
    for path in paths:
        folders.setdefault(path.resolve().parent, []).append(path)
    return "; ".join(f"{names(inside)} in {folder}" for folder, inside in folders.items())


def names(paths: Sequence[Path]) -> str:
    """File names in a list of words: "a.star, b.star"."""
    return ", ".join(path.name for path in paths)
