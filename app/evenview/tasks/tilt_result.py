"""What is found of tilt series: for people, for programs, and as commands to go on with."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import TextWrapper
from typing import Any

from evenview.core.errors import UserError
from evenview.core.tilt.compared import Compared
from evenview.core.tilt.hand import Hand, Measured, Sides
from evenview.core.tilt.offset import Offset
from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.relation import Combination, Relation
from evenview.core.tilt.series import TiltSeries
from evenview.core.words import with_minus
from evenview.tasks import tilt_words
from evenview.tasks.tilt_hand_words import hand_words, sign_said
from evenview.tasks.tilt_json import (
    combination_json,
    hand_json,
    moved_json,
    plain,
    relation_json,
    series_json,
)
from evenview.tasks.tilt_particles import Moved, ParticlesRequest
from evenview.tasks.tilt_relation_words import RELATIONS, is_same, relation_words
from evenview.tasks.tilt_request import TiltRequest

_TABLE = "What each package is to be given of the same images, for the tomogram of {}"
_TURNED = (
    'Turned, the tomogram has the same hand; mirrored, the other. "Negated" are the tilt angles of '
    "the file."
)
_MORE = "What is open of other packages, and the sources, are in docs/tilt.md."
_WRAPPED = TextWrapper(100, initial_indent="  ", subsequent_indent="    ", break_long_words=False)


@dataclass(frozen=True, eq=False)
class TiltResult:
    """What was found.

    Attributes
    ----------
    first
        The series that all else is said of.
    compared
        Each further series, in the order of the files, against the first.
    combinations
        What every package makes of the first series.
    measured, hand
        Defocus of the first series, and its hand from this.
    towards
        Of the tomogram of the package asked for to the first series'.
    moved
        The particles written.
    """

    request: TiltRequest
    first: TiltSeries
    compared: tuple[Compared, ...]
    combinations: tuple[Combination, ...]
    measured: Measured | Sides | None
    hand: Hand | None
    towards: Relation | None
    moved: Moved | None

    @property
    def series(self) -> tuple[TiltSeries, ...]:
        """All of them, in the order of the files."""
        return (self.first, *(each.second for each in self.compared))

    @property
    def uncertain(self) -> tuple[str, ...]:
        """What is open of the packages that are spoken of, and of the hand where one is said: that
        is told in the terms of all packages."""
        packages = [*(series.package for series in self.series), self.request.package or ""]
        said = tilt_words.UNCERTAIN
        is_told = sign_said(self.first) is not None
        if self.hand is not None:
            is_told = self.hand.depth_sign is not None
        found = dict.fromkeys(said[name] for name in said if is_told or name in packages)
        has_hand = is_told or self.hand is not None
        physical = (tilt_words.PHYSICAL,) if has_hand else ()
        return (tilt_words.CHECKED, *found, *physical)

    @property
    def other(self) -> Relation | None:
        """How the one other tomogram that is spoken of lies to the first; None of none or many."""
        found = [each.relation for each in self.compared]
        found += [] if self.towards is None else [self.towards]
        return found[0] if len(found) == 1 else None

    @property
    def alone(self) -> Compared | None:
        """The one other series, where it is the one other tomogram that is spoken of."""
        return self.compared[0] if len(self.compared) == 1 and self.towards is None else None

    @property
    def offset(self) -> Offset | None:
        """How far the one other tomogram is shifted; None where that is not known."""
        return None if self.alone is None else self.alone.offset

    @property
    def unread_shifts(self) -> bool:
        """Whether the one other tomogram is shifted by what is in the files and not read."""
        return self.alone is not None and self.alone.unread(self.first)

    @property
    def movable(self) -> bool:
        """Whether there is one other tomogram that particles can be taken to."""
        return self.other is not None and self.why_not is None

    @property
    def why_not(self) -> UserError | None:
        """Why particles cannot be taken to the one other tomogram; None where they can."""
        found, alone = self.other, self.alone
        if found is None:
            return UserError(
                "it is not said which tomogram the particles go to",
                hint="Give the files of two series, theirs first, or one and --to PACKAGE.",
            )
        if not found.fits:
            return UserError(
                f"the tilts of the two series differ by {found.rms:.1f}° (rms) after the best turn "
                "or mirror, so particles cannot be taken from one to the other",
                hint="Are the tilts in the same order, and of one series?",
            )
        if alone is not None and alone.is_open:
            return UserError(
                "nothing tells which tilts of the two series are the same images, and with it the "
                "hand, so particles cannot be taken from one to the other",
                hint="Give files that name the images or sections, or say their shifts.",
            )
        if alone is not None and alone.guesses_a_turn:
            return UserError(
                f"the two tomograms are turned by {tilt_words.degrees(found.rest)} as a whole if "
                "order or angles tell which tilts are the same images, as nothing else does, and "
                "particles are not taken along by that",
                hint="Give files that name the images or sections, or say --to PACKAGE.",
            )
        if self.unread_shifts:
            return UserError(
                "the shifts of RELION 4's matrices are not read, so particles cannot be taken from "
                "one tomogram to the other",
                hint="Give files that say the shifts otherwise: of RELION 5, or those imported "
                "from.",
            )
        if is_same(found, self.offset):
            return UserError(
                "there is nothing to do: both describe the same tomogram, and the particles fit "
                "both"
            )
        return None

    @property
    def command(self) -> str:
        """The command that takes particles from the first tomogram to the other; "" for none."""
        given = self.request.given
        if not self.movable:
            return ""
        words = ["evenview", "tilt", *map(str, self.request.files)]
        if made := self.request.made:
            words += ["--of", made.package, "--axis", _exact(made.axis)]
            words += ["--tilts", *map(_exact, made.angles)]
        words += [] if given.axis is None else ["--axis", _exact(given.axis)]
        for file, axis in given.axes.items():
            words += ["--axis-of", str(file), _exact(axis)]
        words += [] if given.tomogram is None else ["--tomogram", given.tomogram]
        words += [] if given.pixel_size is None else ["--pixel-size", _exact(given.pixel_size)]
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
        words = hand_words(self.first, self.hand, self.combinations)
        note = "" if self.measured is None else self.measured.note
        return [*words, note] if note else words

    def summary(self) -> str:
        blocks = [self._series_lines(series) for series in self.series]
        blocks += [self._relation_lines(each) for each in self.compared]
        blocks.append(["Hand", *_indented(self.hand_words())])
        blocks.append(self._convention_lines())
        if self.towards is not None:
            blocks.append(self._towards_lines())
        blocks.append(["Not certain", *_indented((*self.uncertain, _MORE))])
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

    def _relation_lines(self, found: Compared) -> list[str]:
        words = relation_words(self.first, found)
        names = f"{found.second.files[0].name} against {self.first.files[0].name}"
        return [names, *_indented(words)]

    def _convention_lines(self) -> list[str]:
        """A table; where tomograms differ also why there can be two right answers."""
        table = [f"  {line}" for line in tilt_words.convention_table(self.combinations)]
        differ = any(each.relation.kind != "same" for each in self.compared)
        why = tilt_words.WHY if differ else ()
        words = (_TURNED, *tilt_words.remarks(), *why)
        return [_TABLE.format(self.first.name), *table, *_indented(words)]

    def _towards_lines(self) -> list[str]:
        assert self.towards is not None
        assert self.request.package is not None
        title = PACKAGES[self.request.package].title
        words = RELATIONS[self.towards.kind]
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
            "relations": [relation_json(self.first, each) for each in self.compared],
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


def _particle_words(wanted: ParticlesRequest | None) -> list[str]:
    """The options that say which particles; the usual names where none are given."""
    if wanted is None:
        return ["--particles", "particles.star", "-o", "moved.star"]
    words = ["--particles", str(wanted.source), "-o", str(wanted.output)]
    words += [] if wanted.size is None else ["--size", *map(_exact, wanted.size)]
    words += [] if wanted.voxel_size is None else ["--voxel-size", _exact(wanted.voxel_size)]
    return words + (["--all-tomograms"] if wanted.all_tomograms else [])


def _exact(number: float) -> str:
    """A number for a command, which is to read the very same."""
    return f"{number:.15g}"


def _indented(lines: Sequence[str]) -> list[str]:
    return [_WRAPPED.fill(line) for line in lines]


def _moved_lines(moved: Moved) -> list[str]:
    lines = [
        f"Particles: {moved.particles:,} rewritten for {moved.words}",
        f"Changed: {', '.join(moved.changed)}",
        *(f"Note: {note}" for note in moved.notes),
    ]
    return lines + [f"Wrote {file}" for file in moved.files]
