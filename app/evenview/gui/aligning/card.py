"""One map that is to be moved, and what goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QGridLayout, QLineEdit, QWidget

from evenview.gui.aligning.files_field import FilesField
from evenview.gui.aligning.header import SIZE, HeaderFacts, size_line
from evenview.gui.aligning.mask import MaskField
from evenview.gui.aligning.shortened import Shortened
from evenview.gui.desk import Desk
from evenview.gui.files import MAPS, ask_open, particle_kinds
from evenview.gui.options import PIXEL_SIZE
from evenview.gui.widgets import STEP, button, icon_button, quiet, row
from evenview.tasks.align import Moving

MASK = (
    "A soft mask in the box of this map. Only what is inside is compared. Without one the map is "
    "compared as a whole, and a mask of what both maps share is made."
)
GROUP = (
    "Other maps of the same refinement: sharpened, half-maps, masks. They are moved by the same "
    "turn and shift when everything is written."
)
PARTICLES = (
    "Particle files whose poses belong to this map. They are written anew with poses and shifts "
    "that go with the moved map; nothing else in them changes."
)
OPEN = "The particle file that is open belongs to this map."


def refuse_drops(form: QWidget) -> None:
    """Leave files that are dropped on lines to the window: a line would take them for text."""
    for line in form.findChildren(QLineEdit):
        line.setAcceptDrops(False)


class MovingCard(QFrame):
    """The inputs of one map.

    Signals
    -------
    changed
        By the user's hand.
    dropped
        The map is not wanted any more.
    judged
        Another thing is known of its files.
    """

    changed = pyqtSignal()
    dropped = pyqtSignal()
    judged = pyqtSignal()

    def __init__(self, desk: Desk, path: Path) -> None:
        super().__init__()
        self.setObjectName("noticeBox")
        self._desk, self.path = desk, path
        self.name = Shortened(path.name, str(path))
        self.name.setProperty("head", True)
        self.folder = Shortened(str(path.parent), str(path))
        self.folder.setProperty("quiet", True)
        self.pixel_size = size_line()
        self.facts = HeaderFacts(desk, self.pixel_size)
        self.soft_mask = MaskField(desk, MASK, self._ask_mask)
        self.group = FilesField("Other maps", GROUP, MAPS, lambda: path.parent)
        self.particles = FilesField("Particles", PARTICLES, particle_kinds(), lambda: path.parent)
        self.offer = button("", OPEN, self._take_open)
        self.offer.setObjectName("link")
        self.drop = icon_button("close", f"Take {path.name} away", self.dropped.emit)
        self._lay_out()
        refuse_drops(self)
        for part in (self.soft_mask, self.group, self.particles):
            part.changed.connect(self._on_changed)
        self.pixel_size.textEdited.connect(lambda _text: self._on_changed())
        for judge in (self.facts, self.soft_mask):
            judge.judged.connect(self.judged)
        desk.document.opened.connect(self._offer_open)
        self._offer_open()
        self.look()

    @property
    def moving(self) -> Moving:
        """What is asked for. Raises `UserError` where the pixel size is no number."""
        return Moving(
            self.path,
            self.soft_mask.path,
            self.pixel_size.number,
            self.group.paths,
            self.particles.paths,
        )

    @property
    def errors(self) -> tuple[tuple[str, QWidget], ...]:
        """What is known to be wrong, each with where it is mended."""
        found = (
            (self.path, self.facts, self.pixel_size),
            (self.soft_mask.path, self.soft_mask, self.soft_mask.line),
        )
        return tuple(
            (f"{path.name}: {judge.error}", mend)
            for path, judge, mend in found
            if path and judge.error
        )

    def look(self) -> None:
        """Look at the map and its mask, where they are others than they were."""
        self.facts.look(self.path)
        self.soft_mask.look(self.path)

    def leave(self) -> None:
        """Look no further."""
        self.facts.leave()
        self.soft_mask.leave()

    def forget(self) -> None:
        """The map is not wanted any more: nobody tells of anything."""
        self.leave()
        self._desk.document.opened.disconnect(self._offer_open)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(STEP + 4, STEP, STEP, STEP)
        grid.setHorizontalSpacing(STEP)
        grid.setVerticalSpacing(STEP // 2)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(4, 1)
        grid.setColumnMinimumWidth(2, STEP)
        title = row(self.name, self.folder, 1, self.facts, quiet(PIXEL_SIZE, SIZE))
        title.insertSpacing(4, STEP)
        for part in (self.pixel_size, quiet("Å"), self.drop):
            title.addWidget(part)
        grid.addLayout(title, 0, 0, 1, 5)
        grid.addWidget(self.facts.trouble, 1, 0, 1, 5)
        grid.addWidget(quiet("Mask", MASK), 2, 0)
        grid.addWidget(self.soft_mask, 2, 1)
        grid.addWidget(quiet("Other maps", GROUP), 2, 3)
        grid.addWidget(self.group, 2, 4)
        grid.addWidget(quiet("Particles", PARTICLES), 3, 0)
        grid.addWidget(self.particles, 3, 1)
        grid.addLayout(row(self.offer, 1), 3, 3, 1, 2)

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Where Tab stops, in order."""
        files = (self.group, self.particles)
        of_files = [part for field in files for part in (field.clear, field.add_button)]
        mask = (self.soft_mask.line, self.soft_mask.button)
        return (self.pixel_size, self.drop, *mask, *of_files, self.offer)

    def take(self, under: QWidget | None, paths: Sequence[Path]) -> bool:
        """Files dropped on one of the fields go there; whether that was one."""
        if under is None or not paths:
            return False
        for field in (self.group, self.particles):
            if field.isAncestorOf(under):
                field.add(paths)
                return True
        if self.soft_mask.isAncestorOf(under):
            self.set_mask(paths[0])
            self._on_changed()
            return True
        return False

    def set_mask(self, path: Path | None) -> None:
        """Compare only what is inside a mask."""
        self.soft_mask.set_path(path)
        self.soft_mask.look(self.path)

    def _on_changed(self) -> None:
        self._offer_open()
        self.look()
        self.changed.emit()

    def _take_open(self) -> None:
        path = self._desk.document.path
        if path is not None:
            self.particles.add((path,))

    def _offer_open(self) -> None:
        """The file that is open, unless it is there already."""
        path = self._desk.document.path
        self.offer.setVisible(path is not None and path not in self.particles.paths)
        self.offer.setText("" if path is None else f"Take {path.name}, which is open")

    def _ask_mask(self, shown: Path) -> Path | None:
        folder = shown.parent if shown.name else self.path.parent
        return ask_open(self, f"Mask of {self.path.name}", MAPS, folder)
