"""`evenview tilt` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evenview.__main__ import main
from evenview.core import convention, rotation
from evenview.core.tilt.packages import PACKAGES
from evenview.formats import open_particles
from made_star import loop
from made_tilt import ANGLES, AXIS, aln, info, mdoc, relion5, tlt, tomostar, xf
from shared_data import shared

SIZE = np.array([4000, 4000, 2000])
PIXEL = 1.35


def told(capsys, *words: object) -> str:
    assert main(["tilt", *map(str, words)]) == 0
    return " ".join(capsys.readouterr().out.split())


def found(capsys, *words: object) -> dict[str, Any]:
    assert main(["tilt", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refusal(capsys, *words: object) -> str:
    assert main(["tilt", *map(str, words)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


@pytest.fixture
def imod(tmp_path) -> tuple[Path, Path]:
    return tlt(tmp_path / "TS_01.tlt"), xf(tmp_path / "TS_01.xf")


def test_the_use_case_two_axes_that_are_both_right(capsys, tmp_path, imod):
    eman = info(tmp_path / "TS_01_info.json", AXIS + 180)
    words = told(capsys, *imod, eman)
    assert "Axis: 85.30°" in words
    assert "Axis: −94.70°" in words
    assert "turned by 180° about z; the hand is the same" in words
    assert "Both are right" in words
    assert "the axis φ in IMOD and φ + 180° in EMAN2, and both are right" in words
    assert "Negating the tilt angles mirrors the tomogram in z, which changes its hand" in words
    (relation,) = found(capsys, *imod, eman)["relations"]
    assert relation["relation"] == "turned"
    assert relation["mirrored"] is False
    np.testing.assert_allclose(relation["matrix"], np.diag([-1, -1, 1]), atol=1e-7)


def test_negated_angles_in_eman2_are_imods_tomogram(capsys, tmp_path, imod):
    eman = info(tmp_path / "TS_01_info.json", AXIS, -ANGLES)
    assert "Same geometry: both describe the same tomogram" in told(capsys, *imod, eman)
    raw = info(tmp_path / "raw_info.json", AXIS)
    assert "mirrored in z; the hands differ" in told(capsys, *imod, raw)


def test_every_kind_of_file_of_one_series_agrees(capsys, tmp_path, imod):
    files = [
        aln(tmp_path / "TS.aln"),
        mdoc(tmp_path / "TS.mdoc"),
        tomostar(tmp_path / "TS.tomostar", angles=-ANGLES),
        info(tmp_path / "TS_info.json", AXIS, -ANGLES),
        relion5(tmp_path),
    ]
    relations = found(capsys, *imod, *files)["relations"]
    assert [r["relation"] for r in relations] == ["same"] * 5
    for relation in relations:
        assert relation["misfit_rms"] < 1e-5
        assert abs(relation["axis_difference"]) < 1e-4


def test_an_axis_that_differs(capsys, tmp_path, imod):
    words = told(capsys, *imod, aln(tmp_path / "TS.aln", AXIS + 1.5))
    assert "Same geometry" in words
    assert "The axis differs by 1.50°." in words


def test_the_axis_of_one_of_two_series(capsys, tmp_path, imod):
    bare = tlt(tmp_path / "bare.rawtlt")
    words = told(capsys, *imod, bare, "--axis-of", bare, AXIS + 180)
    assert "Axis: 85.30°" in words
    assert "Axis: −94.70°" in words
    assert f"--axis-of {bare} 265.3" in words
    assert "not among the files" in refusal(capsys, *imod, "--axis-of", bare, 1)
    assert "--axis-of is to be a number" in refusal(capsys, *imod, bare, "--axis-of", bare, "x")


def test_no_file_of_a_series_is_written_over(capsys, tmp_path, imod):
    labels = ("rlnTomoName", "rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ")
    labels += ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
    source = tmp_path / "particles.star"
    source.write_text(loop("particles", labels, ["TS_01 1 2 3 10 20 30"]))
    kept = imod[1].read_bytes()
    words = (*imod, "--to", "eman2", "--size", 40, 40, 20, "--particles", source, "-o", imod[1])
    assert "never written over" in refusal(capsys, *words)
    assert imod[1].read_bytes() == kept


def test_conventions_say_every_package_four_times(capsys, imod):
    conventions = found(capsys, *imod)["conventions"]
    assert len(conventions) == 4 * len(PACKAGES)
    same = {(c["package"], c["angles"]) for c in conventions if c["relation"] == "same"}
    assert same == {
        ("imod", "as they are"),
        ("aretomo", "as they are"),
        ("relion", "as they are"),
        ("warp", "negated"),
        ("eman2", "negated"),
    }
    for c in conventions:
        assert c["mirrored"] == (np.linalg.det(c["matrix"]) < 0)


def test_what_is_not_certain_is_said(capsys, imod):
    words = told(capsys, *imod)
    for part in ("not checked here on data", "WarpTools exports", "2.0.6", "cannot be told"):
        assert part in words
    assert "Not known from the file" in words


def test_a_real_aln(capsys):
    words = told(capsys, shared("real/tilt/aretomo.aln"))
    assert "AreTomo" in words
    assert "−12.66°" in words


LEFT = tuple(3.0 - 0.5 * np.tan(np.radians(ANGLES)))
RIGHT = tuple(3.0 + 0.5 * np.tan(np.radians(ANGLES)))


def test_typed_defocus_gives_the_hand_of_every_package(capsys, imod):
    words = told(capsys, *imod, "--left", *LEFT, "--right", *RIGHT, "--defocus-unit", "um")
    assert "the right side is more underfocused" in words
    assert "RELION: rlnTomoHand −1 for this tomogram" in words
    assert "Warp: flip for this tomogram" in words
    assert (
        "right at 85.30° with the angles negated; at −94.70° with the angles as they are" in words
    )
    opposite = found(capsys, *imod, "--left", *RIGHT, "--right", *LEFT, "--defocus-unit", "um")[
        "hand"
    ]
    assert opposite["relion"] == 1
    assert opposite["warp"] == "no flip"
    assert opposite["decided"]
    right = {(round(c["axis"], 2), c["angles"]) for c in opposite["eman2"]}
    assert right == {(85.3, "as they are"), (-94.7, "negated")}


def test_without_any_file(capsys):
    typed = ("--tilts", *ANGLES, "--left", *LEFT, "--right", *RIGHT, "--defocus-unit", "um")
    hand = found(capsys, "--axis", 85.3, *typed, "--apart", 10_000)["hand"]
    assert hand["relion"] == -1
    assert hand["slope"] == pytest.approx(1, abs=1e-6)
    assert "there is no tilt series" in refusal(capsys, *typed)
    assert "there is no tilt series" in refusal(capsys)


def test_eman2s_file_and_its_own_hand(capsys, tmp_path):
    """Of IMOD's rule at φ: EMAN2 at φ with raw angles has the wrong hand, at φ + 180 the right one.

    Left and right are of the images turned by EMAN2's axis.
    """
    wrong = info(tmp_path / "a_info.json", AXIS)
    words = told(capsys, wrong, "--left", *LEFT, "--right", *RIGHT, "--defocus-unit", "um")
    assert "EMAN2 used the wrong hand" in words
    right = info(tmp_path / "b_info.json", AXIS + 180)
    words = told(capsys, right, "--left", *RIGHT, "--right", *LEFT, "--defocus-unit", "um")
    assert "wrong hand" not in words
    assert "RELION: rlnTomoHand −1 for this tomogram" in words


def test_undecided(capsys, imod):
    rng = np.random.default_rng(0)
    noise = rng.normal(3, 0.1, (2, len(ANGLES)))
    typed = ("--left", *noise[0], "--right", *noise[1], "--defocus-unit", "um")
    assert "Undecided: the slope is within 3 standard errors of 0." in told(capsys, *imod, *typed)
    assert found(capsys, *imod, *typed)["hand"]["relion"] is None
    few = ("--tilts", -30, 0, 30, "--left", 3.2, 3, 2.8, "--right", 2.8, 3, 3.2)
    words = told(capsys, *imod, *few, "--defocus-unit", "um")
    assert "too few" in words


def test_a_table_that_contradicts_the_file(capsys, tmp_path):
    path = relion5(tmp_path, hand=1)
    table = tmp_path / "halves.csv"
    rows = zip(ANGLES, LEFT, RIGHT, strict=True)
    table.write_text("tilt,left,right\n" + "".join(f"{a},{x},{y}\n" for a, x, y in rows))
    words = told(capsys, path, "--defocus", table, "--defocus-unit", "um")
    assert "The file says rlnTomoHand 1, which this contradicts." in words
    unchecked = told(capsys, path)
    assert "The file says rlnTomoHand 1. No defocus was given to check it" in unchecked
    assert "RELION: rlnTomoHand 1 for this tomogram" in unchecked


def particles(path: Path, boxes: bool, pixels: bool, names=("TS_01",)) -> Path:
    """Subtomograms of RELION, with or without the rotation of a box, and with shifts."""
    rng = np.random.default_rng(4)
    labels = ["rlnTomoName", "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"]
    labels += ["rlnOriginXAngst", "rlnOriginYAngst", "rlnOriginZAngst"]
    labels += [f"rlnCoordinate{x}" if pixels else f"rlnCenteredCoordinate{x}Angst" for x in "XYZ"]
    labels += [f"rlnTomoSubtomogram{x}" for x in ("Rot", "Tilt", "Psi")] if boxes else []
    rows = []
    for k in range(12):
        q = rotation.random(2, rng)
        angles = convention.quaternions_to_relion(q).round(6)
        place = rng.uniform(-500, 500, 3) + (SIZE / 2 if pixels else 0)
        numbers = [*angles[0], *rng.normal(0, 5, 3), *place, *(angles[1] if boxes else [])]
        rows.append(" ".join([names[k % len(names)], *(f"{x:.6f}" for x in numbers)]))
    groups = loop("optics", ("rlnOpticsGroup", "rlnImagePixelSize"), [f"1 {PIXEL}"])
    path.write_text(groups + loop("particles", labels, rows))
    return path


def in_tomogram(path: Path, points: np.ndarray, pixels: bool, boxes: bool) -> np.ndarray:
    """Where points of the average lie in the tomogram, Å about its centre: (N, K, 3).

    RELION's formula, written out: coordinate + A_s (A_p r - o).
    """
    table = open_particles(path).table

    def columns(*names: str) -> np.ndarray:
        return np.column_stack([table.numeric(name) for name in names])

    def matrices(*names: str) -> np.ndarray:
        return rotation.to_matrix(convention.relion_to_quaternions(*columns(*names).T))

    own = matrices("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
    box = np.broadcast_to(np.eye(3), own.shape)
    if boxes:
        box = matrices(*(f"rlnTomoSubtomogram{x}" for x in ("Rot", "Tilt", "Psi")))
    origins = columns("rlnOriginXAngst", "rlnOriginYAngst", "rlnOriginZAngst")
    if pixels:
        places = (columns(*(f"rlnCoordinate{x}" for x in "XYZ")) - SIZE / 2) * PIXEL
    else:
        places = columns(*(f"rlnCenteredCoordinate{x}Angst" for x in "XYZ"))
    inside = np.einsum("nij,kj->nki", own, points) - origins[:, None]
    return places[:, None] + np.einsum("nij,nkj->nki", box, inside)


@pytest.mark.parametrize(("boxes", "pixels"), [(True, False), (False, True)])
@pytest.mark.parametrize(
    ("axis", "angles", "mirrors"),
    [(AXIS + 180, ANGLES, False), (AXIS, ANGLES, True), (AXIS + 180, -ANGLES, True)],
)
def test_moved_particles_have_the_same_images(
    capsys, tmp_path, imod, axis, angles, mirrors, pixels, boxes
):
    """Every point of every particle is seen at the same place of every tilt image."""
    eman = info(tmp_path / "TS_info.json", axis, angles)
    source = particles(tmp_path / "particles.star", boxes, pixels)
    out = tmp_path / "moved.star"
    size = ("--size", *SIZE) if pixels else ()
    report = found(capsys, *imod, eman, "--particles", source, "-o", out, *size)
    assert report["particles"]["particles"] == 12
    assert report["relations"][0]["mirrored"] == mirrors
    points = np.random.default_rng(8).normal(0, 40, (6, 3))
    there = points * (1, 1, -1) if mirrors else points
    before = in_tomogram(source, points, pixels, boxes)
    after = in_tomogram(out, there, pixels, boxes)
    first = PACKAGES["imod"].matrices(ANGLES, AXIS)[:, :2]
    second = PACKAGES["eman2"].matrices(angles, axis)[:, :2]
    seen = np.einsum("tij,nkj->tnki", first, before)
    np.testing.assert_allclose(np.einsum("tij,nkj->tnki", second, after), seen, atol=2e-5)


def test_particles_to_a_package(capsys, tmp_path):
    series = relion5(tmp_path)
    source = particles(tmp_path / "particles.star", False, True)
    out = tmp_path / "moved.star"
    words = told(capsys, series, "--to", "eman2", "--particles", source, "-o", out)
    assert "mirrored in z" in words
    assert "extracted again" in words
    assert f"Wrote {out}" in words
    # The size is that of the series' own file.
    before, after = (open_particles(p).table.numeric("rlnCoordinateZ") for p in (source, out))
    np.testing.assert_allclose(after, SIZE[2] - before, atol=1e-5)


def test_the_command_is_said_and_works(capsys, tmp_path, imod, monkeypatch):
    eman = info(tmp_path / "TS_info.json", AXIS + 180)
    command = found(capsys, *imod, eman)["command"]
    assert command.startswith("evenview tilt ")
    assert "--particles particles.star -o moved.star" in command
    particles(tmp_path / "particles.star", True, False)
    monkeypatch.chdir(tmp_path)
    assert main(command.split()[1:]) == 0
    assert (tmp_path / "moved.star").exists()
    capsys.readouterr()
    odd = tlt(tmp_path / "TS 2.tlt")
    command = found(capsys, odd, "--axis", -12.5, "--to", "warp")["command"]
    assert "TS 2.tlt' --axis -12.5 --to warp" in command
    same = info(tmp_path / "same_info.json", AXIS, -ANGLES)
    assert found(capsys, *imod, same)["command"] is None


def test_poses_of_single_images_change_with_the_hand_only(capsys, tmp_path, imod, monkeypatch):
    """P A of images: the transform that is named makes those of the mirrored tomogram."""
    turned = info(tmp_path / "a_info.json", AXIS + 180)
    assert found(capsys, *imod, turned)["transform"] is None
    assert "single 2-D images of the tilts: stay as they are" in told(capsys, *imod, turned)
    mirrored = info(tmp_path / "b_info.json", AXIS)
    command = found(capsys, *imod, mirrored)["transform"]
    in_tomograms = rotation.to_matrix(rotation.random(len(ANGLES), np.random.default_rng(3)))
    poses = PACKAGES["imod"].matrices(ANGLES, AXIS) @ in_tomograms
    labels = ("rlnImageName", "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
    angles = convention.quaternions_to_relion(rotation.from_matrix(poses))
    rows = [f"{k + 1}@a.mrcs {a:.6f} {b:.6f} {c:.6f}" for k, (a, b, c) in enumerate(angles)]
    (tmp_path / "images.star").write_text(loop("particles", labels, rows))
    monkeypatch.chdir(tmp_path)
    assert main(command.split()[1:]) == 0
    moved = rotation.to_matrix(open_particles(tmp_path / "moved.star").quaternions)
    mirror = np.diag([1, 1, -1])
    there = PACKAGES["eman2"].matrices(ANGLES, AXIS) @ mirror @ in_tomograms @ mirror
    np.testing.assert_allclose(moved, there, atol=1e-6)


def test_particles_that_cannot_be_moved(capsys, tmp_path, imod):
    eman = info(tmp_path / "TS_info.json", AXIS + 180)
    source = particles(tmp_path / "particles.star", True, True, ("TS_01", "TS_02"))
    out = tmp_path / "moved.star"
    both = ("--particles", source, "-o", out)
    size = ("--size", *SIZE)
    assert "--all-tomograms" in refusal(capsys, *imod, eman, *both, *size)
    assert "--size" in refusal(capsys, *imod, eman, *both, "--all-tomograms")
    assert "alike" in told(capsys, *imod, eman, *both, *size, "--all-tomograms")
    assert "nothing to do" in refusal(capsys, *imod, "--to", "relion", *both, *size)
    assert "not said which tomogram" in refusal(capsys, *imod, *both)
    assert "not said which tomogram" in refusal(capsys, *imod, eman, "--to", "warp", *both)
    over = ("--particles", source, "-o", source, "--all-tomograms", *size)
    assert "never written over" in refusal(capsys, *imod, eman, *over)
    lst = shared("real/eman2/align3d.lst")
    assert "convert" in refusal(capsys, *imod, eman, "--particles", lst, "-o", out)
    star = shared("real/relion/betagal_d2_452.star")
    assert "no particles with places" in refusal(
        capsys, *imod, eman, "--particles", star, "-o", out
    )


def test_two_series_that_do_not_fit(capsys, tmp_path, imod):
    other = aln(tmp_path / "TS.aln", angles=ANGLES[::-1] * 0.5, dark=1)
    words = told(capsys, *imod, other)
    assert "No turn and no mirror" in words
    relation = found(capsys, *imod, other)["relations"][0]
    assert relation["relation"] == "none"
    assert relation["mirrored"] is None
    short = aln(tmp_path / "short.aln", angles=ANGLES[3:], dark=3)
    assert "which of them belong together" in refusal(capsys, *imod, short)
    star = particles(tmp_path / "particles.star", True, False)
    out = ("--particles", star, "-o", tmp_path / "out.star")
    assert "cannot be taken" in refusal(capsys, *imod, other, *out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--left", "1"), "--left and --right"),
        (("--tilts", "1"), "--left and --right"),
        (("--apart", "5"), "--left and --right"),
        (("--left", "3", "--right", "3", "--apart", "-5"), "above 0"),
        (("--left", "3", "--right", "3", "--defocus-unit", "um"), "1 value on the left"),
        (("--left", "3", "--right", "3", "--tilts", "0"), "cannot be Å"),
        (("--left", "3", "--right", "3", "--tilts", "nan"), "infinite or no number"),
        (("--axis", "nan"), "--axis"),
        (("--pixel-size", "0"), "--pixel-size"),
        (("--particles", "a.star"), "-o"),
        (("-o", "a.star"), "--particles"),
        (("--size", "1", "2", "3"), "--particles"),
        (("--particles", "a", "-o", "b", "--size", "1", "2", "nan"), "size"),
        (("--particles", "none.star", "-o", "b", "--to", "eman2"), "no such file"),
        (("--defocus", "none.csv"), "no such file"),
        (("--defocus", "none.csv", "--left", "3", "--right", "3"), "both"),
    ],
)
def test_options_that_do_not_go_together(capsys, imod, words, said):
    assert said in refusal(capsys, *imod, *words)


def test_one_tilt_is_no_series(capsys, tmp_path):
    path = tlt(tmp_path / "a.tlt", [0.0, 0.0])
    assert "all alike" in refusal(capsys, path, "--axis", "3")
