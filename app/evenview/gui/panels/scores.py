"""Scores of the views: every number that `evenview score` says, and what it means."""

from __future__ import annotations

from PyQt6.QtCore import QSize, QTimer
from PyQt6.QtWidgets import (
    QDoubleSpinBox,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from evenview.core import psf
from evenview.core.sampling import EMPTY_SAMPLING, RADIUS
from evenview.core.scores import ChiSquare, ViewScores, chance_gini
from evenview.core.tilting import GOOD
from evenview.core.verdict import DESIRABLE, HOLE, Grade
from evenview.gui.fields import style_box
from evenview.gui.gauge import Gauge
from evenview.gui.panels.scores_plot import EmptyPlot
from evenview.gui.panels.scores_words import (
    CHI_SQUARE,
    E_OD,
    EFFECTIVE,
    EMPTY,
    ENTROPY,
    GINI,
    S0,
    SCF,
    SETTINGS,
    SHELL,
    STAR,
    TENSOR,
    Words,
    footnotes,
)
from evenview.gui.scoring import Scoring
from evenview.gui.text import NOTHING, share, significant, typeset, whole
from evenview.gui.widgets import (
    STEP,
    Facts,
    copied,
    head,
    mark,
    panel_column,
    quiet,
    row,
    rule,
    to_clipboard,
    wrapped,
)
from evenview.tasks.score import LARGEST_RADIUS, SMALLEST_RADIUS, ScoreResult

GRADES: dict[Grade, str] = {
    "good": "Sampled evenly",
    "uneven": "Sampled unevenly",
    "holes": "Fourier space has holes",
}
NO_FILE = "Open a file to score its views."
COPY, COPIED = "Copy", "Copied"
#: Milliseconds that the button says so.
SAID_FOR = 1_500
#: s0 that can be typed.
LEAST_SAMPLING, MOST_SAMPLING = 0.1, 100.0


class ScoresPanel(QWidget):
    """The verdict, settings, scores on their scales, and the empty part of each shell."""

    def __init__(self, scoring: Scoring) -> None:
        super().__init__()
        self._scoring = scoring
        self.outcome = wrapped(head(""))
        self.outcome.setMinimumWidth(14 * STEP)
        self.again = QPushButton("Score again")
        self.again.setToolTip("Score the views after all.")
        self.again.clicked.connect(lambda _checked: scoring.score_again())
        self.copy = QPushButton(COPY)
        self.copy.setToolTip("Copy all scores, settings and words as text.")
        self.copy.clicked.connect(lambda _checked: self._copy())
        for button in (self.again, self.copy):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.timeout.connect(lambda: self.copy.setText(COPY))
        column = panel_column(self)
        column.setContentsMargins(STEP + 4, STEP, STEP + 4, STEP)
        column.addLayout(row(self.outcome, self.again, self.copy))
        self.words = Words()
        column.addWidget(self.words)
        column.addLayout(self._choices())
        self.settings = wrapped(quiet("", SETTINGS))
        column.addWidget(self.settings)
        self.body = QWidget()
        inner = QVBoxLayout(self.body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(STEP)
        inner.addWidget(rule())
        inner.addLayout(self._scales())
        inner.addLayout(self._facts())
        inner.addWidget(rule())
        for note in footnotes():
            inner.addWidget(note)
        inner.addWidget(rule())
        self.plot = EmptyPlot()
        inner.addWidget(self.plot)
        column.addWidget(self.body)
        column.addStretch(1)
        scoring.changed.connect(self._show)
        scoring.watch.add(self)
        self._show()

    def minimumSizeHint(self) -> QSize:
        """As wide as the least, as high as the words need at the width there is."""
        return QSize(super().minimumSizeHint().width(), 0)

    def _choices(self) -> QLayout:
        self.radius, self.empty_sampling = QSpinBox(), QDoubleSpinBox()
        self.radius.setRange(SMALLEST_RADIUS, LARGEST_RADIUS)
        self.radius.setValue(RADIUS)
        self.empty_sampling.setRange(LEAST_SAMPLING, MOST_SAMPLING)
        self.empty_sampling.setDecimals(1)
        self.empty_sampling.setSingleStep(0.5)
        self.empty_sampling.setValue(EMPTY_SAMPLING)
        for box, name, tip in (
            (self.radius, "Radius k of the shell", SHELL),
            (self.empty_sampling, "Views that an empty direction counts as, s0", S0),
        ):
            style_box(box, width=72)
            box.setAccessibleName(name)
            box.setToolTip(tip)
            box.valueChanged.connect(lambda _value: self._choose())
        return row(
            quiet("Shell k", SHELL), self.radius, 1, quiet("Empty s0", S0), self.empty_sampling
        )

    def _scales(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(STEP // 2)
        self.star, self.star_gauge = _score("SCF*", STAR, GOOD, "ideal side views", column)
        column.addSpacing(STEP // 2)
        self.e_od, self.e_od_gauge = _score("E_od", E_OD, DESIRABLE, "desirable", column)
        return column

    def _facts(self) -> Facts:
        facts = Facts()
        self.particles = facts.add_number("Particles", "Those that have a pose, N.")
        self.effective = facts.add_number("Effective, N·SCF*", EFFECTIVE)
        self.empty = facts.add_number("Empty directions", EMPTY)
        self.scf = facts.add_number("SCF", SCF)
        self.gini = facts.add_number("Gini", GINI)
        self.entropy = facts.add_number("Entropy", ENTROPY)
        self.chi_square = facts.add_number("Chi-square", CHI_SQUARE)
        self.tensor = facts.add_number("Tensor", TENSOR)
        return facts

    def _choose(self) -> None:
        self._scoring.choose(self.radius.value(), round(self.empty_sampling.value(), 1))

    def _show(self) -> None:
        scoring, result = self._scoring, self._scoring.result
        self.outcome.setText(self._in_words())
        mark(self.outcome, "quiet", not scoring.is_fresh)
        self.again.setVisible(scoring.failed is not None)
        self.copy.setVisible(result is not None and scoring.failed is None)
        self.copy.setEnabled(scoring.is_fresh)
        self.words.setVisible(result is not None)
        self.words.setEnabled(scoring.is_fresh)
        self.body.setVisible(result is not None)
        self.body.setEnabled(scoring.is_fresh)
        self.settings.setVisible(result is not None)
        if result is not None:
            self._show_scores(result)

    def _in_words(self) -> str:
        scoring, result = self._scoring, self._scoring.result
        if result is None:
            return scoring.why_not or NO_FILE
        return scoring.why_not or GRADES[result.verdict.grade]

    def _show_scores(self, result: ScoreResult) -> None:
        scores = result.scores
        fourier, spread = scores.fourier, scores.spread
        self.settings.setText(_settings(scores))
        self.star.setText(f"{fourier.scf_star:.3f}")
        self.star_gauge.show_value(fourier.scf_star)
        self.e_od.setText(_signed(spread.e_od) if spread is not None else NOTHING)
        self.e_od_gauge.show_value(spread.e_od if spread is not None else None)
        self.particles.setText(whole(fourier.particles))
        part = share(fourier.effective_particles, fourier.particles)
        self.effective.setText(f"{whole(fourier.effective_particles)}  ({part})")
        self.empty.setText(share(fourier.empty_fraction, 1.0, 2))
        holes = fourier.empty_fraction > HOLE
        self.scf.setText(NOTHING if holes else f"{fourier.scf:.3f}")
        chance = chance_gini(scores.a_bin)
        self.gini.setText(f"{scores.evenness.gini:.3f}  (chance {chance:.3f})")
        self.entropy.setText(f"{scores.evenness.entropy:.3f}")
        self.chi_square.setText(_chi_square(scores.chi_square))
        values = ", ".join(f"{value:.2f}" for value in scores.tensor.eigenvalues)
        self.tensor.setText(f"{scores.tensor.shape}  ({values})")
        self.plot.show_shells(result.empty, fourier.radius, fourier.empty_fraction)
        self.words.show_verdict(result)

    def _copy(self) -> None:
        result = self._scoring.result
        if result is not None:
            to_clipboard(result.summary() + "\n")
            self.copy.setText(COPIED)
            self._said.start(SAID_FOR)


def _score(
    name: str, tip: str, threshold: float, meaning: str, column: QVBoxLayout
) -> tuple[QLabel, Gauge]:
    """A line with a name and a number, and below it the scale."""
    value, gauge = copied(head("")), Gauge(threshold, meaning)
    gauge.setAccessibleName(name)
    for part in (value, gauge):
        part.setToolTip(tip)
    column.addLayout(row(quiet(name, tip), 1, value))
    column.addWidget(gauge)
    return value, gauge


def _settings(scores: ViewScores) -> str:
    """Those that are not in the boxes above."""
    return (
        f"For {whole(scores.fourier.reference)} particles; B = {psf.B_FACTOR:g} Å²; "
        f"{whole(scores.bins)} bins; {scores.group.name}"
    )


def _signed(e_od: float) -> str:
    return typeset(f"{e_od:.3f}") + ("  (counts as 0)" if e_od < 0 else "")


def _chi_square(chi: ChiSquare | None) -> str:
    if chi is None:
        return NOTHING
    chance = f"p = {chi.chance:.2g}" if chi.chance > 1e-99 else "p < 1e-99"
    return f"{significant(chi.reduced)}  ({chance})"
