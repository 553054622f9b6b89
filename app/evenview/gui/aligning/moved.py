"""What becomes of the views of the particles that go with a map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from evenview.core.align.alignment import Alignment
from evenview.core.display import Display
from evenview.core.progress import Progress
from evenview.gui.aligning.views import ViewDiscs
from evenview.gui.aligning.words import told
from evenview.gui.aligning.work import Aligning, stopped
from evenview.gui.desk import Desk
from evenview.gui.fields import Choice
from evenview.gui.text import whole
from evenview.gui.widgets import STEP, quiet, row, text_button, wrapped
from evenview.tasks.align_views import Views, views

#: The kind of work.
VIEWS = "align views"
NONE = (
    "No particles go with this map. Add them at Inputs…: that needs no new alignment, and this "
    "page then shows how their views come to lie."
)
COUNTING = "The views are being counted."
STOPPED = "Stopped. Open this page again to count the views."
COUNT = "{0}: {1} particles, before in the frame of the map, after in that of the reference."
PLACED = "{0} of {1}"
LARGE_TIP = "Which of the two files is open in the window behind, with its whole tools."
BEFORE_TIP = "Open the particles as they were read. Selection and thinning begin anew."
AFTER_TIP = "Open the particles that were written. Selection and thinning begin anew."
UNWRITTEN = "Press Write first: the large sphere shows files."


class ParticlesPart(QWidget):
    """Two spheres of one of a map's particle files, counted when somebody looks."""

    def __init__(self, desk: Desk, aligning: Aligning) -> None:
        super().__init__()
        self._desk, self._aligning = desk, aligning
        self._known: dict[Path, tuple[Alignment, Views]] = {}
        self.file: Choice[str] = Choice((), "Which particle file of this map is shown.")
        self.file.setAccessibleName("Particle file")
        self.words = wrapped(quiet())
        self.discs = ViewDiscs()
        self.before = _framed("Before", BEFORE_TIP, lambda: self._open(0))
        self.after = _framed("After", AFTER_TIP, lambda: self._open(1))
        self.large = QWidget()
        self.large.setLayout(
            row(quiet("On the large sphere", LARGE_TIP), self.before, self.after, 1)
        )
        self._lay_out()
        self.file.chosen.connect(lambda _key: self._show())
        aligning.looked.connect(self.look)
        aligning.changed.connect(self.look)
        desk.document.opened.connect(self._on_opened)
        desk.document.display_changed.connect(self._on_display)
        self.look()

    @property
    def files(self) -> tuple[tuple[Path, Path | None], ...]:
        """Of the map that is looked at: each particle file, and what was written of it."""
        request, result = self._aligning.request, self._aligning.map
        if request is None or result is None:
            return ()
        read = request.maps[result.place].particles
        written = () if result.outputs is None else result.outputs.particles
        return tuple(
            zip(read, written if len(written) == len(read) else (None,) * len(read), strict=True)
        )

    def look(self) -> None:
        """Offer the files of the map that is looked at."""
        self.file.set_items([(str(read), read.name) for read, _ in self.files])
        self.file.setVisible(len(self.files) > 1)
        self._show()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Somebody looks: what was not worth it before is worked out now."""
        super().showEvent(event)
        self._show()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, STEP, 0, 0)
        column.setSpacing(STEP)
        column.addWidget(self.file)
        column.addWidget(self.words)
        column.addWidget(self.discs, 100)
        column.addWidget(self.large)
        column.addStretch(1)

    @property
    def _shown(self) -> tuple[Path, Path | None] | None:
        """The file that is chosen."""
        return next((pair for pair in self.files if str(pair[0]) == self.file.key), None)

    def _show(self) -> None:
        """The views of the chosen file: at once where they are known."""
        shown, result = self._shown, self._aligning.map
        for part in (self.discs, self.large):
            part.setVisible(shown is not None)
        self._desk.jobs.drop(VIEWS)
        if shown is None or result is None:
            self.words.setText(NONE)
            return
        self._mark_open()
        found, known = self._known.get(shown[0], (None, None))
        if found is result.found and known is not None:
            self._draw(known)
            return
        self.discs.show_views(None)
        self.words.setText(COUNTING)
        if self.isVisible():
            self._count(shown[0], result.found)

    def _count(self, path: Path, found: Alignment) -> None:
        def work(progress: Progress) -> Views:
            return views(path, found.pose.motion, progress)

        def done(known: Views) -> None:
            self._known[path] = (found, known)
            self._draw(known)

        self._desk.jobs.run(VIEWS, f"Views of {path.name}", work, done, self._failed)

    def _draw(self, known: Views) -> None:
        self.discs.show_views(known)
        count = whole(known.placed)
        if known.placed < known.particles:
            count = PLACED.format(count, whole(known.particles))
        self.words.setText(COUNT.format(known.path.name, count))

    def _failed(self, error: Exception) -> None:
        self.words.setText(STOPPED if stopped(error) else told(error))

    def _on_opened(self, _particles: object) -> None:
        self._mark_open()

    def _on_display(self, _before: Display | None, after: Display) -> None:
        self.discs.take_map(after.plan.colormap)

    def _mark_open(self) -> None:
        """Say which of the two is open in the window."""
        shown = self._shown
        if shown is None:
            return
        for button, path in zip((self.before, self.after), shown, strict=True):
            button.setChecked(path is not None and path == self._desk.document.path)
        self.after.setEnabled(shown[1] is not None)
        self.after.setToolTip(AFTER_TIP if shown[1] is not None else UNWRITTEN)

    def _open(self, place: int) -> None:
        shown = self._shown
        path = None if shown is None else shown[place]
        self._mark_open()
        if path is not None and path != self._desk.document.path:
            self._desk.open_wanted.emit(path)


def _framed(text: str, tip: str, on_click: Callable[[], None]) -> QToolButton:
    """One of two buttons that show which of them is chosen."""
    made = text_button(text, tip, on_click, checkable=True)
    made.setObjectName("framed")
    return made
