from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.core.errors import UserError
from evenview.core.volume import FACE_BUDGET, Volume, block_mean, default_level, isosurface


def ball(n=48, radius=15.0, voxel_size=1.0, offset=(0.0, 0.0, 0.0)):
    """Density that falls by 1 per voxel and is 0 on a sphere about the centre voxel (+ offset)."""
    z, y, x = np.meshgrid(*[np.arange(n) - n // 2] * 3, indexing="ij")
    dx, dy, dz = offset
    distance = np.sqrt((x - dx) ** 2 + (y - dy) ** 2 + (z - dz) ** 2)
    return Volume((radius - distance).astype(np.float32), voxel_size)


def crosses(surface):
    a, b, c = (surface.vertices[surface.faces[:, i]].astype(float) for i in range(3))
    return a, b, c, np.cross(b - a, c - a)


def area(surface):
    return np.linalg.norm(crosses(surface)[3], axis=1).sum() / 2


def enclosed(surface):
    a, b, c, _ = crosses(surface)
    return np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6


def directed_edges(surface):
    faces = surface.faces.astype(int)
    return Counter(
        (int(i), int(j))
        for k in range(3)
        for i, j in zip(faces[:, k], faces[:, k - 2], strict=True)
    )


def euler_characteristic(surface):
    return len(surface.vertices) - len(directed_edges(surface)) // 2 + len(surface.faces)


def assert_watertight(surface):
    """Every edge is run once each way: closed, and all faces turned alike."""
    edges = directed_edges(surface)
    assert set(edges.values()) == {1}
    assert all((j, i) in edges for i, j in edges)


def test_a_ball_has_the_area_and_the_volume_of_a_sphere():
    surface = isosurface(ball(voxel_size=2.0), 0.0)
    assert area(surface) == pytest.approx(4 * np.pi * 30**2, rel=0.01)
    assert enclosed(surface) == pytest.approx(4 / 3 * np.pi * 30**3, rel=0.01)
    np.testing.assert_allclose(np.linalg.norm(surface.vertices, axis=1), 30, atol=0.3)


def test_a_ball_is_one_closed_surface_without_a_hole():
    surface = isosurface(ball(), 0.0)
    assert_watertight(surface)
    assert euler_characteristic(surface) == 2


def test_a_ring_has_one_hole():
    z, y, x = np.meshgrid(*[np.arange(40) - 20] * 3, indexing="ij")
    values = 4.0 - np.hypot(np.hypot(x, y) - 12.0, z)
    surface = isosurface(Volume(values.astype(np.float32), 1.0), 0.0)
    assert_watertight(surface)
    assert euler_characteristic(surface) == 0
    assert enclosed(surface) == pytest.approx(2 * np.pi**2 * 12 * 4**2, rel=0.03)


def test_faces_and_normals_look_outward():
    surface = isosurface(ball(), 0.0)
    a, b, c, normals = crosses(surface)
    assert (np.einsum("ij,ij->i", normals, a + b + c) > 0).all()
    radial = surface.vertices / np.linalg.norm(surface.vertices, axis=1)[:, None]
    assert np.einsum("ij,ij->i", surface.normals, radial).min() > 0.97
    np.testing.assert_allclose(np.linalg.norm(surface.normals, axis=1), 1, atol=1e-5)


@given(
    offset=st.tuples(*[st.floats(-6, 6)] * 3),
    n=st.integers(40, 47),
)
def test_a_ball_stands_where_it_is_in_x_y_z_about_the_centre_voxel(offset, n):
    surface = isosurface(ball(n, 9.0, offset=offset), 0.0)
    middle = (surface.vertices.max(axis=0) + surface.vertices.min(axis=0)) / 2
    np.testing.assert_allclose(middle, offset, atol=0.35)


def test_boxes_need_not_be_cubes_and_voxels_may_be_stretched():
    values = ball(48).values[8:, 4:44, :]
    surface = isosurface(Volume(values, 2.0, stretch=(1.0, 1.0, 1.5)), 0.0)
    size = np.ptp(surface.vertices, axis=0)
    np.testing.assert_allclose(size, [60, 60, 90], atol=1.0)
    # the centre voxel of the cut box is 4 voxels above the ball's in z, and the same in y
    middle = (surface.vertices.max(axis=0) + surface.vertices.min(axis=0)) / 2
    np.testing.assert_allclose(middle, [0, 0, -4 * 3.0], atol=0.5)


def test_a_surface_cut_by_the_box_is_closed_at_its_border():
    values = ball(48, 20.0).values[:, :, 24:]
    surface = isosurface(Volume(values, 1.0), 0.0)
    assert_watertight(surface)
    assert enclosed(surface) == pytest.approx(2 / 3 * np.pi * 20**3, rel=0.06)


@pytest.mark.parametrize("n", [96, 101])
def test_a_fine_map_is_drawn_within_the_budget_at_the_same_place(n):
    volume = ball(n, 40.0, offset=(3.0, -2.0, 1.0))
    whole = isosurface(volume, 0.0, budget=10**9)
    light = isosurface(volume, 0.0, budget=5000)
    assert len(whole.faces) > 5000 >= len(light.faces)
    assert enclosed(light) == pytest.approx(enclosed(whole), rel=0.03)
    np.testing.assert_allclose(light.vertices.mean(axis=0), whole.vertices.mean(axis=0), atol=0.3)
    assert_watertight(light)


def test_noise_stays_within_the_budget():
    noise = np.random.default_rng(0).normal(size=(90, 90, 90)).astype(np.float32)
    assert 0 < len(isosurface(Volume(noise, 1.0), 0.1).faces) <= FACE_BUDGET


def test_block_mean_keeps_the_mean():
    values = np.random.default_rng(0).normal(size=(12, 6, 9)).astype(np.float32)
    coarse = block_mean(values, 3)
    assert coarse.shape == (4, 2, 3)
    assert coarse.mean() == pytest.approx(values.mean(), abs=1e-6)
    assert coarse[0, 0, 0] == pytest.approx(values[:3, :3, :3].mean(), abs=1e-6)
    assert block_mean(values, 5).shape == (3, 2, 2)


@pytest.mark.parametrize(("radius", "noise"), [(8, 0.05), (12, 0.2), (20, 0.02), (30, 0.0)])
def test_the_first_level_shows_the_particle_and_not_the_noise(radius, noise):
    solid = ball(80, float(radius)).values
    values = np.clip(solid, 0, 1) + np.random.default_rng(0).normal(0, noise, solid.shape)
    level = default_level(Volume(values.astype(np.float32), 1.0))
    shown = values >= level
    assert shown[solid > 2].mean() > 0.3
    assert shown[solid < 0].mean() < 0.01


def test_a_level_that_nothing_crosses_is_said():
    with pytest.raises(UserError, match="no surface at the level 99"):
        isosurface(ball(), 99.0)
    with pytest.raises(UserError, match="no surface"):
        isosurface(Volume(np.ones((5, 5, 5), np.float32), 1.0))
    with pytest.raises(UserError, match="no surface"):
        isosurface(ball(), float("nan"))


def test_the_smallest_part_of_a_map_has_a_surface():
    values = np.zeros((3, 3, 3), np.float32)
    values[0, 1, 2] = 1.0
    surface = isosurface(Volume(values, None), 0.5)
    assert_watertight(surface)
    assert euler_characteristic(surface) == 2
    np.testing.assert_allclose(surface.vertices.mean(axis=0), [1, 0, -1], atol=1e-6)
