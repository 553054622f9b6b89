"""How a map came to lie over a reference, in words: a fact a line."""

from __future__ import annotations

from collections.abc import Iterator

from evenview.core.align.alignment import AMBIGUOUS, Alignment
from evenview.core.align.pose import Floats, Pose
from evenview.core.align.superpose import Likeness
from evenview.core.words import counted
from evenview.tasks.turns import axis_angle

#: Thresholds of the FSC against the reference.
HALF, SEVENTH = 0.5, 0.143
#: How many runners-up are told of at least; all are that fit nearly as well as the best.
_FEW = 3
#: What is to be told of an FSC where the reference has a mask.
MASKED = "both maps times the mask of the reference, which raises the FSC"
CROSSED, TO_THE_END, NEVER = "crossed", "last_shell", "never"


def turn_words(pose: Pose, digits: int) -> str:
    """The turn in degrees, about x, y, z."""
    turn = axis_angle(pose.rotation)
    return f"{turn.angle:.{digits}f}° about {triple(turn.axis, digits + 1)}"


def triple(values: Floats, digits: int) -> str:
    """Three numbers (x, y, z), none of them a minus zero."""
    return f"({', '.join(f'{x:.{digits}f}' for x in (values.round(digits) + 0.0).tolist())})"


def doubt_of(found: Alignment) -> str:
    """Why the pose may be one of chance; "" where it is not."""
    if found.unlike:
        return "the maps hardly correlate"
    return "the map fits no better than where it was" if found.worse else ""


def hand_words(found: Alignment) -> str:
    """Whether the hand was changed, and what decided that, or why nothing did."""
    done = "changed: mirrored in z first" if found.pose.flipped else "kept"
    margin = "" if found.hand_margin is None else f"margin {found.hand_margin:.2f}"
    if found.hand_is_open:
        why = doubt_of(found) or margin
        return f"undecided: {why}; here it is {done.replace(':', ',')}"
    if margin:
        return f"{done} ({margin})"
    if found.settings.hands == "same":
        return f"{done} (the other was not to be tried)"
    return f"{done} (the other has no pose within the limits)"


def compared_words(found: Alignment) -> str:
    """To which resolution the pose was looked for."""
    frame = found.frame
    return f"to {frame.side / frame.limit:.2f} Å ({counted(frame.limit, 'Fourier shell')})"


def reached(likeness: Likeness, threshold: float) -> str:
    """Whether the FSC falls to a threshold, stays above it to the last shell, or is below it."""
    if likeness.crossing(threshold) is None:
        return NEVER
    return TO_THE_END if likeness.reaches_the_end(threshold) else CROSSED


def crossing_words(likeness: Likeness, threshold: float) -> str:
    """Where the FSC falls to a threshold."""
    at = likeness.crossing(threshold)
    if at is None:
        return f"below {threshold:g} from the first shell"
    if reached(likeness, threshold) == TO_THE_END:
        return f"above {threshold:g} to {at:.2f} Å, the last shell"
    return f"{threshold:g} at {at:.2f} Å"


def fsc_words(likeness: Likeness, *, masked: bool = False) -> str:
    """Where the FSC falls to its thresholds, and that a mask has raised it."""
    words = _crossings(likeness)
    return f"{words} ({MASKED})" if masked else words


def _crossings(likeness: Likeness) -> str:
    if reached(likeness, HALF) == TO_THE_END:
        return crossing_words(likeness, HALF)
    if reached(likeness, SEVENTH) == NEVER:
        return crossing_words(likeness, SEVENTH)
    return ", ".join(crossing_words(likeness, threshold) for threshold in (HALF, SEVENTH))


def runners_up(found: Alignment) -> Iterator[tuple[str, str]]:
    """The other poses by the numbers that `--pose` takes."""
    for number, other in enumerate(found.runners_up, 1):
        if number > _FEW and other.score < AMBIGUOUS:
            return
        pose = other.pose
        hand = "hand changed" if pose.flipped else "hand kept"
        yield (
            f"Runner-up {number}",
            f"{other.score:.0%} as good, turned {turn_words(pose, 1)}, "
            f"shifted {triple(pose.shift, 1)} Å, {hand}",
        )
