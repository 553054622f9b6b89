"""Find how one map lies over another: exhaustively, then ever finer, then on what they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.polish import POINTS, polish
from evenview.core.align.pose import Pose, angle_of, distinct
from evenview.core.align.prepare import (
    Frame,
    Grid,
    Samples,
    Singles,
    between_lattice,
    brought_in,
    grid_of,
    require_map,
    resized,
)
from evenview.core.align.refine import Fit, refine, refine_all, turn_by
from evenview.core.align.search import first_limit, search
from evenview.core.align.settings import Settings
from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent
from evenview.core.volume import Volume

Floats = NDArray[np.float64]

#: How far (in first limits), on how many points, with how many steps candidates are refined, and
#: how many are left.
_STAGES = ((1.0, 8_000, 6, 20), (1.7, 15_000, 6, 9))
_JUDGED, _JUDGED_POINTS, _JUDGED_STEPS = 3.0, 25_000, 6
_FINAL_STEPS = 12
#: Degrees: of poses that differ by less, only the best is told of.
_ONE = 8.0
#: How many runners-up are told of, and how good the next must be to make an answer ambiguous.
RUNNERS_UP, AMBIGUOUS = 8, 0.85
#: The hand is undecided where the other one's score is so near.
UNDECIDED = 0.1
#: Maps whose mean FSC in the shells that tell orientations is lower hardly correlate.
HARDLY = 0.3


@dataclass(frozen=True, eq=False)
class RunnerUp:
    """Another pose that fits, too: `score` is its part of the best one's, 1 for as good."""

    pose: Pose
    score: float


@dataclass(frozen=True, eq=False)
class Alignment:
    """How a map lies over a reference, and how sure that is.

    Attributes
    ----------
    pose
        Where the moving map comes to lie.
    frame, settings
        In which box and shells the maps were compared, and within which limits.
    hand_margin
        How much worse the other hand fits, as a part of the score: 1 not at all, 0 as well. None
        where it was not tried.
    before, after
        Correlation coefficients of the maps, all shells up to the frame's limit.
    likeness
        The mean FSC of the first shells, which decide on the rotation.
    runners_up
        Other poses, best first.
    at_limit
        Whether every pose went beyond the limits when refined; the pose is then held at them.
    """

    pose: Pose
    frame: Frame
    settings: Settings
    hand_margin: float | None
    before: float
    after: float
    likeness: float
    runners_up: tuple[RunnerUp, ...]
    at_limit: bool

    @property
    def ambiguous(self) -> tuple[RunnerUp, ...]:
        """The runners-up of the same hand that fit nearly as well."""
        return tuple(
            other
            for other in self.runners_up
            if other.score >= AMBIGUOUS and other.pose.flipped == self.pose.flipped
        )

    @property
    def undecided(self) -> bool:
        """Whether the hand could be the other."""
        return self.hand_margin is not None and self.hand_margin < UNDECIDED

    @property
    def unlike(self) -> bool:
        """Whether the maps hardly correlate, even so."""
        return self.likeness < HARDLY


def align(
    reference: Volume,
    moving: Volume,
    settings: Settings | None = None,
    reference_mask: Volume | None = None,
    moving_mask: Volume | None = None,
    progress: Progress = silent,
) -> Alignment:
    """Find where `moving` comes to lie over `reference`.

    Parameters
    ----------
    reference_mask, moving_mask
        Of the box of their maps, multiplied to them.

    Raises
    ------
    UserError
        A map is flat, too small, or of unknown voxel size; a mask does not fit its map, or leaves
        nothing; too few shells are left.
    """
    settings = settings or Settings()
    require_map(reference)
    require_map(moving)
    _require_mask(reference, reference_mask)
    _require_mask(moving, moving_mask)
    frame = Frame.of(reference, moving, settings.lowpass)
    progress(0.0, "Preparing the maps")
    still = brought_in(reference, frame, reference_mask)
    other = brought_in(moving, frame, moving_mask)
    limit = first_limit(_diameter(still, other, frame), frame)
    candidates = search(still, other, frame, limit, settings, _part(progress, 0.1, 0.5))
    whole = other if moving_mask is None else brought_in(moving, frame)
    return _Course.of(still, other, whole, frame, settings, limit).run(
        candidates, _part(progress, 0.5, 1.0)
    )


def _part(progress: Progress, start: float, stop: float) -> Progress:
    return lambda fraction, phrase: progress(start + fraction * (stop - start), phrase)


def _require_mask(volume: Volume, mask: Volume | None) -> None:
    if mask is None:
        return
    if mask.values.shape != volume.values.shape:
        mine, its = (
            " × ".join(str(side) for side in reversed(v.values.shape)) for v in (mask, volume)
        )
        raise UserError(
            f"the mask has {mine} voxels, its map {its}",
            where=mask.name,
            hint="Give a mask of the same box.",
        )
    low, high = float(mask.values.min()), float(mask.values.max())
    if not high > 0.0:
        raise UserError(
            "the mask is empty: all its voxels are 0", where=mask.name, hint="Give another mask."
        )
    if low < -0.1 or high > 1.1:
        raise UserError(
            f"this is not a mask: its values go from {low:.4g} to {high:.4g}, not from 0 to 1",
            where=mask.name,
            hint="Give a soft mask of the molecule, such as the refinement's.",
        )


def _diameter(first: Singles, second: Singles, frame: Frame) -> float:
    """Å: that of the smaller molecule, about."""
    return min(_extent(first, frame), _extent(second, frame))


