"""Scores of the views: every number that `evenview score` says, and what it means."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QSize, Qt, QTimer
from PyQt6.QtGui import QGuiApplication
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
from evenview.core.empty import EmptyShell
from evenview.core.progress import Cancelled
from evenview.core.sampling import EMPTY_SAMPLING, RADIUS
from evenview.core.scores import ChiSquare, ViewScores, chance_gini
from evenview.core.tilting import GOOD
from evenview.core.verdict import DESIRABLE, HOLE, LIMITS, SOURCES, Grade
from evenview.gui.errors import in_words
from evenview.gui.fields import style_box
from evenview.gui.gauge import Gauge
from evenview.gui.plots import Plot, ShareAxis
from evenview.gui.scoring import Scoring
from evenview.gui.text import NOTHING, share, significant, typeset, whole
from evenview.gui.theme import theme
from evenview.gui.widgets import (
    STEP,
    Facts,
    head,
    mark,
    panel_column,
    quiet,
    row,
    rule,
    tinted_label,
    wrapped,
)
from evenview.tasks.score import LARGEST_RADIUS, SMALLEST_RADIUS, ScoreResult

GRADES: dict[Grade, str] = {
    "good": "Sampled evenly",
    "uneven": "Sampled unevenly",
    "holes": "Fourier space has holes",
}
NO_FILE = "Open a file to score its views."
RUNNING = "Scoring the views…"
STOPPED = "Scoring was stopped."
COPY, COPIED = "Copy", "Copied"
#: Milliseconds that the button says so.
SAID_FOR = 1_500
#: s0 that can be typed.
LEAST_SAMPLING, MOST_SAMPLING = 0.1, 100.0

SCF = (
    "How evenly the views that there are sample Fourier space: 1 is even. It means nothing where "
    "directions are empty, and is not shown then."
)
STAR = (
    "How evenly Fourier space is sampled, empty directions counted as s0 views: 1 is even, ideal "
    "side views have 0.81 (Baldwin & Lyumkis 2020). Where there are holes it depends on the number "
    "of particles, so it is that of 10,000."
)
E_OD = (
    "How alike the point spread function is in all directions: 1 is even, above 0.5 is called "
    "desirable (Naydenova & Russo 2017). Below 0 counts as 0."
)
EFFECTIVE = (
    "N · SCF*, all particles counted: so many evenly spread particles would be worth as much. "
    "Removing particles can only lower it."
)
EMPTY = (
    "The part of the directions on the shell k that no view samples. No weighting fills it; other "
    "views or a tilted stage do."
)
GINI = (
    "How unequally bins of equal area are filled: 0 is even, 1 is all in one bin. Few particles a "
    "bin look uneven by chance alone, by the number behind it."
)
ENTROPY = "How evenly views spread over all bins of equal area: 1 is even, 0 is all in one bin."
CHI_SQUARE = (
    "Per degree of freedom, against Poisson's noise: 1 is even. It says whether views are uneven, "
    "not how much that costs. p is the chance that even views give as much."
)
TENSOR = (
    "Whether views gather about an axis (polar), about a great circle (girdle), or neither (even): "
    "the eigenvalues of the mean of v vᵀ, which add up to 1 (Vollmer 1990)."
)
SHELL = (
    "k, the radius in Fourier voxels of the shell that is looked at. 50 is that of the authors' "
    "program; farther out the planes of the views are thinner and holes are larger."
)
S0 = (
    "s0, the number of views that an empty direction counts as in SCF*. 2 is that of the authors' "
    "command-line program, 1 that of their window."
)
SETTINGS = (
    "SCF* and empty directions are those of so many particles, drawn at random. B is the envelope "
    "of E_od; the bins are those of Gini, entropy and chi-square; all copies by the symmetry count."
)


class ScoresPanel(QWidget):
    """Settings, scores on their scales, the empty part of each shell, and the verdict."""

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
        self.plot = EmptyPlot()
        inner.addWidget(self.plot)
        inner.addWidget(rule())
        self.words = Words()
        inner.addWidget(self.words)
        column.addWidget(self.body)
        column.addStretch(1)
        scoring.changed.connect(self._show)
        scoring.watch(self)
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
        self.body.setVisible(result is not None)
        self.body.setEnabled(scoring.is_fresh)
        self.settings.setVisible(result is not None)
        if result is not None:
            self._show_scores(result)

    def _in_words(self) -> str:
        scoring = self._scoring
        if scoring.failed is not None:
            stopped = isinstance(scoring.failed, Cancelled)
            return STOPPED if stopped else in_words(scoring.failed).sentence
        if scoring.result is None or scoring.running:
            return RUNNING if scoring.running else NO_FILE
        return GRADES[scoring.result.verdict.grade]

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
        clipboard, result = QGuiApplication.clipboard(), self._scoring.result
        if clipboard is not None and result is not None:
            clipboard.setText(result.summary() + "\n")
            self.copy.setText(COPIED)
            self._said.start(SAID_FOR)


class EmptyPlot(Plot):
    """The empty part of every shell, with the one that is looked at marked."""

    def __init__(self) -> None:
        super().__init__("Fourier radius k (voxels)", "empty", {"left": ShareAxis("left")})
        self.setFixedHeight(18 * STEP)
        self.setToolTip(
            "The part of the directions that no view samples, against the radius of the shell. "
            "The dot is the shell that is looked at."
        )
        item = self.getPlotItem()
        item.setLogMode(x=True, y=False)
        item.getAxis("bottom").setTicks(
            [[(float(np.log10(k)), f"{k}") for k in (5, 10, 20, 50, 100, 200, 400)]]
        )
        self.curve = pg.PlotDataItem()
        self.dot = pg.PlotDataItem(symbol="o", symbolSize=8)
        for part in (self.curve, self.dot):
            item.addItem(part)
        theme.changed.connect(self._color)
        self._color()

    def show_shells(self, shells: tuple[EmptyShell, ...], radius: int, empty: float) -> None:
        """Draw them, and mark one."""
        radii = [shell.radius for shell in shells]
        parts = [shell.empty_fraction for shell in shells]
        self.curve.setData(radii, parts)
        self.dot.setData([radius], [empty])
        ends = np.log10([min(radii[0], radius), max(radii[-1], radius)])
        self.setXRange(*ends, padding=0.03)
        top = max(0.05, 1.1 * max(*parts, empty))
        self.setYRange(-0.04 * top, top, padding=0)

    def _color(self) -> None:
        colors = theme.colors
        self.curve.setPen(pg.mkPen(colors.accent, width=2))
        self.dot.setSymbolBrush(colors.text)
        self.dot.setSymbolPen(None)


class Words(QWidget):
    """The verdict: what scores mean, what may mislead, what they cannot say, and who says so."""

    def __init__(self) -> None:
        super().__init__()
        self._told = QVBoxLayout()
        self._told.setSpacing(STEP // 2)
        self.told: tuple[QLabel, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        column.addLayout(self._told)
        column.addWidget(wrapped(_copied(quiet(LIMITS))))
        sources = "Thresholds: " + "; ".join(SOURCES) + "."
        column.addWidget(wrapped(_copied(quiet(sources))))

    def show_verdict(self, result: ScoreResult) -> None:
        """Show the words of a verdict."""
        verdict = result.verdict
        while item := self._told.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        said = (*verdict.sentences, *verdict.warnings)
        self.told = tuple(wrapped(_copied(QLabel(typeset(words)))) for words in said)
        for index, label in enumerate(self.told):
            warns = index >= len(verdict.sentences)
            self._told.addWidget(_warning(label) if warns else label)


def _copied(label: QLabel) -> QLabel:
    """Words that can be copied, shown as they are."""
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _warning(words: QLabel) -> QWidget:
    line, picture = QWidget(), tinted_label("warning", color="warning")
    words.setMinimumWidth(26 * STEP)
    layout = row(picture, words)
    layout.setAlignment(picture, Qt.AlignmentFlag.AlignTop)
    line.setLayout(layout)
    return line


def _score(
    name: str, tip: str, threshold: float, meaning: str, column: QVBoxLayout
) -> tuple[QLabel, Gauge]:
    """A line with a name and a number, and below it the scale."""
    value, gauge = _copied(head("")), Gauge(threshold, meaning)
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
