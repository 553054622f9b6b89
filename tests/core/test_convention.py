from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from evenview.core import convention, rotation
from shared_data import shared

angles = arrays(np.float64, (7, 3), elements=st.floats(-720, 720))
poses = arrays(np.float64, (7, 3), elements=st.floats(-5, 5))


def matrices(q):
    return Rotation.from_quat(q, scalar_first=True).as_matrix()


def turned(difference):
    """Degrees, whole turns taken off."""
    return np.abs((difference + 180.0) % 360.0 - 180.0)


def relion_matrices(euler):
    """A by scipy: the transpose of the intrinsic ZYZ rotation."""
    return np.swapaxes(Rotation.from_euler("ZYZ", euler, degrees=True).as_matrix(), 1, 2)


@given(angles)
def test_relion_angles_are_scipys_transposed_zyz(euler):
    q = convention.relion_to_quaternions(*euler.T)
    np.testing.assert_allclose(matrices(q), relion_matrices(euler), atol=1e-14)


@given(poses)
def test_cryosparc_poses_are_scipys_transposed_rotation_vectors(pose):
    q = convention.cryosparc_to_quaternions(pose)
    expected = np.swapaxes(Rotation.from_rotvec(pose).as_matrix(), 1, 2)
    np.testing.assert_allclose(matrices(q), expected, atol=1e-14)


@given(st.integers(0, 2**32 - 1))
def test_relion_angles_return_to_the_rotation_in_relions_ranges(seed):
    q = rotation.random(50, np.random.default_rng(seed))
    euler = convention.quaternions_to_relion(q)
    np.testing.assert_allclose(relion_matrices(euler), matrices(q), atol=1e-13)
    assert ((euler[:, [0, 2]] > -180) & (euler[:, [0, 2]] <= 180)).all()
    assert ((euler[:, 1] >= 0) & (euler[:, 1] <= 180)).all()


@given(poses)
def test_poses_return_to_the_rotation_no_longer_than_half_a_turn(pose):
    q = convention.cryosparc_to_quaternions(pose)
    back = convention.quaternions_to_cryosparc(q)
    np.testing.assert_allclose(
        matrices(convention.cryosparc_to_quaternions(back)), matrices(q), atol=1e-14
    )
    assert np.linalg.norm(back, axis=1).max() <= np.pi + 1e-15
    short = np.linalg.norm(pose, axis=1) < 3.14
    np.testing.assert_allclose(back[short], pose[short], atol=1e-13)


@given(angles)
def test_azimuth_elevation_and_inplane_are_relions_angles(euler):
    q = convention.relion_to_quaternions(*euler.T)
    view = convention.azimuth_elevation(convention.directions(q))
    psi = convention.inplane(q)
    again = convention.relion_to_quaternions(view[:, 0], 90.0 - view[:, 1], psi)
    np.testing.assert_allclose(rotation.angle_between(q, again), 0.0, atol=1e-9)


@given(st.floats(-179, 180), st.floats(0.001, 179.999), st.floats(-179, 180))
def test_away_from_the_poles_the_angles_are_those_put_in(rot, tilt, psi):
    q = convention.relion_to_quaternions([rot], [tilt], [psi])
    azimuth, elevation = convention.azimuth_elevation(convention.directions(q))[0]
    np.testing.assert_allclose(turned(azimuth - rot), 0.0, atol=1e-9)
    np.testing.assert_allclose(elevation, 90.0 - tilt, atol=1e-12)
    np.testing.assert_allclose(turned(convention.inplane(q)[0] - psi), 0.0, atol=1e-9)


@given(st.floats(-180, 180), st.integers(0, 2**32 - 1))
def test_turning_the_image_changes_the_inplane_angle_and_not_the_direction(turn, seed):
    q = rotation.random(20, np.random.default_rng(seed))
    half = np.radians(turn) / 2
    turned_image = rotation.compose((np.cos(half), 0.0, 0.0, np.sin(half)), q)
    np.testing.assert_allclose(
        convention.directions(turned_image), convention.directions(q), atol=1e-14
    )
    change = convention.inplane(q) - convention.inplane(turned_image)
    np.testing.assert_allclose(turned(change - turn), 0.0, atol=1e-9)


@given(angles)
def test_directions_are_the_third_rows(euler):
    v = convention.directions(convention.relion_to_quaternions(*euler.T))
    np.testing.assert_allclose(v, relion_matrices(euler)[:, 2], atol=1e-14)


