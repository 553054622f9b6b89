"""Rebalance: a strategy, its numbers, who goes first. What it shows is what an export writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QPushButton, QSpinBox, QVBoxLayout, QWidget

from evenview.core.display import Display
from evenview.core.plan import Order, Plan, Thinning
from evenview.core.thinning import BinTable, Strategy
from evenview.gui import edits
from evenview.gui.desk import Desk
from evenview.gui.elided import Elided
from evenview.gui.fields import Choice, style_box
from evenview.gui.form import ParameterForm
from evenview.gui.text import NONE_SELECTED, counted, share, whole
from evenview.gui.widgets import (
    STEP,
    Facts,
    head,
    icon_button,
    name_icon,
    number_font,
    panel_column,
    quiet,
    row,
    rule,
    scroller,
    wrapped,
)
from evenview.strategies import files, started, strategies

RANDOM = ""
ONLY_SELECTED = "Only in the selection"
#: Pixels of the choice above a form, and those that it and the form are given at least.
CHOICE, FORM = 12 * STEP, 22 * STEP
NOTHING_THINNED = "Every particle stays. Choose a strategy to thin crowded views."


class RebalancePanel(QWidget):
    """The strategy and its form, wishes about the rows, the outcome, and Export.

    Signals
    -------
    export_wanted
        The Export button was pressed.
    """

    export_wanted = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.form = ParameterForm()
        self.form.changed.connect(self._set_strategy)
        self.form.file_chosen.connect(self._follow)
        body = QWidget()
        column = panel_column(body)
        column.addLayout(self._choice())
        column.addWidget(self.form)
        self._wishes = self._more()
        column.addWidget(self._wishes)
        column.addStretch(1)
        frame = QVBoxLayout(self)
        frame.setContentsMargins(0, 0, 0, 0)
        frame.setSpacing(0)
        self._body = scroller(body)
        frame.addWidget(self._body, 1)
        frame.addWidget(rule())
        frame.addWidget(self._outcome())
        desk.document.opened.connect(self._on_opened)
        desk.document.display_changed.connect(self._on_display)
        desk.after_changed.connect(self.preview.setChecked)
        self._show(None)

    @property
    def spare(self) -> int:
        """Pixels of height with nothing in them."""
        body = self._body.widget()
        return max(0, self._body.height() - body.sizeHint().height()) if body is not None else 0

    def _choice(self) -> QVBoxLayout:
        tip = (
            "How crowded views are thinned. Nothing is written before Export, and the excluded "
            "particles can be written too."
        )
        names = [(RANDOM, "Keep everything")]
        names += [(name, kind.title) for name, kind in strategies().items()]
        self.strategy = Choice(names, tip)
        self.strategy.setAccessibleName("Strategy")
        self.strategy.chosen.connect(self.choose)
        self.about = Elided(2)
        self.about.setProperty("quiet", True)
        column = QVBoxLayout()
        column.addWidget(self.strategy)
        column.addWidget(self.about)
        return column

    def _more(self) -> QWidget:
        body = QWidget()
        facts = Facts()
        facts.setContentsMargins(0, 0, 0, 0)
        self.order = Choice(
            [(RANDOM, "Random")],
            "Which particles of a crowded bin stay: drawn at random, or the best of a column. A "
            "column that follows the view, such as a score, can bring a bias of its own.",
        )
        self.order.chosen.connect(self._set_order)
        self.order.setAccessibleName("Keep first")
        self.direction = icon_button(
            "descending", "Highest values stay. Click to keep the lowest.", self._turn_order
        )
        facts.add("Keep first", row(self.order, self.direction))
        self.seed = QSpinBox()
        self.seed.setRange(0, 999_999)
        style_box(self.seed, width=72)
        self.seed.setAccessibleName("Seed")
        self.seed.setToolTip(
            "The same seed draws the same particles again. It also settles ties in a column."
        )
        self.seed.valueChanged.connect(lambda seed: self._wish("Seed", seed=seed))
        self.minimum = QSpinBox()
        self.minimum.setRange(0, 1_000_000)
        style_box(self.minimum, width=72)
        self.minimum.setToolTip(
            "No bin is thinned below this many particles. Bins that hold fewer keep all."
        )
        self.minimum.valueChanged.connect(lambda n: self._wish("Minimum in a bin", minimum=n))
        facts.add(
            "Leave at least", row(self.minimum, 1, quiet("seed", self.seed.toolTip()), self.seed)
        )
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(facts)
        self.halves = self._check(
            "Thin half-sets alike",
            "Each half-set loses the same share in every bin, so the halves stay balanced. No "
            "particle ever changes its half.",
            "keep_halves",
        )
        self.only_selected = self._check(
            ONLY_SELECTED,
            "Bins outside the selection keep everything. The strategy's statistics are still taken "
            "over the whole sphere.",
            "only_selected",
        )
        column.addWidget(self.halves)
        column.addWidget(self.only_selected)
        return body

    def _check(self, title: str, tip: str, wish: str) -> QCheckBox:
        box = QCheckBox(title)
        box.setToolTip(tip)
        box.toggled.connect(lambda on: self._wish(title, **{wish: on}))
        return box

    def _outcome(self) -> QWidget:
        """What the export would write; never scrolled out of sight."""
        self.problem = Elided(3)
        self.problem.setProperty("warn", True)
        self.problem.hide()
        self.outcome = wrapped(head(""))
        self.outcome.setFont(number_font(self.outcome.font()))
        self.preview = QPushButton("Show after")
        self.preview.setCheckable(True)
        self.preview.setToolTip(
            "Sphere and chart show what would be left. Hold the space bar to glance at it."
        )
        self.preview.toggled.connect(self._desk.show_after)
        self.export = QPushButton("Export…")
        self.export.setObjectName("primary")
        self.export.setToolTip(
            "Write the kept particles, and the excluded ones if you like, as new files (Ctrl+E). "
            "The rows are copied byte for byte; the file that is open is never written to."
        )
        self.export.clicked.connect(lambda _checked: self.export_wanted.emit())
        footer = QWidget()
        column = panel_column(footer)
        column.setContentsMargins(STEP + 4, STEP, STEP + 4, STEP)
        column.addWidget(self.problem)
        column.addWidget(self.outcome)
        column.addLayout(row(self.preview, 1, self.export))
        return footer

    def choose(self, name: str) -> None:
        """Thin by the strategy of a name, with numbers that make sense here; "" thins nothing."""
        if name:
            self._set_strategy(self._begun(strategies()[name]), False)
        else:
            self._desk.document.edit("Keep everything", edits.leave_all)

    def _begun(self, kind: type[Strategy]) -> Strategy:
        if self._desk.display is None:
            return kind()
        binning = self._desk.display.binning
        everywhere = np.ones(len(binning.decision_counts), dtype=np.bool_)
        bins = BinTable(binning.decision_counts, binning.decision_areas, everywhere)
        return _with_files_of(self._desk.document.plan.thinning, started(kind, bins))

    def _follow(self, name: str, path: Path) -> None:
        """Open a file for the strategy to look at, then let it, if it is still the one in force."""
        document = self._desk.document
        asking = self._kind

        def opened() -> None:
            if self._kind is asking:
                self.form.set_file(name, str(path))

        document.add_example(path, opened)

    @property
    def _kind(self) -> type[Strategy] | None:
        thinning = self._desk.document.plan.thinning
        return type(thinning.strategy) if thinning is not None else None

    def _set_strategy(self, strategy: Strategy, moving: bool) -> None:
        label = f"Rebalance: {strategy.title.lower()}"
        self._desk.document.edit(label, lambda plan: edits.thin(plan, strategy), transient=moving)

    def _set_order(self, column: str) -> None:
        thinning = self._desk.document.plan.thinning
        if thinning is not None:
            self._wish("Keep first", order=replace(thinning.order, column=column or None))

    def _turn_order(self) -> None:
        thinning = self._desk.document.plan.thinning
        if thinning is not None:
            descending = not thinning.order.descending
            self._wish("Keep first", order=replace(thinning.order, descending=descending))

    def _wish(self, label: str, **wishes: Any) -> None:
        def change(plan: Plan) -> Plan:
            return edits.thin_with(plan, **wishes)

        self._desk.document.edit(label, change)

    def _on_opened(self) -> None:
        particles = self._desk.document.particles
        if particles is None:
            return
        columns = particles.table.numeric_columns
        self.order.set_items([(RANDOM, "Random"), *((name, _short(name)) for name in columns)])
        self.halves.setVisible(particles.halves is not None)

    def _on_display(self, _before: Display | None, after: Display) -> None:
        self._show(after.plan.thinning)
        self._show_outcome(after)

    def _show(self, thinning: Thinning | None) -> None:
        self._show_strategy(thinning.strategy if thinning else None)
        self._wishes.setVisible(thinning is not None)
        if thinning is None:
            return
        self.order.show_key(thinning.order.column or RANDOM)
        self._show_turn(thinning.order)
        for box, value in ((self.seed, thinning.seed), (self.minimum, thinning.minimum)):
            with QSignalBlocker(box):
                box.setValue(value)
        for check, on in (
            (self.halves, thinning.keep_halves),
            (self.only_selected, thinning.only_selected),
        ):
            with QSignalBlocker(check):
                check.setChecked(on)

    def _show_turn(self, order: Order) -> None:
        self.direction.setEnabled(order.column is not None)
        name_icon(self.direction, "descending" if order.descending else "ascending")
        keep, turn = ("Highest", "lowest") if order.descending else ("Lowest", "highest")
        self.direction.setToolTip(f"{keep} values stay. Click to keep the {turn}.")

    def _show_strategy(self, strategy: Strategy | None) -> None:
        self.form.setVisible(strategy is not None)
        self.strategy.show_key(strategy.name if strategy else RANDOM)
        self.about.say(
            strategy.help.partition(". ")[0].rstrip(".") + "." if strategy else NOTHING_THINNED,
            strategy.help if strategy else NOTHING_THINNED,
        )
        if strategy is not None:
            self.form.show_value(strategy, self._most())
        needed = self.form.sizeHint().height() if strategy is not None else 0
        self._body.setMinimumHeight(min(CHOICE + needed, FORM))

    def _most(self) -> dict[str, float]:
        if self._desk.display is None:
            return {}
        counts = self._desk.display.binning.decision_counts
        present = float(max(2, counts.sum()))
        return {"cap": float(max(2, counts.max())), "target": present, "particles": present}

    def _show_outcome(self, display: Display) -> None:
        self.problem.say(str(display.problem) if display.problem else "")
        self.problem.setVisible(display.problem is not None)
        self.outcome.setVisible(display.quotas is not None)
        self.preview.setEnabled(display.quotas is not None)
        self.export.setEnabled(display.quotas is not None and not self._desk.lacks_selection)
        bins = int(display.selected.sum())
        selection = f" ({counted(bins, 'bin')})" if bins else ""
        self.only_selected.setText(ONLY_SELECTED + selection)
        if display.quotas is None:
            return
        if self._desk.lacks_selection:
            self.outcome.setText(NONE_SELECTED)
            return
        before, after = display.summary.before.particles, display.summary.after.particles
        self.outcome.setText(
            f"{whole(after)} kept ({share(after, before)}), {whole(before - after)} excluded"
        )


def _with_files_of(before: Thinning | None, strategy: Strategy) -> Strategy:
    """A strategy that looks at the same files as the one before it."""
    names = [about.name for about in files(strategy)]
    if before is None:
        return strategy
    chosen = {n: getattr(before.strategy, n) for n in names if hasattr(before.strategy, n)}
    return replace(strategy, **chosen)


def _short(column: str) -> str:
    """RELION's labels without their common beginning, cryoSPARC's fields without their group."""
    return column.removeprefix("_").removeprefix("rln").rpartition("/")[2]
