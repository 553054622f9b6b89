"""cryoSPARC files whose map is turned, moved or mirrored, or whose images are."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_cs
from evenview.core import rotation
from evenview.core.errors import UserError
from evenview.core.motion import Motion, mirror
from evenview.formats import cryosparc_csg, open_particles
from evenview.formats.cryosparc_cs import FORMAT
from evenview.tasks.described import completed

POINTS = np.random.default_rng(4).normal(0, 60, (12, 3))
TURN = Rotation.from_euler("ZYX", [40, -25, 110], degrees=True).as_matrix()
MOVED = Motion(TURN, np.array([3.0, -8.0, 5.5]))


def matrices(poses):
    """A of cryoSPARC's poses, by scipy: the transpose of the turn about the rotation vector."""
    return np.swapaxes(Rotation.from_rotvec(np.asarray(poses, float)).as_matrix(), 1, 2)


def seen(rows, points, prefix="alignments3D", k=None):
    """Where the images show points (P, 3) of the map, Å from their centres: (N, P, 2)."""
    pose, shift = (rows[f"{prefix}/{leaf}"].astype(float) for leaf in ("pose", "shift"))
    if k is not None:
        pose, shift = pose[:, k], shift[:, k]
    u = (matrices(pose) @ points.T)[:, :2].transpose(0, 2, 1)
    return u - (shift * rows[f"{prefix}/psize_A"].astype(float)[:, None])[:, None]


def moved(motion, points):
    return points @ motion.matrix.T + motion.shift


def change(path, motion, target, form=FORMAT):
    particles = open_particles(path)
    return particles.table.write_changed(target, form.changes(particles, motion))


def fields_that_differ(a, b):
    assert a.dtype == b.dtype
    return {name for name in a.dtype.names if a[name].tobytes() != b[name].tobytes()}


@pytest.fixture
def whole(tmp_path):
    rows = made_cs.whole(150)
    return made_cs.write(tmp_path / "J3_particles.cs", rows), rows


# --- what the images show


@pytest.mark.parametrize(
    "motion",
    [
        MOVED,
        Motion(TURN),
        Motion(shift=np.array([1.0, 2.0, 3.0])),
        Motion(mirror("z"), np.array([0, 0, 1.07])),
        Motion(mirror("inversion")),
        Motion(TURN @ mirror("x"), np.array([4.0, 0, -2])),
    ],
)
def test_the_images_show_the_moved_map_where_they_showed_the_old_one(whole, tmp_path, motion):
    path, rows = whole
    change(path, motion, tmp_path / "new.cs")
    new = np.load(tmp_path / "new.cs")
    np.testing.assert_allclose(seen(new, moved(motion, POINTS)), seen(rows, POINTS), atol=1e-4)


def test_only_poses_and_shifts_differ_and_shifts_only_where_they_change(whole, tmp_path):
    path, rows = whole
    pose, shift = "alignments3D/pose", "alignments3D/shift"
    for motion, fields in (
        (MOVED, {pose, shift}),
        (Motion(TURN), {pose}),
        (Motion(shift=np.ones(3)), {shift}),
        (Motion(flip="y"), {pose, shift, "ctf/df_angle_rad"}),
    ):
        change(path, motion, tmp_path / "new.cs")
        assert fields_that_differ(np.load(tmp_path / "new.cs"), rows) == fields


@pytest.mark.parametrize(("axis", "signs"), [("x", (-1, 1)), ("y", (1, -1))])
def test_mirrored_images_show_the_mirror_image(whole, tmp_path, axis, signs):
    path, rows = whole
    change(path, Motion(flip=axis), tmp_path / "new.cs")
    new = np.load(tmp_path / "new.cs")
    np.testing.assert_allclose(seen(new, POINTS), seen(rows, POINTS) * signs, atol=1e-4)
    np.testing.assert_allclose(new["ctf/df_angle_rad"], -rows["ctf/df_angle_rad"], rtol=1e-6)


def test_a_shift_of_its_own_for_each_mirrored_image(whole, tmp_path):
    path, rows = whole
    own = np.linspace(-5, 5, len(rows))
    change(path, Motion(flip="y", flip_shift=own), tmp_path / "new.cs")
    expected = seen(rows, POINTS) * (1, -1)
    expected[:, :, 1] -= own[:, None]
    np.testing.assert_allclose(seen(np.load(tmp_path / "new.cs"), POINTS), expected, atol=1e-4)


