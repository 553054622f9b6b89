"""The same images in every package's convention, as a table that can be copied."""

from __future__ import annotations

from PyQt6.QtWidgets import QVBoxLayout

from evenview.core.tilt.hand import depth_sign_of
from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.relation import KINDS, Combination
from evenview.gui.text import degrees, typeset
from evenview.gui.tilt_series.copied import Copied
from evenview.gui.tilt_series.finding import Finding
from evenview.gui.tilt_series.parts import Column
from evenview.gui.widgets import STEP, head, quiet, row, text_button, warning, words_label, wrapped
from evenview.tasks.tilt_result import TiltResult
from evenview.tasks.tilt_words import ARETOMO_AXIS, CHECKED, PHYSICAL, WHY, remarks

HEADINGS = {
    "same": "The same\ntomogram",
    "turned": "Turned 180°\n(same hand)",
    "mirrored": "Mirrored in z\n(other hand)",
    "mirrored and turned": "Both of these\n(other hand)",
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
UNKNOWN = (
    "The hand of the first series is not known: type or paste measured defocus at Defocus and hand."
)


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
        self.unknown = wrapped(quiet(UNKNOWN))
        column.addWidget(self.unknown)
        for words in WHY:
            column.addWidget(words_label(words))
        for words in remarks():
            column.addWidget(wrapped(quiet(words)))
        column.addWidget(head("Not certain"))
        for words in (CHECKED, ARETOMO_AXIS, PHYSICAL):
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
        self.table.setColumnHidden(self.table.columnCount() - 1, sign is None)
        self.unknown.setVisible(sign is None)
        for line, (name, package) in enumerate(PACKAGES.items()):
            cells = [f"{package.title}\n{AXES.get(name, package.axis)},\n{package.angle}"]
            found = [c for c in result.combinations if c.package == name]
            cells += [_cell(found, kind) for kind in KINDS]
            hand = "" if sign is None else _hand(result, name, sign)
            self.table.fill(line, [*cells, hand], strong=name == first.package)
        self.table.fit()


def _cell(found: list[Combination], kind: str) -> str:
    """The axis and the sign of the angles of a package."""
    return "\n".join(
        f"{degrees(c.axis, 2)}\nangles {'negated' if c.negated else 'kept'}"
        for c in found
        if c.relation.kind == kind
    )


def _hand(result: TiltResult, name: str, sign: int) -> str:
    """What the package calls the hand of the first tomogram, and how that is known."""
    package = PACKAGES[name]
    decided = result.hand is not None and result.hand.depth_sign is not None
    how = "" if decided else "\nnot checked"
    if package.focus == "flag":
        return typeset(package.flag(sign)) + how
    same = next(c for c in result.combinations if c.package == name and c.relation.kind == "same")
    fits = package.focus == depth_sign_of(same, sign)
    return ("its rule fits" if fits else "its rule does not") + how
