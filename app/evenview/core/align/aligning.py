"""Find how one map lies over another: exhaustively, then ever finer, then on what they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.alignment import Alignment, RunnerUp
from evenview.core.align.both import Both
from evenview.core.align.grid import (
    Grid,
    Samples,
    between_lattice,
    grid_of,
)
from evenview.core.align.polish import polish
from evenview.core.align.pose import Pose, angle_of, distinct
from evenview.core.align.prepare import Frame, Singles
from evenview.core.align.refine import Fit, refine, refine_all, turn_by
from evenview.core.align.search import search
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
#: Fourier points that decide the pose.
_POINTS = 120_000
#: Degrees: of poses that differ by less, only the best is told of.
_ONE = 8.0
#: How many runners-up are told of.
RUNNERS_UP = 8


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
    progress(0.0, "Preparing the maps")
    both = Both.of(reference, moving, settings, reference_mask, moving_mask)
    candidates = search(
        both.still, both.other, both.frame, both.limit, settings, _part(progress, 0.1, 0.5)
    )
    return _Course.of(both, settings).run(candidates, _part(progress, 0.5, 1.0))


def take(
    found: Alignment,
    number: int,
    reference: Volume,
    moving: Volume,
    reference_mask: Volume | None = None,
    moving_mask: Volume | None = None,
    progress: Progress = silent,
) -> Alignment:
    """What was found of the same maps, with a runner-up for its pose, refined as the best one was.

    Scores and the order of the poses stay those of the search.

    Parameters
    ----------
    number
        Of the runner-up, from 1.

    Raises
    ------
    UserError
        There is no such runner-up; or as `align`.
    """
    others = found.runners_up
    if not 1 <= number <= len(others):
        raise UserError(
            f"there is no runner-up {number}",
            where=moving.name,
            hint=f"There are {len(others)} of this map." if others else "This map has none.",
        )
    progress(0.0, "Preparing the maps")
    both = Both.of(reference, moving, found.settings, reference_mask, moving_mask)
    return _Course.of(both, found.settings).take(found, number, _part(progress, 0.2, 1.0))


def _part(progress: Progress, start: float, stop: float) -> Progress:
    return lambda fraction, phrase: progress(start + fraction * (stop - start), phrase)


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
    def of(cls, both: Both, settings: Settings) -> _Course:
        frame = both.frame
        grid = grid_of(both.other, frame.limit)
        return cls(
            both.still,
            grid_of(both.still, frame.limit),
            grid,
            grid if both.whole is both.other else grid_of(both.whole, frame.limit),
            frame,
            settings,
            both.limit,
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
        pose = self._refined(judged[0], _part(progress, 0.5, 1.0))
        return self._answer(pose, judged, at_limit=False)

    def take(self, found: Alignment, number: int, progress: Progress) -> Alignment:
        """The answer with another of its poses."""
        other = found.runners_up[number - 1]
        refined = self._refined(other.pose, progress)
        # where little fits, a pose may wander off to another one
        pose = refined if refined.near(other.pose, _ONE) else other.pose
        after = refine(self._all, self.grid, pose, self.frame.side, "likely", 0)
        return replace(
            found,
            pose=pose,
            hand_margin=_margin_of(found, other),
            after=after.correlation,
            likeness=self._likeness(after),
            beyond=self._beyond(after),
            at_limit=False,
            taken=number,
        )

    def _refined(self, pose: Pose, progress: Progress) -> Pose:
        """With all shells, then on what the maps share; within the limits."""
        progress(0.0, "Refining the pose")
        fit = self._final(pose)
        progress(0.4, "Refining it on what the maps share")
        polished = polish(self.reference, self.grid, self.whole, fit, self.frame)
        return polished.pose if self._keeps(polished.pose) else fit.pose

    def _samples(self, limit: float, most: int) -> Samples:
        return between_lattice(self.fixed, min(limit, self.frame.limit), most)

    @cached_property
    def _all(self) -> Samples:
        return self._samples(self.frame.limit, _POINTS)

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
            self._likeness(after),
            self._beyond(after),
            runners[:RUNNERS_UP],
            at_limit,
        )

    def _likeness(self, fit: Fit) -> float:
        return _mean(fit.fsc, 1, int(self.limit) + 1)

    def _beyond(self, fit: Fit) -> float:
        first = int(self.limit) + 1
        return _mean(fit.fsc, first, 2 * first - 1)

    def _margin(self, judged: Sequence[Pose]) -> float | None:
        """None where only one hand was tried; 1 where no pose of the other is left."""
        if self.settings.hands == "same" or not judged:
            return None
        best = judged[0]
        others = [pose.score for pose in judged if pose.flipped != best.flipped]
        return 1.0 - max(others, default=0.0) / best.score if best.score > 0 else 0.0


def _margin_of(found: Alignment, other: RunnerUp) -> float | None:
    """The hand's margin of a runner-up: below 0, to -1, where the other hand fits better."""
    if found.hand_margin is None:
        return None
    same = other.pose.flipped == found.pose.flipped
    rival = 1.0 - found.hand_margin if same else 1.0
    return (other.score - rival) / max(other.score, rival)


def _shortlist(poses: list[Pose], keep: int) -> list[Pose]:
    """The best `keep`, and the best two of each hand."""
    different = distinct(poses, 1.0)
    chosen = different[:keep]
    for hand in (False, True):
        of_hand = [pose for pose in different if pose.flipped == hand][:2]
        chosen += [pose for pose in of_hand if pose not in chosen]
    return chosen


def _mean(fsc: Floats, start: int, stop: int) -> float:
    """The mean over voxels of the FSC of some shells; 1 of none."""
    area = np.arange(len(fsc), dtype=np.float64)[start:stop] ** 2
    return float((fsc[start:stop] * area).sum() / area.sum()) if len(area) else 1.0


def _at_most(rotation: Floats, degrees: float) -> Floats:
    """A turn about the same axis, of no more than so many degrees."""
    angle = angle_of(rotation)
    if angle <= degrees:
        return rotation
    from evenview.core.rotation import from_matrix, to_axis_angle

    axis, _ = to_axis_angle(from_matrix(rotation[None]))
    return turn_by(axis[0] * np.radians(degrees * (1.0 - 1e-9)))
