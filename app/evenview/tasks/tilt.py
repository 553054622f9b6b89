"""Read tilt series, and say how packages see them, how two relate, and which hand they have."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import TextWrapper
from typing import Any

import numpy as np

from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent
from evenview.core.tilt.hand import Hand, Measured, Sides, hand_of
from evenview.core.tilt.matching import matched
from evenview.core.tilt.packages import PACKAGES, matrices_of
from evenview.core.tilt.relation import (
    Combination,
    Relation,
    as_package,
    combinations,
    is_determined,
    relate_series,
)
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import counted, with_minus
from evenview.formats.output import check_targets
from evenview.formats.tilt import Given, open_series
from evenview.formats.tilt.defocus_table import in_angstroms, read_defocus, tilts_at
from evenview.tasks import tilt_words
from evenview.tasks.tilt_json import (
    combination_json,
    hand_json,
    moved_json,
    plain,
    relation_json,
    series_json,
)
from evenview.tasks.tilt_particles import Moved, ParticlesRequest, move

_WRAPPED = TextWrapper(100, initial_indent="  ", subsequent_indent="    ", break_long_words=False)


@dataclass(frozen=True)
class Typed:
    """Defocus left and right of the axis as somebody typed it.

    Attributes
    ----------
    tilts
        Angles of the tilts, with the sign of the file; None for all tilts of the file.
    left, right
        A value a tilt.
    apart
        Å between the middles of the two parts in the image.
    """

    left: tuple[float, ...]
    right: tuple[float, ...]
    tilts: tuple[float, ...] | None = None
    apart: float | None = None


@dataclass(frozen=True)
class TiltRequest:
    """Which series, and what is asked of them.

    Attributes
    ----------
    files
        Of one or several series; () where all is typed.
    given
        What the files do not say.
    typed, defocus
        Values, or a table of them, that decide the hand of the first series.
    micrometres
        Whether these are in µm and not in Å.
    particles
        Particles of the first series' tomogram to write for another: that of the second series, or
        of `package`.
    package
        A key of `PACKAGES`: the tomogram that it makes of the axis and angles as they are.
    """

    files: tuple[Path, ...]
    given: Given = field(default_factory=Given)
    typed: Typed | None = None
    defocus: Path | None = None
    micrometres: bool = False
    particles: ParticlesRequest | None = None
    package: str | None = None


@dataclass(frozen=True, eq=False)
class TiltResult:
    """What was found.

    Attributes
    ----------
    series
        In the order of the files.
    combinations
        What every package makes of the first series.
    relations
        Of each further series to the first.
    measured, hand
        Defocus of the first series, and its hand from this.
    towards
        Of the tomogram of the package asked for to the first series'.
    moved
        The particles written.
    """

    request: TiltRequest
    series: tuple[TiltSeries, ...]
    combinations: tuple[Combination, ...]
    relations: tuple[Relation, ...]
    measured: Measured | Sides | None
    hand: Hand | None
    towards: Relation | None
    moved: Moved | None

    @property
    def first(self) -> TiltSeries:
        """The series that all else is said of."""
        return self.series[0]

    @property
    def uncertain(self) -> tuple[str, ...]:
        """What the reference packages leave open and bears on this output."""
        return (
            tilt_words.IMOD_RULE,
            tilt_words.WARP_EXPORT,
            tilt_words.ARETOMO_AXIS,
            tilt_words.PHYSICAL,
        )

    @property
    def other(self) -> Relation | None:
        """How the one other tomogram that is spoken of lies to the first; None of none or many."""
        found = [*self.relations, *([] if self.towards is None else [self.towards])]
        return found[0] if len(found) == 1 else None

    @property
    def command(self) -> str:
        """The command that takes particles from the first tomogram to the other; "" for none."""
        found, given = self.other, self.request.given
        if found is None or found.rms > tilt_words.SAME_TILTS:
            return ""
        if found.kind == "same" and found.rest <= tilt_words.SAME_TURN:
            return ""
        words = ["evenview", "tilt", *map(str, self.request.files)]
        words += [] if given.axis is None else ["--axis", f"{given.axis:g}"]
        for file, axis in given.axes.items():
            words += ["--axis-of", str(file), f"{axis:g}"]
        words += [] if given.tomogram is None else ["--tomogram", given.tomogram]
        words += [] if self.request.package is None else ["--to", self.request.package]
        return shlex.join([*words, *_particle_words(self.request.particles)])

    @property
    def transform(self) -> str:
        """The command for poses of single 2-D images (of tilts), which places do not belong to.

        "" where they stay as they are: the images are the same, and so is ``P A``, but for a
        mirror, which makes ``D P A D`` of it.
        """
        if not self.command or self.other is None or not self.other.mirrors:
            return ""
        return "evenview transform images.star -o moved.star --mirror z --mirror-about voxel"

    def hand_words(self) -> list[str]:
        """What is known of the hand, a sentence each."""
        if self.hand is not None:
            return tilt_words.hand_facts(self.first, self.hand, self.combinations)
        said = tilt_words.hand_said(self.first, self.combinations)
        if said:
            return said
        return [
            "Not known from the file. Give measured defocus (--left and --right, or --defocus) to "
            "decide it."
        ]

    def summary(self) -> str:
        blocks = [self._series_lines(series) for series in self.series]
        blocks += [self._relation_lines(k) for k in range(len(self.relations))]
        blocks += [self._convention_lines(), self._focus_lines()]
        blocks.append(["Hand", *_indented(self.hand_words())])
        if self.towards is not None:
            blocks.append(self._towards_lines())
        blocks.append(["Not certain", *_indented(self.uncertain)])
        said = [with_minus("\n".join(lines)) for lines in blocks]
        if self.command and self.moved is None:
            said.append("\n".join(self._command_lines()))
        if self.moved is not None:
            said.append("\n".join(_moved_lines(self.moved)))
        return "\n\n".join(said)

    def _series_lines(self, series: TiltSeries) -> list[str]:
        facts = tilt_words.series_facts(series)
        lines = [f"{name + ':':<14}{value}" for name, value in facts]
        return lines + [f"Note: {note}" for note in series.notes]

    def _relation_lines(self, k: int) -> list[str]:
        second = self.series[k + 1]
        words = tilt_words.relation_words(self.first, second, self.relations[k])
        return [f"{second.files[0].name} against {self.first.files[0].name}", *_indented(words)]

    def _convention_lines(self) -> list[str]:
        facts = tilt_words.convention_facts(self.combinations)
        lines = [f"{name}: {value}." for name, value in facts]
        return ["The same images in every package", *_indented([*lines, *tilt_words.WHY])]

    def _focus_lines(self) -> list[str]:
        facts = tilt_words.focus_facts(self.first.package)
        lines = [f"{name}: {value}." for name, value in facts]
        head = "At positive angles of this file, the axis upright, for this tomogram"
        return [head, *_indented(lines)]

    def _towards_lines(self) -> list[str]:
        assert self.towards is not None
        assert self.request.package is not None
        title = PACKAGES[self.request.package].title
        words = tilt_words.RELATIONS[self.towards.kind]
        return [f"{title} makes of this axis and these angles as they are: {words}."]

    def _command_lines(self) -> list[str]:
        lines = ["To take particles (subtomograms) from the first tomogram to the other:"]
        lines += [self.command, "Poses of single 2-D images of the tilts:"]
        return [*lines, self.transform or "stay as they are"]

    def as_json(self) -> dict[str, Any]:
        found = self.hand
        return {
            "series": [series_json(series) for series in self.series],
            "conventions": [combination_json(c) for c in self.combinations],
            "explanation": list(tilt_words.WHY),
            "relations": [
                relation_json(self.first, other, relation)
                for other, relation in zip(self.series[1:], self.relations, strict=True)
            ],
            "to": None
            if self.towards is None
            else {"package": self.request.package, **plain(self.towards)},
            "hand": None if found is None else hand_json(found, self.combinations),
            "hand_words": self.hand_words(),
            "uncertain": list(self.uncertain),
            "command": self.command or None,
            "transform": self.transform or None,
            "particles": None if self.moved is None else moved_json(self.moved),
        }


def run(request: TiltRequest, progress: Progress = silent) -> TiltResult:
    """Read the files and answer what is asked.

    Raises
    ------
    UserError
        A file is no tilt series or damaged, tilts of two do not match, defocus is not of the
        series, or particles cannot be moved.
    """
    series = _series(request)
    first = series[0]
    _require_tilted(series)
    relations = tuple(relate_series(first, s, matched(first, s)) for s in series[1:])
    found = _defocus(request, first)
    towards = None if request.package is None else as_package(first, request.package)
    return TiltResult(
        request=request,
        series=tuple(series),
        combinations=tuple(combinations(first)),
        relations=relations,
        measured=found,
        hand=None if found is None else hand_of(first, found),
        towards=towards,
        moved=_moved(request, series, relations, towards, progress),
    )


def _series(request: TiltRequest) -> list[TiltSeries]:
    if request.files:
        return open_series(request.files, request.given)
    typed, axis = request.typed, request.given.axis
    if typed is None or typed.tilts is None or axis is None:
        raise UserError(
            "there is no tilt series",
            hint="Give a file, or type --axis, --tilts, --left and --right.",
        )
    angles = np.array(typed.tilts)
    if not (np.abs(angles) <= 90.0).all():
        raise UserError("a tilt angle is more than 90°", hint="Angles are in degrees.")
    axes, none = np.full(len(angles), axis), np.zeros(len(angles))
    return [TiltSeries("the tilts typed", (), "imod", angles, axes, none)]


def _require_tilted(series: Sequence[TiltSeries]) -> None:
    for one in series:
        if not is_determined(matrices_of(one)):
            raise UserError(
                "the tilts of this series are all alike, and say nothing of its geometry",
                where=str(one.files[0]) if one.files else "",
                hint="Give the whole series.",
            )


def _defocus(request: TiltRequest, series: TiltSeries) -> Measured | Sides | None:
    if request.defocus is not None and request.typed is not None:
        raise UserError("both a table of defocus and values are given", hint="Give one of them.")
    if request.defocus is not None:
        return read_defocus(request.defocus, series, request.micrometres)
    typed = request.typed
    if typed is None:
        return None
    tilts = series.angles if typed.tilts is None else np.array(typed.tilts)
    if not len(typed.left) == len(typed.right) == len(tilts):
        raise UserError(
            f"there are {counted(len(typed.left), 'value')} on the left, {len(typed.right):,} on "
            f"the right and {counted(len(tilts), 'tilt')}",
            hint="Give one of each a tilt; 'nan' stands for one that is missing.",
        )
    both = in_angstroms(np.array([typed.left, typed.right]), request.micrometres)
    rows = np.arange(len(tilts)) if typed.tilts is None else tilts_at(series, tilts)
    return Sides(rows, both[0], both[1], typed.apart)


def _moved(
    request: TiltRequest,
    series: Sequence[TiltSeries],
    relations: Sequence[Relation],
    towards: Relation | None,
    progress: Progress,
) -> Moved | None:
    if request.particles is None:
        return None
    found = [*relations, *([] if towards is None else [towards])]
    if len(found) != 1:
        raise UserError(
            "it is not said which tomogram the particles go to",
            hint="Give the files of two series, theirs first, or one and --to PACKAGE.",
        )
    if found[0].rms > tilt_words.SAME_TILTS:
        raise UserError(
            f"the tilts of the two series differ by {found[0].rms:.1f}° (rms) after the best turn "
            "or mirror, so particles cannot be taken from one to the other",
            hint="Are the tilts in the same order, and of one series?",
        )
    wanted = request.particles
    check_targets([wanted.output], [*request.files, *(file for s in series for file in s.files)])
    if wanted.size is None:
        wanted = replace(wanted, size=series[0].size)
    return move(wanted, found[0], progress)


def _particle_words(wanted: ParticlesRequest | None) -> list[str]:
    """The options that say which particles; the usual names where none are given."""
    if wanted is None:
        return ["--particles", "particles.star", "-o", "moved.star"]
    words = ["--particles", str(wanted.source), "-o", str(wanted.output)]
    words += [] if wanted.size is None else ["--size", *(f"{side:g}" for side in wanted.size)]
    return words + (["--all-tomograms"] if wanted.all_tomograms else [])


def _indented(lines: Sequence[str]) -> list[str]:
    return [_WRAPPED.fill(line) for line in lines]


def _moved_lines(moved: Moved) -> list[str]:
    lines = [
        f"Particles: {moved.particles:,} rewritten for {moved.words}",
        f"Changed: {', '.join(moved.changed)}",
        *(f"Note: {note}" for note in moved.notes),
    ]
    return lines + [f"Wrote {file}" for file in moved.files]