def _extent(values: Singles, frame: Frame) -> float:
    """The diameter of a ball that is spread as far as what is dense at low resolution."""
    small = resized(values, min(frame.size, 32))
    inside = np.argwhere(small > 0.25 * np.percentile(small, 99.5))
    if len(inside) < 2:
        return frame.side
    spread = float(inside.var(axis=0).sum()) * (frame.side / len(small)) ** 2
    return min(2.0 * float(np.sqrt(5.0 / 3.0 * spread)), frame.side)


@dataclass(frozen=True, eq=False)
class _Course:
    """Both maps, and the steps from candidates to an answer."""

    reference: Singles
    fixed: Grid
    grid: Grid
    whole: Grid
    frame: Frame
    settings: Settings
    limit: float

    @classmethod
    def of(
        cls,
        reference: Singles,
        moving: Singles,
        whole: Singles,
        frame: Frame,
        settings: Settings,
        limit: float,
    ) -> _Course:
        grid = grid_of(moving, frame.limit)
        return cls(
            reference,
            grid_of(reference, frame.limit),
            grid,
            grid if whole is moving else grid_of(whole, frame.limit),
            frame,
            settings,
            limit,
        )

    def run(self, candidates: list[Pose], progress: Progress) -> Alignment:
        """From candidates to the answer."""
        poses = candidates
        for i, (times, points, steps, keep) in enumerate(_STAGES):
            progress(0.15 * i, "Refining candidates")
            samples = self._samples(times * self.limit, points)
            fits = refine_all(samples, self.grid, poses, self.frame.side, "alike", steps)
            poses = _shortlist(self._allowed(fits), keep)
            if not poses:
                return self._held(candidates[0])
        progress(0.3, "Judging the best candidates")
        samples = self._samples(_JUDGED * self.limit, _JUDGED_POINTS)
        fits = refine_all(samples, self.grid, poses, self.frame.side, "likely", _JUDGED_STEPS)
        judged = distinct(self._allowed(fits), _ONE)
        if not judged:
            return self._held(candidates[0])
        progress(0.5, "Refining the pose")
        fit = self._final(judged[0])
        progress(0.7, "Refining it on what the maps share")
        polished = polish(self.reference, self.grid, self.whole, fit, self.frame)
        if self._keeps(polished.pose):
            fit = polished
        return self._answer(fit.pose, judged, at_limit=False)

    def _samples(self, limit: float, most: int) -> Samples:
        return between_lattice(self.fixed, min(limit, self.frame.limit), most)

    @cached_property
    def _all(self) -> Samples:
        return self._samples(self.frame.limit, POINTS)

    def _keeps(self, pose: Pose) -> bool:
        limits = self.settings
        return pose.within(limits.max_angle, limits.shift_limit(self.frame.side))

    def _allowed(self, fits: Sequence[Fit]) -> list[Pose]:
        return [fit.pose for fit in fits if self._keeps(fit.pose)]

    def _final(self, pose: Pose) -> Fit:
        fit = refine(self._all, self.grid, pose, self.frame.side, "likely", _FINAL_STEPS)
        if self._keeps(fit.pose):
            return fit
        return refine(self._all, self.grid, pose, self.frame.side, "likely", 0)

    def _held(self, pose: Pose) -> Alignment:
        """The answer where nothing within the limits is the best place near it."""
        limits = self.settings
        shift_limit = limits.shift_limit(self.frame.side)
        length = float(np.linalg.norm(pose.shift))
        shift = pose.shift * min(1.0, shift_limit / length) if length > 0 else pose.shift
        return self._answer(
            replace(pose, rotation=_at_most(pose.rotation, limits.max_angle), shift=shift),
            [],
            at_limit=True,
        )

    def _answer(self, pose: Pose, judged: Sequence[Pose], at_limit: bool) -> Alignment:
        side, still = self.frame.side, Pose(np.eye(3), np.zeros(3))
        after = refine(self._all, self.grid, pose, side, "likely", 0)
        before = refine(self._all, self.grid, still, side, "likely", 0)
        best = judged[0].score if judged else 0.0
        runners = tuple(RunnerUp(p, p.score / best if best > 0 else 0.0) for p in judged[1:])
        return Alignment(
            pose,
            self.frame,
            self.settings,
            self._margin(judged),
            before.correlation,
            after.correlation,
            _likeness(after.fsc, self.limit),
            runners[:RUNNERS_UP],
            at_limit,
        )

    def _margin(self, judged: Sequence[Pose]) -> float | None:
        """None where only one hand was tried; 1 where no pose of the other is left."""
        if self.settings.hands == "same" or not judged:
            return None
        best = judged[0]
        others = [pose.score for pose in judged if pose.flipped != best.flipped]
        return 1.0 - max(others, default=0.0) / best.score if best.score > 0 else 0.0


def _shortlist(poses: list[Pose], keep: int) -> list[Pose]:
    """The best `keep`, and the best two of each hand."""
    different = distinct(poses, 1.0)
    chosen = different[:keep]
    for hand in (False, True):
        of_hand = [pose for pose in different if pose.flipped == hand][:2]
        chosen += [pose for pose in of_hand if pose not in chosen]
    return chosen


def _likeness(fsc: Floats, limit: float) -> float:
    """The mean over voxels of the FSC up to a shell."""
    first = fsc[1 : int(limit) + 1]
    area = np.arange(1, len(first) + 1, dtype=np.float64) ** 2
    return float((first * area).sum() / area.sum())


def _at_most(rotation: Floats, degrees: float) -> Floats:
    """A turn about the same axis, of no more than so many degrees."""
    angle = angle_of(rotation)
    if angle <= degrees:
        return rotation
    from evenview.core.rotation import from_matrix, to_axis_angle

    axis, _ = to_axis_angle(from_matrix(rotation[None]))
    return turn_by(axis[0] * np.radians(degrees * (1.0 - 1e-9)))
