"""Two sets of poses: the frame, the hand and the share that agrees, against exact truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from evenview.core import rotation
from evenview.core.compare import comparison, naming
from evenview.core.compare.averages import averages
from evenview.core.compare.background import background
from evenview.core.compare.comparison import Comparison, as_given, compare, dealt_out
from evenview.core.compare.judgement import judge
from evenview.core.compare.relation import describe
from evenview.core.compare.shifts import compare_shifts
from evenview.core.compare.spread import spreads
from evenview.core.compare.twins import settled_by_shifts
from evenview.core.settings import turn_between
from evenview.core.symmetry import parse_group
from shared_data import shared

D = np.diag([1.0, 1.0, -1.0])
EYE = np.eye(3)


def about(axis: str, degrees: float) -> np.ndarray:
    return Rotation.from_euler(axis, degrees, degrees=True).as_matrix()


def quaternions(matrices: np.ndarray) -> np.ndarray:
    return rotation.from_matrix(matrices)


def random_matrices(n: int, seed: int) -> np.ndarray:
    return Rotation.random(n, random_state=seed).as_matrix()


def pair(
    group: str = "C1",
    n: int = 1000,
    flipped: bool = False,
    frame: np.ndarray = EYE,
    noise: float = 1.0,
    unrelated: float = 0.0,
    seed: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """A (n, 3, 3), and B = A S G^T with errors of `noise` degrees about each axis."""
    rng = np.random.default_rng(seed)
    operators = parse_group(group).matrices
    a = random_matrices(n, seed)
    own = operators[rng.integers(0, len(operators), n)]
    # a copy of A by its own symmetry; what is mirrored is the pose of that
    b = a @ own
    b = (D @ b @ D if flipped else b) @ frame.T
    b = Rotation.from_rotvec(np.radians(noise) * rng.normal(size=(n, 3))).as_matrix() @ b
    wrong = rng.random(n) < unrelated
    if wrong.any():
        b[wrong] = random_matrices(int(wrong.sum()), seed + 100)
    return a, b


def found_in(a: np.ndarray, b: np.ndarray, group: str = "C1") -> Comparison:
    return compare(quaternions(a), quaternions(b), parse_group(group))


def frame_error(found: Comparison, frame: np.ndarray) -> float:
    """Degrees between G and the truth, whichever copy under the symmetry."""
    operators = rotation.to_matrix(found.hypothesis.operators)
    return min(
        float(np.degrees(Rotation.from_matrix(found.matrix @ s @ frame.T).magnitude()))
        for s in operators
    )


@pytest.mark.parametrize(
    ("group", "flipped", "unrelated"),
    [
        *(("C1", False, 0.0), ("C1", True, 0.6), ("D7", False, 0.6), ("D7", True, 0.3)),
        *(("O", True, 0.6), ("I2", False, 0.6), ("I3", True, 0.3), ("T", True, 0.6)),
    ],
)
def test_the_frame_is_found_whatever_the_others_do(group, flipped, unrelated):
    frame = random_matrices(1, 77)[0]
    a, b = pair(group, 1000, flipped, frame, 1.0, unrelated, seed=3)
    found = found_in(a, b, group)
    agreeing = 1000 * (1 - unrelated)
    # the error that any estimate has: three components of sigma / sqrt(n), here with 3 deviations
    limit = 1.0 * np.sqrt(3 / agreeing) * 2.2
    assert frame_error(found, frame) < limit
    assert found.hypothesis.flipped is flipped
    assert found.related
    assert found.mixture.share == pytest.approx(1 - unrelated, abs=0.05)
    assert found.sigma == pytest.approx(1.0, rel=0.1)


def test_a_hundred_thousand_give_the_frame_to_a_hundredth_of_a_degree():
    frame = random_matrices(1, 5)[0]
    a, b = pair("D7", 100_000, True, frame, 2.0, 0.6, seed=8)
    found = found_in(a, b, "D7")
    assert frame_error(found, frame) < 0.03
    assert found.mixture.share == pytest.approx(0.4, abs=0.01)
    assert found.sigma == pytest.approx(2.0, rel=0.02)


@pytest.mark.parametrize(("group", "flipped"), [("C1", False), ("D7", True)])
def test_each_particle_s_numbers_are_those_of_the_equation(group, flipped):
    a, b = pair(group, 400, flipped, random_matrices(1, 4)[0], 1.5, 0.3, seed=2)
    found = found_in(a, b, group)
    start = D @ a @ D if flipped else a
    own = rotation.to_matrix(found.hypothesis.operators)[found.operator]
    expected = start @ own @ found.matrix.T
    turn = Rotation.from_matrix(b @ np.swapaxes(expected, 1, 2))
    np.testing.assert_allclose(np.degrees(turn.magnitude()), found.angle, atol=1e-6)
    cosine = np.clip((b[:, 2] * expected[:, 2]).sum(axis=1), -1, 1)
    np.testing.assert_allclose(np.degrees(np.arccos(cosine)), found.direction_error, atol=1e-4)
    # without its part in the plane, a turn takes z to where it did by the shortest way
    back = Rotation.from_euler("z", -found.inplane_error[:, None], degrees=True)
    rest = (turn * back).as_rotvec()
    np.testing.assert_allclose(rest[:, 2], 0.0, atol=1e-7)
    others = [
        np.degrees(
            Rotation.from_matrix(b @ np.swapaxes(start @ s @ found.matrix.T, 1, 2)).magnitude()
        )
        for s in rotation.to_matrix(found.hypothesis.operators)
    ]
    np.testing.assert_allclose(np.min(others, axis=0), found.angle, atol=1e-6)
    assert ((found.probability >= 0) & (found.probability <= 1)).all()
    assert found.probability[found.angle < 3].min() > 0.5
    assert found.probability[found.angle > 15].max() < 0.5


def relation(a: np.ndarray, b: np.ndarray, group: str = "C1") -> tuple[str, tuple[str, ...]]:
    told = describe(found_in(a, b, group), parse_group(group))
    return told.words, told.notes


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: a, "the same frame (identity)"),
        (lambda a: D @ a @ D, "after a z flip"),
        (lambda a: about("z", 180) @ a, "with an in-plane offset of 180°"),
        (lambda a: about("z", 90) @ a, "with an in-plane offset of 90°"),
        (lambda a: about("z", -90) @ a, "with an in-plane offset of −90°"),
        (lambda a: np.diag([1.0, -1, -1]) @ a, "after an image y-flip"),
        (lambda a: np.diag([-1.0, 1, -1]) @ a, "after an image x-flip"),
        (lambda a: np.swapaxes(a, 1, 2), "transposed angles (inverse rotations)"),
        (lambda a: D @ a @ np.diag([-1.0, 1, 1]), "after a mirror of the map in x"),
        (lambda a: D @ a @ np.diag([1.0, -1, 1]), "after a mirror of the map in y"),
        (lambda a: a @ about("z", 90).T, "turned by 90° about Z"),
        (lambda a: a @ about("x", 180).T, "turned by 180° about X"),
        (lambda a: a @ about("y", 40).T, "turned by 39.99°"),
        (
            lambda a: np.diag([1.0, -1, -1]) @ a @ about("z", 90).T,
            "after an image y-flip, and turned by 90° about Z",
        ),
        (
            lambda a: np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, -1]]) @ a,
            "x and y of the images exchanged",
        ),
    ],
)
def test_known_relations_have_their_names(change, words):
    a, b = pair(n=400, noise=0.3, unrelated=0.3, seed=6)
    assert words in relation(a, change(b))[0]


def test_angles_in_radians_are_known():
    rng = np.random.default_rng(4)
    angles = np.column_stack(
        [rng.uniform(-180, 180, 300), np.degrees(np.arccos(rng.uniform(-1, 1, 300)))] * 1
        + [rng.uniform(-180, 180, 300)]
    )
    a = Rotation.from_euler("ZYZ", angles, degrees=True).inv().as_matrix()
    for raw in (angles, angles % 360, angles * [1, -1, 1]):
        read = np.radians(raw)  # numbers in radians, taken for degrees
        b = Rotation.from_euler("ZYZ", read, degrees=True).inv().as_matrix()
        true = Rotation.from_euler("ZYZ", raw, degrees=True).inv().as_matrix()
        assert "units are radians: B's" in relation(true, b)[0]
        assert "units are radians: A's" in relation(b, true)[0]
    assert "identity" in relation(a, a)[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [("D7", "D7y"), ("D5y", "D5"), ("I1", "I2"), ("I4", "I1"), ("T", "T222")],
)
def test_a_change_of_setting_is_named(old, new):
    frame = turn_between(parse_group(old), parse_group(new)).matrix
    a, b = pair(old, 500, False, frame, 0.5, 0.3, seed=9)
    words, _ = relation(a, b, old)
    assert f"setting changed from {old} to {new}" in words
    if new == "D7y":
        assert "odd Dn with the 2-fold on Y" in words
        assert "90° about Z" in words


def test_a_quarter_turn_without_a_symmetry_has_its_likely_reason():
    a, b = pair(n=200, frame=about("z", -90), noise=0.3)
    words, notes = relation(a, b)
    assert "turned by -90° about Z" in words
    assert any("2-fold on Y" in note for note in notes)


def test_a_flip_and_a_change_of_setting_are_both_named():
    """RELION's D7 of one hand and cryoSPARC's of the other."""
    frame = turn_between(parse_group("D7"), parse_group("D7y")).matrix
    a, b = pair("D7", 400, True, frame, 0.5, 0.3, seed=9)
    words, _ = relation(a, b, "D7")
    assert "after a z flip, then with the setting changed from D7 to D7y" in words


@pytest.mark.parametrize(("asked", "true"), [("D7", "D7y"), ("I1", "I2"), ("T", "T-eman")])
def test_a_setting_that_is_not_a_s_own_is_told(asked, true):
    a, b = pair(true, 500, False, random_matrices(1, 3)[0], 0.5, 0.2, seed=11)
    found = found_in(a, b, asked)
    assert found.hypothesis.group.name == true
    assert found.mixture.share == pytest.approx(0.8, abs=0.05)
    notes = describe(found, parse_group(asked)).notes
    assert any(f"fit {true}" in note and f"not {asked}" in note for note in notes)


def test_under_a_symmetry_one_relation_may_have_two_names():
    a, b = pair("D2", 400, True, EYE, 0.5, seed=2)
    words, notes = relation(a, b, "D2")
    assert "z flip" in words
    assert any("in-plane offset of 180°" in note for note in notes)


@pytest.mark.parametrize("group", ["C1", "D7", "I1"])
@pytest.mark.parametrize("degrees", [3.0, 37.2, 90.0, 126.0, -161.3])
def test_any_offset_in_the_plane_is_found(group, degrees):
    """Images turned by a constant: ``Rz(δ) A``, on top of a turn of the map."""
    frame = random_matrices(1, 21)[0]
    a, b = pair(group, 1000, False, frame, 1.0, 0.5, seed=8)
    found = found_in(a, about("z", degrees) @ b, group)
    change, turned = found.hypothesis.change, found.hypothesis.flipped
    # For poses a half turn more in the plane is the other hand; the smaller offset is told.
    assert turned is (abs(degrees) > 90)
    expected = degrees - 180 * np.sign(degrees) * turned
    assert change.offset == pytest.approx(expected, abs=0.3)
    assert found.mixture.share == pytest.approx(0.5, abs=0.05)
    assert found.sigma == pytest.approx(1.0, rel=0.1)
    told = describe(found, parse_group(group))
    assert "with an in-plane offset of" in told.words
    assert any("Poses alone do not tell this offset from" in note for note in told.notes)


@pytest.mark.parametrize("flip", [np.diag([1.0, -1, -1]), np.diag([-1.0, 1, -1])])
def test_an_offset_of_mirrored_images_is_found(flip):
    frame = random_matrices(1, 21)[0]
    a, b = pair("C1", 1000, False, frame, 1.0, 0.5, seed=8)
    found = found_in(a, about("z", 25.0) @ flip @ b)
    assert found.hypothesis.change.offset == pytest.approx(25.0, abs=0.3)
    kind = "image y flip" if flip[0, 0] > 0 else "image x flip"
    assert found.hypothesis.change.kind == f"{kind}, in-plane offset"
    assert frame_error(found, frame) < 0.3


def test_an_offset_is_as_exact_as_its_views_allow():
    """Its error is σ / √(n (1 - |m|²)), m the mean view; here m is 0."""
    a, b = pair("C1", 20_000, False, random_matrices(1, 2)[0], 2.0, seed=3)
    found = found_in(a, about("z", 41.0) @ b)
    assert found.hypothesis.change.offset == pytest.approx(41.0, abs=4 * 2.0 / np.sqrt(20_000))


def test_an_offset_that_views_do_not_tell_from_a_turn_is_a_turn():
    """Of top views, turning the images is turning the map."""
    psi = np.random.default_rng(1).uniform(0, 360, 300)
    a = Rotation.from_euler("z", psi[:, None], degrees=True).as_matrix()
    words, _ = relation(a, about("z", 25.0) @ a)
    assert "turned by" in words
    assert "offset" not in words


def test_no_offset_is_found_where_there_is_none():
    a, b = pair("D7", 2000, True, random_matrices(1, 4)[0], 3.0, 0.6, seed=12)
    assert found_in(a, b, "D7").hypothesis.change.offset == 0.0


def test_shifts_follow_images_that_were_turned():
    rng = np.random.default_rng(1)
    a, before = random_matrices(400, 1), rng.normal(0, 4, (400, 2))
    after = before @ about("z", 33.0)[:2, :2].T
    found = found_in(a, about("z", 33.0) @ a)
    shifts = compare_shifts(found, before, after)
    assert shifts is not None
    assert shifts.median < 1e-3
    assert shifts.told == ""


@pytest.mark.parametrize(("old", "new"), [("I1", "I3"), ("I2", "I4"), ("I3", "I4"), ("D7", "D7y")])
def test_settings_of_the_programs_own_operators_are_told_apart(old, new):
    """Operators as RELION prints them and cryoSPARC's developers state them, not ours."""
    table = np.load(shared("vectors/symmetry_matrices.npz"))
    names = {"D7y": "cryoSPARCdev-stated_generators_D7"}
    before, after = (table[names.get(name, f"RELION_{name}")] for name in (old, new))
    step = turn_between(parse_group(old), parse_group(new)).matrix
    for one in step @ before @ step.T:
        assert np.abs(after - one).max(axis=(1, 2)).min() < 1e-5
    a = random_matrices(800, 4)
    b = a @ before[np.random.default_rng(3).integers(0, len(before), 800)]
    words, _ = relation(a, b @ step.T, old)
    assert f"setting changed from {old} to {new}" in words


