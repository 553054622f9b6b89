"""What M's files say of a row, made anew and moved: at every point in time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_star
from evenview.core import rotation
from evenview.core.errors import UserError
from evenview.core.motion import Motion, mirror
from evenview.formats import formats, open_particles
from evenview.tasks.described import completed, record_of
from made_record import PIXEL, N, record
from shared_data import shared

FORM = formats()["warp-star"]
POINTS = np.random.default_rng(4).normal(0, 10, (6, 3))
TURN = Rotation.from_euler("xyz", [20, 50, -70], degrees=True).as_matrix()
SHIFT = np.array([4.0, -3.0, 2.0])


def opened(folder, angle_points=1, position_points=1, z=30.0):
    """Three particles, each of its points in time other than the others."""
    rng = np.random.default_rng(1)
    labels = [f"wrpCoordinate{x}{k + 1}" for k in range(position_points) for x in "XYZ"]
    labels += [f"wrpAngle{x}{k + 1}" for k in range(angle_points) for x in ("Rot", "Tilt", "Psi")]
    rows = []
    for row in range(3):
        places = rng.uniform(10, 90, (position_points, 3))
        places[:, 2] = z and places[:, 2] + z
        angles = rng.uniform(5, 170, (angle_points, 3))
        cells = [f"{value:.5f}" for value in (*places.ravel(), *angles.ravel())]
        rows.append(" ".join([*cells, str(row % 2 + 1), f"ts{row}.tomostar hash{row}"]))
    text = made_star.loop("", [*labels, "wrpRandomSubset", "wrpSourceName", "wrpSourceHash"], rows)
    return made_star.opened(folder, text)


def matrices(table, point: int) -> np.ndarray:
    angles = [table.numeric(f"wrpAngle{x}{point}") for x in ("Rot", "Tilt", "Psi")]
    return Rotation.from_euler("ZYZ", np.column_stack(angles), degrees=True).inv().as_matrix()


def positions(table, point: int) -> np.ndarray:
    return np.column_stack([table.numeric(f"wrpCoordinate{x}{point}") for x in "XYZ"])


def seen(a: np.ndarray, where: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Where points of the map stand in the tomogram."""
    return where[:, None] + np.einsum("nij,pj->npi", a, points)


def test_positions_are_in_angstroms_or_in_the_pixels_that_are_known(tmp_path):
    particles = opened(tmp_path)
    plain = record_of(particles)
    where = positions(particles.table, 1)
    assert plain.subtomograms
    assert plain.tomograms.texts() == ["ts0.tomostar", "ts1.tomostar", "ts2.tomostar"]
    np.testing.assert_array_equal(plain.coordinates.values, where)
    assert plain.coordinates.pixel_size.tolist() == [1, 1, 1]
    sized = record_of(completed(particles, 2.5))
    np.testing.assert_allclose(sized.coordinates.values, where / 2.5)
    assert sized.coordinates.pixel_size.tolist() == [2.5] * 3


def test_particles_without_a_depth_are_images_of_micrographs(tmp_path):
    said = record_of(opened(tmp_path, z=0))
    assert not said.subtomograms
    assert said.coordinates.values.shape == (3, 2)
    assert said.tomograms is None
    assert said.micrographs.words[0] == "ts0.tomostar"


def test_only_what_is_said_is_taken(tmp_path):
    said = record_of(opened(tmp_path, 2, 2))
    left = set(opened(tmp_path, 2, 2).table.cells(0)) - said.taken
    assert left == {
        *("wrpCoordinateX2", "wrpCoordinateY2", "wrpCoordinateZ2", "wrpSourceHash"),
        *("wrpAngleRot2", "wrpAngleTilt2", "wrpAnglePsi2"),
    }


@pytest.mark.parametrize(("angles", "places"), [(1, 1), (3, 3), (1, 4)])
def test_every_point_in_time_sees_the_moved_map_at_its_old_place(tmp_path, angles, places):
    particles = opened(tmp_path, angles, places)
    changes = FORM.changes(particles, Motion(TURN, SHIFT))
    particles.table.write_changed(tmp_path / "out", changes)
    after = open_particles(tmp_path / "out").table
    for point in range(1, places + 1):
        angle = min(point, angles)
        before = seen(matrices(particles.table, angle), positions(particles.table, point), POINTS)
        now = seen(matrices(after, angle), positions(after, point), POINTS @ TURN.T + SHIFT)
        np.testing.assert_allclose(now, before, atol=1e-4)


def test_a_turn_alone_leaves_every_position(tmp_path):
    changes = FORM.changes(opened(tmp_path, 2, 3), Motion(TURN))
    assert set(changes) == {f"wrpAngle{x}{k}" for x in ("Rot", "Tilt", "Psi") for k in (1, 2)}


