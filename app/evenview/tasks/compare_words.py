"""The comparison of two sets of poses in words, a fact a line."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from evenview.core.compare.changes import NONE
from evenview.core.compare.comparison import Hypothesis, Trial
from evenview.core.words import counted
from evenview.tasks.turns import axis_angle

if TYPE_CHECKING:
    from evenview.tasks.compare_result import CompareResult

_WIDTH, _ALTERNATIVES = 96, 4
#: Smaller numbers of degrees or Å are told as "below" this.
_LEAST = 0.001


def summary(result: CompareResult) -> str:
    """Everything, the relation first."""
    lines = [_line(name, words) for name, words in facts(result)]
    lines += [_line("Note", note) for note in result.notes]
    return "\n".join([*lines, *(f"Wrote {path}" for path in result.written)])


def facts(result: CompareResult) -> list[tuple[str, str]]:
    """Names and words."""
    return [
        ("A", f"{result.a.table.path}, {counted(len(result.a), 'particle')}"),
        ("B", f"{result.b.table.path}, {counted(len(result.b), 'particle')}"),
        ("Matched", _matched(result)),
        ("Relation", result.relation.words),
        ("Frame", _frame(result)),
        ("Agreeing", _agreeing(result)),
        *_errors(result),
        *_shifts(result),
        *_judged(result),
        ("Means", _means(result)),
        ("Others tried", _alternatives(result)),
        *_to_turn(result),
    ]


def _matched(result: CompareResult) -> str:
    left = f"{len(result.a) - result.matched:,} of A and {len(result.b) - result.matched:,} of B"
    return f"{result.matched:,} {result.matches.words}; {left} are not in the other file"


def _frame(result: CompareResult) -> str:
    found = result.found
    turn = axis_angle(found.matrix)
    by = (
        "no turn" if turn.angle < 5e-5 else f"turned by {turn.angle:.4g}° about " + _axis(turn.axis)
    )
    group = found.hypothesis.group
    used = int(np.count_nonzero(np.bincount(found.operator)))
    operators = f", {used} of its {group.order} operators in use" if group.order > 1 else ""
    hand = "flipped (z), then " if found.hypothesis.flipped else "kept, "
    return (
        f"hand {hand}{by} (± {degrees(found.uncertainty)}); symmetry {group.title}, "
        f"{result.group_told}{operators}"
    )


def _to_turn(result: CompareResult) -> list[tuple[str, str]]:
    """How to bring A into B's frame, where that is another."""
    words = result.to_turn_a
    if not words or result.relation.words.endswith("(identity)"):
        return []
    return [("To turn A", f"evenview transform {result.a.table.path.name} -o OUT {words}")]


def _axis(axis: np.ndarray) -> str:
    return "({:.4f}, {:.4f}, {:.4f})".format(*(axis + 0.0).tolist())


def _agreeing(result: CompareResult) -> str:
    found = result.found
    over = result.request.outputs.over
    rule = "probability above 0.5" if over is None else f"angle of at most {over:g}°"
    return (
        f"{found.mixture.share:.1%} of the particles, with σ {degrees(found.sigma)} about each "
        f"axis; {int(result.agrees.sum()):,} by a {rule}; {found.significance:.3g} deviations "
        "above chance"
    )


def _errors(result: CompareResult) -> list[tuple[str, str]]:
    names = {"angle": "Angle", "direction_error": "Direction", "inplane_error": "In plane"}
    lines = []
    for key, name in names.items():
        parts = []
        for which, words in (("agreeing", "where they agree"), ("all", "all")):
            told = result.errors.get(f"{key}_{which}")
            if told:
                middle, most = degrees(told["median"]), degrees(told["percentile_95"])
                parts.append(f"{words}: median {middle}, 95 % within {most}")
        lines.append((name, "; ".join(parts)))
    return lines


def _shifts(result: CompareResult) -> list[tuple[str, str]]:
    shifts = result.shifts
    if shifts is None:
        return [("Shifts", "not compared: one of the files has none, or too few particles agree")]
    moved = f"B's map is A's moved by ({', '.join(map(_plain, shifts.translation))}) Å"
    offset = ""
    if (np.abs(shifts.offset) >= _LEAST).any():
        offset = f", the images by ({', '.join(map(_plain, shifts.offset))}) Å"
    differ = f"then they differ by {_measured(shifts.median)} Å (median)"
    return [("Shifts", f"{moved}{offset}; {differ}")]


def _judged(result: CompareResult) -> list[tuple[str, str]]:
    if result.given is None or result.fitted is None:
        return []
    lines = []
    for name, judged in (("As given", result.given), ("Frame fitted", result.fitted)):
        lines.append((name, f"angle to the truth: {judged['angle'].words}"))
        lines.append(("", f"direction of view: {judged['direction_error'].words}"))
    return lines


def _means(result: CompareResult) -> str:
    told = ", ".join(
        f"{key.replace('_l', ' L')} {degrees(value)}" for key, value in result.means.items()
    )
    return f"of the turns of all particles, from the frame that was found: {told}"


def _alternatives(result: CompareResult) -> str:
    others = result.alternatives[:_ALTERNATIVES]
    return "; ".join(f"{named(t.hypothesis)} {_held(t)}" for t in others) or "nothing"


def _held(trial: Trial) -> str:
    sigma = float(np.degrees(trial.fit.mixture.sigma))
    return f"{trial.share:.1%} (σ {sigma:.2g}°)"


def degrees(value: float) -> str:
    """An angle, as finely as people read it."""
    return f"{_measured(value)}°"


def _measured(value: float) -> str:
    return f"below {_LEAST:g}" if value < _LEAST else f"{value:.3g}"


def _plain(value: float) -> str:
    return f"{round(value, 3) + 0.0:.4g}"


def named(tried: Hypothesis) -> str:
    """A hypothesis in a few words."""
    change = "" if tried.change is NONE else tried.change.name
    hand = "hand flipped" if tried.flipped else ""
    words = ", ".join(filter(None, (change, hand))) or "same hand"
    return words if tried.group.order == 1 else f"{words} ({tried.group.name})"


def _line(name: str, words: str) -> str:
    start = f"{name + ':' if name else '':<14}"
    return textwrap.fill(
        words,
        _WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )
