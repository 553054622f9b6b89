from __future__ import annotations

import csv
from dataclasses import replace

import mrcfile
import numpy as np
import pytest

from evenview.core.errors import UserError
from evenview.core.halfmaps import Settings
from evenview.formats.volume_mrc import open_volume
from evenview.tasks import half_map_verdict, half_maps
from evenview.tasks.half_maps import HalfMapsRequest
from made_half_maps import ball, poor_along_z
from shared_data import shared

KEYS = (
    "cfar cfar_robust tfar sphericity resolution_min resolution_median resolution_max "
    "resolution_sd settings"
)


def write(path, values, voxel_size=1.5, **header):
    with mrcfile.new(path, overwrite=True) as file:
        file.set_data(values)
        file.set_volume()
        file.voxel_size = voxel_size
        for name, value in header.items():
            file.header[name] = value
    return path


@pytest.fixture
def maps(tmp_path):
    first, second = poor_along_z(48, 9, 18)
    return (
        write(tmp_path / "a.mrc", first, origin=(10, 20, 30)),
        write(tmp_path / "b.mrc", second),
        write(tmp_path / "mask.mrc", ball(48, 16)),
    )


def test_scores_curves_and_volume(maps, tmp_path):
    table, volume = tmp_path / "curves.csv", tmp_path / "fsc.mrc"
    request = HalfMapsRequest(*maps, settings=Settings(axes=32), curves=table, volume=volume)
    result = half_maps.run(request)
    found = result.as_json()
    assert set(KEYS.split()) <= set(found)
    assert found["resolution_min"] < found["resolution_median"] < found["resolution_max"]
    assert 0 < found["cfar_robust"] < 1
    assert found["unmasked"]["resolution"] > 0
    assert found["settings"]["axes"] == 32
    assert "20°" in result.summary()
    assert "mask.mrc" in result.summary()
    with table.open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["shell"]) for row in rows] == list(range(1, 25))
    assert float(rows[11]["resolution"]) == pytest.approx(48 * 1.5 / 12)
    cones = [name for name in rows[0] if name.startswith("cone ")]
    assert len(cones) == 32
    assert float(rows[11]["cone_mean"]) == pytest.approx(
        np.mean([float(rows[11][name]) for name in cones]), abs=1e-4
    )
    written = open_volume(volume)
    assert written.voxel_size == 1.5
    np.testing.assert_array_equal(written.origin, [10, 20, 30])


def test_without_a_mask_one_is_advised(maps):
    result = half_maps.run(HalfMapsRequest(*maps[:2], settings=Settings(axes=32)))
    assert "mask is advised" in result.summary()
    assert "unmasked" not in result.as_json()


def test_the_verdict_names_the_worst_direction(maps):
    result = half_maps.run(HalfMapsRequest(*maps[:2], settings=Settings(axes=200)))
    found, text = result.as_json(), result.summary()
    assert "The resolution depends on direction" in text
    assert "worst along azimuth" in text
    assert text.count("It is worst") == 1
    coarsest, finest = found["coarsest"], found["finest"]
    assert abs(coarsest["elevation"]) > 45 > abs(finest["elevation"])
    assert coarsest["resolution"] == found["resolution_max"]
    assert finest["resolution"] == found["resolution_min"]
    assert f"coarsest {coarsest['resolution']:.2f} Å" in text
    assert found["verdict"] in text


def test_one_noisy_shell_does_not_make_even_maps_uneven(maps):
    even = half_maps.run(HalfMapsRequest(*maps[:2], settings=Settings(axes=16))).scores
    falls = np.tile(np.linspace(1.0, 0.0, even.cones.shape[1]), (16, 1))
    noisy = falls.copy()
    noisy[5, 4] = -0.1
    calm, spoiled = (replace(even, cones=cones, fsc=falls[0]) for cones in (falls, noisy))
    assert half_map_verdict.verdict(calm).startswith("The resolution hardly depends")
    assert "shell" not in half_map_verdict.verdict(calm)
    said = half_map_verdict.verdict(spoiled)
    assert said.startswith("The resolution hardly depends")
    assert "One noisy shell, number 4 along" in said
    nothing = replace(even, cones=0 * falls, fsc=0 * falls[0])
    assert "agree in too few shells" in half_map_verdict.verdict(nothing)


