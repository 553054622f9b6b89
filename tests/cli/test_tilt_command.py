"""`evenview tilt` as a user meets it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evenview.__main__ import main
from evenview.core import convention, rotation
from evenview.core.tilt.packages import PACKAGES
from evenview.formats import open_particles
from made_star import loop
from made_tilt import (
    ANGLES,
    AXIS,
    aln,
    info,
    mdoc,
    relion5,
    rot,
    tlt,
    tomostar,
    warp_xml,
    xf,
)
from shared_data import shared
from tilt_command import found, refusal, told


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


def test_what_is_not_certain_is_said(capsys, tmp_path, imod):
    words = told(capsys, *imod)
    assert "Not known from the file" in words
    assert "docs/tilt.md" in words
    # Only of the packages that are spoken of, and of the hand only where one is said.
    doubts = {
        "imod": "not checked here on data",
        "warp": "WarpTools exports",
        "aretomo": "2.0.6",
        "hand": "cannot be told",
    }
    files = {
        "imod": imod,
        "aretomo": [aln(tmp_path / "TS.aln")],
        "warp": [tomostar(tmp_path / "TS.tomostar")],
    }
    for package, given in files.items():
        words = told(capsys, *given)
        assert [name for name, doubt in doubts.items() if doubt in words] == [package]
    assert doubts["hand"] in told(capsys, warp_xml(tmp_path / "TS.xml"))


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
        "right at 85.30° with the angles negated or at −94.70° with the angles as they are" in words
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


def test_a_series_that_is_typed_for_any_package(capsys):
    words = told(capsys, "--axis", 85.3, "--tilts", *ANGLES)
    assert "Typed series, as IMOD describes it" in words
    assert "Not known from the file" in words
    report = found(capsys, "--axis", -94.7, "--tilts", *ANGLES, "--of", "eman2")
    same = {
        (c["package"], round(c["axis"], 2), c["angles"])
        for c in report["conventions"]
        if c["relation"] == "turned"
    }
    assert ("imod", 85.3, "as they are") in same
    report = found(capsys, "--axis", 10, "--tilts", *ANGLES, "--of", "warp", "--to", "imod")
    assert report["to"]["relation"] == "mirrored"
    assert report["command"].startswith("evenview tilt --of warp --axis 10 --tilts -60 -54 ")
    assert "not all between" in refusal(capsys, "--axis", 1, "--tilts", 0, 95)


def test_the_hand_that_a_file_of_warps_says(capsys, tmp_path):
    path = warp_xml(tmp_path / "TS.xml")
    words = told(capsys, path)
    assert "The file says flip. No defocus was given to check it" in words
    assert "RELION: rlnTomoHand −1 for this tomogram" in words
    contradicted = ("--left", *LEFT, "--right", *RIGHT, "--defocus-unit", "um")
    # Warp's angles are minus IMOD's: the same values left and right are the other hand.
    report = found(capsys, warp_xml(tmp_path / "b.xml", angles=ANGLES), *contradicted)
    assert report["hand"]["relion"] == 1
    assert "The file says flip, which this contradicts." in report["hand_words"]


def test_why_a_hand_is_undecided_is_a_key(capsys, imod):
    few = ("--tilts", -30, 0, 30, "--left", 3.2, 3, 2.8, "--right", 2.8, 3, 3.2)
    hand = found(capsys, *imod, *few, "--defocus-unit", "um")["hand"]
    assert (hand["decided"], hand["undecided_because"]) == (False, "values")
    flat = ("--left", *[3.0] * len(ANGLES), "--right", *[3.0] * len(ANGLES))
    hand = found(capsys, *imod, *flat, "--defocus-unit", "um")["hand"]
    assert hand["undecided_because"] == "error"
    sure = ("--left", *LEFT, "--right", *RIGHT, "--defocus-unit", "um")
    assert found(capsys, *imod, *sure)["hand"]["undecided_because"] is None
    wrong = (*sure, "--apart", 10_000_000)
    assert "far too flat" in told(capsys, *imod, *wrong)


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


def test_tilts_of_90_degrees_are_left_out_of_the_hand_and_told(capsys, tmp_path):
    angles = np.array([-90, -60, -40, -20, 0, 20, 40, 60, 90])
    half = 1000 * np.tan(np.radians(np.clip(angles, -60, 60)))
    left, right = (30_000 + sign * half for sign in (-1, 1))
    words = ["--axis", AXIS, "--tilts", *angles, "--left", *left, "--right", *right]
    assert "2 values were left out: at their tilts the middle plane" in told(capsys, *words)
    hand = found(capsys, *words, "--apart", 2000)["hand"]
    assert (hand["relion"], hand["tilts"], hand["edge_on"]) == (-1, 7, 2)
    assert hand["slope"] == pytest.approx(1, abs=1e-3)
    table = tmp_path / "places.csv"
    rows = [f"{t},{x},{x},{d}" for t, d in zip(angles, right, strict=True) for x in (-100, 100)]
    table.write_text("\n".join(["tilt,x,y,defocus", *rows[1:]]))
    assert "3 values were left out" in told(capsys, *words[: 3 + len(angles)], "--defocus", table)


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


def test_two_series_that_do_not_fit(capsys, tmp_path, imod):
    other = aln(tmp_path / "TS.aln", angles=ANGLES[::-1] * 0.5, dark=1)
    words = told(capsys, *imod, other)
    assert "No turn and no mirror" in words
    relation = found(capsys, *imod, other)["relations"][0]
    assert relation["relation"] == "none"
    assert relation["mirrored"] is None
    short = aln(tmp_path / "short.aln", angles=ANGLES[3:] + 1, dark=3)
    assert "which of them belong together" in refusal(capsys, *imod, short)
    out = ("--particles", tmp_path / "particles.star", "-o", tmp_path / "out.star")
    assert "cannot be taken" in refusal(capsys, *imod, other, *out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--left", "1"), "--left and --right"),
        (("--tilts", "1"), "--left and --right"),
        (("--apart", "5"), "--left and --right"),
        (("--left", "3", "--right", "3", "--apart", "-5"), "above 0"),
        (
            ("--left", "3", "--right", "3", "--defocus-unit", "um"),
            "left has 1 value and right has 1",
        ),
        (("--left", "3", "--right", "3", "--tilts", "0"), "cannot be Å"),
        (("--left", "3", "--right", "3", "--tilts", "nan"), "infinite or no number"),
        (("--axis", "nan"), "--axis"),
        (("--of", "imod"), "--of is given with files"),
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


def test_files_after_options(capsys, tmp_path, imod):
    eman = info(tmp_path / "TS_01_info.json", AXIS + 180)
    report = found(capsys, imod[0], "--axis-of", imod[0], AXIS, eman, "--pixel-size", 1.5, imod[1])
    assert [series["package"] for series in report["series"]] == ["imod", "eman2"]


def test_left_and_right_of_a_table_are_so_far_apart_as_is_said(capsys, tmp_path, imod):
    table = tmp_path / "halves.csv"
    rows = zip(ANGLES, LEFT, RIGHT, strict=True)
    table.write_text("tilt,left,right\n" + "".join(f"{a},{x},{y}\n" for a, x, y in rows))
    words = (*imod, "--defocus", table, "--defocus-unit", "um", "--apart", 10_000)
    hand = found(capsys, *words)["hand"]
    assert hand["scaled"]
    assert hand["slope"] == pytest.approx(1, abs=1e-6)
    table.write_text("tilt,x,y,defocus\n0,1,2,3\n")
    assert "has places instead" in refusal(capsys, *words)
    table.write_text("a,b\n1,2\n")
    assert 'the headings "a" and "b" are not known' in refusal(capsys, *words)


def test_shifts_are_as_long_in_every_package(capsys, tmp_path):
    """The same shift T of each tilt, in the frames of three packages."""
    shifts = np.random.default_rng(4).normal(0, 10, (len(ANGLES), 2))
    longest = np.linalg.norm(shifts, axis=1).max()
    turned = -shifts @ rot("z", -AXIS)[:2, :2].T
    files = (
        (tlt(tmp_path / "a.tlt"), xf(tmp_path / "a.xf", shifts=turned)),
        (info(tmp_path / "a_info.json", AXIS, shifts=shifts),),
    )
    for given in files:
        assert f"up to {longest:.2f} pixels".rstrip("0") in told(capsys, *given)


def test_all_packages_are_open_where_a_hand_is_told_in_their_terms(capsys, tmp_path, imod):
    words = (*imod, "--left", *LEFT, "--right", *RIGHT, "--defocus-unit", "um")
    for report in (found(capsys, *words), found(capsys, warp_xml(tmp_path / "TS.xml"))):
        uncertain = " ".join(report["uncertain"])
        for doubt in ("WarpTools exports", "2.0.6", "not checked here on data", "cannot be told"):
            assert doubt in uncertain
        assert uncertain.startswith("Only RELION's and EMAN2's rotations were checked")
    assert "WarpTools" not in told(capsys, *imod)


def test_the_table_of_packages_has_their_remarks(capsys, imod):
    words = told(capsys, *imod)
    remarks = {c["remark"] for c in found(capsys, *imod)["conventions"]} - {""}
    assert len(remarks) == 3
    assert all(remark in words for remark in remarks)