def test_the_record_of_the_new_file_is_the_moved_record(whole, tmp_path):
    path, _ = whole
    before = FORMAT.record(open_particles(path))
    change(path, MOVED, tmp_path / "new.cs")
    after = FORMAT.record(open_particles(tmp_path / "new.cs"))
    q, origins = MOVED.apply(before.quaternions, before.origins)
    assert rotation.angle_between(after.quaternions, q).max() < FORMAT.precision.degrees
    np.testing.assert_allclose(after.origins, origins, atol=FORMAT.precision.shift * 2.14)
    assert np.array_equal(after.halves, before.halves)


@pytest.mark.parametrize("motion", [MOVED, Motion(mirror("y"), np.ones(3)), Motion(flip="x")])
def test_there_and_back_is_the_same(whole, tmp_path, motion):
    path, rows = whole
    inverse = motion.matrix.T
    back = Motion(inverse, -inverse @ motion.shift, motion.flip)
    change(path, motion, tmp_path / "there.cs")
    change(tmp_path / "there.cs", back, tmp_path / "back.cs")
    again = np.load(tmp_path / "back.cs")
    turned = matrices(again["alignments3D/pose"]) - matrices(rows["alignments3D/pose"])
    assert np.abs(turned).max() < 1e-6
    np.testing.assert_allclose(
        again["alignments3D/shift"], rows["alignments3D/shift"], rtol=1e-6, atol=1e-5
    )


def test_poses_are_the_same_bits_where_nothing_turns(whole, tmp_path):
    path, rows = whole
    rows["alignments3D/pose"][5] = np.nan
    made_cs.write(path, rows)
    change(path, Motion(shift=np.ones(3)), tmp_path / "new.cs")
    new = np.load(tmp_path / "new.cs")
    assert new["alignments3D/pose"].tobytes() == rows["alignments3D/pose"].tobytes()
    assert np.array_equal(new["alignments3D/shift"][5], rows["alignments3D/shift"][5])


# --- several classes


def test_every_class_is_moved(tmp_path):
    rows, _ = made_cs.classes(40)
    shift = np.random.default_rng(5).normal(size=(40, 3, 2)).astype("<f4")
    rows = made_cs.with_field(rows, "alignments3D_multi/shift", shift)
    path = made_cs.write(tmp_path / "a.cs", rows)
    change(path, MOVED, tmp_path / "new.cs")
    new = np.load(tmp_path / "new.cs")
    for k in range(3):
        np.testing.assert_allclose(
            seen(new, moved(MOVED, POINTS), "alignments3D_multi", k),
            seen(rows, POINTS, "alignments3D_multi", k),
            atol=1e-4,
        )
    assert fields_that_differ(new, rows) == {"alignments3D_multi/pose", "alignments3D_multi/shift"}


@pytest.mark.parametrize("prefix", ["alignments_class3D", "alignments_class"])
def test_every_group_of_fields_of_a_class_is_moved(tmp_path, prefix):
    rows = made_cs.by_fields(made_cs.classes(40)[0], prefix)
    for k in range(3):
        rows = made_cs.with_field(rows, f"{prefix}_{k}/shift", np.full((40, 2), k, "<f4"))
    path = made_cs.write(tmp_path / "a.cs", rows)
    change(path, MOVED, tmp_path / "new.cs")
    new = np.load(tmp_path / "new.cs")
    for k in range(3):
        np.testing.assert_allclose(
            seen(new, moved(MOVED, POINTS), f"{prefix}_{k}"),
            seen(rows, POINTS, f"{prefix}_{k}"),
            atol=1e-4,
        )


def test_what_is_no_pose_of_the_map_stays(tmp_path):
    rows = made_cs.particles(20)
    others = ("alignments2D/pose", "alignments3D/object_pose", "sym_expand/idx")
    for name, values in zip(others, (np.ones(20), np.ones((20, 3)), np.arange(20)), strict=True):
        rows = made_cs.with_field(rows, name, values.astype("<f4"))
    path = made_cs.write(tmp_path / "a.cs", rows)
    assert not set(FORMAT.changes(open_particles(path), MOVED)) & set(others)
    change(path, MOVED, tmp_path / "new.cs")
    assert not fields_that_differ(np.load(tmp_path / "new.cs"), rows) & set(others)


# --- companions and groups


def test_poses_in_the_passthrough_are_changed_there(tmp_path):
    path, passthrough, _ = made_cs.split_pair(tmp_path)
    (tmp_path / "out").mkdir()
    written = change(path, MOVED, tmp_path / "out" / "J7.cs")
    assert written == open_particles(path).table.targets(tmp_path / "out" / "J7.cs")
    assert written[0].read_bytes() == path.read_bytes()
    old, new = np.load(passthrough), np.load(written[1])
    assert fields_that_differ(new, old) == {"alignments3D/pose", "alignments3D/shift"}
    np.testing.assert_allclose(seen(new, moved(MOVED, POINTS)), seen(old, POINTS), atol=1e-4)
    assert open_particles(written[0]).table.sources == written


