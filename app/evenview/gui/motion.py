"""Turn, move or mirror the map: poses and shifts that go with it, in a file of the same format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from evenview.core import convention
from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.core.particles import Particles
from evenview.core.progress import Progress
from evenview.core.record import Record
from evenview.gui.asking import Inputs, UnfinishedError
from evenview.gui.beside import beside
from evenview.gui.files import ALL, MAPS, ask_open, by_folder
from evenview.gui.given import GivenField, whole_or_none
from evenview.gui.motion_inputs import (
    OF_IMAGES,
    OF_MAP,
    FrameField,
    MirrorField,
    ShiftField,
)
from evenview.gui.new_file import PathField
from evenview.gui.options import BOX, IMAGES, MAP, MIRROR, PIXEL_SIZE, asks_for
from evenview.gui.report import Line
from evenview.gui.text import degrees, typeset
from evenview.gui.turn_field import TurnField
from evenview.tasks import transform
from evenview.tasks.described import record_of
from evenview.tasks.foresee import said_by

MIRRORS = {
    "": "Not mirrored",
    "x": "In x",
    "y": "In y",
    "z": "In z",
    "inversion": "Inversion: in all three",
}
FLIPS = {"": "Not mirrored", "x": "In x: columns turned round", "y": "In y: rows turned round"}
NOTHING_YET = "Nothing moves yet"
HOW = "Choose a mirror, a turn or a shift. They are done in this order, on the map."
THIS = "This is how the map moves, and the views with it"
MIRROR_TIP = "This axis of the map is turned round, or all three. The map changes its hand."
IMAGES_TIP = "The images themselves were mirrored, by whatever made the stacks. The map stays."
MAP_TIP = (
    "The map that is turned, for its box, voxel size and origin. Without one it is taken to have "
    "those of the images, and its origin to be 0."
)
VIEW = ("Azimuth", "Elevation", "In-plane angle")
#: The rows of a file are only read for its box and pixel size where a motion needs them.
IF_UNSAID = "if the file does not say it"
PIXEL_TIP = "Å per pixel of the images. It is only asked for where the file does not say it."
BOX_TIP = "The side of the images. It is only asked for where the file does not say it."


@dataclass(frozen=True, eq=False)
class Seen:
    """The motion, and where it takes the view of the first particle that has one.

    ``views`` are azimuth, elevation and in-plane angle, degrees, (2, 3): before and after; None
    where no particle has a pose.
    """

    motion: Motion
    row: int
    views: NDArray[np.float64] | None


class MotionInputs(Inputs):
    """Mirror, turn and shift of the map, mirrored images, and what they are about."""

    title, verb, slot = "Turn, move or mirror the map", "Write", "transform"
    side = "beside"
    room = (1020, 540)

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[tuple[float | None, int | None], Record] = {}
        self.mirror = MirrorField(MIRROR, MIRRORS, MIRROR_TIP, OF_MAP, "voxel")
        self.turn = TurnField("Turn it")
        self.shift = ShiftField()
        self.frame = FrameField("About")
        self.map = PathField(MAP, MAP_TIP, self._ask_map)
        self.map.line.setPlaceholderText("optional: gives box, voxel size and origin")
        self.images = MirrorField(IMAGES, FLIPS, IMAGES_TIP, OF_IMAGES, "pixel")
        self.pixel_size = GivenField(PIXEL_SIZE, "Å", PIXEL_TIP, IF_UNSAID)
        self.box = GivenField(BOX, "pixels", BOX_TIP, IF_UNSAID)
        for name, part in (
            (MIRROR, self.mirror),
            ("Turn it", self.turn),
            ("Shift it", self.shift),
            ("About", self.frame),
            (MAP, self.map),
            (IMAGES, self.images),
            (PIXEL_SIZE, self.pixel_size),
            (BOX, self.box),
        ):
            self.add(name, part)
            changed = part.chosen if isinstance(part, FrameField) else part.changed
            changed.connect(lambda *_: self.changed.emit())
        self.setFocusProxy(self.mirror)

    def take(self, particles: Particles) -> None:
        """Nothing moves; the file's own numbers."""
        for part in (self.mirror, self.turn, self.shift, self.frame, self.images):
            part.clear()
        self.map.set_path(None)
        self._known = {}
        self.pixel_size.show_said(() if particles.pixel_size is None else (particles.pixel_size,))
        self.box.show_said(() if particles.box is None else (float(particles.box),))
        self._tell_apart(particles.box, particles.pixel_size)

    def name(self, path: Path) -> Path:
        """The open file's, with a word for it."""
        return beside(path, "moved")

    def kinds(self) -> str:
        """Whatever it is called: the format is that of the open file."""
        return ALL

    def targets(self, particles: Particles, path: Path) -> Sequence[Path]:
        """The file and its companions."""
        return particles.table.targets(path)

    def preview(self, particles: Particles) -> Callable[[Progress], Seen]:
        """The steps as one motion, and where the first particle goes."""
        request = self._request(particles, particles.table.path)
        known = self._known

        def work(progress: Progress) -> Seen:
            sampling = Remembered(particles, request, progress, known)
            return _seen(particles, transform.motion_of(request.steps, sampling))

        return work

    def foretell(self, found: Seen) -> tuple[str, Sequence[Line]]:
        """The motion in words, and the first particle."""
        record = self._known.get((None, None))
        if record is not None:
            self.pixel_size.show_said(said_by(record.pixel_size))
            self.box.show_said(said_by(record.box))
            size, box = (_one(said_by(values)) for values in (record.pixel_size, record.box))
            self._tell_apart(None if box is None else round(box), size)
        return THIS, tuple(_lines(found))

    def refuse(self, error: Exception | None) -> None:
        """Point out the number that is needed."""
        self.pixel_size.need(error is not None and asks_for(error, "--pixel-size"))
        self.box.need(error is not None and asks_for(error, "--box"))

    def work(
        self, particles: Particles, path: Path
    ) -> Callable[[Progress], transform.TransformResult]:
        """Transform; see `tasks.transform`."""
        request = self._request(particles, path)
        return lambda progress: transform.run(request, progress)

    def tell(self, result: transform.TransformResult) -> tuple[Sequence[Path], Sequence[Line]]:
        """The motion, and what changed."""
        lines = [Line("Warning", warning, "warn") for warning in result.warnings]
        lines += [Line("Replaced" if result.replaced else "Wrote", by_folder(result.files))]
        lines += [Line(name, typeset(text)) for name, text in _joined(result.facts())]
        return result.files, [*lines, *(Line("Note", note, "quiet") for note in result.notes)]

    def steps(self) -> transform.Steps:
        """What is said. Raises `UserError` where nothing is, or not all that has to be."""
        mirror, mirror_about = self.mirror.value
        images, images_about = self.images.value
        shift = self.shift.value
        if not (mirror or images or shift or self.turn.is_begun):
            raise UnfinishedError(NOTHING_YET, hint=HOW)
        if not self.turn.is_complete:
            raise UnfinishedError("The turn is not complete", hint="Fill in its numbers.")
        turn = self.turn.turn()
        within = None if turn is None else turn.shift
        self.frame.ask(within is not None)
        if within is not None and shift is not None:
            raise UserError(
                "a matrix of 12 numbers has a shift, and another is given",
                hint="Leave Shift it empty, or give the 9 numbers without the shift.",
            )
        moved = within if shift is None else np.array(shift)
        return transform.Steps(
            mirror=mirror,
            mirror_about=mirror_about,
            turn=None if turn is None else turn.matrix,
            shift=moved,
            frame=self.frame.value,
            images=cast('Literal["x", "y"] | None', images),
            images_about=images_about,
        )

    def _request(self, particles: Particles, path: Path) -> transform.TransformRequest:
        box = whole_or_none(self.box.value, BOX)
        return transform.TransformRequest(
            particles, path, self.steps(), self.pixel_size.value, box, self.map.path
        )

    def _tell_apart(self, box: int | None, size: float | None) -> None:
        for part in (self.mirror, self.images):
            part.tell_apart(box, size)

    def _ask_map(self, path: Path) -> Path | None:
        return ask_open(self, MAP, MAPS, path.parent if path.name else None)


