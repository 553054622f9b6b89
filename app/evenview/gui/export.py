"""Export: write the kept particles, the excluded ones, and how it was done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QApplication, QDialog, QPushButton, QVBoxLayout, QWidget

from evenview.core.display import Display
from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.progress import Cancelled
from evenview.core.weights import bin_weights
from evenview.document import cause
from evenview.gui.beside import beside
from evenview.gui.desk import Desk
from evenview.gui.errors import in_words
from evenview.gui.files import TargetField, by_folder, is_there, names, particle_kinds
from evenview.gui.options import in_this_window
from evenview.gui.text import NONE_SELECTED, counted, share
from evenview.gui.weights_choice import WeightsChoice
from evenview.gui.widgets import STEP, copied, head, lead, mark, quiet, row, wrapped
from evenview.tasks import check, rebalance, weigh

#: The kind of work that writing particles is, by which the window knows that it is under way.
EXPORT = "export"
#: The kind of work that looking through the open file beforehand is, and how much of it is told.
LOOK, AHEAD = "export look", 3
NEVER = "The file that is open is never written to."
AGAIN = "Files of that name are there already. Press again to replace them."
COPIED = "In the open file, and copied with its rows:"
WRITE, REPLACE = "Export", "Replace and export"
#: What the particles that are written first are called, and their file.
KEPT, WEIGHTED = ("Kept particles", "kept"), ("Weighted particles", "weighted")


class ExportDialog(QDialog):
    """Three names and a button; it stays open beside the window and holds nothing up.

    Signals
    -------
    check_wanted
        What was warned of is to be read in full.
    """

    check_wanted = pyqtSignal()

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        self._desk = desk
        self._seen: frozenset[Path] = frozenset()
        self._settling = False
        self._looked_at: Particles | None = None
        self._folder: Path | None = None
        self.weights = WeightsChoice()
        self.weights.changed.connect(self._on_weights)
        self._make_fields()
        self._make_words()
        self._make_buttons()
        self._lay_out()
        self.kept.changed.connect(self._follow_folder)
        for field in self._all_fields:
            field.changed.connect(self._show_replaced)
        desk.document.display_changed.connect(self._on_display)
        desk.document.opened.connect(self._propose)

    def _make_fields(self) -> None:
        self.kept = TargetField(
            KEPT[0],
            "The rows that stay, byte for byte as they were, in the format of the source. For "
            ".cs files the passthrough is written beside it.",
            particle_kinds(),
            optional=False,
        )
        self.excluded = TargetField(
            "Excluded particles",
            "The rows that leave, so that nothing is lost. Together both files hold every particle "
            "exactly once.",
            particle_kinds(),
        )
        self.recipe = TargetField(
            "Recipe",
            "A small JSON file with the plan, the seed and the hashes of the inputs. 'evenview "
            "replay' makes the same files from it again.",
            "Recipes (*.json)",
        )
        self._all_fields = (self.kept, self.excluded, self.recipe)

    def _make_words(self) -> None:
        self.outcome = head("")
        self.told = copied(wrapped(quiet("")))
        self.ahead = wrapped(quiet(""))
        self.ahead.setTextFormat(Qt.TextFormat.PlainText)
        self.ahead.hide()

    def _make_buttons(self) -> None:
        self.write = QPushButton(WRITE)
        self.write.setObjectName("primary")
        self.write.setDefault(True)
        self.write.clicked.connect(lambda _checked: self.export())
        self.to_check = QPushButton("Read more in Check")
        self.to_check.setToolTip("What each warning means, and a fix where one is safe.")
        self.to_check.clicked.connect(lambda _checked: self.check_wanted.emit())
        self.to_check.hide()
        self.shut = QPushButton("Close")
        self.shut.clicked.connect(self.hide)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * STEP, 2 * STEP, 2 * STEP, 2 * STEP)
        column.setSpacing(STEP)
        for part in (self.outcome, self.weights, *self._all_fields, self.ahead, self.told):
            column.addWidget(part)
        column.addStretch(1)
        column.addLayout(row(self.to_check, 1, self.shut, self.write))

    def ask(self) -> None:
        """Show the dialog with names that fit the open file."""
        if self.kept.line.text():
            self._show_replaced()
        else:
            self._propose()
        if self._desk.display is not None:
            self._on_display(None, self._desk.display)
        self.show()
        self.raise_()
        self.activateWindow()
        self._look()

    def export(self) -> None:
        """Write what the preview shows; what is to be replaced is shown first, by itself."""
        display = self._desk.display
        kept = self.kept.path
        if display is None or kept is None:
            self._failed(UserError("The kept particles have no file name"))
            return
        there = self._warn()
        if not there <= self._seen:
            self._ask_again(there)
            return
        self._desk.jobs.drop(LOOK)
        self._tell("Writing…")
        self._start(display, kept)
        self._allow()

    def _start(self, display: Display, kept: Path) -> None:
        jobs, recipe, weighting = self._desk.jobs, self.recipe.path, self.weights.weighting
        particles, plan = display.particles, display.plan
        title = "Exporting"
        if weighting is not None:
            weights = weigh.WeighRequest(particles, plan, kept, weighting, recipe)
            jobs.run(EXPORT, title, lambda p: weigh.run(weights, p), self._done, self._failed)
        else:
            parts = rebalance.RebalanceRequest(particles, plan, kept, self.excluded.path, recipe)
            jobs.run(EXPORT, title, lambda p: rebalance.run(parts, p), self._done, self._failed)

    @property
    def _fields(self) -> tuple[TargetField, ...]:
        """Those of files that will be written."""
        if self.weights.weighting is not None:
            return self.kept, self.recipe
        return self._all_fields

    def _on_weights(self) -> None:
        """Nothing is excluded where particles are weighted."""
        path, on = self._desk.document.path, self.weights.weighting is not None
        (title, word), (_, other) = (WEIGHTED, KEPT) if on else (KEPT, WEIGHTED)
        self.kept.wanted.setText(title)
        self.kept.line.setAccessibleName(title)
        if path is not None and self.kept.path == beside(path, other, path.suffix):
            self.kept.set_path(beside(path, word, path.suffix))
        self.excluded.setEnabled(not on)
        self.excluded.warn("")
        self._show_replaced()
        if self._desk.display is not None:
            self._on_display(None, self._desk.display)

    def _look(self) -> None:
        """Look through the open file, once: its rows are copied with what is wrong in them."""
        particles = self._desk.document.particles
        if particles is None or particles is self._looked_at:
            return

        def found(result: check.CheckResult) -> None:
            self._looked_at = particles
            self._tell_ahead(result.warnings)

        request = check.CheckRequest(particles)
        title = f"Checking {particles.table.path.name}"
        self._desk.jobs.run(LOOK, title, lambda p: check.run(request, p), found, _say_nothing)

    def _tell_ahead(self, warnings: Sequence[str]) -> None:
        """What is copied along; Check has all of it."""
        more = len(warnings) - AHEAD
        lines = [COPIED, *warnings[:AHEAD], *([f"{more} more in Check."] if more > 0 else [])]
        self.ahead.setText("\n".join(lines) if warnings else "")
        self.ahead.setVisible(bool(warnings))
        self.to_check.setVisible(bool(warnings))

    def _show_replaced(self) -> None:
        """Nothing holds the window before a file is written over, so it is said beforehand."""
        self._lead_with(self.write)
        self.ahead.setVisible(bool(self.ahead.text()))
        self._warn()
        self._forget_seen()
        self._tell(NEVER)

    def _warn(self) -> frozenset[Path]:
        """Say at each name what would be replaced; returns all of that."""
        replaced: set[Path] = set()
        for field in self._fields:
            there = self._there(field)
            field.warn(f"Will be replaced: {names(there)}" if there else "")
            replaced.update(there)
        return frozenset(replaced)

    def _there(self, field: TargetField) -> list[Path]:
        """The files to be written for a name that are there already; never the open ones."""
        path, particles = field.path, self._desk.document.particles
        if path is None or not path.name or particles is None:
            return []
        targets = (path,) if field is self.recipe else particles.table.targets(path)
        sources = {source.resolve() for source in particles.table.sources}
        return [file for file in targets if is_there(file) and file.resolve() not in sources]

    def _ask_again(self, there: frozenset[Path]) -> None:
        """The next press replaces; the second half of a double click is none."""
        self._seen = there
        self._tell(AGAIN, warn=True)
        self.write.setText(REPLACE)
        self._settling = True
        self._allow()
        QTimer.singleShot(QApplication.doubleClickInterval(), self._settle)

    def _settle(self) -> None:
        self._settling = False
        self._allow()
        if self.isActiveWindow():
            self.write.setFocus()

    def _forget_seen(self) -> None:
        self._seen = frozenset()
        self.write.setText(WRITE)

    def _allow(self) -> None:
        """The button can be pressed where there is something to write, once at a time."""
        desk = self._desk
        thinned = desk.display is not None and desk.display.quotas is not None
        busy = self._settling or desk.jobs.is_running(EXPORT)
        self.write.setEnabled(thinned and not desk.lacks_selection and not busy)

    def _tell(self, words: str, *, warn: bool = False) -> None:
        self.told.setText(words)
        mark(self.told, "warn", warn)

    def _done(self, result: rebalance.RebalanceResult | weigh.WeighResult) -> None:
        self._end()
        files = [*result.kept, *result.excluded, *([result.recipe] if result.recipe else [])]
        self.to_check.setVisible(bool(result.warnings))
        warned = "".join(f"\nWarning: {warning}" for warning in result.warnings)
        if warned:
            self.ahead.hide()
        self._tell(f"Wrote {by_folder(files)}.{warned}")
        self._lead_with(self.shut)

    def _failed(self, error: Exception) -> None:
        self._end()
        error = in_this_window(cause(error))
        why = "" if isinstance(error, Cancelled) else f" {in_words(error).sentence}"
        self._tell(f"Nothing was written.{why}", warn=bool(why))
        self._desk.failed.emit(error)

    def _lead_with(self, button: QPushButton) -> None:
        """The button that is to be pressed next, by Enter too."""
        for other in (self.write, self.shut):
            lead(other, other is button)
            other.setDefault(other is button)
        if button is self.shut and self.isActiveWindow():
            button.setFocus()

    def _end(self) -> None:
        """Another export can follow; what it would replace is said when it is asked for."""
        self._forget_seen()
        for field in self._fields:
            field.warn("")
        self._allow()

    def _on_display(self, _before: Display | None, after: Display) -> None:
        kept, total = after.summary.after.particles, after.summary.before.particles
        self._allow()
        if after.quotas is None:
            self.outcome.setText("Choose a strategy first: nothing is thinned yet.")
            return
        if self._desk.lacks_selection:
            self.outcome.setText(NONE_SELECTED)
            return
        if self.weights.weighting is not None:
            counting = bin_weights(after) @ after.binning.decision_counts
            counts_as = round(float(counting)) + after.summary.before.unplaced
            self.outcome.setText(
                f"{counted(total, 'particle')} kept, with weights: they count as {counts_as:,}"
            )
            return
        self.outcome.setText(
            f"{counted(kept, 'particle')} kept ({share(kept, total)}), "
            f"{counted(total - kept, 'particle')} excluded"
        )

    def _propose(self) -> None:
        path = self._desk.document.path
        if path is None:
            return
        self._desk.jobs.drop(LOOK)
        self._looked_at = None
        self._tell_ahead(())
        if self._desk.document.particles is not None:
            self.weights.offer(self._desk.document.particles)
        if self.isVisible():
            self._look()
        for field, word, suffix in (
            (self.kept, (KEPT if self.weights.weighting is None else WEIGHTED)[1], path.suffix),
            (self.excluded, "excluded", path.suffix),
            (self.recipe, "recipe", ".json"),
        ):
            field.set_path(beside(path, word, suffix))
        self._folder = beside(path, KEPT[1]).parent
        self._show_replaced()

    def _follow_folder(self) -> None:
        """What lay beside the first file goes with it to another folder."""
        kept = self.kept.path
        if kept is None or kept.parent == self._folder or not kept.parent.is_dir():
            return
        for field in (self.excluded, self.recipe):
            if field.proposed is not None and field.proposed.parent == self._folder:
                field.set_path(kept.parent / field.proposed.name)
        self._folder = kept.parent


def _say_nothing(_error: Exception) -> None:
    """A file that could not be looked through can be exported all the same; that is told then."""
