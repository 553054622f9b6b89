"""Two pose sets of 100,000 particles, 60 % unrelated: time and error, against plain scipy.

The brute force holds every particle of the same sample against every operator for each try, with
`scipy.spatial.transform.Rotation`, both hands. A few tries are measured and multiplied: each costs
the same. Nothing else that `compare` does (other settings, mirrored images, transposed angles,
chance) is asked of the peer, nor the refinement on all particles.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from bench.common import Row, best_of
from evenview.core import convention, rotation
from evenview.core.compare import agreement
from evenview.core.compare.comparison import SAMPLE, compare
from evenview.core.symmetry import PointGroup, parse_group
from made import write_star

Array = NDArray[np.float64]

_MEASURED = 4
_ALLOWED = 3.0
_UNRELATED, _SIGMA = 0.6, 2.0


def rows() -> list[Row]:
    """Seconds of the whole comparison, and degrees that the frame is off."""
    found = []
    for name in ("D7", "I1"):
        group = parse_group(name)
        a, b, _ = _pair(group, 100_000)
        ours = best_of(3, partial(compare, a, b, group))
        some = best_of(1, partial(_brute, a, b, group))
        peer = 2 * some * agreement.TRIES / _MEASURED
        title = f"compare 100,000 poses, {name}, 60 % unrelated"
        found.append(Row(title, ours, peer, "scipy, every try against every operator", 5.0))
    return [*found, _whole_command(), _errors()]


def _whole_command() -> Row:
    """From the start of Python to the written table, of two files of 100,000 particles, D7."""
    a, b, _ = _pair(parse_group("D7"), 100_000)
    with TemporaryDirectory() as name:
        folder = Path(name)
        files = [
            write_star(folder / f"{side}.star", convention.quaternions_to_relion(q))
            for side, q in (("a", a), ("b", b))
        ]
        words = ["compare", *map(str, files), "--symmetry", "D7", "-o", str(folder / "table.csv")]
        command = [sys.executable, "-m", "evenview", *words]
        ours = best_of(3, partial(subprocess.run, command, check=True, capture_output=True))
    title = "the command `compare`, two .star files of 100,000, with table"
    return Row(title, ours, _ALLOWED, "3 s, which it must stay below", 1.0)


def _errors() -> Row:
    """Root mean square of 8 sets of 1,000: ours, and the mean of all by scipy."""
    group = parse_group("C1")
    ours, peer = [], []
    for seed in range(8):
        a, b, frame = _pair(group, 1_000, seed)
        ours.append(_apart(compare(a, b, group).matrix, frame))
        turns = _scipy(a).inv() * _scipy(b)
        peer.append(_apart(turns.mean().as_matrix().T, frame))
    least = _SIGMA * np.sqrt(3.0 / (1_000 * (1 - _UNRELATED)))
    title = f"error of the frame, N = 1,000, C1 (no less than {least:.2f}° can be)"
    name = "scipy, Rotation.mean (the L2 chordal mean)"
    return Row(title, _rms(ours), _rms(peer), name, 5.0, "deg")


def _rms(values: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def _pair(group: PointGroup, n: int, seed: int = 1) -> tuple[Array, Array, Array]:
    """Quaternions (n, 4) of A and B, and the frame G (3, 3)."""
    rng = np.random.default_rng(seed)
    own = group.matrices[rng.integers(0, group.order, n)]
    a, frame = rotation.random(n, rng), rotation.to_matrix(rotation.random(1, rng))[0]
    b = rotation.from_matrix(rotation.to_matrix(a) @ own @ frame.T)
    noise = Rotation.from_rotvec(np.radians(_SIGMA) * rng.normal(size=(n, 3))).as_matrix()
    b = rotation.compose(rotation.from_matrix(noise), b)
    wrong = rng.random(n) < _UNRELATED
    b[wrong] = rotation.random(int(wrong.sum()), rng)
    return a, b, frame


def _brute(a: Array, b: Array, group: PointGroup) -> float:
    turns = _scipy(a[:SAMPLE]).inv() * _scipy(b[:SAMPLE])
    best = 0.0
    for turn in turns[:_MEASURED]:
        smallest = np.full(SAMPLE, np.inf)
        for operator in Rotation.from_matrix(group.matrices):
            smallest = np.minimum(smallest, ((operator * turn).inv() * turns).magnitude())
        best = max(best, float(np.exp(-0.5 * (smallest / agreement.WIDTH) ** 2).sum()))
    return best


def _scipy(q: Array) -> Rotation:
    return Rotation.from_quat(q[:, [1, 2, 3, 0]])


def _apart(one: Array, other: Array) -> float:
    return float(np.degrees(Rotation.from_matrix(one @ other.T).magnitude()))
