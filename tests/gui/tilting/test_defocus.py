"""Measured defocus in the window on tilt series: pasted, typed, read from a table."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLineEdit

from gui_hands import choose
from made_tilt import ANGLES, AXIS, info
from tilting_hands import (
    LEFT,
    SLANT,
    click,
    drop,
    paste,
    seen,
    tab,
    three_columns,
    type_into,
)


def test_pasted_defocus_decides_the_hand_and_the_opposite_the_opposite(dialog, wait, imod):
    drop(dialog, *imod)
    wait()
    tab(dialog, 2)
    part = dialog.defocus
    assert "Type or paste defocus" in part.verdict.text()
    assert part.table.rowCount() == len(ANGLES)
    paste(dialog, three_columns(SLANT))
    type_into(part.apart, "2000")
    wait()
    assert part.title.text() == "Hand: decided"
    assert dialog.finding.look.result.hand.slope.value == pytest.approx(1, abs=0.1)
    words = part.verdict.text()
    assert "RELION: rlnTomoHand −1 for this tomogram" in words
    assert "Warp: flip for this tomogram" in words
    assert "this tomogram (turned about x, trimvol -rx) is not mirrored in z" in words
    assert "−94.70° with the angles as they are" in words
    assert "This is open" in seen(part)
    x, y = part.plot.points.getData()
    assert np.corrcoef(x, y)[0, 1] > 0.9
    low, high = (curve.getData()[1] for curve in (part.plot.low, part.plot.high))
    line = part.plot.fit.getData()[1]
    assert low[-1] < line[-1] < high[-1]
    assert "by the defocus measured" in dialog.drawing.told.text()
    paste(dialog, three_columns(-SLANT))
    wait()
    assert "RELION: rlnTomoHand 1 for this tomogram" in part.verdict.text()
    click(part.clear)
    wait()
    assert part.title.text() == "Hand"


def test_values_stay_with_the_series_that_they_were_measured_for(dialog, wait, tmp_path, imod):
    # At the axis + 180° left is right: the same numbers would give the other hand.
    drop(dialog, *imod, info(tmp_path / "TS_01_info.json", AXIS + 180))
    wait()
    tab(dialog, 2)
    paste(dialog, three_columns(SLANT))
    wait()
    click(dialog.series.rows[1].first)
    wait()
    assert dialog.defocus.table.is_empty
    assert dialog.finding.look.result.hand is None
    click(dialog.series.rows[1].first)
    wait()
    assert dialog.finding.look.result.hand.depth_sign == -1
    while dialog.series.rows:
        click(dialog.series.rows[0].drop)
        wait()
    drop(dialog, *imod)
    wait()
    assert dialog.finding.look.result.hand.depth_sign == -1


def test_flat_defocus_is_undecided_and_says_why(dialog, wait, imod):
    drop(dialog, *imod)
    wait()
    tab(dialog, 2)
    paste(dialog, three_columns(0 * SLANT))
    wait()
    assert dialog.defocus.title.text() == "Hand: undecided"
    assert "within 3 standard errors of 0" in dialog.defocus.verdict.text()


def test_cells_are_typed_and_wrong_ones_named(dialog, wait, imod, tmp_path):
    drop(dialog, *imod)
    wait()
    tab(dialog, 2)
    part = dialog.defocus
    table = part.table
    spot = table.visualItemRect(table.item(1, 1)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=spot)
    QTest.keyClick(table, Qt.Key.Key_F2)
    editor = table.findChild(QLineEdit)
    QTest.keyClicks(editor, "3x1")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.qWait(20)
    assert 'Row 2, left: "3x1" is not a number' in part.error.text()
    paste(dialog, three_columns(SLANT).replace("-60\t", "-75\t"))
    wait()
    assert "No tilt of the series has an angle of −75°" in part.error.text()
    # Values in micrometres that are said to be Å.
    paste(dialog, three_columns(SLANT, unit=1))
    wait()
    assert "The defocus is about 3, which cannot be Å" in part.error.text()
    assert "Choose µm at Unit if these are µm" in part.error.text()
    choose(part.unit, "um")
    wait()
    assert not part.error.isVisible()
    paste(dialog, three_columns(SLANT))
    wait()
    assert re.search(r"about (29|30),\d\d\d(\.\d+)?, which cannot be µm", part.error.text())
    choose(part.unit, "A")
    table = tmp_path / "halves.csv"
    table.write_text("tilt,left,right\n" + three_columns(-SLANT).replace("\t", ","))
    type_into(part.file.line, table)
    wait()
    assert "rlnTomoHand 1 for this tomogram" in part.verdict.text()


def test_decimal_commas_are_pasted_and_what_is_not_certain_is_refused(dialog, wait, imod):
    drop(dialog, *imod)
    wait()
    tab(dialog, 2)
    part = dialog.defocus
    choose(part.unit, "um")
    paste(dialog, three_columns(SLANT, unit=1).replace(".", ","))
    wait()
    assert part.table.texts()[0][1].startswith("3.")
    assert dialog.finding.look.result.hand.depth_sign == -1
    before = part.table.texts()
    for text, words in (
        ("-40 3,9 2,1", "comma"),
        ("-40\t3.9\t2.1\t1\t2", "5 columns were pasted"),
    ):
        paste(dialog, text)
        wait()
        assert part.error.isVisible()
        assert words in part.error.text()
        assert part.table.texts() == before
    # A row that ends early has no old value left in it.
    paste(dialog, "-40\t3.9\t2.1\n-30\t3.8")
    assert part.table.texts() == [["−40", "3.9", "2.1"], ["−30", "3.8", ""]]
    choose(part.unit, "A")
