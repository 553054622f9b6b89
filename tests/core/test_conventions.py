from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from evenview.core import convention, rotation
from evenview.core.conventions import conventions, find_convention
from evenview.core.conventions.ambiguity import ambiguities
from evenview.core.errors import UserError
from shared_data import shared

NAMES = list(conventions())
#: The conventions that say a rotation by three angles about axes.
EULER = ["relion", "cistem", "spider", "eman", "imagic", "dynamo", "emmotl"]
seeds = st.integers(0, 2**32 - 1)

#: Rotations of which some convention has several sets of numbers, or that are nearly such.
SPECIAL = np.array(
    [
        (1, 0, 0, 0),
        (0, 1, 0, 0),
        (0, 0, 1, 0),
        (0, 0, 0, 1),
        (0, np.sqrt(0.5), np.sqrt(0.5), 0),
        (np.sqrt(0.5), 0, 0, -np.sqrt(0.5)),
        (np.sqrt(0.5), np.sqrt(0.5), 0, 0),
        (0.5, 0.5, -0.5, 0.5),
        (1, 1e-9, 0, 0),
        (1e-9, 0.6, 0.8, 0),
    ]
)


def some_rotations(seed, n=20):
    return np.vstack([rotation.random(n, np.random.default_rng(seed)), SPECIAL])


def scipys(name, values):
    """A by scipy, from the formula that the packages' documentation gives."""
    values = np.asarray(values, dtype=float)
    if name == "matrix":
        return values.reshape(-1, 3, 3)
    if name == "quaternion":
        return Rotation.from_quat(values, scalar_first=True).as_matrix()
    if name == "axis_angle":
        return Rotation.from_rotvec(np.radians(values[:, 3:]) * values[:, :3]).as_matrix()
    if name in ("dynamo", "emmotl"):
        turned = -values if name == "dynamo" else values[:, [1, 2, 0]]
        return Rotation.from_euler("ZXZ", turned, degrees=True).as_matrix()
    zyz = dict.fromkeys(
        ("relion", "cistem", "spider"), lambda: Rotation.from_euler("ZYZ", values, degrees=True)
    )
    transposed = zyz | {
        "cryosparc": lambda: Rotation.from_rotvec(values),
        "spin": lambda: Rotation.from_rotvec(np.radians(values[:, :1]) * values[:, 1:]),
        "eman_quaternion": lambda: Rotation.from_quat(values, scalar_first=True),
        "eman": lambda: Rotation.from_euler("ZXZ", values, degrees=True),
        "imagic": lambda: Rotation.from_euler("ZXZ", values, degrees=True),
    }
    return np.swapaxes(transposed[name]().as_matrix(), 1, 2)


# The table


@pytest.mark.parametrize("name", NAMES)
def test_every_convention_says_what_it_is(name):
    about = conventions()[name]
    assert about.name == name
    for text in (about.title, about.formula, about.degenerate, about.precision, about.source):
        assert len(text) > 3
    assert len({number.name for number in about.numbers}) == len(about.numbers)
    assert {number.unit for number in about.numbers} <= {"°", "rad", ""}
    assert about.place > 0


def test_the_names_of_the_command_are_there_and_no_word_means_two():
    wanted = "relion cryosparc cistem eman spider quaternion matrix dynamo emmotl"
    assert set(wanted.split()) <= set(NAMES)
    words = [word for c in conventions().values() for word in (c.name, *c.aliases)]
    assert len(set(words)) == len(words)


def test_names_are_found_in_any_spelling():
    assert find_convention(" RELION ").name == "relion"
    assert find_convention("axis-angle").name == "axis_angle"
    assert find_convention("Warp").name == "relion"
    assert find_convention("AV3").name == "emmotl"
    with pytest.raises(UserError, match=r'"bsoft" is not a known convention.*relion, cryosparc'):
        find_convention("bsoft")


# Formulas


@pytest.mark.parametrize("name", NAMES)
@given(seed=seeds)
def test_numbers_given_out_are_the_rotation_by_scipys_formula(name, seed):
    q = some_rotations(seed)
    values = conventions()[name].from_quaternions(q)
    # RELION's rule takes a tilt of 1e-4° for 0.
    atol = 3e-6 if name in EULER else 1e-13
    np.testing.assert_allclose(scipys(name, values), rotation.to_matrix(q), atol=atol)


