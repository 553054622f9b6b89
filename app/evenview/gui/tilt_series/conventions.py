"""The same images in every package's convention, as a table that can be copied."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from evenview.core.tilt.hand import depth_sign_of
from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.relation import KINDS, Combination
from evenview.gui.text import degrees, typeset
from evenview.gui.tilt_series.finding import Finding
from evenview.gui.tilt_series.parts import Column, to_clipboard, warning, words_label
from evenview.gui.widgets import STEP, head, number_font, quiet, row, text_button, wrapped
from evenview.tasks.tilt import TiltResult
from evenview.tasks.tilt_words import ARETOMO_AXIS, PHYSICAL, WHY

HEADINGS = {
    "same": "The same\ntomogram",
    "turned": "Turned by 180°\n(same hand)",
    "mirrored": "Mirrored in z\n(other hand)",
    "mirrored and turned": "Mirrored, turned\n(other hand)",
}
#: What is too long for a cell.
AXES = {"imod": "rotation in .xf"}
HAND = "Hand of\nthe first"
TIP = (
    "What each package is to be given to make, of the same images, the tomogram of the first "
    "series, or that turned by 180° about z or mirrored in z. Select cells and press Ctrl+C, or "
    "copy it all."
)
COPY = "Copy the whole table, to be pasted into a spreadsheet."
UNKNOWN = "not known"


class ConventionsPart(Column):
    """The table, why there are two right answers, and what is not certain."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._finding = finding
        self.table = Copied(len(PACKAGES), ["Package", *HEADINGS.values(), HAND])
        self.table.setToolTip(TIP)
        self.table.setAccessibleName("Every package's convention")
        self.copy = text_button("Copy the table", COPY, self.table.copy_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, STEP, STEP, 0)
        column.setSpacing(STEP)
        self.title = head("")
        column.addLayout(row(self.title, 1, self.copy))
        column.addWidget(self.table)
        for words in WHY:
            column.addWidget(words_label(words))
        for package in PACKAGES.values():
            if package.remark:
                column.addWidget(wrapped(quiet(f"{package.title}: {package.remark}.")))
        column.addWidget(head("Not certain"))
        for words in (ARETOMO_AXIS, PHYSICAL):
            column.addWidget(warning(words))
        column.addStretch(1)
        finding.changed.connect(self._show)

    def _show(self) -> None:
        look = self._finding.look
        result = look.result
        if result is None:
            return
        first = result.first
        own = PACKAGES[first.package].title
        self.title.setText(
            f"{first.name}: axis {degrees(first.axis, 2)} and the angles as {own} reads them"
        )
        sign = look.depth_sign
        for line, (name, package) in enumerate(PACKAGES.items()):
            cells = [f"{package.title}\n{AXES.get(name, package.axis)}, {package.angle}"]
            found = [c for c in result.combinations if c.package == name]
            cells += [_cell(found, kind) for kind in KINDS]
            self.table.fill(line, [*cells, _hand(result, name, sign)], strong=name == first.package)
        self.table.fit()


class Copied(QTableWidget):
    """A table of words that is read and copied, as high as its rows."""

    def __init__(self, lines: int, headings: list[str]) -> None:
        super().__init__(lines, len(headings))
        self.setHorizontalHeaderLabels(headings)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFont(number_font(self.font()))
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        side, top = self.verticalHeader(), self.horizontalHeader()
        if side is not None and top is not None:
            side.hide()
            top.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            for column in (0, len(headings) - 1):
                top.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
            top.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            top.setHighlightSections(False)

    def fill(self, line: int, cells: list[str], *, strong: bool) -> None:
        """Show a row; a strong one is pointed out."""
        for column, words in enumerate(cells):
            item = QTableWidgetItem(words)
            font = self.font()
            font.setBold(strong and column == 0)
            item.setFont(font)
            self.setItem(line, column, item)

    def fit(self) -> None:
        """Take the height of the rows."""
        self.resizeRowsToContents()
        for line in range(self.rowCount()):
            self.setRowHeight(line, self.rowHeight(line) + STEP)
        top = self.horizontalHeader()
        high = 0 if top is None else top.sizeHint().height()
        rows = sum(self.rowHeight(line) for line in range(self.rowCount()))
        self.setFixedHeight(high + rows + 2 * self.frameWidth() + 2)

    def minimumSizeHint(self) -> QSize:
        """As wide as the words."""
        top = self.horizontalHeader()
        if top is None:
            return super().minimumSizeHint()
        columns = range(self.columnCount())
        wide = [max(self.sizeHintForColumn(c), top.sectionSizeHint(c)) for c in columns]
        return QSize(sum(wide) + 2 * self.frameWidth(), self.height())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy the cells that are selected."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            chosen = self.selectedRanges()
            if chosen:
                lines = range(chosen[0].topRow(), chosen[0].bottomRow() + 1)
                columns = range(chosen[0].leftColumn(), chosen[0].rightColumn() + 1)
                to_clipboard("\n".join(self._line(line, columns) for line in lines))
            return
        super().keyPressEvent(event)

    def copy_all(self) -> None:
        """Headings and rows, tabs between the cells."""
        columns = range(self.columnCount())
        heads = [item.text() for c in columns if (item := self.horizontalHeaderItem(c)) is not None]
        lines = ["\t".join(" ".join(words.split()) for words in heads)]
        lines += [self._line(line, columns) for line in range(self.rowCount())]
        to_clipboard("\n".join(lines) + "\n")

    def _line(self, line: int, columns: range) -> str:
        items = [self.item(line, column) for column in columns]
        return "\t".join("" if i is None else i.text().replace("\n", ", ") for i in items)


def _cell(found: list[Combination], kind: str) -> str:
    """The axis and the sign of the angles of a package."""
    return "\n".join(
        f"{degrees(c.axis, 2)}\nangles {'negated' if c.negated else 'kept'}"
        for c in found
        if c.relation.kind == kind
    )


def _hand(result: TiltResult, name: str, sign: int | None) -> str:
    """What the package calls the hand of the first tomogram, and how that is known."""
    package = PACKAGES[name]
    if sign is None:
        return UNKNOWN
    decided = result.hand is not None and result.hand.depth_sign is not None
    how = "" if decided else "\nnot checked"
    if package.focus == "flag":
        return typeset(package.flags[0 if sign > 0 else 1]) + how
    same = next(c for c in result.combinations if c.package == name and c.relation.kind == "same")
    fits = package.focus == depth_sign_of(same, sign)
    return ("its rule fits" if fits else "its rule does not") + how
