"""What a thinning will do to conical FSCs, against half-maps made of the thinned sampling."""

from __future__ import annotations

import numpy as np

from evenview.core.directional import DirectionalScores
from evenview.core.halfmaps import DirectionSums, Settings, bins_of_directions
from evenview.core.prediction import Predictor, directions_in_cones
from evenview.core.sampling import shell
from made_half_maps import as_pair, crossing_at, frequencies, half_maps


def test_a_prediction_is_what_the_thinned_maps_turn_out_to_be():
    n, views = 64, shell("C1")
    z, _y, _x, r = frequencies(n)

    def even(height):
        return 100 + 0 * height

    def crowded(height):
        return 100 + 900 * (1 - height**2) ** 4

    before, after = (
        half_maps(n, crossing_at(r, 18) * s(z / r) / 100, seed)
        for s, seed in ((crowded, 0), (even, 1))
    )
    settings = Settings(axes=64)
    old, new = (
        DirectionalScores.of(DirectionSums.of(as_pair(*maps)), 1.0, settings)
        for maps in (before, after)
    )
    height = views.points[:, 2]
    found = Predictor.of(old, views).after(crowded(height), even(height)).cones
    told = slice(6, 30)
    off = (found - new.cones)[:, told]
    unchanged = (old.cones - new.cones)[:, told]
    assert abs(np.nanmean(off)) < 0.02
    assert np.nanmean(np.abs(off)) < 0.5 * np.nanmean(np.abs(unchanged))


def test_resolution_and_cfar_of_a_prediction_are_those_of_the_thinned_maps():
    n, views = 64, shell("C1")
    z, _y, _x, r = frequencies(n)

    def crowded(height):
        return 100 + 900 * (1 - height**2) ** 4

    maps = half_maps(n, crossing_at(r, 18) * crowded(z / r) / 100)
    old = DirectionalScores.of(DirectionSums.of(as_pair(*maps)), 1.0, Settings(axes=64))
    height = views.points[:, 2]
    even = np.full(len(height), 100.0)
    found = Predictor.of(old, views).after(crowded(height), even)
    # Evenly sampled, every direction has the resolution of shell 18.
    np.testing.assert_allclose(found.resolutions, n / 18, rtol=0.15)
    assert old.cfar_robust < 0.3 < 0.6 < found.cfar_robust


def predictor(curves, views):
    axes = bins_of_directions().centers[: len(curves)]
    inside = directions_in_cones(axes, views, 20.0)
    return Predictor(curves, 20.0, 0.143, views.group.name, inside)


def test_no_thinning_predicts_no_change():
    views = shell("D2")
    sampled = np.random.default_rng(0).uniform(1, 50, len(views.points))
    curves = np.random.default_rng(1).uniform(-0.1, 0.99, (16, 20))
    same = predictor(curves, views).after(sampled, sampled)
    np.testing.assert_allclose(same.cones, curves, atol=1e-9)
    worse = predictor(curves, views).after(sampled * 20, sampled * 10)
    good = curves > 0
    f = curves[good]
    np.testing.assert_allclose(worse.cones[good], f / (2 - f), atol=1e-9)


def test_cones_hold_the_area_that_they_cover():
    """A double cone of 20° covers 1 - cos 20° of the sphere, whatever the symmetry."""
    axes = bins_of_directions().centers[::200]
    for name in ("C1", "D7", "O"):
        views = shell(name)
        inside = directions_in_cones(axes, views, 20.0)
        share = inside.sum(axis=1) / (len(views.points) * views.group.order)
        np.testing.assert_allclose(share, 1 - np.cos(np.radians(20)), rtol=0.1)