def test_a_flip_of_images_and_of_the_hand_and_a_turn_come_together():
    """y mirrored, z mirrored and turned: for poses the images mirrored in x, and a turn."""
    frame = random_matrices(1, 21)[0]
    a, b = pair("C1", 1000, True, frame, 0.5, 0.5, seed=8)
    found = found_in(a, np.diag([1.0, -1, -1]) @ b)
    assert found.hypothesis.change.kind == "image x flip"
    assert found.mixture.share == pytest.approx(0.5, abs=0.05)
    # diag(1, -1, -1) D A D is diag(-1, 1, -1) A turned by 180° about Z.
    assert frame_error(found, frame @ np.diag([-1.0, -1.0, 1.0])) < 0.15


@pytest.mark.parametrize(("group", "n"), [("C1", 10), ("D7", 1000), ("I1", 600), ("C1", 4000)])
def test_unrelated_poses_have_no_relation(group, n):
    words, notes = relation(random_matrices(n, 1), random_matrices(n, 2), group)
    assert words == "no relation found"
    assert "deviations above" in notes[0]


@pytest.mark.parametrize("group", ["C1", "D7"])
def test_a_relation_that_only_misread_angles_have_is_told_to_be_loose(group):
    """rot read for psi: no relation, but the poses of some views are near by it."""
    a = random_matrices(2000, 1)
    angles = Rotation.from_matrix(np.swapaxes(a, 1, 2)).as_euler("ZYZ", degrees=True)
    b = Rotation.from_euler("ZYZ", angles[:, ::-1], degrees=True).inv().as_matrix()
    told = describe(found_in(a, b, group), parse_group(group))
    assert told.loose
    assert told.words.endswith("(loose)")
    a, b = pair(group, 1000, False, random_matrices(1, 5)[0], 3.0, 0.6, seed=3)
    assert not describe(found_in(a, b, group), parse_group(group)).loose


