"""Alignment of noisy maps of box 128 against emalign and BOTalign, where they are installed.

    python tests/bench/bench_align.py

prints a table of errors and times; `align_peers` says where the peers are looked for. The maps are
made here: a chain of Gaussians, turned, shifted and mirrored exactly, with white noise such that
the FSC between them crosses 0.143 at 8 Å. An error is that of the map without noise, moved by what
was found: it is laid over where it should lie. Without peers, the row of `run.py` holds one search
for both hands against two.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from sys import path as places

import numpy as np

places.insert(0, str(Path(__file__).resolve().parents[1]))

import made_maps as made
from bench.align_peers import BOTALIGN, EMALIGN, Peer, installed
from bench.common import Row, best_of
from evenview.core.align.aligning import align
from evenview.core.align.pose import angle_of
from evenview.core.align.settings import Settings
from evenview.core.align.superpose import moved
from evenview.core.motion import Motion
from evenview.core.volume import Volume

BOX, PIXEL, SIGMA = 128, 2.0, 2.2
RESOLUTION, THRESHOLD = 8.0, 0.143
_SHIFT = np.array([6.0, -9.0, 4.0])
_POINTS, _RADIUS = 900, 70.0
#: The faster run counts, except of peers, which take minutes.
_RUNS = 2
#: Degrees: what lies farther off is not found.
SOLVED = 10.0


@dataclass(frozen=True, eq=False)
class Case:
    """A reference, a map to be laid over it, that map without noise, and where it should lie.

    The arrays are (Z, Y, X).
    """

    name: str
    reference: np.ndarray
    moving: np.ndarray
    clean: np.ndarray
    truth: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """How far off a map came to lie (degrees, voxels), whether in the right hand, and how soon."""

    degrees: float
    voxels: float
    hand: bool
    seconds: float
    cpu: float

    @property
    def solved(self) -> bool:
        return self.hand and self.degrees < SOLVED

    def words(self) -> str:
        if not self.solved:
            return f"not found ({'wrong hand' if not self.hand else f'{self.degrees:.0f}° off'})"
        return f"{self.degrees:.3f}°, {self.voxels:.3f} voxel"


def rows() -> list[Row]:
    """Seconds from two maps in memory to the moved map; of emalign the same.

    How soon it ends without an answer says little: there it only must not be sooner.
    """
    if not EMALIGN.python():
        return [_without_peers()]
    found = []
    for case in cases():
        ours, peer = here(case), theirs(EMALIGN, case)
        name = f"align: {case.name} ({ours.words()})"
        told = f"{EMALIGN.title}: {peer.words()}"
        found.append(Row(name, ours.seconds, peer.seconds, told, 10 if peer.solved else 1))
    return found


def main() -> None:
    """Print the table."""
    print(f"{'case':<26}{'program':<28}{'rotation':>10}{'shift':>10}{'hand':>7}", end="")
    print(f"{'wall':>10}{'CPU':>10}{'ratio':>8}{'CPU':>8}")
    for searches in (True, False):
        peers = [peer for peer in installed() if peer.searches == searches]
        for case in cases(searches) if peers or searches else ():
            ours = here(case)
            _print(case.name, "evenview", ours, ours)
            for peer in peers:
                _print("", peer.title, theirs(peer, case), ours)
    for peer in {EMALIGN, BOTALIGN} - set(installed()):
        print(f"{peer.name} is not installed")


def _print(case: str, program: str, one: Outcome, ours: Outcome) -> None:
    off = f"{one.degrees:>9.3f}°{one.voxels:>10.3f}" if one.solved else f"{'not found':>20}"
    print(
        f"{case:<26}{program:<28}{off}{'right' if one.hand else 'wrong':>7}"
        f"{one.seconds:>8.1f} s{one.cpu:>8.1f} s{one.seconds / ours.seconds:>7.1f}×"
        f"{one.cpu / ours.cpu:>7.1f}×",
        flush=True,
    )


@cache
def cases(searches: bool = True) -> tuple[Case, ...]:
    """Equal molecules, one without a part, one in another shape; else centred and of one hand."""
    points, weights = made.chain(3, _RADIUS, _POINTS)
    lost = round(0.35 * _POINTS)
    bent = np.concatenate([_bent(points), _more(points)])
    heavier = np.concatenate([weights, weights[: len(bent) - len(weights)]])
    shapes = {
        "the same": (points, weights),
        "35 % missing": (points[lost:], weights[lost:]),
        "another conformation": (bent, heavier),
    }
    still = density(points, weights)
    noise = _noise(still)
    return tuple(_case(name, still, *shape, noise, searches) for name, shape in shapes.items())


def _case(
    name: str,
    still: np.ndarray,
    points: np.ndarray,
    weights: np.ndarray,
    noise: float,
    searches: bool,
) -> Case:
    shift = _SHIFT if searches else np.zeros(3)
    was = made.before(points, made.any_turn(4), shift, flipped=searches)
    clean = density(was, weights)
    rng = np.random.default_rng(1)
    reference, moving = (values + rng.normal(0.0, noise, values.shape) for values in (still, clean))
    return Case(name, reference, moving, clean, density(points, weights))


def density(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return made.density(points, weights, (BOX,) * 3, PIXEL, SIGMA)


def _bent(points: np.ndarray) -> np.ndarray:
    """The last 30 % turned by 20° about where they begin."""
    first = round(0.7 * len(points))
    turn = np.array([[0.9397, -0.3420, 0.0], [0.3420, 0.9397, 0.0], [0.0, 0.0, 1.0]])
    arm = (points[first:] - points[first]) @ turn.T + points[first]
    return np.concatenate([points[:first], arm])


def _more(points: np.ndarray) -> np.ndarray:
    """Another 22 % that grows out of the end."""
    extra, _ = made.chain(9, 0.5 * _RADIUS, round(0.22 * len(points)))
    return extra - extra[0] + points[-1]


def _noise(values: np.ndarray) -> float:
    """The deviation of white noise for which two such maps' FSC is 0.143 at the resolution."""
    power = np.abs(np.fft.rfftn(values)) ** 2
    z, y, x = (np.fft.fftfreq(BOX), np.fft.fftfreq(BOX), np.fft.rfftfreq(BOX))
    frequency = np.sqrt(z[:, None, None] ** 2 + y[:, None] ** 2 + x**2) / PIXEL
    shell = np.abs(frequency - 1.0 / RESOLUTION) < 0.5 / (BOX * PIXEL)
    return float(np.sqrt(power[shell].mean() * (1.0 - THRESHOLD) / THRESHOLD / values.size))


