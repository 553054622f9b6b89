"""`evenview align` as a user meets it."""

from __future__ import annotations

import gzip
import json
import shutil
import warnings
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import mrcfile
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_maps as made
from evenview.__main__ import INPUT, main
from evenview.core import rotation
from evenview.core.errors import UserError
from evenview.core.motion import mirror
from evenview.formats import open_particles
from evenview.tasks import align
from made_star import loop, save

BOX, PIXEL = 32, 4.0
KEYS = (
    "map rotation shift_angstrom flipped hand_margin correlation_before correlation_after fsc_0.5 "
    "fsc_0.143 runners_up outputs"
)
SHIFT = np.array([5.0, -3.0, 6.0])
SIGMA = 5.0
#: Searching everywhere takes most of the time, and is tried in tests/core/test_align.py.
NEAR = ("--max-angle", "15")


def molecule():
    return made.chain(2, 40.0, 120)


def values(points, weights, shape=(BOX,) * 3, spacing=PIXEL):
    return made.density(points, weights, shape, spacing, SIGMA).astype(np.float32)


@pytest.fixture(scope="module")
def turn():
    return Rotation.from_rotvec(np.radians(8.0) * np.array([0.48, 0.6, 0.64])).as_matrix()


@pytest.fixture(scope="module")
def two(tmp_path_factory, turn):
    """A reference, and a map of the other hand that was turned and shifted."""
    folder = tmp_path_factory.mktemp("two")
    points, weights = molecule()
    was = made.before(points, turn, SHIFT, True)
    made.write(folder / "ref.mrc", values(points, weights), PIXEL)
    made.write(folder / "map.mrc", values(was, weights), PIXEL)
    return folder


def run(*words, code=0):
    """What a run prints with --json, with turns of a few degrees."""
    near = () if "--apply" in words else NEAR
    with redirect_stdout(StringIO()) as said:
        assert main(["align", *map(str, words), *near, "--json"]) == code
    return json.loads(said.getvalue())


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


@pytest.fixture(scope="module")
def together(two, turn, tmp_path_factory):
    """One run: a map of the other hand with all that goes with it, and one map in two other ways.

    The latter are as other programs might have written them; one has the name of the first.
    """
    folder = tmp_path_factory.mktemp("together")
    rng = np.random.default_rng(4)
    star = write_star(folder, rotation.to_matrix(rotation.random(6, rng)), rng.normal(0, 3, (6, 2)))
    half = made.write(folder / "half1.mrc", mrcfile.read(two / "map.mrc") * 2, PIXEL)
    points, weights = molecule()
    data = values(made.before(points, turn, SHIFT, False), weights)
    data *= 100.0 / data.max()
    whole = (data * 300).astype(np.int16)
    packed = made.write(folder / "int16.map.gz", whole, PIXEL, nxstart=-20, nystart=7)
    (folder / "job2").mkdir()
    other = data.astype(np.float16).transpose(1, 2, 0).copy()
    ordered = made.write(folder / "job2" / "map.mrc", other, PIXEL, mapc=3, mapr=1, maps=2)
    maps = (two / "ref.mrc", two / "map.mrc", packed, ordered)
    also = ("--particles", star, "-", "-", "--also", half, "-", "-")
    return run(*maps, *also, "-o", folder / "out"), folder


def near(found, turn):
    """Degrees and Å from the truth."""
    g, t = np.array(found["rotation"]), np.array(found["shift_angstrom"])
    off = np.degrees(Rotation.from_matrix(g @ turn.T).magnitude())
    return off, np.linalg.norm(t - SHIFT)


def test_maps_come_to_lie_over_the_reference(together, turn):
    (found, *_), _ = together
    assert set(KEYS.split()) <= set(found)
    assert found["flipped"]
    assert found["reliable"]
    off, away = near(found, turn)
    assert off < 0.1
    assert away < 0.05
    assert found["correlation_after"] > 0.99 > found["correlation_before"]
    truth = values(*molecule())
    for name, times in ((found["outputs"]["map"], 1.0), (found["outputs"]["also"][0], 2.0)):
        with mrcfile.open(name) as file:
            assert float(file.voxel_size.x) == PIXEL
            assert "ref.mrc" in file.get_labels()[-1]
            error = np.abs(file.data / times - truth)[5:-5, 5:-5, 5:-5].max()
            assert error < 0.01 * truth.max()


