"""`evenview transform` as a user meets it, against the numbers of other programs."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import mrcfile
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_cs
from evenview.__main__ import main
from evenview.core import rotation
from evenview.formats import open_particles
from made_star import loop, save
from shared_data import shared

LABELS = (
    *("rlnImageName", "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"),
    *("rlnOriginXAngst", "rlnOriginYAngst", "rlnRandomSubset", "rlnOpticsGroup", "rlnDefocusU"),
    "rlnDefocusAngle",
)
POINTS = np.random.default_rng(6).normal(0, 20, (6, 3))


def euler(a: np.ndarray) -> np.ndarray:
    """(N, 3) rot, tilt, psi of A, whatever is free of them at the poles."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return Rotation.from_matrix(a).inv().as_euler("ZYZ", degrees=True)


def write_star(folder: Path, a: np.ndarray, origins: np.ndarray, pixel: float, box: int) -> Path:
    """A RELION 3.1 file of rotations A (N, 3, 3) and origins (N, 2) in Å."""
    groups = loop(
        "optics",
        ("rlnOpticsGroup", "rlnOpticsGroupName", "rlnImagePixelSize", "rlnImageSize"),
        [f"1 one {pixel} {box}" if box else f"1 one {pixel} none"],
    )
    angles = euler(a)
    rows = [
        f"{k + 1:06d}@a.mrcs {rot:.9f} {tilt:.9f} {psi:.9f} {x:.9f} {y:.9f} {k % 2 + 1} 1 "
        f"15000.0 {k}.25"
        for k, ((rot, tilt, psi), (x, y)) in enumerate(
            zip(angles.tolist(), origins.tolist(), strict=True)
        )
    ]
    return save(folder, groups + loop("particles", LABELS, rows))


@pytest.fixture
def truth() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(9)
    return rotation.to_matrix(rotation.random(30, rng)), rng.normal(0, 3, (30, 2))


@pytest.fixture
def star(tmp_path, truth) -> Path:
    return write_star(tmp_path, *truth, 1.25, 64)


def read_star(path: Path) -> tuple[np.ndarray, np.ndarray]:
    table = open_particles(path).table
    angles = np.column_stack([table.numeric(f"rlnAngle{x}") for x in ("Rot", "Tilt", "Psi")])
    origins = np.column_stack([table.numeric(f"rlnOrigin{x}Angst") for x in "XY"])
    return Rotation.from_euler("ZYZ", angles, degrees=True).inv().as_matrix(), origins


def images(a, origins, points):
    return np.einsum("nij,pj->npi", a, points)[..., :2] - origins[:, None]


def run(capsys, source: Path, *words: object) -> tuple[Path, dict[str, Any]]:
    out = source.with_name("out" + source.suffix)
    assert main(["transform", str(source), "-o", str(out), "--json", *map(str, words)]) == 0
    return out, json.loads(capsys.readouterr().out)


