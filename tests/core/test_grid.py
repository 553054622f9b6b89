from __future__ import annotations

import math

import healpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from evenview.core import convention
from evenview.core.errors import UserError
from evenview.core.grid import parse_grid
from evenview.core.grids.fibonacci import FibonacciGrid

HEALPIX = ["healpix:0", "healpix:1", "healpix:2", "healpix:4", "healpix:5"]
FIBONACCI = [f"fibonacci:{n}" for n in (1, 2, 3, 4, 5, 7, 12, 50, 192, 2000)]
AZEL = ["azel:2.5", "azel:5", "azel:7.5", "azel:30", "azel:36", "azel:60", "azel:90"]
GRIDS = [*HEALPIX, *FIBONACCI, *AZEL]
ONE_BIN = "fibonacci:1"

grids = st.sampled_from(GRIDS)
# Numbers that land on poles, on the seam, on borders of bins and of the table, signed zeros too.
coordinates = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2 / 3, -2 / 3, 0.99, 1e-17, -1e-17, 1e-9]),
    st.floats(-1, 1, allow_subnormal=False),
)
awkward = st.tuples(coordinates, coordinates, coordinates).filter(
    lambda v: max(abs(c) for c in v) > 1e-3
)


def unit(v):
    v = np.asarray(v, dtype=np.float64)
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def random_directions(n, seed=1):
    return unit(np.random.default_rng(seed).standard_normal((n, 3)))


def toward(v, target, share):
    """Directions a share of the way, along great arcs, to others less than 180° away."""
    angle = np.arccos(np.clip(np.sum(v * target, axis=-1, keepdims=True), -1, 1))
    sine = np.maximum(np.sin(angle), 1e-300)
    moved = (np.sin((1 - share) * angle) * v + np.sin(share * angle) * target) / sine
    return np.where(angle > 1e-9, moved, v)


def winding(ring, v):
    """How often a closed ring goes counter-clockwise around v, seen from outside."""
    east = unit(np.cross([0.36, 0.48, 0.8], v))
    turns = np.arctan2(ring @ np.cross(v, east), ring @ east)
    steps = np.diff(turns, append=turns[:1])
    return round(np.sum((steps + math.pi) % (2 * math.pi) - math.pi) / (2 * math.pi))


def solid_angles(triangles):
    """L'Huilier's theorem: spherical excess from the three sides."""
    a, b, c = (
        2 * np.arcsin(np.linalg.norm(triangles[:, i] - triangles[:, j], axis=1) / 2)
        for i, j in ((0, 1), (1, 2), (2, 0))
    )
    s = (a + b + c) / 2
    tangents = np.tan(s / 2) * np.tan((s - a) / 2) * np.tan((s - b) / 2) * np.tan((s - c) / 2)
    return 4 * np.arctan(np.sqrt(np.maximum(tangents, 0)))


@pytest.mark.parametrize("name", GRIDS)
def test_every_centre_lies_in_its_own_bin(name):
    grid = parse_grid(name)
    assert grid.centers.shape == (grid.n, 3)
    np.testing.assert_allclose(np.linalg.norm(grid.centers, axis=1), 1, atol=4e-16)
    np.testing.assert_array_equal(grid.index_of(grid.centers), np.arange(grid.n))


@pytest.mark.parametrize("name", [*GRIDS, "healpix:7", "fibonacci:20000"])
def test_areas_fill_the_sphere(name):
    grid = parse_grid(name)
    assert grid.areas.shape == (grid.n,)
    assert grid.areas.min() > 0
    assert grid.areas.sum() == pytest.approx(4 * math.pi, rel=1e-13)


@pytest.mark.parametrize("name", GRIDS)
def test_areas_are_those_that_random_directions_find(name):
    grid = parse_grid(name)
    n = max(200_000, 30 * grid.n)
    found = np.bincount(grid.index_of(random_directions(n)), minlength=grid.n)
    expected = n * grid.areas / (4 * math.pi)
    chi_square = np.sum((found - expected) ** 2 / expected)
    assert abs(chi_square - (grid.n - 1)) < 6 * math.sqrt(2 * grid.n)


@pytest.mark.parametrize("name", [g for g in GRIDS if g != ONE_BIN])
def test_a_direction_lies_inside_the_outline_of_its_bin(name):
    grid = parse_grid(name)
    v = random_directions(200)
    bins = grid.index_of(v)
    # Outlines are chords of curved borders: a little nearer to the centre there is no doubt.
    inner = toward(v, grid.centers[bins], 0.04)
    for direction, b in zip(inner, bins, strict=True):
        assert winding(grid.outlines[b], direction) == 1


