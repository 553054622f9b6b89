"""Tables of which whole rows are chosen, one at a time, and nothing is typed in."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
)

from evenview.gui.widgets import number_font


def make_rows(table: QTableWidget, name: str, columns: Mapping[str, str]) -> QHeaderView | None:
    """Make a table one of rows; returns its header.

    Parameters
    ----------
    name
        What who cannot see it is told.
    columns
        The titles, each with its tip.
    """
    table.setAccessibleName(name)
    table.setColumnCount(len(columns))
    table.setHorizontalHeaderLabels(list(columns))
    for column, tip in enumerate(columns.values()):
        item = table.horizontalHeaderItem(column)
        if item is not None:
            item.setToolTip(tip)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setFont(number_font(table.font()))
    table.setShowGrid(False)
    table.setItemDelegate(WholeRows(table))
    table.setTabKeyNavigation(False)
    side, top = table.verticalHeader(), table.horizontalHeader()
    if side is not None:
        side.hide()
    if top is not None:
        top.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        top.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        top.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return top


class WholeRows(QStyledItemDelegate):
    """Rows are chosen as a whole: no cell is drawn as the one with the focus."""

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        """As any other cell."""
        super().initStyleOption(option, index)
        if option is not None:
            option.state &= ~QStyle.StateFlag.State_HasFocus
