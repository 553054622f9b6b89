"""`evenview align` as a user meets it."""

from __future__ import annotations

import json
import warnings

import mrcfile
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_maps as made
from evenview.__main__ import INPUT, main
from evenview.core import rotation
from evenview.core.motion import mirror
from evenview.formats import open_particles
from made_star import loop, save

BOX, PIXEL = 40, 4.0
KEYS = (
    "map rotation shift_angstrom flipped hand_margin correlation_before correlation_after fsc_0.5 "
    "fsc_0.143 runners_up outputs"
)
SHIFT = np.array([6.0, -4.0, 8.0])
SIGMA = 4.6
#: Searching everywhere takes most of the time, and is tried in tests/core/test_align.py.
NEAR = ("--max-angle", "30")


def molecule():
    return made.chain(2, 48.0)


def values(points, weights, shape=(BOX,) * 3, spacing=PIXEL):
    return made.density(points, weights, shape, spacing, SIGMA).astype(np.float32)


@pytest.fixture(scope="module")
def turn():
    return Rotation.from_rotvec(np.radians(20.0) * np.array([0.48, 0.6, 0.64])).as_matrix()


@pytest.fixture
def maps(tmp_path, turn):
    """A reference, and a map of the other hand that was turned and shifted."""
    points, weights = molecule()
    was = made.before(points, turn, SHIFT, True)
    made.write(tmp_path / "ref.mrc", values(points, weights), PIXEL)
    made.write(tmp_path / "map.mrc", values(was, weights), PIXEL)
    return tmp_path