def refusal(capsys, source: Path, *words: object) -> str:
    out = source.with_name("out" + source.suffix)
    assert main(["transform", str(source), "-o", str(out), *map(str, words)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert not out.exists()
    return captured.err


def rot_z(degrees: float) -> np.ndarray:
    return Rotation.from_euler("z", degrees, degrees=True).as_matrix()


@pytest.mark.parametrize(
    ("words", "matrix", "shift"),
    [
        (("--rotate", "z", "90"), rot_z(90), (0, 0, 0)),
        (("--rotate", "0,0,-1", "-90"), rot_z(90), (0, 0, 0)),
        (("--rotate", "Z", "-30", "--shift", "1", "-2", "3"), rot_z(-30), (1, -2, 3)),
        (("--shift", "-1,2,-3"), np.eye(3), (-1, 2, -3)),
        (("--quaternion", "2", "0", "0", "2"), rot_z(90), (0, 0, 0)),
        (("--matrix", "0 -1 0 1 0 0 0 0 1"), rot_z(90), (0, 0, 0)),
        (
            ("--frame", "centre", "--matrix", "0 -1 0 5 1 0 0", "6 0 0 1 7"),
            rot_z(90),
            (5, 6, 7),
        ),
        (("--setting", "D7", "D7y"), rot_z(90), (0, 0, 0)),
        (("--setting", "relion:D7", "cryosparc:D7"), rot_z(90), (0, 0, 0)),
        (("--mirror", "z", "--mirror-about", "voxel"), np.diag([1, 1, -1]), (0, 0, 0)),
        (("--mirror", "x", "--mirror-about", "box"), np.diag([-1, 1, 1]), (-1.25, 0, 0)),
        (("--mirror", "inversion", "--mirror-about", "box"), -np.eye(3), (-1.25,) * 3),
        (
            ("--mirror", "x", "--mirror-about", "box", "--rotate", "z", "90", "--shift", "0 0 1"),
            rot_z(90) @ np.diag([-1, 1, 1]),
            (0, -1.25, 1),
        ),
        (("--matrix", "1 0 0 0 1 0 0 0 -1"), np.diag([1, 1, -1]), (0, 0, 0)),
    ],
)
def test_images_of_the_moved_map_are_the_old_images(star, truth, capsys, words, matrix, shift):
    out, answer = run(capsys, star, *words)
    np.testing.assert_allclose(answer["motion"]["matrix"], matrix, atol=1e-12)
    np.testing.assert_allclose(answer["motion"]["shift"], shift, atol=1e-12)
    assert answer["motion"]["hand_changed"] is bool(np.linalg.det(matrix) < 0)
    moved = POINTS @ np.asarray(matrix, float).T + shift
    np.testing.assert_allclose(images(*read_star(out), moved), images(*truth, POINTS), atol=2e-5)


def test_the_motion_is_said_and_all_else_stays(star, capsys):
    out = star.with_name("out.star")
    words = ["transform", str(star), "-o", str(out), "--rotate", "z", "90"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "turned by 90° about Z" in said
    assert "kept" in said
    assert "rlnAngleRot" in said
    assert f"Wrote {out}" in said
    old, new = open_particles(star).table, open_particles(out).table
    for row in range(len(old)):
        before, after = dict(old.cells(row)), dict(new.cells(row))
        assert before.keys() == after.keys()
        for name in ("rlnImageName", "rlnRandomSubset", "rlnDefocusAngle", "rlnOriginXAngst"):
            assert after[name] == before[name]
    assert main(words) == 0
    assert f"Replaced {out}" in capsys.readouterr().out


@pytest.mark.parametrize(("axis", "signs"), [("x", (-1, 1)), ("y", (1, -1))])
@pytest.mark.parametrize("about", ["voxel", "box"])
def test_mirrored_images_keep_the_map_and_turn_the_defocus_angle(
    star, truth, capsys, axis, signs, about
):
    out, answer = run(capsys, star, "--images", f"flip-{axis}", "--images-about", about)
    assert answer["motion"]["hand_changed"] is False
    # Reversed rows of 64 pixels: the pixel i goes to 63 - i, which is -u - 1 about the pixel 32.
    expected = images(*truth, POINTS) * signs
    expected -= np.eye(2)["xy".index(axis)] * (1.25 if about == "box" else 0.0)
    np.testing.assert_allclose(images(*read_star(out), POINTS), expected, atol=2e-5)
    angle = "rlnDefocusAngle"
    np.testing.assert_allclose(
        open_particles(out).table.numeric(angle), -open_particles(star).table.numeric(angle)
    )


def test_in_an_odd_box_a_mirror_has_one_meaning(tmp_path, truth, capsys):
    source = write_star(tmp_path, *truth, 1.25, 65)
    out, answer = run(capsys, source, "--mirror", "y")
    assert answer["motion"]["shift"] == [0, 0, 0]
    moved = POINTS * (1, -1, 1)
    np.testing.assert_allclose(images(*read_star(out), moved), images(*truth, POINTS), atol=2e-5)
    run(capsys, source, "--images", "flip-y")


CHIMERAX = "0.5 -0.8660254 0 12  0.8660254 0.5 0 -3  0 0 1 7"


def corner_motion(centre: float) -> np.ndarray:
    """Where ChimeraX's matrix puts `POINTS`, which are about the centre."""
    rows = np.array(CHIMERAX.split(), float).reshape(3, 4)
    return (POINTS + centre) @ rows[:, :3].T + rows[:, 3] - centre


def test_chimerax_turns_about_the_first_voxel(star, truth, capsys):
    out, _ = run(capsys, star, "--frame", "chimerax", "--matrix", CHIMERAX)
    np.testing.assert_allclose(
        images(*read_star(out), corner_motion(32 * 1.25)), images(*truth, POINTS), atol=5e-5
    )


def test_chimerax_knows_the_origin_of_a_map(star, truth, tmp_path, capsys):
    path = tmp_path / "map.mrc"
    values = np.zeros((64, 64, 64), np.float32)
    values[30, 31, 32] = 1
    with mrcfile.new(path, values) as file:
        file.voxel_size = 1.25
        file.header.origin = (-11.0, -11.0, -11.0)
    out, _ = run(capsys, star, "--frame", "chimerax", "--matrix", CHIMERAX, "--map", path)
    np.testing.assert_allclose(
        images(*read_star(out), corner_motion(32 * 1.25 - 11.0)), images(*truth, POINTS), atol=5e-5
    )


def test_a_map_of_another_side_is_refused(star, tmp_path, capsys):
    path = tmp_path / "map.mrc"
    with mrcfile.new(path, np.eye(8, dtype=np.float32)[None].repeat(8, 0)) as file:
        file.voxel_size = 1.25
    words = ("--frame", "chimerax", "--rotate", "z", "10", "--map", path)
    assert "the map has 8 voxels of 1.25 Å a side" in refusal(capsys, star, *words)
    flat = tmp_path / "flat.mrc"
    with mrcfile.new(flat, np.random.default_rng(1).normal(size=(4, 5, 6)).astype("f4")) as file:
        file.voxel_size = 1.25
    assert "not a cube" in refusal(capsys, star, *words[:-1], flat)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "there is nothing to do"),
        (("--rotate", "x", "0"), "there is nothing to do"),
        (("--rotate", "x", "360"), "there is nothing to do"),
        (("--shift", "0", "0", "0"), "there is nothing to do"),
        (("--rotate", "q", "10"), '"q" is not a number'),
        (("--rotate", "1,2", "10"), 'the axis "1,2" is neither x, y, z nor three numbers'),
        (("--rotate", "0,0,0", "10"), "the axis has the length 0"),
        (("--rotate", "z", "ten"), '"ten" is not a number'),
        (("--rotate", "z", "inf"), "infinite"),
        (("--quaternion", "0", "0", "0", "0"), "the quaternion has the length 0"),
        (("--quaternion", "1", "0", "0"), "a quaternion has 4 numbers: w x y z; 3 are given"),
        (("--shift", "1", "2"), "a shift has 3 numbers: x y z; 2 are given"),
        (("--matrix", "1", "0"), "a matrix has 9 numbers, or 12 with the shift; 2 are given"),
        (("--matrix", "2 0 0 0 2 0 0 0 2"), "does more than turn or mirror"),
        (("--matrix", CHIMERAX), "does not say what it turns about"),
        (("--matrix", CHIMERAX, "--frame", "centre", "--shift", "1 1 1"), "--shift is given"),
        (("--setting", "D7", "T"), "different groups"),
        (("--setting", "D4", "D4y"), "the same operators"),
        (("--setting", "relion:D7", "eman:D7"), "the same operators"),
        (("--setting", "phenix:D7", "D7"), 'the point groups of "phenix" are not known'),
        (("--setting", "relion:Q", "D7"), 'RELION, Xmipp has no point group "Q"'),
        (("--mirror", "z"), "one voxel apart. Say --mirror-about voxel or --mirror-about box."),
        (("--images", "flip-y"), "Say --images-about voxel or --images-about box."),
        (("--mirror-about", "box"), "--mirror-about is given without --mirror"),
        (("--images-about", "box"), "--images-about is given without --images"),
        (("--rotate", "z", "9", "--pixel-size", "2"), "a pixel size of 1.25 Å, and --pixel-size"),
        (
            ("--mirror", "z", "--mirror-about", "box", "--box", "60"),
            "a box of 64 pixels, and --box",
        ),
        (("--frame", "chimerax", "--rotate", "z", "9", "--map", "no.mrc"), "no such file"),
    ],
)
def test_what_cannot_be_is_one_sentence(star, capsys, words, sentence):
    said = refusal(capsys, star, *words)
    assert sentence in said
    assert len(said.splitlines()) == 1


