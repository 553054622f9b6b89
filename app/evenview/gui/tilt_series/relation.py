"""How the tomograms of two descriptions relate, and the command that takes particles along."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtWidgets import QVBoxLayout

from evenview.core.errors import UserError
from evenview.core.tilt.packages import PACKAGES
from evenview.gui.desk import Desk
from evenview.gui.fields import Choice
from evenview.gui.text import typeset
from evenview.gui.tilt_series.finding import Finding
from evenview.gui.tilt_series.moving import MovingForm
from evenview.gui.tilt_series.parts import Column, CommandBox
from evenview.gui.tilt_series.words import told
from evenview.gui.widgets import (
    STEP,
    button,
    head,
    mark,
    quiet,
    row,
    rule,
    to_clipboard,
    words_label,
)
from evenview.tasks import tilt_relation_words
from evenview.tasks.tilt_relation_words import RELATIONS
from evenview.tasks.tilt_result import TiltResult

ONE = (
    "One description is read. Add another one of the same images, and how the two tomograms relate "
    "is said here."
)
ONTO = (
    "The tomogram that particles are to fit: that of another series, or what a package makes of "
    "the axis and angles of the first as they are."
)
#: Series that the headline has a line of; all are at Relation and particles.
_LINES = 4
COMMAND = "The same from the terminal. Names of files are filled in when they are chosen below."
IMAGES = "Poses of single 2-D images cut out of the tilts: "


class RelationPart(Column):
    """Each series against the first, a tomogram to go to, the command, and a form that writes."""

    def __init__(self, finding: Finding, desk: Desk) -> None:
        super().__init__()
        self._finding, self._chosen = finding, ""
        self.relations, self.line = words_label(), rule()
        self.onto = Choice[str](tip=ONTO)
        self.onto.setAccessibleName("Particles of the first tomogram, for")
        self.onto.setMinimumContentsLength(34)
        self.said = words_label()
        self.command = CommandBox("Command")
        self.command.setToolTip(COMMAND)
        self.terminal = quiet("From the terminal", COMMAND)
        self.copy = button("Copy the command", COMMAND, self._copy)
        self.images = words_label()
        mark(self.images, "quiet", True)
        self.form = MovingForm(desk)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, STEP, STEP, 0)
        column.setSpacing(STEP)
        column.addWidget(self.relations)
        column.addWidget(self.line)
        column.addWidget(head("Particles of the first tomogram, rewritten for another"))
        column.addLayout(row(quiet("For", ONTO), self.onto, 1))
        column.addWidget(self.said)
        column.addWidget(self.form)
        column.addLayout(row(self.terminal, 1, self.copy))
        column.addWidget(self.command)
        column.addWidget(self.images)
        column.addStretch(1)
        finding.changed.connect(self._show)
        self.onto.chosen.connect(self._on_chosen)
        self.form.changed.connect(self._show_command)

    @property
    def _target(self) -> TiltResult | None:
        key, look = self.onto.key, self._finding.look
        if look.result is None or not key:
            return None
        return look.onto(int(key) if key.isdigit() else key)

    def _show(self) -> None:
        result = self._finding.look.result
        if result is None:
            return
        found = relation_words(result)
        self.relations.setText("\n\n".join(map(": ".join, found)) or ONE)
        mark(self.relations, "quiet", not found)
        for part in (self.relations, self.line):
            part.setVisible(len(found) != 1)  # that of two is said above
        names = [(str(k), f"{_called(result, k)}") for k in range(1, len(result.series))]
        own = PACKAGES[result.first.package]
        names += [
            (key, f"what {package.title} makes of these numbers")
            for key, package in PACKAGES.items()
            if package.sign != own.sign
        ]
        self.onto.set_items(names)
        keys = [key for key, _ in names]
        self.onto.show_key(self._chosen if self._chosen in keys else keys[0])
        self._show_onto()

    def _on_chosen(self, key: str) -> None:
        self._chosen = key
        self._show_onto()

    def _show_onto(self) -> None:
        """What the tomogram that was chosen is against the first."""
        target = self._target
        if target is None or target.other is None:
            return
        why_not = target.why_not
        movable = why_not is None
        said = f"It is {RELATIONS[target.other.kind]}." if why_not is None else told(why_not)
        self.said.setText(said)
        for part in (self.terminal, self.copy, self.command, self.images):
            part.setVisible(movable)
        self.form.setVisible(movable)
        self.images.setText(IMAGES + (typeset(target.transform) or "they stay as they are."))
        self.form.take(target if movable else None)
        self._show_command()

    def _show_command(self) -> None:
        target = self._target
        if target is not None:
            try:
                target = self.form.given(target)
            except UserError:
                return  # said where it is typed
            asked = replace(target.request, particles=self.form.asked)
            self.command.show_command(replace(target, request=asked).command)

    def _copy(self) -> None:
        to_clipboard(self.command.command + "\n")


def headline(result: TiltResult) -> tuple[str, str]:
    """Which series are compared, and how they relate, a line each of several; "" of one."""
    if len(result.compared) == 1:
        return relation_words(result)[0]
    if not result.compared:
        return "", ""
    lines = [
        f"{_called(result, place)}: {typeset(tilt_relation_words.in_short(each))}."
        for place, each in enumerate(result.compared[:_LINES], 1)
    ]
    more = len(result.compared) - len(lines)
    lines += [f"{more} more at Relation and particles."] if more else []
    return f"{len(result.compared)} series against {_called(result, 0)}", "\n".join(lines)


def relation_words(result: TiltResult) -> list[tuple[str, str]]:
    """Each further series against the first: which, and how they relate."""
    first = result.first
    found = []
    for place, other in enumerate(result.compared, 1):
        words = " ".join(tilt_relation_words.relation_words(first, other))
        found.append((f"{_called(result, place)} against {_called(result, 0)}", typeset(words)))
    return found


def _called(result: TiltResult, place: int) -> str:
    series = result.series[place]
    name = series.files[0].name if series.files else series.name
    return f"{name} ({PACKAGES[series.package].title})"
