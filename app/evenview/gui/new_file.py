"""The names of files: one to read, and one to write that replaces nothing unasked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from evenview.gui.files import is_there, names
from evenview.gui.widgets import STEP, mark, row, wrapped

TIP = "Where the new file goes. The file that is open is never written to."
OWN = "The file that is open is never written to. Choose another name."


class PathField(QWidget):
    """A file's name and a button that chooses it.

    Signals
    -------
    changed
        By the user's hand.
    """

    changed = pyqtSignal()

    def __init__(self, name: str, tip: str, choose: Callable[[Path], Path | None]) -> None:
        super().__init__()
        self._ask = choose
        self.line = QLineEdit()
        self.line.setMinimumWidth(24 * STEP)
        self.line.setAccessibleName(name)
        self.line.setToolTip(tip)
        self.line.textEdited.connect(lambda _text: self.changed.emit())
        self.button = QPushButton("Choose…")
        self.button.setAutoDefault(False)
        self.button.setAccessibleName(f"{name}: choose")
        self.button.clicked.connect(lambda _checked: self._choose())
        self.warning = wrapped(QLabel())
        mark(self.warning, "warn", True)
        self.warning.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row(self.line, self.button))
        column.addWidget(self.warning)
        self.setFocusProxy(self.line)

    @property
    def path(self) -> Path | None:
        """The name, None where there is none."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    def set_path(self, path: Path | None) -> None:
        """Show a name."""
        self.line.setText(str(path or ""))
        self.line.setCursorPosition(0 if path is None else len(str(path)))

    def warn(self, words: str) -> None:
        """Say below the name what is to be known about it; "" for nothing."""
        self.warning.setText(words)
        self.warning.setVisible(bool(words))

    def _choose(self) -> None:
        chosen = self._ask(Path(self.line.text()))
        if chosen is not None:
            self.set_path(chosen)
            self.changed.emit()


class NewFile(PathField):
    """A file to write: a name that is proposed until one is typed, and what it would replace."""

    def __init__(self, choose: Callable[[Path], Path | None]) -> None:
        super().__init__("New file", TIP, choose)
        self._proposed: Path | None = None
        self._seen: frozenset[Path] = frozenset()
        self.there: frozenset[Path] = frozenset()
        self.is_own = False

    @property
    def must_ask(self) -> bool:
        """Whether something would be replaced that nobody was asked about."""
        return not self.there <= self._seen

    def forget(self) -> None:
        """Nothing is typed or proposed."""
        self._proposed = None
        self.set_path(None)

    def propose(self, name: Path) -> None:
        """Show a name; where somebody has typed one of his own, only its suffix follows."""
        typed = self.path
        if typed is None or typed == self._proposed:
            self.set_path(name)
        elif typed.suffix != name.suffix:
            self.set_path(typed.with_suffix(name.suffix))
        self._proposed = name

    def look(self, targets: Sequence[Path], sources: Sequence[Path]) -> None:
        """Say what of `targets` would be replaced, or that one is of the files that were read."""
        there = frozenset(path for path in targets if is_there(path))
        read = {source.resolve() for source in sources}
        self.is_own = any(path.resolve() in read for path in there)
        self.there = frozenset() if self.is_own else there
        replaced = names([path for path in targets if path in self.there])
        self.warn(OWN if self.is_own else f"Will be replaced: {replaced}" if replaced else "")

    def ask(self) -> None:
        """What is there is shown: the next press may replace it."""
        self._seen = self.there

    def ask_anew(self) -> None:
        """Something is different: nothing may be replaced unasked."""
        self._seen = frozenset()