@pytest.mark.parametrize("name", NAMES)
@given(seed=seeds)
def test_numbers_are_read_by_scipys_formula(name, seed):
    about = conventions()[name]
    if name in ("matrix", "quaternion", "eman_quaternion"):
        values = about.from_quaternions(rotation.random(10, np.random.default_rng(seed)))
    else:
        values = np.random.default_rng(seed).uniform(-400, 400, (10, len(about.numbers)))
        axis = {"spin": slice(1, 4), "axis_angle": slice(0, 3)}.get(name)
        if axis:
            values[:, axis] /= np.linalg.norm(values[:, axis], axis=1, keepdims=True)
        if name == "cryosparc":
            values = np.radians(values)
    got = rotation.to_matrix(about.read(values))
    np.testing.assert_allclose(got, scipys(name, values), atol=2e-13)


EULER = [name for name, about in conventions().items() if {n.unit for n in about.numbers} == {"°"}]


@pytest.mark.parametrize("name", EULER)
def test_of_angles_it_is_known_which_turns_tilts_and_spins_the_view(name):
    about = conventions()[name]
    turns, tilts, spins = about.view

    def view(**changed):
        values = np.array([[20.0, 50.0, 70.0]])
        values[0, about.view] = values[0]
        for place, angle in changed.items():
            values[0, {"turns": turns, "tilts": tilts, "spins": spins}[place]] += angle
        seen = convention.directions(about.to_quaternions(values))
        return convention.azimuth_elevation(seen)[0]

    azimuth, elevation = view()
    np.testing.assert_allclose(view(spins=30.0), [azimuth, elevation], atol=1e-9)
    np.testing.assert_allclose(view(turns=30.0)[1], elevation, atol=1e-9)
    assert abs((view(turns=30.0)[0] - azimuth + 180) % 360 - 180) == pytest.approx(30.0)
    assert abs(view(tilts=10.0)[1] - elevation) == pytest.approx(10.0)


@given(st.sampled_from(NAMES), st.sampled_from(NAMES), seeds)
def test_there_and_back_between_all_pairs(first, second, seed):
    a, b = conventions()[first], conventions()[second]
    q = rotation.random(20, np.random.default_rng(seed))
    there = b.from_quaternions(a.read(a.from_quaternions(q)))
    back = a.from_quaternions(b.read(there))
    np.testing.assert_allclose(rotation.angle_between(a.read(back), q), 0.0, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_there_and_back_at_the_special_rotations(name):
    about = conventions()[name]
    back = about.read(about.from_quaternions(SPECIAL))
    atol = 1.2e-4 if name in EULER else 1e-12
    np.testing.assert_allclose(rotation.angle_between(back, SPECIAL), 0.0, atol=atol)


@given(seeds)
def test_numbers_given_out_are_in_the_ranges_said(seed):
    q = some_rotations(seed)
    values = {name: about.from_quaternions(q) for name, about in conventions().items()}
    tilts = {"eman": 1, "imagic": 1, "dynamo": 1, "emmotl": 2}
    for name in EULER:
        tilt = tilts.get(name, 1)
        assert ((values[name][:, tilt] >= 0) & (values[name][:, tilt] <= 180)).all()
        others = np.delete(values[name], tilt, axis=1)
        assert ((others > -180) & (others <= 180)).all()
    assert np.linalg.norm(values["cryosparc"], axis=1).max() <= np.pi + 1e-15
    for name in ("quaternion", "eman_quaternion"):
        assert (values[name][:, 0] >= 0).all()
    assert values["spin"][:, 0].min() >= 0
    assert values["axis_angle"][:, 3].max() <= 180


@pytest.mark.parametrize(
    ("name", "at_0", "at_180"),
    [
        ("relion", (0, 0, 80), (0, 180, 20)),
        ("cistem", (0, 0, 80), (0, 180, 20)),
        ("eman", (0, 0, 80), (0, 180, -160)),
        ("dynamo", (80, 0, 0), (-160, 180, 0)),
        ("emmotl", (0, -80, 0), (0, 160, 180)),
    ],
)
def test_at_the_poles_the_whole_turn_is_in_one_angle(name, at_0, at_180):
    q = conventions()["relion"].read([(30.0, 0.0, 50.0), (30.0, 180.0, 50.0)])
    np.testing.assert_allclose(conventions()[name].from_quaternions(q), [at_0, at_180], atol=1e-12)


def test_without_a_turn_the_axis_is_z():
    for name, axis in (("spin", slice(1, 4)), ("axis_angle", slice(0, 3))):
        values = conventions()[name].from_quaternions(np.array([(1.0, 0.0, 0.0, 0.0)]))
        np.testing.assert_array_equal(values[0, axis], (0, 0, 1))
        np.testing.assert_array_equal(np.delete(values[0], axis), 0)


# What is no rotation


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_count_of_numbers_is_refused_with_the_order(name):
    about = conventions()[name]
    for count in (0, 1, len(about.numbers) + 1):
        with pytest.raises(UserError, match=f"has {len(about.numbers)}.*Give {about.order}"):
            about.read(np.zeros((1, count)))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", NAMES)
def test_numbers_that_are_not_finite_are_refused_by_name(name, bad):
    about = conventions()[name]
    values = about.from_quaternions(rotation.random(3, np.random.default_rng(1)))
    values[2, -1] = bad
    with pytest.raises(UserError) as error:
        about.read(values, lambda row: f"row {row}")
    assert str(error.value).startswith(f"row 2: {about.numbers[-1].name} is {bad:g}, which is not")


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("quaternion", (0, 0, 0, 0), "quaternion has length 0"),
        ("eman_quaternion", (0, 0, 0, 0), "quaternion has length 0"),
        ("spin", (30, 0, 0, 0), "axis has length 0"),
        ("axis_angle", (0, 0, 0, 30), "axis has length 0"),
        ("matrix", (1, 0, 0, 0, 1, 0, 0, 0, 1.1), r"not a rotation: .* differs .* by 0\.21"),
        ("matrix", (1, 0, 0, 1, 0, 0, 1, 0, 0), "not a rotation"),
        ("matrix", (0,) * 9, "differs from the unit matrix by 1"),
        ("matrix", (1e200,) * 9, "not a rotation"),
        ("matrix", (1, 0, 0, 0, 1, 0, 0, 0, -1), "mirrors, its determinant is -1:"),
    ],
)
def test_numbers_that_are_no_rotation_are_refused(name, values, words):
    with pytest.raises(UserError, match=words):
        conventions()[name].read([values])


