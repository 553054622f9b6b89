"""Document: what is open, the plan, and its history. The only mutable thing below the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from psygnal import EmitLoopError, Signal

from evenview.core.beside import NOTHING, Beside, Field, RowValues
from evenview.core.display import Display, example_of
from evenview.core.errors import UserError
from evenview.core.foresight import foresee, is_known
from evenview.core.fourier_layers import is_ready
from evenview.core.layers import takes_time
from evenview.core.particles import Particles
from evenview.core.plan import ColorRange, Plan
from evenview.core.progress import Cancelled, Progress, part, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.resolve import needs_foresight, needs_fourier_bins, resolve
from evenview.core.symmetry import parse_group
from evenview.core.trade import is_known as curve_is_known
from evenview.core.volume import Volume
from evenview.formats import open_particles
from evenview.formats.volume_mrc import open_volume
from evenview.history import History
from evenview.runner import Inline, Runner

T = TypeVar("T")

#: Kinds of work of which only the newest counts. Opening is apart from the rest: who changes the
#: view of one file while another is being read still gets the other.
_OPEN, _RESOLVE, _VOLUME, _EXAMPLE = "particles", "view", "volume", "example"


class Document:
    """One particle file that is looked at, and everything done to the view of it.

    Signals
    -------
    opened
        Other particles are open now.
    display_changed
        (before, after): what is drawn has changed. Arrays that did not change are the same objects.
    history_changed
        What undo and redo would do has changed.
    volume_changed
        Another map is open, or none.
    beside_changed
        Other fields or numbers can be shown, or other files followed.
    failed
        Something did not work; what was there stays.
    refused
        An edit that cannot be (the sentence says why); the plan is what it was.
    """

    opened = Signal(Particles)
    display_changed = Signal(object, Display)
    history_changed = Signal()
    volume_changed = Signal(object)
    beside_changed = Signal(Beside)
    failed = Signal(Exception)
    refused = Signal(UserError)

    def __init__(self, runner: Runner | None = None) -> None:
        self._runner: Runner = runner if runner is not None else Inline()
        self._history = History.start(Plan())
        self._settled = self._history
        self._newest: dict[str, object] = {}
        self.particles: Particles | None = None
        self.display: Display | None = None
        self.volume: Volume | None = None
        self.volume_path: Path | None = None
        self.beside = NOTHING

    @property
    def plan(self) -> Plan:
        """What is wanted now (while work runs, `display.plan` is what is drawn)."""
        return self._history.value

    @property
    def path(self) -> Path | None:
        """The file that is open."""
        return self.particles.table.path if self.particles is not None else None

    @property
    def undo_label(self) -> str | None:
        """The name of the edit that `undo` takes back."""
        return self._history.undo_label

    @property
    def redo_label(self) -> str | None:
        """The name of the edit that `redo` brings back."""
        return self._history.redo_label

    def open(self, path: Path, reading: Reading = AS_IT_IS) -> None:
        """Open a particle file. Looks stay as they are; selection and thinning begin anew.

        `reading` says what the file leaves open; `failed` tells where it had to be said.
        """
        self._open(path, reading, plan_for)

    def choose_class(self, chosen: int | None) -> None:
        """Open the file again by its poses of one class, or of the most probable ones; the symmetry
        and how it is looked at stay."""
        if self.path is not None:
            self._open(self.path, Reading(chosen_class=chosen), plan_again)

    def _open(
        self, path: Path, reading: Reading, planned: Callable[[Particles, Plan], Plan]
    ) -> None:
        wanted, beside = self.plan, self.beside

        def work(progress: Progress) -> tuple[Particles, Display]:
            particles = open_particles(path, part(progress, 0.0, 0.7), reading)
            plan = planned(particles, wanted)
            return particles, resolve(particles, plan, None, part(progress, 0.7, 1.0), beside)

        self._start(_OPEN, f"Opening {path.name}", work, self._opened, self._tell)

    def open_volume(self, path: Path) -> None:
        """Open a map to be drawn inside the sphere."""

        def done(volume: Volume) -> None:
            self._set_volume(volume, path)

        def work(progress: Progress) -> Volume:
            progress(0.0, "reading the map")
            return open_volume(path)

        self._start(_VOLUME, f"Opening {path.name}", work, done, self._tell)

    def close_volume(self) -> None:
        """Draw no map."""
        self._drop(_VOLUME)
        self._set_volume(None, None)

    def set_fields(self, *fields: Field) -> None:
        """What can be shown on the sphere besides the particles; () takes it all away.

        A field that is shown is drawn anew, or gives way to density where it is gone.
        """
        self._set_beside(replace(self.beside, fields={field.key: field for field in fields}))
        self._show_anew("field")

    def set_rows(self, particles: Particles, *rows: RowValues) -> None:
        """What is known of each of the open particles besides their columns; () takes it all away.

        Of particles that are not open any more nothing is taken. What is shown changes as with
        `set_fields`.
        """
        if particles is self.particles:
            self._set_beside(replace(self.beside, rows={values.key: values for values in rows}))
            self._show_anew("rows")

    def _show_anew(self, kind: str) -> None:
        """Draw a quantity of some kind from what there is now."""
        if self.particles is not None and self.plan.quantity.startswith(f"{kind}:"):
            self._resolve(self.particles)

    def add_example(self, path: Path, done: Callable[[], None] = lambda: None) -> None:
        """Open another file, whose distribution a strategy can follow; then call `done`.

        It is let go when another particle file is opened.
        """
        display = self.display

        def opened(beside: Beside) -> None:
            examples = {**self.beside.examples, **beside.examples}
            self._set_beside(replace(self.beside, examples=examples))
            done()

        def work(progress: Progress) -> Beside:
            found = Beside(examples={str(path): open_particles(path, progress)})
            if display is not None:
                found.wanted(str(path), display.binning)  # so that the hand need not wait for it
            return found

        self._start(_EXAMPLE, f"Opening {path.name}", work, opened, self._tell)

    def _set_beside(self, beside: Beside) -> None:
        self.beside = beside
        self.beside_changed.emit(beside)

    def edit(self, label: str, change: Callable[[Plan], Plan], *, transient: bool = False) -> None:
        """Change the plan; `label` names the change in the Edit menu.

        A `transient` edit (a slider that still moves) replaces the last one of the same label.
        An edit that raises `UserError` is told by `refused` and leaves everything as it was.
        """
        try:
            plan = change(self.plan)
        except UserError as error:
            self._refuse(error)
            return
        self._go(self._history.edit(label, plan, transient=transient))

    def undo(self) -> None:
        """Take the last edit back."""
        self._go(self._history.undo())

    def redo(self) -> None:
        """Bring back what was taken back last."""
        self._go(self._history.redo())

    def _go(self, history: History[Plan]) -> None:
        if history is self._history:
            return
        before, self._history = self.plan, history
        self.history_changed.emit()
        if self.plan != before and self.particles is not None:
            self._resolve(self.particles)

    def _resolve(self, particles: Particles) -> None:
        plan, previous, beside = self.plan, self.display, self.beside
        if previous is not None and _needs_no_rows(previous, plan, beside):
            self._resolve_now(particles, plan, previous)
            return
        self._start(
            _RESOLVE,
            "Sorting particles",
            lambda progress: resolve(particles, plan, previous, progress, beside),
            self._settle,
            self._failed,
        )

    def _resolve_now(self, particles: Particles, plan: Plan, previous: Display) -> None:
        """What is left is a matter of bins and takes milliseconds: the hand sees it at once."""
        self._drop(_RESOLVE)
        try:
            display = resolve(particles, plan, previous, silent, self.beside)
        except Exception as error:
            self._failed(error)
        else:
            self._settle(display)

    def _start(
        self,
        slot: str,
        title: str,
        work: Callable[[Progress], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Run work whose end counts only as long as nothing newer of its slot was asked for."""
        token = self._newest[slot] = object()

        def arrive(result: T) -> None:
            if self._newest.get(slot) is token:
                done(result)

        def fail(error: Exception) -> None:
            if self._newest.get(slot) is token:
                failed(error)

        self._runner.run(slot, title, work, arrive, fail)

    def _drop(self, slot: str) -> None:
        """What runs in a slot is of no interest any more."""
        self._newest.pop(slot, None)
        self._runner.drop(slot)

    def _opened(self, result: tuple[Particles, Display]) -> None:
        self._drop(_RESOLVE)
        self._drop(_EXAMPLE)
        self.particles, display = result
        self._history = History.start(display.plan, "Open")
        self.display = None
        self._set_beside(replace(self.beside, rows={}, examples={}))  # those were of other ones
        self.opened.emit(self.particles)
        self._settle(display)
        self._show_anew("field")  # it may have changed while the file was read
        self.history_changed.emit()

    def _settle(self, display: Display) -> None:
        before, self.display = self.display, display
        self._settled = self._history
        self.display_changed.emit(before, display)

    def _failed(self, error: Exception) -> None:
        """Go back to the plan that is drawn, so that plan and picture never disagree."""
        self._history = self._settled
        self.history_changed.emit()
        self._refuse(error)

    def _refuse(self, error: Exception) -> None:
        """Let every input show again what holds, and say why."""
        if self.display is not None:
            self.display_changed.emit(self.display, self.display)
        if isinstance(error, UserError):
            self.refused.emit(error)
        else:
            self._tell(error)

    def _set_volume(self, volume: Volume | None, path: Path | None) -> None:
        self.volume, self.volume_path = volume, path
        self.volume_changed.emit(volume)

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self.failed.emit(cause(error))


