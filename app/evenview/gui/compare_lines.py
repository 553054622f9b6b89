"""A comparison as lines of a report: who matches, how the frames relate, how well poses agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from evenview.core.compare.averages import Averages
from evenview.core.compare.changes import NONE
from evenview.core.words import sentence
from evenview.gui.options import in_fields
from evenview.gui.report import Line
from evenview.gui.text import share, typeset
from evenview.tasks.compare import CompareResult
from evenview.tasks.compare_words import at_most, degrees, facts, means, turned_by

SMALLEST = "The smallest of {} turns that are equivalent under the symmetry."
#: Where the axes of the group stand as usual, by what a relation says of it.
IN_FRAME = {"a": " of A's map alone", "b": " of B's map alone", "both": "", None: ""}
TURNS = "About each of the three axes, of the poses that agree."
UNCERTAIN = "± is what σ and the number of agreeing particles leave."
LIKELIER = "Up to this angle it is likelier than not that two poses agree."
MEANS = (
    "How far the frame by the selected particles alone, the mean of their own turns, is from that "
    "of all. An L1 mean is hardly moved by a few that are quite wrong. Shown is the chordal one; "
    "by each distance:"
)
TRUE = (
    "The errors of A over all matched particles, in the frame that was fitted: of the whole "
    "rotation at the best of the equivalent poses, of the direction of view, and in the plane."
)
#: Lines of it, and the errors that they are of.
JUDGED = {
    "If B is true": "angle",
    "Of views alone": "direction_error",
    "In plane alone": "inplane_error",
}
MIRROR = "Mirror A's map in z before it is turned."


def lines(result: CompareResult) -> tuple[Line, ...]:
    """Everything that was found; where there is no relation, only who matches."""
    told = (note for note in result.notes if not advice(result) or note != result.advice)
    notes = tuple(Line("Note", typeset(in_fields(note)), "warn") for note in told)
    if not result.found.related:
        return (*_matched(result), *notes)
    words = dict(facts(result))
    return (
        *notes,
        *_agreement(result, words),
        *_frame(result),
        *_matched(result),
        *_judged(result),
        *_rest(result, words),
    )


def of_selection(agreeing: int, some: Averages) -> tuple[Line, ...]:
    """What holds of the particles in the bins that are selected."""
    if not some.number:
        return (Line("Selected", "none of the particles that were matched"),)
    part = share(agreeing, some.number)
    middle = degrees(float(np.degrees(some.median["geodesic"])))
    l1, l2 = (degrees(some.means[f"chordal_l{power}"].apart) for power in (1, 2))
    chordal = f"L1 mean {l1}, L2 mean {l2}"
    tip = f"{MEANS}\n{means(some)}"
    words = f"{agreeing:,} of {some.number:,} agree ({part}); median angle {middle}"
    return (
        Line("Selected", typeset(words)),
        Line("Their frame", typeset(f"{chordal} from that of all"), tip=typeset(tip)),
    )


def headline(result: CompareResult) -> str:
    """The share that agrees and the relation, in one sentence without a full stop."""
    if not result.found.related:
        return sentence(result.relation.words)
    return f"{share(int(result.agrees.sum()), len(result.agrees))} agree: {result.relation.words}"


def advice(result: CompareResult) -> str:
    """Which other group would explain more, a sentence; "" where none would."""
    better = result.better
    if better is None or not result.found.related:
        return ""
    return typeset(f"With {better.hypothesis.group.name} {better.share:.0%} would agree.")


def matrix_text(result: CompareResult) -> str:
    """G, a row a line, as other programs read it."""
    rows = result.found.matrix + 0.0
    return "\n".join(" ".join(f"{number: .9f}" for number in line) for line in rows)


def _matched(result: CompareResult) -> Iterator[Line]:
    why = sentence(result.matches.why) + "." if result.matches.why else ""
    yield Line("Matched", f"{result.matched:,} {result.matches.words}", tip=in_fields(why))
    for name, particles in (("Only in A", result.a), ("Only in B", result.b)):
        yield Line(name, f"{len(particles) - result.matched:,} of {len(particles):,}")


def _frame(result: CompareResult) -> Iterator[Line]:
    found = result.found
    change, group = found.hypothesis.change, found.hypothesis.group
    if change is not NONE:
        by = f" of {change.offset:.2f}°" if change.offset else ""
        yield Line("Changed", typeset(f"{change.kind}{by}, of the poses of {change.of}"))
    flipped = found.hypothesis.flipped
    yield Line("Hand", "flipped (z)" if flipped else "kept", tip=MIRROR if flipped else "")
    words = turned_by(found, 3).replace("no turn", "none")
    equivalents = f"{SMALLEST.format(group.order)}\n" if group.order > 1 else ""
    tip = f"Turns A's map into B's frame:\n{matrix_text(result)}\n{equivalents}{UNCERTAIN}"
    yield Line("Rotation", typeset(f"{words} ± {at_most(found.uncertainty)}"), tip=typeset(tip))
    used = int(np.count_nonzero(np.bincount(found.operator)))
    uses = f", {used} of its {group.order} operators in use" if group.order > 1 else ""
    where = IN_FRAME[result.relation.symmetry_in] if group.order > 1 else ""
    yield Line("Symmetry", f"{group.title}{where}{uses}")


def _agreement(result: CompareResult, told: Mapping[str, str]) -> Iterator[Line]:
    found, agreeing = result.found, int(result.agrees.sum())
    number = len(result.agrees)
    within = f"within {result.limit:.3g}°"
    words = typeset(f"{share(agreeing, number)} ({agreeing:,} of {number:,}), {within}")
    yield Line("Agreeing", words, tip=LIKELIER if result.request.outputs.over is None else "")
    yield Line("σ", degrees(found.sigma), tip=TURNS)
    for name in ("Direction", "In plane"):
        yield Line(name, typeset(told[name]))


def _judged(result: CompareResult) -> Iterator[Line]:
    """A by B as methods papers report it, once the frame is fitted."""
    given, fitted = result.given, result.fitted
    if given is None or fitted is None:
        return
    for name, key in JUDGED.items():
        tip = f"{TRUE}\nIn the frames as given: {given[key].words}."
        yield Line(name, typeset(fitted[key].words), tip=typeset(tip))


def _rest(result: CompareResult, told: Mapping[str, str]) -> Iterator[Line]:
    for key in ("Shifts", "Others tried"):
        yield Line(key, typeset(told[key]), "quiet" if key == "Others tried" else "")
    if result.turning or result.why_not_turned:
        yield Line("To turn A", result.turning or sentence(f"{result.why_not_turned}."))
