"""Poses and shifts of RELION files when their map is turned, moved or mirrored."""

from __future__ import annotations

import json
import re
import warnings

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_star as made
from evenview.core import motion as motions
from evenview.core import rotation
from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.formats.relion_star import FORMAT
from shared_data import shared

POSES = made.LABELS[1:4]
ANGST = tuple(f"rlnOrigin{axis}Angst" for axis in "XYZ")
BOXES = tuple(f"rlnTomoSubtomogram{name}" for name in ("Rot", "Tilt", "Psi"))
TURN = Motion(Rotation.from_euler("ZYX", (20, 50, -70), degrees=True).as_matrix())
SHIFT = Motion(TURN.matrix, np.array([3.0, -8.0, 12.5]))
FLIP = Motion(flip="y", flip_shift=1.5)


def opened(folder, text):
    return FORMAT.read(made.save(folder, text))


def table(labels, n: int, seed: int, optics: str | None = None, block: str = "particles") -> str:
    rng = np.random.default_rng(seed)
    rows = [" ".join(f"{x:.6f}" for x in row) for row in rng.uniform(1, 120, (n, len(labels)))]
    optics = made.optics() if optics is None else optics
    return optics + made.loop(block, labels, rows)


def moved(folder, text, motion, name="moved.star"):
    particles = opened(folder, text)
    path = folder / name
    particles.table.write_changed(path, FORMAT.changes(particles, motion))
    return particles, FORMAT.read(path)


def matrices(angles) -> np.ndarray:
    return Rotation.from_euler("ZYZ", angles, degrees=True).inv().as_matrix()