def test_a_copy_in_the_passthrough_goes_along_and_another_alignment_stays(tmp_path):
    path = made_cs.write(tmp_path / "J3_particles.cs", made_cs.particles(50))
    beside = tmp_path / "J3_passthrough_particles.cs"
    (tmp_path / "out").mkdir()
    for is_copy in (True, False):
        rows = made_cs.particles(50)[::-1].copy()
        if not is_copy:
            rows["alignments3D/pose"] += 0.1
        made_cs.write(beside, rows)
        new = np.load(change(path, MOVED, tmp_path / "out" / "J3.cs")[1])
        differ = {"alignments3D/pose", "alignments3D/shift"} if is_copy else set()
        assert fields_that_differ(new, rows) == differ
        notes = [str(note) for note in FORMAT.record(open_particles(path)).notes]
        assert any("another alignment" in note for note in notes) != is_copy


def test_a_group_is_written_as_a_group(tmp_path):
    path, _ = made_cs.write_group(tmp_path)
    old = open_particles(path)
    (tmp_path / "out").mkdir()
    written = change(path, MOVED, tmp_path / "out" / "new.csg", cryosparc_csg.FORMAT)
    assert written == old.table.targets(tmp_path / "out" / "new.csg")
    new = open_particles(written[0])
    assert set(new.table.sources) == set(written)
    q, _ = MOVED.apply(old.quaternions, None)
    assert rotation.angle_between(new.quaternions, q).max() < 2e-5
    assert [written[0].parent / name for name in named_in(written[0])] == sorted(written[1:])


def named_in(group):
    lines = group.read_text().splitlines()
    found = {line.partition("'>")[2].rstrip("'") for line in lines if "metafile" in line}
    return sorted(found)


# --- streams


@pytest.mark.parametrize("packed", [True, False])
def test_a_stream_changes_in_its_own_form(whole, tmp_path, packed):
    path, rows = whole
    stream = made_cs.write_stream(tmp_path / "s.cs", rows, packed)
    table = open_particles(stream).table
    table.write_changed(tmp_path / "same.cs", {})
    assert (tmp_path / "same.cs").read_bytes() == stream.read_bytes()
    change(stream, MOVED, tmp_path / "new.cs")
    change(path, MOVED, tmp_path / "plain.cs")
    new, plain = (
        open_particles(tmp_path / "new.cs").table,
        open_particles(tmp_path / "plain.cs").table,
    )
    for name in plain.numeric_columns:
        assert np.array_equal(new.numeric(name), plain.numeric(name)), name
    assert [new.cells(i) for i in (0, 149)] == [plain.cells(i) for i in (0, 149)]
    assert header(tmp_path / "new.cs") == header(stream)


def header(stream):
    data = stream.read_bytes()
    return json.loads(data[10 : 10 + int.from_bytes(data[6:10], "little")])


@pytest.mark.parametrize("size", [0, 1, 14, 15, 16, 269, 270, 271, 100_000])
def test_bytes_as_literals_are_a_block_that_unpacks(size):
    from evenview.core.kernels import lz4
    from evenview.formats.cs.stream_form import as_literals

    data = np.random.default_rng(size).integers(0, 256, size, dtype=np.uint8)
    out = np.empty(size, np.uint8)
    assert lz4.unpack(np.frombuffer(as_literals(data.tobytes()), np.uint8), out) == size
    assert np.array_equal(out, data)


def test_rows_that_go_from_a_passthrough_in_stream_form_go_with_the_change(tmp_path):
    path, passthrough, _ = made_cs.split_pair(tmp_path)
    made_cs.write_stream(passthrough, np.load(passthrough))
    made_cs.write(path, np.load(path)[:100])
    old = open_particles(path)
    new = open_particles(change(path, MOVED, tmp_path / "new.cs")[0])
    q, _ = MOVED.apply(old.quaternions, None)
    assert rotation.angle_between(new.quaternions, q).max() < 2e-5


# --- writing any numbers


def test_no_change_is_the_same_file(whole, tmp_path):
    path, _ = whole
    open_particles(path).table.write_changed(tmp_path / "same.cs", {})
    assert (tmp_path / "same.cs").read_bytes() == path.read_bytes()


