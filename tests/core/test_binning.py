from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenview.core import binning as binning_module
from evenview.core import convention, rotation
from evenview.core.binning import areas_in_unit, bin_particles
from evenview.core.grid import parse_grid
from evenview.core.particles import Particles
from evenview.core.plan import LOOKS
from evenview.core.progress import Cancelled
from evenview.core.symmetry import parse_group

GRIDS = ["healpix:4", "fibonacci:192", "azel:5"]
GROUPS = ["C1", "C2", "C3", "C7", "D2", "D7", "T", "O", "I1", "I2"]


def uniform(n, seed=0, halves=None, unplaced=0):
    """Particles with random poses, the first few of them without one; they need no table here."""
    rng = np.random.default_rng(seed)
    q = rotation.random(n, rng)
    q[:unplaced] = np.nan
    return Particles(None, q, halves)


def binned(particles, grid="healpix:3", group="C1", look="stored", **options):
    return bin_particles(particles, parse_grid(grid), parse_group(group), look, **options)


@settings(max_examples=30)
@given(
    grid=st.sampled_from(GRIDS),
    group=st.sampled_from(GROUPS),
    look=st.sampled_from(LOOKS),
    n=st.integers(0, 300),
    unplaced=st.integers(0, 20),
)
def test_every_placed_particle_is_counted_once_and_its_copies_too(grid, group, look, n, unplaced):
    unplaced = min(unplaced, n)
    halves = np.arange(n, dtype=np.int8) % 3
    result = binned(uniform(n, n, halves, unplaced), grid, group, look)
    placed = n - unplaced
    copies = parse_group(group).order if look == "expanded" else 1
    assert result.decision_counts.sum() == placed
    assert result.counts.sum() == copies * placed
    np.testing.assert_array_equal(result.bin_of_row >= 0, np.arange(n) >= unplaced)
    for code in (0, 1, 2):
        bins = result.bin_of_row[(halves == code) & (result.bin_of_row >= 0)]
        expected = np.bincount(bins, minlength=result.grid.n)
        np.testing.assert_array_equal(result.half_counts[code], expected)


def test_types_and_shapes():
    result = binned(uniform(50), group="C3", look="expanded")
    n = result.grid.n
    assert result.bin_of_row.dtype == np.int32
    assert (result.half_counts.dtype, result.half_counts.shape) == (np.int64, (3, n))
    assert (result.counts.dtype, result.decision_counts.dtype) == (np.int64, np.int64)
    assert (result.orbits.dtype, result.orbits.shape) == (np.int32, (n, 3))
    assert result.density.shape == result.areas.shape == result.decision_areas.shape == (n,)
    assert result.grid_name == "healpix:3"
    assert result.centers is result.grid.centers
    assert result.neighbors is result.grid.neighbors


def test_without_half_sets_all_particles_have_the_code_of_none():
    result = binned(uniform(100))
    np.testing.assert_array_equal(result.half_counts[0], result.counts)
    assert result.half_counts[1:].sum() == 0


@pytest.mark.parametrize("look", LOOKS)
def test_looks_of_no_symmetry_are_one(look):
    particles = uniform(2000)
    stored, other = binned(particles), binned(particles, look=look)
    np.testing.assert_array_equal(other.bin_of_row, stored.bin_of_row)
    np.testing.assert_array_equal(other.counts, stored.counts)
    np.testing.assert_array_equal(other.areas, stored.areas)
    np.testing.assert_array_equal(other.decision_areas, stored.areas)


@pytest.mark.parametrize("look", LOOKS)
def test_chunks_change_nothing(look, monkeypatch):
    particles = uniform(1000, halves=np.ones(1000, np.int8), unplaced=5)
    whole = binned(particles, group="D2", look=look)
    monkeypatch.setattr(binning_module, "_CHUNK", 77)
    told = []
    pieces = binned(particles, group="D2", look=look, progress=lambda f, _: told.append(f))
    np.testing.assert_array_equal(pieces.bin_of_row, whole.bin_of_row)
    np.testing.assert_array_equal(pieces.half_counts, whole.half_counts)
    np.testing.assert_array_equal(pieces.counts, whole.counts)
    assert told == sorted(told)
    assert (len(told), told[-1]) == (13, 1.0)


def test_it_can_be_cancelled():
    def stop(fraction, phrase):
        raise Cancelled

    with pytest.raises(Cancelled):
        binned(uniform(10), progress=stop)


@pytest.mark.parametrize("group", ["C3", "D7", "O", "I1"])
def test_a_particle_moved_to_a_symmetry_copy_of_itself_changes_nothing(group):
    particles = uniform(3000)
    operators = rotation.from_matrix(parse_group(group).matrices)
    chosen = operators[np.random.default_rng(1).integers(len(operators), size=3000)]
    moved = Particles(None, rotation.compose(particles.quaternions, chosen))
    for look in ("folded", "expanded"):
        before = binned(particles, group=group, look=look)
        after = binned(moved, group=group, look=look)
        # Rounding may take one direction in thousands across a border of its bin.
        assert np.count_nonzero(before.bin_of_row != after.bin_of_row) <= 2
        assert np.abs(before.counts - after.counts).sum() <= 4