@pytest.mark.parametrize("name", GRIDS)
def test_bins_are_whole_seen_from_their_centres(name):
    grid = parse_grid(name)
    v = random_directions(20_000)
    bins = grid.index_of(v)
    for share in (0.1, 0.5, 0.9):
        np.testing.assert_array_equal(grid.index_of(toward(v, grid.centers[bins], share)), bins)


@pytest.mark.parametrize("name", GRIDS)
def test_what_is_no_direction_has_no_bin(name):
    nan, inf = math.nan, math.inf
    v = [[nan, 0, 1], [0, nan, 0], [0, 0, nan], [0, 0, 0], [inf, 0, 0], [0, 0, -inf], [0, 0, 1]]
    bins = parse_grid(name).index_of(np.array(v))
    assert bins.dtype == np.int32
    np.testing.assert_array_equal(bins[:-1], -1)
    assert bins[-1] >= 0


@pytest.mark.parametrize("name", GRIDS)
def test_any_layout_of_memory_and_no_rows(name):
    grid = parse_grid(name)
    v = random_directions(100)
    bins = grid.index_of(v)
    np.testing.assert_array_equal(grid.index_of(np.asfortranarray(v)), bins)
    np.testing.assert_array_equal(grid.index_of(v[::-2]), bins[::-2])
    assert grid.index_of(np.empty((0, 3))).shape == (0,)


@given(name=grids, v=awkward)
def test_awkward_directions_have_a_bin_that_touches_them(name, v):
    grid = parse_grid(name)
    v = unit(v)
    (b,) = grid.index_of(v[None])
    assert 0 <= b < grid.n
    inner = toward(v[None], grid.centers[b], 1e-6)
    assert grid.index_of(inner)[0] == b or name == ONE_BIN


@given(name=grids, v=awkward, power=st.integers(-20, 20))
def test_the_length_of_a_direction_does_not_matter(name, v, power):
    grid = parse_grid(name)
    v = unit(v)[None]
    if name.startswith("fibonacci"):
        v = toward(v, grid.centers[grid.index_of(v)], 1e-6)  # ties may fall either way
    np.testing.assert_array_equal(grid.index_of(v * 2.0**power), grid.index_of(v))


@pytest.mark.parametrize("order", range(14))
def test_healpix_numbers_pixels_as_healpy_does(order):
    nside = 2**order
    v = random_directions(50_000, seed=order)
    grid = parse_grid(f"healpix:{order}")
    np.testing.assert_array_equal(grid.index_of(v), healpy.vec2pix(nside, *v.T, nest=False))


@pytest.mark.parametrize("order", range(7))
def test_healpix_takes_directions_on_borders_to_the_side_healpy_does(order):
    nside = 2**order
    pixels = np.arange(min(12 * nside**2, 3000))
    v = healpy.boundaries(nside, pixels, step=3).transpose(0, 2, 1).reshape(-1, 3)
    axes = np.concatenate([np.eye(3), -np.eye(3), [[-1.0, -0.0, 0.0], [-0.0, -0.0, -1.0]]])
    v = np.concatenate([v, axes])
    bins = parse_grid(f"healpix:{order}").index_of(v)
    np.testing.assert_array_equal(bins, healpy.vec2pix(nside, *v.T))


@given(order=st.integers(0, 13), v=awkward)
def test_healpix_agrees_with_healpy_on_awkward_directions(order, v):
    bins = parse_grid(f"healpix:{order}").index_of(np.array([v]))
    assert bins[0] == healpy.vec2pix(2**order, *v)


@pytest.mark.parametrize("order", range(7))
def test_healpix_centres_and_outlines_are_healpys(order):
    grid = parse_grid(f"healpix:{order}")
    pixels = np.arange(grid.n)
    centers = np.transpose(healpy.pix2vec(2**order, pixels))
    np.testing.assert_allclose(grid.centers, centers, atol=1e-15)
    step = len(grid.outlines[0]) // 4
    outlines = healpy.boundaries(2**order, pixels, step=step).transpose(0, 2, 1)
    np.testing.assert_allclose(np.array(grid.outlines), outlines, atol=1e-14)


