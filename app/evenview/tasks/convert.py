"""Write particles in another format, and say what went along and what did not."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evenview.core.errors import UserError
from evenview.core.particles import Note, Particles
from evenview.core.progress import Progress, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.core.record import FIELDS, Created, Record
from evenview.core.words import counted
from evenview.formats import formats, open_particles
from evenview.formats.base import Creatable, Precision
from evenview.formats.facts import optical_left
from evenview.formats.output import check_targets
from evenview.tasks.described import record_of, require_described, with_coordinate_pixels
from evenview.tasks.written import read_again

#: What a suffix means where several formats have it and nobody said which.
_USUAL = {".star": "relion-star"}


@dataclass(frozen=True)
class ConvertRequest:
    """What to convert, where it goes, and what its file does not say.

    Attributes
    ----------
    source
        A path, or particles that are already open.
    output
        The file to write.
    to
        A format's name or the beginning of it up to a hyphen ("relion"); None for that of the
        output's suffix.
    reading
        What a path leaves open: a class, columns.
    pixel_size, box
        Å and pixels, where the file does not say them.
    coordinate_pixel_size
        Å of the pixels that coordinates are in, where the file does not say it.
    """

    source: Path | Particles
    output: Path
    to: str | None = None
    reading: Reading = AS_IT_IS
    pixel_size: float | None = None
    box: int | None = None
    coordinate_pixel_size: float | None = None


@dataclass(frozen=True)
class Kind:
    """A format: its name, and what a file of it is in words ("RELION 3.1 star")."""

    name: str
    title: str


@dataclass(frozen=True)
class ConvertResult:
    """What was written, from what to what, and what became of each thing that the file says.

    Attributes
    ----------
    created
        The files, what the new format cannot say, and what stands where it asks for more.
    replaced
        Those files that were there before.
    particles, placed
        All rows, and those with a pose.
    source, target
        From what to what.
    said
        What the record says besides the poses, in words.
    left_behind
        Columns of the source that no field of the record stands for.
    precision
        How exactly the new file says poses and shifts.
    notes, warnings
        What was assumed in reading, and what is lost unseen or programs will stumble on in the
        new file.
    """

    created: Created
    replaced: tuple[Path, ...]
    particles: int
    placed: int
    source: Kind
    target: Kind
    said: tuple[str, ...]
    left_behind: tuple[str, ...]
    precision: Precision
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def taken_along(self) -> tuple[str, ...]:
        """What the source says and the new file says too, in words."""
        lost = set(self.created.dropped)
        return ("poses", *(words for words in self.said if words not in lost))

    def facts(self) -> list[tuple[str, str]]:
        """What happened in words, a fact a line."""
        unplaced = self.particles - self.placed
        without = f" ({counted(unplaced, 'without a pose', 'without a pose')})" * bool(unplaced)
        return [
            ("From", self.source.title),
            ("To", _told_target(self)),
            ("Particles", f"{self.particles:,}{without}"),
            ("Taken along", listed(self.taken_along)),
            ("Left behind", listed(self.created.lost)),
            ("Columns left", listed(self.left_behind)),
            ("Filled in", listed(self.created.filled, "; ")),
            ("Precision", precision_in_words(self.precision)),
        ]

    def summary(self) -> str:
        lines = [_wrapped(f"{name + ':':<14}", value) for name, value in self.facts()]
        lines += [f"Note: {note}" for note in self.notes]
        lines += [self._told(file) for file in self.created.files]
        return "\n".join([*lines, *(f"Warning: {warning}" for warning in self.warnings)])

    def _told(self, file: Path) -> str:
        return f"{'Replaced' if file in self.replaced else 'Wrote'} {file}"

    def as_json(self) -> dict[str, Any]:
        return {
            "files": [str(file) for file in self.created.files],
            "replaced": [str(file) for file in self.replaced],
            "particles": self.particles,
            "placed": self.placed,
            "from": asdict(self.source),
            "to": asdict(self.target),
            "taken_along": list(self.taken_along),
            "dropped": list(self.created.dropped),
            "why_dropped": dict(self.created.why),
            "left_behind": list(self.left_behind),
            "filled": list(self.created.filled),
            "precision": asdict(self.precision),
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }


def run(request: ConvertRequest, progress: Progress = silent) -> ConvertResult:
    """Convert and write, whole or not at all.

    Raises
    ------
    UserError
        The output's format is not known or not certain, the output is a source, the new format
        needs what neither the file nor the request says, or these two disagree.
    """
    particles = _opened(request, progress)
    form = choose_format(request.to, request.output)
    check_targets([request.output], particles.table.sources)
    record = record_of(particles, request.pixel_size, request.box, progress)
    record = with_coordinate_pixels(record, request.coordinate_pixel_size, particles)
    there = request.output.exists()
    created = form.create(request.output, record, progress)
    made, warnings = read_again(request.output, progress=progress)
    left = left_behind(particles, record)
    return ConvertResult(
        created=created,
        replaced=(request.output,) if there else (),
        particles=len(record),
        placed=int(record.placed.sum()),
        source=Kind(require_described(particles).name, particles.table.format_name),
        target=Kind(form.name, made.table.format_name if made else form.title),
        said=tuple(record.said().values()),
        left_behind=left,
        precision=form.precision,
        notes=(
            *told_notes((*particles.notes, *record.notes), record, created),
            *_vanished(particles, made, form.precision),
        ),
        warnings=(*foretold_warnings(particles, left), *warnings),
    )


def creatable() -> dict[str, Creatable]:
    """The formats in which new files can be made, by name."""
    return {name: form for name, form in formats().items() if isinstance(form, Creatable)}


def choose_format(to: str | None, output: Path) -> Creatable:
    """The format of a name or the beginning of one, else of the output's suffix.

    Raises `UserError` where none or several fit.
    """
    named = creatable() if to is None else _named(to)
    if len(named) == 1:
        return next(iter(named.values()))
    suffix = output.suffix.lower()
    fitting = {name: form for name, form in named.items() if suffix in form.suffixes}
    if len(fitting) > 1 and _USUAL.get(suffix) in fitting:
        return fitting[_USUAL[suffix]]
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    known = ", ".join(fitting or named)
    why = "several formats have" if fitting else "no format that can be made has"
    raise UserError(
        f'{why} the suffix "{suffix}"' if suffix else "the name has no suffix to tell the format",
        where=str(output),
        hint=f"Say which with --to: {known}.",
    )


def precision_in_words(precision: Precision) -> str:
    """One sentence's middle: how exactly a format says poses and shifts."""
    return (
        f"poses to {_plain(precision.degrees)}°, shifts to {_plain(precision.shift)} "
        f"{precision.shift_unit} ({precision.why})"
    )


