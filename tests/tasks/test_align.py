"""Maps aligned and written: what is refused, what fails beside others, and what files say."""

from __future__ import annotations

import gc
import json
import re
import struct
import weakref
from collections import Counter
from dataclasses import replace

import mrcfile
import numpy as np
import pytest

import made_maps as made
import made_star
from evenview.core import rotation
from evenview.core.align.settings import Settings
from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.core.progress import Cancelled, silent
from evenview.formats.volume_mrc import open_volume
from evenview.tasks import align, align_maps, align_work
from evenview.tasks.align import AlignRequest, ApplyRequest, Moving
from evenview.tasks.align_particles import follower
from evenview.tasks.transform_file import read_transform
from made_examples import open_example

SHAPE, SIZE = (32, 32, 32), 4.0
(TURN,) = rotation.to_matrix(rotation.from_axis_angle(np.array([[1.0, 2.0, -1.0]]), [6.0]))
SHIFT = np.array([4.0, 5.0, -3.0])
NEAR = Settings(max_angle=10.0)
SINGLES = (*made_star.LABELS[1:4], "rlnOriginXAngst", "rlnOriginYAngst", "rlnOpticsGroup")
SUBTOMOGRAMS = (*made_star.LABELS[1:4], *(f"rlnOrigin{x}Angst" for x in "XYZ"), "rlnTomoName")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A reference, a map that was moved, and one whose hand is the other."""
    folder = tmp_path_factory.mktemp("maps")
    points, weights = made.chain(4, 36.0, 150)
    for name, places in (
        ("ref", points),
        ("map", made.before(points, TURN, SHIFT, False)),
        ("hand", made.before(points, TURN, SHIFT, True)),
    ):
        values = made.noisy(made.density(places, weights, SHAPE, SIZE, 5.0), 0.02, len(name))
        made.write(folder / f"{name}.mrc", values, SIZE)
    return folder


def request(folder, *names, out=None, **companions):
    maps = tuple(Moving(folder / f"{name}.mrc") for name in names)
    maps = (*maps[:-1], replace(maps[-1], **companions))
    return AlignRequest(folder / "ref.mrc", maps, settings=NEAR, folder=out)


def copied(source, path):
    path.write_bytes(source.read_bytes())
    return path


def subtomograms(path, n=4):
    rng = np.random.default_rng(1)
    rows = [" ".join(f"{x:.4f}" for x in row) + " ts1" for row in rng.uniform(1, 90, (n, 6))]
    path.write_text(made_star.optics() + made_star.loop("particles", SUBTOMOGRAMS, rows))
    return path


def singles(path, n=4):
    rng = np.random.default_rng(2)
    rows = [" ".join(f"{x:.4f}" for x in row) + " 1" for row in rng.uniform(1, 90, (n, 5))]
    path.write_text(made_star.optics((1, SIZE)) + made_star.loop("particles", SINGLES, rows))
    return path


def block(n):
    return np.random.default_rng(0).normal(size=(n,) * 3).astype(np.float32)


# --- looked at beforehand


def spoilt(folder, tmp_path, what):
    """A request of two sound maps and one of which something is wrong."""
    bad = tmp_path / "bad.mrc"
    third = Moving(copied(folder / "map.mrc", tmp_path / "third.mrc"))
    if what == "map":
        third = Moving(bad)
        bad.write_bytes((folder / "map.mrc").read_bytes()[:1024])
    elif what == "mask":
        third = replace(third, mask=made.write(bad, np.ones((20, 20, 20), np.float32), SIZE))
    elif what == "group":
        bad.write_bytes(b"nothing")
        third = replace(third, also=(bad,))
    elif what == "particles":
        bad.write_bytes(b"nothing")
        third = replace(third, particles=(bad,))
    elif what == "no shifts":
        path = made_star.save(tmp_path, made_star.angled((1, 2, 3)))
        third = replace(third, particles=(path,))
    sound = request(folder, "map", "hand", out=tmp_path / "out")
    if what == "shells":
        sound = replace(sound, settings=Settings(lowpass=40.0))
    return replace(sound, maps=(*sound.maps, third))


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("map", "only a header"),
        ("mask", "the mask has 20 × 20 × 20 voxels, its map 32 × 32 × 32"),
        ("group", "not a map"),
        ("particles", "not a particle file"),
        ("no shifts", "no column rlnOriginXAngst"),
        ("shells", "too few"),
    ],
)
def test_what_is_wrong_with_a_third_map_costs_no_alignment(folder, tmp_path, what, words):
    told = []
    with pytest.raises(UserError, match=words) as caught:
        align.run(spoilt(folder, tmp_path, what), lambda _part, phrase: told.append(phrase))
    assert not any("rotations" in phrase or "Refining" in phrase for phrase in told)
    assert not (tmp_path / "out").exists()
    assert str(tmp_path.parent) in str(caught.value)  # whole paths: many maps have one name


def test_a_mask_of_the_reference_is_looked_at_first(folder, tmp_path):
    mask = made.write(tmp_path / "mask.mrc", np.full(SHAPE, 3.0, np.float32), SIZE)
    asked = replace(request(folder, "map"), mask=mask)
    with pytest.raises(UserError, match="not a mask: its values go from 3 to 3"):
        align.run(asked)


def test_a_source_is_no_target(folder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    group = out / "map_aligned.mrc"
    group.write_bytes((folder / "map.mrc").read_bytes())
    with pytest.raises(UserError, match="never written over"):
        align.run(request(folder, "map", out=out, also=(group,)))
    assert [path.name for path in out.iterdir()] == ["map_aligned.mrc"]


def test_a_folder_that_cannot_be_made(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="this folder cannot be made"):
        align.run(request(folder, "map", out=tmp_path / "file" / "out"))


# --- several maps


@pytest.fixture(scope="module")
def some_failed(folder, tmp_path_factory):
    """Two maps, of which the mirrored one has particles that cannot be mirrored."""
    out = tmp_path_factory.mktemp("failed") / "out"
    star = subtomograms(folder / "tomo.star")
    return align.run(request(folder, "map", "hand", out=out, particles=(star,))), out


def test_a_map_that_fails_is_told_of_and_the_others_are_kept(some_failed):
    found, out = some_failed
    assert [one.path.name for one in found.maps] == ["map.mrc"]
    assert all(path.exists() for path in found.maps[0].outputs.all())
    (failed,) = found.failed
    assert failed.place == 1
    assert "the hand of the map changes, and subtomograms cannot be mirrored" in str(failed.error)
    assert not list(out.glob("hand*"))
    assert "Failed:" in found.summary()


def test_the_json_has_an_object_for_each_map_also_for_one_that_failed(some_failed):
    first, second = json.loads(json.dumps(some_failed[0].as_json()))
    assert first["error"] is None
    assert list(second) == list(first)
    assert second["map"].endswith("hand.mrc")
    assert "mirrored" in second["error"]
    assert {key for key in second if second[key] is not None} == {"map", "error"}


def test_what_is_told_elsewhere_can_be_left_out(some_failed):
    found, _ = some_failed
    assert "mirrored" in str(found.errors[0])
    told = found.without_errors()
    assert "mirrored" not in told.summary()
    assert told.maps[0].as_json() == found.maps[0].as_json()


def test_an_open_hand_is_undecided_and_why_has_a_word_for_scripts(some_failed):
    sure = some_failed[0].maps[0]
    assert sure.as_json()["unreliable_because"] is None
    found = replace(sure.found, likeness=0.1, settings=replace(NEAR, hands="same"))
    unlike = replace(sure, found=found)
    assert unlike.as_json()["reliable"] is False
    assert unlike.as_json()["unreliable_because"] == "hardly_correlate"
    assert dict(unlike.facts())["Hand"] == "undecided: the maps hardly correlate; here it is kept"
    assert unlike.warnings[0].endswith("The mirrored map was not tried.")
    worse = replace(sure, found=replace(sure.found, before=0.9, after=0.8))
    assert worse.as_json()["unreliable_because"] == "more_alike_before"
    assert "not tried" not in " ".join(worse.warnings)
    close = replace(sure, found=replace(sure.found, hand_margin=0.05))
    assert dict(close.facts())["Hand"] == "undecided: margin 0.05; here it is kept"


def test_the_pose_is_told_as_finely_as_it_is_known(some_failed):
    facts = dict(some_failed[0].maps[0].facts())
    assert re.fullmatch(r"\d+\.\d\d° about \(.*\)", facts["Turned"])
    numbers = re.findall(r"-?\d+\.(\d+)", facts["Shifted"])
    assert [len(digits) for digits in numbers] == [2] * 6


def test_the_reference_as_a_map_is_told_of(folder):
    (found,) = align.run(request(folder, "ref")).maps
    assert "ref.mrc is the reference itself." in found.every_note


def test_where_all_maps_fail_each_reason_is_told(folder, tmp_path):
    star = subtomograms(tmp_path / "tomo.star")
    again = copied(folder / "hand.mrc", tmp_path / "again.mrc")
    maps = tuple(Moving(path, particles=(star,)) for path in (folder / "hand.mrc", again))
    asked = replace(request(folder, "hand", out=tmp_path / "out"), maps=maps)
    found = align.run(asked)
    assert found.maps == ()
    assert [one.place for one in found.failed] == [0, 1]
    assert all("hand of the map changes" in str(error) for error in found.errors)
    assert len(found.errors) == len(found.as_json()) == 2
    assert not list((tmp_path / "out").iterdir())


def test_where_one_particle_file_cannot_follow_nothing_of_the_map_is_written(folder, tmp_path):
    """Single particles come first and could follow a change of hand; subtomograms could not."""
    both = (singles(tmp_path / "spa.star"), subtomograms(tmp_path / "tomo.star"))
    found = align.run(request(folder, "hand", out=tmp_path / "out", particles=both))
    assert ["hand of the map changes" in str(error) for error in found.errors] == [True]
    assert not list((tmp_path / "out").iterdir())
    (alone,) = align.run(request(folder, "hand", out=tmp_path / "alone")).maps
    files = (folder / "hand.mrc", *both)
    with pytest.raises(UserError, match="the hand of the map changes, and subtomograms cannot"):
        align.apply(ApplyRequest(alone.outputs.transform, files, tmp_path / "applied"))
    assert not (tmp_path / "applied").exists()


@pytest.mark.parametrize(("room", "times"), [(1 << 30, 1), (0, 2)])
def test_a_map_is_read_to_be_checked_and_again_only_where_there_was_no_room(
    folder, tmp_path, monkeypatch, room, times
):
    opened, really = Counter(), align_maps.open_volume

    def counted(path):
        opened[path.name] += 1
        return really(path)

    monkeypatch.setattr(align_maps, "open_volume", counted)
    monkeypatch.setattr(align_maps, "_KEPT", room)
    mask = made.write(tmp_path / "mask.mrc", np.ones(SHAPE, np.float32), SIZE)
    asked = request(folder, "map", out=tmp_path / "out", mask=mask, pixel_size=SIZE)
    align.run(replace(asked, settings=replace(NEAR, lowpass=10.0)))
    assert opened == {"ref.mrc": 1, "map.mrc": times, "mask.mrc": 2}


def test_a_map_that_failed_is_kept_no_longer(folder, monkeypatch):
    seen = []

    def fails(_reference, volume, *_rest):
        seen.append(weakref.ref(volume))
        raise UserError("it cannot be aligned")

    monkeypatch.setattr(align_work, "align", fails)
    work = align_work.checked(request(folder, "map"))
    found = work.each(work.found_and_written, [0], silent)
    assert len(found.errors) == 1
    gc.collect()
    assert seen[0]() is None


def test_progress_does_not_go_back_where_a_runner_up_is_taken(folder):
    told = []
    request_ = request(folder, "map", pose=1)
    found = align.run(request_, lambda fraction, _words: told.append(fraction))
    assert told == sorted(told), found.errors


def test_maps_side_by_side_lie_where_they_lie_alone(folder, some_failed, monkeypatch):
    monkeypatch.setattr(align_work, "cores", lambda: 1)
    (alone,) = align.run(request(folder, "map")).maps
    together = some_failed[0].maps[0].found.pose
    np.testing.assert_allclose(alone.found.pose.rotation, together.rotation, atol=1e-4)
    np.testing.assert_allclose(alone.found.pose.shift, together.shift, atol=1e-2)


def test_no_more_maps_at_once_than_memory_holds(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(align_work, "cores", lambda: 8)
    paths = [copied(folder / "map.mrc", tmp_path / f"{i}.mrc") for i in range(5)]
    work = align_work.checked(replace(request(folder, "map"), maps=tuple(map(Moving, paths))))
    assert work.at_once == 5
    monkeypatch.setattr(align_work, "_MOST_BYTES", 2 * 60 * 32**3)
    assert work.at_once == 2
    monkeypatch.setattr(align_work, "_MOST_BYTES", 1)
    assert work.at_once == 1


def test_a_cancel_leaves_nothing_half_written(folder, tmp_path):
    def stop(_part, phrase):
        if "Refining" in phrase or "Writing" in phrase:
            raise Cancelled

    with pytest.raises(Cancelled):
        align.run(request(folder, "map", "hand", out=tmp_path), stop)
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


# --- what is written


def labelled(path, source, n):
    copied(source, path)
    with mrcfile.open(path, "r+") as file:
        file.header.nlabl = n
        for i in range(n):
            file.header.label[i] = f"line {i}"
    return path


@pytest.fixture(scope="module")
def written(folder, tmp_path_factory):
    """What is written of a map with ten lines in its header, a reference elsewhere, and a group."""
    place = tmp_path_factory.mktemp("group")
    reference = labelled(place / "ref.mrc", folder / "ref.mrc", 2)
    with mrcfile.open(reference, "r+") as file:
        file.header.origin = (7.0, -8.0, 9.0)
    map_ = labelled(place / "map.mrc", folder / "map.mrc", 10)
    with mrcfile.open(map_, "r+") as file:
        file.set_extended_header(np.frombuffer(b"SERI" * 32, np.uint8))
        file.header.exttyp = b"SERI"
    values = open_volume(map_).values
    few = labelled(place / "sharp.mrc", folder / "map.mrc", 1)
    mask = (values > np.quantile(values, 0.9)).astype(np.float32)
    other = made.write(place / "mask.mrc", mask, 1.0)
    again = place / "again"
    again.mkdir()
    half = made.write(again / "map.mrc", values[1:-1, 1:-1, 1:-1].copy(), SIZE)
    moving = Moving(map_, also=(few, other, half))
    asked = AlignRequest(reference, (moving,), settings=NEAR, folder=place / "out")
    (found,) = align.run(asked).maps
    return found


def lines(path):
    assert mrcfile.validate(path)
    with mrcfile.open(path) as file:
        return [str(line) for line in file.get_labels()]


def test_lines_of_the_header_are_kept_and_one_says_what_was_done(written):
    kept = lines(written.outputs.aligned)
    assert kept[:9] == [f"line {i}" for i in range(9)]
    assert len(kept) == 10
    assert "laid over ref.mrc" in kept[9]
    assert f"turned {written.found.pose.angle:.2f} deg" in kept[9]
    sharp = lines(written.outputs.also[0])
    assert sharp[0] == "line 0"
    assert "moved to ref.mrc" in sharp[1]
    assert "map.mrc minus ref.mrc" in lines(written.outputs.difference)[0]


def test_the_header_is_that_of_the_references_voxels(written):
    for path in (written.outputs.aligned, written.outputs.difference, *written.outputs.also):
        with mrcfile.open(path) as file:
            header = file.header
            assert (header.nx, header.ny, header.nz) == SHAPE
            assert float(file.voxel_size.x) == SIZE
            assert header.origin.tolist() == (7.0, -8.0, 9.0)
            assert header.nsymbt == 0
            assert header.rms == pytest.approx(file.data.std(), rel=1e-4)
            assert header.dmean == pytest.approx(file.data.mean(), abs=1e-6)
            assert (header.dmin, header.dmax) == (file.data.min(), file.data.max())


def test_a_mask_of_the_group_stays_one_and_has_the_voxels_of_its_map(written):
    moved = open_volume(written.outputs.also[1]).values
    assert moved.min() == 0.0
    assert moved.max() == 1.0
    assert any("mask.mrc: It is a mask" in note for note in written.every_note)
    assert any("voxels of 1 Å" in note for note in written.every_note)


def test_a_map_of_the_same_name_and_another_box_goes_alike(written):
    assert len(set(written.outputs.all())) == len(written.outputs.all())
    whole, part = (
        open_volume(path).values[8:-8, 8:-8, 8:-8]
        for path in (written.outputs.aligned, written.outputs.also[2])
    )
    assert np.abs(whole - part).max() < 0.02 * whole.max()


def test_a_group_map_of_another_box_must_say_its_voxels(folder, tmp_path):
    other = made.write(tmp_path / "half.mrc", block(20), 0.0)
    with pytest.raises(UserError, match=r"half\.mrc: the map does not say its pixel size"):
        align.run(request(folder, "map", out=tmp_path, also=(other,)))


def header_words(path):
    """(3, 3): voxels, voxel size and ORIGIN (words 1, 11 and 50), read byte by byte."""
    head = path.read_bytes()[:1024]
    sides = np.array(struct.unpack_from("<3i", head, 0))
    samples = np.array(struct.unpack_from("<3i", head, 28))
    lengths = np.array(struct.unpack_from("<3f", head, 40))
    return sides, lengths / samples, np.array(struct.unpack_from("<3f", head, 196))


@pytest.mark.parametrize("said", [0.0, 2 * SIZE])
def test_start_indices_are_of_the_voxels_that_are_given(folder, tmp_path, said):
    """A header that counts voxels to its corner, and does not know how large they are."""
    starts = {"ref": np.array([-16, 5, 0]), "map": np.array([3, 0, -7])}
    for name, (x, y, z) in starts.items():
        values = mrcfile.read(folder / f"{name}.mrc")
        words = {"nxstart": x, "nystart": y, "nzstart": z}
        made.write(tmp_path / f"{name}.mrc", values, said, **words)
    asked = request(tmp_path, "map", out=tmp_path / "out")
    maps = tuple(replace(one, pixel_size=SIZE) for one in asked.maps)
    (found,) = align.run(replace(asked, maps=maps, pixel_size=SIZE)).maps
    corner = starts["ref"] * SIZE
    for path in (found.outputs.aligned, found.outputs.difference):
        sides, size, origin = header_words(path)
        np.testing.assert_array_equal(sides, SHAPE)
        np.testing.assert_allclose(size, SIZE)
        np.testing.assert_allclose(origin, corner)
    written = json.loads(found.outputs.transform.read_text())
    np.testing.assert_allclose(written["reference_origin"], corner)
    # ChimeraX multiplies points of the map, in Å from its own start, by the matrix
    matrix = np.array(written["chimerax_matrix"])
    point = np.array([10.0, -20.0, 30.0])
    here = point + (starts["map"] + 16) * SIZE
    there = TURN @ point + SHIFT + corner + 16 * SIZE
    np.testing.assert_allclose(matrix[:, :3] @ here + matrix[:, 3], there, atol=0.3)
    told = [line for line in found.outputs.chimerax.read_text().splitlines() if "volume #" in line]
    assert told[0] == "volume #1 voxelSize 4 origin -64,20,0"


# --- particles and the transform file


def test_particles_of_a_map_that_lies_right_already_are_written_as_they_are(tmp_path):
    star = subtomograms(tmp_path / "tomo.star")
    target = tmp_path / "same.star"
    follower(star, target, None, silent).follow(Motion(), target, silent)
    assert target.read_bytes() == star.read_bytes()


@pytest.fixture(scope="module")
def transform(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("transform")
    (found,) = align.run(request(folder, "map", out=out)).maps
    return found.outputs.transform


def test_what_particles_do_not_say_of_their_images_is_that_of_the_map(transform, tmp_path):
    source = open_example("cryodrgn_pkl", tmp_path, 20, 3).table.path
    done = align.apply(ApplyRequest(transform, (source,), tmp_path / "out"))
    assert any("its box, and 32 pixels were taken" in note for note in done.notes)
    assert any("its pixel size, and 4 Å" in note for note in done.notes)
    said = json.loads(transform.read_text())
    assert said["map_box"] == list(SHAPE)
    for key in ("map_box", "map_voxel_size"):
        said.pop(key)
    older = tmp_path / "older_transform.json"
    older.write_text(json.dumps(said))
    with pytest.raises(UserError, match="does not say"):
        align.apply(ApplyRequest(older, (source,), tmp_path / "again"))


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("flipped", "false", '"flipped" is "false", which is neither true nor false'),
        ("flipped", 0, '"flipped" is 0, which is neither true nor false'),
        ("reference_box", [3.7, 32, 32], '"reference_box" is [3.7, 32, 32], which is not three'),
        ("reference_box", [32, 32], '"reference_box" is [32, 32], which is not three whole'),
        ("map_box", [True, 32, 32], '"map_box" is [true, 32, 32], which is not three whole'),
        ("map_box", "323", '"map_box" is "323", which is not three whole numbers'),
        ("reference_voxel_size", -1, "no transform that evenview align has written"),
    ],
)
def test_a_transform_that_somebody_changed_is_not_guessed_at(
    transform, tmp_path, key, value, words
):
    path = tmp_path / "changed_transform.json"
    path.write_text(json.dumps(json.loads(transform.read_text()) | {key: value}))
    with pytest.raises(UserError, match=re.escape(words)) as error:
        read_transform(path)
    assert error.value.where == str(path)
    path.write_text(json.dumps(json.loads(transform.read_text()) | {"map_box": [32.0, 32, 32]}))
    assert read_transform(path).map_voxels.box == (32, 32, 32)


def test_all_files_are_looked_at_before_one_is_moved(folder, transform, tmp_path):
    bad = tmp_path / "bad.star"
    bad.write_text("nothing")
    with pytest.raises(UserError, match="not a particle file"):
        align.apply(ApplyRequest(transform, (folder / "map.mrc", bad), tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_transform_lays_a_map_of_other_voxels_where_it_belongs(folder, transform, tmp_path):
    points, weights = made.chain(4, 36.0, 150)
    fine = made.density(made.before(points, TURN, SHIFT, False), weights, (45, 44, 46), 3.1, 5.0)
    path = made.write(tmp_path / "fine.mrc", fine.astype(np.float32), 3.1)
    align.apply(ApplyRequest(transform, (path,), tmp_path / "out"))
    truth = made.density(points, weights, SHAPE, SIZE, 5.0)
    laid = open_volume(tmp_path / "out" / "fine_aligned.mrc").values
    assert np.abs(laid - truth)[6:-6, 6:-6, 6:-6].max() < 0.02 * truth.max()
    assert "moved by map_transform.json" in lines(tmp_path / "out" / "fine_aligned.mrc")[-1]
