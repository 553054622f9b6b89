"""What Xmipp's files say of a row, made anew and moved: mirrored images above all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_star
from evenview.core import rotation
from evenview.core.errors import UserError
from evenview.core.motion import Motion, mirror
from evenview.core.record import Ctf
from evenview.formats import formats, open_particles
from evenview.tasks.described import completed, record_of
from made_record import PIXEL, N, record, unplaced
from shared_data import shared

FORM = formats()["xmipp-xmd"]
POINTS = np.random.default_rng(4).normal(0, 10, (6, 3))
TURN = Rotation.from_euler("xyz", [20, 50, -70], degrees=True).as_matrix()
SHIFT = np.array([4.0, -3.0, 2.0])

LABELS = (
    *("image", "enabled", "angleRot", "angleTilt", "anglePsi", "shiftX", "shiftY", "flip"),
    *("ref3d", "micrograph", "xcoor", "ycoor", "ctfDefocusAngle", "ctfVPPphaseshift"),
)
ROWS = (
    "000001@a.stk 1 10.5 20.25 30 1.5 -2 0 1 m1.mrc 100 200 15 0",
    "000002@a.stk 1 90 90 -45.125 -3 4 1 2 m1.mrc 300 400 -25 0",
    "000007@b.stk 1 -170 110 5 0.5 0.25 1 1 m2.mrc 500 600 35 0",
)


def text(rows=ROWS, labels=LABELS) -> str:
    return "# XMIPP_STAR_1 * \n# \n" + made_star.loop("noname", labels, rows, numbered=False)


def opened(folder, rows=ROWS):
    return completed(made_star.opened(folder, text(rows)), PIXEL)


def images(table, points: np.ndarray) -> np.ndarray:
    """Where points stand in the images as they stand, Å, from the cells of a file alone.

    The image that Xmipp uses is mirrored in x where flip is 1; to it poses and shifts belong.
    """
    angles = [table.numeric(name) for name in ("angleRot", "angleTilt", "anglePsi")]
    a = Rotation.from_euler("ZYZ", np.column_stack(angles), degrees=True).inv().as_matrix()
    shifts = PIXEL * np.column_stack([table.numeric("shiftX"), table.numeric("shiftY")])
    used = np.einsum("nij,pj->npi", a, points)[..., :2] - shifts[:, None]
    used[table.numeric("flip") == 1, :, 0] *= -1
    return used


def places(of, points: np.ndarray) -> np.ndarray:
    a = rotation.to_matrix(of.quaternions)
    return np.einsum("nij,pj->npi", a, points)[..., :2] - of.origins[:, None]


def test_mirrored_images_are_said_as_they_stand(tmp_path):
    particles = opened(tmp_path)
    said = record_of(particles)
    np.testing.assert_allclose(places(said, POINTS), images(particles.table, POINTS), atol=1e-9)


def test_a_row_says_its_image_and_where_it_was(tmp_path):
    said = record_of(opened(tmp_path))
    assert said.images.index.tolist() == [1, 2, 7]
    assert said.images.stacks.texts() == ["a.stk", "a.stk", "b.stk"]
    assert said.micrographs.texts() == ["m1.mrc", "m1.mrc", "m2.mrc"]
    assert said.classes.tolist() == [1, 2, 1]
    assert said.coordinates.values.tolist() == [[100, 200], [300, 400], [500, 600]]
    assert said.ctf.angle.tolist() == [15, -25, 35]
    assert said.ctf.phase_shift.tolist() == [0, 0, 0]
    assert said.halves is None
    assert said.taken == set(LABELS) - {"enabled"}


def test_units_tell_the_flip_and_that_the_pixel_size_is_missing(tmp_path):
    said = FORM.units(opened(tmp_path))
    assert "flip 1" in said["poses"]
    assert "pixels, RELION's origin" in said["shifts"]
    assert said["pixel size"] == "not in the file"


def test_shifts_need_a_pixel_size_unless_they_are_0(tmp_path):
    particles = made_star.opened(tmp_path, text())
    with pytest.raises(UserError, match=r"pixel size.*--pixel-size"):
        record_of(particles)
    still = [
        row.replace("1.5 -2", "0 0").replace("-3 4", "0 0").replace("0.5 0.25", "0 0")
        for row in ROWS
    ]
    said = record_of(made_star.opened(tmp_path, text(still)))
    np.testing.assert_array_equal(said.origins, np.zeros((3, 2)))
    assert said.pixel_size is None


def test_columns_of_zeros_say_no_place(tmp_path):
    rows = [" ".join([*row.split()[:9], "0", "0", "0", *row.split()[12:]]) for row in ROWS]
    said = record_of(opened(tmp_path, rows))
    assert said.coordinates is None
    assert said.micrographs is None
    assert not said.taken & {"xcoor", "ycoor", "micrograph"}


def test_phase_shifts_are_sure_only_where_they_are_0(tmp_path):
    rows = [f"{row.removesuffix(' 0')} 1.57" for row in ROWS]
    said = record_of(opened(tmp_path, rows))
    assert said.ctf.phase_shift is None
    assert "ctfVPPphaseshift" not in said.taken
    assert any("phase shifts are left out" in str(note) for note in said.notes)


@pytest.mark.parametrize(
    "motion",
    [Motion(TURN, SHIFT), Motion(mirror("z")), Motion(-TURN, SHIFT)],
    ids=["turn and shift", "mirror", "all"],
)
def test_the_moved_map_stands_where_it_was_in_mirrored_images_too(tmp_path, motion):
    particles = opened(tmp_path)
    particles.table.write_changed(tmp_path / "out", FORM.changes(particles, motion))
    after = open_particles(tmp_path / "out").table
    assert after.numeric("flip").tolist() == [0, 1, 1]
    moved = POINTS @ motion.matrix.T + motion.shift
    np.testing.assert_allclose(images(after, moved), images(particles.table, POINTS), atol=1e-4)
    assert after.numeric("ctfDefocusAngle").tolist() == [15, -25, 35]


@pytest.mark.parametrize("axis", ["x", "y"])
def test_images_that_are_mirrored_show_the_same_map_mirrored(tmp_path, axis):
    particles = made_star.opened(tmp_path, text())  # no pixel size is needed for it
    particles.table.write_changed(tmp_path / "out", FORM.changes(particles, Motion(flip=axis)))
    after = open_particles(tmp_path / "out").table
    sign = np.array([-1, 1] if axis == "x" else [1, -1])
    expected = sign * images(particles.table, POINTS)
    np.testing.assert_allclose(images(after, POINTS), expected, atol=1e-4)
    assert after.numeric("flip").tolist() == [0, 1, 1]
    assert after.numeric("ctfDefocusAngle").tolist() == [-15, 25, -35]


def test_a_shift_needs_a_pixel_size_and_columns(tmp_path):
    motion = Motion(shift=SHIFT)
    with pytest.raises(UserError, match=r"--pixel-size"):
        FORM.changes(made_star.opened(tmp_path, text()), motion)
    rows = [" ".join(row.split()[:5]) for row in ROWS]
    with pytest.raises(UserError, match="no shifts"):
        FORM.changes(made_star.opened(tmp_path, text(rows, LABELS[:5])), motion)


def test_a_new_file_begins_as_xmipp_knows_its_own(tmp_path):
    FORM.create(tmp_path / "made", unplaced(record(), slice(0, 2)))
    lines = (tmp_path / "made").read_text().splitlines()
    assert lines[0].startswith("# XMIPP_STAR_1")
    assert lines[2:4] == ["data_noname", "loop_"]
    rows = lines[-N:]
    labels = lines[4:-N]
    assert all(label.startswith(" _") for label in labels)
    assert {len(row.split()) for row in rows} == {len(labels)}
    table = open_particles(tmp_path / "made").table
    assert table.numeric("enabled").tolist() == [-1, -1] + [1] * (N - 2)
    assert table.numeric("flip").tolist() == [0] * N


def test_what_xmipp_cannot_say_is_told(tmp_path):
    source = record()
    half = replace(source.coordinates, values=source.coordinates.values + 0.5)
    odd = replace(source, coordinates=half, ctf=Ctf(phase_shift=np.full(N, 90.0)))
    created = FORM.create(tmp_path / "made", odd)
    assert {"half-sets", "box size", "phase shift"} <= set(created.dropped)
    assert any("rounded" in words for words in created.filled)
    with pytest.raises(UserError, match="subtomograms"):
        FORM.create(tmp_path / "other", record(subtomograms=True))


def test_names_with_spaces_are_in_single_quotes(tmp_path):
    source = record()
    names = replace(source.micrographs, words=tuple(f"a {k}.mrc" for k in range(2)))
    FORM.create(tmp_path / "made", replace(source, micrographs=names))
    assert "'a 0.mrc'" in (tmp_path / "made").read_text()
    assert record_of(open_particles(tmp_path / "made")).micrographs.texts() == names.texts()


def test_the_real_file_is_made_anew(tmp_path):
    particles = completed(open_particles(shared("real/xmipp/particles.xmd")), 1.5)
    said = record_of(particles)
    table = particles.table
    shifts = np.column_stack([table.numeric("shiftX"), table.numeric("shiftY")])
    np.testing.assert_allclose(said.origins, 1.5 * shifts)
    assert said.coordinates is None
    assert said.images.stacks.words == ("scaled_particles.stk",)
    FORM.create(tmp_path / "made", said)
    back = record_of(open_particles(tmp_path / "made"))
    assert rotation.angle_between(said.quaternions, back.quaternions).max() < 2e-6
    np.testing.assert_allclose(back.origins, said.origins, atol=1.5e-6)
    np.testing.assert_array_equal(back.images.index, said.images.index)
    np.testing.assert_allclose(back.ctf.defocus_u, said.ctf.defocus_u)
