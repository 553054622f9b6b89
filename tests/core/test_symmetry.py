from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from evenview.core import convention, rotation
from evenview.core.errors import UserError
from evenview.core.symmetry import parse_group
from shared_data import shared

RINGS = [f"{letter}{n}" for letter in "CD" for n in (1, 2, 3, 4, 5, 6, 7, 12, 17, 39)]
OTHER_SETTINGS = ["D1y", "D3y", "D7y", "D39y", "T222", "T-eman"]
NAMES = [*RINGS, "T", "O", "I1", "I2", "I3", "I4", *OTHER_SETTINGS]
ORDERS = {"T": 12, "O": 24, "I": 60}

names = st.sampled_from(NAMES)
seeds = st.integers(0, 2**32 - 1)


def directions(seed, n=50):
    v = np.random.default_rng(seed).standard_normal((n, 3))
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def same_sets(a, b, atol):
    """Every matrix of each is one of the other."""
    far = np.abs(a[:, None] - b[None]).max(axis=(2, 3))
    return far.min(axis=0).max() <= atol and far.min(axis=1).max() <= atol


def border_directions(group):
    """Where ties are: axes, points between two of them, coordinate axes, the border itself."""
    ends = np.array([a.direction for a in group.axes] or [(0, 0, 1)])
    middles = [p + q for p in ends for q in ends if np.linalg.norm(p + q) > 0.1]
    v = np.vstack([ends, -ends, middles, np.eye(3), -np.eye(3), group.unit_outline])
    return v / np.linalg.norm(v, axis=1, keepdims=True)


@pytest.mark.parametrize("name", NAMES)
def test_operators_are_a_group_of_proper_rotations(name):
    group = parse_group(name)
    matrices = group.matrices
    digits = re.sub(r"\D", "", name)
    order = ORDERS.get(name[0]) or int(digits) * (2 if name[0] == "D" else 1)
    assert len(matrices) == group.order == order
    np.testing.assert_array_equal(matrices[0], np.eye(3))
    np.testing.assert_allclose(
        matrices @ matrices.transpose(0, 2, 1), np.tile(np.eye(3), (order, 1, 1)), atol=2e-15
    )
    np.testing.assert_allclose(np.linalg.det(matrices), 1.0, atol=2e-15)
    for matrix in matrices:
        assert same_sets(matrices @ matrix, matrices, 5e-15)


@pytest.mark.parametrize("name", NAMES)
def test_axes_are_each_there_once_and_are_those_of_the_operators(name):
    group = parse_group(name)
    vectors = np.array([a.direction for a in group.axes]).reshape(-1, 3)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-15)
    near = np.abs(vectors @ vectors.T) - np.eye(len(vectors))
    assert near.max(initial=0.0) < 0.9999
    for axis in group.axes:
        turn = Rotation.from_rotvec(2 * np.pi / axis.order * np.array(axis.direction)).as_matrix()
        assert np.abs(group.matrices - turn).max(axis=(1, 2)).min() < 1e-14
    # Each turn other than the identity is about one of them.
    angles = Rotation.from_matrix(group.matrices[1:]).magnitude()
    turns = sorted(
        2 * np.pi * min(k, a.order - k) / a.order for a in group.axes for k in range(1, a.order)
    )
    np.testing.assert_allclose(sorted(angles), turns, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "axes"),
    [
        ("C1", {}),
        ("C5", {5: 1}),
        ("D1", {2: 1}),
        ("D2", {2: 3}),
        ("D7", {7: 1, 2: 7}),
        ("T", {3: 4, 2: 3}),
        ("O", {4: 3, 3: 4, 2: 6}),
        ("I3", {5: 6, 3: 10, 2: 15}),
    ],
)
def test_number_of_axes(name, axes):
    orders = [a.order for a in parse_group(name).axes]
    assert {n: orders.count(n) for n in orders} == axes


@pytest.mark.parametrize(
    ("name", "order", "direction"),
    [
        ("D3", 2, (1, 0, 0)),
        ("T", 3, (0, 0, 1)),
        ("T", 2, (0, 0.8165, 0.57735)),
        ("O", 3, (1, 1, 1)),
        ("D3y", 2, (0, 1, 0)),
        ("D7y", 2, (0, 1, 0)),
        ("D1y", 2, (0, 1, 0)),
        ("T-eman", 3, (0, 0, 1)),
        ("T-eman", 2, (0, 0.8165, -0.57735)),
        ("T222", 2, (0, 0, 1)),
        ("T222", 2, (0, 1, 0)),
        ("T222", 3, (1, 1, 1)),
        ("I1", 5, (0, 0.52573, 0.85065)),
        ("I2", 5, (0.52573, 0, 0.85065)),
        ("I3", 5, (0, 0, 1)),
        ("I3", 2, (0, 1, 0)),
        ("I3", 5, (-0.89443, 0, 0.44721)),
        ("I4", 5, (0.89443, 0, 0.44721)),
    ],
)
def test_settings_are_the_published_ones(name, order, direction):
    """RELION's conventions page and Heymann, Chagoyen & Belnap 2005."""
    along = np.array(direction) / np.linalg.norm(direction)
    ends = [np.abs(np.dot(a.direction, along)) for a in parse_group(name).axes if a.order == order]
    assert max(ends) > 1 - 1e-8


