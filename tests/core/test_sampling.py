"""Sampling of Fourier space: analytic answers, the authors' definition, symmetry, random draws."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from evenview.core import sampling
from evenview.core.kernels import sampling as kernels
from evenview.core.sampling import half_bins, score, shell
from evenview.core.symmetry import parse_group
from made_views import cone, even, ring, side, skewed, turned
from shared_data import shared

N = 10_000


def rng(seed=0):
    return np.random.default_rng(seed)


def counted(v, group="C1", **options):
    return score(shell(group).counted(v), len(v), **options)


def histogram(v):
    bins = half_bins(sampling.ORDER)
    return np.bincount(bins.index_of(v), minlength=len(bins.centers)).astype(float)


def from_bins(v, group="C1", **options):
    return score(shell(group).operator @ histogram(v), len(v), **options)


def test_even_views_score_one():
    found = counted(even(200_000, rng()), reference=200_000)
    assert found.scf_star == pytest.approx(1.0, abs=0.002)
    assert found.empty_fraction == 0
    assert found.effective_particles == pytest.approx(200_000, rel=0.002)


def test_side_views_score_eight_over_pi_squared():
    v = side(200_000, rng())
    # The sharp peak of S at the pole falls between the directions, more or less.
    found = [counted(turned(v, rng(seed)), reference=len(v)) for seed in range(4)]
    assert np.mean([s.scf_star for s in found]) == pytest.approx(8 / math.pi**2, abs=0.01)
    assert all(s.empty_fraction == 0 for s in found)


@pytest.mark.parametrize("degrees", [45, 60, 75])
def test_a_ring_scores_its_analytic_answer(degrees):
    found = counted(ring(200_000, degrees, rng()), reference=200_000)
    beta = math.radians(degrees)
    assert found.scf == pytest.approx(8 / (math.pi**2 * math.sin(beta)), rel=0.02)
    # The plane of a view is 1/k thick, which fills half a degree of what would be empty.
    assert found.empty_fraction == pytest.approx(1 - math.sin(beta), abs=0.012)


@pytest.mark.parametrize("degrees", [30, 60])
def test_a_cone_leaves_its_analytic_part_empty(degrees):
    found = counted(cone(N, degrees, rng()))
    assert found.empty_fraction == pytest.approx(1 - math.sin(math.radians(degrees)), abs=0.012)
    assert found.scf_star < 0.2


def test_opposite_views_are_the_same():
    v = skewed(N, rng())
    flipped = np.where(rng(1).random((N, 1)) < 0.5, -v, v)
    np.testing.assert_array_equal(shell().counted(v), shell().counted(flipped))
    np.testing.assert_array_equal(histogram(v), histogram(flipped))


@pytest.mark.parametrize("make", [even, side, skewed, lambda n, r: cone(n, 50, r)])
def test_turning_all_views_alike_changes_no_score(make):
    v = make(N, rng())
    before = counted(v)
    for seed in range(3):
        after = counted(turned(v, rng(seed)))
        assert after.scf_star == pytest.approx(before.scf_star, rel=0.03)
        assert after.empty_fraction == pytest.approx(before.empty_fraction, abs=0.006)


@pytest.mark.parametrize("name", ["C3", "C7", "D2", "D7", "T", "O", "I1"])
def test_a_group_scores_as_all_its_copies_do(name):
    v = cone(1_000, 40, rng())
    copies = np.concatenate(list(parse_group(name).expand(v)))
    turn = rng(2)
    by_hand = [counted(turned(copies, turn), reference=len(copies)) for _ in range(3)]
    found = counted(v, name, reference=len(v))
    assert found.scf_star == pytest.approx(np.mean([s.scf_star for s in by_hand]), rel=0.03)
    assert found.empty_fraction == pytest.approx(by_hand[0].empty_fraction, abs=0.01)
    assert shell(name).counted(v).mean() == pytest.approx(len(copies) / 100, rel=0.03)


@pytest.mark.parametrize("name", ["C1", "C4", "D3", "T"])
def test_a_direction_is_sampled_alike_whichever_copy_is_asked(name):
    v, sphere = skewed(2_000, rng()), shell(name)
    copies = np.concatenate(list(sphere.group.expand(v)))
    plain = (np.abs(sphere.points @ copies.T) < sphere.half_width).sum(axis=1)
    assert np.abs(sphere.counted(v) - plain).max() <= 2  # single precision, at the plane's edge
    np.testing.assert_allclose(sphere.counted(v).sum(), plain.sum(), rtol=1e-4)


@pytest.mark.parametrize(
    ("make", "tolerance"),
    [
        (even, 0.001),
        (skewed, 0.01),
        (side, 0.03),
        (lambda n, r: ring(n, 60, r), 0.035),
        (lambda n, r: cone(n, 30, r), 0.03),
    ],
)
def test_the_histogram_scores_as_counting_does(make, tolerance):
    v = make(200_000, rng())
    assert from_bins(v).scf_star == pytest.approx(counted(v).scf_star, rel=tolerance)
    assert from_bins(v).empty_fraction == pytest.approx(counted(v).empty_fraction, abs=0.01)


@pytest.mark.parametrize("name", ["D7", "O"])
def test_the_histogram_knows_symmetry(name):
    v = skewed(100_000, rng())
    assert from_bins(v, name).scf_star == pytest.approx(counted(v, name).scf_star, rel=0.01)


@pytest.mark.parametrize("make", [even, skewed, lambda n, r: cone(n, 40, r)])
def test_quoting_for_fewer_is_the_mean_of_drawing_fewer(make):
    n, drawn = 4_000, 700
    v = make(n, rng())
    expected = counted(v, reference=drawn)
    draws = [counted(v[rng(seed).permutation(n)[:drawn]]) for seed in range(30)]
    stars = np.array([draw.scf_star for draw in draws])
    assert expected.scf_star == pytest.approx(stars.mean(), rel=0.02)
    empty = np.mean([draw.empty_fraction for draw in draws])
    assert expected.empty_fraction == pytest.approx(empty, abs=0.005)
    assert expected.particles == n
    assert expected.reference == drawn


@pytest.mark.parametrize("part", [0.9, 0.25, 0.01])
def test_the_expected_inverse_of_a_draw_is_that_of_scipy(part):
    from scipy.stats import binom

    table = kernels.binomial_inverses(300, part)
    for n in (1, 2, 7, 60, 300):
        s = np.arange(1, n + 1)
        assert table[n] == pytest.approx((binom.pmf(s, n, part) / s).sum(), rel=1e-9)


def test_large_draws_go_over_into_their_series_smoothly():
    part = 0.1
    n = 1_000
    below, above = (sampling._expected_inverse(np.array([n + d]), part)[0] for d in (0, 1e-6))
    assert above == pytest.approx(below, rel=2e-5)


def test_taking_particles_away_never_adds_effective_ones():
    v = skewed(20_000, rng())
    left = [counted(v[rng(3).permutation(len(v))[:n]]) for n in (20_000, 15_000, 8_000, 2_000)]
    effective = [found.effective_particles for found in left]
    assert effective == sorted(effective, reverse=True)


def test_the_views_that_a_hole_lacks_are_worth_most():
    bins = half_bins(sampling.ORDER)
    worth = shell().value(shell().counted(cone(N, 30, rng())), shell().circles(bins.centers))
    z = np.abs(bins.centers[:, 2])
    assert worth.mean() == pytest.approx(1.0, abs=0.01)
    assert worth[z < 0.1].min() > 5 * worth[z > 0.95].max()


def test_even_views_are_all_worth_the_same():
    circles = shell().circles(half_bins(sampling.ORDER).centers)
    worth = shell().value(shell().counted(even(200_000, rng())), circles)
    assert worth.std() < 0.05


def test_nothing_to_score_is_all_holes():
    found = score(np.zeros(10), 0)
    assert (found.scf_star, found.empty_fraction, found.effective_particles) == (0.0, 1.0, 0.0)


def test_finer_bins_put_together_lose_no_view():
    v = even(5_000, rng())
    coarse = sampling.coarser(histogram(v), 4)
    np.testing.assert_array_equal(
        coarse, np.bincount(half_bins(4).index_of(v), minlength=len(coarse))
    )


@pytest.mark.parametrize("k", [25, 50])
def test_counts_are_those_of_the_authors_definition(k):
    views = np.load(shared("vectors/views_10k.npz"))
    for row in json.loads(shared("vectors/views_10k_expected.json").read_text()):
        if row.get("k") != k:
            continue
        v = views[row["dist"]].astype(float)
        s = shell("C1", k).counted(v)
        assert s.sum() == row["sampling_sum"]
        assert s[:10].tolist() == row["sampling_first10"]
        for s0 in (1, 2):
            found = score(s, len(v), k, s0)
            assert found.scf_star == pytest.approx(row[f"SCFstar_s0_{s0}"], rel=1e-9)
        assert found.scf == pytest.approx(row["SCF0"], rel=1e-9)
        assert found.empty_fraction == pytest.approx(row["frac_zero"])


def test_scores_are_those_of_the_reference_table():
    rows = json.loads(shared("vectors/scf_reference.json").read_text())
    make = {
        "uniform": even,
        "side": side,
        "ring60": lambda n, r: ring(n, 60, r),
        "cap30": lambda n, r: cone(n, 30, r),
        "cap60": lambda n, r: cone(n, 60, r),
    }
    for row in rows:
        if row["dist"] not in make:
            continue
        _, star, empty = row["exact10k_mean"]
        found = counted(make[row["dist"]](N, rng(5)))
        assert found.scf_star == pytest.approx(star, rel=0.01)
        assert found.empty_fraction == pytest.approx(empty, abs=0.002)


def test_few_that_are_left_stand_for_as_many_as_there_were():
    v = cone(2_000, 30, rng())
    alone = score(shell().counted(v), len(v))
    scaled = sampling.score_as_before(shell().counted(v), len(v), 3 * len(v))
    thrice = score(shell().counted(np.repeat(v, 3, axis=0)), 3 * len(v))
    assert scaled.scf_star == pytest.approx(thrice.scf_star)
    assert scaled.scf == pytest.approx(thrice.scf)
    assert scaled.empty_fraction == thrice.empty_fraction == alone.empty_fraction
    assert scaled.reference == thrice.reference
    assert (scaled.particles, scaled.effective_particles) == (2_000, alone.effective_particles)


@pytest.mark.parametrize("name", ["C1", "D3", "O"])
def test_the_nearest_point_is_as_near_as_any(name):
    asked, sphere = even(2_000, rng()), shell(name)
    near = np.abs(np.einsum("nd,ngd->ng", asked, sphere.copies[sphere.nearest(asked)])).max(axis=1)
    every = np.abs(asked @ sphere.copies.reshape(-1, 3).T).max(axis=1)
    farther = np.degrees(np.arccos(near.clip(-1, 1)) - np.arccos(every.clip(-1, 1)))
    assert farther.max() < 1.7  # twice what a corner of a bin is from its centre
    assert farther.mean() < 0.1