@pytest.mark.parametrize("order", range(5))
def test_healpix_neighbors_are_healpys_without_corners(order):
    grid = parse_grid(f"healpix:{order}")
    around = healpy.get_all_neighbours(2**order, np.arange(grid.n))
    across_sides = np.sort(around[[0, 2, 4, 6]].T, axis=1)  # SW, NW, NE, SE
    np.testing.assert_array_equal(np.array(grid.neighbors), across_sides)


@settings(max_examples=40)
@given(n=st.integers(1, 3000), seed=st.integers(0, 1000))
def test_fibonacci_finds_the_same_nearest_as_a_search_tree(n, seed):
    grid = FibonacciGrid(n)
    v = random_directions(3000, seed)
    np.testing.assert_array_equal(grid.index_of(v), cKDTree(grid.centers).query(v)[1])


@pytest.mark.parametrize("n", [2, 3, 17, 192, 5000, 30_000])
def test_fibonacci_finds_the_same_nearest_for_very_many_directions(n):
    grid = FibonacciGrid(n)
    v = random_directions(400_000)
    np.testing.assert_array_equal(grid.index_of(v), cKDTree(grid.centers).query(v)[1])


@given(n=st.integers(1, 400), v=awkward)
def test_fibonacci_finds_nothing_nearer_for_awkward_directions(n, v):
    grid = FibonacciGrid(n)
    v = unit(v)
    shortest = cKDTree(grid.centers).query(v)[0]
    assert np.linalg.norm(v - grid.centers[grid.index_of(v[None])[0]]) <= shortest + 4e-16


def test_fibonacci_corners_of_outlines_are_as_near_to_three_centres():
    grid = parse_grid("fibonacci:192")
    sides = len(grid.outlines[0]) // len(grid.neighbors[0])
    corners_ = np.concatenate([ring[::sides] for ring in grid.outlines])
    distances = cKDTree(grid.centers).query(corners_, k=3)[0]
    np.testing.assert_allclose(distances[:, 2], distances[:, 0], rtol=1e-12)
    np.testing.assert_array_equal(grid.index_of(corners_) >= 0, True)


@pytest.mark.parametrize("n", [5, 12, 50, 192, 2000])
def test_fibonacci_borders_obey_eulers_formula(n):
    # Three cells meet at every corner, so that there are 3n − 6 sides.
    assert sum(len(b) for b in parse_grid(f"fibonacci:{n}").neighbors) == 2 * (3 * n - 6)


def test_fibonacci_directions_are_nearly_even():
    grid = parse_grid("fibonacci:192")
    nearest = cKDTree(grid.centers).query(grid.centers, k=2)[0][:, 1]
    assert np.degrees(nearest).min() > 0.75 * 14.66  # the side of a square as large as a bin
    assert grid.areas.max() / grid.areas.min() < 1.25


def test_fibonacci_runs_from_the_top_down_in_golden_angles():
    azimuth, elevation = convention.azimuth_elevation(parse_grid("fibonacci:192").centers).T
    assert np.all(np.diff(elevation) < 0)
    np.testing.assert_allclose(np.diff(azimuth) % 360, 137.50776405, atol=1e-7)
    assert np.degrees(np.arcsin(1 - 1 / 192)) == pytest.approx(elevation[0])


def test_two_fibonacci_bins_are_hemispheres_and_three_meet_in_two_points():
    np.testing.assert_allclose(parse_grid("fibonacci:2").areas, 2 * math.pi)
    three = parse_grid("fibonacci:3")
    assert [len(b) for b in three.neighbors] == [2, 2, 2]
    shared = cKDTree(three.outlines[0]).query(np.concatenate(three.outlines[1:]))[0] < 1e-12
    meeting = np.concatenate(three.outlines[1:])[shared]
    assert len(np.unique(np.round(meeting, 9), axis=0)) >= 2


def test_azel_cells_go_row_by_row_from_the_south_and_from_the_seam():
    grid = parse_grid("azel:30")
    azimuth, elevation = convention.azimuth_elevation(grid.centers).T
    np.testing.assert_allclose(azimuth[:12], np.arange(-165, 180, 30))
    np.testing.assert_allclose(elevation[::12], [-75, -45, -15, 15, 45, 75])


