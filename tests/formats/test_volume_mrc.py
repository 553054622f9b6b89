from __future__ import annotations

import gzip
import struct

import mrcfile
import numpy as np
import pytest

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.volume import isosurface
from evenview.formats.volume_mrc import open_volume, read_header
from shared_data import shared


def values(shape=(6, 5, 4)):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def write(path, data, voxel_size=1.5, **header):
    with mrcfile.new(path, overwrite=True) as file:
        file.set_data(data)
        file.set_volume()
        file.voxel_size = voxel_size
        for name, value in header.items():
            file.header[name] = value
    return path


def sentence(path):
    with pytest.raises(UserError) as error:
        open_volume(path)
    assert path.name in str(error.value)
    assert "\n" not in str(error.value)
    return error.value


def test_a_map_is_read_as_it_is(tmp_path):
    volume = open_volume(write(tmp_path / "a.mrc", values()))
    assert np.array_equal(volume.values, values())
    assert volume.values.dtype == np.float32
    assert (volume.voxel_size, volume.name) == (1.5, "a.mrc")
    assert volume.center == (2, 2, 3)
    assert volume.notes == ()


@pytest.mark.parametrize("axes", [(1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1)])
def test_any_order_of_axes_gives_the_same_map(tmp_path, axes):
    truth = values()
    # columns, rows, sections hold the axes named: the array is (sections, rows, columns)
    stored = np.ascontiguousarray(truth.transpose([3 - axis for axis in reversed(axes)]))
    path = write(tmp_path / "a.mrc", stored)
    with mrcfile.open(path, "r+") as file:
        file.header.mapc, file.header.mapr, file.header.maps = axes
        file.header.mx, file.header.my, file.header.mz = 4, 5, 6
        file.header.cella = (4 * 1.5, 5 * 1.5, 6 * 1.5)
        starts = {1: -10, 2: -20, 3: -30}
        file.header.nxstart, file.header.nystart, file.header.nzstart = (starts[a] for a in axes)
    volume = open_volume(path)
    assert np.array_equal(volume.values, truth)
    assert volume.voxel_size == 1.5
    np.testing.assert_allclose(volume.origin, [-15, -30, -45])


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.uint16, np.float16, np.float32])
def test_every_real_mode(tmp_path, dtype):
    data = (values() % 100).astype(dtype)
    assert np.array_equal(open_volume(write(tmp_path / "a.mrc", data)).values, data)


def test_gzip_and_big_endian(tmp_path):
    path = write(tmp_path / "a.mrc", values())
    packed = tmp_path / "a.mrc.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert np.array_equal(open_volume(packed).values, values())
    swapped = write(tmp_path / "b.mrc", values().astype(">f4"))
    assert np.array_equal(open_volume(swapped).values, values())


def test_the_origin_words_come_before_the_start_indices(tmp_path):
    path = write(tmp_path / "a.mrc", values(), origin=(1.0, 2.0, 3.0), nxstart=7)
    np.testing.assert_array_equal(open_volume(path).origin, [1, 2, 3])
    np.testing.assert_array_equal(open_volume(path).resized(9.0).origin, [1, 2, 3])


@pytest.mark.parametrize("said", [0.0, 1.5, (1.0, 2.0, 4.0)])
def test_start_indices_count_voxels_of_whatever_size_is_given(tmp_path, said):
    path = write(tmp_path / "a.mrc", values(), said, nxstart=-16, nystart=3)
    other = open_volume(path).resized(1.5)
    assert (other.voxel_size, other.stretch) == (1.5, (1.0, 1.0, 1.0))
    np.testing.assert_allclose(other.origin, [-24.0, 4.5, 0.0])


def test_an_unknown_voxel_size_is_none_with_a_note(tmp_path):
    volume = open_volume(write(tmp_path / "a.mrc", values(), voxel_size=0.0))
    assert volume.voxel_size is None
    assert "voxel size" in volume.notes[0].text
    np.testing.assert_array_equal(volume.spacing, [1, 1, 1])


def test_voxels_that_are_no_cubes_are_drawn_as_they_are_with_a_note(tmp_path):
    volume = open_volume(write(tmp_path / "a.mrc", values(), voxel_size=(1.0, 2.0, 4.0)))
    np.testing.assert_allclose(volume.spacing, [1, 2, 4])
    assert "not cubes" in volume.notes[0].text


def test_a_long_box_without_a_space_group_may_be_a_stack(tmp_path):
    volume = open_volume(write(tmp_path / "a.mrc", values((9, 4, 4)), ispg=0))
    assert "stack" in volume.notes[0].meaning


def test_stacks_are_not_maps(tmp_path):
    path = tmp_path / "a.mrc"
    with mrcfile.new(path) as file:
        file.set_data(values())
        file.set_image_stack()
    assert "stack" in str(sentence(path))
    assert "stack" in str(sentence(write(tmp_path / "b.mrcs", values())))
    with mrcfile.new(tmp_path / "c.mrc") as file:
        file.set_data(values()[0])
    assert "stack" in str(sentence(tmp_path / "c.mrc"))
    with mrcfile.new(tmp_path / "d.mrc") as file:
        file.set_data(values((2, 3, 4, 5)))
    assert "stack" in str(sentence(tmp_path / "d.mrc"))


def test_a_fourier_transform_is_not_a_map(tmp_path):
    path = write(tmp_path / "a.mrc", values().astype(np.complex64))
    assert "Fourier" in str(sentence(path))


@pytest.mark.filterwarnings("ignore:Data array contains")
def test_voxels_that_are_no_numbers_are_counted(tmp_path):
    data = values()
    data[0, 0, :3] = np.nan, np.inf, -np.inf
    assert "3 voxels" in str(sentence(write(tmp_path / "a.mrc", data)))


def test_a_header_alone_and_a_map_cut_short(tmp_path):
    path = write(tmp_path / "a.mrc", values())
    whole = path.read_bytes()
    path.write_bytes(whole[:1024])
    assert "only a header" in str(sentence(path))
    path.write_bytes(whole[:-4])
    error = sentence(path)
    assert "cut short" in str(error)
    assert "4 × 5 × 6" in str(error)


def test_a_damaged_packed_map(tmp_path):
    packed = gzip.compress(write(tmp_path / "a.mrc", values((20, 20, 20))).read_bytes())
    path = tmp_path / "a.mrc.gz"
    for broken in (packed[:-9], packed[:30], packed[:2] + bytes(40)):
        path.write_bytes(broken)
        assert isinstance(sentence(path), MalformedFileError)


def test_impossible_axes(tmp_path):
    path = write(tmp_path / "a.mrc", values(), mapc=2)
    assert "(2, 2, 3)" in str(sentence(path))
    with pytest.raises(MalformedFileError, match="2, 2, 3"):
        read_header(path)


@pytest.mark.parametrize("side", [0, -5])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_impossible_sides(tmp_path, axis, side):
    path = write(tmp_path / "a.mrc", values())
    whole = bytearray(path.read_bytes())
    whole[4 * axis : 4 * axis + 4] = struct.pack("<i", side)
    path.write_bytes(whole)
    assert f"{side}" in str(sentence(path))
    assert "voxels, which cannot be" in str(sentence(path))
    with pytest.raises(MalformedFileError, match="which cannot be"):
        read_header(path)


def test_what_is_no_map(tmp_path):
    path = tmp_path / "a.mrc"
    for content in (b"", b"data_\nloop_\n" * 200, b"\x93NUMPY" + bytes(2000), b"BZh9" + bytes(90)):
        path.write_bytes(content)
        sentence(path)
    path.unlink()
    assert "no such file" in str(sentence(path))
    path.mkdir()
    sentence(path)


# --- other people's maps


@pytest.mark.parametrize(
    ("name", "shape", "voxel"),
    [
        ("real/maps/betagal_100.mrc", (100, 100, 100), 3.54),
        ("real/maps/50S_classD_32.mrc", (32, 32, 32), 1.0),
        ("real/broken/non_cubic.mrc", (128, 32, 32), 4.0),
    ],
)
def test_real_maps_open_and_have_a_light_surface(name, shape, voxel):
    volume = open_volume(shared(name))
    assert volume.values.shape == shape
    assert volume.voxel_size == pytest.approx(voxel, rel=1e-6)
    assert 100 < len(isosurface(volume).faces) <= 60_000


def test_a_real_map_with_turned_axes_matches_mrcfiles_header():
    path = shared("real/maps/EMD-3001.map")
    volume = open_volume(path)
    with mrcfile.open(path) as file:
        # columns are Z, rows X, sections Y
        assert np.array_equal(volume.values[7, 3, 5], file.data[3, 5, 7])
        assert volume.values.shape == (file.header.nx, file.header.nz, file.header.ny)
    assert any("rectangular" in note.text for note in volume.notes)


def test_a_real_header_without_data():
    assert "only a header" in str(sentence(shared("real/broken/header_only.mrc")))