@pytest.mark.parametrize(
    ("euler", "direction"),
    [
        ((0, 0, 0), (0, 0, 1)),
        ((0, 180, 0), (0, 0, -1)),
        ((0, 90, 0), (1, 0, 0)),
        ((90, 90, 17), (0, 1, 0)),
        ((180, 90, 0), (-1, 0, 0)),
        ((-90, 90, 0), (0, -1, 0)),
        ((0, -90, 0), (-1, 0, 0)),
        ((0, 60, 0), (np.sqrt(0.75), 0, 0.5)),
    ],
)
def test_known_views(euler, direction):
    q = convention.relion_to_quaternions(*np.array([euler], dtype=float).T)
    np.testing.assert_allclose(convention.directions(q), [direction], atol=1e-15)


@pytest.mark.parametrize(
    ("vector", "azimuth", "elevation"),
    [
        ((0, 0, 1), 0, 90),
        ((0, 0, -3), 0, -90),
        ((-1, -0.0, 0), 180, 0),
        ((-1, 0, 0), 180, 0),
        ((1e-14, 1e-14, 1), 0, 90),
        ((1e-8, 1e-8, 1e-8), 45, np.degrees(np.arctan(np.sqrt(0.5)))),
        ((0, -2, 2), -90, 45),
    ],
)
def test_azimuth_and_elevation_of_known_vectors(vector, azimuth, elevation):
    got = convention.azimuth_elevation([vector])
    np.testing.assert_allclose(got, [(azimuth, elevation)], atol=1e-12)


@pytest.mark.parametrize(
    ("euler", "expected"),
    [
        ((30, 0, 50), (0, 0, 80)),
        ((30, 180, 50), (0, 180, 20)),
        ((30, 1e-5, 50), (0, 0, 80)),
        ((30, 180 - 1e-5, 50), (0, 180, 20)),
        ((30, 2e-4, 50), (30, 2e-4, 50)),
        ((120, 0, 100), (0, 0, -140)),
        ((-180, 90, -180), (180, 90, 180)),
        ((30, -40, 50), (-150, 40, -130)),
        ((30, 200, 50), (-150, 160, -130)),
    ],
)
def test_poles_and_ranges_as_relion_has_them(euler, expected):
    q = convention.relion_to_quaternions(*np.array([euler], dtype=float).T)
    np.testing.assert_allclose(convention.quaternions_to_relion(q), [expected], atol=1e-9)


def test_at_a_pole_the_inplane_angle_is_the_whole_turn():
    q = convention.relion_to_quaternions([30.0, 30.0], [0.0, 180.0], [50.0, 50.0])
    np.testing.assert_allclose(convention.inplane(q), [80.0, 20.0], atol=1e-12)


def test_zero_pose_is_no_rotation_and_half_turns_are_half_turns():
    pose = np.array([(0, 0, 0), (np.pi, 0, 0), (0, -np.pi, 0), (0, 0, 2 * np.pi)])
    expected = [np.eye(3), np.diag([1, -1, -1]), np.diag([-1, 1, -1]), np.eye(3)]
    q = convention.cryosparc_to_quaternions(pose)
    np.testing.assert_allclose(matrices(q), expected, atol=1e-15)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_rows_that_are_no_numbers_are_nan_and_alone(bad):
    rng = np.random.default_rng(3)
    for width, convert in (
        (3, lambda a: convention.relion_to_quaternions(*a.T)),
        (3, convention.cryosparc_to_quaternions),
        (4, convention.quaternions_to_relion),
        (4, convention.quaternions_to_cryosparc),
        (4, convention.directions),
        (3, convention.azimuth_elevation),
        (4, lambda q: convention.inplane(q)[:, None]),
    ):
        for column in range(width):
            rows = rng.uniform(0.1, 0.9, (3, width))
            rows[1, column] = bad
            result = convert(rows)
            assert np.isnan(result[1]).all(), (convert, column)
            assert np.isfinite(result[[0, 2]]).all()


@given(st.integers(0, 2**32 - 1))
def test_quaternions_have_w_not_negative_and_unit_length(seed):
    rng = np.random.default_rng(seed)
    for q in (
        convention.relion_to_quaternions(*rng.uniform(-360, 360, (3, 20))),
        convention.cryosparc_to_quaternions(rng.uniform(-6, 6, (20, 3))),
    ):
        assert (q[:, 0] >= 0).all()
        np.testing.assert_allclose(np.linalg.norm(q, axis=1), 1.0, atol=4e-16)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, ">f4", np.longdouble])
