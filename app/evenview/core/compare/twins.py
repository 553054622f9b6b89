"""Two relations that are one and the same for poses, told apart by shifts.

An image turned by 180° in its plane and the map inverted give the same poses: with
``-D = Rz(180°)``, ``D X D S_D G^T = Rz(180°) X S (G Rz(180°))^T``, X the changed pose of A and
S_D = D S D. The shifts differ: those of images that were turned have the opposite sign.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.compare import changes
from evenview.core.compare.comparison import Comparison, with_frame
from evenview.core.compare.shifts import Shifts, compare_shifts

Array = NDArray[np.float64]

_HALF_TURN = np.diag([-1.0, -1.0, 1.0])


def settled_by_shifts(
    found: Comparison, a: Array, b: Array, shifts_a: Array | None, shifts_b: Array | None
) -> tuple[Comparison, Shifts | None]:
    """The comparison, or its twin where shifts fit better under that, and the shifts under it.

    Parameters
    ----------
    a, b
        (N, 4), the poses that were compared.
    shifts_a, shifts_b
        Origins (N, 2) or (N, 3), Å, None where a file has none.

    Where nothing else happened, the opposite sign of shifts is the simpler answer: nobody turns all
    images and mirrors the map as well.
    """
    shifts = compare_shifts(found, shifts_a, shifts_b)
    if shifts is None or shifts.residual.shape[1] != 2:
        return found, shifts
    if not shifts.is_opposite:
        return replace(found, by_shifts=shifts.is_same), shifts
    if found.hypothesis.change is changes.NONE and not found.hypothesis.flipped:
        return found, shifts
    other = twin(found, a, b)
    left = None if other is None else compare_shifts(other, shifts_a, shifts_b)
    if other is None or left is None or left.median >= shifts.median:
        return found, shifts
    return replace(other, by_shifts=True), left


def twin(found: Comparison, a: Array, b: Array) -> Comparison | None:
    """The relation of the other hand, with the images turned by 180° more, that has the same poses.

    None where images are not what was changed.
    """
    own = found.hypothesis
    change = changes.half_turned(own.change)
    if change is None:
        return None
    hypothesis = replace(own, change=change, flipped=not own.flipped)
    frame = found.matrix @ _HALF_TURN
    turn = rotation.from_matrix(frame.T if own.symmetric == "A" else frame)
    same = with_frame(hypothesis, hypothesis.frame(turn), found.mixture, a, b)
    return replace(
        same, significance=found.significance, by_chance=found.by_chance, trials=found.trials
    )
