"""What the scores of the views mean, in words, and what they cannot say.

The thresholds are those of the papers: SCF* of 0.81 is that of ideal side views, 8/π² (Baldwin &
Lyumkis 2020, Prog. Biophys. Mol. Biol. 150, 160; 2021, 160, 53), and E_od above 0.5 is called
desirable (Naydenova & Russo 2017, Nat. Commun. 8, 629). Any empty direction is a hole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from evenview.core.folded import FoldedHint
from evenview.core.scores import A_BIN, ViewScores, chance_gini
from evenview.core.search_grid import SearchGrid
from evenview.core.symmetry import parse_group
from evenview.core.tilting import GOOD, Curve

Grade = Literal["good", "uneven", "holes"]

#: E_od above which a distribution is called desirable.
DESIRABLE = 0.5
#: A smaller empty part is less than one of the directions that are looked at.
HOLE = 1e-4
#: With fewer views a direction on average, chance alone takes a twentieth of SCF*.
FEW_VIEWS = 20.0

LIMITS = (
    "These scores know the views alone: nothing of junk, of misaligned particles or of how good "
    "the images are."
)
SOURCES = (
    "SCF* 0.81: Baldwin & Lyumkis 2020, 2021",
    "E_od 0.5: Naydenova & Russo 2017",
)


@dataclass(frozen=True)
class Verdict:
    """Scores in words.

    Attributes
    ----------
    grade
        "good" where SCF* reaches 0.81, "holes" where directions are empty, else "uneven".
    sentences
        What the scores mean, the most important first.
    warnings
        What may make them mislead.
    symmetry
        A group that the views suggest, or None.
    """

    grade: Grade
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]
    symmetry: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "grade": self.grade,
            "words": list(self.sentences),
            "warnings": list(self.warnings),
            "suggested_symmetry": self.symmetry,
            "limits": LIMITS,
            "sources": list(SOURCES),
        }


def judge(
    scores: ViewScores,
    hint: FoldedHint | None = None,
    curve: Curve | None = None,
    named: str | None = None,
    searched: SearchGrid | None = None,
) -> Verdict:
    """The verdict on the views of a file.

    Parameters
    ----------
    scores
        Of the views.
    hint
        The group whose asymmetric unit they fill, if they were scored without symmetry.
    curve
        What a tilt would do, if asked.
    named
        The group that the file itself names, or None.
    searched
        The search grid that the poses lie on, or None.
    """
    sentences = [_evenness(scores), _holes(scores), _spread(scores), scores.tensor.words]
    if curve is not None:
        sentences.append(_tilt(curve))
    warnings = [*_symmetry(scores, hint, named), *_searched(searched), *_few(scores)]
    return Verdict(
        grade(scores.fourier.scf_star, scores.fourier.empty_fraction),
        tuple(word for word in sentences if word),
        tuple(warnings),
        hint.group if hint else None,
    )


def _symmetry(scores: ViewScores, hint: FoldedHint | None, named: str | None) -> list[str]:
    found = [hint.words] if hint else []
    if named and parse_group(named) != scores.group:
        found.append(f"The file names the symmetry {named}; scored was {scores.group.name}.")
    return found


def _searched(grid: SearchGrid | None) -> list[str]:
    if grid is None:
        return []
    return [
        f"The poses lie on a search grid of {grid.step:.2g}°, {grid.views:,} different views in "
        "all: Fourier space between their planes looks emptier than it is. Score them again after "
        "a refinement with local searches."
    ]


def grade(scf_star: float, empty_fraction: float) -> Grade:
    """The verdict in one word."""
    if empty_fraction > HOLE:
        return "holes"
    return "good" if scf_star >= GOOD else "uneven"


def _evenness(scores: ViewScores) -> str:
    star = scores.fourier.scf_star
    ideal = f"{GOOD:g}, that of ideal side views (Baldwin & Lyumkis 2020)"
    if star >= GOOD:
        return f"Fourier space is sampled evenly: SCF* {star:.2f} reaches {ideal}."
    return f"Fourier space is sampled unevenly: SCF* {star:.2g} falls short of {ideal}."


def _holes(scores: ViewScores) -> str:
    empty = scores.fourier.empty_fraction
    if empty <= HOLE:
        return "No direction of Fourier space is empty."
    return (
        f"{empty:.1%} of the directions of Fourier space are empty: no weighting fills them, only "
        "other views do."
    )


def _spread(scores: ViewScores) -> str:
    if scores.spread is None:
        return ""
    value = scores.spread.e_od
    if value > DESIRABLE:
        return f"E_od {value:.2f} is above {DESIRABLE:g}, as is desirable (Naydenova & Russo 2017)."
    return (
        f"E_od {max(value, 0.0):.2f} is not above {DESIRABLE:g}, as would be desirable "
        "(Naydenova & Russo 2017)."
    )


def _tilt(curve: Curve) -> str:
    wanted = f"SCF* {curve.threshold:g}"
    if curve.smallest is None:
        return f"No tilt of the stage up to {curve.degrees[-1]:g}° would reach {wanted}."
    if not curve.smallest:
        return f"{wanted} is reached without a tilt of the stage."
    return f"A tilt of the stage of {curve.smallest:.1f}° would reach {wanted}."


def _few(scores: ViewScores) -> list[str]:
    found = []
    lines = scores.views.n * scores.group.order / (2.0 * scores.fourier.radius)
    if 0 < lines < FEW_VIEWS:
        found.append(
            f"Only {lines:.1f} views sample a direction on average at k = "
            f"{scores.fourier.radius}: chance alone makes that uneven. Even views would have SCF* "
            f"about {max(0.0, 1.0 - 1.0 / lines):.2f}."
        )
    if 0 < scores.a_bin < A_BIN:
        found.append(
            f"Only {scores.a_bin:.0f} views a bin on average: chance alone gives a Gini of "
            f"{chance_gini(scores.a_bin):.2f}."
        )
    return found
