"""One rotation in every convention, and tables of them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenview.core import rotation
from evenview.core.conventions import conventions, find_convention
from evenview.core.errors import UserError
from evenview.tasks import pose
from evenview.tasks.pose_file import LONGEST, cells, numbers, read_poses

RELION = find_convention("relion")


def poses(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "poses.csv"
    path.write_bytes(text.encode(encoding))
    return path


# One rotation


def test_keys_of_the_report() -> None:
    (told,) = pose.convert(RELION, [(30.0, 60.0, 45.0)]).as_json()
    wanted = "relion cryosparc matrix quaternion eman dynamo emmotl"
    assert set(told) == {
        *conventions(),
        *wanted.split(),
        *("direction", "azimuth", "elevation", "inplane", "note"),
    }
    np.testing.assert_allclose(told["relion"], (30, 60, 45), atol=1e-12)
    np.testing.assert_allclose(told["cryosparc"], (0.146112, 1.109828, 1.180306), atol=1e-6)
    np.testing.assert_allclose(
        told["quaternion"], (0.687064, -0.065263, -0.495722, -0.527203), atol=1e-6
    )
    np.testing.assert_allclose(told["eman"], (120, 60, -45), atol=1e-12)
    np.testing.assert_allclose(told["dynamo"], (-45, 60, 120), atol=1e-12)
    np.testing.assert_allclose(told["emmotl"], (60, -135, 60), atol=1e-12)
    np.testing.assert_allclose(told["direction"], (0.75, 0.433013, 0.5), atol=1e-6)
    np.testing.assert_allclose(told["matrix"][2], told["direction"], atol=1e-15)
    assert np.shape(told["matrix"]) == (3, 3)
    np.testing.assert_allclose(
        (told["azimuth"], told["elevation"], told["inplane"]), (30, 30, 45), atol=1e-12
    )
    assert told["note"] == ""


@pytest.mark.parametrize("name", list(conventions()))
def test_from_any_convention_the_same_rotation(name: str) -> None:
    q = rotation.random(10, np.random.default_rng(7))
    result = pose.convert(find_convention(name), conventions()[name].from_quaternions(q))
    for other, values in result.values.items():
        again = conventions()[other].read(values)
        np.testing.assert_allclose(rotation.angle_between(again, q), 0.0, atol=1e-9)
    assert len(result) == len(result.as_json()) == 10


def test_words_have_every_formula_and_name_what_is_not_determined() -> None:
    words = pose.convert(RELION, [(30.0, 180.0, 50.0)]).summary()
    for about in conventions().values():
        assert about.title in words
        assert about.formula in words
    assert "tilt 180°: only rot − psi = −20° is defined" in words
    assert "rot      0.000000°  tilt   180.000000°  psi     20.000000°" in words
    assert "half a turn" in words
    assert max(map(len, words.splitlines())) < 120


def test_what_was_mended_is_in_the_note() -> None:
    (told,) = pose.convert(find_convention("quaternion"), [(2.0, 0.0, 0.0, 1.0)]).as_json()
    assert told["note"].startswith("the quaternion is not of length 1")


def test_numbers_and_a_file_are_too_much(tmp_path: Path) -> None:
    path = poses(tmp_path, "1 2 3\n")
    with pytest.raises(UserError, match="numbers and --file"):
        pose.run(pose.PoseRequest("relion", (1.0, 2.0, 3.0), path))
    with pytest.raises(UserError, match="no numbers are given"):
        pose.run(pose.PoseRequest("relion"))


# Words and numbers


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 2 3", "1 2 3"),
        ("  1,2 ,\t3 ", "1 2 3"),
        ("1;-2;3e-5", "1 -2 3e-5"),
        ("1\t2  3", "1 2 3"),
        ("[[1, 2], [3, 4]]", "1 2 3 4"),
        ("−1.5 2", "-1.5 2"),
        ('"1.5","a b, c"', "1.5 a_b_c"),
        ("", ""),
    ],
)
def test_words_of_a_line(text: str, words: str) -> None:
    assert cells(text) == words.split()


def test_empty_cells_are_cells() -> None:
    assert cells("1,,3") == ["1", "", "3"]
    with pytest.raises(UserError, match=r"^f, line 2, column 2: there is no number"):
        numbers(["1", "", "3"], "f, line 2")


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), st.sampled_from([",", " ", "\t", "; "])
)
def test_numbers_come_back_to_the_last_digit(values: list[float], separator: str) -> None:
    assert numbers(cells(separator.join(map(repr, values)))) == values


# Tables


@pytest.mark.parametrize(
    "text",
    [
        "30,60,45\n-10,20,5e0\n",
        "30 60 45\n\n# a remark\n-10\t20   5",
        "rot,tilt,psi\n30,60,45\n-10,20,5\n",
        "_rlnAngleRot _rlnAngleTilt _rlnAnglePsi\n30 60 45\n-10 20 5\n",
        "psi;tilt;rot\n45;60;30\n5;20;-10\n",
        'name,"rot","psi","tilt"\n"a, b",30,45,60\nnone,-10,5,20\n',
        "a b c\r\n30 60 45\r\n-10 20 5\r\n",
        "\ufeffrot,tilt,psi\r30,60,45\r-10,20,5",
    ],
)
def test_tables_of_all_kinds(tmp_path: Path, text: str) -> None:
    table = read_poses(poses(tmp_path, text), RELION)
    np.testing.assert_array_equal(table.values, [(30, 60, 45), (-10, 20, 5)])


def test_columns_are_found_by_name_where_the_order_is_easily_mistaken(tmp_path: Path) -> None:
    path = poses(tmp_path, "phi,theta,psi\n10,20,30\n")
    by_emmotl = read_poses(path, find_convention("emmotl"))
    np.testing.assert_array_equal(by_emmotl.values, [(10, 30, 20)])
    by_spider = read_poses(path, find_convention("spider"))
    np.testing.assert_array_equal(by_spider.values, [(10, 20, 30)])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "there are no poses"),
        ("rot,tilt,psi\n", "there are no poses"),
        ("1 2 3\n4 5\n", r"line 2: 2 numbers are given, but .* has 3\. Give rot tilt psi"),
        ("1 2 3\n\n4 x 5\n", 'line 3, column 2: "x" is not a number'),
        ("1,2,3\n4,,6\n", "line 2, column 2: there is no number"),
        ("rot tilt\n1 2\n", "line 1: the first line names columns, but none for psi"),
        ("name,psi,rot,tilt\na,1,2,3\nb,4,5\n", "line 3: this line has 3 columns, .* names 4"),
        ("name,psi,rot,tilt\na,1,2,x\n", 'line 2, column 4: "x" is not'),
        ("rot 2 3\n1 2 3\n", 'line 1, column 1: "rot" is not'),
        ("1 2 nan\n", "line 1: psi is nan"),
        ("1 2 3\n4 5 1e999\n", "line 2: psi is inf"),
        ("1 2 1_0\n", 'column 3: "1_0" is not a number'),
        ("1 2 3\0\n", "not plain text"),
        ("1 " * LONGEST, "line 1: this line is too long"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_place(
    tmp_path: Path, text: str, words: str
) -> None:
    path = poses(tmp_path, text)
    with pytest.raises(UserError, match=words) as error:
        pose.run(pose.PoseRequest("relion", path=path))
    assert str(error.value).startswith(str(path))


def test_rotations_that_are_none_are_said_with_their_line(tmp_path: Path) -> None:
    path = poses(tmp_path, "w x y z\n1 0 0 0\n0 0 0 0\n")
    with pytest.raises(UserError, match="line 3: the quaternion has length 0"):
        pose.run(pose.PoseRequest("quaternion", path=path))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        read_poses(tmp_path / "absent.csv", RELION)
    with pytest.raises(UserError, match="not a file"):
        read_poses(tmp_path, RELION)
    with pytest.raises(UserError, match="not plain text"):
        read_poses(poses(tmp_path, "1 2 3°", "latin-1"), RELION)


@given(st.binary(max_size=300))
def test_any_bytes_are_poses_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes
) -> None:
    path = tmp_path_factory.mktemp("junk") / "poses.csv"
    path.write_bytes(junk)
    try:
        result = pose.run(pose.PoseRequest("relion", path=path))
    except UserError:
        return
    assert np.isfinite(result.quaternions).all()


# What is written


def test_the_table_is_read_again_from_every_convention(tmp_path: Path) -> None:
    q = np.vstack([rotation.random(30, np.random.default_rng(3)), [(1.0, 0.0, 0.0, 0.0)]])
    source, out = tmp_path / "in.txt", tmp_path / "out.csv"
    np.savetxt(source, conventions()["cryosparc"].from_quaternions(q))
    result = pose.run(pose.PoseRequest("cryosparc", path=source, output=out))
    assert result.summary() == f"Wrote 31 poses to {out}"
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 31
    assert "only rot + psi = 0° is defined" in rows[-1]["note"]
    assert [row["note"] for row in rows[:30]] == [""] * 30
    np.testing.assert_allclose(
        [[float(row[f"direction_{a}"]) for a in "xyz"] for row in rows],
        result.directions,
        atol=1e-9,
    )
    for about in conventions().values():
        again = about.read(read_poses(out, about).values)
        np.testing.assert_allclose(rotation.angle_between(again, q), 0.0, atol=1e-7)


def test_the_file_that_was_read_is_not_written_over(tmp_path: Path) -> None:
    path = poses(tmp_path, "1 2 3\n")
    with pytest.raises(UserError, match="never written over"):
        pose.run(pose.PoseRequest("relion", path=path, output=path))
    assert path.read_text() == "1 2 3\n"


def test_of_many_poses_the_first_are_shown_with_their_lines(tmp_path: Path) -> None:
    path = poses(tmp_path, "rot tilt psi\n" + "10 20 30\n" * 25)
    words = pose.run(pose.PoseRequest("relion", path=path)).summary()
    assert words.count("Given, RELION") == 20
    assert words.count("Rz(rot)") == 1
    assert "(line 2)" in words
    assert words.endswith("... and 5 more: -o OUT.csv or --json gives them all.")