def plan_for(particles: Particles, wanted: Plan) -> Plan:
    """The plan a file opens with: the looks of `wanted`, the symmetry the file names (else C1)."""
    kind, _, name = wanted.quantity.partition(":")
    gone = kind == "mean" and name not in particles.table.numeric_columns
    if gone or kind == "rows":
        wanted = _by_density(wanted)
    return replace(
        wanted,
        symmetry=_known_group(particles.symmetry),
        look="stored",
        selection=(),
        thinning=None,
    )


def _by_density(plan: Plan) -> Plan:
    return replace(plan, quantity="density", colors=ColorRange())


def plan_again(particles: Particles, wanted: Plan) -> Plan:
    """The plan the same file opens with by other poses: also the symmetry that was chosen."""
    plan = plan_for(particles, wanted)
    return replace(plan, symmetry=wanted.symmetry, look=wanted.look)


def cause(error: Exception) -> Exception:
    """The error itself where psygnal has wrapped it."""
    inner = error.__cause__ if isinstance(error, EmitLoopError) else None
    return inner if isinstance(inner, Exception) else error


def _known_group(name: str | None) -> str:
    try:
        return parse_group(name).name if name else "C1"
    except UserError:
        return "C1"


def _needs_no_rows(previous: Display, wanted: Plan, beside: Beside) -> bool:
    """Whether what is drawn holds all that is to be known of the rows, ten million of them maybe:
    which bin each lies in, means of the particles of a bin, and what views are worth."""
    drawn = previous.plan
    same_bins = (drawn.grid, drawn.symmetry, drawn.look) == (
        wanted.grid,
        wanted.symmetry,
        wanted.look,
    )
    alike = drawn.quantity == wanted.quantity and previous.beside is beside
    same_values = alike or not takes_time(wanted.quantity)
    known = not needs_foresight(wanted) or is_known(previous.binning)
    known = known and (not needs_fourier_bins(wanted) or is_ready(previous.binning))
    known = known and beside.is_cut(example_of(wanted.thinning), previous.binning)
    return same_bins and same_values and known and _has_curve(previous, wanted)


def _has_curve(previous: Display, wanted: Plan) -> bool:
    """Whether the strategy has the curve of trades it needs: that takes the better part of a
    second, and is another for other bins that may be thinned."""
    thinning = wanted.thinning
    if thinning is None or not thinning.strategy.looks_ahead:
        return True
    if not is_known(previous.binning):
        return False
    if thinning.only_selected and wanted.selection != previous.plan.selection:
        return False
    selected = previous.decision_selected
    free = selected if thinning.only_selected else np.ones_like(selected)
    return curve_is_known(foresee(previous.particles, previous.binning), free)