@dataclass(frozen=True, eq=False)
class Remembered(transform.Sampling):
    """Box and pixel size that are not read anew for every key that is pressed."""

    known: dict[tuple[float | None, int | None], Record] = field(default_factory=dict)

    @cached_property
    def record(self) -> Record:
        """What file and request say, without all that a motion does not ask for."""
        given = (self.request.pixel_size, self.request.box)
        if given not in self.known:
            whole = record_of(self.particles, *given, self.progress)
            nowhere = np.broadcast_to(np.nan, (len(whole), 4))
            self.known[given] = Record(nowhere, pixel_size=whole.pixel_size, box=whole.box)
        return self.known[given]


def _seen(particles: Particles, motion: Motion) -> Seen:
    if not particles.n_placed:
        return Seen(motion, 0, None)
    first = int(np.argmax(particles.placed))
    old = particles.quaternions[first : first + 1]
    new, _ = motion.apply(old, None)
    return Seen(motion, first, np.concatenate([_view(old), _view(new)]))


def _view(q: NDArray[np.float64]) -> NDArray[np.float64]:
    """(1, 3) degrees: azimuth, elevation, in-plane angle."""
    az_el = convention.azimuth_elevation(convention.directions(q))
    return np.column_stack([az_el, convention.inplane(q)])


def _lines(seen: Seen) -> Iterator[Line]:
    facts = _joined(transform.motion_facts(seen.motion))
    yield from (Line(name, typeset(text)) for name, text in facts)
    if seen.views is not None:
        yield Line("", "")
        yield Line("Particle", f"{seen.row + 1:,}, the first that has a pose")
        for name, before, after in zip(VIEW, *seen.views.tolist(), strict=True):
            yield Line(name, f"{degrees(before)} → {degrees(after)}")


def _one(values: Sequence[float]) -> float | None:
    """The value, where there is one and no other."""
    return values[0] if len(values) == 1 else None


def _joined(facts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Facts of several lines as one each."""
    joined: list[tuple[str, str]] = []
    for name, text in facts:
        if name or not joined:
            joined.append((name, text))
        else:
            joined[-1] = (joined[-1][0], f"{joined[-1][1]}\n{text}")
    return joined
