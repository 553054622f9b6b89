"""What is to be known to score half-maps: the files, and how they are compared."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PyQt6.QtWidgets import QDoubleSpinBox, QGridLayout, QSpinBox, QVBoxLayout, QWidget

from evenview.core.errors import UserError
from evenview.core.halfmaps import AXES, HALF_ANGLE, THRESHOLD, Settings
from evenview.gui.desk import Desk
from evenview.gui.fields import style_box
from evenview.gui.files import MAPS, ask_open, is_there
from evenview.gui.given import NumberLine
from evenview.gui.new_file import PathField
from evenview.gui.options import PIXEL_SIZE
from evenview.gui.widgets import STEP, Facts, quiet, row
from evenview.tasks.half_maps import HalfMapsRequest
from evenview.tasks.half_names import other_half

FOLDER = "half_maps_folder"
#: More cones than this take too long to predict while a slider moves.
MOST_AXES = 1_000
WIDTH = 11 * STEP
INTRO = "Give the two unfiltered half-maps of one refinement, and a soft mask of the molecule."
GUESSED = "{0} was found by its name."
FIRST = (
    "The first of the two half-maps, unfiltered and not sharpened. RELION calls it "
    "run_half1_class001_unfil.mrc, cryoSPARC map_half_A.mrc."
)
SECOND = (
    "The half-map of the other half of the particles. It is looked for by its name when the first "
    "is chosen."
)
MASK = (
    "Both maps are multiplied by it. Without one the noise around the molecule counts, too; with a "
    "hard edge the maps seem more alike than they are."
)
SIZE = (
    "Å, of the maps' voxels. Left empty it is what the maps say; give it where they say it wrongly "
    "or not at all."
)
CONE = (
    "Half the opening of each cone, and of the torus across it. 20° is what 3DFSC and cryoSPARC "
    "use; scores of different cones cannot be compared."
)
MANY = (
    "How many directions of half the sphere are looked at. Here up to 1,000; evenview score takes "
    "up to 10,000."
)
FSC = (
    "The FSC at which a resolution is read and an area ends. 0.143 is usual for half-maps "
    "(Rosenthal & Henderson 2003)."
)


class HalfMapInputs(QWidget):
    """Three files and four numbers, with the defaults shown.

    Attributes
    ----------
    note
        Says what was guessed, to be put where there is room.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.first = self._file("Half-map A", FIRST)
        self.second = self._file("Half-map B", SECOND)
        self.soft_mask = self._file("Mask", MASK)
        self.soft_mask.line.setPlaceholderText("none")
        self._guessed: dict[PathField, Path] = {}
        self.note = quiet("", SECOND)
        self.pixel_size = NumberLine(PIXEL_SIZE, SIZE, WIDTH)
        self.pixel_size.setPlaceholderText("of the maps")
        self.cone = _decimal_box(5.0, 45.0, HALF_ANGLE, 1, "°")
        self.axes = _whole_box(16, MOST_AXES, AXES)
        self.threshold = _decimal_box(0.001, 0.999, THRESHOLD, 3)
        self.first.changed.connect(lambda: self._on_chosen(self.first, self.second))
        self.second.changed.connect(lambda: self._on_chosen(self.second, self.first))
        self.soft_mask.changed.connect(lambda: self._remember(self.soft_mask.path))
        self._lay_out()

    def _file(self, name: str, tip: str) -> PathField:
        field = PathField(name, tip, partial(self._ask, name))
        field.line.setMinimumWidth(8 * STEP)
        return field

    def _lay_out(self) -> None:
        files, numbers = Facts(), QGridLayout()
        files.setContentsMargins(0, 0, 0, 0)
        for name, field in (
            ("Half-map A", self.first), ("Half-map B", self.second), ("Mask", self.soft_mask),
        ):  # fmt: skip
            files.add(name, field)
        size = QWidget()
        size.setLayout(row(self.pixel_size, quiet("Å"), gap=STEP // 2))
        numbers.setHorizontalSpacing(2 * STEP)
        numbers.setVerticalSpacing(STEP // 2)
        numbers.setColumnStretch(4, 1)
        for place, (name, box, tip) in enumerate(
            (
                (PIXEL_SIZE, size, SIZE),
                ("Cone", self.cone, CONE),
                ("Threshold", self.threshold, FSC),
                ("Axes", self.axes, MANY),
            )
        ):
            label = quiet(name, tip)
            label.setBuddy(box)
            box.setToolTip(tip)
            box.setAccessibleName(name)
            numbers.addWidget(label, place // 2, 2 * (place % 2))
            numbers.addWidget(box, place // 2, 2 * (place % 2) + 1)
        both = QVBoxLayout(self)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(STEP)
        both.addLayout(files)
        both.addLayout(numbers)

    def take(self, first: Path, second: Path) -> None:
        """Show two half-maps, as if chosen by hand."""
        self._guessed.clear()
        self.note.clear()
        for field, path in ((self.first, first), (self.second, second)):
            field.set_path(path)
        self._remember(first)

    def request(self) -> HalfMapsRequest:
        """What is asked for. Raises `UserError` where something is missing or makes no sense."""
        first, second = self.first.path, self.second.path
        if first is None or second is None:
            raise UserError("Two half-maps are needed", hint="Choose half-map A and half-map B.")
        used = Settings(self.cone.value(), self.axes.value(), self.threshold.value())
        return HalfMapsRequest(first, second, self.soft_mask.path, self.pixel_size.number, used)

    def _on_chosen(self, chosen: PathField, other: PathField) -> None:
        """Look for the other half where nobody has named it."""
        path = chosen.path
        self._guessed.pop(chosen, None)
        if path is not None and is_there(path):
            self._remember(path)
            guess = other_half(path)
            named = other.path is not None and other.path != self._guessed.get(other)
            if not named and guess is not None and is_there(guess):
                other.set_path(guess)
                self._guessed[other] = guess
        found = " and ".join(field.line.accessibleName() for field in self._guessed)
        self.note.setText(GUESSED.format(found) if found else "")

    def _ask(self, name: str, shown: Path) -> Path | None:
        folder = shown.parent if shown.name else self._folder()
        return ask_open(self, name, MAPS, folder)

    def _folder(self) -> Path | None:
        """Where files were chosen last, else where the particles are."""
        kept = self._desk.settings.text(FOLDER, "")
        path = self._desk.document.path
        return Path(kept) if kept else path.parent if path is not None else None

    def _remember(self, path: Path | None) -> None:
        if path is not None and is_there(path):
            self._desk.settings.set_text(FOLDER, str(path.resolve().parent))


def _decimal_box(
    low: float, high: float, value: float, decimals: int, unit: str = ""
) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(decimals)
    box.setRange(low, high)
    box.setSingleStep(1.0 if unit else 0.01)
    box.setValue(value)
    style_box(box, unit, WIDTH)
    return box


def _whole_box(low: int, high: int, value: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setValue(value)
    style_box(box, width=WIDTH)
    return box
