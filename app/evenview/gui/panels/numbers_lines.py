"""The lines of Before and after: what each number is called, means, and is read from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evenview.core.display import Numbers
from evenview.core.verdict import HOLE
from evenview.gui.text import MINUS, NOTHING, TIMES, change, degrees, share, significant, whole
from evenview.tasks.outcome import Scored

#: A change of a score that an arrow is drawn for.
SEEN = 0.005
#: What is sampled less, in multiples of the mean, is called empty.
LOW = 0.0005


@dataclass(frozen=True)
class Side:
    """What there is before or after: numbers at once, scores as soon as they are known."""

    numbers: Numbers
    scores: Scored | None


Show = Callable[[Side], str]
Compare = Callable[[Side, Side], str]


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes
    ----------
    title, tip
        Its name, and what it means.
    show
        The number of one side, in words.
    compare
        What the last column says of both sides.
    expected
        Whether the number after is only to be expected.
    worries
        Whether a number is one to stop at.
    """

    title: str
    tip: str
    show: Show
    compare: Compare
    expected: Callable[[Numbers], bool] = lambda _numbers: False
    worries: Callable[[Side], bool] = lambda _side: False


def _of_numbers(
    title: str,
    tip: str,
    read: Callable[[Numbers], float],
    show: Callable[[float], str],
    expected: Callable[[Numbers], bool],
) -> Line:
    return Line(
        title,
        tip,
        lambda side: show(read(side.numbers)),
        lambda before, after: change(read(before.numbers), read(after.numbers)),
        expected,
    )


def _of_half(index: int, more: str) -> Line:
    def shown(side: Side) -> str:
        halves = side.numbers.halves
        return NOTHING if halves is None else whole(halves[index])

    def compared(before: Side, after: Side) -> str:
        was, now = before.numbers.halves, after.numbers.halves
        return "" if was is None or now is None else change(was[index], now[index])

    tip = f"Particles of half {index + 1} that stay. {more}"
    title = f"Half-set {index + 1}"
    return Line(title, tip, shown, compared, lambda numbers: numbers.halves_expected)


def _of_scores(
    title: str,
    tip: str,
    read: Callable[[Scored], float | None],
    show: Callable[[float], str],
    compare: Callable[[float, float], str],
    worries: Callable[[float], bool] = lambda _value: False,
) -> Line:
    def value(side: Side) -> float | None:
        return None if side.scores is None else read(side.scores)

    def shown(side: Side) -> str:
        found = value(side)
        return NOTHING if found is None else show(found)

    def compared(before: Side, after: Side) -> str:
        was, now = value(before), value(after)
        return "" if was is None or now is None else compare(was, now)

    def worrying(side: Side) -> bool:
        found = value(side)
        return found is not None and worries(found)

    return Line(title, tip, shown, compared, worries=worrying)


def _arrow(was: float, now: float) -> str:
    """Which way a score went, and how far."""
    if abs(now - was) < SEEN:
        return "0.00"
    up = now > was
    return f"{'▲' if up else '▼'} {'+' if up else MINUS}{abs(now - was):.2f}"


def _holes(part: float) -> str:
    return "0 %" if part <= HOLE else share(part, 1.0)


def _points(was: float, now: float) -> str:
    """The change of a percentage, in points of it."""
    if abs(now - was) < HOLE:
        return "0"
    return f"{100 * (now - was):+.1f} points".replace("-", MINUS)


def _least(side: Side) -> str:
    if side.scores is None:
        return NOTHING
    return _times(side.scores.part) if side.scores.part >= LOW else "empty"


def _least_place(_before: Side, after: Side) -> str:
    if after.scores is None:
        return ""
    azimuth, elevation = after.scores.least
    return f"at {degrees(azimuth, 0)}, {degrees(elevation, 0)}"


def _evenness_expected(numbers: Numbers) -> bool:
    return numbers.evenness_expected


def _times(value: float) -> str:
    return f"{significant(value)} {TIMES}"


LEAST = "Least sampled"
LINES = (
    Line(
        "Particles",
        "Rows that the kept file holds, those without a pose included. Fewer particles always "
        "means less signal: thinning buys evenness with it.",
        lambda side: whole(side.numbers.particles),
        lambda before, after: f"{share(after.numbers.particles, before.numbers.particles)} kept",
    ),
    _of_half(0, "Halves that differ by more than 2 % make cryoSPARC warn."),
    _of_half(1, "No particle ever changes its half."),
    _of_scores(
        "SCF*  (good from 0.81)",
        "How evenly the views sample Fourier space: 1 is even, and 0.81 = 8/π² that of ideal side "
        "views (Baldwin & Lyumkis 2020). Before and after are said for one number of views, "
        "10,000 or all that there are before, if fewer, and symmetry copies count.",
        lambda scored: scored.fourier.scf_star,
        lambda value: f"{value:.3f}",
        _arrow,
    ),
    _of_scores(
        "Effective, N·SCF*",
        "The number of evenly spread particles that these are worth, each of them counted. "
        "Removing particles lowers it (Baldwin & Lyumkis 2020): little lost for a high SCF* is a "
        "good trade.",
        lambda scored: scored.fourier.effective_particles,
        whole,
        change,
    ),
    _of_scores(
        "Empty Fourier space",
        "Directions of Fourier space that no view samples, of as many views as SCF* is said for. "
        "Thinning never fills one; other views do, from a tilted collection for example.",
        lambda scored: scored.fourier.empty_fraction,
        _holes,
        _points,
        lambda part: part > HOLE,
    ),
    _of_scores(
        "E_od  (good above 0.5)",
        "How alike the point spread is in all directions: 1 is alike, and above 0.5 is called "
        "desirable (Naydenova & Russo 2017); below 0 counts as 0. It knows nothing of how many "
        "particles there are.",
        lambda scored: scored.e_od,
        lambda value: f"{value:.3f}".replace("-", MINUS),
        _arrow,
    ),
    Line(
        LEAST,
        "The direction of Fourier space that the fewest views sample, in multiples of the mean, "
        "with its azimuth and elevation. Views perpendicular to it are the ones that are missing; "
        "rest the pointer here to see where it is.",
        _least,
        _least_place,
    ),
    _of_numbers(
        "Entropy of bins",
        "Entropy of the particles over the bins as shown, by area: 1 is perfectly even, 0 all in "
        "one bin. Empty bins count, and finer bins have more of them.",
        lambda n: n.evenness.entropy,
        lambda value: f"{value:.3f}",
        _evenness_expected,
    ),
    _of_numbers(
        "Gini of bins",
        "How unequally the bins as shown are filled: 0 is perfectly even, 1 all in one bin. It "
        "notices a few crowded bins sooner than the entropy does.",
        lambda n: n.evenness.gini,
        lambda value: f"{value:.3f}",
        _evenness_expected,
    ),
    _of_numbers(
        "Fullest bin",
        "Density of the fullest bin in multiples of uniform. 1 would be perfectly even.",
        lambda n: n.evenness.max_density,
        _times,
        _evenness_expected,
    ),
    _of_numbers(
        "Empty sphere",
        "Share of the sphere's area without a single particle. Thinning cannot fill it; a tilted "
        "collection or another grid can.",
        lambda n: n.evenness.empty_fraction,
        lambda value: share(value, 1.0),
        _evenness_expected,
    ),
)
