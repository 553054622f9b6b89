"""The files of tilt series: what each was read as, and the axis where it says none."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from evenview.core.errors import UserError
from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import counted
from evenview.formats.tilt import Outcome
from evenview.gui.files import ALL, ask_several, names
from evenview.gui.given import NumberLine
from evenview.gui.text import degrees, typeset
from evenview.gui.tilt_series.finding import Finding
from evenview.gui.tilt_series.parts import Column
from evenview.gui.tilt_series.words import told
from evenview.gui.widgets import (
    STEP,
    Scroller,
    button,
    head,
    icon_button,
    mark,
    quiet,
    text_button,
    wrapped,
)

KINDS = "Tilt series (*.tlt *.rawtlt *.xf *.aln *.mdoc *.tomostar *.xml *.star *.json);;" + ALL
ADD = "Add the files of one tilt series, or of several that describe the same images."
AXIS = (
    "The tilt axis, degrees from +y of the image counter-clockwise. Left empty it is what the file "
    "says."
)
FIRST = "Compare all others with this one, and measure its hand."
NO_NUMBER = "The axis is one number, in degrees."


class SeriesRow:
    """One series in a line of the grid: its files, what was read, its axis, and a second line for
    what is wrong or to be known."""

    def __init__(self, finding: Finding, outcome: Outcome) -> None:
        self._finding, self.path = finding, outcome.path
        self.name, self.read = head(names(outcome.files) or "Typed in"), QLabel()
        self.name.setToolTip("\n".join(map(str, outcome.files)))
        self.axis = NumberLine(f"Tilt axis of {outcome.path.name}", AXIS, 10 * STEP)
        said = finding.request.given.axes.get(outcome.path)
        self.axis.setText("" if said is None else f"{said:g}")
        self.axis.textEdited.connect(lambda _text: self._on_axis())
        self.remark = quiet()
        self.note = wrapped(QLabel())
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.first = text_button("Put first", FIRST, partial(finding.put_first, outcome.files))
        self.drop = icon_button(
            "close", f"Take {outcome.path.name} away", partial(finding.remove, outcome.files)
        )
        self._outcome = outcome

    @property
    def parts(self) -> tuple[QWidget, ...]:
        """In the order of the columns; the note is below them."""
        return (self.name, self.read, self.axis, self.remark, self.first, self.drop)

    def show(self, outcome: Outcome, *, first: bool) -> None:
        """What was read."""
        self._outcome = outcome
        found = outcome.found
        wrong = found if isinstance(found, UserError) else None
        has_axis = wrong is None or "--axis" in wrong.hint or bool(self.axis.text())
        for part in (self.axis, self.remark):
            part.setVisible(has_axis)
        self.first.setVisible(not first and wrong is None)
        if isinstance(found, UserError):
            self.read.setText("not read")
            self.axis.setPlaceholderText("degrees")
            self.remark.setText("° tilt axis")
            self._say(told(found, str(outcome.path)), wrong=True)
            return
        self.read.setText(_words(found))
        self.axis.setPlaceholderText(degrees(found.axis, 2).removesuffix("°"))
        typed = bool(self.axis.text().strip()) or not found.files
        self.remark.setText("° tilt axis, typed" if typed else "° tilt axis, as read")
        self._say("\n".join(typeset(f"{_ended(note.text)}") for note in found.notes), wrong=False)

    def _say(self, words: str, *, wrong: bool) -> None:
        self.note.setText(words)
        mark(self.note, "warn", wrong)
        mark(self.note, "quiet", not wrong)
        self.note.setVisible(bool(words))

    def _on_axis(self) -> None:
        try:
            self._finding.set_axis(self.path, self.axis.number)
        except UserError:
            self._say(NO_NUMBER, wrong=True)


class ListArea(Scroller):
    """As high as the rows need at the width there is, up to a limit; then it scrolls."""

    def __init__(self, body: QWidget, most: int) -> None:
        super().__init__(snug=False, whole=False)
        self._most = most
        body.setObjectName("panelBody")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setWidget(body)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Another width breaks the lines elsewhere."""
        super().resizeEvent(event)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Of the rows, at this width."""
        body = self.widget()
        if body is None:
            return QSize(60 * STEP, 0)
        high = body.sizeHint().height()
        if body.hasHeightForWidth():
            high = body.heightForWidth(max(self.width(), 60 * STEP))
        return QSize(60 * STEP, min(self._most, high))

    def minimumSizeHint(self) -> QSize:
        """No less."""
        return QSize(0, self.sizeHint().height())


class SeriesList(Column):
    """A row a series, and a button to add more."""

    def __init__(self, finding: Finding, folder: Callable[[], Path | None]) -> None:
        super().__init__()
        self._finding, self._folder = finding, folder
        self.rows: list[SeriesRow] = []
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * STEP)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self.add = button("Add files…", ADD, self.ask)
        self.error = wrapped(QLabel())
        mark(self.error, "warn", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, STEP, 0)
        column.setSpacing(STEP // 2)
        column.addLayout(self._grid)
        column.addWidget(self.error)
        finding.changed.connect(self._show)
        self._show()

    def ask(self) -> None:
        """Choose more files."""
        self._finding.add(ask_several(self, "Add files of tilt series", KINDS, self._folder()))

    def _show(self) -> None:
        look = self._finding.look
        if [row.path for row in self.rows] != [o.path for o in look.outcomes]:
            self._make(look.outcomes)
        for place, (row, outcome) in enumerate(zip(self.rows, look.outcomes, strict=True)):
            row.show(outcome, first=place == 0)
        self.error.setText("" if look.error is None else told(look.error))
        self.error.setVisible(look.error is not None)

    def _make(self, outcomes: tuple[Outcome, ...]) -> None:
        """Rows are kept while somebody types into them, and made anew for other files."""
        for row in self.rows:
            for part in (*row.parts, row.note):
                self._grid.removeWidget(part)
                part.deleteLater()
        self.rows = [SeriesRow(self._finding, outcome) for outcome in outcomes]
        for place, row in enumerate(self.rows):
            for column, part in enumerate(row.parts):
                self._grid.addWidget(part, 2 * place, column)
            self._grid.addWidget(row.note, 2 * place + 1, 0, 1, len(row.parts))


def _words(series: TiltSeries) -> str:
    low, high = degrees(float(series.angles.min())), degrees(float(series.angles.max()))
    stage = " of the stage" if series.nominal else ""
    title = PACKAGES[series.package].title
    return f"{title} · {counted(len(series), 'tilt')}{stage}, {low} to {high}"


def _ended(words: str) -> str:
    return words if words.endswith(".") else f"{words}."