def test_the_new_poses_see_of_the_new_map_what_the_old_saw_of_the_old(together, turn):
    (found, *_), folder = together
    points, weights = molecule()
    m, t = np.array(found["rotation"]) @ mirror("z"), np.array(found["shift_angstrom"])
    old = made.before(points, turn, SHIFT, True)
    then, now = (read_star(p) for p in (folder / "made.star", found["outputs"]["particles"][0]))
    for a, origin, new_a, new_origin in zip(*then, *now, strict=True):
        before = projected(old, weights, a, origin)
        after = projected(old @ m.T + t, weights, new_a, new_origin)
        assert np.abs(before - after).max() < 1e-5 * before.max()


def test_axes_in_any_order_a_start_and_other_modes_change_nothing(together, turn):
    (first, *others), folder = together
    paths = [str(folder / name) for name in ("int16.map.gz", "job2/map.mrc")]
    assert [one["map"] for one in others] == paths
    for one in others:
        off, away = near(one, turn)
        assert not one["flipped"]
        assert off < 0.5
        assert away < 0.05 * PIXEL
    names = {one["outputs"]["map"] for one in (first, *others)}
    assert len(names) == 3  # two maps have one name


def test_the_fsc_says_whether_it_falls_to_a_level(together):
    (found, *_), _ = together
    assert found["fsc_masked"] is False
    for level in ("fsc_0.5", "fsc_0.143"):
        above = all(value >= float(level[4:]) for _, value in found["fsc"])
        assert found[f"{level}_reached"] == ("last_shell" if above else "crossed")


def test_a_map_of_the_other_hand_cannot_be_shown_by_a_view(together):
    (found, *_), _ = together
    text = Path(found["outputs"]["chimerax"]).read_text()
    assert "hand is changed" in text
    assert "voxelSize" not in text


def test_a_transform_moves_other_maps_and_particles_alike(two, together, tmp_path, capsys):
    (found, *_), _ = together
    a = rotation.to_matrix(rotation.random(2, np.random.default_rng(6)))
    star = write_star(tmp_path, a, np.zeros((2, 2)))
    words = ("--apply", found["outputs"]["transform"], two / "map.mrc", star)
    done = run(*words, "-o", tmp_path / "again")
    assert [entry["file"] for entry in done] == [str(two / "map.mrc"), str(star)]
    assert not any(entry["replaced"] for entry in done)
    once, again = (mrcfile.read(p) for p in (found["outputs"]["map"], done[0]["output"]))
    np.testing.assert_array_equal(once, again)
    moved_a, _ = read_star(done[1]["output"])
    m = np.array(found["rotation"]) @ mirror("z")
    np.testing.assert_allclose(moved_a, mirror("z") @ a @ m.T, atol=1e-5)
    assert main(["align", *map(str, words), "-o", str(tmp_path / "again")]) == 0
    said = capsys.readouterr().out
    assert f"Replaced {done[0]['output']}" in said
    assert "Wrote" not in said


