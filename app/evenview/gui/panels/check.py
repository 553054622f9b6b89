"""Check: every rule that the open file breaks, what it will cause, and a fix where one is safe."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from evenview.checks import rules
from evenview.checks.base import PROGRAMS, Finding, Severity
from evenview.core.progress import Cancelled
from evenview.core.words import sentence
from evenview.gui.beside import beside
from evenview.gui.checkup import Checkup
from evenview.gui.desk import Desk
from evenview.gui.errors import in_words
from evenview.gui.fields import Choice
from evenview.gui.files import ask_save, by_folder, particle_kinds
from evenview.gui.widgets import (
    STEP,
    Facts,
    copied,
    head,
    icon_button,
    mark,
    name_icon,
    panel_column,
    quiet,
    row,
    rule,
    tinted_label,
    wrapped,
)

#: severity: (word, icon, colour of the theme)
LOOKS: dict[Severity, tuple[str, str, str]] = {
    "error": ("Error", "error", "error"),
    "warning": ("Warning", "warning", "warning"),
    "note": ("Note", "note", "quiet"),
}
CHECK, AGAIN, STOP = "Check", "Check again", "Cancel"
NO_FILE = "Open a file to check it."
NOT_YET = "This file was not checked yet."
STOPPED = "The check was stopped."
CLEAN = "No rule is broken."
MORE = "Where it is, what it will cause and what to do about it"
CLEAN_FOR = "No rule is broken that matters to {0}."


class CheckPanel(QWidget):
    """For whom to check, how it came out, and a card for each finding."""

    def __init__(self, desk: Desk, checkup: Checkup) -> None:
        super().__init__()
        self._desk, self._checkup = desk, checkup
        self._shown: object = None
        self.program = Choice(
            [("", "Every program"), *PROGRAMS.items()],
            "Only what matters to this program is told. A blank line between the rows, for "
            "example, is RELION's trouble alone.",
        )
        self.program.setAccessibleName("Check for")
        self.program.setMinimumContentsLength(12)
        self.program.chosen.connect(checkup.check_for)
        self.start = QPushButton(CHECK)
        self.start.setToolTip("Look for everything in this file that a program will stumble on.")
        self.start.clicked.connect(lambda _checked: self._start_or_stop())
        self.outcome = wrapped(head(""))
        self.fix_all = QPushButton()
        self.fix_all.setToolTip(
            "Write a new file with every safe fix done, all other bytes the same. The file that is "
            "open is never written to."
        )
        self.fix_all.clicked.connect(lambda _checked: self._ask_mend())
        self.mended = MendedBox(desk)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(STEP // 2)
        self.cards: tuple[FindingCard, ...] = ()
        column = panel_column(self)
        column.setContentsMargins(STEP + 4, STEP, STEP + 4, STEP)
        column.addLayout(row(quiet("Check for"), self.program, 1, self.start))
        column.addLayout(row(self.outcome, self.fix_all))
        column.addWidget(self.mended)
        column.addLayout(self._cards)
        column.addStretch(1)
        checkup.changed.connect(self._show)
        desk.document.opened.connect(self._on_opened)
        self._show()

    def minimumSizeHint(self) -> QSize:
        """As wide as the least, as high as the words need at the width there is."""
        return QSize(super().minimumSizeHint().width(), 0)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Who opens the panel wants to know."""
        super().showEvent(event)
        self._check_if_new()

    def _on_opened(self) -> None:
        if self.isVisible():
            self._check_if_new()

    def _check_if_new(self) -> None:
        checkup = self._checkup
        if checkup.result is None and checkup.failed is None and not checkup.running:
            checkup.check()

    def _start_or_stop(self) -> None:
        if self._checkup.running:
            self._checkup.stop()
        else:
            self._checkup.check()

    def _ask_mend(self, *only: str) -> None:
        """Ask where the mended file goes, and write it there."""
        source = self._checkup.path
        if source is None:
            return
        proposal = beside(source, "mended")
        path = ask_save(self, "Write the mended file", particle_kinds(), proposal)
        if path is not None:
            self._checkup.mend(path, only)

    def _show(self) -> None:
        checkup = self._checkup
        fresh = checkup.result is not None and not checkup.running
        self.start.setText(STOP if checkup.running else AGAIN if checkup.result else CHECK)
        self.start.setEnabled(checkup.path is not None)
        self.program.show_key(checkup.program)
        self.outcome.setText(self._in_words())
        mark(self.outcome, "quiet", not fresh)
        fixable = sum(finding.fixable for finding in self._findings) if fresh else 0
        self.fix_all.setText(f"Fix all {fixable}…")
        self.fix_all.setVisible(fixable > 1)
        self.mended.show_written(checkup.mended.fixed if checkup.mended else None)
        if self._shown is not checkup.result:
            self._shown = checkup.result
            self._fill()
        for card in self.cards:
            card.setEnabled(fresh)

    @property
    def _findings(self) -> tuple[Finding, ...]:
        return self._checkup.result.findings if self._checkup.result else ()

    def _in_words(self) -> str:
        checkup = self._checkup
        if checkup.path is None:
            return NO_FILE
        if checkup.running:
            return f"Checking {checkup.path.name}…"
        if isinstance(checkup.failed, Cancelled):
            return STOPPED
        if checkup.failed is not None:
            return in_words(checkup.failed).sentence
        if checkup.result is None:
            return NOT_YET
        if checkup.result.findings:
            return checkup.result.counts
        return CLEAN_FOR.format(PROGRAMS[checkup.program]) if checkup.program else CLEAN

    def _fill(self) -> None:
        for card in self.cards:
            self._cards.removeWidget(card)
            card.deleteLater()
        alone = len(self._findings) == 1
        self.cards = tuple(FindingCard(finding, alone=alone) for finding in self._findings)
        for card in self.cards:
            self._cards.addWidget(card)
            card.fix.clicked.connect(lambda _on, name=card.finding.rule: self._ask_mend(name))


