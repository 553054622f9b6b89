from __future__ import annotations

import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import made_cs
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.core.progress import Cancelled, silent
from evenview.formats import open_particles
from evenview.formats.cryosparc_cs import FORMAT
from shared_data import shared


def view_directions(poses):
    """cryoSPARC's own: the rotation vector, as scipy turns it, applied to the beam."""
    return Rotation.from_rotvec(np.asarray(poses, float)).apply([0.0, 0.0, 1.0])


@pytest.fixture
def plain(tmp_path):
    rows = made_cs.particles(300)
    return made_cs.write(tmp_path / "J3_particles.cs", rows), rows


# --- reading


def test_directions_are_the_beam_turned_by_the_rotation_vector(plain):
    path, rows = plain
    found = open_particles(path)
    assert np.linalg.norm(rows["alignments3D/pose"], axis=1).max() > np.pi
    np.testing.assert_allclose(
        found.directions, view_directions(rows["alignments3D/pose"]), atol=1e-6
    )


def test_it_says_halves_and_pixel_size(plain):
    path, rows = plain
    found = open_particles(path)
    assert np.array_equal(found.halves, rows["alignments3D/split"] + 1)
    assert found.pixel_size == 1.07
    assert found.n_placed == 300
    assert found.notes == ()


def test_the_suffix_does_not_matter(tmp_path):
    path = made_cs.write(tmp_path / "particles.star", made_cs.particles(10))
    assert len(open_particles(path)) == 10


def test_numeric_columns_name_the_parts_of_sub_arrays_and_no_identifiers(plain):
    path, rows = plain
    table = open_particles(path).table
    assert "alignments3D/shift[1]" in table.numeric_columns
    assert "alignments3D/error" in table.numeric_columns
    assert not {"uid", "blob/path", "alignments3D/shift"} & set(table.numeric_columns)
    assert np.array_equal(table.numeric("alignments3D/shift[1]"), rows["alignments3D/shift"][:, 1])
    assert table.numeric("blob/idx").dtype == np.float64
    with pytest.raises(UserError, match="no column of numbers called uid"):
        table.numeric("uid")


def test_cells_are_the_rows_own_words(plain):
    path, rows = plain
    cells = open_particles(path).table.cells(1)
    assert cells["uid"] == "18446744073709551615"
    assert cells["blob/path"] == "J5/motioncorrected/mic00000.mrc"
    assert cells["blob/shape"] == "256, 256"
    assert cells["blob/psize_A"] == "1.07"
    assert list(cells) == list(rows.dtype.names)


def test_a_missing_pose_is_counted_and_kept(tmp_path):
    rows = made_cs.particles(20)
    rows["alignments3D/pose"][3] = np.nan
    rows["alignments3D/pose"][4, 1] = np.inf
    found = open_particles(made_cs.write(tmp_path / "a.cs", rows))
    assert np.flatnonzero(~found.placed).tolist() == [3, 4]
    assert "2 particles have no pose" in found.notes[0].text


def test_a_few_zero_poses_are_noted(tmp_path):
    rows = made_cs.particles(20)
    rows["alignments3D/pose"][5:8] = 0
    found = open_particles(made_cs.write(tmp_path / "a.cs", rows))
    assert found.n_placed == 20
    np.testing.assert_array_equal(found.directions[5], [0, 0, 1])
    assert "3 particles have the pose (0, 0, 0)" in found.notes[0].text


def test_one_value_of_split_is_no_half_set(tmp_path):
    rows = made_cs.particles(20)
    rows["alignments3D/split"] = 0
    found = open_particles(made_cs.write(tmp_path / "a.cs", rows))
    assert found.halves is None
    assert "no half-sets" in found.notes[0].text


def test_the_pixel_size_is_the_images_and_a_difference_is_said(tmp_path):
    rows = made_cs.particles(20)
    rows["alignments3D/psize_A"] = 2.14
    found = open_particles(made_cs.write(tmp_path / "a.cs", rows))
    assert found.pixel_size == 1.07
    assert "1.07" in found.notes[0].text
    assert "2.14" in found.notes[0].text


def test_fields_in_another_byte_order_and_with_padding_are_read(tmp_path):
    rows = made_cs.particles(20)
    dtype = np.dtype([("uid", "<u8"), ("alignments3D/pose", ">f8", (3,))], align=True)
    other = np.zeros(20, dtype)
    other["uid"], other["alignments3D/pose"] = rows["uid"], rows["alignments3D/pose"]
    found = open_particles(made_cs.write(tmp_path / "a.cs", other))
    np.testing.assert_allclose(
        found.directions, view_directions(rows["alignments3D/pose"]), atol=1e-12
    )
    assert found.pixel_size is None
    assert found.halves is None


