"""Where the panels are: around the stage, behind one another, and how much room each is given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from PyQt6.QtCore import QObject, Qt, QTimer
from PyQt6.QtWidgets import QMainWindow, QWidget

from evenview.gui.docks import Dock
from evenview.gui.panels.data import DataPanel
from evenview.gui.panels.rebalance import RebalancePanel
from evenview.gui.settings import LAYOUT_VERSION, Settings
from evenview.gui.widgets import STEP

LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
BELOW = Qt.DockWidgetArea.BottomDockWidgetArea
ACROSS, DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
#: Panels that are opened when they are asked for.
ASIDE = ("pose", "check", "scores")
#: Panels behind the histogram, in the same place.
BEHIND = ("trade", "tilt", "half_maps", "compare")
#: Panels that scroll in parts, or not at all.
FILLED = ("histogram", "trade", "tilt", "half_maps", "compare", "numbers", "rebalance")
#: The panel that needs most of the right column where it opens in front of Data.
TALL = "scores"
#: Those on the right, from the top.
RIGHT_DOCKS = ("data", "selection", "rebalance")
#: Width beyond the least from which a panel fits on the left as well, however long its numbers.
SPARE = 384
#: Part of the window's height that the panels below the pictures begin with.
BELOW_PART = 0.32
#: Size of the window at first.
AT_FIRST = (1440, 868)


class Panel(NamedTuple):
    """A panel that is to get a place."""

    area: Qt.DockWidgetArea
    name: str
    title: str
    body: QWidget


class Places(QObject):
    """The docks of the window, by name.

    Parameters
    ----------
    data, rebalance
        Those of the panels between which height is shared.
    """

    def __init__(
        self,
        window: QMainWindow,
        panels: Iterable[Panel],
        data: DataPanel,
        rebalance: RebalancePanel,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._data = data
        self._rebalance = rebalance
        self._folded = False
        self._fresh = True
        self._kept_open: set[str] = set()
        self.docks: dict[str, Dock] = {}
        for panel in panels:
            self._add(panel)
        window.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
        for name in ASIDE[1:]:
            window.tabifyDockWidget(self.docks[ASIDE[0]], self.docks[name])
        for name in ASIDE:
            self.docks[name].hide()
            self.docks[name].visibilityChanged.connect(self._on_aside_seen)

    def _add(self, panel: Panel) -> None:
        name = panel.name
        dock = Dock(
            name,
            panel.title,
            panel.body,
            scrolls=name not in FILLED,
            snug=name in ("data", "selection"),
            whole=name == "selection",
        )
        self.docks[name] = dock
        if name in BEHIND:  # never beside it, which would make the window wider
            self._window.tabifyDockWidget(self.docks["histogram"], dock)
        else:
            self._window.addDockWidget(panel.area, dock)

    def restore(self, settings: Settings) -> None:
        """As the window was left, with the panels out of sight until there is a file."""
        window = self._window
        window.resize(*AT_FIRST)
        geometry, state = settings.window()
        if geometry is not None:
            window.restoreGeometry(geometry)
        self._fresh = state is None or not window.restoreState(state, LAYOUT_VERSION)
        self._kept_open = {name for name, dock in self.docks.items() if not dock.isHidden()}
        for name in self._kept_open:
            self.docks[name].hide()

    def remember(self, settings: Settings) -> None:
        """Keep how the window is left. Without a file the panels are hidden, which is not how
        anybody left them."""
        state = None if self._kept_open else self._window.saveState(LAYOUT_VERSION)
        settings.set_window(self._window.saveGeometry(), state)
        settings.sync()

    def bring_back(self) -> None:
        """With the first file: the panels that were open."""
        if not self._kept_open:
            return
        for name in self._kept_open:
            self.docks[name].show()
        self._kept_open = set()
        self.docks["histogram"].raise_()
        QTimer.singleShot(0, self._size if self._fresh else self.show_all_of_data)

    def as_at_first(self) -> None:
        """The layout as shipped."""
        for name, dock in self.docks.items():
            dock.setFloating(False)
            dock.set_folded(False)
            dock.setVisible(name not in ASIDE)
        self._size()

    def show_aside(self, name: str) -> None:
        """Open a panel of those on the left: where another of them is, else beside the stage if
        there is room, else in front of Data."""
        dock = self.docks[name]
        if dock.isHidden() and not dock.isFloating():
            self._place_aside(name, dock)
        dock.show()
        dock.raise_()

    def show_behind(self, name: str, room: int = 0) -> None:
        """Bring a panel to the front of where the histogram is, at least so high."""
        dock = self.docks[name]
        dock.show()
        dock.raise_()
        if not dock.isFloating() and dock.height() < room:
            self._window.resizeDocks([dock], [room], DOWN)

    def show_all_of_data(self) -> None:
        """All of Data down to the grid, from what Rebalance has to spare."""
        seen = self._data.visibleRegion().boundingRect().height()
        missing = self._data.essential + STEP - seen
        if self._data.isVisible() and missing > 0:
            self._heighten_data(min(missing, self._rebalance.spare))

    def _place_aside(self, name: str, dock: Dock) -> None:
        window, data = self._window, self.docks["data"]
        others = [self.docks[other] for other in ASIDE if other != name]
        shown = [other for other in others if not (other.isHidden() or other.isFloating())]
        if shown:
            window.tabifyDockWidget(shown[0], dock)
        elif window.width() < window.minimumSizeHint().width() + SPARE:
            window.tabifyDockWidget(data, dock)
            data.set_snug(False)
            if name == TALL and not self.docks["selection"].folded:
                self.docks["selection"].set_folded(True)
                self._folded = True
            QTimer.singleShot(0, self._give_data_room)

    def _on_aside_seen(self, seen: bool) -> None:
        """Once nothing lies in front of Data any more, the column is as before."""
        aside = [self.docks[name] for name in ASIDE]
        before = self._window.tabifiedDockWidgets(self.docks["data"])
        if seen or any(dock in before and not dock.isHidden() for dock in aside):
            return
        self.docks["data"].set_snug(True)
        if self._folded:
            self._folded = False
            self.docks["selection"].set_folded(False)
            QTimer.singleShot(0, self._size_right)

    def _size(self) -> None:
        window = self._window
        window.resizeDocks(self._right, [312] * 3, ACROSS)
        self._size_right()
        below = [self.docks["histogram"], self.docks["numbers"]]
        window.resizeDocks(below, [560, 460], ACROSS)
        height = round(BELOW_PART * window.height())
        window.resizeDocks(below, [height, height], DOWN)

    def _size_right(self) -> None:
        needed = max(250, self._data.essential + 5 * STEP)
        self._window.resizeDocks(self._right, [needed, 216, 616 - needed], DOWN)

    def _give_data_room(self) -> None:
        """There is more to read in front of Data than in Data itself."""
        heights = [dock.height() for dock in self._right]
        if self.docks["selection"].folded:
            wanted = sum(heights) - heights[1] - self.docks["rebalance"].minimumSizeHint().height()
        else:
            wanted = sum(heights) // 2
        self._heighten_data(max(0, wanted - heights[0]))

    def _heighten_data(self, more: int) -> None:
        heights = [dock.height() for dock in self._right]
        wanted = [heights[0] + more, heights[1], heights[2] - more]
        self._window.resizeDocks(self._right, wanted, DOWN)

    @property
    def _right(self) -> list[Dock]:
        return [self.docks[name] for name in RIGHT_DOCKS]