def test_two_turns_are_refused(star, capsys):
    said = refusal(capsys, star, "--rotate", "z", "90", "--setting", "D7", "D7y")
    assert "not allowed with" in said


def test_an_unknown_box_is_asked_for(tmp_path, truth, capsys):
    source = write_star(tmp_path, *truth, 1.25, 0)
    about_box = ("--mirror", "x", "--mirror-about", "box")
    assert "Give it with --box" in refusal(capsys, source, *about_box)
    assert "one voxel apart" in refusal(capsys, source, "--mirror", "x")
    _, answer = run(capsys, source, *about_box, "--box", "64")
    assert answer["motion"]["shift"] == [-1.25, 0, 0]


def test_several_pixel_sizes_are_never_taken_for_one(tmp_path, capsys):
    groups = loop(
        "optics",
        ("rlnOpticsGroup", "rlnOpticsGroupName", "rlnImagePixelSize", "rlnImageSize"),
        ["1 one 1.25 64", "2 two 1.5 64"],
    )
    rows = [f"{k}@a.mrcs 10 20 30 1 1 1 {k} 15000 {k}" for k in (1, 2)]
    source = save(tmp_path, groups + loop("particles", LABELS, rows))
    about_box = ("--mirror", "x", "--mirror-about", "box")
    assert "several boxes or pixel sizes" in refusal(capsys, source, *about_box)
    assert "--pixel-size says 1.25" in refusal(capsys, source, *about_box, "--pixel-size", "1.25")
    out, _ = run(capsys, source, "--images", "flip-x", "--images-about", "box")
    moved = open_particles(out).table.numeric("rlnOriginXAngst")
    np.testing.assert_allclose(moved, [1.25 - 1, 1.5 - 1], atol=1e-6)


