"""A comparison as lines of a report: who matches, how the frames relate, how well poses agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from evenview.core.compare.changes import NONE
from evenview.gui.options import in_fields
from evenview.gui.report import Line
from evenview.gui.text import share, typeset
from evenview.tasks.compare import CompareResult
from evenview.tasks.compare_words import degrees, facts
from evenview.tasks.turns import axis_angle

TURNS = "About each of the three axes, of the poses that agree."
UNCERTAIN = "± is what σ and the number of agreeing particles leave."
LIKELIER = "Up to this angle it is likelier than not that two poses agree."
MIRROR = "Mirror A's map in z before it is turned."


def lines(result: CompareResult) -> tuple[Line, ...]:
    """Everything that was found; where there is no relation, only who matches."""
    notes = tuple(Line("Note", typeset(in_fields(note)), "warn") for note in result.notes)
    if not result.found.related:
        return (*_matched(result), *notes)
    told = dict(facts(result))
    return (
        *_matched(result),
        *notes,
        *_frame(result),
        *_agreement(result, told),
        *_rest(told),
    )


def matrix_text(result: CompareResult) -> str:
    """G, a row a line, as other programs read it."""
    rows = result.found.matrix + 0.0
    return "\n".join(" ".join(f"{number: .9f}" for number in line) for line in rows)


def command(result: CompareResult) -> str:
    """What turns A into B's frame, "" where nothing has to be or no motion of the map can."""
    return dict(facts(result)).get("To turn A", "")


def _matched(result: CompareResult) -> Iterator[Line]:
    yield Line("Matched", f"{result.matched:,} {result.matches.words}")
    for name, particles in (("Only in A", result.a), ("Only in B", result.b)):
        yield Line(name, f"{len(particles) - result.matched:,} of {len(particles):,}")


def _frame(result: CompareResult) -> Iterator[Line]:
    found = result.found
    change, turn = found.hypothesis.change, axis_angle(found.matrix)
    if change is not NONE:
        yield Line("Changed", f"{change.name}, of the poses of {change.of}")
    flipped = found.hypothesis.flipped
    yield Line("Hand", "flipped (z)" if flipped else "kept", tip=MIRROR if flipped else "")
    axis = ", ".join(f"{number + 0.0:.3f}" for number in np.round(turn.axis, 3).tolist())
    words = "none" if turn.angle < 5e-5 else f"{turn.angle:.2f}° about ({axis})"
    tip = f"Turns A's map into B's frame:\n{typeset(matrix_text(result))}\n{UNCERTAIN}"
    yield Line("Rotation", typeset(f"{words} ± {degrees(found.uncertainty)}"), tip=tip)
    group = found.hypothesis.group
    used = int(np.count_nonzero(np.bincount(found.operator)))
    uses = f", {used} of its {group.order} operators in use" if group.order > 1 else ""
    yield Line("Symmetry", f"{group.title}{uses}")


def _agreement(result: CompareResult, told: Mapping[str, str]) -> Iterator[Line]:
    found, agreeing = result.found, int(result.agrees.sum())
    number = len(result.agrees)
    within = f"within {result.limit:.3g}°"
    words = f"{share(agreeing, number)} ({agreeing:,} of {number:,}), {within}"
    yield Line("Agreeing", words, tip=LIKELIER if result.request.outputs.over is None else "")
    yield Line("σ", degrees(found.sigma), tip=TURNS)
    for name in ("Direction", "In plane"):
        yield Line(name, typeset(told[name]))


def _rest(told: Mapping[str, str]) -> Iterator[Line]:
    for key in ("Shifts", "Others tried"):
        yield Line(key, typeset(told[key]), "quiet" if key == "Others tried" else "")
    if "To turn A" in told:
        yield Line("To turn A", told["To turn A"])
