"""Find how one map lies over another: exhaustively, then ever finer, then on what they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

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
from evenview.core.align.limits import ANYWHERE, Limits
from evenview.core.align.parallel import in_threads
from evenview.core.align.polish import polish
from evenview.core.align.pose import Pose, distinct
from evenview.core.align.prepare import Frame, Singles
from evenview.core.align.refine import Fit, refine, refine_all
from evenview.core.align.search import search
from evenview.core.align.settings import Settings
from evenview.core.errors import UserError
from evenview.core.progress import Progress, part, silent
from evenview.core.volume import Volume

Floats = NDArray[np.float64]

#: How far (in first limits), on how many points, with how many steps candidates are refined, and
#: how many are left.
_STAGES = ((1.0, 8_000, 2, 40), (1.0, 8_000, 3, 20), (1.7, 15_000, 4, 9))
_JUDGED, _JUDGED_POINTS, _JUDGED_STEPS = 3.0, 25_000, 4
_FINAL_STEPS = 4
#: By how many degrees and voxels of the search candidates may go beyond the limits, as the best
#: one may only come back from there when it is refined.
_STRAY_ANGLE, _STRAY_VOXELS = 10.0, 2.0
#: A pose is held by the limits where it would go beyond them by more degrees or voxels of the
#: frame, or where one that does is better by more.
_BEYOND_ANGLE, _BEYOND_VOXELS, _BETTER = 0.1, 0.1, 1.05
#: Fourier points that decide the pose.
_POINTS = 120_000
#: Degrees: of poses that differ by less, only the best is told of.
_ONE = 8.0
#: Degrees from the best pose that are not elsewhere, and the part of the maps' likeness that the
#: reference must have with itself for two poses to be one by symmetry: true mates had 0.95.
_BESIDE, _MATE = 20.0, 0.85
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
    told = part(progress, 0.0, 0.1)
    both = Both.of(reference, moving, settings, reference_mask, moving_mask, told)
    candidates = search(
        both.still, both.other, both.frame, both.limit, settings, part(progress, 0.1, 0.5)
    )
    refinement = _Refinement.of(both, settings, part(progress, 0.5, 0.55))
    return refinement.run(candidates, part(progress, 0.55, 1.0))


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
    told = part(progress, 0.0, 0.2)
    both = Both.of(reference, moving, found.settings, reference_mask, moving_mask, told)
    refinement = _Refinement.of(both, found.settings, part(progress, 0.2, 0.25))
    return refinement.take(found, number, part(progress, 0.25, 1.0))


@dataclass(frozen=True, eq=False)
class _Refinement:
    """Both maps, and the steps from candidates to an answer."""

    reference: Singles
    fixed: Grid
    grid: Grid
    whole: Grid
    frame: Frame
    settings: Settings
    limit: float

    @classmethod
    def of(cls, both: Both, settings: Settings, progress: Progress) -> _Refinement:
        maps = [both.still, both.other]
        if both.whole is not both.other:
            maps.append(both.whole)
        jobs = [partial(grid_of, values, both.frame.limit) for values in maps]
        grids = in_threads(jobs, progress, "Refining candidates")
        fixed, grid, whole = grids[0], grids[1], grids[-1]
        return cls(both.still, fixed, grid, whole, both.frame, settings, both.limit)

    def run(self, candidates: list[Pose], progress: Progress) -> Alignment:
        """From candidates to the answer."""
        poses, side, near = candidates, self.frame.side, self._near
        for i, (times, points, steps, keep) in enumerate(_STAGES):
            samples = self._samples(times * self.limit, points)
            told = part(progress, 0.1 * i, 0.1 * (i + 1))
            fits = refine_all(samples, self.grid, poses, side, "alike", steps, near, told)
            poses = _shortlist([fit.pose for fit in fits], keep)
        judged, beyond = self._judged(poses, part(progress, 0.3, 0.5))
        pose, held = self._refined(judged[0], part(progress, 0.5, 1.0))
        return self._answer(pose, judged, held or beyond > _BETTER * judged[0].score)

    def _judged(self, poses: Sequence[Pose], progress: Progress) -> tuple[list[Pose], float]:
        """The best poses within the limits, best first, and the best score beyond them or 0."""

        def judge(some: Sequence[Pose], limits: Limits, told: Progress) -> list[Pose]:
            side, steps, words = self.frame.side, _JUDGED_STEPS, "Judging the best candidates"
            fits = refine_all(
                self._judging, self.grid, some, side, "likely", steps, limits, told, words
            )
            return [fit.pose for fit in fits]

        free = judge(poses, self._near, part(progress, 0.0, 0.7))
        within = [pose for pose in free if self.limits.keep(pose)]
        strayed = [pose for pose in free if not self.limits.keep(pose)]
        within += judge(strayed, self.limits, part(progress, 0.7, 1.0))
        best_first = sorted(within, key=lambda pose: -pose.score)
        return distinct(best_first, _ONE), max((pose.score for pose in strayed), default=0.0)

    def take(self, found: Alignment, number: int, progress: Progress) -> Alignment:
        """The answer with another of its poses."""
        other = found.runners_up[number - 1]
        refined, held = self._refined(other.pose, progress)
        # where little fits, a pose may wander off to another one
        pose = refined if refined.near(other.pose, _ONE) else other.pose
        after = self._judge(pose)
        return replace(
            found,
            pose=pose,
            hand_margin=_margin_of(found, other),
            after=after.correlation,
            likeness=self._likeness(after),
            beyond=self._beyond(after),
            at_limit=held,
            taken=number,
        )

    def _refined(self, pose: Pose, progress: Progress) -> tuple[Pose, bool]:
        """The best pose near one, within the limits; and whether they hold it there.

        Where they do, it is the likeliest: maps that are beside each other share nothing by which
        it could be polished.
        """
        likely, shared = self._polished(pose, self.limits, part(progress, 0.0, 0.6))
        if not self.limits.reached(shared):
            return shared, False
        _, free = self._polished(likely, ANYWHERE, part(progress, 0.6, 1.0))
        about = self.limits.wider(_BEYOND_ANGLE, _BEYOND_VOXELS * self.frame.spacing)
        return (shared, False) if about.keep(free) else (likely, True)

    def _polished(self, pose: Pose, limits: Limits, progress: Progress) -> tuple[Pose, Pose]:
        """With all shells, and then on what the maps share."""
        side, told = self.frame.side, part(progress, 0.0, 0.4)
        fit = refine(
            self._all, self.grid, pose, side, "likely", _FINAL_STEPS, limits=limits, progress=told
        )
        told = part(progress, 0.4, 1.0)
        polished = polish(self.reference, self.grid, self.whole, fit, self.frame, limits, told)
        return fit.pose, polished.pose

    def _judge(self, pose: Pose) -> Fit:
        return refine(self._all, self.grid, pose, self.frame.side, "likely", 0)

    def _samples(self, limit: float, most: int) -> Samples:
        return between_lattice(self.fixed, min(limit, self.frame.limit), most)

    @cached_property
    def _judging(self) -> Samples:
        return self._samples(_JUDGED * self.limit, _JUDGED_POINTS)

    @cached_property
    def _all(self) -> Samples:
        return self._samples(self.frame.limit, _POINTS)

    @cached_property
    def limits(self) -> Limits:
        return Limits.of(self.settings, self.frame.side)

    @cached_property
    def _near(self) -> Limits:
        voxel = 0.5 * self.frame.side / self.limit
        return self.limits.wider(_STRAY_ANGLE, _STRAY_VOXELS * voxel)

    def _answer(self, pose: Pose, judged: Sequence[Pose], at_limit: bool) -> Alignment:
        after, before = self._judge(pose), self._judge(Pose(np.eye(3), np.zeros(3)))
        best = judged[0].score
        likeness = self._likeness(after)
        runners = tuple(
            RunnerUp(p, p.score / best if best > 0 else 0.0, self._same(judged[0], p, likeness))
            for p in judged[1 : 1 + RUNNERS_UP]
        )
        return Alignment(
            pose,
            self.frame,
            self.settings,
            self._margin(judged),
            before.correlation,
            after.correlation,
            likeness,
            self.frame.side / int(self.limit),
            self._beyond(after),
            runners,
            at_limit,
        )

    def _same(self, best: Pose, other: Pose, likeness: float) -> bool:
        """Whether another pose may be the answer of the best one once more."""
        if other.flipped != best.flipped:
            return False
        if best.near(other, _BESIDE):
            return True
        turn = other.rotation @ best.rotation.T
        pose = Pose(turn, other.shift - turn @ best.shift)
        itself = refine(self._judging, self.fixed, pose, self.frame.side, "likely", 0)
        return self._likeness(itself) >= _MATE * likeness

    def _likeness(self, fit: Fit) -> float:
        return _mean(fit.fsc, 1, int(self.limit) + 1)

    def _beyond(self, fit: Fit) -> float:
        first = int(self.limit) + 1
        return _mean(fit.fsc, first, 2 * first - 1)

    def _margin(self, judged: Sequence[Pose]) -> float | None:
        """None where only one hand was tried."""
        best = judged[0]
        others = [pose.score for pose in judged if pose.flipped != best.flipped]
        if not others:
            return None
        return 1.0 - max(others) / best.score if best.score > 0 else 0.0


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
