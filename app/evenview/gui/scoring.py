"""Scoring: the scores of the open file's views, for every panel that shows them."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QObject, pyqtSignal

from evenview.core.particles import Particles
from evenview.core.progress import Cancelled
from evenview.core.sampling import EMPTY_SAMPLING, RADIUS
from evenview.document import cause
from evenview.gui.desk import Desk
from evenview.gui.errors import in_words
from evenview.gui.seen import Watch
from evenview.tasks import score as task
from evenview.tasks.score import ScoreRequest, ScoreResult

#: The kind of work.
SCORE = "scores"
RUNNING = "Scoring the views…"
STOPPED = "Scoring was stopped."


@dataclass(frozen=True)
class _Question:
    """What is to be scored, and how."""

    particles: Particles
    symmetry: str
    radius: int
    empty_sampling: float


class Scoring(QObject):
    """Scores the views with the plan's symmetry, as long as a panel that shows them is seen.

    Attributes
    ----------
    watch
        The panels that show scores.
    radius, empty_sampling
        k and s0.
    result
        What was found last in the open file; None where nothing was yet.
    failed
        Why there is no newer result, where scoring ended without one.

    Signals
    -------
    changed
        One of these, or whether scoring is under way.
    """

    changed = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.watch = Watch()
        self.watch.looked.connect(self.look)
        self._asked: _Question | None = None
        self._answered: _Question | None = None
        self.radius, self.empty_sampling = RADIUS, EMPTY_SAMPLING
        self.result: ScoreResult | None = None
        self.failed: Exception | None = None
        desk.document.opened.connect(self._forget)
        desk.document.history_changed.connect(self._drop_stale)
        desk.document.display_changed.connect(lambda _before, _after: self._on_display())

    @property
    def running(self) -> bool:
        """Whether scoring is under way."""
        return self._desk.jobs.is_running(SCORE)

    @property
    def is_fresh(self) -> bool:
        """Whether the result is that of what is drawn now."""
        return self.result is not None and self._answered == self._question()

    @property
    def why_not(self) -> str:
        """Why there is no fresh result, in words; "" where nothing was asked for."""
        if self.failed is None:
            return RUNNING if self.running else ""
        return STOPPED if isinstance(self.failed, Cancelled) else in_words(self.failed).sentence

    def look(self) -> None:
        """Score what was not scored yet, if anybody sees it."""
        question = self._question()
        if question is None or question == self._asked or not self.watch.sees:
            return
        self._asked, self.failed = question, None
        if question != self._answered:
            self._start(question)
        self.changed.emit()

    def _start(self, question: _Question) -> None:
        request = ScoreRequest(
            question.particles,
            question.symmetry,
            question.radius,
            question.empty_sampling,
            tilt=True,
        )
        self._desk.jobs.run(
            SCORE,
            "Scoring the views",
            lambda progress: task.run(request, progress),
            lambda result: self._found(question, result),
            self._not_found,
        )

    def score_again(self) -> None:
        """After it was stopped."""
        self._asked = None
        self.look()

    def choose(self, radius: int, empty_sampling: float) -> None:
        """Score on another shell, or with another value of empty directions."""
        self.radius, self.empty_sampling = radius, empty_sampling
        self._on_display()

    def _question(self) -> _Question | None:
        display = self._desk.display
        if display is None:
            return None
        return _Question(display.particles, display.plan.symmetry, self.radius, self.empty_sampling)

    def _forget(self) -> None:
        """Another file is open: what was found in the one before is no news of it."""
        self._desk.jobs.drop(SCORE)
        self._asked = self._answered = self.result = self.failed = None
        self.changed.emit()

    def _drop_stale(self) -> None:
        """Work for another symmetry than is wanted only holds up the rest."""
        if self._asked is not None and self._asked.symmetry != self._desk.document.plan.symmetry:
            self._stop()

    def _on_display(self) -> None:
        if self._asked != self._question():
            self._stop()
            self.look()
            self.changed.emit()

    def _stop(self) -> None:
        if self.running:
            self._desk.jobs.drop(SCORE)
            self._asked = None

    def _found(self, question: _Question, result: ScoreResult) -> None:
        self._answered, self.result = question, result
        self.changed.emit()

    def _not_found(self, error: Exception) -> None:
        self.failed = cause(error)
        self.changed.emit()