@pytest.mark.parametrize(
    ("particles", "side", "warned"),
    [(300, 302, False), (300, 320, True), (300, 150, False), (300, 600, False), (None, 9, False)],
)
def test_half_maps_and_particles_have_one_side(particles, side, warned):
    assert bool(half_map_verdict.other_side(particles, side)) == warned


def test_a_hard_mask_is_told_of(maps, tmp_path):
    hard = write(tmp_path / "hard.mrc", np.round(ball(48, 16)))
    assert "hard edge" in half_maps.run(HalfMapsRequest(*maps[:2], mask=hard)).summary()


def test_a_map_scaled_is_the_same_map(maps, tmp_path):
    twice = write(tmp_path / "twice.mrc", 2 * open_volume(maps[0]).values)
    with pytest.raises(UserError, match="the same map"):
        half_maps.run(HalfMapsRequest(maps[0], twice))


def test_an_unknown_pixel_size_is_asked_for(maps, tmp_path):
    nameless = write(tmp_path / "c.mrc", open_volume(maps[1]).values, voxel_size=0.0)
    with pytest.raises(UserError, match="--pixel-size"):
        half_maps.run(HalfMapsRequest(maps[0], nameless))
    found = half_maps.run(HalfMapsRequest(maps[0], nameless, pixel_size=1.5))
    assert found.maps.voxel_size == 1.5


def test_a_map_with_voxels_that_are_not_numbers(maps, tmp_path):
    values = open_volume(maps[1]).values.copy()
    values[3, 4, 5] = np.nan
    with pytest.raises(UserError, match="1 voxel that is not a number"):
        half_maps.run(HalfMapsRequest(maps[0], write(tmp_path / "c.mrc", values)))


def test_a_result_is_written_later_as_it_would_have_been_at_once(maps, tmp_path):
    table, volume = tmp_path / "at_once.csv", tmp_path / "at_once.mrc"
    result = half_maps.run(
        HalfMapsRequest(*maps, settings=Settings(axes=32), curves=table, volume=volume)
    )
    half_maps.write_curves(result, tmp_path / "later.csv")
    half_maps.write_fsc_volume(result, tmp_path / "later.mrc")
    assert (tmp_path / "later.csv").read_bytes() == table.read_bytes()
    np.testing.assert_array_equal(
        open_volume(tmp_path / "later.mrc").values, open_volume(volume).values
    )
    for source in maps:
        before = source.read_bytes()
        for write_it in (half_maps.write_curves, half_maps.write_fsc_volume):
            with pytest.raises(UserError, match="never written over"):
                write_it(result, source)
        assert source.read_bytes() == before


def test_fields_have_the_resolution_along_and_the_signal_across(maps):
    """Poor along z: coarse there, and views along z, which do not sample it, have more signal."""
    result = half_maps.run(HalfMapsRequest(*maps[:2], settings=Settings(axes=200)))
    resolution, signal = result.fields
    assert (resolution.key, resolution.unit, signal.key) == ("resolution", "Å", "signal")
    poles, side = np.array([[0.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.0]])
    assert resolution.at(poles)[0] > 1.5 * resolution.at(side)[0]
    assert signal.at(poles)[0] > signal.at(side)[0]


def test_a_map_is_never_written_over(maps):
    before = maps[0].read_bytes()
    with pytest.raises(UserError, match="never written over"):
        half_maps.run(HalfMapsRequest(*maps[:2], volume=maps[0]))
    assert maps[0].read_bytes() == before


@pytest.mark.parametrize("name", ["header_only.mrc", "non_cubic.mrc"])
def test_real_files_that_are_broken(maps, name):
    with pytest.raises(UserError) as error:
        half_maps.run(HalfMapsRequest(shared(f"real/broken/{name}"), maps[1]))
    assert name in str(error.value)


def test_two_classes_of_a_real_particle():
    """Different states agree at low resolution and stop agreeing within the box."""
    maps = [shared(f"real/maps/50S_class{letter}_32.mrc") for letter in "DE"]
    found = half_maps.run(HalfMapsRequest(*maps))
    assert "exactly 1 Å" in found.summary()
    assert found.scores.fsc[1:4].min() > 0.8