def test_turning_the_map_by_a_symmetry_of_the_grid_permutes_the_counts():
    particles = uniform(5000)
    quarter = convention.relion_to_quaternions([90.0], [0.0], [0.0])
    turned = Particles(None, rotation.compose(particles.quaternions, quarter))
    before, after = binned(particles), binned(turned)
    assert not np.array_equal(before.counts, after.counts)
    np.testing.assert_array_equal(np.sort(before.counts), np.sort(after.counts))


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize(
    ("group", "look"), [("C1", "stored"), *((g, "folded") for g in ("C1", "C3", "D7", "I1"))]
)
def test_uniform_directions_have_density_one_within_shot_noise(grid, group, look):
    result = binned(uniform(100_000, seed=7), grid, group, look)
    expected = result.counts.sum() * result.areas / result.areas.sum()
    enough = expected >= 10
    noise = (result.density[enough] - 1) * np.sqrt(expected[enough])
    dof = np.count_nonzero(enough)
    assert abs(np.sum(noise**2) - dof) < 6 * math.sqrt(2 * dof)


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("group", ["C2", "D7", "I1"])
def test_uniform_directions_expanded_have_density_one(grid, group):
    result = binned(uniform(100_000, seed=3), grid, group, "expanded")
    expected = result.counts.sum() * result.areas / result.areas.sum()
    # A particle near an axis puts several of its copies into one bin.
    noise = (result.density - 1) * np.sqrt(expected / result.group.order)
    assert np.abs(noise).max() < 6
    assert np.average(result.density, weights=result.areas) == pytest.approx(1)


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("group", ["C2", "C3", "D7", "T", "O", "I2"])
def test_the_folded_sphere_is_as_large_as_one_asymmetric_unit(grid, group):
    areas = areas_in_unit(parse_grid(grid), parse_group(group))
    assert areas.sum() == pytest.approx(4 * math.pi / parse_group(group).order, rel=2e-3)
    assert np.all(areas >= 0)
    assert np.all(areas <= parse_grid(grid).areas)


@pytest.mark.parametrize(
    ("group", "azimuth", "lowest"),
    [("C2", 90, -90), ("C3", 60, -90), ("C6", 30, -90), ("D3", 60, 0)],
)
def test_cells_are_wholly_inside_a_unit_whose_border_runs_along_them(group, azimuth, lowest):
    grid = parse_grid("azel:30")
    angles = convention.azimuth_elevation(grid.centers)
    inside = (np.abs(angles[:, 0]) < azimuth) & (angles[:, 1] > lowest)
    areas = areas_in_unit(grid, parse_group(group))
    np.testing.assert_allclose(areas, np.where(inside, grid.areas, 0), rtol=1e-3)


def test_a_cell_cut_in_half_by_the_border_has_half_its_area():
    grid = parse_grid("azel:36")  # columns from -180°, -144°, -108°: ±90° halves the third
    share = (areas_in_unit(grid, parse_group("C2")) / grid.areas).reshape(5, 10)
    np.testing.assert_allclose(
        share, np.tile([0, 0, 0.5, 1, 1, 1, 1, 0.5, 0, 0], (5, 1)), atol=5e-3
    )


def test_folded_particles_fall_where_there_is_area():
    result = binned(uniform(20_000), "fibonacci:1000", "T", "folded")
    assert result.counts[result.areas == 0].sum() == 0
    np.testing.assert_array_equal(np.isnan(result.density), result.areas == 0)
    assert 0 < np.count_nonzero(result.areas) < 1000 / 8


def test_expanded_is_shown_whole_and_decided_folded():
    particles = uniform(5000)
    expanded = binned(particles, group="D3", look="expanded")
    folded = binned(particles, group="D3", look="folded")
    np.testing.assert_array_equal(expanded.bin_of_row, folded.bin_of_row)
    np.testing.assert_array_equal(expanded.decision_counts, folded.counts)
    np.testing.assert_array_equal(expanded.decision_areas, folded.areas)
    np.testing.assert_array_equal(expanded.areas, expanded.grid.areas)


def test_density_is_in_multiples_of_uniform():
    # All particles look down one axis: their bin of 1/768 of the sphere is 768 times uniform.
    q = np.tile([1.0, 0.0, 0.0, 0.0], (10, 1))
    density = binned(Particles(None, q)).density
    assert density.max() == pytest.approx(768)
    assert np.count_nonzero(density) == 1


def test_without_particles_nothing_is_dense():
    for look in LOOKS:
        result = binned(uniform(3, unplaced=3), group="C4", look=look)
        assert np.nansum(result.density) == 0
        np.testing.assert_array_equal(np.isnan(result.density), result.areas == 0)


def test_orbits_of_cells_that_the_group_maps_onto_cells():
    result = binned(uniform(1), "azel:30", "C4")
    row, column = np.divmod(np.arange(72), 12)
    np.testing.assert_array_equal(result.orbits[:, 0], np.arange(72))
    turned = {
        (r, c): {(r * 12 + (c + 3 * k) % 12) for k in range(4)}
        for r, c in zip(row, column, strict=True)
    }
    assert [set(orbit) for orbit in result.orbits.tolist()] == list(turned.values())


@pytest.mark.parametrize("group", ["C2", "D2", "D4", "O"])
def test_orbits_hold_every_copy_of_a_cluster(group):
    result = binned(uniform(1), "healpix:3", group)
    b = 100
    v = result.centers[b] + np.random.default_rng(0).normal(0, 1e-6, (50, 3))
    copies = np.concatenate(list(result.group.expand(v)))
    # A copy of a centre may lie on a border: then the cluster is on both sides of it.
    orbit = set(result.orbits[b].tolist())
    around = orbit.union(*(result.neighbors[i].tolist() for i in orbit))
    found = set(result.grid.index_of(copies).tolist())
    assert found <= around
    assert len(orbit & found) >= len(orbit) / 2


def test_what_it_gives_is_worked_out_once():
    result = binned(uniform(100), group="C3", look="folded")
    for name in ("decision_counts", "density", "orbits", "areas", "decision_areas"):
        assert getattr(result, name) is getattr(result, name)
