"""The one place where errors are told: a bar under the menu that stays until it is read."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from evenview import __version__
from evenview.core.errors import UserError
from evenview.core.progress import Cancelled
from evenview.document import cause
from evenview.gui.widgets import icon_button, tinted_label, to_clipboard

#: Lines that are seen at once; a longer sentence scrolls.
LINES = 4


@dataclass(frozen=True)
class Told:
    """An error in words, and what a report of it needs."""

    sentence: str
    details: str


def in_words(error: BaseException) -> Told:
    """The sentence for people; a bug keeps its traceback for the details only."""
    if isinstance(error, UserError):
        return Told(str(error), str(error))
    trace = "".join(traceback.format_exception(error))
    kind, said = type(error).__name__, str(error).strip().splitlines()
    what = f"{kind}: {said[0]}" if said else kind
    sentence = (
        f"Something went wrong inside Evenview ({what}). What was open is unchanged; "
        "the details help whoever mends it."
    )
    return Told(sentence, f"Evenview {__version__}, Python {sys.version.split()[0]}\n\n{trace}")


class ErrorBar(QFrame):
    """Shows the newest error; closing it shows the one before, until none is left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("errorBar")
        self._told: list[Told] = []
        self._passing = False
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._area = _Lines(self.sentence)
        self.copy_button = QPushButton("Copy details")
        self.copy_button.setToolTip(
            "Copy the error to the clipboard. For a fault of Evenview itself this holds what its "
            "makers need to find it."
        )
        self.copy_button.clicked.connect(self.copy_details)
        self.close_button = icon_button("close", "Close this message", self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(tinted_label("warning"))
        row.addWidget(self._area, 1)
        row.addWidget(self.copy_button)
        row.addWidget(self.close_button)
        self.hide()

    def tell(self, error: BaseException) -> None:
        """Show an error. What the user stopped himself is none."""
        if isinstance(error, Exception):
            error = cause(error)
        if not isinstance(error, Cancelled):
            self.pass_on()
            self._told.append(in_words(error))
            self._show()

    def tell_passing(self, error: BaseException) -> None:
        """Show why an edit cannot be; the next edit, good or not, takes its place."""
        self.pass_on()
        self.tell(error)
        self._passing = True

    def pass_on(self) -> None:
        """An edit went well: why the one before did not is of no interest any more."""
        if self._passing:
            self.dismiss()

    def dismiss(self) -> None:
        """The shown error is read."""
        self._passing = False
        del self._told[-1:]
        self._show()

    def dismiss_all(self) -> None:
        """Everything is read."""
        self._told.clear()
        self._show()

    def copy_details(self) -> None:
        """Put the shown error's details on the clipboard."""
        if self._told:
            to_clipboard(self._told[-1].details)

    def _show(self) -> None:
        self.setVisible(bool(self._told))
        if not self._told:
            return
        more = len(self._told) - 1
        rest = f"  ({more} more behind this one)" if more else ""
        self.sentence.setText(self._told[-1].sentence + rest)
        self._area.fit()


class _Lines(QScrollArea):
    """A sentence as high as it needs at its width, up to so many lines."""

    def __init__(self, sentence: QLabel) -> None:
        super().__init__()
        self._sentence = sentence
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setWidget(sentence)
        for part in (sentence, self.viewport()):  # the bar's colour shows, not that of a panel
            if part is not None:
                part.setAutoFillBackground(False)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Another width breaks the lines elsewhere."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Take the height of the sentence."""
        most = LINES * self._sentence.fontMetrics().lineSpacing()
        needed = self._sentence.heightForWidth(max(1, self.width()))
        self.setFixedHeight(max(self._sentence.fontMetrics().height(), min(most, needed)))


class ExceptHook:
    """Replaces `sys.excepthook`: PyQt6 ends the process on an exception in a slot otherwise."""

    def __init__(self) -> None:
        self.tell: Callable[[BaseException], None] | None = None

    def install(self) -> None:
        """Take the place of Python's hook."""
        sys.excepthook = self

    def __call__(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if self.tell is None or isinstance(error, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self.tell(error)
