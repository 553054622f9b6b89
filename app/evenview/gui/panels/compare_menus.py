"""What can be done with a comparison: shown on the sphere, saved, copied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QToolButton, QWidget

from evenview.core.selection import BinSet, Step
from evenview.gui import edits
from evenview.gui.beside import beside
from evenview.gui.compare_found import AGREEING, DISAGREEMENT
from evenview.gui.comparing import Comparing
from evenview.gui.desk import Desk
from evenview.gui.files import ask_save, particle_kinds
from evenview.gui.widgets import text_button
from evenview.tasks.compare import CompareResult, Outputs

TABLES = "Comma-separated text (*.csv)"
SHOW = "Colour sphere and chart by what was found, or select where most particles disagree."
SAVE = "Write particles of A or of B, or a table of all that were matched."
SUBSET = (
    "Those of {0} that {1}, byte for byte in its own format. Particles that are not in both files "
    "are left out. Files that were read are never written over."
)
DISAGREE, AGREE = "disagree", "agree"
NONE_DISAGREE = "In no bin more than half of the particles disagree; the selection stays as it was."


class CompareMenus(QObject):
    """Three buttons with menus.

    Signals
    -------
    copied
        What is to be copied: "all", "matrix" or "command".
    said
        A word for the status bar.
    """

    copied = pyqtSignal(str)
    said = pyqtSignal(str)

    def __init__(self, desk: Desk, comparing: Comparing, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk, self._comparing, self._parent = desk, comparing, parent
        self.show_on, show = _menu("Show ▾", SHOW)
        self.save, save = _menu("Save ▾", SAVE)
        self.copy, copy = _menu("Copy ▾", "Copy what was found as text.")
        self.buttons = (self.show_on, self.save, self.copy)
        self._fill_show(show)
        self._fill_save(save)
        self.copy_all = _act(copy, "Everything", "All numbers in words.", self._copier("all"))
        self.copy_matrix = _act(
            copy, "Rotation matrix", "What turns A's map into B's frame.", self._copier("matrix")
        )
        self.copy_command = _act(
            copy,
            "Command that turns A",
            "Writes A's poses in B's frame. File › Turn, move or mirror the map takes the numbers, "
            "too.",
            self._copier("command"),
        )
        self._made: tuple[Path | None, tuple[Step, ...]] = (None, ())
        comparing.changed.connect(self._allow)
        comparing.changed.connect(self._unselect)
        self._allow()

    def _fill_show(self, menu: QMenu) -> None:
        self.by_error = _act(
            menu,
            "Colour by direction error",
            "The mean angle between the views of A and B, over the particles of each bin.",
            lambda: self._color_by(DISAGREEMENT),
        )
        self.by_share = _act(
            menu,
            "Colour by agreeing share",
            "The part of the particles in each bin that agree.",
            lambda: self._color_by(AGREEING),
        )
        self.select = _act(
            menu,
            "Select bins that disagree",
            "Bins in which more than half of the matched particles disagree.",
            self._select,
        )

    def _fill_save(self, menu: QMenu) -> None:
        self.subsets: dict[tuple[str, str], QAction] = {}
        sides: tuple[Literal["A", "B"], ...] = ("A", "B")
        for of in sides:
            for which in (DISAGREE, AGREE):
                self.subsets[which, of] = _act(
                    menu,
                    f"Save {which}ing of {of}…",
                    SUBSET.format(of, which),
                    self._saver(which, of),
                )
        menu.addSeparator()
        self.save_table = _act(
            menu,
            "Save per-particle table (CSV)…",
            "A line for each matched particle: rows, errors, symmetry operator, probability.",
            self._save_table,
        )

    def _copier(self, what: str) -> Callable[[], None]:
        return lambda: self.copied.emit(what)

    def _saver(self, which: str, of: Literal["A", "B"]) -> Callable[[], None]:
        return lambda: self._save_subset(which, of)

    def _allow(self) -> None:
        """What there is something to do with."""
        result = self._comparing.result
        related = result is not None and result.found.related
        for action in (self.by_error, self.by_share, self.select, self.copy_matrix):
            action.setEnabled(related)
        self.copy_command.setEnabled(bool(result and result.turning))
        for (which, _), action in self.subsets.items():
            action.setEnabled(related and _has(result, which))

    def _color_by(self, key: str) -> None:
        quantity = f"rows:{key}"
        self._desk.document.edit("Colour by", lambda plan: edits.color_by(plan, quantity))

    def _select(self) -> None:
        display, document = self._desk.display, self._desk.document
        particles = document.particles
        if display is None or particles is None:
            return
        share = document.beside.mean(AGREEING, display.binning, particles).values
        most_disagree = np.flatnonzero(share < 0.5)
        if not most_disagree.size:
            self.said.emit(NONE_DISAGREE)
            return
        bins = BinSet(display.binning.grid.name, tuple(most_disagree.tolist()))
        document.edit("Select bins that disagree", lambda plan: edits.select(plan, bins, "replace"))
        self._made = (self._comparing.path, document.plan.selection)

    def _unselect(self) -> None:
        """With another file, bins that were selected by the one before mean nothing."""
        (of, steps), document = self._made, self._desk.document
        if not steps or of == self._comparing.path:
            return
        self._made = (None, ())
        if self._comparing.path is not None and document.plan.selection == steps:
            document.edit("Clear selection", edits.clear)

    def _save_subset(self, which: str, of: Literal["A", "B"]) -> None:
        result = self._comparing.result
        if result is None:
            return
        source = (result.a if of == "A" else result.b).table.path
        path = self._ask(f"Save {which}ing of {of}", particle_kinds(), source, f"{which}ing")
        if path is not None:
            agree = which == AGREE
            self._comparing.write(
                Outputs(agreeing=path, of=of) if agree else Outputs(disagreeing=path, of=of)
            )

    def _save_table(self) -> None:
        result = self._comparing.result
        if result is None:
            return
        path = self._ask("Save table", TABLES, result.a.table.path, "compared", ".csv")
        if path is not None:
            self._comparing.write(Outputs(table=path))

    def _ask(
        self, title: str, kinds: str, source: Path, word: str, suffix: str = ""
    ) -> Path | None:
        return ask_save(self._parent, title, kinds, beside(source, word, suffix))


def _has(result: CompareResult | None, which: str) -> bool:
    if result is None:
        return False
    return bool((result.agrees if which == AGREE else ~result.agrees).any())


def _menu(text: str, tip: str) -> tuple[QToolButton, QMenu]:
    button = text_button(text, tip)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(button)
    menu.setToolTipsVisible(True)
    button.setMenu(menu)
    return button, menu


def _act(menu: QMenu, text: str, tip: str, run: Callable[[], None]) -> QAction:
    action = QAction(text, menu)
    action.setToolTip(tip)
    action.triggered.connect(lambda _checked: run())
    menu.addAction(action)
    return action
