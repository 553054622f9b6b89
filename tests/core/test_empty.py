"""The empty part of Fourier space against the radius: analytic answers, and the exact count."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evenview.core import sampling
from evenview.core.empty import RADII, empty_by_radius
from evenview.core.sampling import half_bins, score, shell
from evenview.core.symmetry import parse_group
from evenview.core.tilting import tilting
from made_views import cone, even, ring, side, skewed

N = 10_000


def rng(seed=0):
    return np.random.default_rng(seed)


def of_views(v, group="C1", **options):
    shells = empty_by_radius(tilting(group).of_views(v), **options)
    return {shell.radius: shell.empty_fraction for shell in shells}


def of_bins(v, group="C1", **options):
    bins = half_bins(sampling.ORDER)
    counts = np.bincount(bins.index_of(v), minlength=len(bins.centers)).astype(float)
    shells = empty_by_radius(tilting(group).of_bins(counts), **options)
    return {shell.radius: shell.empty_fraction for shell in shells}


def around_an_axis(degrees, k):
    """What views up to so many degrees from an axis leave empty: the cap that no plane, 1/k thick,
    comes into."""
    return 1 - math.cos(max(math.acos(0.5 / k) - math.radians(degrees), 0.0))


@pytest.mark.parametrize("degrees", [10, 30, 60, 80])
@pytest.mark.parametrize("make", [cone, ring])
def test_views_about_an_axis_leave_the_cap_that_no_plane_comes_into(make, degrees):
    v = make(50_000, degrees, rng())
    counted, binned = of_views(v, reference=len(v)), of_bins(v, reference=len(v))
    for k in RADII:
        expected = around_an_axis(degrees, k)
        assert counted[k] == pytest.approx(expected, abs=0.006)
        assert binned[k] == pytest.approx(expected, abs=0.018)  # a bin is a degree wide


@pytest.mark.parametrize("degrees", [30, 60])
def test_far_out_a_cone_leaves_one_less_its_sine(degrees):
    far = empty_by_radius(tilting().of_views(cone(200_000, degrees, rng())), [400], 200_000)
    expected = 1 - math.sin(math.radians(degrees))
    assert far[0].empty_fraction == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("make", [even, side, skewed])
def test_views_that_reach_everywhere_leave_nothing_empty(make):
    found = of_views(make(100_000, rng()), reference=100_000)
    assert max(found.values()) < 1e-3
    assert max(part for k, part in found.items() if k <= 100) == 0


@pytest.mark.parametrize("make", [skewed, lambda n, r: cone(n, 40, r)])
@pytest.mark.parametrize("n", [300, N, 30_000])
def test_shells_are_as_empty_as_the_exact_count_says(make, n):
    v = make(n, rng())
    found = of_views(v)
    for k in (20, 50, 100, 250):
        exact = score(shell("C1", k).counted(v), n, k)
        assert found[k] == pytest.approx(exact.empty_fraction, abs=0.02)


def test_farther_out_more_is_empty():
    parts = list(of_views(skewed(400, rng())).values())
    assert parts == sorted(parts)
    assert parts[0] < 0.01 < 0.1 < parts[-1]


@pytest.mark.parametrize("name", ["C4", "D7", "O"])
def test_all_copies_by_symmetry_count(name):
    v = cone(2_000, 20, rng())
    copies = np.concatenate(list(parse_group(name).expand(v)))
    found, by_hand = of_views(v, name), of_views(copies, reference=len(copies))
    for k, part in found.items():
        assert part == pytest.approx(by_hand[k], abs=0.03)


def test_without_views_all_is_empty():
    assert set(of_views(np.empty((0, 3))).values()) == {1.0}