def test_a_header_longer_than_numpy_trusts_is_read(tmp_path):
    fields = (
        made_cs.BLOB + made_cs.ALIGNMENT + [(f"extra/field_{i:04d}", "<f4") for i in range(900)]
    )
    rows = np.zeros(4, fields)
    rows["alignments3D/pose"] = 1.0
    assert len(open_particles(made_cs.write(tmp_path / "a.cs", rows))) == 4


# --- joined by uid


def test_poses_in_the_passthrough_are_joined_by_uid(tmp_path):
    path, passthrough, whole = made_cs.split_pair(tmp_path)
    found = open_particles(path)
    np.testing.assert_allclose(
        found.directions, view_directions(whole["alignments3D/pose"]), atol=1e-6
    )
    assert np.array_equal(found.halves, whole["alignments3D/split"] + 1)
    assert found.table.sources == (path, passthrough)
    assert np.array_equal(found.table.numeric("alignments3D/error"), whole["alignments3D/error"])
    assert found.table.cells(0)["alignments3D/split"] == "0"
    assert passthrough.name in found.notes[0].text


def test_a_passthrough_finds_the_poses_of_its_particles(tmp_path):
    blob_only, poses_only, whole = made_cs.split_pair(tmp_path)
    poses_only.rename(tmp_path / "x.cs")
    blob_only.rename(tmp_path / "J7_passthrough_particles.cs")
    (tmp_path / "x.cs").rename(tmp_path / "J7_particles.cs")
    found = open_particles(tmp_path / "J7_passthrough_particles.cs")
    np.testing.assert_allclose(
        found.directions, view_directions(whole["alignments3D/pose"]), atol=1e-6
    )


def test_the_latest_iteration_of_the_job_gives_the_poses(tmp_path):
    location = made_cs.particles(50, fields=made_cs.LOCATION)
    path = made_cs.write(tmp_path / "cryosparc_P1_J9_passthrough_particles.cs", location)
    for iteration in range(3):
        rows = made_cs.particles(50)
        rows["alignments3D/pose"] = [0.0, 0.1 + iteration, 0.0]
        made_cs.write(tmp_path / f"cryosparc_P1_J9_{iteration:03d}_particles.cs", rows)
    other = made_cs.particles(50)
    other["alignments3D/pose"] = 1.0
    made_cs.write(tmp_path / "cryosparc_P1_J99_003_particles.cs", other)
    found = open_particles(path)
    np.testing.assert_allclose(found.directions[0], view_directions([0.0, 2.1, 0.0]), atol=1e-6)
    assert "J9_002_particles.cs" in found.notes[0].text


def test_a_passthrough_goes_along_with_particles_that_need_nothing_of_it(tmp_path):
    path = made_cs.write(tmp_path / "J3_particles.cs", made_cs.particles(50))
    location = made_cs.particles(50, fields=made_cs.LOCATION)[::-1].copy()
    made_cs.write(tmp_path / "J3_passthrough_particles.cs", location)
    found = open_particles(path)
    assert np.array_equal(
        found.table.numeric("location/center_x_frac"), location["location/center_x_frac"][::-1]
    )
    assert found.notes == ()


def test_rows_that_the_passthrough_lacks_are_unplaced(tmp_path):
    path, passthrough, _ = made_cs.split_pair(tmp_path)
    rows = np.load(passthrough)
    made_cs.write(passthrough, rows[rows["uid"] != 2**64 - 1])
    found = open_particles(path)
    assert np.flatnonzero(~found.placed).tolist() == [1]
    assert found.halves[1] == 0
    assert np.isnan(found.table.numeric("alignments3D/error")[1])
    assert any("1 particle is not in" in note.text for note in found.notes)


def test_a_uid_twice_in_a_needed_passthrough_is_an_error(tmp_path):
    path, passthrough, _ = made_cs.split_pair(tmp_path)
    rows = np.load(passthrough)
    rows["uid"][7] = rows["uid"][3]
    made_cs.write(passthrough, rows)
    with pytest.raises(MalformedFileError, match=r"stands twice \(rows 4 and 8\)") as error:
        open_particles(path)
    assert passthrough.name in error.value.where


def test_a_spoilt_passthrough_that_is_not_needed_is_left_out_with_a_note(tmp_path):
    path = made_cs.write(tmp_path / "J3_particles.cs", made_cs.particles(50))
    (tmp_path / "J3_passthrough_particles.cs").write_bytes(b"\x93NUMPY junk")
    found = open_particles(path)
    assert found.table.sources == (path,)
    assert "left out" in found.notes[0].text


