"""Views on a search grid are known by their even spacing, whatever turned the grid."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.core import rotation
from evenview.core.grid import parse_grid
from evenview.core.search_grid import search_grid, search_grid_of, spacing
from made_views import even, particles_of, turned


def searched(order: int, n: int, rng: np.random.Generator):
    """Particles at directions of a HEALPix grid turned as one, with in-plane angles at random."""
    grid = turned(parse_grid(f"healpix:{order}").centers, rng)
    return particles_of(grid[rng.integers(len(grid), size=n)])


@pytest.mark.parametrize("order", [2, 3, 4])
def test_its_step_is_that_of_the_grid_and_bins_of_two_steps_suit(order):
    found = search_grid_of(searched(order, 30_000, np.random.default_rng(order)))
    assert found.step == pytest.approx(spacing(order), rel=0.08)
    assert found.views == pytest.approx(12 * 4**order, rel=1e-3)
    assert found.safe_order == order - 1
    assert found.suits(spacing(order - 1))
    assert not found.suits(spacing(order))


def test_the_spacing_is_that_of_the_textbook():
    # The table of Gorski et al. 2005: 58.6° at nside 1, 7.33° at 8, 0.916° at 64.
    assert [spacing(k) for k in (0, 3, 6)] == pytest.approx([58.63, 7.329, 0.9161], rel=1e-3)


def test_refined_views_few_views_and_one_view_lie_on_none():
    rng = np.random.default_rng(1)
    assert search_grid(particles_of(even(20_000, rng)).quaternions) is None
    assert search_grid(searched(2, 60, rng).quaternions) is None
    assert search_grid(particles_of(np.tile([[0.0, 0.0, 1.0]], (500, 1))).quaternions) is None
    assert search_grid(np.full((500, 4), np.nan)) is None


def test_a_crowd_off_the_grid_hides_it():
    rng = np.random.default_rng(2)
    on, off = searched(3, 20_000, rng), rotation.random(20_000, rng)
    assert search_grid(np.concatenate([on.quaternions, off])) is None