def _named(to: str) -> dict[str, Creatable]:
    known = creatable()
    word = to.strip().lower()
    if word in known:
        return {word: known[word]}
    begun = {name: form for name, form in known.items() if word and name.startswith(word)}
    if begun:
        return begun
    only_read = [name for name in formats() if word in (name, name.partition("-")[0])]
    what = "can be read but not made" if only_read else "is no format known here"
    raise UserError(f'"{to}" {what}', hint=f"Known are {', '.join(known)}.")


def _opened(request: ConvertRequest, progress: Progress) -> Particles:
    if isinstance(request.source, Particles):
        return request.source
    return open_particles(request.source, progress, request.reading)


def left_behind(particles: Particles, record: Record) -> tuple[str, ...]:
    """The columns of the source that no field of its record stands for, of other tables too."""
    columns: Iterable[str] = particles.table.cells(0)
    return (*(column for column in columns if column not in record.taken), *record.left)


def foretold_warnings(particles: Particles, left: Iterable[str]) -> tuple[str, ...]:
    """What the source and the columns `left` behind warn of, whatever the new format."""
    warned = (str(note) for note in particles.notes if note.warns)
    return (*warned, *optical_left(particles, left))


def told_notes(notes: Iterable[Note], record: Record, created: Created) -> tuple[str, ...]:
    """Notes that are no warnings, without those on a field that is not in the new file."""
    gone = {name for name, words in FIELDS.items() if words in created.dropped}
    gone |= {name for name in FIELDS if getattr(record, name) is None}
    left = (note for note in notes if not note.warns and note.about.partition(".")[0] not in gone)
    return tuple(dict.fromkeys(map(str, left)))


def _vanished(
    particles: Particles, made: Particles | None, precision: Precision
) -> tuple[str, ...]:
    """A note of poses that are not (0, 0, 0), but so near that the new file says they are."""
    if made is None or len(made) != len(particles):
        return ()
    now_zero = (made.quaternions[:, 1:] == 0).all(axis=1)
    was_zero = (particles.quaternions[:, 1:] == 0).all(axis=1)
    n = int(np.count_nonzero(now_zero & ~was_zero & particles.placed))
    if not n:
        return ()
    note = Note(
        f"{counted(n, 'pose turns', 'poses turn')} by less than {_plain(precision.degrees)}°, and "
        "not at all in the new file",
        "There it may look like a pose of (0, 0, 0), which programs write before alignment.",
    )
    return (str(note),)


def _told_target(result: ConvertResult) -> str:
    again = " (the same format, written anew)"
    return result.target.title + again * (result.source.name == result.target.name)


def listed(words: Sequence[str], between: str = ", ") -> str:
    """Words in a row, or "nothing"."""
    return between.join(words) or "nothing"


def _wrapped(name: str, value: str) -> str:
    return textwrap.fill(
        value,
        96,
        initial_indent=name,
        subsequent_indent=" " * len(name),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _plain(value: float) -> str:
    """A small number without an exponent: 5e-07 → 0.0000005."""
    return f"{value:.15f}".rstrip("0").rstrip(".") or "0"
