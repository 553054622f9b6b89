from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.core.errors import UserError
from evenview.core.grid import parse_grid
from evenview.core.selection import (
    Band,
    BinSet,
    Combine,
    Cone,
    Grow,
    Invert,
    Polygon,
    Threshold,
    evaluate,
)
from evenview.core.symmetry import parse_group


@dataclass(frozen=True, eq=False)
class Sphere:
    grid: object
    counts: np.ndarray
    density: np.ndarray

    @property
    def centers(self):
        return self.grid.centers

    @property
    def grid_name(self):
        return self.grid.name

    @property
    def neighbors(self):
        return self.grid.neighbors


def sphere(grid="healpix:4", counts=None):
    grid = parse_grid(grid)
    counts = np.ones(grid.n, np.int64) if counts is None else np.asarray(counts)
    return Sphere(grid, counts, counts / counts.mean())


def orbits(grid, group):
    grid = parse_grid(grid)
    copies = [grid.index_of(v) for v in parse_group(group).expand(grid.centers)]
    return np.stack(copies, axis=1)


def area_of(mask, cut):
    return cut.grid.areas[mask].sum()


@pytest.mark.parametrize("angle", [15, 30, 90, 150])
@pytest.mark.parametrize("axis", [(0, 0, 1), (-1, 0, 0), (1, 2, -5)])
def test_a_cone_has_the_area_of_a_cap(axis, angle):
    cut = sphere("healpix:6")
    cap = 2 * np.pi * (1 - np.cos(np.radians(angle)))
    assert area_of(Cone(axis, angle).mask(cut), cut) == pytest.approx(cap, rel=0.03)


def test_a_cone_of_no_width_holds_a_centre_it_points_at():
    cut = sphere("fibonacci:192")
    mask = Cone(tuple(cut.centers[77]), 0.0).mask(cut)
    np.testing.assert_array_equal(np.flatnonzero(mask), [77])


def test_a_band_holds_the_cells_at_the_numbers_typed():
    cut = sphere("azel:5")
    mask = Band(42.5, 47.5).mask(cut)
    elevations = np.unique(np.degrees(np.arcsin(cut.centers[mask, 2])).round(6))
    np.testing.assert_allclose(elevations, [42.5, 47.5])
    assert Band(-90, 90).mask(cut).all()


def test_an_octant_is_an_eighth_whichever_way_it_is_drawn():
    cut = sphere("healpix:6")
    corners = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    mask = Polygon(corners, (1, 1, 1)).mask(cut)
    assert area_of(mask, cut) == pytest.approx(np.pi / 2, rel=0.02)
    np.testing.assert_array_equal(mask, Polygon(corners[::-1], (1, 1, 1)).mask(cut))
    np.testing.assert_array_equal(~mask, Polygon(corners, (-1, -1, 1)).mask(cut))


def test_polygons_that_mean_nothing_are_refused():
    with pytest.raises(UserError, match="three corners"):
        Polygon(((1, 0, 0), (0, 1, 0), (1, 0, 0)), (0, 0, 1))
    with pytest.raises(UserError, match="opposite"):
        Polygon(((1, 0, 0), (-1, 0, 0), (0, 0, 1)), (0, 1, 0))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Cone((0, 0, 0), 10),
        lambda: Cone((0, 0, float("nan")), 10),
        lambda: Cone((0, 0, 1), 181),
        lambda: Band(10, -10),
        lambda: Threshold("uniform", float("nan")),
        lambda: Threshold("percentile", 101),
        lambda: Threshold("loudest", 1),
    ],
)
def test_regions_that_cannot_be_are_refused(make):
    with pytest.raises(UserError):
        make()


def test_thresholds_take_the_crowded_bins():
    counts = np.zeros(192, np.int64)
    counts[[3, 50, 51, 100]] = [5, 20, 20, 55]
    cut = sphere("fibonacci:192", counts)
    mean = counts.mean()
    np.testing.assert_array_equal(
        np.flatnonzero(Threshold("uniform", 20 / mean).mask(cut)), [50, 51, 100]
    )
    np.testing.assert_array_equal(np.flatnonzero(Threshold("fullest", 2).mask(cut)), [50, 100])
    assert Threshold("fullest", 100).mask(cut).sum() == 4
    # 99 % of the way through 192 bins lies between the two bins of 20.
    np.testing.assert_array_equal(np.flatnonzero(Threshold("percentile", 99).mask(cut)), [100])
    assert Threshold("uniform", 0).mask(cut).all()


