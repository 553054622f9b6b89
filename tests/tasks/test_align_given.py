"""Files that are given to be aligned or moved: which are refused, warned of, and told apart."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import made_maps as made
import made_star
from evenview.core.errors import SeveralFilesError, UserError
from evenview.core.motion import Motion
from evenview.core.rotation import from_axis_angle, to_matrix
from evenview.formats import formats, open_particles
from evenview.formats.base import Creatable, Movable
from evenview.formats.volume_mrc import is_map, open_volume
from evenview.tasks import align
from evenview.tasks.align import AlignRequest, ApplyRequest, Moving
from evenview.tasks.align_outputs import told_apart
from evenview.tasks.transform_file import TransformFile, write_transform
from made_examples import example_kinds, open_example
from made_record import record

SIZE, SIDE = 3.0, 24
(TURN,) = to_matrix(from_axis_angle(np.array([[1.0, 2.0, -1.0]]), [50.0]))
MOVABLE = sorted(
    name
    for name, form in formats().items()
    if isinstance(form, Creatable) and isinstance(form, Movable)
)
MOTION = Motion(TURN, np.array([3.0, -2.0, 1.0]))


def write_map(path, side=SIDE, size=SIZE):
    values = np.random.default_rng(side).normal(size=(side,) * 3).astype(np.float32)
    return made.write(path, values, size)


@pytest.fixture
def folder(tmp_path):
    """A reference, a map, and the transform that was found for it."""
    ref, path = write_map(tmp_path / "ref.mrc", 22), write_map(tmp_path / "map.mrc")
    file = TransformFile.of(MOTION, ref, open_volume(ref), path, open_volume(path))
    write_transform(tmp_path / "t_transform.json", tmp_path / "t.cxc", file)
    return tmp_path


def apply(folder, *paths):
    return align.apply(ApplyRequest(folder / "t_transform.json", paths, folder / "out"))


@pytest.mark.parametrize("kind", example_kinds())
def test_no_particle_file_is_taken_for_a_map(folder, kind):
    """Tables of cisTEM begin with small numbers, as maps do, and so do lists in EM form."""
    assert not is_map(open_example(kind, folder, 30, 5).table.path)


def created(form, folder):
    """A file with shifts, of images or of subtomograms."""
    path = folder / f"particles{form.suffixes[0]}"
    for subtomograms in (False, True):
        with suppress(UserError):
            return form.create(path, record(subtomograms=subtomograms)).files[0]
    raise AssertionError(form.name)


@pytest.mark.parametrize("name", MOVABLE)
def test_particles_of_each_movable_format_are_moved(folder, name):
    path = created(formats()[name], folder)
    assert not is_map(path)
    ((_, target),) = apply(folder, path).written
    before, after = (open_particles(one).quaternions for one in (path, target))
    turned = to_matrix(before) @ TURN.T
    np.testing.assert_allclose(to_matrix(after), turned, atol=1e-3)


def test_a_map_of_the_transforms_box_is_moved_without_a_word(folder):
    assert apply(folder, write_map(folder / "half.mrc"), folder / "map.mrc").warnings == ()


@pytest.mark.parametrize(("side", "size"), [(SIDE, 1.1 * SIZE), (2 * SIDE, SIZE / 2), (20, SIZE)])
def test_a_map_of_another_box_or_extent_is_warned_of(folder, side, size):
    (warning,) = apply(folder, write_map(folder / "other.mrc", side, size)).warnings
    assert f"other.mrc has {side} × {side} × {side} voxels of {size:.4g} Å" in warning
    assert "found for a map of 24 × 24 × 24 voxels of 3 Å (72 Å)" in warning


def test_the_reference_is_warned_of_when_it_is_moved(folder):
    done = apply(folder, folder / "map.mrc", folder / "ref.mrc")
    (warning,) = done.warnings
    assert warning.startswith("ref.mrc is the reference of the transform")
    assert [one["warnings"] for one in done.as_json()] == [[], [warning]]
    assert f"Warning: {warning}" in done.summary()


def test_what_was_moved_before_is_warned_of(folder):
    ((_, moved),) = apply(folder, folder / "map.mrc").written
    again = moved.rename(folder / "moved.mrc")
    (warning,) = apply(folder, again).warnings
    assert 'moved.mrc was moved by Evenview before, as its header says: "moved by t_' in warning


@pytest.mark.parametrize("what", ["maps", "also", "its own group", "particles", "applied"])
def test_a_file_given_twice_is_refused(folder, what):
    star = made_star.save(folder, made_star.angled((1, 2, 3)))
    one, other = folder / "map.mrc", folder / "out" / ".." / "map.mrc"
    (folder / "out").mkdir()
    maps = {
        "maps": (Moving(one), Moving(other)),
        "also": (Moving(folder / "ref.mrc", also=(one, other)),),
        "its own group": (Moving(one, also=(other,)),),
        "particles": (Moving(one, particles=(star, star)),),
    }
    asked = AlignRequest(folder / "ref.mrc", maps.get(what, ()), folder=folder / "out")
    with pytest.raises(UserError, match=r"this file is given twice\. Give it once\."):
        apply(folder, one, other) if what == "applied" else align.run(asked)
    assert not list((folder / "out").iterdir())


def test_each_bad_file_is_named_once(folder):
    bad = folder / "bad.mrc"
    bad.write_text("nothing")
    maps = (
        Moving(folder / "map.mrc", particles=(folder / "none.star",)),
        Moving(bad, also=(folder / "none.mrc",)),
    )
    asked = AlignRequest(folder / "ref.mrc", maps, folder=folder / "out")
    with pytest.raises(SeveralFilesError) as caught:
        align.run(asked)
    assert str(caught.value).endswith(
        "none.star: there is no such file. Check its name. 2 more files are refused."
    )
    names = ["none.star", "bad.mrc", "none.mrc"]
    assert [Path(error.where).name for error in caught.value.errors] == names
    with pytest.raises(SeveralFilesError) as caught:
        align.run(replace(asked, reference=bad))
    assert [Path(error.where).name for error in caught.value.errors] == [
        "bad.mrc",
        "none.star",
        "none.mrc",
    ]
    with pytest.raises(SeveralFilesError) as caught:
        apply(folder, folder / "none.star", folder / "map.mrc", folder / "none.mrc")
    assert len(caught.value.errors) == 2
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (("ref.mrc", "m.mrc", "m.map"), ["ref", "m_1", "m_2"]),
        (("ref.mrc", "a/m.mrc", "b/m.mrc"), ["ref", "a_m", "b_m"]),
        (("a/m.mrc", "b/m.mrc", "b/m.map"), ["a_m", "b_m_1", "b_m_2"]),
        (("x/run/m.mrc", "y/run/m.mrc"), ["m_1", "m_2"]),
        (("m_1.mrc", "m.mrc", "m.mrc.gz"), ["m_1", "m_2", "m_3"]),
        (("a/Map.mrc", "b/map.mrc"), ["a_Map", "b_map"]),
    ],
)
def test_only_names_that_clash_are_told_apart(paths, names):
    assert told_apart([Path(path) for path in paths]) == names


def test_names_of_other_ends_do_not_clash():
    paths = [Path("p.star"), Path("p.cs")]
    assert told_apart(paths, [path.suffix for path in paths]) == ["p", "p"]
