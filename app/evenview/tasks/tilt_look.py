"""What can be said of tilt series while they are still being put together, file by file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent
from evenview.core.tilt.hand import Points, points_of, read_by
from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.relation import as_package
from evenview.core.tilt.series import TiltSeries
from evenview.formats.tilt import Outcome, read_each
from evenview.tasks import tilt
from evenview.tasks.tilt_hand_words import sign_said
from evenview.tasks.tilt_request import TYPED, TiltRequest
from evenview.tasks.tilt_result import TiltResult
from evenview.tasks.tilt_words import hand_of_file


@dataclass(frozen=True)
class Focus:
    """Which hand a drawing is to show, h of `core.tilt.hand`, and how it is known."""

    depth_sign: int | None
    why: str


@dataclass(frozen=True, eq=False)
class Look:
    """What became of the files, and what follows from those that are sound.

    Attributes
    ----------
    outcomes
        A file or two each, in their order.
    result
        Of the sound ones; of the first alone where they cannot be compared; None of none.
    error
        Why they cannot be compared.
    defocus_error
        Why the defocus cannot be used.
    """

    outcomes: tuple[Outcome, ...] = ()
    result: TiltResult | None = None
    error: UserError | None = None
    defocus_error: UserError | None = None

    @property
    def points(self) -> Points | None:
        """What the slope of the defocus is of."""
        result = self.result
        if result is None or result.measured is None:
            return None
        return points_of(result.first, result.measured)

    @property
    def depth_sign(self) -> int | None:
        """h of the first series' tomogram: by the defocus where it decides, else as its file has
        it."""
        return None if self.result is None else self._hand(0).depth_sign

    def onto(self, other: int | str) -> TiltResult:
        """The result for the first series and one other: a place in its `series`, or what a
        package makes of the same axis and angles."""
        result = self.result
        assert result is not None
        if isinstance(other, str):
            towards = as_package(result.first, other)
            request = replace(_request(result.request, self._sound()[0].files), package=other)
            return replace(result, compared=(), request=request, towards=towards)
        files = self._sound()[0].files + self._sound()[other].files
        return replace(
            result,
            request=_request(result.request, files),
            compared=(result.compared[other - 1],),
        )

    def focus(self, place: int, package: str) -> Focus:
        """The hand of a series, by its place in the result, as a package reads its numbers."""
        assert self.result is not None
        own, series = self._hand(place), self.result.series[place]
        if own.depth_sign is not None:
            return Focus(read_by(series.package, package, own.depth_sign), own.why)
        fixed = PACKAGES[package].focus
        if isinstance(fixed, int):
            rule = "by EMAN2's one sign" if package == "eman2" else "by a rule of IMOD's users"
            return Focus(fixed, f"{rule}, which nothing here checks")
        return Focus(None, "")

    def _hand(self, place: int) -> Focus:
        """The hand of a series as its own package reads it: by the defocus of the first, where
        that decides and the series is of the same images, else by its file."""
        result = self.result
        assert result is not None
        series = result.series[place]
        measured = None if result.hand is None else result.hand.depth_sign
        against = result.compared[place - 1] if place else None
        if measured is not None and (against is None or against.is_known):
            mirrored = against is not None and against.relation.mirrors
            return Focus(-measured if mirrored else measured, "by the defocus measured")
        said = sign_said(series)
        if said is None:
            return Focus(None, "")
        how = "EMAN2's one sign" if series.hand is None else f"{hand_of_file(series)} of the file"
        return Focus(said, f"by {how}, which nothing here checks")

    def _sound(self) -> list[Outcome]:
        return [o for o in self.outcomes if isinstance(o.found, TiltSeries)]


def look(request: TiltRequest, progress: Progress = silent) -> Look:
    """Read what can be read, and say what follows from it; no `UserError` is raised."""
    outcomes = tuple(read_each(request.files, request.given)) or _typed(request)
    sound = [o for o in outcomes if isinstance(o.found, TiltSeries)]
    if not sound:
        return Look(outcomes)
    every = tuple(file for o in sound for file in o.files)
    result, error, defocus_error = _attempt(_request(request, every), progress)
    if result is None and len(sound) > 1:
        result, wrong, defocus_error = _attempt(_request(request, sound[0].files), progress)
        error = error if wrong is None else wrong
    return Look(outcomes, result, error, defocus_error)


def _typed(request: TiltRequest) -> tuple[Outcome, ...]:
    """The series that is typed, as if it were a file's."""
    if request.made is None:
        return ()
    try:
        found: TiltSeries | UserError = request.made.series()
    except UserError as error:
        found = error
    return (Outcome(Path(TYPED), (), found),)


def _attempt(
    request: TiltRequest, progress: Progress
) -> tuple[TiltResult | None, UserError | None, UserError | None]:
    """A result, with the defocus or else without, and why not."""
    try:
        return tilt.run(request, progress), None, None
    except UserError as error:
        with_it = error
    plain = replace(request, typed=None, defocus=None)
    if plain == request:
        return None, with_it, None
    try:
        return tilt.run(plain, progress), None, with_it
    except UserError as error:
        return None, error, None


def _request(request: TiltRequest, files: tuple[Path, ...]) -> TiltRequest:
    """The same of some of the files only."""
    axes = {path: axis for path, axis in request.given.axes.items() if path in files}
    return replace(request, files=files, given=replace(request.given, axes=axes))