def here(case: Case) -> Outcome:
    """This program's, once all is compiled."""
    still, other, clean = (
        made.as_volume(values, PIXEL) for values in (case.reference, case.moving, case.clean)
    )
    _warm()
    motion, took = Motion(), []
    for _ in range(_RUNS):
        start, cpu = time.perf_counter(), time.process_time()
        motion = align(still, other).pose.motion
        moved(other, motion, still)
        took.append((time.perf_counter() - start, time.process_time() - cpu))
    return _judged(case, moved(clean, motion, still).values, *min(took))


def theirs(peer: Peer, case: Case) -> Outcome:
    """A peer's."""
    return _judged(case, *peer.lay(case.reference, case.moving, case.clean))


def _judged(case: Case, laid: np.ndarray, seconds: float, cpu: float) -> Outcome:
    """Lay a map without noise over where it should lie: what is left is the error."""
    left = align(made.as_volume(case.truth, PIXEL), made.as_volume(laid, PIXEL)).pose
    voxels = float(np.linalg.norm(left.shift)) / PIXEL
    return Outcome(angle_of(left.rotation), voxels, not left.flipped, seconds, cpu)


@cache
def _warm() -> None:
    points, weights = made.chain(1, 40.0, 50)
    small = made.as_volume(made.density(points, weights, (32,) * 3, 4.0), 4.0)
    moved(small, align(small, small, Settings(max_angle=20.0)).pose.motion, small)


def _without_peers() -> Row:
    case = cases()[0]
    still, other = (made.as_volume(values, PIXEL) for values in (case.reference, case.moving))
    mirrored = replace(other, values=other.values[::-1].copy())

    def twice(first: Volume, second: Volume) -> None:
        for volume in (first, second):
            align(still, volume, Settings(hands="same"))

    ours = best_of(1, partial(align, still, other))
    return Row(
        f"align, box {BOX}",
        ours,
        best_of(1, partial(twice, other, mirrored)),
        "one hand at a time",
        1,
    )


if __name__ == "__main__":
    main()