def test_a_passthrough_of_other_particles_is_not_joined(tmp_path):
    path = made_cs.write(tmp_path / "J3_particles.cs", made_cs.particles(50))
    rows = made_cs.particles(60, seed=5, fields=made_cs.LOCATION)[2:]
    made_cs.write(tmp_path / "J3_passthrough.cs", rows)
    assert open_particles(path).table.sources == (path,)


def test_a_pair_exported_under_any_suffix_finds_itself_again(tmp_path):
    path, _, _ = made_cs.split_pair(tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    written = open_particles(path).table.write(out / "kept.txt", np.arange(200) < 50)
    assert open_particles(out / "kept.txt").table.sources == written


# --- what cannot be shown


def sentence(path):
    with pytest.raises(UserError) as error:
        open_particles(path)
    text = str(error.value)
    assert path.name in text
    assert "\n" not in text
    return error.value


def test_a_2d_job_says_so(tmp_path):
    rows = np.zeros(5, [("uid", "<u8"), ("alignments2D/pose", "<f4")])
    error = sentence(made_cs.write(tmp_path / "a.cs", rows))
    assert isinstance(error, NoOrientationsError)
    assert "2-D" in str(error)


def test_picks_ask_for_a_refinement(tmp_path):
    rows = made_cs.particles(5, fields=made_cs.LOCATION)
    assert "picked locations" in str(sentence(made_cs.write(tmp_path / "a.cs", rows)))


def test_poses_that_are_all_zero_or_all_missing_are_no_orientations(tmp_path):
    rows = made_cs.particles(5)
    rows["alignments3D/pose"] = 0
    error = sentence(made_cs.write(tmp_path / "a.cs", rows))
    assert isinstance(error, NoOrientationsError)
    assert "(0, 0, 0)" in str(error)
    rows["alignments3D/pose"] = np.nan
    assert isinstance(sentence(made_cs.write(tmp_path / "b.cs", rows)), NoOrientationsError)


def test_an_absurd_pose_is_named_by_its_row(tmp_path):
    rows = made_cs.particles(50)
    rows["alignments3D/pose"][12] = 3e8
    assert "row 13" in str(sentence(made_cs.write(tmp_path / "a.cs", rows)))


def test_zero_rows(tmp_path):
    path = made_cs.write(tmp_path / "a.cs", made_cs.particles(3)[:0])
    assert "0 rows" in str(sentence(path))


def test_a_truncated_file_says_how_many_rows_are_whole(tmp_path):
    path = made_cs.write(tmp_path / "a.cs", made_cs.particles(1000))
    path.write_bytes(path.read_bytes()[:-1000])
    error = sentence(path)
    assert isinstance(error, MalformedFileError)
    assert "1,000 rows" in str(error)


def test_a_file_cut_in_its_header(tmp_path):
    path = made_cs.write(tmp_path / "a.cs", made_cs.particles(10))
    whole = path.read_bytes()
    for size in (6, 7, 9, 40):
        path.write_bytes(whole[:size])
        assert isinstance(sentence(path), MalformedFileError)


def test_a_damaged_header_is_an_error_in_words_or_harmless(tmp_path):
    path = made_cs.write(tmp_path / "a.cs", made_cs.particles(10))
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(300):
        spoilt = bytearray(whole)
        for place in rng.integers(0, 500, rng.integers(1, 4)):
            spoilt[place] = rng.integers(0, 256)
        path.write_bytes(spoilt)
        with suppress(UserError):
            assert len(FORMAT.read(path, silent)) <= 10


def test_python_objects_are_never_loaded(tmp_path):
    rows = np.array([(1, {"a": 1})], [("uid", "<u8"), ("note", "O")])
    assert "Python objects" in str(sentence(made_cs.write(tmp_path / "a.cs", rows)))


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((4, 3)), "named fields"),
        (made_cs.particles(4).reshape(2, 2), "named fields"),
        (made_cs.particles(4)[["blob/idx", "alignments3D/pose"]].copy(), "no uid"),
        (np.zeros(3, [("uid", "<i4"), ("alignments3D/pose", "<f4", (3,))]), "64-bit unsigned"),
        (np.ones(3, [("uid", "<u8"), ("alignments3D/pose", "<f4", (4,))]), "4 numbers a row"),
        (np.ones(3, [("uid", "<u8"), ("alignments3D/pose", "<f4")]), "1 numbers a row"),
        (np.ones(3, [("uid", "<u8"), ("alignments3D/pose", "S4", (3,))]), "not numbers"),
    ],
)
def test_arrays_that_are_no_dataset(tmp_path, array, words):
    assert words in str(sentence(made_cs.write(tmp_path / "a.cs", array)))


