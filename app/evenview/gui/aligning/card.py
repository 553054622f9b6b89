"""One map that is to be moved, and what goes with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QGridLayout, QLabel

from evenview.gui.aligning.files_field import FilesField
from evenview.gui.desk import Desk
from evenview.gui.files import MAPS, ask_open, particle_kinds
from evenview.gui.given import NumberLine
from evenview.gui.new_file import PathField
from evenview.gui.options import PIXEL_SIZE
from evenview.gui.tilt_series.parts import button
from evenview.gui.widgets import STEP, head, icon_button, quiet, row
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
SIZE = (
    "Å, of the voxels. Left empty it is what the map says; give it where that is wrong or missing."
)
OPEN = "The particle file that is open belongs to this map."
#: Pixels of a number of a few figures.
NARROW = 9 * STEP


def size_line() -> NumberLine:
    """An input for the size of voxels."""
    line = NumberLine(PIXEL_SIZE, SIZE, NARROW)
    line.setPlaceholderText("as it says")
    return line


def mask_field(choose: Callable[[Path], Path | None], tip: str) -> PathField:
    """An input for a mask, which nobody needs."""
    field = PathField("Mask", tip, choose)
    field.line.setPlaceholderText("none")
    field.line.setMinimumWidth(10 * STEP)
    return field


class MovingCard(QFrame):
    """The inputs of one map.

    Signals
    -------
    changed
        By the user's hand.
    dropped
        The map is not wanted any more.
    """

    changed = pyqtSignal()
    dropped = pyqtSignal()

    def __init__(self, desk: Desk, path: Path) -> None:
        super().__init__()
        self.setObjectName("noticeBox")
        self._desk, self.path = desk, path
        self.name, self.folder = head(path.name), QLabel(str(path.parent))
        self.folder.setProperty("quiet", True)
        self.pixel_size = size_line()
        self.soft_mask = mask_field(self._ask_mask, MASK)
        self.group = FilesField("Other maps", GROUP, MAPS, lambda: path.parent)
        self.particles = FilesField("Particles", PARTICLES, particle_kinds(), lambda: path.parent)
        self.offer = button("", OPEN, self._take_open)
        self.offer.setObjectName("link")
        self.drop = icon_button("close", f"Take {path.name} away", self.dropped.emit)
        self._lay_out()
        for part in (self.soft_mask, self.group, self.particles):
            part.changed.connect(self._on_changed)
        self.pixel_size.textEdited.connect(lambda _text: self._on_changed())
        desk.document.opened.connect(self._offer_open)
        self._offer_open()

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

    def _lay_out(self) -> None:
        self.folder.setToolTip(str(self.path))
        grid = QGridLayout(self)
        grid.setContentsMargins(STEP + 4, STEP, STEP, STEP)
        grid.setHorizontalSpacing(STEP)
        grid.setVerticalSpacing(STEP // 2)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(4, 1)
        grid.setColumnMinimumWidth(2, STEP)
        size = row(self.pixel_size, quiet("Å"))
        title = row(self.name, self.folder, 1, quiet(PIXEL_SIZE, SIZE))
        title.addLayout(size)
        title.addWidget(self.drop)
        grid.addLayout(title, 0, 0, 1, 5)
        grid.addWidget(quiet("Mask", MASK), 1, 0)
        grid.addWidget(self.soft_mask, 1, 1)
        grid.addWidget(quiet("Other maps", GROUP), 1, 3)
        grid.addWidget(self.group, 1, 4)
        grid.addWidget(quiet("Particles", PARTICLES), 2, 0)
        grid.addWidget(self.particles, 2, 1)
        grid.addLayout(row(self.offer, 1), 2, 3, 1, 2)

    def _on_changed(self) -> None:
        self._offer_open()
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