def test_any_float_type_any_stride_read_only_too(dtype):
    table = np.random.default_rng(5).uniform(-3, 3, (40, 6)).astype(dtype)
    table.setflags(write=False)
    strided = table[::2, 1:6:2]
    plain = strided.astype(np.float64)
    np.testing.assert_array_equal(
        convention.cryosparc_to_quaternions(strided), convention.cryosparc_to_quaternions(plain)
    )
    np.testing.assert_array_equal(
        convention.relion_to_quaternions(*strided.T), convention.relion_to_quaternions(*plain.T)
    )


def test_no_rows_give_no_rows():
    assert convention.relion_to_quaternions([], [], []).shape == (0, 4)
    assert convention.quaternions_to_relion(np.empty((0, 4))).shape == (0, 3)
    assert convention.inplane(np.empty((0, 4))).shape == (0,)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="equally long"):
        convention.relion_to_quaternions([1.0], [1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match=r"\(N, 3\)"):
        convention.azimuth_elevation(np.zeros((5, 4)))
    with pytest.raises(ValueError, match=r"\(N,\)"):
        convention.relion_to_quaternions([[1.0]], [[1.0]], [[1.0]])


def test_the_example_of_the_conventions_page():
    q = convention.relion_to_quaternions([30.0], [60.0], [45.0])
    np.testing.assert_allclose(q, [(0.687064, -0.065263, -0.495722, -0.527203)], atol=1e-6)
    pose = Rotation.from_euler("ZYZ", [30, 60, 45], degrees=True).as_rotvec()
    np.testing.assert_allclose(pose, (0.146112, 1.109828, 1.180306), atol=1e-6)
    np.testing.assert_allclose(convention.quaternions_to_cryosparc(q), [pose], atol=1e-14)
    v = convention.directions(q)
    np.testing.assert_allclose(v, [(0.75, 0.433013, 0.5)], atol=1e-6)
    np.testing.assert_allclose(convention.azimuth_elevation(v), [(30, 30)], atol=1e-12)
    np.testing.assert_allclose(convention.inplane(q), [45], atol=1e-12)


# The angles of EMAN2, Dynamo and motive lists


def scipy_zxz(angles):
    """Active, about moving axes."""
    return Rotation.from_euler("ZXZ", angles, degrees=True).as_matrix()


@given(angles)
def test_eman_angles_are_scipys_transposed_zxz(euler):
    q = convention.eman_to_quaternions(*euler.T)
    expected = np.swapaxes(scipy_zxz(euler), 1, 2)
    np.testing.assert_allclose(matrices(q), expected, atol=1e-13)


@given(angles)
def test_dynamo_angles_are_clockwise_zxz(euler):
    q = convention.dynamo_to_quaternions(*euler.T)
    np.testing.assert_allclose(matrices(q), scipy_zxz(-euler), atol=1e-13)


@given(angles)
def test_motive_lists_say_the_first_turn_first_and_the_tilt_last(euler):
    phi, psi, theta = euler.T
    q = convention.emmotl_to_quaternions(phi, psi, theta)
    expected = scipy_zxz(np.column_stack([psi, theta, phi]))
    np.testing.assert_allclose(matrices(q), expected, atol=1e-13)


@given(angles)
def test_dynamo_and_motive_lists_differ_by_signs_alone(euler):
    tdrot, tilt, narot = euler.T
    np.testing.assert_allclose(
        rotation.angle_between(
            convention.dynamo_to_quaternions(tdrot, tilt, narot),
            convention.emmotl_to_quaternions(-narot, -tdrot, -tilt),
        ),
        0.0,
        atol=1e-9,
    )


THREE_ANGLES = {
    "eman": (convention.eman_to_quaternions, convention.quaternions_to_eman, 1),
    "dynamo": (convention.dynamo_to_quaternions, convention.quaternions_to_dynamo, 1),
    "emmotl": (convention.emmotl_to_quaternions, convention.quaternions_to_emmotl, 2),
}


@pytest.mark.parametrize("name", THREE_ANGLES)
@given(st.integers(0, 2**32 - 1))
def test_zxz_angles_return_to_the_rotation_with_the_tilt_in_half_a_turn(name, seed):
    read, give, tilt = THREE_ANGLES[name]
    q = rotation.random(50, np.random.default_rng(seed))
    euler = give(q)
    np.testing.assert_allclose(rotation.angle_between(read(*euler.T), q), 0.0, atol=1e-10)
    assert ((euler[:, tilt] >= 0) & (euler[:, tilt] <= 180)).all()
    others = np.delete(euler, tilt, axis=1)
    assert ((others > -180) & (others <= 180)).all()


@pytest.mark.parametrize("name", THREE_ANGLES)
@pytest.mark.parametrize("tilt", [0.0, 180.0])
def test_at_a_pole_one_of_the_zxz_angles_is_0(name, tilt):
    read, give, place = THREE_ANGLES[name]
    q = convention.relion_to_quaternions([30.0, -77.0], [tilt, tilt], [50.0, 120.0])
    euler = give(q)
    assert (np.delete(euler, place, axis=1) == 0.0).any(axis=1).all()
    np.testing.assert_array_equal(euler[:, place], tilt)
    np.testing.assert_allclose(rotation.angle_between(read(*euler.T), q), 0.0, atol=1e-10)


@pytest.mark.parametrize("name", THREE_ANGLES)
def test_zxz_rows_that_are_no_numbers_are_nan_and_alone(name):
    read, give, _ = THREE_ANGLES[name]
    euler = np.array([(10.0, 20.0, 30.0), (10.0, np.nan, 30.0), (np.inf, 20.0, 30.0)])
    q = read(*euler.T)
    assert np.isnan(q).any(axis=1).tolist() == [False, True, True]
    assert np.isnan(give(q)).all(axis=1).tolist() == [False, True, True]


@given(st.floats(-720, 720), st.integers(0, 2**32 - 1))
def test_eman2s_spin_turns_the_other_way_than_scipy(omega, seed):
    axis = np.random.default_rng(seed).standard_normal((1, 3))
    axis /= np.linalg.norm(axis)
    expected = Rotation.from_rotvec(np.radians(omega) * axis).inv().as_matrix()
    q = convention.spin_to_quaternions([omega], axis)
    np.testing.assert_allclose(matrices(q), expected, atol=1e-13)
    angle, *n = convention.quaternions_to_spin(q)[0]
    assert 0 <= angle <= 180
    again = convention.spin_to_quaternions([angle], [n])
    np.testing.assert_allclose(rotation.angle_between(again, q), 0.0, atol=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_eman2s_quaternions_are_those_of_the_inverse(seed):
    q = rotation.random(20, np.random.default_rng(seed))
    e = convention.quaternions_to_eman_quaternion(q)
    np.testing.assert_allclose(
        matrices(e) @ matrices(q), np.tile(np.eye(3), (20, 1, 1)), atol=1e-14
    )
    np.testing.assert_array_equal(convention.eman_quaternion_to_quaternions(e), q)


# Twins: the same in plain numpy, for each compiled loop.


def numpy_zyz(euler):
    rot, tilt, psi = np.radians(euler).T / 2
    c, s = np.cos(tilt), np.sin(tilt)
    q = np.column_stack(
        [
            c * np.cos(rot + psi),
            s * np.sin(rot - psi),
            -s * np.cos(rot - psi),
            -c * np.sin(rot + psi),
        ]
    )
    return rotation.canonical(q)


def numpy_pose(pose):
    angle = np.linalg.norm(pose, axis=1, keepdims=True)
    axis = -pose / angle
    return rotation.canonical(np.hstack([np.cos(angle / 2), np.sin(angle / 2) * axis]))


def test_loops_do_what_their_numpy_twins_do():
    rng = np.random.default_rng(11)
    euler = rng.uniform((-180, 0, -180), (180, 180, 180), (1000, 3))
    pose = rng.uniform(-3, 3, (1000, 3))
    q = convention.relion_to_quaternions(*euler.T)
    m = rotation.to_matrix(q)
    np.testing.assert_allclose(q, numpy_zyz(euler), atol=1e-14)
    np.testing.assert_allclose(
        convention.cryosparc_to_quaternions(pose), numpy_pose(pose), atol=1e-14
    )
    np.testing.assert_allclose(convention.directions(q), m[:, 2], atol=1e-14)
    zyz = [
        np.arctan2(m[:, 2, 1], m[:, 2, 0]),
        np.arccos(m[:, 2, 2]),
        np.arctan2(m[:, 1, 2], -m[:, 0, 2]),
    ]
    # arccos near the poles keeps 8 digits
    np.testing.assert_allclose(convention.quaternions_to_relion(q), np.degrees(zyz).T, atol=1e-9)
    turn = 2 * np.arctan2(np.linalg.norm(q[:, 1:], axis=1), q[:, 0])
    axis = q[:, 1:] / np.linalg.norm(q[:, 1:], axis=1, keepdims=True)
    np.testing.assert_allclose(
        convention.quaternions_to_cryosparc(q), -turn[:, None] * axis, atol=1e-13
    )
    v = m[:, 2]
    np.testing.assert_allclose(
        convention.azimuth_elevation(v),
        np.degrees(np.column_stack([np.arctan2(v[:, 1], v[:, 0]), np.arcsin(v[:, 2])])),
        atol=1e-9,
    )


# Other programs' numbers, for 185 rotations most of which are edge cases.


@pytest.fixture(scope="module")
def vectors():
    with np.load(shared("vectors/orientations.npz")) as archive:
        return dict(archive)


def expect_close(ours, theirs, names, atol, known_wrong=()):
    """Rows agree to `atol`, and those known to be wrong in the other program do not."""
    error = np.abs(ours - theirs).reshape(len(names), -1).max(axis=1)
    off = {str(name) for name, e in zip(names, error, strict=True) if not e <= atol}
    assert off == set(known_wrong)


#: RELION reduces 1e5 degrees after converting to radians and keeps 13 digits of it.
MATRIX_COLUMNS = [
    ("relion5.0.1__Euler_angles2matrix_A", 2.5e-13, False),
    ("xmippCore__Euler_angles2matrix_A", 2.5e-13, False),
    ("pyem_e2r_vec_A", 2.5e-13, False),
    ("cryodrgn_R_from_relion", 2.5e-13, False),
    ("eulerangles_relion_matrix", 2.5e-13, True),
    ("aspire_matrices", 2.5e-13, True),
    # float32 programs
    ("cistem__RotateCoords_matrix_image_to_volume", 2e-5, True),
]


@pytest.mark.parametrize(("column", "atol", "transposed"), MATRIX_COLUMNS)
def test_relion_angles_give_other_programs_matrices(vectors, column, atol, transposed):
    q = convention.relion_to_quaternions(*vectors["input_rot_tilt_psi_deg"].T)
    theirs = vectors[column]
    theirs = np.swapaxes(theirs, 1, 2) if transposed else theirs
    expect_close(rotation.to_matrix(q), theirs, vectors["names"], atol)


def test_relion_angles_give_eman2s_matrices(vectors):
    q = convention.relion_to_quaternions(*vectors["input_rot_tilt_psi_deg"].T)
    theirs = vectors["eman2__Transform_matrix3x4"][:, :, :3]
    expect_close(rotation.to_matrix(q), theirs, vectors["names"], 2e-7)


@pytest.mark.parametrize(
    "column", ["relion5.0.1__Euler_matrix2angles_deg", "xmippCore__Euler_matrix2angles_deg"]
)
def test_matrices_give_relions_angles(vectors, column):
    q = rotation.from_matrix(vectors["relion5.0.1__Euler_angles2matrix_A"])
    ours = convention.quaternions_to_relion(q)
    # A matrix keeps rot and psi to about 1e-16 / sin(tilt): 1e-8 degrees at the snap.
    expect_close(turned(ours - vectors[column]), 0.0, vectors["names"], 1e-8)
    np.testing.assert_allclose(ours[:, 1], vectors[column][:, 1], atol=1e-8)


def test_relions_other_angle_sets_are_the_same_rotation(vectors):
    q = convention.relion_to_quaternions(*vectors["input_rot_tilt_psi_deg"].T)
    other = vectors["relion5.0.1__Euler_another_set_deg"]
    again = convention.relion_to_quaternions(*other.T)
    np.testing.assert_allclose(rotation.angle_between(q, again), 0.0, atol=2e-11)


@pytest.mark.parametrize(
    ("column", "wrong"),
    [
        # takes angles of less than 1e-7 from a pole for the pole
        ("scipy_intrinsic_ZYZ_of_AT_deg", ("near0_1e-6", "near180_1e-6")),
        # takes its tilt of -0.001 degrees for 0
        ("pyem_rot2euler_deg", ("neg_tilt_small",)),
    ],
)
def test_other_programs_angles_are_the_same_rotation(vectors, column, wrong):
    q = convention.relion_to_quaternions(*vectors["input_rot_tilt_psi_deg"].T)
    theirs = convention.relion_to_quaternions(*vectors[column].T)
    expect_close(rotation.to_matrix(theirs), rotation.to_matrix(q), vectors["names"], 1e-9, wrong)


@pytest.mark.parametrize("column", ["scipy_pose_rotvec_of_AT", "pyem_pose_rotvec"])
def test_poses_of_other_programs_give_relions_matrices(vectors, column):
    q = convention.cryosparc_to_quaternions(vectors[column])
    expect_close(
        rotation.to_matrix(q),
        vectors["relion5.0.1__Euler_angles2matrix_A"],
        vectors["names"],
        1e-15,
    )


def test_our_poses_are_those_of_scipy(vectors):
    q = convention.relion_to_quaternions(*vectors["input_rot_tilt_psi_deg"].T)
    ours = convention.quaternions_to_cryosparc(q)
    theirs = vectors["scipy_pose_rotvec_of_AT"]
    # A half turn has two vectors.
    half_turn = np.linalg.norm(theirs, axis=1) > np.pi - 1e-9
    sign = np.where(half_turn & (np.sum(ours * theirs, axis=1) < 0), -1.0, 1.0)
    expect_close(sign[:, None] * ours, theirs, vectors["names"], 5e-13)


def test_eman2s_spin_is_the_pose(vectors):
    spin = vectors["eman2__spin__omega_n1_n2_n3"]
    q = convention.cryosparc_to_quaternions(np.radians(spin[:, :1]) * spin[:, 1:])
    # EMAN2 is float32, and its angle loses digits of turns by nearly 0 or nearly pi.
    wrong = ("near180_1e-2", "neg_tilt_small", "pose_tiny_1e-4_mixed")
    truth = vectors["relion5.0.1__Euler_angles2matrix_A"]
    expect_close(rotation.to_matrix(q), truth, vectors["names"], 1e-5, wrong)


def test_raw_poses_longer_than_half_a_turn_are_pyems(vectors):
    q = convention.cryosparc_to_quaternions(vectors["poseinput_rotvec"])
    np.testing.assert_allclose(
        rotation.to_matrix(q), vectors["poseinput_pyem_expmap_A_f64"], atol=2e-15
    )
    single = convention.cryosparc_to_quaternions(vectors["poseinput_rotvec"].astype(np.float32))
    np.testing.assert_allclose(
        rotation.to_matrix(single), vectors["poseinput_pyem_expmap_A_f32"], atol=2e-6
    )


def test_cryodrgn_reads_the_same_poses(vectors):
    q = convention.cryosparc_to_quaternions(vectors["scipy_pose_rotvec_of_AT"])
    # cryoDRGN divides by the length of the pose: NaN where there is no rotation.
    wrong = ("identity", "tilt0_rot30_psi-30_cancel", "pose_zero")
    theirs = vectors["cryodrgn_expmap_pose_T"]
    expect_close(rotation.to_matrix(q), theirs, vectors["names"], 2e-15, wrong)


def test_directions_are_those_of_relion_and_of_cryosparcs_plot(vectors):
    q = convention.relion_to_quaternions(*vectors["input_rot_tilt_psi_deg"].T)
    v = convention.directions(q)
    expect_close(v, vectors["relion5.0.1__Euler_angles2direction"], vectors["names"], 2.5e-13)
    expect_close(v, vectors["viewselect_viewdir"], vectors["names"], 2.5e-13)


def test_azimuth_and_elevation_are_those_of_cryosparcs_plot(vectors):
    q = convention.relion_to_quaternions(*vectors["input_rot_tilt_psi_deg"].T)
    v = convention.directions(q)
    ours = convention.azimuth_elevation(v)
    # At the poles there is no azimuth; near them it keeps what a float64 direction keeps of it.
    across = np.hypot(v[:, 0], v[:, 1])
    off_pole = across > 1e-12
    azimuth = np.degrees(vectors["viewselect_azimuth_rad"])
    error = turned(ours[:, 0] - azimuth)[off_pole] * across[off_pole]
    np.testing.assert_allclose(error, 0.0, atol=2e-11)
    # its arcsin keeps 8 digits near the poles
    elevation = np.degrees(vectors["viewselect_elevation_rad"])
    np.testing.assert_allclose(ours[:, 1], elevation, atol=2e-6)