# --- writing


@given(data=st.data())
def test_kept_and_excluded_are_the_input_byte_for_byte(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("cs")
    n = data.draw(st.integers(1, 60))
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    rows = made_cs.particles(max(n, 2))[:n]
    path = made_cs.write(folder / "in.cs", rows)
    table = open_particles(path).table
    assert table.write(folder / "kept.cs", kept) == (folder / "kept.cs",)
    table.write(folder / "excluded.cs", ~kept)
    first, second = np.load(folder / "kept.cs"), np.load(folder / "excluded.cs")
    assert first.dtype == second.dtype == rows.dtype
    assert first.tobytes() == rows[kept].tobytes()
    assert second.tobytes() == rows[~kept].tobytes()


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_all_rows_kept_is_the_same_file_in_any_header_version(tmp_path, version):
    path = tmp_path / "in.cs"
    rows = made_cs.particles(5000)
    with path.open("wb") as file:
        np.lib.format.write_array(file, rows, version=version)
    table = open_particles(path).table
    table.write(tmp_path / "all.cs", np.ones(5000, bool))
    assert (tmp_path / "all.cs").read_bytes() == path.read_bytes()
    table.write(tmp_path / "some.cs", np.arange(5000) < 7)
    some = (tmp_path / "some.cs").read_bytes()
    assert some[:10] == path.read_bytes()[:10]
    assert np.load(tmp_path / "some.cs").tobytes() == rows[:7].tobytes()


def test_a_field_of_the_oddest_name_does_not_pass_for_the_number_of_rows(tmp_path):
    plain = made_cs.particles(20)
    rows = np.zeros(20, [*plain.dtype.descr, ("'shape': (3,)", "<f4")])
    for name in plain.dtype.names:
        rows[name] = plain[name]
    path = made_cs.write(tmp_path / "in.cs", rows)
    open_particles(path).table.write(tmp_path / "kept.cs", np.arange(20) < 7)
    assert np.load(tmp_path / "kept.cs").tobytes() == rows[:7].tobytes()


@pytest.mark.parametrize("opened", [0, 1])
def test_the_companion_goes_with_the_same_uids_in_its_own_order(tmp_path, opened):
    *pair, whole = made_cs.split_pair(tmp_path)
    if opened == 1:  # the poses in the particles, the passthrough opened
        for name, path in zip(("b", "a"), pair, strict=True):
            path.rename(tmp_path / name)
        pair = [
            (tmp_path / "a").rename(tmp_path / "J7_particles.cs"),
            (tmp_path / "b").rename(tmp_path / "J7_passthrough_particles.cs"),
        ]
    path, other = pair[opened], pair[1 - opened]
    before = open_particles(path)
    kept = np.random.default_rng(5).random(len(before)) < 0.4
    out = tmp_path / "out"
    out.mkdir()
    written = before.table.write(out / "kept.cs", kept)
    assert written[1].name == ("kept_passthrough.cs" if opened == 0 else "kept_particles.cs")
    uids = np.load(path)["uid"][kept]
    source = np.load(other)
    assert np.array_equal(np.load(written[1]), source[np.isin(source["uid"], uids)])
    after = open_particles(out / "kept.cs")
    assert after.table.sources == written
    assert np.array_equal(after.quaternions, before.quaternions[kept])
    assert len(whole) == len(before)


def test_neither_source_is_written_over(tmp_path):
    path, passthrough, _ = made_cs.split_pair(tmp_path, job="J7")
    passthrough = passthrough.rename(tmp_path / "J7_particles_passthrough.cs")
    content = [file.read_bytes() for file in (path, passthrough)]
    table = open_particles(path).table
    (tmp_path / "link.cs").symlink_to(path)
    for name in ("J7_particles.cs", "J7_particles_passthrough.cs", "link.cs"):
        with pytest.raises(UserError, match="never written over"):
            table.write(tmp_path / name, np.ones(200, bool))
    assert [file.read_bytes() for file in (path, passthrough)] == content
    assert not list(tmp_path.glob(".evenview*"))


def test_the_companions_name_may_not_be_a_source_either(tmp_path):
    particles, passthrough, _ = made_cs.split_pair(tmp_path)
    passthrough = passthrough.rename(tmp_path / "J7_passthrough.cs")
    table = open_particles(particles).table
    with pytest.raises(UserError, match="never written over"):
        table.write(tmp_path / "J7.cs", np.ones(200, bool))
    assert not (tmp_path / "J7.cs").exists()


def test_a_cancel_leaves_nothing(tmp_path):
    path, _, _ = made_cs.split_pair(tmp_path)
    table = open_particles(path).table

    def stop(fraction, phrase):
        if fraction >= 0.5:
            raise Cancelled

    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(Cancelled):
        table.write(out / "kept.cs", np.ones(200, bool), stop)
    assert not list(out.iterdir())


def test_a_source_that_changed_is_not_copied_from(tmp_path, plain):
    path, rows = plain
    table = open_particles(path).table
    made_cs.write(path, rows[::2].copy())
    with pytest.raises(UserError, match="has changed since"):
        table.write(tmp_path / "kept.cs", np.ones(300, bool))
    path.unlink()
    with pytest.raises(UserError, match="has gone since"):
        table.cells(0)
    assert not (tmp_path / "kept.cs").exists()


def test_progress_rises_from_nothing_to_all(plain, tmp_path):
    path, _ = plain
    seen = []
    FORMAT.read(path, lambda fraction, phrase: seen.append(fraction)).table.write(
        tmp_path / "o.cs", np.ones(300, bool), lambda fraction, phrase: seen.append(fraction)
    )
    assert min(seen) == 0.0
    assert seen[-1] == 1.0


# --- other people's files


def test_the_vectors_poses_and_uids_are_the_truth():
    truth = json.loads(shared("vectors/cs_star/truth.json").read_text())
    found = open_particles(shared("vectors/cs_star/J20_particles.cs"))
    np.testing.assert_allclose(found.directions, view_directions(truth["pose_used"]), atol=2e-6)
    assert [found.table.cells(i)["uid"] for i in range(265)] == truth["uid"]
    assert "location/center_x_frac" in found.table.numeric_columns
    # the passthrough's rows are permuted: opened itself, it has the same poses in its own order
    other = open_particles(shared("vectors/cs_star/J20_passthrough_particles.cs"))
    place = {uid: i for i, uid in enumerate(truth["uid"])}
    rows = [place[other.table.cells(i)["uid"]] for i in range(265)]
    assert rows != sorted(rows)
    assert np.array_equal(other.quaternions, found.quaternions[rows])


def test_pyem_and_we_agree_on_directions():
    pytest.importorskip("starfile")
    import starfile

    star = starfile.read(shared("vectors/cs_star/J20_pyem.star"), always_dict=True)["particles"]
    found = open_particles(shared("vectors/cs_star/J20_particles.cs"))
    rot, tilt = np.radians([star["rlnAngleRot"], star["rlnAngleTilt"]])
    theirs = np.column_stack([np.sin(tilt) * np.cos(rot), np.sin(tilt) * np.sin(rot), np.cos(tilt)])
    names = [
        f"{int(cells['blob/idx']) + 1:06d}@{cells['blob/path'].rpartition('/')[2]}"
        for cells in map(found.table.cells, range(265))
    ]
    ours = dict(zip(names, found.directions, strict=True))
    apart = [
        np.degrees(np.arccos(np.clip(ours[_short(name)] @ v, -1, 1)))
        for name, v in zip(star["rlnImageName"], theirs, strict=True)
    ]
    # pyem's rot2euler loses the tilt of some exact quarter turns (a bug known to its users)
    assert np.median(apart) < 1e-2
    assert np.mean(np.array(apart) < 0.1) > 0.97


def _short(image_name):
    index, _, path = image_name.partition("@")
    return f"{int(index):06d}@{path.rpartition('/')[2]}"


def test_a_real_refinement_opens_and_returns_byte_for_byte(tmp_path):
    path = shared("real/cryosparc/J24_particles.cs")
    found = open_particles(path)
    assert (len(found), found.n_placed, found.pixel_size) == (2019, 2019, 2.95)
    assert np.bincount(found.halves).tolist() == [0, 1010, 1009]
    found.table.write(tmp_path / "all.cs", np.ones(2019, bool))
    assert (tmp_path / "all.cs").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("real/broken/zero_rows.cs", "0 rows"),
        ("vectors/cs_star/J15_2d.cs", "2-D"),
    ],
)
def test_real_files_that_cannot_be_shown(name, words):
    assert words in str(sentence(shared(name)))


def test_silent_progress_is_the_default_of_writing(plain, tmp_path):
    path, _ = plain
    FORMAT.read(path, silent).table.write(tmp_path / "o.cs", np.zeros(300, bool))
    assert len(np.load(tmp_path / "o.cs")) == 0