def zyz(matrix) -> np.ndarray:
    """Euler angles by scipy, which warns where only the sum of two is defined."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Rotation.from_matrix(matrix).inv().as_euler("ZYZ", degrees=True)


def columns(particles, labels) -> np.ndarray:
    return np.column_stack([particles.table.numeric(label) for label in labels])


SHAPES = {
    "3.1": table((*POSES, *ANGST[:2], "rlnDefocusAngle"), 20, 0),
    "3.0": table(
        (*POSES, "rlnOriginX", "rlnOriginY", "rlnPixelSize", "rlnDefocusAngle"), 20, 1, "", ""
    ),
    "both units": table((*POSES, *ANGST[:2], "rlnOriginX", "rlnOriginY", "rlnDefocusAngle"), 20, 2),
    "subtomograms": table((*POSES, *ANGST, "rlnTomoName"), 20, 3),
    "boxed subtomograms": table((*POSES, *ANGST, *BOXES, "rlnCoordinateX", "rlnTomoName"), 20, 4),
}
SINGLE = [name for name in SHAPES if "subtomograms" not in name]


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES.keys())
def test_a_moved_file_says_the_moved_record(tmp_path, text):
    before, after = moved(tmp_path, text, SHIFT)
    old, new = FORMAT.record(before), FORMAT.record(after)
    quaternions, origins = SHIFT.apply(old.quaternions, old.origins)
    assert rotation.angle_between(new.quaternions, quaternions).max() < 2e-6
    np.testing.assert_allclose(new.origins, origins, atol=1e-4)


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("motion", [FLIP, Motion(motions.mirror("z")), Motion(motions.mirror("x"))])
def test_a_mirrored_file_says_the_mirrored_record(tmp_path, name, motion):
    before, after = moved(tmp_path, SHAPES[name], motion)
    old, new = FORMAT.record(before), FORMAT.record(after)
    quaternions, origins = motion.apply(old.quaternions, old.origins)
    assert rotation.angle_between(new.quaternions, quaternions).max() < 2e-6
    np.testing.assert_allclose(new.origins, origins, atol=1e-4)
    np.testing.assert_allclose(new.ctf.angle, motion.angle(old.ctf.angle))


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES.keys())
def test_only_poses_and_shifts_change(tmp_path, text):
    before, after = moved(tmp_path, text, SHIFT)
    for label in before.table.numeric_columns:
        same = np.array_equal(before.table.numeric(label), after.table.numeric(label))
        assert same == (re.match("rlnAngle|rlnOrigin", label) is None), label


def test_a_box_stays_where_it_is_and_its_particle_turns_in_it(tmp_path):
    """x = coord + A_box (A_p r - o) of a point r is that of M r + t with the new A_p and o."""
    before, after = moved(tmp_path, SHAPES["boxed subtomograms"], SHIFT)
    point = np.array([10.0, -30, 50])
    old = matrices(columns(before, POSES)) @ point - columns(before, ANGST)
    there = SHIFT.matrix @ point + SHIFT.shift
    new = matrices(columns(after, POSES)) @ there - columns(after, ANGST)
    np.testing.assert_allclose(new, old, atol=1e-4)


def cases() -> list[dict]:
    return json.loads(shared("vectors/align_flip_cases.json").read_text())


def test_maps_that_relion_turned_and_mirrored_give_their_poses(tmp_path):
    """Poses and shifts (pixels) under which the changed map gave the same images."""
    labels = (*POSES, "rlnOriginX", "rlnOriginY", "rlnPixelSize")
    for case in cases():
        angles = zyz(case["old_A"])
        rows = np.column_stack([angles, case["old_origin_px"], np.full(len(angles), 1.25)])
        text = made.loop("", labels, [" ".join(map(repr, row)) for row in rows.tolist()])
        motion = Motion(np.array(case["M"]), 1.25 * np.array(case["t_px"]))
        changes = FORMAT.changes(opened(tmp_path, text), motion)
        new = matrices(np.column_stack([changes[label] for label in POSES]))
        np.testing.assert_allclose(new, case["new_A"], atol=1e-7, err_msg=case["name"])
        if motion.shifts:
            origins = np.column_stack([changes["rlnOriginX"], changes["rlnOriginY"]])
            np.testing.assert_allclose(origins, case["new_origin_px"], atol=1e-6)


@pytest.mark.parametrize("text", [SHAPES["3.1"], SHAPES["boxed subtomograms"]])
def test_there_and_back_is_where_it_was(tmp_path, text):
    before, after = moved(tmp_path, text, SHIFT)
    back = Motion(SHIFT.matrix.T, -SHIFT.matrix.T @ SHIFT.shift)
    particles = FORMAT.read(after.table.path)
    after.table.write_changed(tmp_path / "back.star", FORMAT.changes(particles, back))
    again = FORMAT.read(tmp_path / "back.star")
    assert rotation.angle_between(before.quaternions, again.quaternions).max() < 3e-6
    labels = [label for label in ANGST if label in before.table.numeric_columns]
    np.testing.assert_allclose(columns(again, labels), columns(before, labels), atol=2e-6)


@pytest.mark.parametrize("name", ["t20s_d7_crlf", "betagal_d2_452", "tomo_31", "tomo_40"])
def test_real_files_go_there_and_back(tmp_path, name):
    path = shared(f"real/relion/{name}.star")
    particles = FORMAT.read(path)
    back = Motion(SHIFT.matrix.T, -SHIFT.matrix.T @ SHIFT.shift)
    particles.table.write_changed(tmp_path / "m.star", FORMAT.changes(particles, SHIFT))
    there = FORMAT.read(tmp_path / "m.star")
    np.testing.assert_allclose(there.directions, particles.directions @ TURN.matrix.T, atol=1e-7)
    there.table.write_changed(tmp_path / "b.star", FORMAT.changes(there, back))
    again = FORMAT.read(tmp_path / "b.star")
    assert rotation.angle_between(particles.quaternions, again.quaternions).max() < 3e-6
    np.testing.assert_allclose(
        FORMAT.record(again).origins, FORMAT.record(particles).origins, atol=2e-6
    )
    for label in particles.table.numeric_columns:
        if not re.match("rlnAngle(Rot|Tilt|Psi)|rlnOrigin", label):
            np.testing.assert_array_equal(
                again.table.numeric(label), particles.table.numeric(label)
            )


def test_a_particle_without_a_pose_keeps_its_cells(tmp_path):
    text = made.optics() + made.particles(["1 nan 3 4 5", "10 20 30 4 5"], (*POSES, *ANGST[:2]))
    _, after = moved(tmp_path, text, SHIFT)
    assert list(after.table.cells(0).values()) == ["1", "nan", "3", "4", "5"]


def test_a_turn_alone_leaves_shifts_and_needs_none(tmp_path):
    bare = opened(tmp_path, made.angled((1, 2, 3), (4, 5, 6)))
    assert FORMAT.changes(bare, TURN).keys() == set(POSES)
    shifted = opened(tmp_path, SHAPES["3.1"])
    assert FORMAT.changes(shifted, TURN).keys() == set(POSES)


def test_priors_stay_as_near_to_their_poses_as_they_were(tmp_path):
    priors = ("rlnAngleTiltPrior", "rlnAnglePsiPrior")
    before, after = moved(tmp_path, table((*POSES, *priors), 30, 5), TURN)
    names = ("rlnAngleRot", *priors)  # a prior has no rot of its own
    turned = matrices(columns(before, names)) @ TURN.matrix.T
    expected = zyz(turned)
    got = columns(after, priors)
    np.testing.assert_allclose(got[:, 0], expected[:, 1], atol=1e-5)
    np.testing.assert_allclose(np.cos(np.radians(got[:, 1] - expected[:, 2])), 1)
    assert FORMAT.changes(before, TURN).keys() == {*POSES, *priors}


def test_no_angle_is_written_anew_where_nothing_turns(tmp_path):
    labels = (*POSES, "rlnAngleTiltPrior", "rlnAnglePsiPrior", *ANGST[:2])
    text = made.optics() + made.particles(["10.5 -2 30.25 3 30.25 1 1"], labels)
    before, after = moved(tmp_path, text, Motion(shift=np.array([3.0, -8, 12.5])))
    np.testing.assert_array_equal(columns(before, labels[:5]), columns(after, labels[:5]))
    assert np.abs(columns(before, ANGST[:2]) - columns(after, ANGST[:2])).max() > 1


@pytest.mark.parametrize("motion", [TURN, Motion(Rotation.from_euler("z", 33, True).as_matrix())])
def test_angles_and_their_priors_are_of_one_branch(tmp_path, motion):
    """RELION compares them one by one: a degree beside its prior, a tilt below 0 is still that."""
    priors = ("rlnAngleRotPrior", "rlnAngleTiltPrior", "rlnAnglePsiPrior")
    rng = np.random.default_rng(7)
    poses = rng.uniform(-180, 180, (200, 3))
    rows = np.hstack([poses, poses + rng.uniform(-1, 1, (200, 3))])
    rows = ["10.5 -2 30.25 10.5 3 30.25", *(" ".join(map(repr, row)) for row in rows.tolist())]
    text = made.optics() + made.particles(rows, (*POSES, *priors))
    before, after = moved(tmp_path, text, motion)
    near = Rotation.from_matrix(matrices(columns(before, POSES))).inv()
    apart = near * Rotation.from_matrix(matrices(columns(before, priors)))
    near = Rotation.from_matrix(matrices(columns(after, POSES))).inv()
    still = near * Rotation.from_matrix(matrices(columns(after, priors)))
    np.testing.assert_allclose(still.magnitude(), apart.magnitude(), atol=1e-7)
    tilts = np.abs(columns(after, priors)[:, 1] - columns(after, POSES)[:, 1])
    assert tilts.max() < 6
    psis = np.radians(columns(after, priors)[:, 2] - columns(after, POSES)[:, 2])
    safe = np.sin(np.radians(columns(after, priors)[:, 1])) > 0.2  # psi has a meaning of its own
    assert np.degrees(np.abs(np.angle(np.exp(1j * psis))))[safe].max() < 20


def test_priors_of_shifts_move_with_the_shifts(tmp_path):
    priors = ("rlnOriginXPriorAngst", "rlnOriginYPriorAngst")
    before, after = moved(tmp_path, table((*POSES, *ANGST[:2], *priors), 30, 5), SHIFT)
    apart = [columns(p, ANGST[:2]) - columns(p, priors) for p in (before, after)]
    np.testing.assert_allclose(*apart, atol=2e-6)
    assert np.abs(columns(before, priors) - columns(after, priors)).max() > 1


def test_a_turn_about_z_leaves_the_priors_of_a_helix(tmp_path):
    priors = ("rlnAngleTiltPrior", "rlnAnglePsiPrior")
    before = opened(tmp_path, table((*POSES, *priors), 30, 6))
    turn = Motion(Rotation.from_euler("z", 33, degrees=True).as_matrix())
    changes = FORMAT.changes(before, turn)
    for label in priors:
        np.testing.assert_allclose(changes[label], before.table.numeric(label), atol=1e-9)


REFUSED = {
    "no shifts": (made.angled((1, 2, 3)), SHIFT, "no column rlnOriginXAngst"),
    "half a shift": (table((*POSES, ANGST[0]), 3, 0), SHIFT, "no column rlnOriginYAngst"),
    "stray pixels": (table((*POSES, "rlnOriginX", "rlnOriginY"), 3, 0), SHIFT, "rlnOriginX"),
    "pixels of no known size": (
        table((*POSES, "rlnOriginX", "rlnOriginY"), 3, 0, "", ""),
        SHIFT,
        "pixel size",
    ),
    "mirrored subtomograms": (SHAPES["subtomograms"], Motion(motions.mirror("z")), "mirrored"),
    "flipped subtomograms": (SHAPES["subtomograms"], Motion(flip="x"), "mirrored"),
    "bodies": (
        SHAPES["3.1"] + made.loop("images_body_1", POSES, ["1 2 3"]),
        TURN,
        "data_images_body_1",
    ),
}


@pytest.mark.parametrize(("text", "motion", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_said_is_refused_in_words(tmp_path, text, motion, words):
    particles = opened(tmp_path, text)
    with pytest.raises(UserError, match=words) as caught:
        FORMAT.changes(particles, motion)
    assert caught.value.hint