@pytest.mark.parametrize("sigma", [2.0, 3.0])
def test_poses_of_a_virus_that_all_agree_are_not_loose(sigma):
    """Under I unrelated poses are 30° apart, and still no misreading has most agree so well."""
    a, b = pair("I1", 2000, False, random_matrices(1, 5)[0], sigma, seed=3)
    told = describe(found_in(a, b, "I1"), parse_group("I1"))
    assert not told.loose
    assert "loose" not in told.words


@pytest.mark.parametrize("order", [(0, 1, 0), (0, 2, 1)])
def test_misread_angles_of_a_virus_are_loose(order):
    """psi lost, or tilt and psi exchanged."""
    a = random_matrices(2000, 1)
    angles = Rotation.from_matrix(np.swapaxes(a, 1, 2)).as_euler("ZYZ", degrees=True)
    read = angles[:, order] if order != (0, 1, 0) else angles * [1, 1, 0]
    told = describe(
        found_in(a, Rotation.from_euler("ZYZ", read, degrees=True).inv().as_matrix(), "I1"),
        parse_group("I1"),
    )
    assert told.loose or told.words == "no relation found"


@pytest.mark.parametrize("degrees", [0.0, 37.0])
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("group", ["D2", "T", "I1"])
def test_the_axes_of_the_group_may_stand_in_either_map(group, flipped, degrees):
    """``A_B = A_A S G^T`` is ``A_A = A_B S' G`` with ``S' = G S^T G^T``: B and A exchanged, the
    group is B's, and as many agree by the inverse frame."""
    a, b = pair(group, 800, flipped, random_matrices(1, 77)[0], 1.0, 0.3, seed=3)
    a = about("z", degrees) @ a
    asked = parse_group(group)
    for first, second, where in ((a, b, "a"), (b, a, "b")):
        found = found_in(first, second, group)
        told = describe(found, asked)
        assert told.symmetry_in == where
        assert f"as usual in {where.upper()}'s map, not in" in " ".join(told.notes)
        assert found.hypothesis.flipped is flipped
        assert abs(found.hypothesis.change.offset) == pytest.approx(degrees, abs=0.3)
        assert found.mixture.share == pytest.approx(0.7, abs=0.05)
        # the equation holds of the numbers as they are told, whosever the group is
        changed, _ = found.hypothesis.poses(quaternions(first), quaternions(second))
        own = rotation.to_matrix(found.operators)[found.operator]
        expected = rotation.to_matrix(changed) @ own @ found.matrix.T
        apart = Rotation.from_matrix(second @ np.swapaxes(expected, 1, 2)).magnitude()
        np.testing.assert_allclose(np.degrees(apart), found.angle, atol=1e-6)
        if where == "b":
            turned = found.matrix @ rotation.to_matrix(found.operators) @ found.matrix.T
            np.testing.assert_allclose(turned, asked.matrices, atol=1e-9)