def test_azel_areas_are_zones_of_archimedes():
    areas = parse_grid("azel:5").areas
    # The 72 cells at a pole share a cap of half-angle 5°, those at the equator a zone of height
    # sin 5°: by Archimedes 2π·height.
    assert areas[:72].sum() == pytest.approx(2 * math.pi * (1 - math.cos(math.radians(5))))
    assert areas[-72:].sum() == pytest.approx(areas[:72].sum())
    assert areas[18 * 72 : 19 * 72].sum() == pytest.approx(2 * math.pi * math.sin(math.radians(5)))


@pytest.mark.parametrize("degrees", [2.5, 3.6, 5, 7.5, 10])
def test_azel_takes_a_search_lattice_whole_to_the_same_side(degrees):
    rows = round(180 / degrees)
    rot, tilt = np.meshgrid(np.arange(2 * rows) * degrees - 180, np.arange(1, rows) * degrees)
    q = convention.relion_to_quaternions(rot.ravel(), tilt.ravel(), np.zeros(rot.size))
    bins = parse_grid(f"azel:{degrees}").index_of(convention.directions(q))
    # Each of these directions is the south-western corner of a cell, and no two share one.
    expected = np.arange(2 * rows, 2 * rows * rows).reshape(rows - 1, -1)[::-1]
    np.testing.assert_array_equal(bins.reshape(rows - 1, -1), expected)


def test_azel_sends_a_pole_to_one_cell_whatever_the_azimuth():
    rot = np.linspace(-180, 180, 100)
    for tilt in (0.0, 180.0):
        q = convention.relion_to_quaternions(rot, np.full(100, tilt), rot)
        assert len(np.unique(parse_grid("azel:5").index_of(convention.directions(q)))) == 1


def test_azel_closes_at_the_seam():
    grid = parse_grid("azel:5")
    east, west = grid.index_of(np.array([[-1.0, 0.0, 0.0], [-1.0, -0.0, 0.0]]))
    assert east == west
    assert east + 71 in grid.neighbors[east]


def test_azel_cells_have_four_neighbors_and_three_at_the_poles():
    sizes = [len(b) for b in parse_grid("azel:5").neighbors]
    assert sizes == [3] * 72 + [4] * (36 - 2) * 72 + [3] * 72


@pytest.mark.parametrize("name", GRIDS)
def test_edges_part_the_bins_they_name(name):
    grid = parse_grid(name)
    segments, bins = grid.edges.segments, grid.edges.bins
    assert segments.shape == (len(bins), 2, 3)
    assert bins.dtype == np.int32
    assert np.all(bins[:, 0] < bins[:, 1])
    np.testing.assert_allclose(np.linalg.norm(segments, axis=2), 1, atol=1e-14)
    # Aside by more than the border bulges over its chord; wedges at poles are narrower than that.
    aside = 0.12 if name.startswith("healpix") else 0.02
    wide = np.abs(segments[:, :, 2]).max(axis=1) < 0.999
    middle, left = segments.mean(axis=1)[wide], np.cross(segments[:, 0], segments[:, 1])[wide]
    np.testing.assert_array_equal(grid.index_of(unit(middle + aside * left)), bins[wide, 0])
    np.testing.assert_array_equal(grid.index_of(unit(middle - aside * left)), bins[wide, 1])