def test_points_in_time_that_do_not_belong_together_are_not_guessed(tmp_path):
    with pytest.raises(UserError, match="2 points in time and positions at 3"):
        FORM.changes(opened(tmp_path, 2, 3), Motion(TURN, SHIFT))


def test_what_poses_cannot_say_is_refused(tmp_path):
    with pytest.raises(UserError, match="subtomograms cannot be mirrored"):
        FORM.changes(opened(tmp_path), Motion(mirror("z")))
    with pytest.raises(UserError, match="cuts its images"):
        FORM.changes(opened(tmp_path, z=0), Motion(flip="y"))
    text = made_star.loop("", [f"wrpAngle{x}1" for x in ("Rot", "Tilt", "Psi")], ["10 20 30"])
    with pytest.raises(UserError, match="no shifts"):
        FORM.changes(made_star.opened(tmp_path, text), Motion(shift=SHIFT))


def test_images_of_a_mirrored_map_stand_where_they_were(tmp_path):
    particles = opened(tmp_path, z=0)
    flip = mirror("z")
    particles.table.write_changed(tmp_path / "out", FORM.changes(particles, Motion(flip, SHIFT)))
    after = open_particles(tmp_path / "out").table
    before = seen(matrices(particles.table, 1), positions(particles.table, 1), POINTS)
    now = seen(matrices(after, 1), positions(after, 1), POINTS @ flip + SHIFT)
    np.testing.assert_allclose(now[..., :2], before[..., :2], atol=1e-4)
    np.testing.assert_array_equal(positions(after, 1)[:, 2], 0)


def test_a_new_file_has_m_s_columns_and_shifts_in_the_positions(tmp_path):
    source = record(subtomograms=True)
    created = FORM.create(tmp_path / "made", source)
    table = open_particles(tmp_path / "made").table
    assert list(table.cells(0)) == [
        *("wrpCoordinateX1", "wrpCoordinateY1", "wrpCoordinateZ1"),
        *("wrpAngleRot1", "wrpAngleTilt1", "wrpAnglePsi1"),
        *("wrpRandomSubset", "wrpSourceName", "wrpSourceHash"),
    ]
    expected = source.coordinates.values * PIXEL - source.origins
    np.testing.assert_allclose(positions(table, 1), expected, atol=1e-6)
    assert "box size" in created.dropped
    assert "shifts" not in created.dropped
    assert any("wrpSourceHash" in words for words in created.filled)


def test_half_sets_that_nobody_gave_are_given_in_turn(tmp_path):
    halves = np.array([0, 2] * (N // 2), np.int8)
    created = FORM.create(tmp_path / "made", replace(record(), halves=halves))
    subsets = open_particles(tmp_path / "made").table.numeric("wrpRandomSubset")
    assert subsets.tolist() == [1, 2] * (N // 2)
    assert any("in turn" in words for words in created.filled)


def test_positions_that_are_not_known_are_asked_for(tmp_path):
    source = record(subtomograms=True)
    missing = {
        "does not say them": None,
        "need not be that of the images": replace(source.coordinates, pixel_size=None),
        "centre of each tomogram": replace(source.coordinates, unit="centred"),
    }
    for words, coordinates in missing.items():
        with pytest.raises(UserError, match=words):
            FORM.create(tmp_path / "made", replace(source, coordinates=coordinates))
    plain = replace(
        source, pixel_size=None, coordinates=replace(source.coordinates, pixel_size=None)
    )
    with pytest.raises(UserError, match="--pixel-size"):
        FORM.create(tmp_path / "made", plain)
    assert not (tmp_path / "made").exists()


def test_the_real_species_is_made_anew_and_moved_there_and_back(tmp_path):
    particles = open_particles(shared("real/warp/m_species.star"))
    said = record_of(particles)
    assert said.subtomograms
    FORM.create(tmp_path / "made", said)
    back = record_of(open_particles(tmp_path / "made"))
    assert rotation.angle_between(said.quaternions, back.quaternions).max() < 2e-6
    np.testing.assert_allclose(back.coordinates.values, said.coordinates.values, atol=1e-6)
    np.testing.assert_array_equal(back.halves, said.halves)
    assert back.tomograms.texts() == said.tomograms.texts()
    particles.table.write_changed(tmp_path / "there", FORM.changes(particles, Motion(TURN, SHIFT)))
    there = open_particles(tmp_path / "there")
    home = Motion(TURN.T, -TURN.T @ SHIFT)
    there.table.write_changed(tmp_path / "again", FORM.changes(there, home))
    again = open_particles(tmp_path / "again")
    assert rotation.angle_between(said.quaternions, again.quaternions).max() < 1e-5
    np.testing.assert_allclose(positions(again.table, 1), positions(particles.table, 1), atol=1e-5)
