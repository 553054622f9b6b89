"""All scores of a file's views together, and the verdict on them."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.core import scores as module
from evenview.core.folded import suggest_group
from evenview.core.scores import chance_gini, collect, evenness_order, score_views
from evenview.core.symmetry import parse_group
from evenview.core.verdict import judge
from evenview.formats import open_particles
from made_views import cone, even, particles_of, side, skewed
from shared_data import shared


def rng(seed=0):
    return np.random.default_rng(seed)


def scored(v, group="C1", **options):
    return score_views(particles_of(v), parse_group(group), **options)


def test_even_views_are_good_in_every_way():
    found = scored(even(20_000, rng()))
    verdict = judge(found)
    assert verdict.grade == "good"
    assert not verdict.warnings
    assert found.fourier.scf_star > 0.98
    assert found.spread is not None
    assert found.spread.e_od > 0.95
    assert found.tensor.shape == "even"
    assert found.evenness.entropy > 0.99
    assert found.chi_square is not None
    assert found.chi_square.chance > 0.001


@pytest.mark.parametrize("n", [2_500, 10_000, 60_000])
def test_even_views_have_the_gini_of_chance(n):
    found = [scored(even(n, rng(seed))) for seed in range(6)]
    assert found[0].a_bin >= module.A_BIN
    assert max(one.evenness.gini for one in found) < 0.11
    mean = np.mean([one.evenness.gini for one in found])
    assert mean == pytest.approx(chance_gini(found[0].a_bin), rel=0.15)


@pytest.mark.parametrize("group", ["C1", "D7", "O"])
def test_chi_square_is_one_per_degree_of_freedom_for_even_views(group):
    reduced, chances = [], []
    for seed in range(5):
        chi = scored(even(4_000, rng(seed)), group).chi_square
        assert chi is not None
        reduced.append(chi.reduced)
        chances.append(chi.chance)
    spread = np.sqrt(2 / chi.degrees_of_freedom / len(reduced))
    assert np.mean(reduced) == pytest.approx(1.0, abs=4 * spread)
    assert min(chances) > 1e-3


def test_uneven_views_are_beyond_chance():
    chi = scored(skewed(4_000, rng())).chi_square
    assert chi is not None
    assert chi.reduced > 5
    assert chi.chance < 1e-6


def test_a_cone_has_holes_and_says_so():
    found = scored(cone(10_000, 30, rng()))
    verdict = judge(found)
    assert verdict.grade == "holes"
    assert any("empty" in words and "49" in words for words in verdict.sentences)
    assert found.tensor.shape == "polar"


def test_side_views_are_a_girdle_without_holes():
    found = scored(side(10_000, rng()))
    assert found.tensor.shape == "girdle"
    assert judge(found).grade in ("good", "uneven")
    assert found.fourier.empty_fraction == 0


def test_few_views_are_warned_of():
    warnings = judge(scored(even(300, rng()))).warnings
    assert any("3.0 views" in words for words in warnings)
    assert judge(scored(even(50, rng()))).warnings[-1].startswith("Only 4 views a bin")


def test_many_views_from_the_histogram_score_as_counted(monkeypatch):
    v = skewed(30_000, rng())
    one_by_one = scored(v)
    monkeypatch.setattr(module, "COUNTED", 1_000)
    binned = scored(v)
    assert binned.views.each is None
    assert binned.fourier.scf_star == pytest.approx(one_by_one.fourier.scf_star, rel=0.01)
    tilted = binned.views.tilted(parse_group("C1")).scores(30)
    expected = one_by_one.views.tilted(parse_group("C1")).scores(30)
    assert tilted.scf_star == pytest.approx(expected.scf_star, rel=0.01)


def test_particles_without_a_pose_do_not_count():
    particles = particles_of(even(1_000, rng()))
    particles.quaternions[::2] = np.nan
    views = collect(particles)
    assert views.n == 500
    assert views.counts.sum() == 500
    assert np.trace(views.second_moment) == pytest.approx(500)


def test_nothing_placed_scores_nothing():
    particles = particles_of(even(5, rng()))
    particles.quaternions[:] = np.nan
    found = score_views(particles, parse_group("C1"))
    assert found.fourier.particles == 0
    assert found.spread is None
    assert found.chi_square is None
    assert judge(found).grade == "holes"


@pytest.mark.parametrize(("copies", "bins"), [(10, 12), (2_399, 12), (2_400, 48), (10**8, 3_072)])
def test_bins_are_as_many_as_the_views_can_fill(copies, bins):
    assert 12 * 4 ** evenness_order(copies) == bins


def test_a_folded_file_is_even_once_its_symmetry_is_given():
    group = parse_group("D7")
    v = group.fold(even(6_000, rng()))
    plain, folded = scored(v), scored(v, "D7")
    assert plain.fourier.empty_fraction > 0.1
    assert folded.fourier.empty_fraction == 0
    assert folded.fourier.scf_star > 0.98
    assert judge(folded).grade == "good"
    assert folded.evenness.gini < 0.12


def test_the_proteasome_has_a_third_empty_without_its_symmetry_and_nothing_with_it():
    particles = open_particles(shared("real/relion/t20s_d7_crlf.star"))
    plain = score_views(particles, parse_group("C1"))
    assert plain.fourier.empty_fraction == pytest.approx(0.36, abs=0.01)
    hint = suggest_group(particles.directions)
    verdict = judge(plain, hint)
    assert verdict.symmetry == "D7"
    assert "D7" in verdict.warnings[0]
    given = score_views(particles, parse_group("D7"))
    assert given.fourier.empty_fraction == 0
    assert given.fourier.scf_star == pytest.approx(0.89, abs=0.01)
    assert judge(given).grade == "good"


def test_a_symmetry_that_the_file_names_is_not_passed_over():
    verdict = judge(scored(even(2_000, rng())), named="D3")
    assert any("D3" in words for words in verdict.warnings)
