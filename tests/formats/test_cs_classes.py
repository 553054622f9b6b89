"""Poses for several classes: the most probable one of each particle, or one that is chosen."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_cs
import made_star
from evenview.core.errors import MalformedFileError, UserError
from evenview.core.reading import Reading
from evenview.formats import open_particles
from shared_data import shared

POSES, POSTERIORS = "alignments3D_multi/pose", "alignments3D_multi/class_posterior"
FAMILIES = ["", "alignments_class", "alignments_class3D"]


def view_directions(poses):
    return Rotation.from_rotvec(np.asarray(poses, float)).apply([0.0, 0.0, 1.0])


def assert_shows(found, poses):
    np.testing.assert_allclose(found.directions, view_directions(poses), atol=1e-6)


@pytest.fixture(params=FAMILIES, ids=["multi", "class", "class3D"])
def several(request, tmp_path):
    rows, best = made_cs.classes(200)
    file = made_cs.by_fields(rows, request.param) if request.param else rows
    return made_cs.write(tmp_path / "J9_particles.cs", file), rows, best


def test_the_most_probable_class_counts(several):
    path, rows, best = several
    found = open_particles(path)
    assert_shows(found, rows[POSES][np.arange(200), best])
    assert np.array_equal(found.halves, np.arange(200) % 2 + 1)
    assert found.pixel_size == 1.07
    assert found.reading.chosen_class is None
    assert found.classes == (0, 1, 2)
    counts = ", ".join(f"{k}: {n}" for k, n in enumerate(np.bincount(best)))
    assert "most probable class" in found.notes[0].meaning
    assert counts in found.notes[0].meaning


@pytest.mark.parametrize("chosen", [0, 2])
def test_one_class_can_be_chosen(several, chosen):
    path, rows, best = several
    found = open_particles(path, reading=Reading(chosen))
    assert_shows(found, rows[POSES][:, chosen])
    assert found.reading.chosen_class == chosen
    assert f"those of class {chosen}" in found.notes[0].text
    assert f"of {np.count_nonzero(best == chosen)} of the 200" in found.notes[0].meaning


def test_a_class_that_is_not_there(several):
    with pytest.raises(UserError, match=r"no class 3 in the file. Choose one of: 0, 1, 2"):
        open_particles(several[0], reading=Reading(3))
    with pytest.raises(UserError, match="no class -1"):
        open_particles(several[0], reading=Reading(-1))


def test_classes_are_found_by_their_number_and_not_by_their_place(tmp_path):
    rows, best = made_cs.classes(50)
    rows["alignments3D_multi/class"] = [4, 0, 2]
    path = made_cs.write(tmp_path / "a.cs", rows)
    assert_shows(open_particles(path, reading=Reading(4)), rows[POSES][:, 0])
    assert_shows(open_particles(path, reading=Reading(2)), rows[POSES][:, 2])
    assert_shows(open_particles(path), rows[POSES][np.arange(50), best])


def test_a_particle_without_a_pose_for_the_class_is_unplaced(tmp_path):
    rows, _ = made_cs.classes(50)
    rows["alignments3D_multi/class"][:20] = [3, 4, 5]
    found = open_particles(made_cs.write(tmp_path / "a.cs", rows), reading=Reading(1))
    assert np.flatnonzero(~found.placed).tolist() == list(range(20))
    assert (found.halves[:20] > 0).all()


def test_equal_and_missing_posteriors_are_told(tmp_path):
    rows, best = made_cs.classes(50)
    rows[POSTERIORS][:3] = [0.2, 0.4, 0.4]
    rows[POSTERIORS][3] = np.nan
    rows[POSTERIORS][4] = [np.nan, 0.1, 0.9]
    found = open_particles(made_cs.write(tmp_path / "a.cs", rows))
    best[:5] = [1, 1, 1, 0, 2]
    assert np.flatnonzero(~found.placed).tolist() == [3]
    expected = rows[POSES][np.arange(50), best]
    np.testing.assert_allclose(
        found.directions[found.placed], view_directions(expected)[found.placed], atol=1e-6
    )
    assert any("3 particles have the same highest posterior" in note.text for note in found.notes)


def test_without_posteriors_a_class_must_be_chosen(several):
    path, rows, _ = several
    held = np.load(path)
    kept = [name for name in held.dtype.names if not name.endswith("class_posterior")]
    bare = np.zeros(200, [(name, held.dtype[name]) for name in kept])
    for name in kept:
        bare[name] = held[name]
    made_cs.write(path, bare)
    with pytest.raises(UserError, match=r"no posteriors .* Choose one class: 0, 1, 2"):
        open_particles(path)
    assert_shows(open_particles(path, reading=Reading(1)), rows[POSES][:, 1])


def test_one_pose_goes_before_several_unless_a_class_is_chosen(tmp_path):
    rows, _ = made_cs.classes(50)
    both = np.zeros(50, [*rows.dtype.descr, ("alignments3D/pose", "<f4", (3,))])
    for name in rows.dtype.names:
        both[name] = rows[name]
    both["alignments3D/pose"] = made_cs.poses(50, np.random.default_rng(8))
    path = made_cs.write(tmp_path / "a.cs", both)
    assert_shows(open_particles(path), both["alignments3D/pose"])
    assert_shows(open_particles(path, reading=Reading(1)), rows[POSES][:, 1])


def test_classes_in_the_passthrough_are_joined(tmp_path):
    rows, best = made_cs.classes(50)
    images = made_cs.particles(50, fields=made_cs.BLOB)
    path = made_cs.write(tmp_path / "J9_particles.cs", images)
    made_cs.write(tmp_path / "J9_passthrough_particles.cs", rows[::-1].copy())
    found = open_particles(path)
    assert_shows(found, rows[POSES][np.arange(50), best])
    assert any("J9_passthrough_particles.cs" in note.text for note in found.notes)
    assert_shows(open_particles(path, reading=Reading(2)), rows[POSES][:, 2])


def test_kept_rows_keep_all_their_classes(several, tmp_path):
    path, rows, _ = several
    kept = np.arange(200) % 3 == 0
    open_particles(path, reading=Reading(1)).table.write(tmp_path / "kept.cs", kept)
    assert np.load(tmp_path / "kept.cs").tobytes() == np.load(path)[kept].tobytes()
    assert_shows(open_particles(tmp_path / "kept.cs", reading=Reading(2)), rows[POSES][kept, 2])


def test_a_file_of_one_pose_has_no_class_to_choose(tmp_path):
    path = made_cs.write(tmp_path / "a.cs", made_cs.particles(5))
    with pytest.raises(UserError, match="poses for several classes, so none can be chosen"):
        open_particles(path, reading=Reading(0))
    star = tmp_path / "a.star"
    star.write_text(made_star.optics() + made_star.particles())
    with pytest.raises(UserError, match="RELION star does not have poses for several"):
        open_particles(star, reading=Reading(0))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ([(POSES, "<f4", (3,))], "shape"),
        ([(POSES, "<f4", (2, 4))], "shape"),
        ([(POSES, "<f4", (2, 3)), (POSTERIORS, "<f4", (3,))], "another number"),
        ([(POSES, "<f4", (2, 3)), (POSTERIORS, "<f4")], "another number"),
        (
            [("alignments_class_0/pose", "<f4", (3,)), ("alignments_class_1/pose", "<f4", (2,))],
            "same shape",
        ),
        ([("alignments_class_0/pose", "<f4", (2,))], "2 numbers a row"),
        ([(POSES, "S4", (1, 3))], "not numbers"),
    ],
)
def test_fields_of_another_shape(tmp_path, fields, words):
    rows = np.ones(5, [("uid", "<u8"), *fields])
    posterior = "alignments_class_{}/class_posterior"
    if fields[0][0].startswith("alignments_class"):
        names = [posterior.format(i) for i in range(len(fields))]
        wide = np.ones(5, [*rows.dtype.descr, *((name, "<f4") for name in names)])
        rows = wide
    path = made_cs.write(tmp_path / "a.cs", rows)
    with pytest.raises(MalformedFileError, match=words):
        open_particles(path)


# --- other people's files


def test_the_vector_shows_the_best_class_of_the_truth():
    path = shared("vectors/cs_star/J30_multi.cs")
    truth = json.loads(shared("vectors/cs_star/truth.json").read_text())
    rows = np.load(path)
    found = open_particles(path)
    assert_shows(found, rows[POSES][np.arange(265), truth["best_class"]])
    assert np.array_equal(found.halves, rows["alignments3D_multi/split"] + 1)


def test_pyem_chooses_the_same_class_and_direction():
    starfile = pytest.importorskip("starfile")
    star = starfile.read(shared("vectors/cs_star/J30_pyem.star"), always_dict=True)["particles"]
    found = open_particles(shared("vectors/cs_star/J30_multi.cs"))
    cells = [found.table.cells(i) for i in range(265)]
    row_of = {
        (int(one["blob/idx"]) + 1, one["blob/path"].rpartition("/")[2]): i
        for i, one in enumerate(cells)
    }
    rows = [
        row_of[int(name.partition("@")[0]), name.rpartition("/")[2]]
        for name in star["rlnImageName"]
    ]
    rot, tilt = np.radians([star["rlnAngleRot"], star["rlnAngleTilt"]])
    theirs = np.column_stack([np.sin(tilt) * np.cos(rot), np.sin(tilt) * np.sin(rot), np.cos(tilt)])
    apart = np.degrees(np.arccos(np.clip((theirs * found.directions[rows]).sum(axis=1), -1, 1)))
    # pyem's rot2euler loses the tilt of some exact quarter turns (a bug known to its users)
    assert np.mean(apart < 0.1) > 0.97
