"""The comparison of two sets of poses in words, a fact a line."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evenview.core.compare import naming
from evenview.core.compare.averages import Averages
from evenview.core.compare.changes import NONE
from evenview.core.compare.comparison import SURE, Comparison
from evenview.core.compare.hypotheses import Hypothesis, Trial
from evenview.core.symmetry import PointGroup
from evenview.core.words import counted
from evenview.tasks.turns import axis_angle

if TYPE_CHECKING:
    from evenview.tasks.compare_result import CompareResult

Floats = NDArray[np.float64]

_WIDTH, _NAMES, _ALTERNATIVES = 96, 14, 4
#: Smaller numbers of degrees or Å are told as "below" this.
_LEAST = 0.001
#: From so many deviations on, agreement is far above chance.
_FAR = 20.0


def summary(result: CompareResult) -> str:
    """Everything, the relation first."""
    lines = [_line(name, words) for name, words in facts(result)]
    if result.why_not_turned:
        lines.append(_line("To turn A", f"{result.why_not_turned}."))
    if result.turning:
        lines.append(f"{'To turn A:':<{_NAMES}}{result.turning}")  # on one line, to be pasted
    lines += [_line("Note", note) for note in result.notes]
    return "\n".join([*lines, *(f"Wrote {path}" for path in result.written)])


def facts(result: CompareResult) -> list[tuple[str, str]]:
    """Names and words; where there is no relation, none of its numbers, which mean nothing."""
    known = [
        ("A", f"{result.a.table.path}, {counted(len(result.a), 'particle')}"),
        ("B", f"{result.b.table.path}, {counted(len(result.b), 'particle')}"),
        ("Matched", _matched(result)),
        ("Relation", result.relation.words),
    ]
    if not result.found.related:
        return [*known, *_judged(result)]
    return [
        *known,
        ("Frame", _frame(result)),
        ("Agreeing", _agreeing(result)),
        *_errors(result),
        *_distances(result),
        *_shifts(result),
        *_judged(result),
        *_means(result),
        ("Others tried", _alternatives(result)),
    ]


def _matched(result: CompareResult) -> str:
    why = f" ({result.matches.why})" if result.matches.why else ""
    left = f"{len(result.a) - result.matched:,} of A and {len(result.b) - result.matched:,} of B"
    return f"{result.matched:,} {result.matches.words}{why}; {left} are not in the other file"


def _frame(result: CompareResult) -> str:
    found = result.found
    group, by = found.hypothesis.group, turned_by(found)
    flipped = found.hypothesis.flipped
    if by != "no turn":
        by = f"{'then ' * flipped}turned by {by}{_equivalents(group)}"
    used = int(np.count_nonzero(np.bincount(found.operator)))
    operators = f", {used} of its {group.order} operators in use" if group.order > 1 else ""
    return (
        f"hand {'flipped (z)' if flipped else 'kept'}, {by} (± {at_most(found.uncertainty)}); "
        f"symmetry {group.title}, {result.group_told}{operators}"
    )


def turned_by(found: Comparison, digits: int = 4) -> str:
    """The turn between the maps, "no turn" where it is within its error."""
    return turn_in_words(found.matrix, digits) if naming.is_turned(found) else "no turn"


def turn_in_words(matrix: Floats, digits: int = 4) -> str:
    """A turn (3, 3) by its angle and axis, the axis to so many digits, the angle to one less."""
    turn = axis_angle(matrix)
    if turn.angle < 5e-5:
        return "no turn"
    axis, angle = np.round(turn.axis, digits) + 0.0, round(turn.angle, digits - 1)
    if np.count_nonzero(axis) == 1:
        return replace(turn, axis=axis, angle=angle).words
    return f"{angle:g}° about ({', '.join(f'{part:.{digits}f}' for part in axis.tolist())})"


def _equivalents(group: PointGroup) -> str:
    """That a turn is told by one of several names."""
    return "" if group.order == 1 else f", the smallest of {group.order} equivalent turns"


def _agreeing(result: CompareResult) -> str:
    found = result.found
    over = result.request.outputs.over
    rule = "a probability above 0.5" if over is None else f"an angle of at most {over:g}°"
    above = "far above chance"
    if found.significance < _FAR:
        above = f"{found.significance:.1f} deviations above chance ({SURE:g} are enough)"
    return (
        f"{found.mixture.share:.1%} of the particles, with σ {degrees(found.sigma)} about each "
        f"axis; {int(result.agrees.sum()):,} with {rule}; {above}"
    )


def _errors(result: CompareResult) -> list[tuple[str, str]]:
    names = {"angle": "Angle", "direction_error": "Direction", "inplane_error": "In plane"}
    lines = []
    for key, name in names.items():
        parts = []
        for which, words in (("agreeing", "where they agree"), ("all", "all")):
            told = result.errors.get(f"{key}_{which}")
            if told:
                middle, most = degrees(told["median"]), at_most(told["percentile_95"])
                parts.append(f"{words}: median {middle}, 95 % within {most}")
        lines.append((name, "; ".join(parts)))
    return lines


def _shifts(result: CompareResult) -> list[tuple[str, str]]:
    shifts = result.shifts
    if shifts is None:
        return [("Shifts", "not compared: one of the files has none, or too few particles agree")]
    unsure = _measured(max(shifts.translation_error, _LEAST))
    by = f"({', '.join(map(_plain, shifts.translation))}) ± {unsure} Å"
    moved = f"B's map is A's moved by {by}"
    if not shifts.is_moved(naming.ERRORS):
        moved = f"B's map is where A's is (± {unsure} Å)"
    offset = ""
    if shifts.offset.any():
        offset = f"; all images are offset by ({', '.join(map(_plain, shifts.offset))}) Å"
    differ = f"then they differ by {_measured(shifts.median)} Å (median)"
    return [("Shifts", f"{moved}{offset}; {differ}")]


def _judged(result: CompareResult) -> list[tuple[str, str]]:
    if result.given is None or result.fitted is None:
        return []
    lines = []
    told = [("As given", result.given), ("Frame fitted", result.fitted)]
    for name, judged in told if result.found.related else told[:1]:
        lines.append((name, f"angle to the truth: {judged['angle'].words}"))
        lines.append(("", f"direction of view: {judged['direction_error'].words}"))
        lines.append(("", f"in the plane: {judged['inplane_error'].words}"))
    return lines


def means(some: Averages) -> str:
    """How far the means of a selection are from the frame that was found."""
    return ", ".join(
        f"{key.replace('_l', ' L')} {degrees(one.apart)}" for key, one in some.means.items()
    )


def _means(result: CompareResult) -> list[tuple[str, str]]:
    """Of all particles, where a metric was asked for."""
    metric = result.request.metric
    if metric is None:
        return []
    l1, l2 = (degrees(result.averages.means[f"{metric}_l{power}"].apart) for power in (1, 2))
    return [("Means", f"of all, from the frame that was found: {metric} L1 {l1}, L2 {l2}")]


def _distances(result: CompareResult) -> list[tuple[str, str]]:
    metric = result.request.metric
    if metric is None:
        return []
    parts = []
    for some, words in (
        (result.averages_of_agreeing, "where they agree"),
        (result.averages, "all"),
    ):
        if some.number:
            parts.append(
                f"{words}: median {some.median[metric]:.4g}, mean {some.average[metric]:.4g}"
            )
    unit = " (radians)" if metric == "geodesic" else ""
    return [("Distance", f"{metric}{unit}, {'; '.join(parts)}")]


def _alternatives(result: CompareResult) -> str:
    near = result.rivals[:_ALTERNATIVES]
    if not near:
        return "none comes near"
    return "; ".join(f"{named(trial.hypothesis)} {_held(trial)}" for trial in near)


def _held(trial: Trial) -> str:
    sigma = float(np.degrees(trial.fit.mixture.sigma))
    return f"{trial.share:.1%} (σ {sigma:.2g}°)"


def degrees(value: float) -> str:
    """An angle, as finely as people read it."""
    return f"{_measured(value)}°"


def at_most(value: float) -> str:
    """An angle that another is within, not told to be smaller than people read."""
    return degrees(max(value, _LEAST))


def _measured(value: float) -> str:
    return f"below {_LEAST:g}" if value < _LEAST else f"{value:.3g}"


def _plain(value: float) -> str:
    return f"{round(value, 3) + 0.0:.4g}"


def named(tried: Hypothesis) -> str:
    """A hypothesis in a few words."""
    change = "" if tried.change is NONE else tried.change.kind
    if tried.change.offset:
        change += f" of {tried.change.offset:.1f}°"
    hand = "hand flipped" if tried.flipped else ""
    words = ", ".join(filter(None, (change, hand))) or "same hand"
    return words if tried.group.order == 1 else f"{words} ({tried.group.name})"


def _line(name: str, words: str) -> str:
    start = f"{name + ':' if name else '':<{_NAMES}}"
    return textwrap.fill(
        words,
        _WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )
