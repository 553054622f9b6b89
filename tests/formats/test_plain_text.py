"""Tables of text: how they are laid out, and what the user says of their columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evenview.core import rotation
from evenview.core.columns_word import parse_columns
from evenview.core.conventions import conventions
from evenview.core.errors import (
    ColumnsNeededError,
    MalformedFileError,
    NoOrientationsError,
    UserError,
)
from evenview.core.motion import Motion
from evenview.core.reading import Reading, TextColumns
from evenview.formats import find_format, open_particles
from evenview.formats.plain_text import FORMAT
from made import uniform_angles, write_star

N = 40
ANGLES = uniform_angles(N, np.random.default_rng(3))
RELION = "rot=3,tilt=4,psi=5"


def reading(word: str, convention: str | None = None) -> Reading:
    return Reading(columns=parse_columns(word, convention))


def rows(separator: str, angles: np.ndarray = ANGLES) -> str:
    return "".join(
        separator.join([f"mic_{k // 9}.mrc", str(k), *(f"{a:.8f}" for a in row), str(1 + k % 2)])
        + "\n"
        for k, row in enumerate(angles.tolist())
    )


def save(folder: Path, text: str, name: str = "table.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def preview_of(path: Path):
    with pytest.raises(ColumnsNeededError) as told:
        open_particles(path)
    return told.value.preview


LAYOUTS = {
    "blanks": "  " + rows("   "),
    "tabs": rows("\t"),
    "commas": rows(","),
    "commas and blanks": rows(" , "),
    "semicolons": rows(";"),
    "heading": "name number rot tilt psi half\n" + rows(" "),
    "quoted heading": '"name","number","rot","tilt","psi","half"\n' + rows(","),
    "quoted cells": "".join(
        ",".join(f'"{cell}"' for cell in line.split()) + "\n" for line in rows(" ").splitlines()
    ),
    "numpy's heading": "# name number rot tilt psi half\n" + rows(" "),
    "comments": "# made by hand\n% and here\n\n" + rows(" "),
    "a mark of UTF-8": "\ufeffname,number,rot,tilt,psi,half\n" + rows(","),
    "Windows": rows(",").replace("\n", "\r\n"),
    "no last newline": rows(" ").rstrip(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_views_that_a_star_file_gives(layout, tmp_path):
    path = save(tmp_path, LAYOUTS[layout])
    star = open_particles(write_star(tmp_path / "same.star", ANGLES))
    assert find_format(path) is FORMAT
    found = open_particles(path, reading=reading(RELION + ",half=6"))
    np.testing.assert_allclose(found.quaternions, star.quaternions, atol=1e-12)
    np.testing.assert_array_equal(found.halves, star.halves)
    assert found.table.cells(3)[found.table.numeric_columns[0]].strip('"') == "3"
    kept = np.arange(N) % 3 > 0
    found.table.write(tmp_path / "kept.txt", kept)
    lines = path.read_bytes().splitlines(keepends=True)
    first = len(lines) - N
    expected = lines[:first] + [line for k, line in enumerate(lines[first:]) if kept[k]]
    assert (tmp_path / "kept.txt").read_bytes() == b"".join(expected)


def test_without_columns_the_beginning_is_shown(tmp_path):
    preview = preview_of(save(tmp_path, LAYOUTS["quoted heading"]))
    assert preview.headings == ("name", "number", "rot", "tilt", "psi", "half")
    assert preview.numeric == (False, True, True, True, True, True)
    assert preview.rows[1][:2] == ("mic_0.mrc", "1")
    assert len(preview.rows) == 8
    assert preview.suggestion == TextColumns("relion", ("3", "4", "5"), half="6")
    azimuth, elevation = preview.first_view(preview.suggestion)
    assert azimuth == pytest.approx(ANGLES[0, 0])
    assert elevation == pytest.approx(90 - ANGLES[0, 1])


@pytest.mark.parametrize(
    ("names", "convention"),
    [
        ("rlnAngleRot,rlnAngleTilt,rlnAnglePsi", "relion"),
        ("_rlnAngleRot,_rlnAngleTilt,_rlnAnglePsi", "relion"),
        ("tdrot,tilt,narot", "dynamo"),
        ("az,alt,phi", "eman"),
        ("cisTEMAnglePhi,cisTEMAngleTheta,cisTEMAnglePsi", "cistem"),
        ("phi,theta,psi", None),  # cisTEM's and AV3's
        ("x,y,z", None),  # cryoSPARC's, and of coordinates
        ("a,b,c", None),
    ],
)
def test_only_plain_headings_suggest_a_convention(tmp_path, names, convention):
    path = save(tmp_path, f"name,n,{names},half\n" + rows(","))
    suggestion = preview_of(path).suggestion
    assert (suggestion and suggestion.convention) == convention
    if suggestion:
        assert suggestion.numbers == ("3", "4", "5")


def test_columns_are_named_by_number_or_heading(tmp_path):
    text = "name,n,Rot,TILT,my psi,half\n" + rows(",")
    path = save(tmp_path, text)
    by_number = open_particles(path, reading=reading(RELION))
    by_name = open_particles(path, reading=reading('rot=rot,tilt=tilt,psi="my psi"'))
    np.testing.assert_array_equal(by_name.quaternions, by_number.quaternions)
    with pytest.raises(UserError, match='no column is called "phi"'):
        open_particles(path, reading=reading("rot=phi,tilt=4,psi=5"))
    with pytest.raises(UserError, match="the table has 6"):
        open_particles(path, reading=reading("rot=7,tilt=4,psi=5"))
    with pytest.raises(UserError, match="Rot is named for two things"):
        open_particles(path, reading=reading("rot=3,tilt=4,psi=rot"))


@pytest.mark.parametrize("name", list(conventions()))
@pytest.mark.parametrize("unit", [None, "degrees", "radians"])
def test_rotations_come_back_in_every_convention_and_unit(tmp_path, name, unit):
    about = conventions()[name]
    q = rotation.random(N, np.random.default_rng(1))
    columns = TextColumns(name, tuple(map(str, range(2, 2 + len(about.numbers)))), angles=unit)
    numbers = about.from_quaternions(q) / columns.scales
    lines = [f"{k} " + " ".join(map(repr, row)) for k, row in enumerate(numbers.tolist())]
    path = save(tmp_path, "\n".join(lines) + "\n")
    found = open_particles(path, reading=Reading(columns=columns))
    assert rotation.angle_between(found.quaternions, q).max() < 1e-5
    assert found.reading.columns == columns


def test_rows_without_a_pose_are_kept_and_told(tmp_path):
    q = rotation.random(N, np.random.default_rng(1))
    lines = [" ".join(map(str, row)) for row in q.tolist()]
    lines[3] = "nan nan nan nan"
    found = open_particles(save(tmp_path, "\n".join(lines)), reading=reading("w=1,x=2,y=3,z=4"))
    assert np.flatnonzero(~found.placed).tolist() == [3]
    assert "1 row has no pose" in found.notes[0].text


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        (rows(" ", 0 * ANGLES), "never aligned in 3-D", NoOrientationsError),
        (rows(" ", ANGLES * [0, 0, 1]), "as 2-D classification writes", NoOrientationsError),
        (rows(" ", 0 * ANGLES + np.nan), "no row has its three angles", NoOrientationsError),
        (rows(" ", ANGLES * 1e5), "far out of the range", UserError),
        (rows(" ").replace("mic_4.mrc 39 ", "mic_4.mrc 39 x"), "is not a number", UserError),
        (rows(" ") + "the end\n", "2 cells for 6 columns", MalformedFileError),
        ("# nothing here\n", "the table has no rows", NoOrientationsError),
        ("name number rot tilt psi half\n", "the table has no rows", NoOrientationsError),
        ("some words\nand others here\n", "not a table of text", MalformedFileError),
        ("a,b,c\n\0\0", "not a table of text", MalformedFileError),
        (rows(",").replace("mic", '"a,b"'), "not a table of text", MalformedFileError),
    ],
)
def test_what_cannot_be_poses_is_refused_in_words(tmp_path, text, said, kind):
    path = save(tmp_path, text)
    with pytest.raises(kind, match=said) as told:
        open_particles(path, reading=reading(RELION))
    assert str(path) in str(told.value)


@pytest.mark.parametrize(
    ("name", "rows_of", "said"),
    [
        ("quaternion", [1.0, 0, 0, 0], "every particle looks along Z"),
        ("cryosparc", [0.0, 0, 0], "every particle looks along Z"),
        ("matrix", [1.0, 2, 3, 4, 5, 6, 7, 8, 9], "line 1"),
        ("quaternion", [0.0, 0, 0, 0], "length 0"),
    ],
)
def test_numbers_that_are_no_rotation_are_refused(tmp_path, name, rows_of, said):
    path = save(tmp_path, (" ".join(map(str, rows_of)) + "\n") * 5)
    columns = TextColumns(name, tuple(str(k + 1) for k in range(len(rows_of))))
    with pytest.raises(UserError, match=said):
        open_particles(path, reading=Reading(columns=columns))


def test_radians_and_degrees_are_not_mixed_up_silently(tmp_path):
    radians = save(tmp_path, rows(" ", np.radians(ANGLES)), "radians.txt")
    found = open_particles(radians, reading=reading(RELION))
    assert "±2π" in found.notes[0].text
    assert "angles=radians" in found.notes[0].meaning
    found = open_particles(radians, reading=reading(RELION + ",angles=radians"))
    star = open_particles(write_star(tmp_path / "same.star", ANGLES))
    np.testing.assert_allclose(found.directions, star.directions, atol=1e-6)
    assert found.notes == ()
    degrees = save(tmp_path, rows(" "), "degrees.txt")
    with pytest.raises(UserError, match="out of the range of an angle in radians"):
        open_particles(degrees, reading=reading(RELION + ",angles=radians"))


def test_half_sets_of_relion_and_of_cryosparc(tmp_path):
    ones = open_particles(save(tmp_path, rows(" ")), reading=reading(RELION + ",half=6"))
    assert ones.halves.tolist() == [1 + k % 2 for k in range(N)]
    lines = [line[:-1] + str(k % 2) for k, line in enumerate(rows(" ").splitlines())]
    noughts = save(tmp_path, "\n".join(lines), "noughts.txt")
    found = open_particles(noughts, reading=reading(RELION + ",half=6"))
    np.testing.assert_array_equal(found.halves, ones.halves)
    assert "0 and 1" in found.notes[0].text
    none = open_particles(noughts, reading=reading(RELION + ",half=2"))
    assert none.halves is None or set(np.unique(none.halves)) <= {0, 1, 2}
    assert open_particles(noughts, reading=reading(RELION)).halves is None


def test_a_file_that_speaks_for_itself_may_be_read_by_columns_where_it_is_a_table(tmp_path):
    """Forty numbers a row look like Dynamo's; who says columns knows better."""
    rng = np.random.default_rng(0)
    numbers = np.column_stack([np.arange(N), ANGLES, rng.random((N, 24))])
    text = "\n".join(" ".join(f"{cell:.6f}" for cell in row) for row in numbers)
    path = save(tmp_path, text)
    assert find_format(path).name == "dynamo-tbl"
    found = open_particles(path, reading=reading("rot=2,tilt=3,psi=4"))
    assert found.table.format_name == FORMAT.title
    star = write_star(tmp_path / "a.star", ANGLES)
    with pytest.raises(UserError, match="not a table of text"):
        open_particles(star, reading=reading(RELION))


def test_a_table_of_text_has_no_classes(tmp_path):
    path = save(tmp_path, rows(" "))
    with pytest.raises(UserError, match="does not have poses for several classes"):
        open_particles(path, reading=replace(reading(RELION), chosen_class=1))


@pytest.mark.parametrize(
    "text",
    [
        "This is a letter.\nIt has lines of words, and 3 numbers: 1 2.\n",
        '{"a": [1, 2, 3], "b": 4}\n',
        "data_\nloop_\n_foo #1\n_bar #2\n1 2\n",
        "1 2\n3 4\n",
        "a b c d\n",
        "a b c\r1 2 3\r4 5 6\r",
        "ATOM 1 N MET A 1 27.340 24.430 2.614\nHELIX 1\nEND\n",
    ],
)
def test_other_text_is_no_table(tmp_path, text):
    with pytest.raises(UserError) as told:
        open_particles(save(tmp_path, text))
    assert not isinstance(told.value, ColumnsNeededError)


SHIFTS = np.random.default_rng(5).normal(0, 3, (N, 2))


@pytest.fixture
def shifted(tmp_path) -> Path:
    lines = [
        f"{line} {x:.6f} {y:.6f}"
        for line, (x, y) in zip(rows(" ").splitlines(), SHIFTS.tolist(), strict=True)
    ]
    return save(tmp_path, "\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("said", "factor"),
    [
        ("shift=A,sign=origin", 1.0),
        ("shift=A,sign=position", -1.0),
        ("shift=px,sign=origin,apix=1.5", 1.5),
        ("shift=px,sign=position,apix=1.5", -1.5),
    ],
)
def test_shifts_are_read_by_the_unit_and_sign_that_are_said(shifted, said, factor, tmp_path):
    found = open_particles(shifted, reading=reading(f"{RELION},dx=7,dy=8,{said}"))
    record = FORMAT.record(found)
    np.testing.assert_allclose(record.origins, factor * SHIFTS, atol=1e-5)
    assert record.taken >= {"column 3", "column 7"}
    motion = Motion(rotation.to_matrix(rotation.random(1, np.random.default_rng(9)))[0], np.ones(3))
    out = tmp_path / "moved.txt"
    found.table.write_changed(out, FORMAT.changes(found, motion))
    moved = FORMAT.record(open_particles(out, reading=found.reading))
    expected_q, expected_o = motion.apply(record.quaternions, record.origins)
    assert rotation.angle_between(moved.quaternions, expected_q).max() < 1e-4
    np.testing.assert_allclose(moved.origins, expected_o, atol=1e-4)
    names = [line.split()[:2] for line in shifted.read_text().splitlines()]
    assert [line.split()[:2] for line in out.read_text().splitlines()] == names


