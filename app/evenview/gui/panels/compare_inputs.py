"""What is compared with what, and how: the other file, how particles match, how far it has got."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from evenview.core.compare.matching import WAYS
from evenview.gui.comparing import Comparing
from evenview.gui.desk import Desk
from evenview.gui.fields import Choice
from evenview.gui.files import SourceField
from evenview.gui.options import MATCHED
from evenview.gui.widgets import STEP, button, lead, mark, quiet, row, warning

FOLDER = "compare_folder"
#: Pixels: from this width on there is room for a name beside the choice.
NAMED = 56 * STEP
NONE = "No other file"
SOURCE = (
    "A file with the same particles, of any format. The open file is A and this one is B; neither "
    "is changed."
)
MATCHING = (
    "How the same particle is found in both files. Automatic takes the first of these that both "
    "files allow and that finds half of the particles; rows in order only where nothing else can."
)
NAMES = {
    "uid": "uid",
    "image": "Image",
    "micrograph+coordinates": "Coordinates",
    "row": "Row",
}
STALE = "Compared with {0}; the symmetry is {1} now."
OUTDATED = "B has changed since it was compared."
AGAIN = "Compare once more, with the symmetry that is set in Data."


class CompareInputs(QWidget):
    """A strip: the other file, a choice, and a button that compares or stops."""

    def __init__(self, desk: Desk, comparing: Comparing) -> None:
        super().__init__()
        self._desk, self._comparing = desk, comparing
        self.source = SourceField("Compare with another file", SOURCE, NONE, self._folder)
        self.source.choose.setText("Choose…")
        self.source.chosen.connect(self._choose)
        self.source.dropped.connect(comparing.clear)
        ways = [("", "Automatic"), *((way, NAMES[way]) for way in WAYS)]
        self.matched = Choice(ways, MATCHING)
        self.matched.setAccessibleName(MATCHED)
        self.matched.setMinimumContentsLength(10)
        self.again = button("Compare again", AGAIN, comparing.compare)
        lead(self.again, True)
        self.stop = button(
            "Cancel", "Compare no further. What was there before stays.", comparing.stop
        )
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(8 * STEP, 12)
        self.bar.setRange(0, 1000)
        self.stale = quiet()
        self.failure = warning()
        column = QVBoxLayout(self)
        column.setContentsMargins(STEP + 4, STEP // 2, STEP, STEP // 2)
        column.setSpacing(STEP // 2)
        self._by = quiet(MATCHED, MATCHING)
        self._by.setBuddy(self.matched)
        line = row(quiet("B", SOURCE), self.source, self._by, self.matched)
        line.setStretch(1, 1)
        column.addLayout(line)
        self._second = QWidget()
        self._second.setLayout(row(self.stale, self.bar, 1, self.again, self.stop))
        column.addWidget(self._second)
        column.addWidget(self.failure)
        comparing.changed.connect(self._show)
        comparing.progressed.connect(lambda part: self.bar.setValue(round(1000 * part)))
        desk.document.display_changed.connect(lambda _before, _after: self._show())
        self._show()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Where it is narrow, the choice says by itself what it is."""
        super().resizeEvent(event)
        self._by.setVisible(self.width() >= NAMED)

    def _show(self) -> None:
        comparing, document = self._comparing, self._desk.document
        running, path = comparing.running, comparing.path
        self.setEnabled(document.particles is not None)
        self.source.show_path(str(path or ""))
        self.matched.show_key(comparing.way or "")
        waiting = path is not None and not running
        undone = waiting and comparing.result is None
        stale = waiting and (comparing.is_stale or comparing.is_outdated)
        self.again.setText("Compare" if undone else "Compare again")
        self.again.setVisible(undone or stale)
        self.stop.setVisible(running)
        self.bar.setVisible(running)
        if running and not self._second.isVisible():
            self.bar.setValue(0)
        self.stale.setText(self._words(running, stale))
        mark(self.stale, "quiet", not stale)
        mark(self.stale, "warn", stale)
        self._second.setVisible(running or undone or stale)
        self.failure.setText(comparing.failure)
        self.failure.setVisible(bool(comparing.failure))

    def _words(self, running: bool, stale: bool) -> str:
        comparing, result = self._comparing, self._comparing.result
        if running:
            return "Comparing…"
        if stale and comparing.is_outdated:
            return OUTDATED
        if stale and result is not None:
            return STALE.format(result.request.symmetry, self._desk.document.plan.symmetry)
        return ""

    def _choose(self, path: Path) -> None:
        self._desk.settings.set_text(FOLDER, str(path.resolve().parent))
        self._comparing.choose(path)

    def _folder(self) -> Path | None:
        """Where the other file was last, else where the open one is."""
        kept = self._desk.settings.text(FOLDER, "")
        path = self._desk.document.path
        return Path(kept) if kept else path.parent if path is not None else None
