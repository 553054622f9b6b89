"""`evenview pose` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from evenview.__main__ import main
from evenview.core.conventions import conventions
from shared_data import shared


def told(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    assert main(["pose", "--json", *words]) == 0
    answer: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return answer


@pytest.mark.parametrize(
    "words",
    [
        ("-30", "60", "-4.5"),
        ("-3e1", "6E+1", "-4.5e0"),
        ("-30.", "60.", "-04.50"),
        ("-30,60,-4.5",),
        ("-30, 60, -4.5",),
        ("[-30;60;", "-4.5]"),
        ("−30", "60", "−4.5"),
        ("--", "-30", "60", "-4.5"),
    ],
)
def test_negative_numbers_are_numbers(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    (answer,) = told(capsys, "--from", "relion", *words)
    np.testing.assert_allclose(answer["relion"], (-30, 60, -4.5), atol=1e-12)


def test_options_may_stand_on_either_side(capsys: pytest.CaptureFixture[str]) -> None:
    before = told(capsys, "--from", "cryosparc", "-.5", "-1", "2")
    after = told(capsys, "-.5", "-1", "2", "--from", "cryosparc")
    assert before == after
    pose = np.array(before[0]["cryosparc"])
    np.testing.assert_allclose(pose, (-0.5, -1, 2), atol=1e-12)
    by_scipy = Rotation.from_rotvec(pose).as_matrix().T
    np.testing.assert_allclose(before[0]["matrix"], by_scipy, atol=1e-14)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("relion", "1", "2"), "2 numbers are given, but a rotation of RELION has 3"),
        (("relion",), "no numbers are given"),
        (("matrix", *"100010001"[:8]), "8 numbers are given"),
        (("relion", "-inf", "2", "3"), "rot is -inf"),
        (("relion", "1", "-nan", "3"), "tilt is nan"),
        (("relion", "1", "b", "3"), '"b" is not a number'),
        (("spyder", "1", "2", "3"), '"spyder" is not a known convention'),
        (("quaternion", *"0000"), "quaternion has length 0"),
        (("matrix", *"200010001"), "not a rotation"),
    ],
)
def test_what_is_no_rotation_is_one_sentence(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    assert main(["pose", "--from", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err
    assert len(captured.err.splitlines()) == 1


def test_help_says_the_order_of_every_convention(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pose", "--help"]) == 0
    words = capsys.readouterr().out
    for name, about in conventions().items():
        (line,) = [line for line in words.splitlines() if line.split()[:1] == [name]]
        assert about.order in line


def test_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pose", "--from", "relion", "30", "0", "50"]) == 0
    words = capsys.readouterr().out
    assert "A = [Rz(rot) Ry(tilt) Rz(psi)]ᵀ" in words
    assert "only rot + psi = 80° is defined" in words


def test_a_file_of_poses(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source, out = tmp_path / "poses.txt", tmp_path / "out.csv"
    source.write_text("10 20 30\n-40\t50,-60\n")
    answer = told(capsys, "--from", "eman", "--file", str(source), "-o", str(out))
    np.testing.assert_allclose([a["eman"] for a in answer], [(10, 20, 30), (-40, 50, -60)])
    assert len(out.read_text().splitlines()) == 3
    assert main(["pose", "--from", "eman", "--file", str(source), "-o", str(out)]) == 0
    assert capsys.readouterr().out == f"Wrote 2 poses to {out}\n"


def test_tables_say_relions_matrices(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with np.load(shared("vectors/orientations.npz")) as archive:
        euler = archive["input_rot_tilt_psi_deg"]
        truth = archive["relion5.0.1__Euler_angles2matrix_A"]
    path = tmp_path / "poses.csv"
    np.savetxt(path, euler, delimiter=",", header="rot,tilt,psi", comments="", fmt="%.17g")
    answer = told(capsys, "--from", "relion", "--file", str(path))
    np.testing.assert_allclose([a["matrix"] for a in answer], truth, atol=2.5e-13)


def test_an_angle_that_was_converted_twice_is_remarked(capsys):
    assert main(["pose", "--from", "relion", "3867.465", "10", "20"]) == 0
    assert "3867.465 / 57.29578 = 67.5" in capsys.readouterr().out
