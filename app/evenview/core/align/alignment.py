"""How one map lies over another, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

from evenview.core.align.pose import Pose
from evenview.core.align.prepare import Frame
from evenview.core.align.settings import Settings

#: How good the next pose must be to make an answer ambiguous.
AMBIGUOUS = 0.85
#: The hand is undecided where the other one's score is so near.
UNDECIDED = 0.1
#: Maps whose mean FSC in the shells that tell orientations is lower hardly correlate.
HARDLY = 0.3
#: Nor do those that agree less than the first in those shells, share less than the second in the
#: shells after them, and lie elsewhere, too, with a score of the third; with the other hand, which
#: at low resolution is often as good, of `AMBIGUOUS`. Unrelated molecules reached 0.36 and 0.07.
MODERATELY, NOTHING, RIVAL = 0.6, 0.07, 0.75
#: A correlation that falls by more than this has become worse.
WORSE = 0.01


@dataclass(frozen=True, eq=False)
class RunnerUp:
    """Another pose that fits, too.

    Attributes
    ----------
    score
        Its part of the best one's, 1 for as good.
    same
        Whether it may be the best one's answer once more: it is beside it, or the reference, turned
        from there to here, is about as much like itself as the maps are like each other.
    """

    pose: Pose
    score: float
    same: bool = False


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
    coarse
        Å: the resolution of the last of them.
    beyond
        That of as many shells after them, which no search has made as high as it could.
    runners_up
        Other poses, best first.
    at_limit
        Whether a better pose lies beyond the limits: this is the best one found within them.
    taken
        0 where the pose is the best one; n where it is that of the n-th runner-up.
    """

    pose: Pose
    frame: Frame
    settings: Settings
    hand_margin: float | None
    before: float
    after: float
    likeness: float
    coarse: float
    beyond: float
    runners_up: tuple[RunnerUp, ...]
    at_limit: bool
    taken: int = 0

    @property
    def ambiguous(self) -> tuple[RunnerUp, ...]:
        """The runners-up of the same hand that fit nearly as well; none once one was taken."""
        return tuple(
            other
            for other in self.runners_up
            if not self.taken
            and other.score >= AMBIGUOUS
            and other.pose.flipped == self.pose.flipped
        )

    @property
    def undecided(self) -> bool:
        """Whether the hand could be the other."""
        return not self.taken and self.hand_margin is not None and self.hand_margin < UNDECIDED

    @property
    def unlike(self) -> bool:
        """Whether the maps hardly correlate."""
        elsewhere = any(
            other.score >= (RIVAL if other.pose.flipped == self.pose.flipped else AMBIGUOUS)
            for other in self.runners_up
            if not other.same
        )
        nothing = self.likeness < MODERATELY and self.beyond < NOTHING
        return self.likeness < HARDLY or (nothing and elsewhere)

    @property
    def worse(self) -> bool:
        """Whether the maps were more alike before, centre on centre."""
        return self.after < self.before - WORSE

    @property
    def unreliable(self) -> bool:
        """Whether the pose may be one of chance: `unlike` or `worse`."""
        return self.unlike or self.worse

    @property
    def hand_is_open(self) -> bool:
        """Whether the hand that the pose has says nothing."""
        return self.undecided or self.unreliable
