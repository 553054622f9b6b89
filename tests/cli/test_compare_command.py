"""`evenview compare` as a user meets it: files of several programs, exact truth, outputs."""

from __future__ import annotations

import csv
import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_cs
from evenview.__main__ import main
from evenview.core.symmetry import parse_group
from evenview.formats import open_particles
from made import particle_lines, uniform_angles, write_star
from made_star import loop, optics, save
from shared_data import shared

N = 300
KEYS = {
    *("matched", "unmatched_a", "unmatched_b", "rotation", "flipped", "symmetry"),
    *("sigma_degrees", "agreeing_fraction", "relation", "settings"),
}
D = np.diag([1.0, 1.0, -1.0])
MIRROR_Y = ("--mirror", "y", "--mirror-about", "voxel")


def angles_of(matrices: np.ndarray) -> np.ndarray:
    return Rotation.from_matrix(np.swapaxes(matrices, 1, 2)).as_euler("ZYZ", degrees=True)


def run(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    assert main(["compare", *map(str, words), "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def said(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert main(["compare", *map(str, words)]) == 0
    return " ".join(capsys.readouterr().out.split())


def refusal(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert main(["compare", *map(str, words)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    return captured.err


@pytest.fixture
def star(tmp_path: Path) -> Path:
    return write_star(tmp_path / "a.star", uniform_angles(N, np.random.default_rng(1)))


@pytest.fixture
def partly(tmp_path: Path, star: Path) -> tuple[Path, np.ndarray]:
    """A file that agrees with `star` to 0.5° but for the rows that are true."""
    rng = np.random.default_rng(2)
    angles = uniform_angles(N, np.random.default_rng(1))
    a = Rotation.from_euler("ZYZ", angles, degrees=True).inv()
    wrong = rng.random(N) < 0.3
    turned = Rotation.from_rotvec(np.radians(0.5) * rng.normal(size=(N, 3))) * a
    b = turned.as_matrix()
    b[wrong] = Rotation.random(int(wrong.sum()), random_state=3).as_matrix()
    return write_star(tmp_path / "b.star", angles_of(b)), wrong


def test_frame_hand_and_share_of_two_files(tmp_path, capsys):
    rng = np.random.default_rng(3)
    operators = parse_group("D7").matrices
    a = Rotation.random(1000, random_state=1).as_matrix()
    frame = Rotation.random(random_state=2).as_matrix()
    b = (D @ a @ D) @ operators[rng.integers(0, 14, 1000)] @ frame.T
    b = Rotation.from_rotvec(np.radians(0.7) * rng.normal(size=(1000, 3))).as_matrix() @ b
    wrong = rng.random(1000) < 0.6
    b[wrong] = Rotation.random(int(wrong.sum()), random_state=4).as_matrix()
    first = write_star(tmp_path / "a.star", angles_of(a))
    second = write_star(tmp_path / "b.star", angles_of(b))
    told = run(capsys, first, second, "--symmetry", "D7")
    assert told.keys() >= KEYS
    assert told["matched"] == 1000
    assert told["unmatched_a"] == told["unmatched_b"] == 0
    assert told["flipped"] is True
    assert told["symmetry"] == "D7"
    g = np.array(told["rotation"])
    error = min(np.degrees(Rotation.from_matrix(g @ s @ frame.T).magnitude()) for s in operators)
    assert error < 0.15
    assert told["agreeing_fraction"] == pytest.approx(1 - wrong.mean(), abs=0.02)
    assert told["sigma_degrees"] == pytest.approx(0.7, rel=0.1)
    assert told["settings"]["match"] == "image"
    assert sum(told["histograms"]["angle"]["counts"]) == 1000
    assert sum(one["particles"] for one in told["operators"]) == 1000
    matrices = [one["matrix"] for one in told["operators"]]
    np.testing.assert_allclose(matrices, D @ operators @ D, atol=1e-12)


@pytest.mark.parametrize(
    ("words", "relation"),
    [
        (("--mirror", "z", "--mirror-about", "voxel"), "after a z flip"),
        (("--setting", "D7", "D7y"), "odd Dn with the 2-fold on Y"),
        (("--images", "flip-y", "--images-about", "box"), "after an image y-flip"),
        (("--rotate", "1,2,3", "50", "--shift", "3 4 5"), "turned by 50.00° about (0.267"),
    ],
)
def test_what_transform_did_is_told(tmp_path, capsys, words, relation):
    """The one command's motion is the other's relation, shifts and all."""
    rows = made_cs.particles(N)
    rows["alignments3D/pose"] = Rotation.random(N, random_state=1).as_rotvec()
    source = made_cs.write(tmp_path / "J1_particles.cs", rows)
    out = tmp_path / "moved.cs"
    assert main(["transform", str(source), "-o", str(out), *words, "--json"]) == 0
    motion = json.loads(capsys.readouterr().out)["motion"]
    group = "D7" if "--rotate" not in words else "C1"
    told = run(capsys, source, out, "--symmetry", group)
    assert told["settings"]["match"] == "uid"
    assert relation in told["relation"]
    assert told["agreeing_fraction"] > 0.999
    assert told["shifts"]["median_error_angstrom"] < 1e-3
    if "--rotate" in words:
        np.testing.assert_allclose(told["rotation"], motion["matrix"], atol=1e-5)
        np.testing.assert_allclose(
            told["shifts"]["translation_angstrom"], motion["shift"], atol=1e-3
        )


def pasted(capsys, a: Path, b: Path, *words: str) -> tuple[list[str], Path]:
    """The command that is advised, as a shell would split it, and the file that it wrote."""
    assert main(["compare", str(a), str(b), *words]) == 0
    lines = capsys.readouterr().out.splitlines()
    (line,) = (line for line in lines if line.startswith("To turn A:"))
    advised = shlex.split(line.removeprefix("To turn A:"))
    assert advised[:3] == ["evenview", "transform", str(a)]
    assert main(advised[1:]) == 0
    capsys.readouterr()
    return advised, Path(advised[advised.index("-o") + 1])


@pytest.mark.parametrize(
    ("motion", "options"),
    [
        (
            (*MIRROR_Y, "--rotate", "1,1,2", "70", "--shift", "5", "-6", "7"),
            {"--mirror", "--mirror-about", "--quaternion", "--shift"},
        ),
        (("--mirror", "z", "--mirror-about", "voxel"), {"--mirror", "--mirror-about"}),
        (("--mirror", "z", "--mirror-about", "box"), {"--mirror", "--mirror-about", "--shift"}),
        (("--rotate", "z", "90"), {"--quaternion"}),
        (("--shift", "0", "3", "0"), {"--shift"}),
        (("--images", "flip-y", "--images-about", "box"), {"--images", "--images-about"}),
        (
            ("--images", "flip-x", "--images-about", "voxel", "--rotate", "y", "40"),
            {"--images", "--images-about", "--quaternion"},
        ),
    ],
)
def test_the_command_that_is_advised_can_be_pasted_and_brings_a_into_b_s_frame(
    tmp_path, monkeypatch, capsys, motion, options
):
    folder = tmp_path / "a folder's name"
    folder.mkdir()
    a = made_cs.write(folder / "J1_particles.cs", made_cs.particles(N))
    b = tmp_path / "b.cs"
    assert main(["transform", str(a), "-o", str(b), *motion]) == 0
    capsys.readouterr()
    monkeypatch.chdir(tmp_path)
    advised, again = pasted(capsys, a, b)
    assert {word for word in advised if word.startswith("--")} == options
    assert not any("e-" in word for word in advised[5:])
    new, old = np.load(again), np.load(b)
    np.testing.assert_allclose(new["alignments3D/shift"], old["alignments3D/shift"], atol=1e-3)
    left, right = (Rotation.from_rotvec(x["alignments3D/pose"].astype(float)) for x in (new, old))
    assert np.degrees((left * right.inv()).magnitude()).max() < 1e-3
    told = run(capsys, again, b)
    assert told["relation"] == "B is A: the same frame (identity)"
    assert told["to_turn_a"] == ""


def test_nothing_is_advised_where_the_frames_are_one(star, partly, capsys):
    assert "To turn A" not in said(capsys, star, partly[0])


def test_the_group_of_a_map_that_was_turned_is_found_whichever_file_is_a(tmp_path, capsys):
    """Only one of the two has its 2-fold axes on X, Y and Z."""
    rng = np.random.default_rng(1)
    a = Rotation.random(N, random_state=1).as_matrix()
    frame = Rotation.from_rotvec([0.0, 1.2, -0.9]).as_matrix()
    b = a @ parse_group("D2").matrices[rng.integers(0, 4, N)] @ frame.T
    files = [write_star(tmp_path / f"{i}.star", angles_of(m)) for i, m in enumerate((a, b))]
    there, back = (run(capsys, *order, "--symmetry", "D2") for order in (files, files[::-1]))
    assert (there["symmetry_in"], back["symmetry_in"]) == ("a", "b")
    for told in (there, back):
        assert told["agreeing_fraction"] > 0.999
        assert sum(one["particles"] > 0 for one in told["operators"]) == 4
    np.testing.assert_allclose(back["rotation"], np.transpose(there["rotation"]), atol=1e-4)
    assert "as usual in B's map, not in A's" in said(capsys, *files[::-1], "--symmetry", "D2")


@pytest.mark.parametrize("way", ["uid", "image", "micrograph+coordinates", "row"])
def test_a_converted_file_is_the_same_in_every_way_of_matching(tmp_path, capsys, way):
    source = made_cs.write(tmp_path / "J1_particles.cs", made_cs.whole(N))
    target = tmp_path / ("out.cs" if way == "uid" else "out.star")
    if way == "uid":
        order = np.random.default_rng(1).permutation(N)
        made_cs.write(target, made_cs.whole(N)[order])
    else:
        assert main(["convert", str(source), str(target)]) == 0
        capsys.readouterr()
    told = run(capsys, source, target, "--match", way)
    assert told["settings"]["match"] == way
    assert told["matched"] == N
    assert "identity" in told["relation"]
    assert told["errors"]["angle_all"]["percentile_95"] < 1e-3
    assert told["shifts"]["median_error_angstrom"] < 1e-3


def test_disagreeing_and_agreeing_rows_are_written_byte_for_byte(star, partly, tmp_path, capsys):
    other, wrong = partly
    odd, even = tmp_path / "odd.star", tmp_path / "even.star"
    table = tmp_path / "t.csv"
    told = run(
        capsys, star, other, "--disagreeing", odd, "--agreeing", even, "-o", table, "--of", "A"
    )
    assert told["disagreeing"] == int(wrong.sum())
    assert set(told["written"]) == {str(odd), str(even), str(table)}
    lines = np.array(particle_lines(star), dtype=object)
    assert particle_lines(odd) == lines[wrong].tolist()
    assert particle_lines(even) == lines[~wrong].tolist()
    with table.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["agrees"] == "0" for row in rows] == wrong.tolist()
    assert [int(row["row_a"]) for row in rows] == list(range(N))
    angle = np.array([float(row["angle"]) for row in rows])
    parts = [np.array([float(row[f"{k}_error"]) for row in rows]) for k in ("direction", "inplane")]
    cosines = np.cos(np.radians(angle / 2))
    np.testing.assert_allclose(
        cosines, np.prod([np.cos(np.radians(p / 2)) for p in parts], axis=0), atol=1e-6
    )
    run(capsys, star, other, "--disagreeing", odd, "--of", "B", "--over", "90")
    chosen = angle > 90
    assert particle_lines(odd) == np.array(particle_lines(other), dtype=object)[chosen].tolist()


@pytest.mark.parametrize("metric", ["chordal", "quaternion"])
def test_a_distance_by_its_name_is_in_the_table_and_told(star, partly, tmp_path, capsys, metric):
    table = tmp_path / "t.csv"
    told = run(capsys, star, partly[0], "-o", table, "--metric", metric)
    with table.open() as file:
        rows = list(csv.DictReader(file))
    half = np.radians([float(row["angle"]) for row in rows]) / 2
    expected = 2 * np.sqrt(2) * np.sin(half) if metric == "chordal" else 2 * np.sin(half / 2)
    found = [float(row[f"{metric}_distance"]) for row in rows]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    of_all = told["averages"]["all"]["distances"][metric]
    assert of_all["median"] == pytest.approx(np.median(expected), abs=1e-6)
    assert of_all["mean"] == pytest.approx(expected.mean(), abs=1e-6)
    agreeing = told["averages"]["agreeing"]
    assert agreeing["particles"] == told["agreeing"]
    assert agreeing["means"]["chordal_l2"]["degrees_from_rotation"] < 0.2
    assert f"Distance: {metric}, where they agree" in said(
        capsys, star, partly[0], "--metric", metric
    )


def test_an_in_plane_offset_of_any_size_is_told(tmp_path, capsys):
    a = Rotation.random(N, random_state=1).as_matrix()
    turn = Rotation.from_euler("z", -54.5, degrees=True).as_matrix()
    files = [write_star(tmp_path / f"{i}.star", angles_of(m)) for i, m in enumerate((a, turn @ a))]
    told = run(capsys, *files)
    assert told["relation"] == "B is A with an in-plane offset of −54.50°"
    assert told["changed"]["change"] == "in-plane offset"
    assert told["changed"]["offset_degrees"] == pytest.approx(-54.5, abs=1e-3)
    assert told["agreeing_fraction"] > 0.999


def test_images_that_were_turned_by_half_a_turn_are_told_by_their_shifts(tmp_path, capsys):
    """Images mirrored along both axes are turned by 180°; the map keeps its hand."""
    a = made_cs.write(tmp_path / "a.cs", made_cs.particles(N))
    for source, target, flip in (("a", "once", "flip-x"), ("once", "b", "flip-y")):
        paths = [str(tmp_path / f"{name}.cs") for name in (source, target)]
        words = ("--images", flip, "--images-about", "voxel")
        assert main(["transform", paths[0], "-o", paths[1], *words]) == 0
    capsys.readouterr()
    told = run(capsys, a, tmp_path / "b.cs")
    assert told["relation"] == "B is A with an in-plane offset of 180°"
    assert told["flipped"] is False
    assert told["told_by_shifts"] is True
    assert told["shifts"]["median_error_angstrom"] < 1e-3
    assert told["to_turn_a"] == ""
    assert "--images flip-x and then with --images flip-y" in told["to_turn_a_why_not"]


def test_why_no_command_turns_a_is_told(tmp_path, star, capsys):
    angles = uniform_angles(N, np.random.default_rng(1))
    radians = write_star(tmp_path / "radians.star", np.radians(angles))
    assert "multiply the angles of B by 180/π" in said(capsys, star, radians)
    a = Rotation.from_euler("ZYZ", angles, degrees=True).inv().as_matrix()
    inverted = write_star(tmp_path / "inverted.star", angles_of(np.swapaxes(a, 1, 2)))
    assert "no command inverts rotations" in said(capsys, star, inverted)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--agreeing", "some.cs"), "star, and .cs means cryoSPARC .cs"),
        (("--disagreeing", "some.cs", "--of", "B"), "the rows of B are written as they are"),
        (("-o", "t.xlsx"), "the table is comma-separated text"),
    ],
)
def test_a_name_that_promises_another_format_is_refused(star, capsys, words, sentence, tmp_path):
    told = refusal(capsys, star, star, words[0], tmp_path / words[1], *words[2:])
    assert sentence in told
    assert "Let its name end in" in told
    assert not (tmp_path / words[1]).exists()


def test_i_is_said_to_be_i2_and_one_file_to_be_one(star, capsys):
    words = said(capsys, star, star, "--symmetry", "I")
    assert "The symmetry I was read as I2, as RELION does." in words
    assert "A and B are the same file." in words
    assert "read as I2" not in said(capsys, star, star, "--symmetry", "I2")


def test_nothing_is_written_where_no_particle_disagrees(star, tmp_path, capsys):
    odd = tmp_path / "odd.star"
    assert "No particle disagrees" in said(capsys, star, star, "--disagreeing", odd)
    assert not odd.exists()


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("option", ["--disagreeing", "-o"])
def test_neither_file_is_written_over(star, partly, capsys, which, option):
    files = (star, partly[0])
    before = files[which].read_bytes()
    assert "never written over" in refusal(capsys, *files, option, files[which])
    assert files[which].read_bytes() == before


def test_particles_that_are_in_one_file_only_are_counted(star, tmp_path, capsys):
    lines = star.read_text().splitlines(keepends=True)
    rows = [i for i, line in enumerate(lines) if "@Extract" in line]
    fewer = tmp_path / "fewer.star"
    fewer.write_text("".join(x for i, x in enumerate(lines) if i not in rows[:40]))
    told = run(capsys, fewer, star)
    assert (told["matched"], told["unmatched_a"], told["unmatched_b"]) == (N - 40, 0, 40)
    assert "row" in refusal(capsys, fewer, star, "--match", "row")


def test_the_truth_judges_as_papers_do(star, partly, capsys, tmp_path):
    turned = tmp_path / "turned.star"
    words = ("--rotate", "y", "30")
    assert main(["transform", str(partly[0]), "-o", str(turned), *words]) == 0
    capsys.readouterr()
    told = run(capsys, turned, star, "--truth")["truth"]
    right = 1 - partly[1].mean()
    assert told["as_given"]["angle"]["under_20"] < 0.05
    assert told["as_given"]["angle"]["median"] == pytest.approx(30, abs=2)
    fitted = told["after_frame_fit"]
    assert fitted["angle"]["under_5"] == pytest.approx(right, abs=0.02)
    assert fitted["direction_error"]["median"] < 1
    words = said(capsys, turned, star, "--truth")
    assert "As given: angle to the truth: median 30" in words
    assert "in the plane: median" in words
    assert "under 10°" in words


def test_the_words_say_what_was_found(star, partly, capsys):
    words = said(capsys, star, partly[0])
    assert f"Matched: {N} by image, number and the full name of the stack (as neither" in words
    assert "Relation: B is A: the same frame (identity)" in words
    assert "hand kept" in words
    assert "Others tried: none comes near" in words
    assert "far above chance" in words
    assert "Means" not in words
    assert "L1" in said(capsys, star, partly[0], "--metric", "geodesic")
    assert "with an angle of at most 10°" in said(capsys, star, partly[0], "--over", "10")


def test_a_symmetry_that_was_not_said_is_advised(tmp_path, capsys):
    operators = parse_group("C4").matrices
    a = Rotation.random(500, random_state=1).as_matrix()
    b = a @ operators[np.random.default_rng(1).integers(0, 4, 500)]
    files = [write_star(tmp_path / f"{i}.star", angles_of(m)) for i, m in enumerate((a, b))]
    assert "say --symmetry C4" in said(capsys, *files)
    assert run(capsys, *files, "--symmetry", "C4")["agreeing_fraction"] > 0.99


def test_unrelated_poses_are_said_to_be(tmp_path, capsys):
    files = [
        write_star(tmp_path / f"{i}.star", uniform_angles(N, np.random.default_rng(i)))
        for i in (5, 6)
    ]
    told = run(capsys, *files)
    assert told["relation"] == "no relation found"
    assert told["related"] is False
    words = said(capsys, *files)
    assert "No relation" not in words
    assert not any(name in words for name in ("Frame:", "Angle:", "Shifts:", "Others tried:"))


def test_tables_of_text_are_compared_by_row(star, tmp_path, capsys):
    angles = uniform_angles(N, np.random.default_rng(1))
    table = tmp_path / "predicted.csv"
    np.savetxt(table, angles, delimiter=",", header="rot,tilt,psi", comments="", fmt="%.6f")
    words = (star, table, "--columns-b", "rot=1,tilt=2,psi=3")
    told = run(capsys, *words, "--match", "row")
    assert "identity" in told["relation"]
    assert told["shifts"] is None
    assert run(capsys, *words)["settings"]["match"] == "row"
    assert "B does not say which images" in refusal(capsys, *words, "--match", "image")


def unposed(folder: Path, rows: int) -> Path:
    folder.mkdir()
    labels = ("rlnImageName", "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnOpticsGroup")
    lines = [f"{i + 1:06d}@a.mrcs nan nan nan 1" for i in range(rows)]
    lines += [f"{i + 1:06d}@b.mrcs {i} {i} {i} 1" for i in range(rows)]
    return save(folder, optics((1, 1.25)) + loop("particles", labels, lines))


def test_particles_without_a_pose_are_left_out_and_told(tmp_path, capsys):
    file = unposed(tmp_path / "one", 8)
    told = run(capsys, file, file)
    assert (told["matched"], told["compared"]) == (16, 8)
    assert any("8 matched particles have no pose" in note for note in told["notes"])


def test_files_without_any_common_pose_are_refused(tmp_path, capsys):
    file = unposed(tmp_path / "one", 8)
    only = tmp_path / "only.star"
    text = file.read_text()
    only.write_text("".join(x for x in text.splitlines(keepends=True) if "@b" not in x))
    first = open_particles(file)
    assert first.n_placed == 8
    labels = ("rlnImageName", "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnOpticsGroup")
    posed = [f"{i + 1:06d}@a.mrcs {i} {i} {i} 1" for i in range(8)]
    posed += [f"{i + 1:06d}@c.mrcs nan nan nan 1" for i in range(8)]
    (tmp_path / "two").mkdir()
    other = save(tmp_path / "two", optics((1, 1.25)) + loop("particles", labels, posed))
    assert "has a pose in both" in refusal(capsys, file, other)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--symmetry", "Q7"), '"Q7" is not a known point group'),
        (("--match", "uid"), "neither file has uids"),
        (("--match", "micrograph+coordinates"), "and where"),
        (("--over", "200"), "--over 200 is no angle"),
        (("--over", "nan"), "--over nan is no angle"),
        (("--pixel-size", "-2"), "cannot be"),
        (("--class-a", "2"), "does not have poses for several classes"),
        (("--convention-b", "relion"), "--convention goes with --columns"),
        (("-o", "no/such/folder.csv"), "there is no folder"),
    ],
)
def test_what_cannot_be_is_one_sentence(star, capsys, words, sentence):
    assert sentence in refusal(capsys, star, star, *words)


def test_a_file_that_is_not_there(star, capsys):
    assert "no such file" in refusal(capsys, star, star.with_name("no.star"))


def test_files_with_nothing_in_common_are_refused(star, tmp_path, capsys):
    other = tmp_path / "other.star"
    other.write_text(star.read_text().replace("Extract/mic", "Extract/x"))
    words = refusal(capsys, star, other)
    assert "no particle of the one file is in the other by image: " in words
    assert 'A has "000001@Extract/mic00000.mrcs", B has "000001@Extract/x00000.mrcs"' in words
    assert run(capsys, star, other, "--match", "row")["matched"] == N


# Files written by pyem's csparc2star from a cryoSPARC file.


def vector(name: str) -> Path:
    return shared(f"vectors/cs_star/{name}")


@pytest.mark.parametrize(
    ("name", "relation"),
    [
        ("J20_pyem.star", "identity"),
        ("J20_pyem_inverty.star", "identity"),
        ("J20_pyem_relion2.star", "identity"),
        ("J20_pyem_flipy.star", "after an image y-flip"),
    ],
)
def test_what_csparc2star_wrote_is_compared_with_its_source(name, relation, capsys, tmp_path):
    table = tmp_path / "t.csv"
    told = run(capsys, vector("J20_particles.cs"), vector(name), "-o", table)
    assert told["matched"] == 265
    assert told["settings"]["match"] == "image"
    assert relation in told["relation"]
    assert told["sigma_degrees"] < 0.001
    assert told["shifts"]["median_error_angstrom"] < 1e-4
    # pyem's angles are wrong where A[1, 2] is 0 and A[0, 2] below 0: the poses (0, -1, 0) quarter
    poses = open_particles(vector("J20_particles.cs"))
    with table.open() as file:
        wrong = [int(row["row_a"]) for row in csv.DictReader(file) if row["agrees"] == "0"]
    assert len(wrong) == told["disagreeing"] == 2
    np.testing.assert_allclose(poses.directions[wrong], [[-1, 0, 0]] * 2, atol=1e-6)


def test_places_of_micrographs_that_are_upside_down_are_found(capsys):
    """`csparc2star --inverty` counts y from the other edge of micrographs of 4,092 pixels."""
    files = vector("J20_particles.cs"), vector("J20_pyem_inverty.star")
    told = run(capsys, *files, "--match", "micrograph+coordinates")
    assert told["matched"] == 265
    assert any("y_B = 4092 − y_A" in note and "upside down" in note for note in told["notes"])
    assert "identity" in told["relation"]


@pytest.mark.parametrize("name", ["xmipp/particles.xmd", "dynamo/double.tbl"])
def test_a_file_without_a_pixel_size_is_matched_all_the_same(name, capsys):
    path = shared(f"real/{name}")
    told = run(capsys, path, path)
    assert told["settings"]["match"] == "image"
    assert told["unmatched_a"] == 0
    assert told["shifts"] is None
    assert any("Of A the shifts are not used" in note for note in told["notes"])


def test_a_real_file_is_itself_in_another_format(tmp_path, capsys):
    source = shared("real/relion/betagal_unfolded_4501.star")
    target = tmp_path / "particles.cs"
    assert main(["convert", str(source), str(target)]) == 0
    capsys.readouterr()
    told = run(capsys, source, target, "--symmetry", "D2")
    assert told["unmatched_a"] == told["unmatched_b"] == 0
    assert "identity" in told["relation"]
    assert told["errors"]["angle_all"]["percentile_95"] < 0.001


@pytest.mark.parametrize("group", ["C3", "D7", "I1"])
def test_relion_s_symmetry_copies_are_the_same_poses(group, tmp_path, capsys):
    """Of what relion_particle_symmetry_expand wrote, another copy of each particle."""
    order = parse_group(group).order
    lines = shared(f"vectors/relion_symexpand/expand_{group}.star").read_text().splitlines(True)
    rows = [i for i, line in enumerate(lines) if "@" in line]
    images = [lines[i].split()[6] for i in rows]
    wanted = {image: k % order for k, image in enumerate(dict.fromkeys(images))}
    seen: dict[str, int] = {}
    left = []
    for i, image in zip(rows, images, strict=True):
        copy = seen[image] = seen.get(image, -1) + 1
        if copy != wanted[image]:
            left.append(i)
    other = tmp_path / "copies.star"
    other.write_text("".join(line for i, line in enumerate(lines) if i not in set(left)))
    source = shared("vectors/relion_symexpand/input.star")
    told = run(capsys, source, other, "--symmetry", group)
    assert told["matched"] == len(wanted)
    assert "identity" in told["relation"]
    assert told["errors"]["angle_all"]["percentile_95"] < 0.01
    assert sum(one["particles"] > 0 for one in told["operators"]) > 0.6 * min(order, len(wanted))
    expanded = shared(f"vectors/relion_symexpand/expand_{group}.star")
    told = run(capsys, source, expanded, "--symmetry", group)
    assert told["unmatched_b"] == len(wanted) * (order - 1)
    assert any("of an earlier row" in note for note in told["notes"])