def test_whose_the_axes_are_stays_open_where_all_have_one_operator():
    a = random_matrices(500, 1)
    told = describe(found_in(a, a @ about("x", 33.0).T, "C4"), parse_group("C4"))
    assert told.symmetry_in is None
    assert any("stays open in which of the two maps" in note for note in told.notes)
    assert describe(found_in(a, a, "C4"), parse_group("C4")).symmetry_in == "both"


@pytest.mark.parametrize("asked", ["D7", "D7y"])
def test_settings_that_differ_in_the_two_maps_are_both_named_whichever_is_said(asked):
    frame = turn_between(parse_group("D7y"), parse_group("D7")).matrix
    a, b = pair("D7y", 500, False, frame, 0.5, 0.3, seed=9)
    found = found_in(a, b, asked)
    told = describe(found, parse_group(asked))
    assert "setting changed from D7y to D7" in told.words
    assert (found.hypothesis.group.name, told.symmetry_in) == ("D7y", "both")


def test_crowded_views_alone_make_no_relation():
    rng = np.random.default_rng(3)
    tilt = np.abs(rng.normal(0, 4, (2, 2000)))
    angles = [
        np.column_stack([rng.uniform(0, 360, 2000), t, rng.uniform(0, 360, 2000)]) for t in tilt
    ]
    a, b = (Rotation.from_euler("ZYZ", one, degrees=True).inv().as_matrix() for one in angles)
    assert relation(a, b)[0] == "no relation found"