def test_names_are_read_in_either_case_and_i_is_i2():
    assert parse_group(" d7 ") is parse_group("D7")
    assert parse_group("C03").name == "C3"
    assert parse_group("i") == parse_group("I2")
    assert parse_group("I1") != parse_group("I2")
    assert parse_group("d07Y").name == "D7y"
    assert parse_group("D7y") != parse_group("D7")
    assert parse_group("t-EMAN").name == "T-eman"
    assert parse_group("t222") == parse_group("T222") != parse_group("T")


@pytest.mark.parametrize("n", [2, 4, 12])
def test_for_even_n_a_2_fold_axis_on_y_is_nothing_new(n):
    assert parse_group(f"D{n}y") == parse_group(f"D{n}")
    assert parse_group("T").title.startswith("T (3-fold axis on Z")


@pytest.mark.parametrize(
    "name", ["", "C", "C0", "C100", "D-1", "I5", "I11", "X3", "C3v", "C3y", "Dy", "D0y", "Oh", "T2"]
)
def test_other_names_are_refused_with_the_list(name):
    with pytest.raises(UserError, match=r"point group.*C1 to C99.*I for I2"):
        parse_group(name)


def test_operators_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        parse_group("C3").matrices[0, 0, 0] = 2.0


# Expansion


@given(names, seeds)
def test_expansion_begins_with_the_directions_and_keeps_length_and_number(name, seed):
    group, v = parse_group(name), directions(seed, 5)
    blocks = list(group.expand(v))
    assert len(blocks) == group.order
    np.testing.assert_array_equal(blocks[0], v)
    np.testing.assert_allclose(np.linalg.norm(blocks, axis=2), 1.0, atol=1e-14)


@given(names, seeds)
def test_the_copies_of_a_copy_are_the_same_copies(name, seed):
    group, v = parse_group(name), directions(seed, 1)
    copies = np.vstack(list(group.expand(v)))
    again = np.vstack(list(group.expand(copies[-1:])))
    far = np.linalg.norm(copies[:, None] - again[None], axis=2)
    assert far.min(axis=0).max() < 1e-13
    assert far.min(axis=1).max() < 1e-13


# The asymmetric unit