def test_shifts_in_pixels_need_a_pixel_size_only_where_it_matters(shifted):
    found = open_particles(shifted, reading=reading(f"{RELION},dx=7,dy=8,shift=px,sign=origin"))
    with pytest.raises(UserError, match="how large a pixel is"):
        FORMAT.record(found)
    assert FORMAT.record(replace(found, pixel_size=2.0)).origins == pytest.approx(
        2 * SHIFTS, abs=1e-5
    )
    turned = FORMAT.changes(found, Motion(np.diag([1.0, -1.0, -1.0])))
    assert not {"column 7", "column 8"} & turned.keys()  # no digit of a shift that stays changes
    plain = open_particles(shifted, reading=reading(RELION))
    with pytest.raises(UserError, match="no shifts"):
        FORMAT.changes(plain, Motion(shift=np.ones(3)))


def test_what_was_said_is_told_in_words(shifted):
    word = f"{RELION},half=6,dx=7,dy=8,shift=px,sign=position,apix=1.5"
    told = FORMAT.units(open_particles(shifted, reading=reading(word)))
    assert told["poses"].startswith("column 3, column 4, column 5: degrees of RELION; A = ")
    assert told["shifts"] == "column 7, column 8: pixels; shift = −origin"
    assert told["half-sets"] == "column 6"
    assert told["pixel size"].startswith("1.5 Å")