def test_a_nan_leaves_its_cell_whatever_the_type(whole, tmp_path):
    path, rows = whole
    numbers = np.full(150, np.nan)
    numbers[::3] = 9
    names = ("alignments3D/split", "blob/shape[1]", "alignments3D/error")
    open_particles(path).table.write_changed(tmp_path / "new.cs", dict.fromkeys(names, numbers))
    new = np.load(tmp_path / "new.cs")
    for field in ("alignments3D/split", "alignments3D/error"):
        assert (new[field][::3] == 9).all()
        assert np.array_equal(new[field][1::3], rows[field][1::3])
    assert np.array_equal(new["blob/shape"][:, 0], rows["blob/shape"][:, 0])
    assert (new["blob/shape"][::3, 1] == 9).all()
    assert fields_that_differ(new, rows) == {
        "alignments3D/split",
        "blob/shape",
        "alignments3D/error",
    }


@pytest.mark.parametrize(
    ("name", "number", "words"),
    [
        ("alignments3D/split", 0.5, "alignments3D/split cannot be 0.5"),
        ("alignments3D/split", -1, "cannot be -1"),
        ("alignments3D/error", 1e39, r"cannot be 1e\+39"),
        ("no such", 1, "no column of numbers called no such"),
        ("uid", 1, "no column of numbers called uid"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(whole, tmp_path, name, number, words):
    table = open_particles(whole[0]).table
    with pytest.raises(UserError, match=words):
        table.write_changed(tmp_path / "new.cs", {name: np.full(150, float(number))})
    assert not (tmp_path / "new.cs").exists()


def test_a_source_is_never_written_over(whole):
    path, rows = whole
    with pytest.raises(UserError, match="never written over"):
        change(path, MOVED, path)
    assert np.load(path).tobytes() == rows.tobytes()


# --- what cannot be said


def test_a_file_without_shifts_cannot_follow_a_moved_map(tmp_path):
    rows = made_cs.part(made_cs.particles(20), ["uid", "alignments3D/pose"])
    path = made_cs.write(tmp_path / "a.cs", rows)
    with pytest.raises(UserError, match="alignments3D/shift"):
        FORMAT.changes(open_particles(path), MOVED)
    assert set(FORMAT.changes(open_particles(path), Motion(TURN))) == {
        f"alignments3D/pose[{i}]" for i in range(3)
    }


def test_shifts_in_pixels_of_unknown_size_cannot_follow_a_moved_map(tmp_path):
    names = ["uid", "alignments3D/pose", "alignments3D/shift"]
    rows = made_cs.part(made_cs.particles(20), names)
    path = made_cs.write(tmp_path / "a.cs", rows)
    with pytest.raises(UserError, match="how large the pixels are"):
        FORMAT.changes(open_particles(path), MOVED)
    assert FORMAT.changes(open_particles(path), Motion(flip="x"))


@pytest.mark.parametrize("prefix", [None, "alignments_class"])
def test_the_pixel_size_that_is_given_is_that_of_shifts_where_the_file_says_none(tmp_path, prefix):
    rows, _ = made_cs.classes(20)
    if prefix is None:
        rows = made_cs.particles(20)
    shift = np.random.default_rng(5).normal(size=(20, 2)).astype("<f4")
    rows = made_cs.by_fields(rows, prefix) if prefix else rows
    groups = [f"{prefix}_{k}" for k in range(3)] if prefix else ["alignments3D"]
    for group in groups:
        if prefix:
            rows = made_cs.with_field(rows, f"{group}/shift", shift)
    names = [name for name in rows.dtype.names if not name.endswith("psize_A")]
    path = made_cs.write(tmp_path / "a.cs", made_cs.part(rows, names))
    particles = completed(open_particles(path), 1.3)
    target = tmp_path / "new.cs"
    particles.table.write_changed(target, FORMAT.changes(particles, MOVED))
    new = np.load(target)
    for group in groups:
        sized = [
            made_cs.with_field(one, f"{group}/psize_A", np.full(20, 1.3))
            for one in (made_cs.part(rows, names), new)
        ]
        before, after = seen(sized[0], POINTS, group), seen(sized[1], moved(MOVED, POINTS), group)
        np.testing.assert_allclose(after, before, atol=1e-4)


def test_what_stays_behind_is_told(tmp_path):
    rows = made_cs.with_field(
        made_cs.particles(20), "alignments3D/object_pose", np.ones((20, 3), "<f4")
    )
    particles = open_particles(made_cs.write(tmp_path / "a.cs", rows))
    assert any("object_pose" in note.text for note in FORMAT.motion_notes(particles))