@pytest.mark.parametrize("scale", [1e-300, 1e-3, 7.0, 1e300])
@pytest.mark.parametrize(
    ("name", "part"),
    [("quaternion", slice(4)), ("eman_quaternion", slice(4)), ("spin", slice(1, 4))],
)
def test_vectors_of_any_length_are_brought_to_1_and_it_is_said(name, part, scale):
    about = conventions()[name]
    q = rotation.random(5, np.random.default_rng(2))
    values = about.from_quaternions(q)
    assert about.remarks(values) == {}
    values[3, part] *= scale
    np.testing.assert_allclose(rotation.angle_between(about.read(values), q), 0.0, atol=1e-12)
    (row,) = about.remarks(values)
    assert row == 3
    assert "not of length 1" in about.remarks(values)[3]


@given(seeds, st.floats(1e-4, 2e-3))
def test_rounded_matrices_become_the_nearest_rotation_and_it_is_said(seed, size):
    rng = np.random.default_rng(seed)
    about = conventions()["matrix"]
    exact = Rotation.random(1, rng=rng).as_matrix()
    rough = exact + size * rng.uniform(-1, 1, (1, 3, 3))
    # scipy, too, takes the nearest rotation.
    nearest = Rotation.from_matrix(rough).as_matrix()
    got = rotation.to_matrix(about.read(rough.reshape(1, 9)))
    np.testing.assert_allclose(got, nearest, atol=1e-12)
    assert "brought to the nearest" in about.remarks(rough.reshape(1, 9))[0]
    assert about.remarks(exact.reshape(1, 9)) == {}


# What is not determined


@pytest.mark.parametrize(
    ("euler", "words"),
    [
        ((30, 0, 50), ["tilt 0°: only rot + psi = 80° is defined", "azimuth is undefined"]),
        ((30, 180, 50), ["tilt 180°: only rot − psi = -20° is defined", "half a turn"]),
        ((30, 5e-5, 50), ["only rot + psi = 80°", "true tilt is 5e-05° from it"]),
        ((0, 0, 0), ["rot + psi = 0°", "no rotation: the axis is arbitrary"]),
        ((0, 90, 180), ["half a turn"]),
    ],
)
def test_what_is_not_determined_is_said(euler, words):
    q = conventions()["relion"].read([(10.0, 20.0, 30.0), euler])
    found = ambiguities(q)
    assert list(found) == [1]
    for word in words:
        assert word in found[1]
    assert ("azimuth is undefined" in found[1]) == (euler[1] in (0, 180))


@given(seeds)
def test_of_other_rotations_everything_is(seed):
    assert ambiguities(rotation.random(50, np.random.default_rng(seed))) == {}


def test_no_rotations_have_no_remarks():
    assert ambiguities(np.empty((0, 4))) == {}
    for about in conventions().values():
        assert about.read(np.empty((0, len(about.numbers)))).shape == (0, 4)


# Other programs' numbers for 185 rotations, most of them edge cases.