def test_chimerax_lays_headers_with_origins_over_each_other(tmp_path, turn):
    points, weights = molecule()
    made.write(tmp_path / "ref.mrc", values(points, weights), PIXEL, nxstart=7, nystart=-3)
    was = made.before(points, turn, SHIFT, False)
    shape = (42, 36, 40)
    path = made.write(tmp_path / "map.map.gz", values(was, weights, shape, 3.5), 3.5)
    out = tmp_path / "out"
    (found,) = run(tmp_path / "ref.mrc", path, "-o", out)
    assert not found["flipped"]
    matrix = np.array(found["chimerax_matrix"])
    here = was + np.array([20, 18, 21]) * 3.5
    there = points + np.array([16, 16, 16]) * PIXEL + np.array([7, -3, 0]) * PIXEL
    assert np.abs(here @ matrix[:, :3].T + matrix[:, 3] - there).max() < 0.2
    with mrcfile.open(out / "map_aligned.mrc") as file:
        assert file.data.shape == (BOX,) * 3
        assert float(file.header.origin.x) == 7 * PIXEL
    assert "view matrix models #2," in (out / "map_chimerax.cxc").read_text()


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """Files by name of which each has one thing wrong."""
    folder = tmp_path_factory.mktemp("broken")
    noise = np.random.default_rng(0).normal(size=(20, 20, 20)).astype(np.float32)
    spoilt = noise.copy()
    spoilt[3, 3, 3:5] = np.nan, np.inf
    maps = {
        "NAN": made.write(folder / "nan.mrc", spoilt),
        "FLAT": made.write(folder / "flat.mrc", np.ones((20, 20, 20), np.float32)),
        "TINY": made.write(folder / "tiny.mrc", noise[:8, :8, :8].copy()),
        "SMALL": made.write(folder / "small.mrc", noise),
        "ZERO": made.write(folder / "zero.mrc", noise, 0.0),
        "ABSURD": made.write(folder / "absurd.mrc", noise, 400.0),
        "UNEVEN": made.write(folder / "uneven.mrc", noise, (2.0, 2.5, 2.0)),
        "MODE 4": made.write(folder / "mode4.mrc", noise.astype(np.complex64)),
        "AXES": made.write(folder / "axes.mrc", noise, mapc=2),
        "EMPTY": made.write(folder / "empty.mrc", np.zeros((BOX,) * 3, np.float32), PIXEL),
        "NOT MASK": made.write(folder / "none.mrc", np.full((BOX,) * 3, 7, np.float32), PIXEL),
    }
    whole = maps["SMALL"].read_bytes()
    contents = {
        "MODE 3": whole[:12] + bytes([3]) + whole[13:],
        "MODE 101": whole[:12] + bytes([101]) + whole[13:],
        "HEADER": whole[:1024],
        "CUT": whole[:-4],
        "PACKED": gzip.compress(whole)[:-9],
        "BZIP2": b"BZh9" + whole,
        "TEXT": b"data_",
    }
    for name, content in contents.items():
        maps[name] = folder / f"{name.replace(' ', '')}.mrc"
        maps[name].write_bytes(content)
    for name, data in (("STACK", noise), ("IMAGE", noise[0]), ("VOLUMES", noise[None])):
        maps[name] = folder / f"{name}.mrc"
        with mrcfile.new(maps[name]) as file:
            file.set_data(data)
            if name == "STACK":
                file.set_image_stack()
    maps["MRCS"] = folder / "stack.mrcs"
    maps["MRCS"].write_bytes(whole)
    return maps


