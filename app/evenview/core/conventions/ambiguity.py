"""Rotations of which some convention can say several sets of numbers, named in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenview.core import convention

#: Quaternions whose w is smaller are half turns: within 1e-7°.
HALF_TURN = 1e-9


def ambiguities(q: ArrayLike) -> dict[int, str]:
    """What is not determined of rotations, by row; rows of which everything is are left out.

    Parameters
    ----------
    q
        (N, 4), (w, x, y, z) of A, unit length.
    """
    rows = np.asarray(q, dtype=np.float64)
    found: dict[int, list[str]] = {}
    _say_poles(rows, found)
    still = (rows[:, 1:] == 0.0).all(axis=1)
    half = np.abs(rows[:, 0]) < HALF_TURN
    _say(found, still, "no rotation: the axis is arbitrary and Z is given")
    _say(found, half, "half a turn: an axis or rotation vector and its negative are the same")
    return {row: "; ".join(sentences) for row, sentences in sorted(found.items())}


def _say_poles(q: NDArray[np.float64], found: dict[int, list[str]]) -> None:
    angles = convention.quaternions_to_relion(q)
    poles = np.flatnonzero((angles[:, 1] == 0.0) | (angles[:, 1] == 180.0))
    across = np.hypot(*convention.directions(q[poles])[:, :2].T)
    for row, off in zip(poles.tolist(), np.degrees(across).tolist(), strict=True):
        found[row] = [_pole(angles[row, 1], angles[row, 2], off)]


def _pole(tilt: float, psi: float, off: float) -> str:
    """`psi` is the whole turn, `off` how many degrees the direction is from the pole."""
    sign, turn = ("+", psi) if tilt == 0.0 else ("−", -psi)
    emmotl = "phi + psi" if tilt == 0.0 else "psi − phi"
    defined = (
        f"tilt {tilt:g}°: only rot {sign} psi = {turn + 0.0:.6g}° is defined "
        f"(az {sign} phi, tdrot {sign} narot, emmotl's {emmotl})"
    )
    if np.radians(off) < convention.POLE:
        return f"{defined}; the azimuth is undefined"
    return (
        f"{defined} (the true tilt is {off:.2g}° from it: Euler angles are rounded, as in RELION)"
    )


def _say(found: dict[int, list[str]], where: NDArray[np.bool_], sentence: str) -> None:
    for row in np.flatnonzero(where).tolist():
        found.setdefault(row, []).append(sentence)
