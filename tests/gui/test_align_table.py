"""The table of aligned maps has a row for those that failed, too."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt

from evenview.core.errors import UserError
from evenview.gui.aligning.table import ResultTable
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