def test_crowded_views_that_agree_by_chance_are_told():
    rng = np.random.default_rng(3)
    angles = rng.uniform(0, 360, (2000, 3)) * [1, 0, 1] + np.abs(rng.normal(0, 4, (2000, 3))) * [
        0,
        1,
        0,
    ]
    a = Rotation.from_euler("ZYZ", angles, degrees=True).inv().as_matrix()
    b = Rotation.from_rotvec(np.radians(2) * rng.normal(size=(2000, 3))).as_matrix() @ a
    wrong = np.arange(2000) < 1400
    b[wrong] = b[wrong][rng.permutation(1400)]
    found = found_in(a, b)
    assert found.mixture.share - found.by_chance < 0.31
    assert any("views are crowded" in note for note in describe(found, parse_group("C1")).notes)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_few_particles_fit_anything_and_that_is_said(n):
    words, notes = relation(random_matrices(n, 1), random_matrices(n, 2))
    assert words == "no relation found"
    assert "too few" in notes[0]


def test_top_views_do_not_tell_the_hand():
    psi = np.random.default_rng(1).uniform(0, 360, 300)
    a = Rotation.from_euler("z", psi[:, None], degrees=True).as_matrix()
    words, notes = relation(a, a)
    assert "identity" in words
    assert any("do not tell the hand" in note for note in notes)


def test_a_few_side_views_among_top_views_tell_the_hand():
    rng = np.random.default_rng(1)
    tilt = np.where(np.arange(2000) < 100, rng.uniform(40, 140, 2000), 0.0)
    angles = np.column_stack([rng.uniform(0, 360, 2000), tilt, rng.uniform(0, 360, 2000)])
    a = Rotation.from_euler("ZYZ", angles, degrees=True).inv().as_matrix()
    noise = Rotation.from_rotvec(np.radians(1) * rng.normal(size=(2000, 3))).as_matrix()
    assert found_in(a, noise @ D @ a @ D).hypothesis.flipped is True
    assert found_in(a, noise @ a).hypothesis.flipped is False


def test_a_group_that_nobody_said_is_seen():
    a, b = pair("D7", 400, False, random_matrices(1, 3)[0], 1.0, 0.2, seed=5)
    found = found_in(a, b)
    better = comparison.better_group(quaternions(a), quaternions(b), found)
    assert better is not None
    assert better.hypothesis.group.name == "D7"
    assert better.share == pytest.approx(0.8, abs=0.05)
    a, b = pair("C1", 400, False, EYE, 1.0, 0.2, seed=5)
    assert comparison.better_group(quaternions(a), quaternions(b), found_in(a, b)) is None


def test_a_higher_group_than_the_one_that_was_said_is_seen():
    a, b = pair("D7", 500, False, EYE, 0.7, seed=5)
    poses = quaternions(a), quaternions(b)
    better = comparison.better_group(*poses, compare(*poses, parse_group("C7")))
    assert better is not None
    assert better.hypothesis.group.name == "D7"
    a, b = pair("C1", 500, False, EYE, 1.0, 0.5, seed=5)
    poses = quaternions(a), quaternions(b)
    assert comparison.better_group(*poses, compare(*poses, parse_group("C7"))) is None


@pytest.mark.parametrize(
    ("asked", "true", "flipped"),
    [("D14", "D7", False), ("O", "T222", True), ("O", "D4", False), ("I2", "T222", False)],
)
def test_a_group_that_is_higher_than_needed_is_told(asked, true, flipped):
    a, b = pair(true, 1500, flipped, random_matrices(1, 3)[0], 0.5, 0.2, seed=5)
    notes = " ".join(relation(a, b, asked)[1])
    order = parse_group(true).order
    assert f"only the {order} of" in notes
    assert "only the" not in " ".join(relation(a, b, true)[1])


def test_a_turn_within_its_error_is_no_turn():
    a, b = pair(n=500, noise=1.0)
    found = found_in(a, b)
    assert not naming.is_turned(found)
    assert not any("frames differ" in note for note in describe(found, parse_group("C1")).notes)
    a, b = pair(n=500, frame=about("x", 0.5), noise=0.1)
    notes = describe(found_in(a, b), parse_group("C1")).notes
    assert any("frames differ by 0.5" in note or "frames differ by 0.49" in note for note in notes)


def test_a_turn_that_is_one_with_a_name_is_that_exactly():
    step = turn_between(parse_group("D7"), parse_group("D7y")).matrix
    a, b = pair("D7", 500, False, step, 0.5, seed=5)
    found = found_in(a, b, "D7")
    assert np.abs(found.matrix - step).max() > 1e-4
    np.testing.assert_allclose(naming.exact_turn(found), step, atol=1e-12)
    a, b = pair("C1", 500, False, about("y", 41.0), 0.5, seed=5)
    found = found_in(a, b)
    assert naming.exact_turn(found) is found.matrix