def run(capsys, *words):
    near = () if "--apply" in words else NEAR
    assert main(["align", *map(str, words), *near, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def projected(points, weights, a, origin, n=32, pixel=4.0):
    """An image by its formula: of Gaussians, each at (A r)_xy - o."""
    at = points @ a.T
    x = (np.arange(n) - n // 2) * pixel
    wx, wy = (
        np.exp(-((x[None] - (at[:, i, None] - origin[i])) ** 2) / (2 * SIGMA**2)) for i in (0, 1)
    )
    return np.einsum("p,py,px->yx", weights, wy, wx)


def write_star(folder, a, origins):
    groups = loop(
        "optics",
        ("rlnOpticsGroup", "rlnOpticsGroupName", "rlnImagePixelSize", "rlnImageSize"),
        [f"1 one {PIXEL} {BOX}"],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # at the poles two angles are one
        angles = Rotation.from_matrix(a).inv().as_euler("ZYZ", degrees=True)
    labels = ("rlnImageName", "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnOriginXAngst")
    rows = [
        f"{i + 1:06d}@a.mrcs {r:.12f} {t:.12f} {p:.12f} {x:.12f} {y:.12f} 1 15000.5"
        for i, ((r, t, p), (x, y)) in enumerate(zip(angles, origins, strict=True))
    ]
    rest = ("rlnOriginYAngst", "rlnOpticsGroup", "rlnDefocusU")
    return save(folder, groups + loop("particles", (*labels, *rest), rows))


def read_star(path):
    particles = open_particles(path)
    origins = np.column_stack([particles.table.numeric(f"rlnOrigin{x}Angst") for x in "XY"])
    return rotation.to_matrix(particles.quaternions), origins


def test_everything_of_a_map_goes_with_it(maps, turn, tmp_path, capsys):
    rng = np.random.default_rng(4)
    a = rotation.to_matrix(rotation.random(6, rng))
    star = write_star(tmp_path, a, rng.normal(0, 3, (6, 2)))
    a, origins = read_star(star)
    out = tmp_path / "out"
    half = made.write(tmp_path / "half1.mrc", mrcfile.read(maps / "map.mrc") * 2, PIXEL)
    (found,) = run(
        capsys, maps / "ref.mrc", maps / "map.mrc", "--particles", star, "--also", half, "-o", out
    )
    assert set(KEYS.split()) <= set(found)
    g, t = np.array(found["rotation"]), np.array(found["shift_angstrom"])
    assert found["flipped"]
    assert np.degrees(np.arccos((np.trace(g @ turn.T) - 1) / 2)) < 0.1
    assert np.linalg.norm(t - SHIFT) < 0.05
    assert found["correlation_after"] > 0.99 > found["correlation_before"]
    files = found["outputs"]
    points, weights = molecule()
    truth = values(points, weights)
    for name, times in ((files["map"], 1.0), (files["also"][0], 2.0)):
        with mrcfile.open(name) as file:
            assert float(file.voxel_size.x) == PIXEL
            assert b"ref.mrc" in bytes(file.header.label[0])
            error = np.abs(file.data / times - truth)[5:-5, 5:-5, 5:-5].max()
            assert error < 0.01 * truth.max()
    # The images of the old map from the old poses are those of the new map from the new poses.
    m = g @ mirror("z")
    old = made.before(points, turn, SHIFT, True)
    new_a, new_origins = read_star(files["particles"][0])
    for i in range(len(a)):
        before = projected(old, weights, a[i], origins[i])
        after = projected(old @ m.T + t, weights, new_a[i], new_origins[i])
        assert np.abs(before - after).max() < 1e-5 * before.max()
    text = (out / "map_chimerax.cxc").read_text()
    assert "hand is changed" in text


def test_a_transform_moves_other_maps_and_particles_alike(maps, tmp_path, capsys):
    out, again = tmp_path / "out", tmp_path / "again"
    (found,) = run(capsys, maps / "ref.mrc", maps / "map.mrc", "-o", out)
    a = rotation.to_matrix(rotation.random(2, np.random.default_rng(6)))
    star = write_star(tmp_path, a, np.zeros((2, 2)))
    file = out / "map_transform.json"
    done = run(capsys, "--apply", file, maps / "map.mrc", star, "-o", again)
    assert [entry["file"] for entry in done] == [str(maps / "map.mrc"), str(star)]
    one, two = (mrcfile.read(p) for p in (found["outputs"]["map"], again / "map_aligned.mrc"))
    np.testing.assert_array_equal(one, two)
    moved_a, _ = read_star(done[1]["output"])
    m = np.array(found["rotation"]) @ mirror("z")
    np.testing.assert_allclose(moved_a, mirror("z") @ a @ m.T, atol=1e-5)


def test_chimerax_lays_headers_with_origins_over_each_other(tmp_path, turn, capsys):
    points, weights = molecule()
    made.write(tmp_path / "ref.mrc", values(points, weights), PIXEL, nxstart=7, nystart=-3)
    was = made.before(points, turn, SHIFT, False)
    shape = (50, 44, 48)
    path = made.write(tmp_path / "map.map.gz", values(was, weights, shape, 3.5), 3.5)
    out = tmp_path / "out"
    (found,) = run(capsys, tmp_path / "ref.mrc", path, "-o", out)
    assert not found["flipped"]
    matrix = np.array(found["chimerax_matrix"])
    here = was + np.array([24, 22, 25]) * 3.5
    there = points + np.array([20, 20, 20]) * PIXEL + np.array([7, -3, 0]) * PIXEL
    assert np.abs(here @ matrix[:, :3].T + matrix[:, 3] - there).max() < 0.2
    with mrcfile.open(out / "map_aligned.mrc") as file:
        assert file.data.shape == (BOX,) * 3
        assert float(file.header.origin.x) == 7 * PIXEL
    assert "view matrix models #2," in (out / "map_chimerax.cxc").read_text()


def test_several_maps_of_one_name_and_other_order_of_axes(maps, tmp_path, turn, capsys):
    points, weights = molecule()
    was = values(made.before(points, turn, SHIFT, False), weights)
    (tmp_path / "job2").mkdir()
    turned = made.write(
        tmp_path / "job2" / "map.mrc", was.transpose(2, 1, 0).copy(), PIXEL, mapc=3, mapr=2, maps=1
    )
    out = tmp_path / "out"
    first, second = run(capsys, maps / "ref.mrc", maps / "map.mrc", turned, "-o", out)
    assert first["flipped"]
    assert not second["flipped"]
    assert first["outputs"]["map"] != second["outputs"]["map"]
    assert main(["align", str(maps / "ref.mrc"), str(turned), *NEAR]) == 0
    words = capsys.readouterr().out
    assert "Hand" in words
    assert "kept" in words


def test_voxel_sizes_that_no_header_says(maps, tmp_path, capsys):
    made.write(tmp_path / "none.mrc", mrcfile.read(maps / "map.mrc"), 0.0)
    assert main(["align", str(maps / "ref.mrc"), str(tmp_path / "none.mrc")]) == INPUT
    assert "--pixel-size" in capsys.readouterr().err
    (found,) = run(capsys, maps / "ref.mrc", tmp_path / "none.mrc", "--pixel-size", PIXEL)
    assert found["flipped"]
    assert found["outputs"] is None


@pytest.mark.filterwarnings("ignore:Data array contains NaN")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["R"], "no map is given"),
        (["R", "none.mrc"], "no such file"),
        (["R", "STACK"], "stack"),
        (["R", "EMPTY"], "only a header"),
        (["R", "NAN"], "not numbers"),
        (["R", "FLAT"], "flat"),
        (["R", "M", "--mask", "SMALL"], "the mask has"),
        (["R", "M", "--max-angle", "0"], "largest angle"),
        (["R", "M", "--lowpass", "0"], "low-pass"),
        (["R", "M", "M", "M", "--masks", "M", "M"], "--masks has 2 files for 3 maps"),
        (["R", "M", "M", "--particles", "a.star"], "does not say which"),
        (["R", "M", "--particles", "a.star"], "-o"),
        (["R", "M", "--pixel-size", "1", "2", "3"], "3 pixel sizes"),
        (["--apply", "M", "M", "-o", "OUT"], "no transform"),
        (["--apply", "none.json", "M", "-o", "OUT"], "no such file"),
        (["--apply", "none.json", "M"], "-o"),
        (["--apply", "none.json", "M", "--mask", "M"], "together with --apply"),
    ],
)
def test_what_cannot_be_done_gets_one_sentence(maps, tmp_path, capsys, words, told):
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(20, 20, 20)).astype(np.float32)
    places = {"R": maps / "ref.mrc", "M": maps / "map.mrc", "OUT": tmp_path / "out"}
    made.write(tmp_path / "small.mrc", noise)
    places["SMALL"] = tmp_path / "small.mrc"
    places["STACK"] = tmp_path / "s.mrcs"
    with mrcfile.new(places["STACK"]) as file:
        file.set_data(noise)
    places["EMPTY"] = tmp_path / "empty.mrc"
    places["EMPTY"].write_bytes((tmp_path / "small.mrc").read_bytes()[:1024])
    spoilt = noise.copy()
    spoilt[3, 3, 3] = np.nan
    places["NAN"] = made.write(tmp_path / "nan.mrc", spoilt)
    places["FLAT"] = made.write(tmp_path / "flat.mrc", np.ones((20, 20, 20), np.float32))
    given = [str(places.get(word, word)) for word in words]
    assert main(["align", *given]) == INPUT
    said = capsys.readouterr().err
    assert told in said
    assert "Traceback" not in said


def test_sources_are_never_written_over(maps, capsys):
    out = maps / "map_aligned.mrc"
    out.write_bytes((maps / "map.mrc").read_bytes())
    words = ["align", maps / "ref.mrc", maps / "map.mrc", "--also", out, "-o", maps]
    assert main([str(word) for word in words]) == INPUT
    assert "Traceback" not in capsys.readouterr().err
