"""What is to be told of an alignment, in sentences."""

from __future__ import annotations

from evenview.core.align.alignment import Alignment
from evenview.core.words import counted

_UNTRIED = " The mirrored map was not tried."


def warnings(found: Alignment) -> tuple[str, ...]:
    """What makes an answer doubtful, a sentence each; none for a clear one."""
    told = []
    if found.unlike:
        told.append(
            f"The maps hardly correlate (mean FSC {found.likeness:.2f} to {found.coarse:.3g} Å), "
            "so that turn, shift and hand mean little: are they of the same molecule, and do masks "
            f"and limits let them meet?{_UNTRIED if found.settings.hands == 'same' else ''}"
        )
    if found.worse:
        told.append(
            f"The maps were more alike before (correlation {found.before:.3f}) than they are now "
            f"({found.after:.3f}): do not rely on this pose."
        )
    if found.taken:
        score = found.runners_up[found.taken - 1].score
        told.append(
            f"Runner-up {found.taken} was taken instead of the best pose, and fits "
            f"{score:.0%} as well."
        )
    if found.at_limit:
        told.append(
            "A better place lies beyond the limits, and this is the best one within them: allow a "
            "larger shift or angle."
        )
    if found.unreliable:
        return tuple(told)  # which hand, and which pose, is no question then
    if found.undecided and found.hand_margin is not None:
        told.append(
            f"The hand is undecided at this resolution: the other one fits "
            f"{1.0 - found.hand_margin:.0%} as well."
        )
    if found.ambiguous:
        told.append(_ambiguous(found))
    return tuple(told)


def _ambiguous(found: Alignment) -> str:
    others = found.ambiguous
    fit = counted(len(others), "runner-up fits", "runners-up fit")
    best = f"{'up to ' if len(others) > 1 else ''}{max(other.score for other in others):.0%}"
    itself = (
        ", and so turned the reference is about as much like itself"
        if all(other.same for other in others)
        else ""
    )
    return (
        f"{fit} nearly as well as this pose ({best}){itself}. Of a map with that symmetry this is "
        "the same answer; of one that is nearly symmetric, compare them."
    )
