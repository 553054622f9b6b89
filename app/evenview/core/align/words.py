"""What is to be told of an alignment, in sentences."""

from __future__ import annotations

from evenview.core.align.aligning import AMBIGUOUS, Alignment
from evenview.core.words import counted

#: A runner-up of such a score is as good as the best.
_EQUALLY = 0.97


def warnings(found: Alignment) -> tuple[str, ...]:
    """What makes an answer doubtful, a sentence each; none for a clear one."""
    told = []
    if found.unlike:
        told.append(
            f"The maps hardly correlate even so (mean FSC {found.likeness:.2f} at low resolution): "
            "are they of the same molecule, and do masks and limits let them meet?"
        )
    if found.at_limit:
        told.append(
            "The best place lies beyond the limits, and the map is held at them: allow a larger "
            "shift or angle."
        )
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
    best = max(other.score for other in others)
    others_fit = counted(len(others), "other pose fits", "other poses fit")
    if best >= _EQUALLY:
        return (
            f"{others_fit} as well as this one (at least {AMBIGUOUS:.0%}). If the map has that "
            "symmetry they are the same; if it is nearly symmetric, look at the runners-up."
        )
    return f"{others_fit} nearly as well (up to {best:.0%}): see the runners-up."
