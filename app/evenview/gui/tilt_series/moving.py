"""A form that writes particles of one tomogram for another one of the same images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QApplication, QCheckBox, QLineEdit, QVBoxLayout, QWidget

from evenview.core.errors import UserError
from evenview.core.progress import Cancelled
from evenview.core.words import counted, sentence
from evenview.document import cause
from evenview.gui.beside import beside
from evenview.gui.desk import Desk
from evenview.gui.files import ALL, ask_open, ask_save, names, particle_kinds
from evenview.gui.given import NumberLine
from evenview.gui.new_file import NewFile, PathField
from evenview.gui.report import Working
from evenview.gui.text import typeset
from evenview.gui.tilt_series.words import ALL_TOMOGRAMS, PIXEL, SIZE, VOXEL, told
from evenview.gui.widgets import STEP, Facts, button, mark, quiet, row, words_label
from evenview.tasks import tilt
from evenview.tasks.pose_file import cells, numbers
from evenview.tasks.tilt_particles import Moved, ParticlesRequest
from evenview.tasks.tilt_result import TiltResult

SLOT = "tilt particles"
SOURCE = (
    "Subtomograms of the first tomogram with their places: of RELION, M, Dynamo, AV3 or STOPGAP. "
    "It is only read."
)
TARGET = "Where the new file goes. No file that was read is ever written to."
OWN = "A file that was read is never written to. Choose another name."
AGAIN = "A file of that name is there already. Press again to replace it."
ALIKE = (
    "The tilt series is that of one tomogram. Tick this where the others of the file relate alike."
)
SIDES = (
    "x, y and z of the tomogram in the pixels of the coordinates: needed where these count from "
    "its corner, and no file says it. Those of RELION are pixels of the tilt series."
)
PIXELS = (
    "Å. Needed where the two tomograms are shifted, or positions are in Å, and no file says it: of "
    "the tilt images, and of the coordinates of tables of Dynamo, AV3 and STOPGAP."
)
WRITE = "Write places and rotations for the other tomogram. All else in the file stays."
NOT_WRITTEN = "Nothing was written."


class MovingForm(QWidget):
    """Which particles, where to, and a button.

    Signals
    -------
    changed
        By the user's hand.
    """

    changed = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._target: TiltResult | None = None
        self._settling = False
        self.source = PathField("Particles", SOURCE, self._ask_source)
        self.target = NewFile(lambda path: ask_save(self, "Write particles", ALL, path))
        self.target.line.setToolTip(TARGET)
        self.sides = QLineEdit()
        self.sides.setToolTip(SIDES)
        self.sides.setPlaceholderText("x, y, z in pixels, if no file says it")
        self.tilt_pixel = NumberLine(PIXEL, PIXELS, 9 * STEP)
        self.voxel = NumberLine(VOXEL, PIXELS, 9 * STEP)
        self.alike = QCheckBox(ALL_TOMOGRAMS)
        self.alike.setToolTip(ALIKE)
        self.write = button("Write particles", WRITE, self.start)
        self.working = Working(desk.jobs, (SLOT,))
        self.told = words_label()
        self._lay_out()
        self.source.changed.connect(self._on_source)
        self.target.changed.connect(self._on_changed)
        self.sides.textEdited.connect(lambda _text: self._on_changed())
        for line in (self.tilt_pixel, self.voxel):
            line.textEdited.connect(lambda _text: self._on_changed())
        self.alike.toggled.connect(lambda _on: self._on_changed())
        self._allow()

    @property
    def asked(self) -> ParticlesRequest | None:
        """What is asked for, as far as it can be understood."""
        try:
            return self._asked()
        except UserError:
            return None

    def given(self, target: TiltResult) -> TiltResult:
        """A result with the pixel size that is typed here."""
        size = _positive(self.tilt_pixel)
        said = target.request.given
        if size is None:
            return target
        return replace(
            target, request=replace(target.request, given=replace(said, pixel_size=size))
        )

    def take(self, target: TiltResult | None) -> None:
        """Another tomogram to write for; None for none."""
        self._target = target
        said = None if target is None else target.first.size
        sides = "" if said is None else ", ".join(f"{side:g}" for side in said)
        self.sides.setPlaceholderText(
            f"{sides} (as the file says)" if sides else "x, y, z in pixels, if no file says it"
        )
        self._look()

    def start(self) -> None:
        """Write; what is to be replaced is shown first, by itself."""
        target = self._target
        if target is None:
            return
        self._look()
        if self.target.must_ask:
            self.target.ask()
            self._say(AGAIN, warn=True)
            self.write.setText("Replace and write")
            self._settling = True
            self._allow()
            QTimer.singleShot(QApplication.doubleClickInterval(), self._settle)
            return
        try:
            asked = self._asked()
            request = self.given(target).request
        except UserError as error:
            self._say(told(error), warn=True)
            return
        assert asked is not None
        request = replace(request, particles=asked, typed=None, defocus=None)
        self._say("Writing…")
        self._desk.jobs.run(
            SLOT,
            f"Writing {asked.output.name}",
            lambda progress: tilt.run(request, progress),
            self._done,
            self._failed,
        )
        self._allow()

    def _lay_out(self) -> None:
        facts = Facts()
        for name, part, tip in (
            ("Particles", self.source, SOURCE),
            ("New file", self.target, TARGET),
            (SIZE, self.sides, SIDES),
            ("Pixels", self._pixels(), PIXELS),
            ("", self.alike, ALIKE),
        ):
            facts.add(name, part, tip)
            part.setAccessibleName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        column.addLayout(facts)
        column.addLayout(row(self.write, self.working, 1))
        column.addWidget(self.told)
        self.told.hide()

    def _pixels(self) -> QWidget:
        made = QWidget()
        line = row(
            quiet(f"{PIXEL},", PIXELS), self.tilt_pixel, quiet("Å"), quiet(f"{VOXEL},", PIXELS),
            self.voxel, quiet("Å"), 1,
        )  # fmt: skip
        line.setContentsMargins(0, 0, 0, 0)
        made.setLayout(line)
        return made

    def _asked(self) -> ParticlesRequest | None:
        source, output = self.source.path, self.target.path
        if source is None or output is None:
            return None
        sides = numbers(cells(self.sides.text()))
        if sides and not (len(sides) == 3 and min(sides) > 0):
            raise UserError("the size of a tomogram is three numbers above 0")
        size = (sides[0], sides[1], sides[2]) if sides else None
        return ParticlesRequest(source, output, size, _positive(self.voxel), self.alike.isChecked())

    def _on_source(self) -> None:
        path = self.source.path
        if path is not None and path.name:
            self.target.propose(beside(path, "moved"))
        self._on_changed()

    def _on_changed(self) -> None:
        self.target.ask_anew()
        self.write.setText("Write particles")
        self._say("")
        self._look()
        self.changed.emit()

    def _look(self) -> None:
        """Say at the name what would be replaced."""
        path, source, target = self.target.path, self.source.path, self._target
        read = [] if source is None else [source]
        read += [] if target is None else list(target.request.files)
        named = path is not None and bool(path.name)
        self.target.look([path] if named and path is not None else [], read)
        if self.target.is_own:
            self.target.warn(OWN)
        self._allow()

    def _allow(self) -> None:
        named = self.source.path is not None and self.target.path is not None
        busy = self._settling or self._desk.jobs.is_running(SLOT)
        self.write.setEnabled(named and not busy and not self.target.is_own)

    def _settle(self) -> None:
        self._settling = False
        self._allow()

    def _done(self, result: TiltResult) -> None:
        self._end()
        if result.moved is not None:
            self._say("\n".join(_lines(result.moved)))

    def _failed(self, error: Exception) -> None:
        self._end()
        error = cause(error)
        stopped = isinstance(error, Cancelled)
        words = NOT_WRITTEN if stopped else f"{NOT_WRITTEN} {told(error)}"
        self._say(words, warn=not stopped)
        if not self.isVisible():
            self._desk.failed.emit(error)

    def _end(self) -> None:
        self.target.ask_anew()
        self.target.warn("")
        self.write.setText("Write particles")
        self._allow()

    def _say(self, words: str, *, warn: bool = False) -> None:
        self.told.setText(words)
        self.told.setVisible(bool(words))
        mark(self.told, "warn", warn)

    def _ask_source(self, shown: Path) -> Path | None:
        path = self._desk.document.path
        folder = shown.parent if shown.name else path.parent if path is not None else None
        return ask_open(self, "Particles", particle_kinds(), folder)


def _positive(line: NumberLine) -> float | None:
    size = line.number
    if size is not None and not size > 0:
        raise UserError(f"{line.accessibleName()}: a number above 0 is needed")
    return size


def _lines(moved: Moved) -> list[str]:
    lines = [
        f"Wrote {names(moved.files)}: {counted(moved.particles, 'particle')} for {moved.words}.",
        f"Changed: {', '.join(moved.changed)}.",
    ]
    return [*lines, *(typeset(sentence(note)) for note in moved.notes)]
