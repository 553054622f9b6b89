"""What the scores of the views mean: a sentence for each number, and the verdict on all."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from evenview.core.verdict import LIMITS, SOURCES
from evenview.gui.text import typeset
from evenview.gui.widgets import STEP, copied, quiet, row, tinted_label, wrapped
from evenview.tasks.score import ScoreResult

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


class Words(QWidget):
    """The verdict: what the scores mean, and what may mislead."""

    def __init__(self) -> None:
        super().__init__()
        self._told = QVBoxLayout(self)
        self._told.setContentsMargins(0, 0, 0, 0)
        self._told.setSpacing(STEP // 2)
        self.told: tuple[QLabel, ...] = ()

    def show_verdict(self, result: ScoreResult) -> None:
        """Show the words of a verdict."""
        verdict = result.verdict
        while item := self._told.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        said = (*verdict.sentences, *verdict.warnings)
        self.told = tuple(wrapped(copied(QLabel(typeset(words)))) for words in said)
        for index, label in enumerate(self.told):
            warns = index >= len(verdict.sentences)
            self._told.addWidget(_warning(label) if warns else label)


def footnotes() -> tuple[QLabel, ...]:
    """What scores cannot say, and who says what is good."""
    sources = "Thresholds: " + "; ".join(SOURCES) + "."
    return tuple(wrapped(copied(quiet(words))) for words in (LIMITS, sources))


def _warning(words: QLabel) -> QWidget:
    line, picture = QWidget(), tinted_label("warning", color="warning")
    words.setMinimumWidth(26 * STEP)
    layout = row(picture, words)
    layout.setAlignment(picture, Qt.AlignmentFlag.AlignTop)
    line.setLayout(layout)
    return line
