"""The half-maps that were scored last, and what the planned thinning is predicted to do to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from evenview.core.foresight import Foresight, foresee, is_known
from evenview.core.particles import Particles
from evenview.core.prediction import Prediction, Predictor
from evenview.core.progress import Progress, silent
from evenview.core.resolve import Display
from evenview.gui.desk import Desk
from evenview.gui.options import in_this_window
from evenview.tasks import half_maps as task
from evenview.tasks.half_maps import HalfMapsRequest, HalfMapsResult

#: The kinds of work: scoring, counting views for the prediction, and writing.
SCORE, PREPARE, WRITE = "half-maps", "half-maps prediction", "half-maps file"


@dataclass(frozen=True, eq=False)
class _Basis:
    """What a prediction is made from, and for which result and bins."""

    result: HalfMapsResult
    display: Display
    foresight: Foresight
    predictor: Predictor

    def is_for(self, result: HalfMapsResult, display: Display) -> bool:
        return self.result is result and self.display.binning is display.binning

    def after(self, display: Display) -> Prediction:
        before = self.foresight.sampled(None)
        return self.predictor.after(before, self.foresight.sampled(display.quotas))


class HalfMapScores(QObject):
    """Scores half-maps in the worker, tells the sphere what there is to be shown by direction, and
    predicts what the planned thinning will do.

    Attributes
    ----------
    result
        The scores; None where no half-maps were scored.
    prediction
        Of the thinning that is planned; None where there is none.

    Signals
    -------
    changed
        The result, or whether scoring is under way.
    predicted
        The prediction.
    written
        A file (Path) that was written.
    """

    changed = pyqtSignal()
    predicted = pyqtSignal()
    written = pyqtSignal(Path)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.result: HalfMapsResult | None = None
        self.prediction: Prediction | None = None
        self._basis: _Basis | None = None
        desk.document.display_changed.connect(self._on_display)

    @property
    def running(self) -> bool:
        """Whether half-maps are being scored."""
        return self._desk.jobs.is_running(SCORE)

    def score(self, request: HalfMapsRequest) -> None:
        """Read and score half-maps; what was there stays until they are."""
        self._desk.jobs.run(
            SCORE,
            "Scoring half-maps",
            lambda progress: task.run(request, progress),
            self._scored,
            self._failed,
        )
        self.changed.emit()

    def stop(self) -> None:
        """Score no further; what was there stays."""
        self._desk.jobs.drop(SCORE)
        self.changed.emit()

    def clear(self) -> None:
        """Forget the half-maps, and show nothing of them any more."""
        self._desk.jobs.drop(SCORE)
        self._set(None)
        self._desk.document.set_fields()

    def write_curves(self, path: Path) -> None:
        """Write all curves of the result."""
        result = self.result
        if result is not None:
            self._write(path, lambda progress: task.write_curves(result, path, progress))

    def write_volume(self, path: Path) -> None:
        """Write the 3DFSC of the result."""
        result = self.result
        if result is not None:
            self._write(path, lambda _progress: task.write_fsc_volume(result, path))

    def _write(self, path: Path, work: Callable[[Progress], None]) -> None:
        self._desk.jobs.run(
            WRITE,
            f"Writing {path.name}",
            work,
            lambda _nothing: self.written.emit(path),
            self._failed,
        )

    def _scored(self, result: HalfMapsResult) -> None:
        self._set(result)
        self._desk.document.set_fields(*result.fields)

    def _set(self, result: HalfMapsResult | None) -> None:
        self.result = result
        self.changed.emit()
        self._predict()

    def _failed(self, error: Exception) -> None:
        self._desk.failed.emit(in_this_window(error))
        self.changed.emit()

    def _on_display(self, before: Display | None, after: Display) -> None:
        if (
            before is None
            or before.binning is not after.binning
            or before.quotas is not after.quotas
        ):
            self._predict()

    def _predict(self) -> None:
        """At once where the views are counted, else when they are."""
        result, display = self.result, self._desk.display
        particles = self._desk.document.particles
        if result is None or display is None or display.quotas is None or particles is None:
            self._show(None)
        elif self._basis is not None and self._basis.is_for(result, display):
            self._show(self._basis.after(display))
        elif is_known(display.binning):
            self._prepared(_basis(result, display, particles))
        else:
            self._show(None)
            self._prepare(result, display, particles)

    def _prepare(self, result: HalfMapsResult, display: Display, particles: Particles) -> None:
        self._desk.jobs.run(
            PREPARE,
            "Predicting conical FSCs",
            lambda progress: _basis(result, display, particles, progress),
            self._prepared,
            self._failed,
        )

    def _prepared(self, basis: _Basis) -> None:
        display = self._desk.display
        if self.result is None or display is None or not basis.is_for(self.result, display):
            return  # something newer was asked for
        self._basis = basis
        self._show(basis.after(display) if display.quotas is not None else None)

    def _show(self, prediction: Prediction | None) -> None:
        if prediction is not self.prediction:
            self.prediction = prediction
            self.predicted.emit()


def _basis(
    result: HalfMapsResult, display: Display, particles: Particles, progress: Progress = silent
) -> _Basis:
    foresight = foresee(particles, display.binning, progress)
    return _Basis(result, display, foresight, Predictor.of(result.scores, foresight.shell))