def test_settings_that_fit_equally_well_are_not_told_apart():
    step = turn_between(parse_group("D7"), parse_group("D7y")).matrix
    a, b = pair("D7", 500, False, step, 0.5, seed=5)
    assert not any("fit D7" in note for note in relation(a, b, "D7y")[1])


def test_the_same_poses_in_another_order_give_the_same_frame():
    a, b = pair("C3", 800, False, random_matrices(1, 9)[0], 1.0, 0.5, seed=4)
    order = np.random.default_rng(2).permutation(800)
    first, second = found_in(a, b, "C3"), found_in(a[order], b[order], "C3")
    assert frame_error(second, first.matrix) < 0.01
    np.testing.assert_allclose(first.angle[order], second.angle, atol=0.01)


def test_exchanging_the_files_inverts_the_frame():
    frame = random_matrices(1, 12)[0]
    a, b = pair("C1", 500, False, frame, 1.0, 0.4, seed=4)
    assert frame_error(found_in(b, a), found_in(a, b).matrix.T) < 0.01


@pytest.mark.parametrize("group", ["C1", "C5", "D3", "T", "O", "I1"])
def test_the_law_of_unrelated_poses_is_that_of_random_rotations(group):
    about = parse_group(group)
    law = background(about)
    found = as_given(
        quaternions(random_matrices(20_000, 1)), quaternions(random_matrices(20_000, 2)), about
    )
    for degrees in (10, 20, 30, 45, 60, 90, 120):
        measured = (found.angle < degrees).mean()
        assert law.below(degrees) == pytest.approx(measured, abs=0.012)
    # the cells of the operators fill all rotations
    assert law.below(180.0) == pytest.approx(1.0, abs=0.01)
    # without symmetry: (θ - sin θ) / π
    if group == "C1":
        assert law.below(60.0) == pytest.approx((np.pi / 3 - np.sin(np.pi / 3)) / np.pi)


