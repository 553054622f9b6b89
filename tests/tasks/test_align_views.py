"""The views before and after a map has moved are those of the files before and after."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.core import rotation
from evenview.core.motion import Motion, mirror
from evenview.core.progress import Cancelled
from evenview.tasks import transform
from evenview.tasks.align_views import views
from made import shifted, write_star

NOTHING = Motion(np.eye(3), np.zeros(3))
(TURN,) = rotation.to_matrix(rotation.from_axis_angle(np.array([[2.0, -1.0, 3.0]]), [57.0]))


#: Azimuth and elevation of the crowd, degrees.
AZIMUTH, ELEVATION = 40.0, 20.0
HOT = np.array([0.7198463, 0.6040228, 0.3420201])


@pytest.fixture
def star(tmp_path):
    """Half of the views within 0.3° of one direction, half everywhere."""
    rng = np.random.default_rng(7)
    angles = np.degrees(rng.uniform(-np.pi, np.pi, (4000, 3)))
    angles[:, 1] = np.degrees(np.arccos(rng.uniform(-1, 1, 4000)))
    angles[::2, :2] = rng.normal((AZIMUTH, 90 - ELEVATION), 0.1, (2000, 2))
    return shifted(write_star(tmp_path / "run_data.star", angles))


@pytest.mark.parametrize("flipped", [False, True])
def test_after_is_before_of_the_file_that_is_written(star, tmp_path, flipped):
    matrix = TURN @ mirror("z") if flipped else TURN
    motion = Motion(matrix, np.array([3.0, -2.0, 1.0]))
    target = tmp_path / "moved.star"
    steps = transform.Steps(turn=motion.matrix, shift=motion.shift)
    transform.run(transform.TransformRequest(star, target, steps))
    expected = views(target, NOTHING)
    found = views(star, motion)
    # angles are written with six decimals, which may move a view over the edge of a bin
    different = np.nan_to_num(found.after) != np.nan_to_num(expected.before)
    assert np.count_nonzero(different) < 4
    np.testing.assert_array_equal(expected.before, expected.after)


@pytest.mark.parametrize("flipped", [False, True])
def test_the_crowd_goes_with_the_map(star, flipped):
    """d' = M d; of a mirrored map, whose images are mirrored along the beam, d' = -M d."""
    matrix = TURN @ mirror("z") if flipped else TURN
    found = views(star, Motion(matrix, np.zeros(3)))
    moved = (-1.0 if flipped else 1.0) * matrix @ HOT
    for values, direction in ((found.before, HOT), (found.after, moved)):
        fullest = found.grid.centers[np.nanargmax(values)]
        assert fullest @ direction > np.cos(np.radians(6.0))
        there = np.isfinite(values)
        mean = (values[there] * found.grid.areas[there]).sum() / found.grid.areas.sum()
        np.testing.assert_allclose(mean, 1.0)  # multiples of uniform
    assert found.particles == found.placed == 4000


def test_counting_can_be_stopped(star):
    def stop(_fraction, phrase):
        if "Counting" in phrase:
            raise Cancelled

    with pytest.raises(Cancelled):
        views(star, NOTHING, stop)