def test_the_source_is_never_written_over(star, capsys):
    before = star.read_bytes()
    words = ["transform", str(star), "-o", str(star), "--rotate", "z", "90"]
    assert main(words) == 2
    assert "never written over" in capsys.readouterr().err
    assert star.read_bytes() == before


def test_help_says_whose_turn_it_is(capsys):
    assert main(["transform", "--help"]) == 0
    words = capsys.readouterr().out
    assert "r_new = R r_old" in words
    assert "--symmetry" in words


# Reference cases, checked by their authors with RELION's projector and pyem.

CASES = range(7)


def case(number: int) -> dict[str, Any]:
    cases: list[dict[str, Any]] = json.loads(shared("vectors/align_flip_cases.json").read_text())
    return cases[number]


def words_of(case: dict[str, Any]) -> list[str]:
    rows = np.column_stack([case["M"], case["t_px"]])
    return ["--frame", "centre", "--matrix", " ".join(f"{x:.12f}" for x in rows.ravel())]


@pytest.mark.parametrize("number", CASES)
def test_the_reference_cases_through_a_relion_file(number, tmp_path, capsys):
    given = case(number)
    a, origins = np.array(given["old_A"]), np.array(given["old_origin_px"])
    out, _ = run(capsys, write_star(tmp_path, a, origins, 1.0, 64), *words_of(given))
    new_a, new_origins = read_star(out)
    np.testing.assert_allclose(new_a, given["new_A"], atol=1e-6)
    np.testing.assert_allclose(new_origins, given["new_origin_px"], atol=2e-4)


@pytest.mark.parametrize("number", CASES)
def test_the_reference_cases_through_a_cryosparc_file(number, tmp_path, capsys):
    given = case(number)
    rows = made_cs.particles(len(given["old_A"]))
    rows["alignments3D/pose"] = given["old_pose_rotvec"]
    rows["alignments3D/shift"] = given["old_origin_px"]
    rows["alignments3D/psize_A"] = rows["blob/psize_A"] = 1.0
    source = made_cs.write(tmp_path / "J1_particles.cs", rows)
    out, answer = run(capsys, source, *words_of(given))
    after = np.load(out)
    turned = Rotation.from_rotvec(after["alignments3D/pose"].astype(float)).inv().as_matrix()
    np.testing.assert_allclose(turned, given["new_A"], atol=2e-6)
    np.testing.assert_allclose(after["alignments3D/shift"], given["new_origin_px"], atol=2e-4)
    for name in ("uid", "blob/path", "alignments3D/split", "alignments3D/error"):
        np.testing.assert_array_equal(after[name], rows[name])
    assert set(answer["changed"]) <= {
        *(f"alignments3D/pose[{i}]" for i in range(3)),
        *(f"alignments3D/shift[{i}]" for i in range(2)),
    }