def test_bins_without_area_are_never_crowded():
    cut = sphere("healpix:0", np.arange(12))
    density = cut.density.copy()
    density[6:] = np.nan
    partial = Sphere(cut.grid, cut.counts, density)
    for threshold in (
        Threshold("uniform", 0.5),
        Threshold("percentile", 50),
        Threshold("fullest", 12),
    ):
        assert not threshold.mask(partial)[6:].any()


def test_painted_bins_keep_their_place_on_another_grid():
    coarse, fine = sphere("healpix:2"), sphere("healpix:5")
    chosen = BinSet("healpix:2", (7, 3, 7))
    np.testing.assert_array_equal(np.flatnonzero(chosen.mask(coarse)), [3, 7])
    mask = chosen.mask(fine)
    assert area_of(mask, fine) == pytest.approx(coarse.grid.areas[[3, 7]].sum())
    assert set(coarse.grid.index_of(fine.centers[mask])) == {3, 7}
    assert chosen == BinSet("healpix:2", (3, 7))


def test_a_bin_that_the_grid_does_not_have_is_refused():
    with pytest.raises(UserError, match="12 bins"):
        BinSet("healpix:0", (12,)).mask(sphere("healpix:1"))


def test_regions_and_steps_are_values():
    cone = Cone(np.array([0, 0, 2.0]), 10)
    assert cone == Cone((0.0, 0.0, 2.0), 10)
    assert len({cone, Cone((0, 0, 2), 10), Invert(), Invert(), Grow(), Grow(1)}) == 3


masks = st.builds(
    Cone,
    st.sampled_from([(0, 0, 1), (1, 0, 0), (0, -1, 1), (-1, -1, -1)]),
    st.floats(0, 180),
)


@given(masks, masks)
def test_modes_are_the_operations_of_sets(one, other):
    cut = sphere("healpix:2")
    a, b = one.mask(cut), other.mask(cut)

    def ends(mode):
        return evaluate([Combine("replace", one), Combine(mode, other)], cut)

    np.testing.assert_array_equal(ends("replace"), b)
    np.testing.assert_array_equal(ends("add"), a | b)
    np.testing.assert_array_equal(ends("subtract"), a & ~b)
    np.testing.assert_array_equal(ends("intersect"), a & b)
    np.testing.assert_array_equal(evaluate([Combine("add", one), Invert(), Invert()], cut), a)


def test_nothing_is_selected_at_first_and_growing_it_stays_nothing():
    cut = sphere("healpix:1")
    assert not evaluate([], cut).any()
    assert not evaluate([Grow(5)], cut).any()
    assert evaluate([Invert()], cut).all()


def test_growing_adds_ring_after_ring_until_the_sphere_is_full():
    cut = sphere("healpix:3")
    seed = Combine("replace", BinSet("healpix:3", (300,)))
    sizes = [evaluate([seed, Grow(n)], cut).sum() for n in range(30)]
    assert sizes[:3] == [1, 5, 13]  # edges, not corners: the diamond of a square lattice
    assert sizes == sorted(sizes)
    assert sizes[-1] == cut.grid.n
    np.testing.assert_array_equal(
        evaluate([seed, Grow(3)], cut), evaluate([seed, Grow(1), Grow(2)], cut)
    )


@pytest.mark.parametrize(
    ("grid", "group"), [("healpix:3", "C4"), ("azel:10", "C3"), ("healpix:3", "D2")]
)
def test_with_symmetry_every_copy_is_selected(grid, group):
    cut, copies = sphere(grid), orbits(grid, group)
    mask = evaluate([Combine("replace", Cone((1, 2, 1), 12))], cut, copies)
    np.testing.assert_array_equal(mask[copies], np.repeat(mask[:, None], copies.shape[1], axis=1))


@pytest.mark.parametrize("group", ["C3", "D7", "I2"])
def test_with_symmetry_the_inverse_is_that_of_all_copies(group):
    cut, copies = sphere("healpix:4"), orbits("healpix:4", group)
    steps = [Combine("replace", Cone((1, 2, 3), 4))]
    mask = evaluate(steps, cut, copies)
    assert 0 < mask.sum() < cut.grid.n
    np.testing.assert_array_equal(evaluate([*steps, Invert()], cut, copies), ~mask)


def test_with_symmetry_a_single_bin_has_a_copy_under_every_operator():
    cut, copies = sphere("fibonacci:500"), orbits("fibonacci:500", "I1")
    group = parse_group("I1")
    for bin_ in (0, 123, 499):
        mask = evaluate([Combine("replace", BinSet("fibonacci:500", (bin_,)))], cut, copies)
        for v in group.expand(cut.centers[[bin_]]):
            assert mask[cut.grid.index_of(v)].all()