@pytest.fixture(scope="module")
def vectors():
    with np.load(shared("vectors/orientations.npz")) as archive:
        return dict(archive)


#: RELION takes tilts below 1.1e-4° for 0: these are such, and come back off by their tilt.
SNAPPED = {
    *(f"near{pole}_1e-{k}" for pole in (0, 180) for k in (4, 5, 6)),
    "near0_1e-8",
    "pose_tiny_1e-6",
    "pose_tiny_1e-9",
}
#: scipy and programs built on it take less than 1e-7 from a pole for the pole.
SCIPY = {"near0_1e-6", "near180_1e-6", "near0_1e-8"}
#: The "lost tilts" of float32: cos(0.02°) is 1 to its last digit or two.
LOST = {f"near{pole}_1e-{k}" for pole in (0, 180) for k in (2, 3)} | {
    "neg_tilt_small",
    "pose_tiny_1e-4_mixed",
}
#: eulerangles' matrix to angles is wrong where the direction is ±y or the second row's end is 0,
#: and near poles.
EULERANGLES = {
    *(f"near{pole}_1e-{k}" for pole in (0, 180) for k in (3, 4, 5)),
    *("view_+y", "view_+y_psi-90", "quarter_all", "neg_tilt_small"),
}

#: Column, convention, what the package keeps (element of A), and the entries it has wrong.
COLUMNS = [
    ("relion5.0.1__Euler_matrix2angles_deg", "relion", 5e-15, SNAPPED),
    ("relion5.0.1__jaz_Euler_matrixToAngles_deg", "relion", 2e-13, ()),
    ("relion5.0.1__Euler_another_set_deg", "relion", 2e-13, ()),
    ("xmippCore__Euler_matrix2angles_deg", "relion", 5e-15, SNAPPED),
    ("eman2__eman__az_alt_phi", "eman", 2e-6, LOST),
    ("eman2__imagic__alpha_beta_gamma", "imagic", 2e-6, LOST),
    ("eman2__spider__phi_theta_psi", "spider", 2e-6, LOST),
    ("eman2__mrc__phi_theta_omega", "spider", 2e-6, LOST),
    (
        "eman2__quaternion__e0_e1_e2_e3",
        "eman_quaternion",
        4e-6,
        LOST - {"near0_1e-2", "near0_1e-3"},
    ),
    (
        "eman2__spin__omega_n1_n2_n3",
        "spin",
        4e-6,
        {"near180_1e-2", "neg_tilt_small", "pose_tiny_1e-4_mixed"},
    ),
    ("eman2__sgirot__q_n1_n2_n3", "spin", 4e-6, LOST - {"near0_1e-2", "near0_1e-3"}),
    # its inverse cosine loses 3 digits of float32 near tilt 180, and 1e5 degrees lose as many
    (
        "cistem__ConvertToValidEulerAngles_phi_theta_psi",
        "cistem",
        2.1e-5,
        {"near0_1e-2", "near180_1e-2", "pose_tiny_1e-4_mixed"},
    ),
    ("pyem_rot2euler_deg", "relion", 5e-15, {"neg_tilt_small"}),
    ("pyem_euler2quat", "eman_quaternion", 2e-13, ()),
    ("pyem_rot2quat", "eman_quaternion", 1e-15, ()),
    ("pyem_pose_rotvec", "cryosparc", 1e-15, ()),
    ("scipy_pose_rotvec_of_AT", "cryosparc", 1e-15, ()),
    ("scipy_intrinsic_ZYZ_of_AT_deg", "relion", 5e-15, SCIPY),
    ("aspire_angles_deg", "relion", 2e-13, SCIPY),
    ("cryodrgn_R_to_relion_scipy_deg", "relion", 5e-15, {*SCIPY, "pose_tiny_1e-9"}),
    ("cryocat_dynamo_tdrot_tilt_narot", "dynamo", 2e-13, {*SCIPY, "pose_tiny_1e-9"}),
    ("dynamo_tdrot_tilt_narot_deg__from_cryocat", "dynamo", 2e-13, {*SCIPY, "pose_tiny_1e-9"}),
    ("cryocat_emmotl_phi_theta_psi", "emmotl", 2e-13, {*SCIPY, "pose_tiny_1e-9"}),
    ("cryocat_back_to_relion", "relion", 2e-13, SCIPY),
    ("eulerangles_to_dynamo", "dynamo", 5e-8, EULERANGLES),
    (
        "eulerangles_to_warp",
        "relion",
        5e-8,
        EULERANGLES | {"view_-y", "pose_90x", "pose_tiny_1e-6"},
    ),
]


