"""Tilting in formulas against tilting views one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evenview.core import sampling
from evenview.core.sampling import half_bins, score, shell
from evenview.core.symmetry import parse_group
from evenview.core.tilting import GOOD, tilting
from made_views import cone, even, ring, side, skewed

N = 10_000


def rng(seed=0):
    return np.random.default_rng(seed)


def histogram(v):
    bins = half_bins(sampling.ORDER)
    return np.bincount(bins.index_of(v), minlength=len(bins.centers)).astype(float)


def by_hand(v, degrees, seed=1):
    """Each view turned by an angle about a random axis in its image plane."""
    r = rng(seed)
    other = r.normal(size=v.shape)
    other -= (other * v).sum(axis=1, keepdims=True) * v
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    tilt = math.radians(degrees)
    return math.cos(tilt) * v + math.sin(tilt) * other


SETS = {
    "even": even,
    "side": side,
    "skewed": skewed,
    "ring": lambda n, r: ring(n, 60, r),
    "cone": lambda n, r: cone(n, 30, r),
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("degrees", [5, 20, 40, 60])
def test_tilted_as_by_hand(name, degrees):
    v = SETS[name](N, rng())
    expected = [score(shell().counted(by_hand(v, degrees, seed)), N) for seed in range(2)]
    star = np.mean([found.scf_star for found in expected])
    empty = np.mean([found.empty_fraction for found in expected])
    for tilted in (tilting().of_views(v), tilting().of_bins(histogram(v))):
        found = tilted.scores(degrees)
        assert found.scf_star == pytest.approx(star, rel=0.04)
        assert found.empty_fraction == pytest.approx(empty, abs=0.01)
        assert found.particles == N


@pytest.mark.parametrize("name", SETS)
def test_without_a_tilt_nothing_changes(name):
    v = SETS[name](N, rng())
    expected = score(shell().counted(v), N)
    assert tilting().of_views(v).scores(0).scf_star == pytest.approx(expected.scf_star, rel=0.02)
    binned = tilting().of_bins(histogram(v)).scores(0)
    assert binned.scf_star == pytest.approx(expected.scf_star, rel=0.05)


def test_side_views_keep_theirs_without_a_tilt():
    for v in (side(200_000, rng()), side(N, rng())):
        assert tilting().of_views(v).scores(0).scf_star == pytest.approx(0.81, abs=0.01)
        assert tilting().of_bins(histogram(v)).scores(0).scf_star == pytest.approx(0.80, abs=0.015)


@pytest.mark.parametrize("name", ["C4", "D7", "O"])
def test_symmetry_counts_all_copies(name):
    v = cone(2_000, 20, rng())
    copies = np.concatenate(list(parse_group(name).expand(v)))
    expected = score(shell().counted(by_hand(copies, 30)), len(copies), reference=len(copies))
    found = tilting(name).of_views(v).scores(30)
    assert found.scf_star == pytest.approx(expected.scf_star, rel=0.05)


def test_the_smallest_tilt_reaches_the_threshold_and_a_smaller_does_not():
    tilted = tilting().of_views(cone(N, 60, rng()))
    curve = tilted.curve()
    assert curve.smallest is not None
    assert tilted.scores(curve.smallest).scf_star >= GOOD
    assert tilted.scores(curve.smallest - 0.2).scf_star < GOOD
    assert len(curve.scores) == len(curve.degrees)


def test_a_single_view_reaches_it_by_no_tilt_and_even_views_by_none_at_all():
    assert tilting().of_views(cone(N, 3, rng())).curve().smallest is None
    assert tilting().of_views(even(N, rng())).curve().smallest == 0