def images(a: np.ndarray, origins: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.einsum("nij,pj->npi", a, points)[..., :2] - origins[:, None]


POINTS = np.random.default_rng(6).normal(0, 20, (5, 3))


def test_shifts_follow_the_frame():
    """An image is the same from the old pose and map as from the new pose and moved map."""
    rng = np.random.default_rng(1)
    frame, t = random_matrices(1, 2)[0], np.array([3.0, -2.0, 5.0])
    a = random_matrices(300, 1)
    b, before = a @ frame.T, rng.normal(0, 4, (300, 2))
    moved = POINTS @ frame.T + t
    after = (images(b, np.zeros((300, 2)), moved) - images(a, before, POINTS))[:, 0]
    np.testing.assert_allclose(images(b, after, moved), images(a, before, POINTS), atol=1e-9)
    after[:60] += rng.normal(0, 30, (60, 2))
    shifts = compare_shifts(found_in(a, b), before, after)
    assert shifts is not None
    np.testing.assert_allclose(shifts.translation, t, atol=0.05)
    np.testing.assert_allclose(shifts.residual[60:], 0.0, atol=0.1)
    assert shifts.told == ""


def test_shifts_of_mirrored_images_follow_the_image():
    rng = np.random.default_rng(1)
    a, before = random_matrices(300, 1), rng.normal(0, 4, (300, 2))
    # rows of an even box turned round: y -> -y - 1 pixel (1.25 Å)
    after = before * [1, -1] + [0, 1.25]
    shifts = compare_shifts(found_in(a, np.diag([1.0, -1, -1]) @ a), before, after)
    assert shifts is not None
    np.testing.assert_allclose(shifts.offset, [0, 1.25], atol=1e-6)
    assert shifts.median < 1e-6


@pytest.mark.parametrize(
    ("factor", "words"), [(1.0, ""), (-1.0, "opposite sign"), (1.5, "1.49"), (0.5, "pixel sizes")]
)
def test_a_wrong_sign_or_unit_of_shifts_is_told(factor, words):
    rng = np.random.default_rng(1)
    a, before = random_matrices(300, 1), rng.normal(0, 4, (300, 2))
    after = factor * before + rng.normal(0, 0.3, (300, 2))
    shifts = compare_shifts(found_in(a, a), before, after)
    assert shifts is not None
    assert words in shifts.told
    assert bool(shifts.told) is bool(words)


@pytest.mark.parametrize(("sign", "turned"), [(1, False), (-1, True)])
def test_shifts_tell_an_inverted_map_from_images_that_were_turned(sign, turned):
    """An image turned by 180° in its plane has its shift turned, too; of an inverted map not."""
    rng = np.random.default_rng(1)
    a, before = random_matrices(300, 1), rng.normal(0, 4, (300, 2))
    found = found_in(a, about("z", 180) @ a)
    assert "in-plane offset of 180°" in describe(found, parse_group("C1")).words
    shifts = compare_shifts(found, before, sign * before)
    assert shifts is not None
    assert ("opposite sign" in shifts.told) is turned


@pytest.mark.parametrize("frame", [EYE, random_matrices(1, 7)[0]], ids=["same", "turned"])
@pytest.mark.parametrize("group", ["C1", "D7"])
@pytest.mark.parametrize("degrees", [180.0, 150.0])
def test_images_that_were_turned_by_half_a_turn_keep_their_hand(degrees, group, frame):
    """For poses alone the map may as well be inverted; the shifts have turned with the images."""
    rng = np.random.default_rng(1)
    turn = about("z", degrees)
    a, b = pair(group, 500, False, frame, 0.3, seed=3)
    before = rng.normal(0, 4, (500, 2))
    poses = quaternions(a), quaternions(turn @ b)
    found = compare(*poses, parse_group(group))
    assert found.hypothesis.flipped is True
    found, shifts = settled_by_shifts(found, *poses, before, before @ turn[:2, :2].T)
    assert shifts is not None
    assert shifts.median < 0.05
    assert shifts.told == ""
    assert found.hypothesis.flipped is False
    assert found.hypothesis.change.offset == pytest.approx(degrees, abs=0.2)
    assert found.angle.max() < 3
    assert frame_error(found, frame) < 0.15
    told = describe(found, parse_group(group))
    assert "with an in-plane offset of" in told.words
    assert any("The shifts tell the two apart" in note for note in told.notes)


def test_the_hand_stays_flipped_where_shifts_are_as_they_were_or_unknown():
    rng = np.random.default_rng(1)
    a, before = random_matrices(300, 1), rng.normal(0, 4, (300, 2))
    poses = quaternions(a), quaternions(about("z", 180) @ a)
    found = compare(*poses, parse_group("C1"))
    for shifts in ((before, before), (None, before), (0 * before, 0 * before)):
        assert settled_by_shifts(found, *poses, *shifts)[0].hypothesis.flipped is True


def test_a_changed_sign_of_shifts_alone_is_no_turn_of_the_images():
    rng = np.random.default_rng(1)
    a, before = random_matrices(300, 1), rng.normal(0, 4, (300, 2))
    poses = quaternions(a), quaternions(a)
    found, shifts = settled_by_shifts(compare(*poses, parse_group("C1")), *poses, before, -before)
    assert found.hypothesis.change.kind == "none"
    assert shifts is not None
    assert "opposite sign" in shifts.told


@pytest.mark.parametrize("t", [[0.0, 0.0, 0.0], [5.0, -3.0, 2.0]])
def test_a_constant_offset_of_all_images_is_told_from_a_shift_of_the_map(t):
    rng = np.random.default_rng(1)
    a, before = random_matrices(400, 1), rng.normal(0, 4, (400, 2))
    moved = before + (a @ np.array(t))[:, :2] + [3.0, -4.0] + rng.normal(0, 0.2, (400, 2))
    shifts = compare_shifts(found_in(a, a), before, moved)
    assert shifts is not None
    np.testing.assert_allclose(shifts.offset, [3, -4], atol=0.05)
    np.testing.assert_allclose(shifts.translation, t, atol=0.1)
    assert shifts.median < 0.4
    # where there is none, none is told
    shifts = compare_shifts(found_in(a, a), before, moved - [3.0, -4.0])
    assert shifts is not None
    assert not shifts.offset.any()


def test_shifts_of_subtomograms_are_compared_in_space():
    rng = np.random.default_rng(1)
    a, before = random_matrices(200, 1), rng.normal(0, 4, (200, 3))
    t = np.array([1.0, 2.0, -3.0])
    shifts = compare_shifts(found_in(a, a), before, before + a @ t)
    assert shifts is not None
    np.testing.assert_allclose(shifts.translation, t, atol=1e-9)
    assert shifts.residual.shape == (200, 3)


def test_shifts_of_any_number_of_particles_follow_the_frame():
    """More than are put in matrices at a time."""
    rng = np.random.default_rng(1)
    a, before, many = random_matrices(300, 1), rng.normal(0, 4, (300, 2)), 700
    b = a @ random_matrices(1, 2)[0].T
    after = before + (b @ (3.0, -2.0, 5.0))[:, :2]
    found = found_in(a, b)
    whole = replace(
        found,
        probability=np.tile(found.probability, many),
        b_poses=np.tile(found.b_poses, (many, 1)),
    )
    after = np.tile(after, (many, 1))
    after[-1] += (7.0, -8.0)
    shifts = compare_shifts(whole, np.tile(before, (many, 1)), after)
    assert shifts is not None
    np.testing.assert_allclose(shifts.translation, (3.0, -2.0, 5.0), atol=1e-3)
    np.testing.assert_allclose(shifts.residual[:-1], 0.0, atol=1e-3)
    np.testing.assert_allclose(shifts.residual[-1], (7.0, -8.0), atol=1e-3)


def test_shifts_that_cannot_be_compared_are_not():
    a = random_matrices(50, 1)
    found = found_in(a, a)
    assert compare_shifts(found, None, np.zeros((50, 2))) is None
    assert compare_shifts(found, np.zeros((50, 3)), np.zeros((50, 2))) is None
    assert compare_shifts(found, np.full((50, 2), np.nan), np.zeros((50, 2))) is None
    still = compare_shifts(found, np.zeros((50, 2)), np.zeros((50, 2)))
    assert still is not None
    assert still.told == ""


def test_judging_counts_what_is_below():
    told = judge(np.array([1.0, 4.0, 6.0, 30.0]))
    assert (told.under_5, told.under_10, told.under_20) == (0.5, 0.75, 0.75)
    assert told.median == 5.0
    assert told.mean == pytest.approx(10.25)


def test_truth_under_a_symmetry_is_judged_as_scipy_would():
    """Every operator of D7 held against every particle; direction at the best whole angle."""
    a, b = pair("D7", 300, False, EYE, 3.0, 0.2, seed=4)
    found = as_given(quaternions(a), quaternions(b), parse_group("D7"))
    operators = parse_group("D7").matrices
    angles = np.array(
        [Rotation.from_matrix(b @ np.swapaxes(a @ s, 1, 2)).magnitude() for s in operators]
    )
    views = np.array([np.einsum("nj,nj->n", b[:, 2], (a @ s)[:, 2]) for s in operators])
    best = angles.argmin(axis=0)[None]
    whole = np.degrees(np.take_along_axis(angles, best, 0)[0])
    view = np.degrees(np.arccos(np.clip(np.take_along_axis(views, best, 0)[0], -1, 1)))
    told, of_view = judge(found.angle), judge(found.direction_error)
    assert told.median == pytest.approx(np.median(whole))
    assert of_view.median == pytest.approx(np.median(view), abs=1e-4)
    for limit in (5, 10, 20):
        assert getattr(told, f"under_{limit}") == pytest.approx((whole < limit).mean())
        assert getattr(of_view, f"under_{limit}") == pytest.approx((view < limit).mean())


def test_the_limit_is_where_particles_begin_to_disagree():
    a, b = pair(noise=0.7, unrelated=0.4)
    found = found_in(a, b)
    agree = found.probability > 0.5
    assert found.angle[agree].max() <= found.limit < found.angle[~agree].min()
    # More unrelated poses leave the benefit of the doubt to fewer angles.
    assert found_in(*pair(noise=0.7, unrelated=0.8)).limit < found.limit


def test_poses_dealt_out_anew_spread_as_unrelated_ones_do():
    """Of random rotations the angle has the density (1 - cos a) / 180°."""
    a, b = pair(n=4000)
    chance = dealt_out(found_in(a, b), quaternions(a), quaternions(b))
    assert chance.probability.mean() < 0.01
    for degrees in (60, 90, 120):
        angle = np.radians(degrees)
        below = np.mean(chance.angle < degrees)
        assert below == pytest.approx((angle - np.sin(angle)) / np.pi, abs=0.03)


def test_histograms_hold_all_particles_and_what_is_left_is_as_chance_has_it():
    a, b = pair(n=4000, noise=0.5, unrelated=0.5)
    found = found_in(a, b)
    for name, both in spreads(found, quaternions(a), quaternions(b)).items():
        values = getattr(found, name)
        for spread in (both.log, both.linear):
            assert spread.counts.sum() == len(values)
            assert spread.unrelated.sum() == pytest.approx(2000, rel=0.05)
        far = both.linear.edges[:-1] >= 30
        ours, chance = both.linear.counts[far].sum(), both.linear.unrelated[far].sum()
        assert ours == pytest.approx(chance, rel=0.1)
    assert both.linear.edges[0] == -both.linear.edges[-1]


def test_distances_and_means_of_a_selection_are_scipy_s():
    """Of the half whose map is turned by 5° more, the mean is turned by that."""
    a, b = pair("D7", 2000, False, random_matrices(1, 9)[0], 0.4, seed=3)
    chosen = np.arange(2000) < 400
    b[chosen] = b[chosen] @ about("x", 5.0).T
    found = found_in(a, b, "D7")
    some = averages(found, quaternions(a), quaternions(b), chosen)
    own = rotation.to_matrix(found.hypothesis.operators)[found.operator]
    turns = np.swapaxes(own, 1, 2) @ np.swapaxes(a, 1, 2) @ b
    mean = Rotation.from_matrix(turns[chosen]).mean().as_matrix().T
    np.testing.assert_allclose(some.means["chordal_l2"].matrix, mean, atol=1e-5)
    apart = np.degrees(Rotation.from_matrix(mean @ found.matrix.T).magnitude())
    for name, one in some.means.items():
        assert one.apart == pytest.approx(apart, abs=0.1), name
    assert some.number == 400
    left = Rotation.from_matrix(turns[chosen] @ found.matrix)
    assert some.median["geodesic"] == pytest.approx(np.median(left.magnitude()))
    frobenius = np.linalg.norm(turns[chosen] - found.matrix.T, axis=(1, 2))
    assert some.average["chordal"] == pytest.approx(frobenius.mean())
    q, r = left.as_quat(), np.array([0.0, 0, 0, 1])
    shorter = np.minimum(np.linalg.norm(q - r, axis=1), np.linalg.norm(q + r, axis=1))
    assert some.average["quaternion"] == pytest.approx(shorter.mean())
    assert averages(found, quaternions(a), quaternions(b), chosen & ~chosen).number == 0
