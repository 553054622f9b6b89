"""Star files of Warp and M: the first of several points in time, RELION's angles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_star as made
from evenview.core import rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError
from evenview.formats import find_format, open_particles
from shared_data import shared

ANGLES = tuple(f"wrpAngle{name}" for name in ("Rot", "Tilt", "Psi"))
POINTS = [tuple(f"{label}{point}" for label in ANGLES) for point in (1, 2, 3)]
OTHERS = ("wrpRandomSubset", "wrpSourceName", "wrpSourceHash")
FIRST = ((10.5, 20.25, 30.0), (90.0, 95.0, -45.125))
LATER = "1 2 3"


def text(points: int = 1) -> str:
    labels = [label for names in POINTS[:points] for label in names]
    rows = [
        " ".join([*map(str, angles), *[LATER] * (points - 1), f"{k + 1} ts.tomostar _Rq-{k}"])
        for k, angles in enumerate(FIRST)
    ]
    return made.loop("", (*labels, *OTHERS), rows)


@pytest.mark.parametrize("points", [1, 3])
def test_the_first_point_in_time_is_drawn(tmp_path, points):
    particles = made.opened(tmp_path, text(points))
    expected = Rotation.from_euler("ZYZ", FIRST, degrees=True).inv().as_matrix()
    np.testing.assert_allclose(rotation.to_matrix(particles.quaternions), expected, atol=1e-12)
    np.testing.assert_array_equal(particles.halves, [1, 2])
    assert particles.pixel_size is None
    assert particles.table.format_name == "Warp/M star"


def test_more_points_in_time_are_told(tmp_path):
    assert made.opened(tmp_path, text()).notes == ()
    (note,) = made.opened(tmp_path, text(3)).notes
    assert "3 points in time" in str(note)


def test_points_may_come_in_any_order_of_columns(tmp_path):
    labels = (*POINTS[1][::-1], *POINTS[0][::-1])
    rows = [" ".join([LATER, *map(str, angles[::-1])]) for angles in FIRST]
    particles = made.opened(tmp_path, made.loop("particles", labels, rows))
    plain = made.opened(tmp_path, text())
    np.testing.assert_array_equal(particles.quaternions, plain.quaternions)


def test_values_that_begin_as_labels_do_are_values(tmp_path):
    assert made.opened(tmp_path, text()).table.cells(1)["wrpSourceHash"] == "_Rq-1"


def test_a_list_of_tilt_images_is_told_from_particles(tmp_path):
    tomostar = made.loop("", ("wrpMovieName", "wrpAngleTilt", "wrpDose"), ["a.mrc -60 0.0"])
    with pytest.raises(NoOrientationsError, match="tomostar"):
        made.opened(tmp_path, tomostar)
    positions = made.loop("", ("wrpCoordinateX1", "wrpCoordinateY1"), ["1 2"])
    with pytest.raises(NoOrientationsError, match="positions without orientations"):
        made.opened(tmp_path, positions)


def test_a_word_for_an_angle_is_said_where_it_is(tmp_path):
    with pytest.raises(MalformedFileError, match=r"line 11, column 2 \(wrpAngleTilt1\).*\"up\""):
        made.opened(tmp_path, text().replace("95.0", "up"))


def test_the_real_species_reads_whole():
    particles = open_particles(shared("real/warp/m_species.star"))
    assert len(particles) == particles.n_placed == 17_440
    assert np.bincount(particles.halves).tolist() == [0, 8742, 8698]
    assert particles.notes == ()
    tilt = particles.table.numeric("wrpAngleTilt1")
    np.testing.assert_allclose(particles.directions[:, 2], np.cos(np.radians(tilt)), atol=1e-12)
    hashes = [particles.table.cells(row)["wrpSourceHash"] for row in range(0, 17_440, 10)]
    assert any(value.startswith("_") for value in hashes)


def test_what_warp_wrote_for_relion_is_relion_s():
    path = shared("real/warp/warp_relion30.star")
    assert find_format(path).name == "relion-star"
    assert len(open_particles(path)) == 1399