class FindingCard(QWidget):
    """One finding: how bad and what, and by a click where, what it will cause, what to do."""

    def __init__(self, finding: Finding, *, alone: bool) -> None:
        super().__init__()
        self.finding = finding
        word, picture, color = LOOKS[finding.severity]
        self.severity = head(word)
        self.severity.setProperty(color, True)
        self.fix = QPushButton("Fix…")
        self.fix.setVisible(finding.fixable)
        done = rules()[finding.rule].fix
        self.fix.setToolTip(f"Write a new file: {done}, and all other bytes are the same.")
        self.fix.setAccessibleName(f"Fix: {finding.what}")
        self.what = wrapped(copied(QLabel()))
        self.details = QWidget()
        facts = Facts()
        facts.setContentsMargins(0, 0, 0, 0)
        self.details.setLayout(facts)
        self.more = icon_button("fold", MORE, self._turn)
        self.more.setAccessibleName(f"Details: {finding.what}")
        for name, text in (
            ("Where", finding.where),
            ("Causes", finding.causes),
            ("To do", finding.mend),
        ):
            label = wrapped(copied(QLabel(text)))
            label.setMinimumWidth(18 * STEP)
            facts.add(name, label).setAlignment(Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(rule())
        picture_label = tinted_label(picture, color=color)
        column.addLayout(row(picture_label, self.severity, 1, self.fix, self.more))
        column.addWidget(self.what)
        column.addWidget(self.details)
        self.show_details(alone)

    def show_details(self, shown: bool) -> None:
        """Show all of it, or one line."""
        self._open = shown
        self.details.setVisible(shown)
        name_icon(self.more, "unfold" if shown else "fold")
        self.what.setWordWrap(shown)
        self._say_what()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """One line is as long as there is room."""
        super().resizeEvent(event)
        self._say_what()

    def _turn(self) -> None:
        self.show_details(not self._open)

    def _say_what(self) -> None:
        whole, right = _sentence(self.finding.what), Qt.TextElideMode.ElideRight
        metrics = self.what.fontMetrics()
        self.what.setText(whole if self._open else metrics.elidedText(whole, right, self.width()))
        self.what.setToolTip("" if self._open else whole)


class MendedBox(QFrame):
    """The file that was written last, and a button that opens it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("noticeBox")
        self._desk = desk
        self._path: Path | None = None
        self.told = copied(QLabel())
        wrapped(self.told).setMinimumWidth(18 * STEP)
        self.open = QPushButton("Open it")
        self.open.setToolTip("Open the mended file instead of the one that is open now.")
        self.open.clicked.connect(lambda _checked: self._open())
        column = QVBoxLayout(self)
        column.setContentsMargins(STEP, STEP, STEP, STEP)
        column.setSpacing(STEP)
        column.addWidget(self.told)
        column.addLayout(row(1, self.open))
        self.hide()

    def show_written(self, path: Path | None) -> None:
        """Name the file; None for none."""
        self._path = path
        self.told.setText(f"Wrote {by_folder([path])}." if path is not None else "")
        self.setVisible(path is not None)

    def _open(self) -> None:
        if self._path is not None:
            self._desk.open_wanted.emit(self._path)


def tab_title(checkup: Checkup) -> str:
    """The panel's name, with how much there is to read in it."""
    found = len(checkup.result.findings) if checkup.result else 0
    return f"Check ({found})" if found else "Check"


def in_short(checkup: Checkup) -> str:
    """For the status bar: "2 warnings", "" where the open file was not checked."""
    if checkup.result is None or checkup.running:
        return ""
    return checkup.result.counts if checkup.result.findings else "No rule broken"


def worst_icon(checkup: Checkup) -> str:
    """The icon of the worst that was found."""
    found = checkup.result.findings if checkup.result else ()
    return LOOKS[found[0].severity][1] if found else "check"


def _sentence(what: str) -> str:
    return f"{sentence(what).rstrip('.')}."
