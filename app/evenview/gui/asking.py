"""What a dialog that writes a new file asks, and what it does with the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLineEdit, QWidget

from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.progress import Progress
from evenview.gui.files import ALL
from evenview.gui.report import NAMES, Line
from evenview.gui.widgets import STEP, Facts
from evenview.tasks.result import Result


class UnfinishedError(UserError):
    """Nothing is wrong, but there is more to say before anything can be written."""


class Inputs(QWidget):
    """What a dialog asks, and what it does with the answers.

    Signals
    -------
    changed
        An answer, by the user's hand.
    """

    #: The title of the dialog, the word on its button, and the name of the work.
    title, verb, slot = "", "", ""
    #: Whether the report stands beside the questions or below them.
    side: Literal["beside", "below"] = "below"
    room = (720, 560)

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.facts = Facts()
        self.facts.setVerticalSpacing(STEP)
        self.facts.setContentsMargins(0, 0, 0, 0)
        self.facts.setColumnMinimumWidth(0, NAMES)
        self.setLayout(self.facts)

    def add(self, name: str, field: QWidget) -> None:
        """Add a question; its name stands beside the first line of the field."""
        label = self.facts.add(name, field)
        label.setMinimumHeight(QLineEdit().sizeHint().height())
        self.facts.setAlignment(label, Qt.AlignmentFlag.AlignTop)

    def take(self, particles: Particles) -> None:
        """Another file is open."""
        raise NotImplementedError

    def name(self, path: Path) -> Path:
        """A name for the new file, beside the one that is open."""
        raise NotImplementedError

    def kinds(self) -> str:
        """What the file dialog offers."""
        return ALL

    def targets(self, _particles: Particles, path: Path) -> Sequence[Path]:
        """Every file that is written under a name."""
        return (path,)

    def preview(self, particles: Particles) -> Callable[[Progress], Any]:
        """What to do to tell what follows. Raises `UserError` where the answers do not do."""
        raise NotImplementedError

    def foretell(self, found: Any) -> tuple[str, Sequence[Line]]:
        """A sentence and lines for what `preview` found."""
        raise NotImplementedError

    def refuse(self, error: Exception | None) -> None:
        """Point out the answer that is missing, or none."""

    def work(self, particles: Particles, path: Path) -> Callable[[Progress], Result]:
        """What to do to write. Raises `UserError` where the answers do not do."""
        raise NotImplementedError

    def tell(self, result: Any) -> tuple[Sequence[Path], Sequence[Line]]:
        """The files that were written, and lines for what is in them."""
        raise NotImplementedError
