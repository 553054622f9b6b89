"""`evenview convert` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_cs
from evenview.__main__ import main
from evenview.core import rotation
from evenview.formats import open_particles
from made import uniform_angles, write_star
from made_star import loop, save

N = 120


@pytest.fixture
def star(tmp_path: Path) -> Path:
    return write_star(tmp_path / "run_data.star", uniform_angles(N, np.random.default_rng(1)))


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return made_cs.write(tmp_path / "J20_particles.cs", made_cs.particles(N))


def told(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    assert main(["convert", "--json", *map(str, words)]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def refusal(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert main(["convert", *map(str, words)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    return captured.err


def test_cryosparc_becomes_relion_with_the_angles_of_the_poses(dataset, tmp_path, capsys):
    out = tmp_path / "out.star"
    answer = told(capsys, dataset, out)
    assert answer["files"] == [str(out)]
    assert answer["replaced"] == []
    assert (answer["from"]["name"], answer["to"]["name"]) == ("cryosparc-cs", "relion-star")
    assert answer["particles"] == answer["placed"] == N
    made = open_particles(out)
    poses = np.load(dataset)["alignments3D/pose"].astype(float)
    angles = np.column_stack([made.table.numeric(f"rlnAngle{x}") for x in ("Rot", "Tilt", "Psi")])
    by_hand = Rotation.from_euler("ZYZ", angles, degrees=True)
    assert np.degrees((Rotation.from_rotvec(poses) * by_hand.inv()).magnitude()).max() < 1e-4
    shifts = np.load(dataset)["alignments3D/shift"].astype(float) * 1.07
    origins = np.column_stack([made.table.numeric(f"rlnOrigin{x}Angst") for x in "XY"])
    np.testing.assert_allclose(origins, shifts, atol=1e-5)
    assert set(np.unique(made.halves)) == {1, 2}
    assert {"poses", "shifts", "half-sets"} <= set(answer["taken_along"])


def test_there_and_back_is_the_same_poses(star, tmp_path, capsys):
    told(capsys, star, tmp_path / "there.cs")
    told(capsys, tmp_path / "there.cs", tmp_path / "back.star")
    old, new = open_particles(star), open_particles(tmp_path / "back.star")
    assert rotation.angle_between(old.quaternions, new.quaternions).max() < 1e-4
    np.testing.assert_array_equal(new.halves, old.halves)


def test_the_report_says_what_is_lost_filled_and_how_exact(star, tmp_path, capsys):
    out = tmp_path / "out.cs"
    answer = told(capsys, star, out)
    assert "rlnMaxValueProbDistribution" in answer["left_behind"]
    assert "rlnAngleRot" not in answer["left_behind"]
    assert answer["precision"]["why"] == "float32"
    assert main(["convert", str(star), str(out)]) == 0
    words = capsys.readouterr().out
    assert "RELION 3.1 star" in words
    assert "cryoSPARC .cs" in words
    assert "rlnMaxValueProbDistribution" in words
    assert "float32" in words
    assert f"Replaced {out}" in words


def test_same_format_is_written_anew_and_said(star, tmp_path, capsys):
    assert main(["convert", str(star), str(tmp_path / "new.star")]) == 0
    assert "the same format, written anew" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "suffix", "form"),
    [
        ("relion", ".txt", "relion-star"),
        ("cryosparc", ".txt", "cryosparc-cs"),
        ("frealign", ".txt", "frealign-par"),
        ("cistem", ".star", "cistem-star"),
        ("cistem", ".cistem", "cistem-binary"),
        ("CISTEM-STAR", ".txt", "cistem-star"),
        ("eman2", "", "eman2-lst"),
        (None, ".star", "relion-star"),
        (None, ".STAR", "relion-star"),
        (None, ".cs", "cryosparc-cs"),
        (None, ".par", "frealign-par"),
    ],
)
def test_the_format_follows_from_its_name_or_the_suffix(
    dataset, tmp_path, capsys, name, suffix, form
):
    words = ["--to", name] if name else []
    answer = told(capsys, dataset, tmp_path / f"out{suffix}", *words)
    assert answer["to"]["name"] == form


@pytest.mark.parametrize(
    ("words", "sentences"),
    [
        (("out.xyz",), ('no format that can be made has the suffix ".xyz"', "--to: ")),
        (("out",), ("the name has no suffix to tell the format", "relion-star")),
        (("out.txt", "--to", "cistem"), ("cistem-binary, cistem-star",)),
        (("out.txt", "--to", "rely"), ('"rely" is no format known here', "relion-star")),
        (("out.csg", "--to", "cryosparc-csg"), ("can be read but not made",)),
        (("out.cs", "--pixel-size", "1.3"), ("pixel size of 1.25 Å, and --pixel-size says 1.3",)),
        (("out.cs", "--box", "300"), ("box of 256 pixels, and --box says 300",)),
        (("out.cs", "--pixel-size", "-1"), ("a pixel size of -1 Å cannot be",)),
        (("out.cs", "--class", "1"), ("does not have poses for several classes",)),
        (("run_data.star",), ("never written over",)),
        (("none/out.cs",), ("there is no folder",)),
    ],
)
def test_what_cannot_be_is_one_sentence(star, tmp_path, capsys, words, sentences):
    said = refusal(capsys, star, tmp_path / words[0], *words[1:])
    for sentence in sentences:
        assert sentence in said
    assert [path.name for path in tmp_path.iterdir()] == ["run_data.star"]


def test_what_the_file_does_not_say_is_asked_for_and_taken(dataset, tmp_path, capsys):
    par = tmp_path / "p.par"
    told(capsys, dataset, par)
    assert "--pixel-size" in refusal(capsys, par, tmp_path / "out.cs")
    answer = told(capsys, par, tmp_path / "out.cs", "--pixel-size", 1.07, "--box", 256)
    assert answer["warnings"]  # without half-sets, of which cryoSPARC's rules speak
    rows = np.load(tmp_path / "out.cs")
    np.testing.assert_allclose(rows["alignments3D/psize_A"], 1.07, rtol=1e-6)
    np.testing.assert_allclose(
        rows["alignments3D/shift"], np.load(dataset)["alignments3D/shift"], atol=0.01
    )


def test_a_chosen_class_is_that_which_is_converted(tmp_path, capsys):
    rows, _ = made_cs.classes(60)
    rows["alignments3D_multi/pose"][:, 2] = [0.0, 0.4, 0.0]
    source = made_cs.write(tmp_path / "J9_particles.cs", rows)
    told(capsys, source, tmp_path / "out.star", "--class", 2)
    made = open_particles(tmp_path / "out.star")
    np.testing.assert_allclose(made.table.numeric("rlnAngleTilt"), np.degrees(0.4), atol=1e-4)


def test_poses_of_a_class_that_is_not_that_of_most_particles_are_warned_of(tmp_path, capsys):
    rows, best = made_cs.classes(60)
    source = made_cs.write(tmp_path / "J9_particles.cs", rows)
    own = int(np.count_nonzero(best == 2))
    answer = told(capsys, source, tmp_path / "out.star", "--class", 2)
    said = f"most probable class of {own} of the 60 particles"
    assert any(said in warning for warning in answer["warnings"])
    assert not any(said in note for note in answer["notes"])
    kept = ["rebalance", str(source), "-o", str(tmp_path / "kept.cs"), "--class", "2"]
    assert main([*kept, "--strategy", "cap", "--cap", "1", "--json"]) == 0
    warnings = json.loads(capsys.readouterr().out)["warnings"]
    assert any(said in warning for warning in warnings)


def test_beam_tilt_that_stays_behind_is_warned_of(dataset, tmp_path, capsys):
    rows = np.load(dataset)
    tilt = np.zeros((N, 2), "<f4")
    for value, warned in ((0.0, False), (-50.0, True)):
        tilt[7, 1] = value
        source = made_cs.write(tmp_path / "t.cs", made_cs.with_field(rows, "ctf/tilt_A", tilt))
        for form in ("relion", "cistem-star"):
            answer = told(capsys, source, tmp_path / "out.star", "--to", form)
            said = "Beam tilt (ctf/tilt_A) is not 0 and does not go along"
            assert any(said in warning for warning in answer["warnings"]) == warned
    assert main(["convert", str(source), str(tmp_path / "out.star")]) == 0
    assert f"Warning: {said}" in capsys.readouterr().out


def test_beam_tilt_of_optics_groups_is_warned_of(tmp_path, capsys):
    labels = ("rlnOpticsGroup", "rlnImagePixelSize", "rlnBeamTiltX")
    groups = loop("optics", labels, ["1 1.25 0.3"])
    angles = ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
    source = save(tmp_path, groups + loop("particles", angles, ["10 20 30", "40 50 60"]))
    answer = told(capsys, source, tmp_path / "out.cs")
    assert any("Beam tilt (rlnBeamTiltX)" in warning for warning in answer["warnings"])


def test_poses_too_near_to_zero_to_be_said_are_told(dataset, tmp_path, capsys):
    rows = np.load(dataset)
    rows["alignments3D/pose"][:5] = 0
    rows["alignments3D/pose"][3:5, 2] = 1e-9
    source = made_cs.write(tmp_path / "zero.cs", rows)
    answer = told(capsys, source, tmp_path / "out.star")
    assert any("3 particles have the pose (0, 0, 0)" in note for note in answer["notes"])
    assert any("2 poses turn by less than 0.0000015°" in note for note in answer["notes"])
    assert any("5 rows have the pose (0, 0, 0)" in warning for warning in answer["warnings"])


def test_notes_on_coordinates_stand_only_where_they_go_along(tmp_path, capsys):
    source = made_cs.write(tmp_path / "whole.cs", made_cs.whole(N))
    for form, along in (("relion", True), ("cryodrgn", False), ("eman2", False)):
        answer = told(capsys, source, tmp_path / "out", "--to", form)
        assert ("coordinates" in answer["taken_along"]) == along
        assert any("y coordinates" in note for note in answer["notes"]) == along


TABLE = "".join(
    f"{k} 1 1 0 0 0 10 20 30 {' '.join(['0'] * 10)} 1 0 0 1 100 200 300 {' '.join(['0'] * 9)}\n"
    for k in range(1, 5)
)


def test_the_pixels_of_coordinates_are_those_that_are_given(tmp_path, capsys):
    table, out = tmp_path / "a.tbl", tmp_path / "out.star"
    table.write_text(TABLE)
    sizes = ("--pixel-size", 4)
    assert any("Coordinates are taken" in x for x in told(capsys, table, out, *sizes)["notes"])
    answer = told(capsys, table, out, *sizes, "--coordinate-pixel-size", 2)
    assert not any("Coordinates are taken" in note for note in answer["notes"])
    assert "rlnTomoTiltSeriesPixelSize" in out.read_text()
    answer = told(capsys, out, tmp_path / "b.tbl")
    assert any("4 Å; they were in pixels of 2 Å" in words for words in answer["filled"])
    np.testing.assert_allclose(open_particles(tmp_path / "b.tbl").table.numeric("x"), 50)
    said = refusal(capsys, out, tmp_path / "c.tbl", "--coordinate-pixel-size", 3)
    assert "pixel size of the coordinates of 2 Å, and --coordinate-pixel-size says 3" in said


def test_without_coordinates_their_pixels_have_no_size(dataset, tmp_path, capsys):
    said = refusal(capsys, dataset, tmp_path / "o.star", "--coordinate-pixel-size", 3)
    assert "no coordinates" in said


def test_help_names_the_formats(capsys):
    assert main(["convert", "--help"]) == 0
    words = capsys.readouterr().out
    for name in ("relion-star", "cryosparc-cs", "cistem-binary", "frealign-par"):
        assert name in " ".join(words.split())


def test_shifts_in_pixels_that_no_file_sizes_are_those_of_the_size_given(tmp_path, capsys):
    rows = made_cs.particles(N)
    names = [name for name in rows.dtype.names if not name.endswith("psize_A")]
    source = made_cs.write(tmp_path / "a.cs", made_cs.part(rows, names))
    out = tmp_path / "out.star"
    assert "Give it with --pixel-size." in refusal(capsys, source, out)
    answer = told(capsys, source, out, "--pixel-size", 1.2)
    made = open_particles(out)
    origins = np.column_stack([made.table.numeric(f"rlnOrigin{x}Angst") for x in "XY"])
    np.testing.assert_allclose(origins, rows["alignments3D/shift"] * 1.2, atol=1e-5)
    assert "shifts" in answer["taken_along"]
    assert answer["left_behind"] == ["alignments3D/error"]


def test_why_something_is_left_behind_is_said(star, tmp_path, capsys):
    lines = star.read_text().splitlines()
    text = star.read_text()
    column = next(int(x.split("#")[1]) for x in lines if x.startswith("_rlnRandomSubset"))
    first = next(i for i, x in enumerate(lines) if len(x.split()) > 6)
    cells = lines[first].split()
    cells[column - 1] = "0"
    star.write_text(text.replace(lines[first], " ".join(cells), 1))
    answer = told(capsys, star, tmp_path / "out.cs")
    assert "half-sets" in answer["dropped"]
    assert "half-sets" not in answer["taken_along"]
    assert answer["why_dropped"] == {"half-sets": f"1 of {N} particles has none"}
    assert main(["convert", str(star), str(tmp_path / "b.cs")]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert f"half-sets (1 of {N} particles has none)" in words


def test_a_new_file_that_cannot_be_read_is_written_and_that_is_said(tmp_path, capsys):
    labels = ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
    source = save(tmp_path, loop("", labels, ["360.0 0.0 0.0", "0.0 0.0 360.0"]))
    answer = told(capsys, source, tmp_path / "out.pkl", "--to", "cryodrgn")
    assert (tmp_path / "out.pkl").exists()
    assert answer["to"] == {"name": "cryodrgn-pkl", "title": "cryoDRGN poses"}
    assert any("cannot be read here" in warning for warning in answer["warnings"])


def test_any_beginning_of_a_format_will_do(tmp_path):
    angles = uniform_angles(20, np.random.default_rng(2))
    source = write_star(tmp_path / "a.star", angles)
    out = tmp_path / "b.out"
    assert main(["convert", str(source), str(out), "--to", "cistem-b"]) == 0
