from __future__ import annotations

import math

import mrcfile
import numpy as np
import pytest

from evenview.core.fsc_volume import FscVolume, sphericity
from evenview.core.halfmaps import DirectionSums, Settings, bins_of_directions
from evenview.formats.volume_mrc import open_volume
from evenview.formats.volume_writing import write_volume
from made_half_maps import as_pair, poor_along_z


def volume_with_edge(edge, n=96):
    """A 3DFSC that is 1 up to the shell `edge` (B,) of each direction, 0 beyond."""
    values = (np.arange(n // 2 + 1)[None] <= np.reshape(edge, (-1, 1))).astype(float)
    return FscVolume(n, float(n), values)


def test_an_even_volume_is_a_ball():
    bins = len(bins_of_directions().centers)
    assert volume_with_edge(np.full(bins, 30)).sphericity == pytest.approx(1.0, abs=0.01)


def test_a_flat_one_has_the_sphericity_of_its_spheroid():
    z = bins_of_directions().centers[:, 2]
    wide, high = 40.0, 20.0
    edge = 1.0 / np.sqrt((1 - z * z) / wide**2 + z * z / high**2)
    e = math.sqrt(1 - (high / wide) ** 2)
    area = 2 * math.pi * wide**2 * (1 + (1 - e * e) / e * math.atanh(e))
    inside = 4 / 3 * math.pi * wide**2 * high
    truth = math.pi ** (1 / 3) * (6 * inside) ** (2 / 3) / area
    assert volume_with_edge(edge).sphericity == pytest.approx(truth, abs=0.02)


def test_a_volume_that_ends_at_once_is_small_but_has_a_shape():
    bins = len(bins_of_directions().centers)
    assert 0.9 < volume_with_edge(np.full(bins, 0)).sphericity < 1.01
    nothing = np.zeros((8, 8, 8), np.float32)
    assert sphericity(nothing) == 0.0


def test_large_structures_always_belong_to_the_good_part():
    # A box of 2000 Å: the first shell that is asked is the tenth.
    values = volume_with_edge(np.full(len(bins_of_directions().centers), 30)).values.copy()
    even = FscVolume(96, 2000.0, values.copy()).sphericity
    values[bins_of_directions().centers[:, 2] > 0.7, 5] = 0.0
    assert FscVolume(96, 2000.0, values).sphericity == even
    assert FscVolume(96, 96.0, values).sphericity < 0.9 * even


def test_half_maps_poor_along_z_give_a_flat_volume_written_as_it_is(tmp_path):
    sums = DirectionSums.of(as_pair(*poor_along_z(64, 12, 26)))
    fsc3d = FscVolume.of(sums, 1.5, Settings())
    assert fsc3d.sphericity < 0.9
    path = tmp_path / "fsc.mrc"
    write_volume(path, fsc3d.volume(), 1.5, np.array([1.0, 2.0, 3.0]), "3DFSC")
    assert mrcfile.validate(path)
    back = open_volume(path)
    np.testing.assert_array_equal(back.values, fsc3d.volume())
    assert back.voxel_size == 1.5
    np.testing.assert_array_equal(back.origin, [1, 2, 3])
    middle = 32
    assert back.values[middle, middle, middle] == 1.0
    assert back.values[0, 0, 0] == 0.0
    along = {
        name: back.values.transpose(t)[middle + 16 :, middle, middle][:6].mean()
        for name, t in (("z", (0, 1, 2)), ("y", (1, 0, 2)), ("x", (2, 1, 0)))
    }
    assert along["z"] < 0.2 < 0.5 < min(along["x"], along["y"])
    np.testing.assert_array_equal(back.values[1:, 1:, 1:], back.values[:0:-1, :0:-1, :0:-1])
