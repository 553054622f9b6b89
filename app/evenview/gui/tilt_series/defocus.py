"""Measured defocus, and the hand that follows from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from evenview.core.errors import UserError
from evenview.core.tilt.series import TiltSeries
from evenview.gui.fields import Choice
from evenview.gui.files import ALL, ask_open
from evenview.gui.given import NumberLine
from evenview.gui.new_file import PathField
from evenview.gui.tilt_series.defocus_table import DefocusTable
from evenview.gui.tilt_series.finding import Finding
from evenview.gui.tilt_series.parts import Column
from evenview.gui.tilt_series.slope_plot import SlopePlot
from evenview.gui.tilt_series.words import UNIT, here, told
from evenview.gui.widgets import (
    STEP,
    button,
    head,
    mark,
    quiet,
    row,
    scroller,
    warning,
    words_label,
)
from evenview.tasks.tilt_request import Typed
from evenview.tasks.tilt_result import TiltResult
from evenview.tasks.tilt_words import IMOD_RULE, WARP_EXPORT

KINDS = f"Tables (*.csv *.tsv *.txt *.star);;{ALL}"
FILE = (
    "A table with the headings tilt,left,right or tilt,x,y,defocus, or a star file with "
    "rlnDefocusU, rlnCoordinateX and rlnMicrographName. It takes the place of what is typed."
)
UNITS = "Of the values, typed or in the file. A star file of RELION's has Å."
APART = (
    "Å between the middles of the left and the right part, in the image. With it the slope is "
    "expected to be 1 or −1; without it only its sign counts."
)
CLEAR = "Forget the values typed here."
PROMPT = (
    "Type or paste defocus measured left and right of the axis, or choose a table of it: from four "
    "tilts on it can decide the hand."
)
MEASURED, DECIDED, UNDECIDED = "Hand", "Hand: decided", "Hand: undecided"
BEFORE = " by the values before"


class DefocusPart(QWidget):
    """Values of the first series, their slope, and the hand in each package's terms."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._finding = finding
        self._shown: tuple[Path, ...] = ()
        self._unread = ""
        self._aside: dict[tuple[Path, ...], tuple[list[list[str]], Path | None]] = {}
        self.file = PathField("Defocus table", FILE, self._ask)
        self.file.line.setPlaceholderText("a table, in place of the values typed below")
        self.unit = Choice([("A", "Å"), ("um", "µm")], UNITS)
        self.unit.setAccessibleName(UNIT)
        self.unit.setMinimumContentsLength(3)
        self.apart = NumberLine("Apart", APART, 10 * STEP)
        self.apart.setPlaceholderText("unknown")
        self.table = DefocusTable()
        self.clear = button("Clear", CLEAR, self.table.clear_values)
        self.error = warning()
        self.plot = SlopePlot()
        self.plot.setMinimumHeight(14 * STEP)
        # What a plot would like to have is not taken from the words below it.
        self.plot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.title, self.verdict = head(MEASURED), words_label()
        self.doubts = [warning(here(words)) for words in (IMOD_RULE, WARP_EXPORT)]
        self._lay_out()
        self.file.changed.connect(self._ask_anew)
        self.unit.chosen.connect(lambda _key: self._ask_anew())
        self.apart.textEdited.connect(lambda _text: self._ask_anew())
        self.table.edited.connect(self._ask_anew)
        self.table.refused.connect(lambda error: self._say(told(error)))
        finding.changed.connect(self._show)

    def _lay_out(self) -> None:
        left, right, both = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        left.setSpacing(STEP // 2)
        left.addWidget(self.table, 1)
        left.addLayout(row(self.clear, 1))
        right.setSpacing(STEP // 2)
        right.addWidget(self.plot, 1)
        right.addWidget(self.plot.key)
        both.setSpacing(STEP)
        both.addLayout(left)
        both.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, STEP, STEP, 0)
        column.setSpacing(STEP)
        column.addLayout(row(quiet("From a file", FILE), self.file))
        column.addLayout(
            row(
                quiet(UNIT, UNITS),
                self.unit,
                quiet("Left and right apart", APART),
                self.apart,
                quiet("Å"),
                1,
            )
        )
        column.addWidget(self.error)
        column.addLayout(both, 3)
        column.addWidget(self.title)
        words = scroller(self._words())
        words.setMinimumHeight(9 * STEP)
        column.addWidget(words, 2)
        self.error.hide()

    def _words(self) -> QWidget:
        body = Column()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, STEP, 0)
        column.setSpacing(STEP)
        for label in (self.verdict, *self.doubts):
            column.addWidget(label)
        column.addStretch(1)
        return body

    def _ask_anew(self) -> None:
        """Hand over what is typed; say beside it, until it is mended, what cannot be understood."""
        try:
            typed = self._typed()
        except UserError as error:
            self._unread = told(error)
        else:
            self._unread = ""
            self.table.setEnabled(self.file.path is None)
            self.table.set_unit(self._unit)
            asked = replace(
                self._finding.request,
                typed=typed,
                defocus=self.file.path,
                apart=None if self.file.path is None else self.apart.number,
                micrometres=self.unit.key == "um",
            )
            self._finding.set_request(asked)
        self._show_state()

    @property
    def _unit(self) -> str:
        return "µm" if self.unit.key == "um" else "Å"

    def _typed(self) -> Typed | None:
        apart = self.apart.number
        if apart is not None and not apart > 0:
            raise UserError("Left and right apart: a number above 0 is needed")
        if self.file.path is not None:
            return None
        tilts, left, right = (tuple(column) for column in self.table.values().tolist())
        return Typed(left, right, tilts, apart) if tilts else None

    def _show(self) -> None:
        look = self._finding.look
        result = look.result
        self._show_tilts(None if result is None else result.first)
        if result is None:
            return
        self._show_state()
        self.plot.show_hand(look.points, result.hand, self._unit)
        self._show_verdict(result)

    def _show_state(self) -> None:
        """What is wrong with the values; and whether the hand is decided, which the values before
        do where those that stand here cannot be read."""
        look = self._finding.look
        wrong = "" if look.defocus_error is None else told(look.defocus_error)
        self._say(self._unread or wrong)
        hand = None if look.result is None else look.result.hand
        if hand is None:
            self.title.setText(MEASURED)
            return
        state = UNDECIDED if hand.depth_sign is None else DECIDED
        self.title.setText(state + (BEFORE if self._unread else ""))

    def _show_tilts(self, first: TiltSeries | None) -> None:
        """Values are of one series: signs of angles, left and right are those of its file. Where
        another one is the first, they are put aside until theirs is the first again."""
        before = self._shown
        self._shown = () if first is None else first.files or (Path(first.name),)
        if before == self._shown:
            return
        if before and not (self.table.is_empty and self.file.path is None):
            self._aside[before] = (self.table.texts(), self.file.path)
        rows, path = self._aside.pop(self._shown, ([], None))
        self.file.set_path(path)
        if rows or first is None:
            self.table.show_texts(rows)
        else:
            self.table.show_tilts(first.angles)
        self._ask_anew()

    def _show_verdict(self, result: TiltResult) -> None:
        hand = result.hand
        words = [here(sentence) for sentence in result.hand_words()]
        if hand is None and result.first.hand is None and result.first.package != "eman2":
            words = [PROMPT]
        self.verdict.setText("\n".join(words))
        mark(self.verdict, "quiet", hand is None)
        for doubt in self.doubts:
            doubt.setVisible(hand is not None or len(words) > 1)

    def _say(self, words: str) -> None:
        self.error.setText(words)
        self.error.setVisible(bool(words))

    def _ask(self, shown: Path) -> Path | None:
        files = self._finding.request.files
        folder = shown.parent if shown.name else files[0].parent if files else None
        return ask_open(self, "Defocus table", KINDS, folder)