def test_a_new_file_that_cannot_be_read_is_written_and_that_is_said(tmp_path, capsys):
    labels = ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
    source = save(tmp_path, loop("", labels, ["90.0 0.0 0.0", "90.0 0.0 0.0"]))
    out, answer = run(capsys, source, "--rotate", "z", -90)  # all angles but one are 0
    assert answer["files"] == [str(out)]
    assert len([line for line in out.read_text().splitlines() if len(line.split()) == 3]) == 2
    assert any("cannot be read here" in warning for warning in answer["warnings"])


def test_what_no_motion_touches_is_said(tmp_path, capsys):
    rows = made_cs.with_field(
        made_cs.particles(20), "alignments3D/object_pose", np.ones((20, 3), "<f4")
    )
    rows["alignments3D/pose"][3] = np.nan
    source = made_cs.write(tmp_path / "a.cs", rows)
    _, answer = run(capsys, source, "--rotate", "z", 30)
    assert any("object_pose" in note for note in answer["notes"])
    assert any("1 particle has no pose" in note for note in answer["notes"])
    assert main(["transform", str(source), "-o", str(tmp_path / "b.cs"), "--rotate", "z", "9"]) == 0
    assert "Note: The particles come from a local refinement" in capsys.readouterr().out


def test_a_mirror_asks_no_more_of_a_file_than_its_box(tmp_path, capsys):
    rows = made_cs.particles(20)
    rows["blob/shape"] = 255
    names = [name for name in rows.dtype.names if name != "blob/idx"]
    rows = made_cs.with_field(made_cs.part(rows, names), "blob/idx", np.ones((20, 2), "<u4"))
    source = made_cs.write(tmp_path / "odd.cs", rows)  # of which no record can be made
    _, answer = run(capsys, source, "--mirror", "z")
    assert answer["motion"]["hand_changed"]
    assert not any(answer["motion"]["shift"])


def test_images_of_several_pixel_sizes_do_not_say_that_of_the_map(tmp_path, capsys):
    rows = made_cs.particles(20)
    rows["blob/psize_A"][3] = 1.2
    source = made_cs.write(tmp_path / "two.cs", rows)
    said = refusal(capsys, source, "--mirror", "z", "--mirror-about", "box")
    assert "several boxes or pixel sizes" in said


def test_a_pixel_size_that_is_given_is_that_of_the_shifts(tmp_path, capsys):
    rows = made_cs.particles(20)
    names = [name for name in rows.dtype.names if not name.endswith("psize_A")]
    source = made_cs.write(tmp_path / "a.cs", made_cs.part(rows, names))
    assert "Give it with --pixel-size." in refusal(capsys, source, "--shift", "1 2 3")
    out, _ = run(capsys, source, "--shift", "1 2 3", "--pixel-size", 1.2)
    a = np.swapaxes(Rotation.from_rotvec(rows["alignments3D/pose"]).as_matrix(), 1, 2)
    moved = images(a, np.load(out)["alignments3D/shift"] * 1.2, POINTS + np.array([1, 2, 3]))
    expected = images(a, rows["alignments3D/shift"] * 1.2, POINTS)
    np.testing.assert_allclose(moved, expected, atol=1e-4)


def told(capsys, source: Path, *words: object) -> str:
    out = source.with_name("told.star")
    assert main(["transform", str(source), "-o", str(out), *map(str, words)]) == 0
    return capsys.readouterr().out


def test_the_report_says_about_what_was_mirrored_and_how_far_images_move(star, capsys):
    said = told(capsys, star, "--images", "flip-y", "--images-about", "box")
    assert "mirrored in y about the middle of the box" in said
    assert "origins move by 1.25 Å along y" in said
    said = told(capsys, star, "--mirror", "x", "--mirror-about", "box")
    assert "mirrored in x about the middle of the box" in said
    assert "−1.25, 0, 0 Å" in said
    said = told(capsys, star, "--mirror", "x", "--mirror-about", "voxel", "--rotate", "z", 90)
    assert "mirrored in x about the voxel N // 2; then turned by 90° about Z" in said


def test_the_report_says_where_the_map_was_taken_to_be(star, capsys):
    said = told(capsys, star, "--frame", "chimerax", "--rotate", "z", 90)
    assert "the first voxel is at 0, 0, 0 Å, the voxel N // 2 at 40, 40, 40 Å" in said
    assert "Give --map to be sure" in said
