"""Small parts: themes, keys, bars, normals, pieces of lines, plain words without OpenGL."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.core.errors import UserError
from evenview.render import canvas
from evenview.render.labels import _picture
from evenview.render.lines import segments_of
from evenview.render.solids import TALLEST, bars, fitted, vertex_normals
from evenview.render.theme import DARK, LIGHT
from evenview.tasks.drawing import inks


def luminance(color):
    """Relative luminance of sRGB (WCAG 2)."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_text_reads_on_its_ground(theme):
    assert contrast(theme.foreground, theme.background) > 7
    assert contrast(theme.muted, theme.background) > 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_accent_stands_out_from_its_casing(theme):
    assert contrast(theme.accent, theme.casing) > 3


def test_what_is_empty_has_the_same_grey_on_paper_and_on_a_light_screen():
    assert LIGHT.empty_bytes == inks.EMPTY


def test_a_line_is_not_joined_over_a_gap():
    line = np.array([[0, 0], [1, 0], [np.nan, np.nan], [2, 0], [3, 0.0]])
    np.testing.assert_array_equal(segments_of(line), [[[0, 0], [1, 0]], [[2, 0], [3, 0]]])


def test_a_bar_stands_on_its_bin_and_empty_bins_have_none():
    centers = np.array([[0, 0, 1.0], [1, 0, 0], [0, -1, 0]])
    heights = np.array([1.0, 0.0, np.nan])
    vertices, normals, faces, bins = bars(centers, np.full(3, 0.01), heights)
    assert set(bins.tolist()) == {0}
    assert vertices[:, 2].min() == pytest.approx(1.0)
    assert vertices[:, 2].max() == pytest.approx(1.0 + TALLEST)
    assert np.hypot(*vertices[:, :2].T).max() < 0.05
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1)
    assert faces.max() < len(vertices)


def test_triangles_of_bars_face_outwards():
    vertices, normals, faces, _ = bars(np.eye(3), np.full(3, 0.01), np.ones(3))
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    assert (np.einsum("ij,ij->i", np.cross(b - a, c - a), normals[faces].sum(axis=1)) > 0).all()


def test_no_bars_at_all_is_fine():
    vertices, _, faces, _ = bars(np.eye(3), np.ones(3), np.zeros(3))
    assert len(vertices) == len(faces) == 0


def test_normals_of_a_ball_point_outwards():
    from scipy.spatial import ConvexHull

    points = np.random.default_rng(0).normal(size=(400, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    hull = ConvexHull(points)
    faces = hull.simplices.copy()
    corners = points[faces]
    inward = (
        np.einsum(
            "ij,ij->i",
            np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]),
            corners[:, 0],
        )
        < 0
    )
    faces[inward] = faces[inward][:, ::-1]
    normals = vertex_normals(points, faces)
    assert np.einsum("ij,ij->i", normals, points).min() > 0.9


def test_a_surface_is_scaled_about_the_middle_of_the_box():
    scaled = fitted([[0, 0, 30.0], [10, 0, 0]], 0.6)
    np.testing.assert_allclose(scaled, [[0, 0, 0.6], [0.2, 0, 0]])


def test_texts_have_ink_and_turn_upwards():
    across, upwards = _picture("elevation (°)", 12, False), _picture("elevation (°)", 12, True)
    assert across.shape[0] < across.shape[1]
    assert upwards.shape[:2] == across.shape[1::-1]
    assert across[..., 0].max() > 200
    assert (across[..., 1] >= across[..., 0]).all()


def test_without_opengl_the_error_is_plain(monkeypatch, qapp):
    def fail(*_args, **_kwargs):
        raise RuntimeError("glXChooseVisual failed")

    monkeypatch.setattr(canvas.app, "Canvas", fail)
    canvas.check_gl.cache_clear()
    with pytest.raises(UserError, match="OpenGL does not start"):
        canvas.check_gl()
    canvas.check_gl.cache_clear()


def test_an_ancient_opengl_is_refused_in_words(monkeypatch, qapp):
    monkeypatch.setattr(canvas.gl, "glGetParameter", lambda _name: "1.4 Mesa")
    canvas.check_gl.cache_clear()
    with pytest.raises(UserError, match=r"2\.1 or later"):
        canvas.check_gl()
    canvas.check_gl.cache_clear()


def test_software_renderers_are_known_by_name():
    assert canvas.GlInfo("4.5", "llvmpipe (LLVM 15.0.6, 256 bits)").is_software
    assert not canvas.GlInfo("4.6", "NVIDIA H200/PCIe/SSE2").is_software