@pytest.mark.filterwarnings("ignore:Data array contains", "ignore:invalid value")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "no map is given to be moved. Give REFERENCE and at least one MAP."),
        (["R"], "no map is given to be moved. Give REFERENCE and at least one MAP."),
        (["R", "none"], "there is no such file"),
        (["R", "STACK"], "this is an image or a stack of them, not a map"),
        (["R", "MRCS"], "this is an image or a stack of them, not a map"),
        (["R", "IMAGE"], "this is an image or a stack of them, not a map"),
        (["R", "VOLUMES"], "this is an image or a stack of them, not a map"),
        (["R", "HEADER"], "the file is only a header: it promises 20 × 20 × 20 voxels"),
        (["R", "CUT"], "the map is cut short: it promises 20 × 20 × 20 voxels"),
        (["R", "PACKED"], "the map cannot be read (Compressed file ended before"),
        (["R", "BZIP2"], "the map is packed with bzip2"),
        (["R", "TEXT"], "this is not a map in MRC or CCP4 form"),
        (["R", "NAN"], "the map has 2 voxels that are not numbers"),
        (["R", "FLAT"], "the map is flat"),
        (["R", "TINY"], "a box of 8 × 8 × 8 voxels is too small"),
        (["R", "AXES"], "columns, rows and sections are the axes (2, 2, 3)"),
        (["R", "MODE 3"], "this is a Fourier transform (mode 3), not a map"),
        (["R", "MODE 4"], "this is a Fourier transform (mode 4), not a map"),
        (["R", "MODE 101"], "the voxels are stored in mode 101, which is not read here"),
        (["R", "ZERO"], "the map does not say its pixel size. Give the true one with --pixel-size"),
        (["R", "ABSURD"], "its pixels are 400 Å, which cannot be right. Give the true one with"),
        (["R", "M", "--pixel-size", "4", "0.01"], "a pixel size of 0.01 Å cannot be right"),
        (["UNEVEN", "M"], "the voxels of the reference are not cubes"),
        (["FLAT", "M"], "the map is flat"),
        (["R", "M", "--mask", "SMALL"], "the mask has 20 × 20 × 20 voxels, its map 32 × 32 × 32"),
        (["R", "M", "--masks", "SMALL"], "the mask has 20 × 20 × 20 voxels, its map 32 × 32 × 32"),
        (["R", "M", "--mask", "EMPTY"], "the mask is empty"),
        (["R", "M", "--masks", "NOT MASK"], "this is not a mask: its values go from 7 to 7"),
        (["R", "M", "--masks", "STACK"], "this is an image or a stack of them, not a map"),
        (["R", "M", "--max-angle", "0"], "a largest angle of 0° makes no sense. Give one above 0°"),
        (["R", "M", "--max-shift", "-1"], "a largest shift of -1 Å makes no sense"),
        (["R", "M", "--lowpass", "0"], "a low-pass filter at 0 Å makes no sense"),
        (["R", "M", "--lowpass", "70"], "only 1 Fourier shell is left to compare"),
        (["R", "M", "M", "M", "--masks", "M", "M"], "--masks has 2 files for 3 maps"),
        (["R", "M", "M", "--particles", "a.star"], "--particles does not say which of 2 maps"),
        (["R", "M", "M", "--also", "A", "B", "C"], "--also does not say which of 2 maps"),
        (["R", "M", "--particles", "a.star"], "nothing says where particles and other maps"),
        (["R", "M", "--particles", "SMALL", "-o", "OUT"], "an MRC image stack or map, not a table"),
        (["R", "M", "--also", "STACK", "-o", "OUT"], "this is an image or a stack of them"),
        (["R", "M", "--masks", "M", "M"], "--masks has 2 files for 1 map"),
        (["R", "M", "--pose", "1", "2"], "--pose has 2 numbers for 1 map"),
        (["R", "M", "--pose", "-1"], "no pose -1"),
        (["R", "M", "--pixel-size", "1", "2", "3"], "3 pixel sizes are given for 2 maps"),
        (["R", "M", "-o", "SMALL"], "this folder cannot be made"),
        (
            ["--apply", "M", "M", "-o", "OUT"],
            "this is no transform that evenview align has written",
        ),
        (["--apply", "none.json", "M", "-o", "OUT"], "there is no such file"),
        (["--apply", "t.json", "-o", "OUT"], "no file is given to be moved by t.json"),
        (["R", "M", "--masks", "M", "M"], "--masks has 2 files for 1 map."),
        (["--apply", "none.json", "M"], "nothing says where the files go"),
        (["--apply", "none.json", "M", "--mask", "M"], "--mask says nothing together with --apply"),
        (["--apply", "t.json", "M", "--max-angle", "180"], "--max-angle says nothing together"),
        (["--apply", "t.json", "M", "--hand", "both"], "--hand says nothing together with --apply"),
    ],
)
def test_what_cannot_be_done_gets_one_sentence(two, broken, tmp_path, capsys, words, told):
    own = {"R": two / "ref.mrc", "M": two / "map.mrc", "OUT": tmp_path / "out"}
    places = broken | own
    given = [str(places.get(word, word)) for word in words]
    assert main(["align", *given]) == INPUT
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_each_bad_file_gets_a_sentence(two, broken, capsys):
    words = ("align", two / "ref.mrc", broken["CUT"], two / "map.mrc", broken["TEXT"])
    assert main([str(word) for word in words]) == INPUT
    first, second = capsys.readouterr().err.splitlines()
    assert "CUT.mrc: the map is cut short" in first
    assert "TEXT.mrc: this is not a map" in second


