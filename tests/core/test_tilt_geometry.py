"""The geometry of tilt series against the rotations of RELION, EMAN2 and Warp."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evenview.core import rotation
from evenview.core.tilt.drawing import EDGES, drawing
from evenview.core.tilt.packages import (
    PACKAGES,
    across_axis,
    angles_of,
    depth_in_plane,
    matrices_of,
)
from evenview.core.tilt.relation import as_package, combinations, is_determined, relate
from evenview.core.tilt.series import TiltSeries
from made_tilt import ANGLES, AXIS, rot
from shared_data import shared

MIRROR, HALF_TURN = np.diag([1.0, 1, -1]), np.diag([-1.0, -1, 1])


def series(package: str, axis: float, angles: np.ndarray = ANGLES) -> TiltSeries:
    full = np.full(len(angles), axis)
    return TiltSeries("TS", (Path("TS"),), package, angles, full, np.zeros(len(angles)))


def between(first: TiltSeries, second: TiltSeries):
    return relate(matrices_of(first), matrices_of(second))


def assert_same_images(first: np.ndarray, second: np.ndarray, matrix: np.ndarray) -> None:
    points = np.random.default_rng(1).normal(0, 100, (20, 3))
    ours = np.einsum("nij,pj->npi", first, points)[..., :2]
    theirs = np.einsum("nij,pj->npi", second, points @ matrix.T)[..., :2]
    np.testing.assert_allclose(theirs, ours, atol=1e-9)


@pytest.mark.parametrize(
    ("column", "package", "negated", "turn", "tolerance"),
    [
        ("relion_P_ytilt_zrot", "relion", False, 0, 1e-14),
        ("relion_P_ytilt_zrot", "imod", False, 0, 1e-14),
        ("relion_P_ytilt_zrot", "aretomo", False, 0, 1e-14),
        ("eman2_xyz_ytilt_tilt_ztilt_minus_axis", "eman2", False, 0, 1e-7),
        ("eman2_xyz_ytilt_minus_tilt_ztilt_minus_axis", "eman2", True, 0, 1e-7),
        ("eman2_xyz_axis_plus_180", "eman2", False, 180, 1e-7),
        ("warp_euler_default_import", "warp", True, 0, 1e-14),
        ("warp_euler_dont_invert", "warp", False, 0, 1e-14),
    ],
)
def test_projections_are_the_packages_own(column, package, negated, turn, tolerance):
    numbers = np.load(shared("vectors/tomo_projection.npz"))
    tilts, axes = numbers["tilt_axis"].T
    ours = PACKAGES[package].matrices(-tilts if negated else tilts, axes + turn)
    np.testing.assert_allclose(ours, numbers[column], atol=tolerance)


def test_tilts_about_x_are_relions():
    numbers = np.load(shared("vectors/tomo_relion_xyz.npz"))
    x, y, z = (numbers[name] for name in ("xtilt", "ytilt", "zrot"))
    np.testing.assert_allclose(PACKAGES["relion"].matrices(y, z, x), numbers["P"], atol=1e-12)
    for ours, theirs in zip(angles_of(numbers["P"]), (y, z, x), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_depths_give_the_packages_defocus():
    numbers = np.load(shared("vectors/tomo_defocus.npz"))
    tilts, axes = numbers["tilt_axis"].T
    points, pixel = numbers["points_px"], float(numbers["apix"])

    def defocus(package: str, angles: np.ndarray, sign: int) -> np.ndarray:
        depths = PACKAGES[package].matrices(angles, axes)[:, 2] @ points.T
        return sign * pixel * depths

    for column, package, angles, sign in (
        ("relion_hand_minus1", "relion", tilts, -1),
        ("relion_hand_plus1", "relion", tilts, 1),
        ("eman2_negated_rawtlt", "eman2", -tilts, PACKAGES["eman2"].focus),
        ("warp_default_import_noflip", "warp", -tilts, 1),
        ("warp_default_import_flip", "warp", -tilts, -1),
    ):
        np.testing.assert_allclose(defocus(package, angles, sign), numbers[column], atol=2e-4)
    assert PACKAGES["warp"].flags == ("no flip", "flip")
    assert PACKAGES["relion"].flags == ("rlnTomoHand 1", "rlnTomoHand -1")


def test_imod_at_phi_is_eman2_at_phi_plus_180():
    """The use case: both axes are right, and the tomograms have one hand."""
    found = between(series("imod", AXIS), series("eman2", AXIS + 180))
    assert found.kind == "turned"
    assert not found.mirrors
    np.testing.assert_allclose(found.matrix, HALF_TURN, atol=1e-9)
    assert found.rms < 1e-6
    assert found.axis_difference == 0


def test_negated_angles_mirror_and_in_eman2_give_imods_tomogram():
    assert between(series("imod", AXIS), series("imod", AXIS, -ANGLES)).kind == "mirrored"
    assert between(series("imod", AXIS), series("eman2", AXIS, -ANGLES)).kind == "same"
    assert between(series("imod", AXIS), series("eman2", AXIS)).kind == "mirrored"
    assert between(series("imod", AXIS), series("warp", AXIS, -ANGLES)).kind == "same"
    assert between(series("eman2", AXIS), series("warp", AXIS)).kind == "same"
    aretomo = between(series("imod", AXIS), series("aretomo", AXIS + 180))
    assert aretomo.kind == "mirrored and turned"


@pytest.mark.parametrize("first", PACKAGES)
def test_every_combination_projects_the_same_images(first):
    own = series(first, -37.5)
    seen = combinations(own)
    assert len(seen) == 4 * len(PACKAGES)
    for c in seen:
        other = series(c.package, c.axis, -ANGLES if c.negated else ANGLES)
        assert_same_images(matrices_of(own), matrices_of(other), c.relation.matrix)
        kinds = {"same": np.eye(3), "turned": HALF_TURN, "mirrored": MIRROR}
        expected = kinds.get(c.relation.kind, -np.eye(3))
        np.testing.assert_allclose(c.relation.matrix, expected, atol=1e-9)
    for name in PACKAGES:
        assert len({c.relation.kind for c in seen if c.package == name}) == 4


def test_to_a_package_is_its_tomogram_of_the_same_numbers():
    assert as_package(series("imod", AXIS), "eman2").kind == "mirrored"
    assert as_package(series("imod", AXIS), "relion").kind == "same"


@pytest.mark.parametrize("difference", [0.0, 1.25, -3.0, 40.0])
@pytest.mark.parametrize("motion", [np.eye(3), HALF_TURN, MIRROR, -np.eye(3)])
def test_axis_differences_and_turns_are_told_apart(difference, motion):
    lean = rot("y", 1.7) @ rot("x", -0.8)
    matrix = motion @ lean
    first = matrices_of(series("relion", AXIS))
    second = rot("z", difference) @ first @ matrix.T
    found = relate(first, second)
    assert found.axis_difference == pytest.approx(difference, abs=1e-5)
    np.testing.assert_allclose(found.matrix, matrix, atol=1e-6)
    assert found.rest == pytest.approx(np.degrees(np.arccos((np.trace(lean) - 1) / 2)), abs=1e-4)
    assert found.rms < 1e-4


def test_noise_in_the_angles_is_the_misfit():
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 0.3, len(ANGLES))
    found = between(series("imod", AXIS), series("eman2", AXIS + 180, ANGLES + noise))
    assert found.kind == "turned"
    assert found.rms == pytest.approx(noise.std(), rel=0.1)
    assert found.rest < 0.2


def test_tilts_in_another_order_fit_nothing():
    shuffled = np.random.default_rng(0).permutation(ANGLES)
    assert between(series("imod", AXIS), series("imod", AXIS, shuffled)).rms > 10


@pytest.mark.parametrize("angles", [[0.0], [20.0, 20.0, 20.0], [0.0, 0.5, -0.5]])
def test_tilts_that_are_alike_tell_nothing(angles):
    alike = matrices_of(series("imod", AXIS, np.array(angles)))
    assert not is_determined(alike)
    with pytest.raises(ValueError, match="alike"):
        relate(alike, alike)


def test_right_of_the_axis_is_right_where_the_axis_is_upright():
    right = across_axis(AXIS)[0]
    up = rot("z", AXIS)[:2, :2] @ (0, 1)  # from +y counter-clockwise
    upright = rot("z", -AXIS)[:2, :2]
    np.testing.assert_allclose(upright @ up, (0, 1), atol=1e-12)
    np.testing.assert_allclose(upright @ right, (1, 0), atol=1e-12)


def test_depth_of_the_middle_plane():
    matrices = PACKAGES["relion"].matrices([30.0, -50, 10], [20.0, 85, -120], [0.0, 3, -2])
    points = np.random.default_rng(2).normal(0, 50, (3, 3)) * (1, 1, 0)
    seen = np.einsum("nij,nj->ni", matrices, points)
    np.testing.assert_allclose(depth_in_plane(matrices, seen[:, :2]), seen[:, 2], atol=1e-9)


def test_mean_axis_across_the_cut():
    axes = np.array([179.0, -179.0, 180.0])
    one = TiltSeries("TS", (Path("TS"),), "imod", np.array([-9.0, 0, 9]), axes, np.zeros(3))
    assert abs(one.axis) == pytest.approx(180)


class TestDrawing:
    def test_the_slab_is_a_rigid_slab_about_the_axis(self):
        drawn = drawing("relion", 40.0, 25.0)
        for corners in (drawn.slab, drawn.flat):
            sides = np.linalg.norm(corners[EDGES[:, 0]] - corners[EDGES[:, 1]], axis=1)
            np.testing.assert_allclose(np.sort(sides), [0.12] * 4 + [1.0] * 8, atol=1e-12)
        assert np.ptp(drawn.flat[:, 2]) == pytest.approx(0.12)
        direction = np.append(drawn.image_axis[1] - drawn.image_axis[0], 0.0)
        np.testing.assert_allclose(
            drawn.slab @ direction, drawn.flat @ direction, atol=1e-12
        )  # nothing moves along the axis
        assert drawn.image_right @ direction[:2] == pytest.approx(0)

    def test_the_arc_leads_to_the_right_edge(self):
        drawn = drawing("eman2", 40.0, 25.0)
        assert drawn.arc[0, 2] == 0
        np.testing.assert_allclose(drawn.arc[-1], drawn.right)
        np.testing.assert_allclose(np.linalg.norm(drawn.arc, axis=1), 0.5)
        seen = np.array([drawn.right[:2] @ drawn.image_right, drawn.right[2]])
        middle = (drawn.side_view[2] + drawn.side_view[3]) / 2
        np.testing.assert_allclose(middle, seen, atol=1e-12)

    @pytest.mark.parametrize("package", PACKAGES)
    @pytest.mark.parametrize("sign", [1, -1])
    def test_which_side_has_less_defocus(self, package, sign):
        drawn = drawing(package, 40.0, -70.0, depth_sign=sign)
        assert sign * drawn.less[2] < 0 < sign * drawn.more[2]
        opposite = drawing(package, -40.0, -70.0, depth_sign=sign)
        same_side = opposite.more @ drawn.less > 0
        assert same_side
        # The beam comes from the side that is less underfocused: a lens too weak is in focus there.
        assert drawn.beam @ drawn.less < 0 < drawn.beam @ drawn.more

    def test_imod_and_eman2_at_the_other_axis_draw_one_specimen(self):
        ours, theirs = drawing("imod", 40.0, AXIS), drawing("eman2", 40.0, AXIS + 180)
        corners = [np.round(d.slab, 9) + 0.0 for d in (ours, theirs)]
        assert sorted(map(tuple, corners[0])) == sorted(map(tuple, corners[1]))
        np.testing.assert_allclose(ours.right, theirs.left, atol=1e-12)

    def test_no_side_is_less_underfocused_where_that_is_not_known(self):
        assert drawing("imod", 40.0, 0.0).less is None
        assert drawing("imod", 0.0, 0.0, depth_sign=1).less is None


def test_matrices_are_rotations():
    rng = np.random.default_rng(5)
    angles, axes, x = rng.uniform(-90, 90, (3, 50))
    for package in PACKAGES.values():
        found = package.matrices(angles, axes, x)
        again = rotation.to_matrix(rotation.from_matrix(found))
        np.testing.assert_allclose(found, again, atol=1e-12)
