"""What is asked and told where particles go to another tomogram: sizes, commands, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.__main__ import main
from evenview.core import rotation
from evenview.core.record import Images, Names, Record
from evenview.formats import formats
from made_star import loop
from made_tilt import ANGLES, AXIS, info, relion4, relion5, rot, tlt, warp_xml, xf
from made_tomogram import SIZE, Pair, columns, stars, table
from tilt_command import found, refusal


def test_shifts_that_one_shift_of_the_tomogram_does_not_explain(capsys, tmp_path):
    pair = Pair(tmp_path, AXIS + 180, ANGLES)
    noise = np.random.default_rng(2).normal(0, 60, pair.t2.shape)
    pair.files[2] = info(tmp_path / "TS_info.json", AXIS + 180, shifts=pair.t2 + noise)
    source, out = stars(tmp_path / "particles.star", True, False), tmp_path / "moved.star"
    report = found(capsys, *pair.files, "--particles", source, "-o", out)
    assert report["relations"][0]["shift_pixels"] is None
    assert report["relations"][0]["shift_rms"] > 30
    assert "No shift of the tomogram explains" in " ".join(report["particles"]["notes"])


def test_one_tomogram_that_is_only_shifted(capsys, tmp_path):
    pair = Pair(tmp_path, AXIS, -ANGLES)
    report = found(capsys, *pair.files)
    assert report["relations"][0]["relation"] == "same"
    assert "shifted besides by 12.25, −7.50, 30.00" in report["relations"][0]["words"].replace(
        "-", "−"
    )
    assert report["command"] is not None


def test_particles_to_a_package(capsys, tmp_path):
    series = relion5(tmp_path)
    source = stars(tmp_path / "particles.star", False, True)
    out = tmp_path / "moved.star"
    assert (
        main(["tilt", str(series), "--to", "eman2", "--particles", str(source), "-o", str(out)])
        == 0
    )
    words = " ".join(capsys.readouterr().out.split())
    assert "mirrored in z" in words
    assert "extracted again" in words
    assert f"Wrote {out}" in words
    # The size is that of the series' own file.
    before, after = (columns(p, ["rlnCoordinateZ"]) for p in (source, out))
    np.testing.assert_allclose(after, 2000 - before, atol=1e-5)


def test_the_size_of_the_tomogram_is_that_of_warps_file(capsys, tmp_path):
    series = warp_xml(tmp_path / "TS.xml")
    source = tmp_path / "m.star"
    labels = [f"wrpCoordinate{x}1" for x in "XYZ"] + ["wrpAngleRot1", "wrpAngleTilt1"]
    labels += ["wrpAnglePsi1", "wrpRandomSubset"]
    source.write_text(loop("", labels, ["1000 2000 300 10 20 30 1", "900 200 400 10 20 30 2"]))
    out = tmp_path / "out.star"
    found(capsys, series, "--to", "relion", "--particles", source, "-o", out)
    np.testing.assert_allclose(columns(out, labels[2:3]).ravel(), [2400, 2300], atol=1e-4)


def test_the_command_is_said_and_works(capsys, tmp_path, monkeypatch):
    imod = (tlt(tmp_path / "TS_01.tlt"), xf(tmp_path / "TS_01.xf"))
    eman = info(tmp_path / "TS_info.json", AXIS + 180)
    command = found(capsys, *imod, eman)["command"]
    assert command.startswith("evenview tilt ")
    assert "--particles particles.star -o moved.star" in command
    stars(tmp_path / "particles.star", True, False)
    monkeypatch.chdir(tmp_path)
    assert main(command.split()[1:]) == 0
    assert (tmp_path / "moved.star").exists()
    capsys.readouterr()
    odd = tlt(tmp_path / "TS 2.tlt")
    command = found(capsys, odd, "--axis", -12.5, "--to", "warp")["command"]
    assert "TS 2.tlt' --axis -12.5 --to warp" in command
    same = info(tmp_path / "same_info.json", AXIS, -ANGLES, shifts=np.zeros((len(ANGLES), 2)))
    level = xf(tmp_path / "TS_01.xf", shifts=np.zeros((len(ANGLES), 2)))
    assert found(capsys, imod[0], level, same)["command"] is None


def test_particles_that_cannot_be_moved(capsys, tmp_path):
    imod = (tlt(tmp_path / "TS_01.tlt"), xf(tmp_path / "TS_01.xf"))
    eman = info(tmp_path / "TS_info.json", AXIS + 180)
    source = stars(tmp_path / "particles.star", True, True, ("TS_01", "TS_02"))
    out = tmp_path / "moved.star"
    both = ("--particles", source, "-o", out)
    size = ("--size", *SIZE)
    assert "--all-tomograms" in refusal(capsys, *imod, eman, *both, *size)
    assert "--size" in refusal(capsys, *imod, eman, *both, "--all-tomograms")
    report = found(capsys, *imod, eman, *both, *size, "--all-tomograms")
    assert "alike" in report["particles"]["notes"][0]
    assert "nothing to do" in refusal(capsys, *imod, "--to", "relion", *both, *size)
    assert "not said which tomogram" in refusal(capsys, *imod, *both)
    assert "not said which tomogram" in refusal(capsys, *imod, eman, "--to", "warp", *both)
    over = ("--particles", source, "-o", source, "--all-tomograms", *size)
    assert "never written over" in refusal(capsys, *imod, eman, *over)
    motl = table(tmp_path / "a.em", "emmotl-em")
    where = (*imod, eman, "--particles", motl, "-o", out)
    assert "--size" in refusal(capsys, *where)
    assert "--voxel-size" in refusal(capsys, *where, *size)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("peet-csv", "its points are in the model"),
        ("eman2-lst", "in the headers of its particles"),
        ("xmipp-xmd", "have no places in a tomogram"),
    ],
)
def test_formats_without_places_say_the_way_out(capsys, tmp_path, name, words):
    n = 3
    record = Record(
        quaternions=rotation.random(n, np.random.default_rng(4)),
        subtomograms=name != "xmipp-xmd",
        pixel_size=np.full(n, 2.0),
        images=Images(np.arange(1, n + 1), Names.of(["a.hdf"] * n)),
    )
    source = tmp_path / "a.part"
    formats()[name].create(source, record)
    imod = (tlt(tmp_path / "TS.tlt"), xf(tmp_path / "TS.xf"))
    said = refusal(capsys, *imod, "--to", "eman2", "--particles", source, "-o", tmp_path / "b.part")
    assert words in said
    assert "Dynamo" in said


def test_no_particles_by_shifts_that_are_not_read(capsys, tmp_path):
    """RELION 4's matrices count from the corner of images of unknown size."""
    matrices = np.array([rot("z", AXIS) @ rot("y", a) for a in ANGLES])
    first = relion4(tmp_path / "TS.star", matrices)
    second = info(tmp_path / "b_info.json", AXIS + 180)
    source, out = table(tmp_path / "a.tbl", "dynamo-tbl"), tmp_path / "b.tbl"
    asked = ("--particles", source, "-o", out, "--size", *SIZE)
    for pair in ((first, second), (second, first)):
        assert "shifts of RELION 4's matrices are not read" in refusal(capsys, *pair, *asked)
        assert not out.exists()
        report = found(capsys, *pair)
        assert report["command"] is None
        assert "is not known" in report["relations"][0]["words"]
        assert report["relations"][0]["relation"] == "turned"
    # What a package makes of the same numbers has the same shifts.
    report = found(capsys, first, "--to", "warp", *asked)
    assert any("same numbers too" in note for note in report["particles"]["notes"])
