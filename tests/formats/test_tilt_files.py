"""Files of tilt series of every kind: what is read of them, and how faults are said."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from damage import damaged
from evenview.core.errors import UserError
from evenview.core.tilt.hand import Measured, Sides
from evenview.core.tilt.packages import PACKAGES, matrices_of
from evenview.formats.tilt import Given, find_format, formats, open_series
from evenview.formats.tilt.base import TiltFormat
from evenview.formats.tilt.defocus_table import read_defocus
from made_star import loop
from made_tilt import (
    ANGLES,
    AXIS,
    aln,
    info,
    mdoc,
    relion4,
    relion5,
    rot,
    tlt,
    tomostar,
    warp_xml,
    xf,
)
from shared_data import shared

BUDGET = int(os.environ.get("EVENVIEW_FUZZ", "40"))
GIVEN = Given()


def only(path: Path, *others: Path, **given: object):
    (found,) = open_series([path, *others], Given(**given))
    return found


def refused(*paths: Path, **given: object) -> UserError:
    with pytest.raises(UserError) as caught:
        open_series(paths, Given(**given))
    assert len(str(caught.value)) < 3000
    return caught.value


def made_relion4(path: Path) -> Path:
    return relion4(path, PACKAGES["relion"].matrices(ANGLES, AXIS, 0.5))


MAKERS: dict[str, Callable[[Path], Path]] = {
    "tlt": lambda folder: tlt(folder / "TS.tlt"),
    "xf": lambda folder: xf(folder / "TS.xf"),
    "aln": lambda folder: aln(folder / "TS.aln"),
    "mdoc": lambda folder: mdoc(folder / "TS.mrc.mdoc"),
    "tomostar": lambda folder: tomostar(folder / "TS.tomostar"),
    "warp": lambda folder: warp_xml(folder / "TS.xml"),
    "info": lambda folder: info(folder / "TS_info.json"),
    "relion5": relion5,
    "relion4": lambda folder: made_relion4(folder / "TS.star"),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_one_kind_recognises_a_file(kind, tmp_path):
    path = MAKERS[kind](tmp_path)
    head = path.read_bytes()
    assert [form.sniff(head) for form in formats()].count(True) == 1
    assert isinstance(find_format(path), TiltFormat)


def test_imod(tmp_path):
    found = only(tlt(tmp_path / "TS.tlt"), xf(tmp_path / "other.xf"))
    assert found.package == "imod"
    np.testing.assert_allclose(found.angles, ANGLES)
    np.testing.assert_allclose(found.axes, AXIS, atol=1e-5)
    np.testing.assert_allclose(found.shifts, [[1.5, -2]] * len(ANGLES))
    assert found.axis == pytest.approx(AXIS)
    assert not found.nominal


def test_an_xf_beside_its_angles_is_found_and_told(tmp_path):
    path, alignment = tlt(tmp_path / "TS.rawtlt"), xf(tmp_path / "TS.xf", 12.0)
    for asked in (path, alignment):
        found = only(asked)
        assert found.axis == pytest.approx(12)
        assert found.files == (path, alignment)
        assert "beside it" in str(found.notes[0])
        assert found.nominal


def test_the_axis_given_counts(tmp_path):
    found = only(tlt(tmp_path / "TS.tlt"), xf(tmp_path / "TS.xf"), axis=80.0)
    assert found.axis == pytest.approx(80)
    assert "85.3°" in str(found.notes[0])
    assert only(tlt(tmp_path / "two.tlt"), axis=80.0).axis == pytest.approx(80)


def test_two_series_of_imod_pair_by_name(tmp_path):
    paths = [tlt(tmp_path / "a.tlt"), tlt(tmp_path / "b.tlt")]
    paths += [xf(tmp_path / "b.xf", 20.0), xf(tmp_path / "a.xf", 10.0)]
    assert [s.axis for s in open_series(paths, GIVEN)] == pytest.approx([10, 20])
    other = xf(tmp_path / "c.xf")
    assert "which .xf" in str(refused(paths[0], other, paths[2]))


def test_aretomo(tmp_path):
    found = only(aln(tmp_path / "TS.aln"))
    assert found.package == "aretomo"
    np.testing.assert_allclose(found.angles, ANGLES)
    np.testing.assert_allclose(found.axes, AXIS)
    np.testing.assert_allclose(found.shifts[:, 1], -1.5)
    assert found.sections.tolist() == list(range(1, len(ANGLES) + 1))
    dark = only(aln(tmp_path / "dark.aln", dark=3))
    assert len(dark) == len(ANGLES)
    assert "3 dark frames" in str(dark.notes[0])
    assert dark.sections is None


def test_a_real_aln():
    found = only(shared("real/tilt/aretomo.aln"))
    np.testing.assert_allclose(found.angles, [-61.5, -60, -58.5, -57])
    np.testing.assert_allclose(found.axes, -12.6611)
    np.testing.assert_allclose(found.shifts[0], (24.786, -2.677))


def test_mdoc(tmp_path):
    found = only(mdoc(tmp_path / "TS_01.mrc.mdoc"))
    assert found.name == "TS_01"
    assert found.package == "imod"
    assert found.nominal
    np.testing.assert_allclose(found.angles, ANGLES)
    assert found.axis == pytest.approx(AXIS)
    np.testing.assert_allclose(found.defocus, 35_000)
    assert found.pixel_size == 1.35
    assert found.images[3] == "TS_03.eer"
    untitled = only(mdoc(tmp_path / "b.mdoc", title=False))
    assert untitled.axis == pytest.approx(AXIS)
    assert "RotationAngle" in str(untitled.notes[0])


def test_warp(tmp_path):
    found = only(tomostar(tmp_path / "TS.tomostar", angles=-ANGLES))
    assert found.package == "warp"
    assert found.shift_unit == "Å"
    expected = PACKAGES["relion"].matrices(ANGLES, AXIS)
    np.testing.assert_allclose(matrices_of(found), expected, atol=1e-12)


def test_eman2(tmp_path):
    found = only(info(tmp_path / "TS_info.json", x=1.5))
    assert found.name == "TS"
    assert found.axis == pytest.approx(AXIS)
    np.testing.assert_allclose(found.x_tilts, 1.5)
    np.testing.assert_allclose(found.defocus, 32_500)
    assert found.pixel_size == 1.35
    # Transform "xyz" is the passive rotation about x, y and z in turn.
    expected = rot("z", AXIS) @ rot("y", -ANGLES[0]) @ rot("x", -1.5)
    np.testing.assert_allclose(matrices_of(found)[0], expected, atol=1e-12)


def test_relion5(tmp_path):
    for found in (only(relion5(tmp_path)), only(tmp_path / "job1" / "tilt_series" / "TS_01.star")):
        np.testing.assert_allclose(found.angles, ANGLES)
        np.testing.assert_allclose(found.axes, AXIS)
        np.testing.assert_allclose(found.defocus, 30_500)
        assert found.shift_unit == "Å"
    found = only(relion5(tmp_path))
    assert found.hand == -1
    assert found.pixel_size == 1.35
    assert found.size == (4000, 4000, 2000)
    assert [path.name for path in found.files] == ["tomograms.star", "TS_01.star"]


def test_one_of_several_series_is_chosen(tmp_path):
    path = relion5(tmp_path, names=("TS_01", "TS_02"))
    assert "--tomogram: TS_01, TS_02" in str(refused(path))
    assert "TS_03" in str(refused(path, tomogram="TS_03"))
    assert only(path, tomogram="TS_02").name == "TS_02"
    (tmp_path / "job1" / "tilt_series" / "TS_02.star").unlink()
    assert "is not there" in str(refused(path, tomogram="TS_02"))


def test_relion4_matrices(tmp_path):
    expected = PACKAGES["relion"].matrices(ANGLES, AXIS, 0.5)
    found = only(relion4(tmp_path / "TS.star", expected))
    np.testing.assert_allclose(matrices_of(found), expected, atol=1e-7)
    np.testing.assert_allclose(found.x_tilts, 0.5, atol=1e-6)
    assert found.hand == -1
    assert found.unread_shifts
    assert "shifts of the matrices" in str(found.notes[0])
    mirrored = expected * np.array([1, 1, -1])[:, None]
    assert "mirrors" in str(refused(relion4(tmp_path / "mirrored.star", mirrored)))
    sheared = expected + np.eye(3) * 0.3
    assert "more than turn" in str(refused(relion4(tmp_path / "sheared.star", sheared)))


def test_relion_before_alignment(tmp_path):
    labels = ("rlnTomoNominalStageTiltAngle", "rlnTomoNominalTiltAxisAngle")
    path = tmp_path / "TS.star"
    path.write_text(loop("TS", labels, [f"{x} {AXIS}" for x in ANGLES]))
    found = only(path)
    assert found.nominal
    assert "not aligned" in str(found.notes[0])
    np.testing.assert_allclose(found.axes, AXIS)


def test_relion_with_angles_and_matrices_that_disagree(tmp_path):
    labels = ("rlnTomoYTilt", "rlnTomoZRot", *(f"rlnTomoProj{x}" for x in "XYZW"))
    rows = [f"{x} {AXIS} [1,0,0,0] [0,1,0,0] [0,0,1,0] [0,0,0,1]" for x in ANGLES]
    path = tmp_path / "TS.star"
    path.write_text(loop("TS", labels, rows))
    assert "disagree" in str(only(path).notes[0])


def text(name: str, content: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_text(content)
        return path

    return make


def cut(kind: str, old: str, new: str, count: int = 1) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = MAKERS[kind](folder)
        content = path.read_text()
        assert old in content
        path.write_text(content.replace(old, new, count))
        return path

    return make


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (text("a.tlt", ""), "empty"),
        (text("a.tlt", "-60\n-57\n"), "--axis"),
        (text("a.tlt", "-60\nx\n"), 'line 2: "x" is not a number'),
        (text("a.tlt", "-60\n1 2\n"), "2 words"),
        (text("a.tlt", "-60\n1e400\n"), "not a number"),
        (text("a.txt", "hello\n"), "not a file of a tilt series"),
        (text("a.xf", "1 0 0 1 0 0\n"), "not their tilt angles"),
        (text("a.json", "[1, 2]"), "no tlt_params"),
        (text("a.json", '{"tlt_params": [[1,2,3]]}'), "five numbers"),
        (text("a.json", '{"tlt_params": [[1,2,3,4,"x"]]}'), "xtilt in row 1"),
        (text("a.json", '{"tlt_params": [[1,2,3,4,1e999]]}'), "not a number"),
        (text("a.json", '{"tlt_params": [[1,2'), "JSON"),
        (text("a.json", '{"tlt_params": []}'), "no tilts"),
        (text("a.json", "[" * 100_000), "JSON"),
        (text("a.json", '{"tlt_params": 5}'), "list of rows"),
        (text("a.mdoc", "[T = nothing]\n"), "no section"),
        (cut("mdoc", "TiltAngle = -60.0\n", ""), "no TiltAngle"),
        (cut("mdoc", "TiltAngle = -60.0", "TiltAngle = x"), "is not a number (TiltAngle)"),
        (cut("aln", "-1.5 1.0", "1.0"), "9 numbers for 10 headings"),
        (cut("aln", "TILT", "TALT"), "TILT"),
        (cut("aln", "    1   85.3000", "    1 x"), "is not a number (ROT)"),
        (cut("tomostar", "_wrpAngleTilt", "_wrpAngel"), "wrpAngleTilt"),
        (cut("tomostar", "_wrpAxisAngle", "_wrpAxle"), "--axis"),
        (cut("tomostar", "-60.000", "-160.0"), "no stage tilts"),
        (cut("relion5", " -1 1.35", " 2 1.35"), "only 1 and -1"),
        (cut("relion5", "_rlnTomoHand", "_rlnTomoName"), "more than once"),
        (cut("relion4", "[0", "[x"), "four numbers"),
        (cut("relion4", "data_TS_01", "data_other"), "no table data_TS_01"),
        (text("a.star", loop("particles", ("rlnAngleRot",), ["1"])), "--particles"),
        (text("a.star", loop("x", ("rlnVoltage",), ["1"])), "no table"),
    ],
)
def test_faults_are_said_in_one_sentence(make, words, tmp_path):
    path = make(tmp_path)
    error = refused(path)
    assert words in str(error)
    assert str(tmp_path) in error.where


def test_files_that_cannot_be_read(tmp_path):
    assert "no such file" in str(refused(tmp_path / "none.tlt"))
    assert "folder" in str(refused(tmp_path))


def test_an_xf_of_another_series(tmp_path):
    path = tlt(tmp_path / "TS.tlt")
    assert "21 tilts" in str(refused(path, xf(tmp_path / "TS.xf", n=5)))
    odd = tmp_path / "odd.xf"
    odd.write_text("-1 0 0 1 0 0\n" * len(ANGLES))
    assert "does more than turn" in str(refused(path, odd))
    odd.write_text("1 0 0 1 0 0\n1 0 0 1 0\n")
    assert "line 2" in str(refused(path, odd))


def assert_said(error: UserError, folder: Path) -> None:
    assert str(folder) in error.where
    assert "\n" not in str(error)


@pytest.mark.parametrize("kind", MAKERS)
def test_damaged_files_are_read_or_refused(kind, tmp_path):
    whole = MAKERS[kind](tmp_path)
    if kind == "xf":
        tlt(tmp_path / "TS.tlt")
    if kind == "relion5":
        whole = tmp_path / "job1" / "tilt_series" / "TS_01.star"
    data = whole.read_bytes()
    for seed in range(BUDGET):
        whole.write_bytes(damaged(data, crc32(f"{kind}{seed}".encode()), 1 + seed % 3))
        try:
            (found,) = open_series([whole], Given(axis=1.0 if kind == "tlt" else None))
        except UserError as error:
            assert_said(error, tmp_path)
            continue
        assert np.isfinite(matrices_of(found)).all()
        assert len(found.axes) == len(found.x_tilts) == len(found) > 0
        assert found.defocus is None or len(found.defocus) == len(found)
        assert found.shifts is None or found.shifts.shape == (len(found), 2)


class TestDefocusTables:
    @pytest.fixture
    def series(self, tmp_path):
        return only(relion5(tmp_path))

    def read(self, folder: Path, series, content: str, **options) -> Measured | Sides:
        path = folder / "defocus.csv"
        path.write_text(content)
        return read_defocus(path, series, **options)

    def refused(self, folder: Path, series, content: str, **options) -> str:
        with pytest.raises(UserError) as caught:
            self.read(folder, series, content, **options)
        assert str(folder) in caught.value.where
        return str(caught.value)

    def test_left_and_right(self, tmp_path, series):
        rows = "".join(f"{x}, {30000 + x}, {30000 - x}\n" for x in ANGLES[::-1])
        found = self.read(tmp_path, series, "Tilt,Left,Right\n" + rows)
        assert found.tilts.tolist() == list(range(len(ANGLES)))[::-1]
        np.testing.assert_allclose(found.left, 30000 + ANGLES[::-1])
        assert found.apart is None

    def test_other_headings_and_micrometres(self, tmp_path, series):
        content = "# made by hand\nangle left right apart\n-60 3.1 2.9 2000\n60 nan 3.2 2000\n"
        found = self.read(tmp_path, series, content, micrometres=True)
        np.testing.assert_allclose(found.left, [31000, np.nan])
        assert found.apart == 2000
        assert found.tilts.tolist() == [0, len(ANGLES) - 1]

    def test_places_in_images(self, tmp_path, series):
        content = "image;x;y;defocus_u;defocus_v\nTS_02.mrc;10;20;30000;31000\n"
        found = self.read(tmp_path, series, content)
        assert found.tilts.tolist() == [2]
        assert found.unit == 1.35
        assert found.defocus.tolist() == [30500]
        content = "tilt x_angst y_angst z_angst defocus\n6 10 20 30 30000\n"
        found = self.read(tmp_path, series, content)
        assert found.unit == 1.0
        assert found.places.tolist() == [[10, 20, 30]]

    def test_star_of_particles_by_their_images(self, tmp_path, series):
        labels = ("rlnMicrographName", "rlnCoordinateX", "rlnCoordinateY", "rlnDefocusU")
        rows = [f"MotionCorr/TS_{k:02d}.mrc {k} 5 {30000 + k}" for k in range(3)]
        found = self.read(tmp_path, series, loop("particles", labels, rows))
        assert found.tilts.tolist() == [0, 1, 2]
        assert found.places.tolist() == [[0, 5], [1, 5], [2, 5]]

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("tilt,left,right\n", "no rows"),
            ("tilt,left,right\n-60,3,4\n", "cannot be Å"),
            ("tilt,left,right\n-61.5,30000,30000\n", "no tilt of the series"),
            ("tilt,left,right\nnan,30000,30000\n", "no tilt of the series"),
            ("tilt,left,right\n-60,x,30000\n", '"x" is not a number (left)'),
            ("tilt,left,right\n-60,30000\n", "2 cells for 3"),
            ("tilt,left,left\n-60,30000,1\n", "twice"),
            ("left,right\n30000,30000\n", "of which tilt"),
            ("tilt,defocus\n-60,30000\n", "where the defocus"),
            ("tilt,x,y\n-60,1,2\n", "no defocus"),
            ("image,left,right\nb.mrc,30000,30000\n", 'no image "b.mrc"'),
            ("tilt,left,right,apart\n-60,30000,30000,0\n", "apart"),
            ("data_x\nloop_\n_rlnVoltage\n300\n", "rlnDefocusU"),
            ("", "empty"),
        ],
    )
    def test_tables_that_say_nothing(self, tmp_path, series, content, words):
        assert words in self.refused(tmp_path, series, content)

    def test_angstroms_said_to_be_micrometres(self, tmp_path, series):
        content = "tilt,left,right\n-60,30000,30000\n"
        assert "cannot be µm" in self.refused(tmp_path, series, content, micrometres=True)


def test_an_info_file_with_other_things_in_it(tmp_path):
    path = info(tmp_path / "TS_info.json")
    made = json.loads(path.read_text())
    path.write_text(json.dumps({**made, "boxes_3d": [[1, 2, 3]], "defocus": [1.0], "x": None}))
    found = only(path)
    assert found.defocus is None
    assert "not used" in str(found.notes[0])
