"""The table of aligned maps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PyQt6.QtCore import Qt

from evenview.core.errors import UserError
from evenview.gui.aligning.table import COLUMNS, ResultTable
from evenview.tasks.align import Failed


def test_a_map_that_failed_is_told_of_and_cannot_be_chosen(qtbot):
    table = ResultTable()
    qtbot.addWidget(table)
    error = UserError("the map is flat", where="broken.mrc", hint="Open another.")
    table.show_maps([], 0, [Failed(0, Path("broken.mrc"), error)])
    item = table.item(0, 0)
    assert item.text() == "broken.mrc"
    assert "the map is flat" in item.toolTip()
    assert not item.flags() & Qt.ItemFlag.ItemIsSelectable
    assert not item.icon().isNull()
    assert table.text_of(0, "Turn") == "–"


def test_an_fsc_that_is_low_from_the_first_shell_on_is_a_dash(aligned, qtbot):
    one = aligned.aligning.map
    low = replace(one.likeness, fsc=np.full_like(one.likeness.fsc, 0.3))
    table = ResultTable()
    qtbot.addWidget(table)
    table.show_maps([replace(one, likeness=low, masked=True)], 0)
    assert table.text_of(0, "FSC 0.5") == "–"
    assert table.text_of(0, "FSC 0.143").startswith("≤ ")
    tip = table.item(0, list(COLUMNS).index("FSC 0.5")).toolTip()
    assert tip.startswith("Below 0.5 from the first shell")
    assert "mask of the reference, which raises the FSC" in tip
