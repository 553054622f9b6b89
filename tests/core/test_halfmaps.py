from __future__ import annotations

import numpy as np
import pytest

from evenview.core.directional import DirectionalScores, areas, crossing_shells, robust_areas
from evenview.core.errors import UserError
from evenview.core.halfmaps import DirectionSums, Settings, axes_of, pair
from evenview.core.volume import Volume
from made_half_maps import as_pair, ball, crossing_at, frequencies, half_maps, poor_along_z
from shared_data import shared

TURN_Z = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]])


def sums_of(first, second):
    return DirectionSums.of(as_pair(first, second))


def scores_of(first, second, voxel_size=1.0, mask=None, **settings):
    sums = DirectionSums.of(as_pair(first, second, voxel_size, mask))
    return DirectionalScores.of(sums, voxel_size, Settings(**settings))


def brute_force(first, second, axes, half_angle):
    """Conical FSC by asking every voxel of every cone."""
    n = len(first)
    z, y, x, r = frequencies(n)
    one, two = np.fft.rfftn(first), np.fft.rfftn(second)
    shell = np.rint(r).astype(int)
    shell[0, 0, 0] = 0
    half = (x > 0) | (y > 0) | ((y == 0) & (z > 0))
    half &= (shell >= 1) & (shell <= n // 2) & ((x > 0) | (y >= 0))
    directions = np.stack([x, y, z], axis=-1) / r[..., None]
    out = np.full((len(axes), n // 2 + 1), np.nan)
    for row, axis in zip(out, axes, strict=True):
        inside = half & (np.abs(directions @ axis) >= np.cos(np.radians(half_angle)))
        s = shell[inside]
        cross, a, b = (
            np.bincount(s, part[inside], n // 2 + 1)
            for part in ((one * two.conj()).real, np.abs(one) ** 2, np.abs(two) ** 2)
        )
        there = a * b > 0
        row[there] = cross[there] / np.sqrt(a[there] * b[there])
    return out


def test_cones_are_what_every_voxel_says():
    axes = axes_of(Settings(axes=16))
    small, large = poor_along_z(32, 6, 12), poor_along_z(64, 12, 24)
    ours = sums_of(*small).directional(axes, "cone", 20.0)
    np.testing.assert_allclose(ours, brute_force(*small, axes, 20.0), atol=1e-5)
    off = np.abs(sums_of(*large).directional(axes, "cone", 20.0) - brute_force(*large, axes, 20.0))
    assert np.nanmax(off[:, :17]) < 1e-5
    # Voxels on the border of a cone count in part.
    assert off[:, 17:].mean() < 0.02


def test_cones_of_a_reference():
    with np.load(shared("vectors/cone_fsc_32.npz")) as known:
        ours = sums_of(known["h1"], known["h2"]).directional(
            known["axes"], "cone", float(known["half_angle"])
        )
        np.testing.assert_allclose(ours, known["cfsc"], atol=1e-6)
        assert areas(ours, 0.143).ratio == pytest.approx(float(known["cfar_w2"]), rel=1e-4)


def test_resolution_along_each_axis_is_where_the_noise_puts_it():
    scores = scores_of(*poor_along_z(64, 12, 24), voxel_size=1.5)
    off_axis = np.degrees(np.arccos(scores.axes[:, 2]))
    poor, good = scores.resolutions[off_axis < 25], scores.resolutions[off_axis > 65]
    assert np.median(poor) == pytest.approx(64 * 1.5 / 12, rel=0.05)
    assert np.median(good) == pytest.approx(64 * 1.5 / 24, rel=0.05)
    assert 64 * 1.5 / 24 < scores.resolution < 64 * 1.5 / 12
    better, worse = scores.resolution_range
    assert better < scores.resolution < worse


def test_a_view_along_the_good_axis_of_poor_maps_carries_the_most():
    # The plane that a view along z samples holds none of the poor directions around z.
    scores = scores_of(*poor_along_z(64, 12, 24))
    height = scores.axes[:, 2]
    signal = scores.relative_signal
    assert signal[height > 0.97].min() > signal[height < 0.2].max()
    assert 0.0 < scores.cfar_robust < scores.tfar < 1.0


def test_even_maps_score_near_one_and_uneven_ones_far_below():
    n = 96
    envelope = ball(n, 36)
    maps = half_maps(n, crossing_at(frequencies(n)[3], 36), envelope=envelope)
    masked, bare = scores_of(*maps, mask=envelope), scores_of(*maps)
    assert masked.cfar_robust > 0.7
    assert masked.tfar > 0.8
    assert masked.resolution < bare.resolution
    # The noise in an empty corner is no signal: without a mask it hides some.
    assert np.nanmean(masked.fsc - bare.fsc) > 0.02
    assert scores_of(*poor_along_z(64, 12, 24)).cfar_robust < 0.3


def test_one_noisy_shell_decides_the_plain_score_alone():
    curves = np.tile(np.linspace(1.0, 0.0, 65), (8, 1))
    curves[3, 20] = 0.1
    assert areas(curves, 0.143).ratio < 0.2
    assert robust_areas(curves, 0.143).ratio > 0.95


def test_a_crossing_lies_between_shells():
    shell = np.arange(65)
    curves = np.stack([1.0 - shell / 50.0, 1.0 - shell / 40.0, np.ones(65)])
    found = crossing_shells(curves, 0.143)
    np.testing.assert_allclose(found, [50 * 0.857, 40 * 0.857, 64], atol=1e-9)


def test_directions_without_any_data_have_an_fsc_of_zero():
    z, _y, _x, r = frequencies(48)
    empty = np.abs(z) / r > np.cos(np.radians(30))
    first, second = half_maps(48, np.full(r.shape, 9.0))
    sums = DirectionSums.of(as_pair(first, second))
    sums.outer[np.abs(_centers()[:, 2]) > np.cos(np.radians(30))] = 0.0
    curves = sums.directional(np.array([[0.0, 0.0, 1.0]]), "cone", 20.0)
    assert empty.any()
    assert (curves[0, 17:] == 0.0).all()


def _centers():
    from evenview.core.halfmaps import bins_of_directions

    return bins_of_directions().centers


def test_turned_maps_have_turned_curves():
    first, second = poor_along_z(48, 9, 18)
    axes = axes_of(Settings(axes=64))
    for plane, turn in (((1, 2), TURN_Z), ((0, 1), np.roll(TURN_Z, 1, (0, 1)))):
        # The middle voxel stays: an even box loses its first section, an odd one nothing.
        a, b = (values[1:, 1:, 1:] for values in (first, second))
        before = sums_of(np.ascontiguousarray(a), np.ascontiguousarray(b))
        turned = [np.ascontiguousarray(np.rot90(v, -1, axes=plane)) for v in (a, b)]
        after = sums_of(*turned)
        old = before.directional(axes, "cone", 20.0)
        same = [
            np.nanmean(np.abs(after.directional(axes @ t, "cone", 20.0) - old))
            for t in (turn, turn.T)
        ]
        assert min(same) < 0.004
        np.testing.assert_allclose(after.fsc(), before.fsc(), atol=1e-5)


def test_the_maps_may_change_places_and_scale():
    first, second = poor_along_z(32, 6, 12)
    a, b = scores_of(first, second), scores_of(3 * second, 0.5 * first)
    np.testing.assert_allclose(a.cones, b.cones, atol=1e-4)  # single precision
    assert a.cfar_robust == pytest.approx(b.cfar_robust, rel=1e-3)


def made(values=None, voxel_size=1.2, name="a.mrc", **more):
    if values is None:
        values = np.random.default_rng(len(name)).standard_normal((16, 16, 16))
    return Volume(np.asarray(values, np.float32), voxel_size, name=name, **more)


OTHER = "another.mrc"
RNG = np.random.default_rng(9)


@pytest.mark.parametrize(
    ("second", "mask", "words"),
    [
        (made(voxel_size=None, name=OTHER), None, ["pixel size", "--pixel-size", OTHER]),
        (made(voxel_size=1.3, name=OTHER), None, ["1.2 and 1.3 Å", "--pixel-size"]),
        (made(np.ones((16, 16, 16)), name=OTHER), None, ["flat"]),
        (made(np.eye(18)[None] * np.ones((18, 1, 1)), name=OTHER), None, ["18 × 18 × 18"]),
        (made(RNG.random((16, 16, 20)), name=OTHER), None, ["not a cube", "20 × 16 × 16"]),
        (made(stretch=(1, 1, 2), name=OTHER), None, ["not cubes"]),
        (made(), None, ["same map"]),
        (made(name=OTHER), made(np.zeros((16, 16, 16))), ["empty"]),
        (made(name=OTHER), made(np.ones((20, 20, 20))), ["mask", "20 × 20 × 20"]),
        (made(name=OTHER), made(9 * RNG.random((16, 16, 16))), ["not a mask"]),
    ],
)
def test_maps_that_cannot_be_compared_get_one_sentence(second, mask, words):
    with pytest.raises(UserError) as error:
        pair(made(), second, mask)
    for word in words:
        assert word in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("size", [0.0001, 3000.0])
def test_an_absurd_pixel_size_can_be_put_right(size):
    maps = made(voxel_size=size), made(voxel_size=size, name=OTHER)
    with pytest.raises(UserError, match="--pixel-size"):
        pair(*maps)
    assert pair(*maps, voxel_size=1.1).voxel_size == 1.1
    with pytest.raises(UserError, match="cannot be right"):
        pair(*maps, voxel_size=size)


@pytest.mark.parametrize("wrong", [{"half_angle": 0.0}, {"axes": 1}, {"threshold": 1.0}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(UserError, match="usual"):
        Settings(**wrong)
