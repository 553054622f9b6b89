"""E_od: analytic answers, a point spread function made of slices, symmetry, reference numbers."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from evenview.core import psf
from evenview.core.sampling import half_bins
from evenview.core.symmetry import parse_group
from made_views import cone, even, ring, side, skewed, turned
from shared_data import shared

#: exp(-2) = Dawson(√a)/√a for even views: R = √(aB)/2π.
EVEN_R = 4.213064


def rng(seed=0):
    return np.random.default_rng(seed)


def spread(v, group="C1"):
    bins = half_bins(psf.ORDER)
    counts = np.bincount(bins.index_of(v), minlength=len(bins.centers)).astype(float)
    return psf.point_spread(group).spread(counts)


def test_even_views_have_the_analytic_spread_in_all_directions():
    found = spread(even(200_000, rng()))
    assert found.mean == pytest.approx(EVEN_R, rel=0.003)
    assert found.e_od == pytest.approx(1.0, abs=0.01)


def test_side_views_have_their_analytic_spread():
    found = spread(side(50_000, rng()))
    assert found.e_od == pytest.approx(0.283, abs=0.01)
    assert found.best == pytest.approx(2.847, rel=0.01)  # along the pole: all views resolve it
    assert found.worst == pytest.approx(8.518, rel=0.05)  # across: few do


def test_one_sharp_view_goes_below_zero():
    assert spread(cone(5_000, 5, rng())).e_od < -0.3


def sliced(v, u, box=80):
    """R along u (M, 3) of a point spread function: views as slices in a grid, transformed back.

    The envelope exp(-B s²/4) lies on each slice; a slice is as thick as a voxel, a voxel is 1 Å.
    """
    s = np.fft.fftfreq(box)
    grid = np.stack(np.meshgrid(s, s, s, indexing="ij"))
    weight = sum(np.clip(1.0 - box * np.abs(np.tensordot(one, grid, 1)), 0.0, None) for one in v)
    envelope = np.exp(-psf.B_FACTOR * (grid * grid).sum(axis=0) / 4.0)
    spread_there = np.fft.fftshift(np.fft.ifftn(weight * envelope).real)
    r = np.linspace(0.0, 20.0, 201)
    places = box // 2 + u[:, :, None] * r
    profiles = map_coordinates(spread_there, places.transpose(1, 0, 2), order=3)
    profiles = np.minimum.accumulate(profiles / profiles[:, :1], axis=1)
    return np.array([np.interp(-math.exp(-2.0), -profile, r) for profile in profiles])


@pytest.mark.parametrize("make", [even, lambda n, r: ring(n, 60, r), lambda n, r: cone(n, 60, r)])
def test_a_point_spread_function_made_of_slices_agrees(make):
    v = make(300, rng(4))
    r = sliced(v, psf.point_spread("C1").points)
    found = spread(v)
    assert found.mean == pytest.approx(r.mean(), rel=0.02)
    assert found.e_od == pytest.approx(1 - 2 * r.std() / r.mean(), abs=0.05)


def test_turning_all_views_and_turning_some_round_change_nothing():
    v = skewed(50_000, rng())
    assert spread(-v) == spread(v)
    assert spread(turned(v, rng(1))).e_od == pytest.approx(spread(v).e_od, abs=0.02)


@pytest.mark.parametrize("name", ["C3", "C7", "D2", "D7", "T", "O", "I1"])
def test_a_group_scores_as_all_its_copies_do(name):
    v = cone(3_000, 40, rng())
    copies = np.concatenate(list(parse_group(name).expand(v)))
    assert spread(v, name).e_od == pytest.approx(spread(copies).e_od, abs=0.025)


def test_the_number_of_views_does_not_matter():
    v = skewed(3_000, rng())
    assert spread(np.concatenate([v, v, v])).e_od == pytest.approx(spread(v).e_od, abs=1e-4)


def test_reference_numbers():
    views = np.load(shared("vectors/views_10k.npz"))
    for row in json.loads(shared("vectors/views_10k_expected.json").read_text()):
        if "E_od" in row:
            found = spread(views[row["dist"]].astype(float))
            assert found.e_od == pytest.approx(row["E_od"], abs=0.02)
            assert found.mean == pytest.approx(row["R_mean_B160"], rel=0.005)


def test_a_brute_force_spread_agrees():
    make = {
        "side": side,
        "ring60": lambda n, r: ring(n, 60, r),
        "cap60": lambda n, r: cone(n, 60, r),
    }
    for row in json.loads(shared("vectors/eod_reference.json").read_text()):
        if row["dist"] in make:
            found = spread(make[row["dist"]](2_000, rng(3)))
            assert found.e_od == pytest.approx(row["brute96_2000views"][0], abs=0.04)