def test_a_failure_is_told_once(monkeypatch, capsys):
    failed = align.Failed(0, Path("a.mrc"), UserError("there is no pose 7", where="a.mrc"))
    found = align.AlignResult(Path("ref.mrc"), (), (failed,))
    monkeypatch.setattr(align, "run", lambda *_: found)
    assert main(["align", "ref.mrc", "a.mrc"]) == INPUT
    said = capsys.readouterr()
    assert (said.out + said.err).count("there is no pose 7") == 1
    assert said.err == "evenview: a.mrc: there is no pose 7.\n"


def test_a_mask_and_a_pixel_size_for_each_map(two, tmp_path, turn, capsys):
    """Where a header says another size or none, ChimeraX is told of it before the matrix."""
    points, weights = molecule()
    was = made.before(points, turn, SHIFT, False)
    first = made.write(tmp_path / "a.mrc", values(was, weights), 1.0)
    second = made.write(tmp_path / "b.mrc", values(was, weights, (36, 40, 38), 3.6), 0.0)
    masks = [
        made.write(tmp_path / f"{name}.mrc", np.ones(shape, np.float32), PIXEL)
        for name, shape in (("m1", (BOX,) * 3), ("m2", (36, 40, 38)))
    ]
    sizes = ("--pixel-size", PIXEL, PIXEL, 3.6)
    own = ("--mask", masks[0])
    words = (two / "ref.mrc", first, second, *sizes, *own, "--hand", "same", "--masks")
    found = run(*words, *masks, "-o", tmp_path / "out")
    for one, size in zip(found, ("4", "3.6"), strict=True):
        assert one["hand_margin"] is None
        assert one["fsc_masked"] is True
        assert near(one, turn)[1] < 0.05
        lines = Path(one["outputs"]["chimerax"]).read_text().splitlines()
        told, view = (line for line in lines if not line.startswith("#"))
        assert told == f"volume #2 voxelSize {size} origin 0,0,0"
        assert view.startswith("view matrix models #2,")
    assert main(["align", *map(str, (*words, *reversed(masks)))]) == INPUT
    assert "the mask has 38 × 40 × 36 voxels" in capsys.readouterr().err


def test_sources_are_never_written_over(two, tmp_path, capsys):
    shutil.copytree(two, tmp_path, dirs_exist_ok=True)
    out = tmp_path / "map_aligned.mrc"
    out.write_bytes((two / "map.mrc").read_bytes())
    words = ["align", tmp_path / "ref.mrc", tmp_path / "map.mrc", "--also", out, "-o", tmp_path]
    assert main([str(word) for word in words]) == INPUT
    assert capsys.readouterr().err.endswith("Give another folder with -o.\n")


@pytest.fixture(scope="module")
def unlike(two, tmp_path_factory):
    """A map of noise, with particles: what was printed, the folder, and what was asked."""
    folder = tmp_path_factory.mktemp("unlike")
    noise = np.random.default_rng(3).normal(size=(BOX,) * 3).astype(np.float32)
    a = rotation.to_matrix(rotation.random(3, np.random.default_rng(2)))
    star = write_star(folder, a, np.zeros((3, 2)))
    path = made.write(folder / "noise.mrc", noise, PIXEL)
    words = (two / "ref.mrc", path, "--particles", star, "-o", folder / "out")
    return run(*words, code=INPUT), folder, words


@pytest.fixture(scope="module")
def even_so(unlike):
    """What is printed where the particles are wanted all the same, by another pose."""
    _, _, words = unlike
    more = (*NEAR, "--even-so", "--pose", "1", "--lowpass", "6")
    with redirect_stdout(StringIO()) as said:
        assert main([*map(str, ("align", *words)), *more]) == 0
    return said.getvalue()


def test_particles_do_not_follow_a_map_that_hardly_correlates(unlike):
    (found,), _, _ = unlike
    assert found["reliable"] is False
    assert "noise.mrc: the particles were not written, as the maps hardly" in found["error"]
    assert found["outputs"]["particles"] == []
    assert Path(found["outputs"]["map"]).exists()