@pytest.mark.parametrize("name", [g for g in GRIDS if g != ONE_BIN])
def test_edges_go_once_around_every_bin(name):
    grid = parse_grid(name)
    around = np.bincount(grid.edges.bins.ravel(), minlength=grid.n)
    np.testing.assert_array_equal(around, [len(ring) // 2 for ring in grid.outlines])


def test_a_single_bin_has_no_edges():
    grid = parse_grid(ONE_BIN)
    assert len(grid.edges.bins) == 0
    assert [len(b) for b in grid.neighbors] == [0]


@pytest.mark.parametrize("name", GRIDS)
def test_neighbors_are_mutual(name):
    neighbors = parse_grid(name).neighbors
    pairs = {(b, int(other)) for b, others in enumerate(neighbors) for other in others}
    assert {(b, a) for a, b in pairs} == pairs
    assert all(a != b for a, b in pairs)


@pytest.mark.parametrize("name", GRIDS)
def test_mesh_covers_each_bin_with_triangles_of_its_own(name):
    grid = parse_grid(name)
    mesh = grid.mesh
    assert (mesh.vertices.dtype, mesh.faces.dtype, mesh.bin_of_vertex.dtype) == (
        np.float32,
        np.uint32,
        np.int32,
    )
    owners = mesh.bin_of_vertex[mesh.faces]
    np.testing.assert_array_equal(owners, owners[:, :1].repeat(3, axis=1))
    np.testing.assert_allclose(np.linalg.norm(mesh.vertices, axis=1), 1, atol=2e-7)
    triangles = mesh.vertices[mesh.faces].astype(np.float64)
    covered = np.bincount(owners[:, 0], solid_angles(triangles), minlength=grid.n)
    off = np.abs(covered / grid.areas - 1)
    assert np.quantile(off, 0.99) < 0.01
    assert off.max() < 0.12  # the curved sides of the smallest HEALPix pixels at the poles
    assert covered.sum() == pytest.approx(4 * math.pi, rel=2e-3)


@pytest.mark.parametrize("name", GRIDS)
def test_mesh_looks_round_and_faces_outwards(name):
    mesh = parse_grid(name).mesh
    a, b, c = np.moveaxis(mesh.vertices[mesh.faces].astype(np.float64), 1, 0)
    middle = (a + b + c) / 3
    normal = np.cross(b - a, c - a)
    assert np.all(np.sum(normal * middle, axis=1) > -1e-12)
    assert np.linalg.norm(middle, axis=1).min() > 0.997


def test_the_largest_mesh_drawn_at_full_speed_is_light():
    assert parse_grid("healpix:5").n == 12_288
    assert len(parse_grid("healpix:5").mesh.faces) <= 50_000
    assert len(parse_grid("fibonacci:12288").mesh.faces) <= 50_000


def test_every_vertex_of_a_mesh_is_used():
    for name in ("healpix:1", "healpix:5", "fibonacci:192", "azel:2.5"):
        mesh = parse_grid(name).mesh
        assert len(np.unique(mesh.faces)) == len(mesh.vertices)


def test_grids_too_fine_to_draw_still_bin():
    grid = parse_grid("healpix:10")
    assert grid.index_of(np.array([[0.0, 0.0, 1.0]]))[0] == healpy.vec2pix(1024, 0, 0, 1)
    for drawing in ("edges", "mesh", "outlines", "neighbors"):
        with pytest.raises(UserError, match="too many to draw"):
            getattr(grid, drawing)


@pytest.mark.parametrize(
    ("name", "title", "n"),
    [
        ("healpix:4", "HEALPix order 4, 3,072 bins of 3.7°", 3072),
        ("fibonacci:192", "Fibonacci, 192 bins of 15°", 192),
        ("fibonacci:1", "Fibonacci, 1 bin of 200°", 1),
        ("azel:5", "Azimuth × elevation, 2,592 cells of 5°", 2592),
        ("azel:2.5", "Azimuth × elevation, 10,368 cells of 2.5°", 10368),
    ],
)
def test_names_and_titles(name, title, n):
    grid = parse_grid(name)
    assert (grid.name, grid.title, grid.n) == (name, title, n)
    assert parse_grid(grid.name) is grid


def test_a_grid_may_be_named_in_more_than_one_way_but_has_one_name():
    assert parse_grid(" HEALPix:04 ").name == "healpix:4"
    assert parse_grid("azel:5.0").name == "azel:5"
    assert parse_grid("azel:0.5").name == "azel:0.5"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "there is no grid"),
        ("hexbin:50", '"healpix:4", "fibonacci:192" or "azel:5"'),
        ("healpix", "from 0 to 13"),
        ("healpix:14", "from 0 to 13"),
        ("healpix:-1", "from 0 to 13"),
        ("healpix:2.5", "from 0 to 13"),
        ("healpix:²", "from 0 to 13"),
        ("fibonacci:0", "from 1 to 200,000"),
        ("fibonacci:200001", "from 1 to 200,000"),
        ("fibonacci:many", "from 1 to 200,000"),
        ("azel:7", "divisor of 180°"),
        ("azel:0", "divisor of 180°"),
        ("azel:-5", "divisor of 180°"),
        ("azel:180", "from 0.25 to 90"),
        ("azel:0.1", "from 0.25 to 90"),
        ("azel:nan", "divisor of 180°"),
        ("azel:inf", "divisor of 180°"),
        ("azel:five", "divisor of 180°"),
    ],
)
def test_nonsense_is_answered_with_what_is_allowed(name, sentence):
    with pytest.raises(UserError, match=sentence.replace("(", r"\(")):
        parse_grid(name)
