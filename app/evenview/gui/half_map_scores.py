"""The half-maps that were scored last, and what the planned thinning is predicted to do to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from evenview.core.prediction import Prediction, Predictor
from evenview.core.progress import Progress
from evenview.core.sampling import FourierShell
from evenview.gui.desk import Desk
from evenview.gui.live import Live
from evenview.gui.options import in_this_window
from evenview.gui.seen import Watch
from evenview.tasks import half_maps as task
from evenview.tasks.half_maps import HalfMapsRequest, HalfMapsResult

#: The kinds of work: scoring, finding what each cone holds, and writing (one for each file).
SCORE, PREPARE, WRITE = "half-maps", "half-maps prediction", "half-maps file {0}"


@dataclass(frozen=True, eq=False)
class _Basis:
    """What a prediction is made from: nothing of the particles, which may be many."""

    result: HalfMapsResult
    shell: FourierShell
    predictor: Predictor

    def is_for(self, result: HalfMapsResult, shell: FourierShell) -> bool:
        return self.result is result and self.shell is shell


class HalfMapScores(QObject):
    """Scores half-maps in the worker, tells the sphere what there is to be shown by direction, and
    predicts what the planned thinning will do, as long as the panel that shows it is seen.

    Attributes
    ----------
    result
        The scores; None where no half-maps were scored.
    prediction
        Of the thinning that is planned; None where there is none.
    watch
        The panel that shows it.

    Signals
    -------
    changed
        The result, whether scoring is under way, or whether the result is of the file that is open.
    predicted
        The prediction.
    written
        A file (Path) that was written.
    """

    changed = pyqtSignal()
    predicted = pyqtSignal()
    written = pyqtSignal(Path)

    def __init__(self, desk: Desk, live: Live) -> None:
        super().__init__()
        self._desk, self._live = desk, live
        self.watch = Watch()
        self.result: HalfMapsResult | None = None
        self.prediction: Prediction | None = None
        self._scored_beside: Path | None = None
        self._basis: _Basis | None = None
        self._asked: tuple[HalfMapsResult, FourierShell] | None = None
        self.watch.looked.connect(self._predict)
        live.changed.connect(lambda _scores: self._predict())
        desk.document.opened.connect(self._forget_basis)

    @property
    def running(self) -> bool:
        """Whether half-maps are being scored."""
        return self._desk.jobs.is_running(SCORE)

    @property
    def is_earlier(self) -> bool:
        """Whether the half-maps were scored before the open file was opened."""
        return self.result is not None and self._scored_beside != self._desk.document.path

    def score(self, request: HalfMapsRequest) -> None:
        """Read and score half-maps; what was there stays until they are."""
        beside = self._desk.document.path
        self._desk.jobs.run(
            SCORE,
            "Scoring half-maps",
            lambda progress: task.run(request, progress),
            lambda result: self._scored(result, beside),
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
        self._set(None, None)
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
            WRITE.format(path),
            f"Writing {path.name}",
            work,
            lambda _nothing: self.written.emit(path),
            self._failed,
        )

    def _scored(self, result: HalfMapsResult, beside: Path | None) -> None:
        self._set(result, beside)
        self._desk.document.set_fields(*result.fields)

    def _set(self, result: HalfMapsResult | None, beside: Path | None) -> None:
        self.result, self._scored_beside = result, beside
        self._forget_basis()
        self._predict()

    def _failed(self, error: Exception) -> None:
        self._desk.failed.emit(in_this_window(error))
        self.changed.emit()

    def _forget_basis(self) -> None:
        """Of other half-maps, or with other particles, nothing that was found holds."""
        self._desk.jobs.drop(PREPARE)
        self._asked = self._basis = None
        self.changed.emit()

    def _predict(self) -> None:
        """At once where it is known what the cones hold, else when it is; for nobody, nothing."""
        result, scores = self.result, self._live.scores
        if result is None or scores is None or scores.quotas is None:
            self._show(None)
            return
        if not self.watch.sees:
            return
        shell = scores.foresight.shell
        if self._basis is not None and self._basis.is_for(result, shell):
            self._show(self._basis.predictor.after(scores.before, scores.after))
        else:
            self._show(None)
            self._prepare(result, shell)

    def _prepare(self, result: HalfMapsResult, shell: FourierShell) -> None:
        """Which directions the cones hold, unless that is on its way."""
        if self._asked == (result, shell):
            return
        self._asked = (result, shell)
        self._desk.jobs.run(
            PREPARE,
            "Predicting conical FSCs",
            lambda _progress: _Basis(result, shell, Predictor.of(result.scores, shell)),
            self._prepared,
            self._not_prepared,
        )

    def _prepared(self, basis: _Basis) -> None:
        self._asked, self._basis = None, basis
        self._predict()

    def _not_prepared(self, error: Exception) -> None:
        """The next step asks again."""
        self._asked = None
        self._failed(error)

    def _show(self, prediction: Prediction | None) -> None:
        if prediction is not self.prediction:
            self.prediction = prediction
            self.predicted.emit()