@pytest.mark.parametrize(("column", "name", "atol", "wrong"), COLUMNS)
def test_other_programs_numbers_are_relions_matrices(vectors, column, name, atol, wrong):
    values = vectors[column]
    if column == "cryocat_emmotl_phi_theta_psi":
        values = values[:, [0, 2, 1]]
    got = rotation.to_matrix(conventions()[name].read(values))
    truth = vectors["relion5.0.1__Euler_angles2matrix_A"]
    error = np.abs(got - truth).max(axis=(1, 2))
    off = {str(row) for row, e in zip(vectors["names"], error, strict=True) if not e <= atol}
    assert off == set(wrong)


#: Column, convention, what the package keeps of its numbers away from all edges.
SAME_NUMBERS = [
    ("relion5.0.1__Euler_matrix2angles_deg", "relion", 1e-12),
    ("xmippCore__Euler_matrix2angles_deg", "relion", 1e-12),
    ("eman2__eman__az_alt_phi", "eman", 1e-4),
    ("eman2__spider__phi_theta_psi", "spider", 1e-4),
    ("eman2__imagic__alpha_beta_gamma", "imagic", 1e-4),
    ("cistem__ConvertToValidEulerAngles_phi_theta_psi", "cistem", 1e-3),
    ("scipy_pose_rotvec_of_AT", "cryosparc", 1e-12),
    ("pyem_rot2quat", "eman_quaternion", 1e-14),
    ("eman2__quaternion__e0_e1_e2_e3", "eman_quaternion", 4e-6),
    ("eman2__spin__omega_n1_n2_n3", "spin", 1e-3),
    ("cryocat_dynamo_tdrot_tilt_narot", "dynamo", 1e-12),
    ("cryocat_emmotl_phi_theta_psi", "emmotl", 1e-12),
    ("relion5.0.1__Euler_angles2matrix_A", "matrix", 1e-14),
]


@pytest.mark.parametrize(("column", "name", "atol"), SAME_NUMBERS)
def test_away_from_edges_our_numbers_are_theirs(vectors, column, name, atol):
    random = np.char.startswith(vectors["names"], "random")
    q = conventions()["relion"].read(vectors["input_rot_tilt_psi_deg"][random])
    ours = conventions()[name].from_quaternions(q)
    theirs = vectors[column][random].reshape(len(ours), -1)
    if column == "cryocat_emmotl_phi_theta_psi":
        # theta is negative there: the same rotation with half a turn on the other two
        theirs = theirs[:, [0, 2, 1]] * (1, 1, -1) + (180, 180, 0)
    difference = ours - theirs
    if name in EULER:
        difference = (difference + 180.0) % 360.0 - 180.0
    np.testing.assert_allclose(difference, 0.0, atol=atol)


#: EMAN2's types by our conventions; "inverse_eman" is of the inverse.
EMAN2_TYPES = {
    "eman": ("eman", "az alt phi"),
    "inverse_eman": ("eman", "az alt phi"),
    "spider": ("spider", "phi theta psi"),
    "mrc": ("spider", "phi theta omega"),
    "imagic": ("imagic", "alpha beta gamma"),
    "quaternion": ("eman_quaternion", "e0 e1 e2 e3"),
    "spin": ("spin", "omega n1 n2 n3"),
    "sgirot": ("spin", "q n1 n2 n3"),
    "matrix": ("matrix", "m11 m12 m13 m21 m22 m23 m31 m32 m33"),
}


@pytest.mark.parametrize("kind", EMAN2_TYPES)
def test_all_types_of_eman2_are_its_matrices(kind):
    transforms = json.loads(shared("vectors/eman2/transform_all_types.json").read_text())
    name, keys = EMAN2_TYPES[kind]
    values = np.array([[t[kind][key] for key in keys.split()] for t in transforms])
    matrices = np.array([t["matrix3x4"] for t in transforms]).reshape(-1, 3, 4)[:, :, :3]
    q = conventions()[name].read(values)
    got = rotation.to_matrix(rotation.invert(q) if kind == "inverse_eman" else q)
    error = np.abs(got - matrices).max(axis=(1, 2))
    # float32: cosines lose angles near 0 and 180°, of the tilt or of the whole turn
    tilt = np.degrees(np.arccos(np.clip(matrices[:, 2, 2], -1, 1)))
    turn = rotation.to_axis_angle(rotation.from_matrix(matrices))[1]
    near = np.minimum.reduce([tilt, 180 - tilt, turn, 180 - turn]) < 0.1
    assert error[~near].max() < (1e-7 if kind == "matrix" else 4e-6)
    assert error[near].max() < 4e-4
