"""Compare the poses of the same particles in two files, and write what agrees and what does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core import means
from evenview.core.compare import comparison
from evenview.core.compare.judgement import judge
from evenview.core.compare.matching import Matches, Side, match
from evenview.core.compare.relation import describe
from evenview.core.compare.twins import settled_by_shifts
from evenview.core.errors import UserError
from evenview.core.particles import Particles, Table
from evenview.core.progress import Progress, share, silent
from evenview.core.reading import Reading
from evenview.core.record import Record
from evenview.core.symmetry import PointGroup, parse_group
from evenview.formats import find_format, formats, open_particles
from evenview.formats.output import check_targets
from evenview.tasks.compare_result import CompareRequest, CompareResult, Outputs, per_particle
from evenview.tasks.described import record_of
from evenview.tasks.textfile import write_numbers

__all__ = ["CompareRequest", "CompareResult", "Outputs", "run", "write"]

Floats = NDArray[np.float64]

#: What the names of tables may end in.
_TABLES = ("", ".csv", ".txt")


def run(request: CompareRequest, progress: Progress = silent) -> CompareResult:
    """Compare, and write what is wanted.

    Raises
    ------
    UserError
        The files have no particle in common, none has a pose in both, the group is not known, or a
        target is a source.
    """
    _require_sound(request)
    a = _opened(request.a, request.reading_a, share(progress, 0, 5))
    b = _opened(request.b, request.reading_b, share(progress, 1, 5))
    _require_targets(request.outputs, a, b)
    group, told = _group(request.symmetry, a, b)
    parts = [share(share(progress, 2, 5), part, 3) for part in range(3)]
    side_a, side_b = _side(a, request, parts[0]), _side(b, request, parts[1])
    whole = match(side_a, side_b, request.way, request.tolerance, parts[2])
    matches = _posed(whole, a, b)
    quaternions = a.quaternions[matches.rows_a], b.quaternions[matches.rows_b]
    found = comparison.compare(*quaternions, group, progress=share(progress, 3, 5))
    origins = (_origins(side_a, matches.rows_a), _origins(side_b, matches.rows_b))
    found, shifts = settled_by_shifts(found, *quaternions, *origins)
    result = CompareResult(
        request,
        a,
        b,
        group,
        told,
        matches,
        len(whole) - len(matches),
        found,
        describe(found, group),
        shifts,
        more_notes=_alone({"A": side_a, "B": side_b}),
    )
    result = replace(result, better=comparison.better_group(*quaternions, found))
    if request.truth:
        result = _judged(result, *quaternions)
    return _written(result, share(progress, 4, 5))


def write(result: CompareResult, outputs: Outputs, progress: Progress = silent) -> CompareResult:
    """Write files from what was found; which particles agree is settled by `outputs.over`.

    Raises
    ------
    UserError
        A target is a source, or cannot be written.
    """
    a, b = result.a, result.b
    _require_targets(outputs, a, b)
    request = replace(result.request, outputs=outputs)
    return _written(replace(result, request=request, written=()), progress)


def _require_sound(request: CompareRequest) -> None:
    over, size = request.outputs.over, request.pixel_size
    if over is not None and not 0 <= over <= 180:
        raise UserError(f"--over {over:g} is no angle", hint="Say degrees between 0 and 180.")
    if size is not None and not (np.isfinite(size) and size > 0):
        raise UserError(f"a pixel size of {size:g} Å cannot be")
    if request.box is not None and request.box <= 0:
        raise UserError(f"a box of {request.box} pixels cannot be")


def _opened(source: Path | Particles, reading: Reading, progress: Progress) -> Particles:
    return source if isinstance(source, Particles) else open_particles(source, progress, reading)


def _group(asked: str | None, a: Particles, b: Particles) -> tuple[PointGroup, str]:
    """The group, and where it is from in words."""
    if asked is not None:
        return parse_group(asked), "asked for"
    for name, particles in (("A", a), ("B", b)):
        if particles.symmetry is not None:
            return parse_group(particles.symmetry), f"named by {name}"
    return parse_group("C1"), "none was said"


def _side(particles: Particles, request: CompareRequest, progress: Progress) -> Side:
    """What a file says of its particles, without shifts where it leaves their unit open; a file
    that cannot be understood has its poses alone."""
    pixel_size = None if particles.pixel_size is not None else request.pixel_size
    box = None if particles.box is not None else request.box
    try:
        return Side(len(particles), record_of(particles, pixel_size, box, progress))
    except UserError as error:
        return Side(len(particles), _without_units(particles, pixel_size, box), error.what)


def _without_units(
    particles: Particles, pixel_size: float | None, box: int | None
) -> Record | None:
    """What tells particles apart in a file that does not say the size of a pixel or the box.

    It is read as if that were 1, and what depends on it is left out.
    """
    sizes = (
        (pixel_size or 1.0) if particles.pixel_size is None else None,
        (box or 1) if particles.box is None else None,
    )
    try:
        record = record_of(particles, *sizes)
    except UserError:
        return None
    places = record.coordinates
    bare = None if places is None else replace(places, pixel_size=None)
    return replace(record, origins=None, pixel_size=None, box=None, coordinates=bare)


def _posed(whole: Matches, a: Particles, b: Particles) -> Matches:
    """The matches that have a pose in both files."""
    posed = a.placed[whole.rows_a] & b.placed[whole.rows_b]
    if not posed.any():
        raise UserError(
            f"none of the {len(whole):,} particles that are in both files has a pose in both",
            where=f"{a.table.path}, {b.table.path}",
            hint="Are these files of before the alignment?",
        )
    return replace(whole, rows_a=whole.rows_a[posed], rows_b=whole.rows_b[posed])


def _origins(side: Side, rows: NDArray[np.int64]) -> Floats | None:
    origins = None if side.record is None else side.record.origins
    return None if origins is None else origins[rows]


def _alone(sides: dict[str, Side]) -> tuple[str, ...]:
    """What of some files is not used, and why."""
    told = []
    for name, side in sides.items():
        if side.record is None:
            told.append(f"Of {name} the poses alone are used: {side.why_not.rstrip('.')}.")
        elif side.why_not:
            told.append(f"Of {name} the shifts are not used: {side.why_not.rstrip('.')}.")
    return tuple(told)


def _judged(result: CompareResult, a: Floats, b: Floats) -> CompareResult:
    """The errors of A where B is the truth, in the frames as given and brought together."""
    given = comparison.as_given(a, b, result.group)
    return replace(
        result,
        given={name: judge(np.abs(values)) for name, values in per_particle(given).items()},
        fitted={name: judge(np.abs(x)) for name, x in per_particle(result.found).items()},
    )


def _require_targets(outputs: Outputs, a: Particles, b: Particles) -> None:
    """Raise `UserError` where a file cannot be written, or its name promises another format."""
    table = (a if outputs.of == "A" else b).table
    paths = [path for path in (outputs.disagreeing, outputs.agreeing) if path is not None]
    targets = [target for path in paths for target in table.targets(path)]
    targets += [outputs.table] if outputs.table else []
    check_targets(targets, (*a.table.sources, *b.table.sources))
    for path in paths:
        _require_suffix(path, table, outputs.of)
    if outputs.table is not None and outputs.table.suffix.lower() not in _TABLES:
        raise UserError(
            f"the table is comma-separated text, and {outputs.table.suffix} is something else",
            where=str(outputs.table),
            hint="Let its name end in .csv.",
        )


def _require_suffix(path: Path, table: Table, of: str) -> None:
    """Refuse a suffix that stands for other formats than the one whose rows are copied."""
    suffix, own = path.suffix.lower(), find_format(table.path)
    others = [form.title for form in formats().values() if suffix in form.suffixes]
    if not others or own.title in others or suffix == table.path.suffix.lower():
        return
    raise UserError(
        f"the rows of {of} are written as they are, {table.format_name}, and {suffix} means "
        f"{' or '.join(others)}",
        where=str(path),
        hint=f"Let its name end in {table.path.suffix}; converting is a step of its own.",
    )


def _written(result: CompareResult, progress: Progress) -> CompareResult:
    outputs = result.request.outputs
    written: list[Path] = []
    notes: list[str] = []
    particles = result.a if outputs.of == "A" else result.b
    rows = result.matches.rows_a if outputs.of == "A" else result.matches.rows_b
    parts = []
    for path, which, word in (
        (outputs.disagreeing, ~result.agrees, "disagrees"),
        (outputs.agreeing, result.agrees, "agrees"),
    ):
        if path is None:
            continue
        if not which.any():
            notes.append(f"No particle {word}, so {path} was not written.")
            continue
        chosen = np.zeros(len(particles), dtype=bool)
        chosen[rows[which]] = True
        parts.append((path, chosen))
        written += particles.table.targets(path)
    if parts:
        particles.table.write_parts(parts, progress)
    if outputs.table is not None:
        _write_table(result, outputs.table, progress)
        written.append(outputs.table)
    return replace(result, written=tuple(written), more_notes=(*result.more_notes, *notes))


def _write_table(result: CompareResult, path: Path, progress: Progress) -> None:
    """A line a matched particle: rows (from 0), A's direction, errors, operator, probability."""
    found, matches = result.found, result.matches
    views = result.a.directions[matches.rows_a]
    columns: dict[str, tuple[NDArray[Any], int]] = {
        "row_a": (matches.rows_a, 0),
        "row_b": (matches.rows_b, 0),
    }
    columns |= {f"direction_a_{axis}": (views[:, i], 6) for i, axis in enumerate("xyz")}
    columns |= {name: (values, 6) for name, values in per_particle(found).items()}
    metric = result.request.metric
    if metric is not None and metric != "geodesic":  # which is the angle
        columns[f"{metric}_distance"] = (means.distance(found.angle, metric), 9)
    columns |= {
        "operator": (found.operator, 0),
        "probability": (found.probability, 6),
        "agrees": (result.agrees, 0),
    }
    if result.shifts is not None:
        left = result.shifts.residual
        columns |= {f"shift_error_{'xyz'[i]}": (left[:, i], 4) for i in range(left.shape[1])}
    sources = (*result.a.table.sources, *result.b.table.sources)
    write_numbers(path, columns, sources, progress)
