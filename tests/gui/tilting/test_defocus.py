"""Measured defocus in the window on tilt series: pasted, typed, read from a table."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gui_hands import choose
from made_tilt import ANGLES, AXIS, info
from tilting_hands import (
    SLANT,
    click,
    drop,
    paste,
    seen,
    tab,
    three_columns,
    type_into,
    type_into_cell,
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
    type_into_cell(part.table, 1, 1, "3x1")
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


def test_a_cell_that_cannot_be_read_is_told_of_until_it_is_mended(dialog, wait, imod, tmp_path):
    drop(dialog, *imod)
    wait()
    tab(dialog, 2)
    part = dialog.defocus
    paste(dialog, three_columns(SLANT))
    wait()
    assert part.title.text() == "Hand: decided"
    good = part.table.item(3, 1).text()
    type_into_cell(part.table, 3, 1, "abc")
    assert part.title.text() == "Hand: decided by the values before"
    # Another series is read, and changes nothing about the cell.
    drop(dialog, info(tmp_path / "TS_01_info.json", AXIS + 180))
    wait()
    assert len(dialog.series.rows) == 2
    assert part.error.isVisible()
    assert 'Row 4, left: "abc" is not a number' in part.error.text()
    assert part.title.text() == "Hand: decided by the values before"
    # Put aside and taken up again with its series, the cell is as it was.
    click(dialog.series.rows[1].first)
    wait()
    assert not part.error.isVisible()
    assert part.title.text() == "Hand"
    click(dialog.series.rows[1].first)
    wait()
    assert part.error.isVisible()
    assert part.title.text() == "Hand"  # these values were never measured with
    type_into_cell(part.table, 3, 1, good)
    wait()
    assert not part.error.isVisible()
    assert part.title.text() == "Hand: decided"
    # Mended to what it was, nothing is read anew, and all is as before.
    for words, state in (("abc", "Hand: decided by the values before"), (good, "Hand: decided")):
        type_into_cell(part.table, 3, 1, words)
        assert part.title.text() == state
    while dialog.series.rows:
        click(dialog.series.rows[0].drop)
        wait()
    assert not part.error.isVisible()
    assert not part.table.rowCount()


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
    # Å have no decimals; the headings and the plot have the unit that is chosen.
    assert part.table.horizontalHeaderItem(1).text() == "Left (µm)"
    choose(part.unit, "A")
    paste(dialog, "-40\t30941.27\t29198.5")
    assert part.table.texts() == [["−40", "30941", "29198"]]
    assert part.table.horizontalHeaderItem(1).text() == "Left (Å)"
    choose(part.unit, "um")
    # A row that ends early has no old value left in it.
    paste(dialog, "-40\t3.9\t2.1\n-30\t3.8")
    assert part.table.texts() == [["−40", "3.9", "2.1"], ["−30", "3.8", ""]]
    choose(part.unit, "A")
