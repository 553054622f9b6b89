"""A rotation in every convention as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from evenview.core.conventions import Convention, Number, conventions
from evenview.core.words import with_minus

if TYPE_CHECKING:
    from evenview.tasks.pose import PoseResult

#: Poses of a file that are printed; the rest only goes into tables and JSON.
SHOWN = 20
#: What a viewer shows of a rotation, and how it follows from A.
VIEW = {
    "Direction v": "the third row of A",
    "Azimuth": "atan2(v.y, v.x) = rot",
    "Elevation": "asin(v.z) = 90° − tilt",
    "In-plane angle": "psi",
}

_INDENT = 22


def describe(result: PoseResult) -> str:
    """Every convention with its formula, aligned; of many poses the formulas once."""
    blocks = [_pose(result, row) for row in range(min(len(result), SHOWN))]
    rest = len(result) - SHOWN
    if rest > 0:
        blocks.append(f"... and {rest:,} more: -o OUT.csv or --json gives them all.")
    return with_minus("\n\n".join(blocks))


def _pose(result: PoseResult, row: int) -> str:
    given = _spell(result.source.numbers, result.given[row])
    title = f"Given, {result.source.title}"
    place = f"   ({result.places[row]})" if result.places else ""
    lines = [_line(title, given + place), ""]
    for name, about in conventions().items():
        lines += _convention(about, result.values[name][row], with_formula=row == 0)
    lines += ["", *_view(result, row)]
    if result.notes[row]:
        lines += ["", *(_line("Note", note) for note in result.notes[row].split("; "))]
    return "\n".join(lines)


def _convention(about: Convention, values: Sequence[float], *, with_formula: bool) -> Iterator[str]:
    width = about.shape[-1] if about.shape else len(values)
    for first in range(0, len(values), width):
        part = slice(first, first + width)
        title = about.title if first == 0 else ""
        yield _line(title, _spell(about.numbers[part], values[part], padded=True))
    if with_formula:
        yield _line("", about.formula)
        if users := used_by(about):
            yield _line("", users)


def used_by(about: Convention) -> str:
    """Who writes rotations so, where the title does not say it already."""
    return "" if about.packages in ((), (about.title,)) else f"used by {', '.join(about.packages)}"


def _view(result: PoseResult, row: int) -> list[str]:
    azimuth, elevation, inplane = result.view[row].tolist()
    v = "  ".join(f"{x:.6f}".rjust(11) for x in result.directions[row].tolist())
    angles = [f"{angle:11.6f}°" for angle in (azimuth, elevation, inplane)]
    return [
        _line(title, f"{value}  {formula}")
        for (title, formula), value in zip(VIEW.items(), [v, *angles], strict=True)
    ]


def _spell(numbers: Sequence[Number], values: Sequence[float], *, padded: bool = False) -> str:
    form = "{0:<6}{1:11.6f}" if padded else "{0} {1:.9g}"
    parts = [
        form.format(number.name, value) + ("°" if number.unit == "°" else "")
        for number, value in zip(numbers, values, strict=True)
    ]
    unit = " rad" if numbers[0].unit == "rad" else ""
    return ("  " if padded else ", ").join(parts) + unit


def _line(title: str, text: str) -> str:
    return f"{title:<{_INDENT}}{text}".rstrip()