@settings(max_examples=40)
@given(names, seeds)
def test_equivalent_directions_fold_to_the_same_place(name, seed):
    group, v = parse_group(name), directions(seed)
    folded = group.fold(v)
    for copy in group.expand(v):
        np.testing.assert_allclose(group.fold(copy), folded, atol=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_so_do_those_on_axes_and_borders(name):
    group = parse_group(name)
    v = border_directions(group)
    folded = group.fold(v)
    for copy in group.expand(v):
        np.testing.assert_allclose(group.fold(copy), folded, atol=1e-11)


@settings(max_examples=40)
@given(names, seeds)
def test_folding_takes_an_equivalent_and_is_idempotent_to_the_bit(name, seed):
    group = parse_group(name)
    v = np.vstack([directions(seed), border_directions(group)])
    folded = group.fold(v)
    np.testing.assert_array_equal(group.fold(folded), folded)
    far = np.min([np.linalg.norm(copy - folded, axis=1) for copy in group.expand(v)], axis=0)
    assert far.max() < 1e-13


@pytest.mark.parametrize("name", NAMES)
def test_the_unit_covers_its_part_of_the_sphere(name):
    group = parse_group(name)
    v = directions(2, 200_000)
    inside = np.mean(np.all(group.fold(v) == v, axis=1))
    share = group.unit_area / (4 * np.pi)
    assert abs(inside - share) <= 5 * np.sqrt(share * (1 - share) / len(v))


def test_the_unit_of_a_ring_is_a_lune_around_azimuth_zero():
    v = convention.azimuth_elevation(parse_group("C3").fold(directions(3, 2000)))
    assert np.abs(v[:, 0]).max() <= 60.0
    assert v[:, 1].min() < -80.0
    d7 = convention.azimuth_elevation(parse_group("D7").fold(directions(4, 2000)))
    assert np.abs(d7[:, 0]).max() <= 180.0 / 7
    assert d7[:, 1].min() >= 0.0


@pytest.mark.parametrize("name", ["T", "T222", "T-eman", "O", "I1", "I2", "I3", "I4"])
def test_the_unit_of_a_solid_is_the_triangle_of_its_outline(name):
    group = parse_group(name)
    main, *_ = corners = group._unit_corners
    middle = corners.sum(axis=0)
    np.testing.assert_array_equal(group.fold([middle]), [middle])
    folded = group.fold(directions(5, 2000))
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        assert (folded @ np.cross(start, end)).min() > -1e-9
    # Girard: the angles of the triangle, which at the main axis is 2 pi / n
    one, other = corners[1], corners[3]
    solid = 2 * np.arctan2(
        np.linalg.det([main, one, other]), 1 + main @ one + one @ other + other @ main
    )
    assert solid == pytest.approx(4 * np.pi / group.order, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_the_outline_is_a_closed_ring_that_folds_onto_itself(name):
    group = parse_group(name)
    outline = group.unit_outline
    if name == "C1":
        assert outline.shape == (0, 3)
        return
    np.testing.assert_array_equal(outline[0], outline[-1])
    steps = np.degrees(np.arccos(np.clip(np.sum(outline[1:] * outline[:-1], axis=1), -1, 1)))
    assert steps.max() < 2.001
    assert steps.min() > 0.0
    far = np.linalg.norm(group.fold(outline)[:, None] - outline[None], axis=2).min(axis=1)
    assert far.max() < 1e-9


def test_rows_of_nan_stay_and_strided_input_is_taken():
    v = np.full((4, 3), np.nan)
    v[::2] = directions(6, 2)
    group = parse_group("O")
    folded = group.fold(v)
    assert np.isnan(folded[1::2]).all()
    np.testing.assert_array_equal(folded[::2], group.fold(v[::2]))
    np.testing.assert_array_equal(group.fold(np.asfortranarray(v[::2])), folded[::2])
    assert group.fold(np.empty((0, 3))).shape == (0, 3)
    with pytest.raises(ValueError, match=r"\(N, 3\)"):
        group.fold(np.zeros(3))


def test_one_direction_has_no_unit_to_fold_to():
    v = directions(7)
    np.testing.assert_array_equal(parse_group("C1").fold(v), v)


@pytest.mark.parametrize("name", ["C7", "D7", "T", "O", "I1", *OTHER_SETTINGS])
def test_the_loop_does_what_its_numpy_twin_does(name):
    group, v = parse_group(name), directions(8, 3000)
    copies = np.stack(list(group.expand(v)))
    seen = copies @ group.setting.unit_frame.T
    nearest = seen[..., 0] >= seen[..., 0].max(axis=0) - 1e-12
    best = np.argmax(np.where(nearest, seen[..., 1], -np.inf), axis=0)
    twin = copies[best, np.arange(len(v))]
    np.testing.assert_allclose(group.fold(v), twin, atol=1e-13)


# Other programs


@pytest.mark.parametrize("name", [*RINGS, "T", "O", "I", "I1", "I2", "I3", "I4"])
def test_operators_are_relions(name):
    with np.load(shared("vectors/symmetry_matrices.npz")) as archive:
        if f"RELION_{name}" not in archive:
            assert int(re.sub(r"\D", "", name)) > 8
            return
        theirs = archive[f"RELION_{name}"].astype(float)
    # RELION's generators of T, I3 and I4 have 6 to 9 digits.
    assert same_sets(parse_group(name).matrices, theirs, 3e-7 if name == "T" else 3e-8)


def test_odd_dihedral_groups_are_not_those_of_cryosparc():
    with np.load(shared("vectors/symmetry_matrices.npz")) as archive:
        for n in range(1, 8):
            theirs = archive[f"cryoSPARCdev-stated_generators_D{n}"].astype(float)
            same = same_sets(parse_group(f"D{n}").matrices, theirs, 1e-9)
            assert same == (n % 2 == 0)


def relion_rotations(path):
    rows = [line.split() for line in path.read_text().splitlines() if ".mrcs" in line]
    angles = np.array([row[:3] for row in rows], dtype=float)
    particle = np.array([int(row[6].split("@")[0]) for row in rows])
    return convention.relion_to_quaternions(*angles.T), particle


@pytest.mark.parametrize("name", ["C3", "D7", "I1"])
def test_expansion_is_that_of_relions_program(name):
    q, particle = relion_rotations(shared("vectors/relion_symexpand/input.star"))
    expanded, copy_of = relion_rotations(shared(f"vectors/relion_symexpand/expand_{name}.star"))
    group = parse_group(name)
    assert len(expanded) == group.order * len(q)
    ours = rotation.to_matrix(q)[:, None] @ group.matrices
    ours_v = np.stack(list(group.expand(convention.directions(q))), axis=1)
    for k, number in enumerate(particle):
        theirs = expanded[copy_of == number]
        # RELION writes 5 or 6 decimals of a degree.
        assert same_sets(ours[k], rotation.to_matrix(theirs), 1e-6)
        far = np.linalg.norm(ours_v[k][:, None] - convention.directions(theirs), axis=2)
        assert far.min(axis=0).max() < 1e-6
        folded = group.fold(convention.directions(theirs))
        np.testing.assert_allclose(folded, np.tile(folded[0], (group.order, 1)), atol=1e-6)