def test_particles_follow_even_so_where_that_is_asked_for(unlike, even_so):
    _, folder, _ = unlike
    assert "undecided: the maps hardly correlate" in even_so
    assert f"Replaced {folder / 'out' / 'noise_aligned.mrc'}" in even_so
    assert f"Wrote {folder / 'out' / 'made_aligned.star'}" in even_so


def test_a_low_pass_that_is_finer_than_the_voxels_is_told_of(even_so):
    told = "A low-pass at 6 Å changes nothing: voxels of 4 Å hold nothing finer than 8 Å."
    assert told in even_so


def test_a_runner_up_is_listed_and_taken_by_its_number(unlike, even_so):
    (best,), folder, _ = unlike
    other = best["runners_up"][0]
    assert best["pose"] == 0
    turn = Rotation.from_rotvec(np.radians(other["angle"]) * np.array(other["axis"]))
    np.testing.assert_allclose(turn.as_matrix(), other["rotation"], atol=1e-6)
    assert f"turned {other['angle']:.1f}° about (" in even_so
    assert "Runner-up 1 was taken" in even_so
    found = json.loads((folder / "out" / "noise_transform.json").read_text())
    assert found["flipped"] is other["flipped"]
    assert not np.allclose(found["rotation"], best["rotation"], atol=0.01)


def test_a_transform_of_chance_is_told_of_when_it_is_applied(unlike, tmp_path, capsys):
    (found,), _, (_, path, *_) = unlike
    words = ("--apply", found["outputs"]["transform"], path, "-o", tmp_path)
    assert main(["align", *map(str, words)]) == 0
    assert "may be a motion of chance: the maps hardly correlate" in capsys.readouterr().out


def test_particles_follow_a_transform_of_chance_only_where_that_is_asked_for(
    unlike, tmp_path, capsys
):
    (found,), _, (_, path, _, star, *_) = unlike
    words = ["align", "--apply", found["outputs"]["transform"], path, star, "-o", tmp_path / "out"]
    assert main([*map(str, words)]) == INPUT
    said = capsys.readouterr().err
    assert "particles would be moved by chance, as the maps hardly correlate" in said
    assert "--even-so" in said
    assert not (tmp_path / "out").exists()
    assert main([*map(str, words), "--even-so"]) == 0
    assert "may be a motion of chance" in capsys.readouterr().out
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_images_that_are_not_as_wide_as_the_map_are_told_of(together, tmp_path, capsys):
    (found, *_), folder = together
    star = tmp_path / "wide.star"
    star.write_text((folder / "made.star").read_text().replace(f"one {PIXEL} {BOX}", "one 4 64"))
    words = ("--apply", found["outputs"]["transform"], star, "-o", tmp_path / "out")
    assert main(["align", *map(str, words)]) == 0
    said = capsys.readouterr().out
    assert "wide.star has images of 64 pixels of 4 Å (256 Å)" in said
    assert "the map a box of 32 voxels of 4 Å (128 Å)" in said
    assert "2 times" in said


def test_a_pixel_size_that_is_given_counts_for_particles_too(together, tmp_path, capsys):
    """A transform that does not say the voxels of its map leaves it to the option."""
    (found, *_), _ = together
    said = json.loads(Path(found["outputs"]["transform"]).read_text()) | {"flipped": False}
    for key in ("map_box", "map_voxel_size"):
        said.pop(key)
    bare, table = tmp_path / "bare.json", tmp_path / "a.tbl"
    bare.write_text(json.dumps(said))
    rows = np.zeros((2, 35))
    rows[:, 0], rows[:, 3:9] = (1, 2), 0.5
    np.savetxt(table, rows, fmt="%g")
    words = ["align", "--apply", str(bare), str(table), "-o", str(tmp_path / "out")]
    assert main(words) == INPUT
    assert "Give it with --pixel-size." in capsys.readouterr().err
    assert main([*words, "--pixel-size", "2.7"]) == 0
    assert "its pixel size, and 2.7 Å were taken, as given" in capsys.readouterr().out
