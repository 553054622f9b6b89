from __future__ import annotations

import numpy as np
import pytest

from evenview.core.kernels.polygon import enclosed

Z = np.array([0.0, 0.0, 1.0])


def directions(n, seed=0):
    v = np.random.default_rng(seed).standard_normal((n, 3))
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def place(azimuth, elevation):
    a, e = np.radians(np.broadcast_arrays(azimuth, elevation))
    return np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)], axis=-1)


def twin(points, vertices, inside):
    """Winding of the line about each point, summed turn by turn: another road to the same answer.

    Seen from a point the line turns by a whole number of times; sides differ by an odd number.
    """

    def winding(p):
        east = np.cross(Z if abs(p[2]) < 0.9 else [1.0, 0, 0], p)
        east /= np.linalg.norm(east)
        angles = np.arctan2(vertices @ np.cross(p, east), vertices @ east)
        steps = np.angle(np.exp(1j * (np.roll(angles, -1) - angles)))
        return int(np.rint(steps.sum() / (2 * np.pi)))

    return np.array([winding(p) % 2 == 1 for p in points]) == (winding(inside) % 2 == 1)


@pytest.mark.parametrize("seed", range(12))
def test_small_ragged_polygons_agree_with_the_winding_number(seed):
    # Star-shaped about `inside`, within 60° of it; points far away wind 0 times, like all outside.
    rng = np.random.default_rng(seed)
    inside = directions(1, seed)[0]
    turns = np.sort(rng.uniform(0, 2 * np.pi, 40))
    east = np.cross(inside, directions(1, seed + 99)[0])
    east /= np.linalg.norm(east)
    radii = np.radians(rng.uniform(10, 60, 40))[:, None]
    around = np.cos(turns)[:, None] * east + np.sin(turns)[:, None] * np.cross(inside, east)
    vertices = np.cos(radii) * inside + np.sin(radii) * around
    points = directions(2000, seed + 7)
    points = points[points @ inside > 0.2]
    np.testing.assert_array_equal(
        enclosed(points, vertices, inside), twin(points, vertices, inside)
    )


@pytest.mark.parametrize("radius", [5, 60, 90, 120, 175])
def test_a_ring_of_vertices_is_a_cap_of_any_size(radius):
    axis = directions(1, 3)[0]
    east = np.cross(axis, Z)
    east /= np.linalg.norm(east)
    turns = np.linspace(0, 2 * np.pi, 721)[:-1, None]
    r = np.radians(radius)
    ring = np.cos(r) * axis + np.sin(r) * (
        np.cos(turns) * east + np.sin(turns) * np.cross(axis, east)
    )
    points = directions(20_000)
    away = np.degrees(np.arccos(points @ axis))
    clear = np.abs(away - radius) > 0.01
    found = enclosed(points, ring, axis)
    np.testing.assert_array_equal(found[clear], (away < radius)[clear])
    np.testing.assert_array_equal(enclosed(points, ring, -axis), ~found)


def test_points_on_a_stretch_gone_there_and_back_are_where_their_neighbours_are():
    # A band around the sphere from elevation 0° to 50°, cut open along azimuth 180°.
    azimuths = np.arange(-180, 181, 5.0)
    upper, lower = place(azimuths, 50.0), place(azimuths[::-1], 0.0)
    line = np.concatenate([upper, lower])
    on_cut = place(180.0, np.arange(5, 50, 5.0))
    assert enclosed(on_cut, line, place(0.0, 25.0)).all()
    assert not enclosed(place(180.0, np.array([-30.0, 80.0])), line, place(0.0, 25.0)).any()


def test_there_and_back_by_other_corners_is_still_nothing():
    out = place(180.0, np.array([0.0, 10.0, 40.0]))
    back = place(180.0, np.array([40.0, 33.3, 21.0, 7.0, 0.0]))
    line = np.concatenate([out, back])
    points = np.concatenate([place(180.0, np.arange(1, 40, 0.5)), directions(500)])
    assert enclosed(points, line, place(20.0, -20.0)).all()


def test_the_far_side_of_the_start_is_found():
    square = place(np.array([0, 90, 180, 270.0]), 60.0)
    assert not enclosed(-Z[None], square, Z).any()
    assert enclosed(Z[None], square, Z).all()
    assert enclosed(-Z[None], square, -Z).all()
