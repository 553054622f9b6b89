"""Tables of defocus as people have them: separators, commas, and which tilt a row is of."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.core.errors import UserError
from evenview.core.tilt.series import TiltSeries
from evenview.formats.tilt.cells import cells_of
from evenview.formats.tilt.defocus_table import read_defocus, tilts_at
from made_star import loop

ANGLES = np.array([-40.0, -20.0, 0.0, 20.0, 40.0])


def series(angles=ANGLES, **more) -> TiltSeries:
    none = np.zeros(len(angles))
    return TiltSeries("TS", (), "relion", np.array(angles), none, none, **more)


@pytest.mark.parametrize(
    ("lines", "cells"),
    [
        (["-40\t3,9\t2,1"], [["-40", "3.9", "2.1"]]),
        (["−40,5;3,912;2,1;"], [["−40.5", "3.912", "2.1"]]),
        (["-40\t\t2.1", "-20\t3\t"], [["-40", "", "2.1"], ["-20", "3", ""]]),
        (["-40,3.9,2.1"], [["-40", "3.9", "2.1"]]),
        (["-40, 3.9, 2.1"], [["-40", "3.9", "2.1"]]),
        (["  -40   3.9 2.1"], [["-40", "3.9", "2.1"]]),
        (["30512,31020", "3,9000"], [["30512", "31020"], ["3", "9000"]]),
    ],
)
def test_columns_are_what_stands_between_the_separators(lines, cells):
    assert cells_of(lines) == cells


@pytest.mark.parametrize(
    "lines",
    [
        ["-40 3,9 2,1"],
        ["-40 3,9"],
        ["-40, 3,9"],
        ["3,9", "4,1"],
        ["-40\t30,512\t31,020"],
        ["-40\t1,234,567\t2,1"],
        ["-40.5\t3,9\t2,1"],
    ],
)
def test_a_comma_that_may_mean_two_things_is_refused(lines):
    with pytest.raises(UserError, match="comma"):
        cells_of(lines)


@pytest.mark.parametrize("mark", ["\t", ";"])
def test_a_table_with_decimal_commas_is_read_as_one_with_points(tmp_path, mark):
    path = tmp_path / "halves.txt"
    rows = [f"{a:g}{mark}3,{k}{mark}2,{k}5" for k, a in enumerate(ANGLES)]
    path.write_text("\n".join([f"Tilt angle{mark}left{mark}right", *rows]) + "\n")
    found = read_defocus(path, series(), micrometres=True)
    np.testing.assert_allclose(found.left, 1e4 * (3 + np.arange(5) / 10))
    np.testing.assert_allclose(found.right, 1e4 * (2.05 + np.arange(5) / 10))
    path.write_text("tilt left right\n" + "\n".join("-40 3,9" for _ in ANGLES))
    with pytest.raises(UserError, match=r"halves.txt: .*comma"):
        read_defocus(path, series(), micrometres=True)


@pytest.mark.parametrize("nominal", [False, True])
@pytest.mark.parametrize("stage_last", [False, True])
def test_tilts_are_told_by_the_angles_that_the_series_has(tmp_path, nominal, stage_last):
    """The stage is 3 degrees off: its -40 is nearest to no tilt of the alignment."""
    labels = ["rlnTomoYTilt", "rlnTomoNominalStageTiltAngle"]
    columns = [ANGLES, ANGLES + 3]
    if not stage_last:
        labels, columns = labels[::-1], columns[::-1]
    rows = [f"{a} {b} 100 100 {30000 + k}" for k, (a, b) in enumerate(zip(*columns, strict=True))]
    path = tmp_path / "ctf.star"
    more = ("rlnCoordinateX", "rlnCoordinateY", "rlnDefocusU")
    path.write_text(loop("ctf", (*labels, *more), rows))
    found = read_defocus(path, series(ANGLES + 3 if nominal else ANGLES, nominal=nominal))
    assert found.tilts.tolist() == [0, 1, 2, 3, 4]
    used = "rlnTomoNominalStageTiltAngle" if nominal else "rlnTomoYTilt"
    assert found.note.endswith(f"told by {used}.")


def test_tilts_of_one_angle_are_told_apart_by_order_or_not_at_all():
    twice = series([0.0, -20.0, 0.0, 20.0, 40.0])
    some = np.array([40.0, 0.0, -20.0, 0.0])
    assert tilts_at(twice, some, once=True).tolist() == [4, 0, 1, 2]
    assert tilts_at(twice, np.array([40.0, -20.0])).tolist() == [4, 1]
    for angles, once in (([0.0, 20.0], True), ([0.0, 0.0], False)):
        with pytest.raises(UserError, match="2 tilts of the series have an angle of 0°"):
            tilts_at(twice, np.array(angles), once=once)


def test_names_of_images_tell_tilts_of_one_angle_apart(tmp_path):
    labels = ("rlnTomoYTilt", "rlnMicrographName", "rlnCoordinateX", "rlnCoordinateY")
    rows = [f"0 a/{name}.mrc 1 1 30000" for name in "cab"]
    path = tmp_path / "particles.star"
    path.write_text(loop("particles", (*labels, "rlnDefocusU"), rows))
    found = read_defocus(path, series([0.0, 0.0, 0.0], images=("a.mrc", "b.mrc", "c.mrc")))
    assert found.tilts.tolist() == [2, 0, 1]
