"""The window: docks around the stage, menus, drag and drop. Panels do the work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QSize, QTimer
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PyQt6.QtWidgets import QDialog, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from evenview.core.display import Display
from evenview.core.errors import ClassNeededError, ColumnsNeededError, UserError
from evenview.core.particles import Particles
from evenview.core.reading import Reading
from evenview.document import Document
from evenview.gui.actions import ActionSet
from evenview.gui.checkup import Checkup
from evenview.gui.commands import Commands
from evenview.gui.desk import Desk
from evenview.gui.docks import Dock
from evenview.gui.errors import ErrorBar
from evenview.gui.files import dropped
from evenview.gui.glance import Glance
from evenview.gui.jobs import Jobs
from evenview.gui.live import Live
from evenview.gui.menus import Menus
from evenview.gui.panels.check import CheckPanel, tab_title
from evenview.gui.panels.compare import ComparePanel
from evenview.gui.panels.data import DataPanel
from evenview.gui.panels.half_maps import HalfMapsPanel
from evenview.gui.panels.histogram import HistogramPanel
from evenview.gui.panels.numbers import NumbersPanel
from evenview.gui.panels.pose import PosePanel
from evenview.gui.panels.rebalance import RebalancePanel
from evenview.gui.panels.scores import ScoresPanel
from evenview.gui.panels.selection import SelectionPanel
from evenview.gui.panels.tilt import TiltPanel
from evenview.gui.panels.trade import TradePanel
from evenview.gui.places import BELOW, LEFT, RIGHT, Panel, Places
from evenview.gui.scoring import Scoring
from evenview.gui.settings import Settings
from evenview.gui.stage import Stage
from evenview.gui.status import StatusBar
from evenview.gui.theme import theme
from evenview.gui.welcome import Welcome
from evenview.gui.widgets import retint

#: Height that the pictures and the error bar above them need at least.
LEAST_HEIGHT = 330
#: Milliseconds that a hint stays in the status bar.
SAID_FOR = 12_000


class _Pages(QStackedWidget):
    """Asks for the room of the page that shows, not of the largest."""

    def minimumSizeHint(self) -> QSize:
        """Of the page that shows."""
        page = self.currentWidget()
        return super().minimumSizeHint() if page is None else page.minimumSizeHint()


class _Center(QWidget):
    """Asks for the same height with and without an error above the pages, so that telling one
    takes room from the pictures and never makes the window grow."""

    def minimumSizeHint(self) -> QSize:
        """Of the pages, and of an error bar of the most lines."""
        return super().minimumSizeHint().expandedTo(QSize(0, LEAST_HEIGHT))


class Window(QMainWindow):
    """One document and everything around it."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Evenview")
        self.setAcceptDrops(True)
        self.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowTabbedDocks
        )
        self.settings = settings or Settings()
        self.jobs = Jobs(self)
        self.document = Document(self.jobs)
        self.desk = Desk(self.document, self.jobs, self.settings)
        self.live = Live(self.desk)
        self.checkup = Checkup(self.desk)
        self.scoring = Scoring(self.desk)
        self.stage = Stage(self.desk)
        self.welcome = Welcome(self.settings)
        self.errors = ErrorBar()
        self.setCentralWidget(self._center())
        self.places = self._make_panels()
        self.commands = Commands(self, self.desk, self.stage, self.selection)
        self.actions_made = ActionSet(self, self.commands)
        self.menus = Menus(self)
        self.setStatusBar(self._status_bar())
        self._glance = Glance(self, self.desk)
        self._told_to_wait = False
        self._connect()
        self.places.restore(self.settings)
        self._refresh()

    def _center(self) -> QWidget:
        self.pages = _Pages()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.stage)
        holder = _Center()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.errors)
        column.addWidget(self.pages, 1)
        return holder

    def _status_bar(self) -> StatusBar:
        bar = StatusBar(self.desk, self.checkup)
        bar.check_wanted.connect(self.commands.show_check)
        return bar

    def _make_panels(self) -> Places:
        self.data = DataPanel(self.desk)
        self.selection = SelectionPanel(self.desk)
        self.rebalance = RebalancePanel(self.desk)
        self.histogram = HistogramPanel(self.desk)
        self.numbers = NumbersPanel(self.desk, self.live)
        self.trade = TradePanel(self.desk, self.live, self.stage.sphere.scene)
        self.half_maps = HalfMapsPanel(self.desk, self.live)
        self.compare = ComparePanel(self.desk)
        self.pose = PosePanel(self.desk)
        self.check = CheckPanel(self.desk, self.checkup)
        self.scores = ScoresPanel(self.scoring)
        self.tilt = TiltPanel(self.scoring)
        panels = (
            Panel(RIGHT, "data", "Data", self.data),
            Panel(RIGHT, "selection", "Selection", self.selection),
            Panel(RIGHT, "rebalance", "Rebalance", self.rebalance),
            Panel(BELOW, "histogram", "Histogram", self.histogram),
            Panel(BELOW, "numbers", "Before and after", self.numbers),
            Panel(BELOW, "trade", "Trade-off", self.trade),
            Panel(BELOW, "tilt", "Stage tilt", self.tilt),
            Panel(BELOW, "half_maps", "Half-maps", self.half_maps),
            Panel(BELOW, "compare", "Compare", self.compare),
            Panel(LEFT, "pose", "Pose", self.pose),
            Panel(LEFT, "check", "Check", self.check),
            Panel(LEFT, "scores", "Scores of the views", self.scores),
        )
        places = Places(self, panels, self.data, self.rebalance)
        for name, look_soon in (
            ("scores", self.scoring.watch.look_soon),
            ("tilt", self.scoring.watch.look_soon),
            ("half_maps", self.half_maps.scores.watch.look_soon),
            ("trade", self.trade.look_soon),
        ):
            places.docks[name].visibilityChanged.connect(look_soon)
        return places

    @property
    def docks(self) -> dict[str, Dock]:
        """The panels' docks, by name."""
        return self.places.docks

    def _connect(self) -> None:
        document, desk, commands = self.document, self.desk, self.commands
        document.opened.connect(self._on_opened)
        document.failed.connect(self._on_failed)
        document.refused.connect(self.errors.tell_passing)
        document.history_changed.connect(self._refresh)
        document.display_changed.connect(self._on_display)
        document.volume_changed.connect(lambda _volume: self._refresh())
        desk.failed.connect(self.errors.tell)
        desk.open_wanted.connect(commands.open)
        self.welcome.open_wanted.connect(commands.ask_open)
        self.welcome.demo_wanted.connect(commands.open_demo)
        self.welcome.file_wanted.connect(commands.open)
        self.stage.sphere.map_wanted.connect(commands.show_some_map)
        self.rebalance.export_wanted.connect(commands.ask_export)
        self.pose.convert_wanted.connect(commands.convert_particle)
        self.half_maps.show_wanted.connect(commands.show_direction)
        self.half_maps.said.connect(self.say)
        self.compare.said.connect(self.say)
        self.checkup.changed.connect(self._on_checked)
        offered = self.data.group_offer.offered
        offered.connect(lambda: QTimer.singleShot(0, self.places.show_all_of_data))
        self.settings.recent_changed.connect(self.menus.list_recent)
        self.jobs.idle.connect(self._on_idle)
        theme.changed.connect(self._retheme)

    def say(self, hint: str) -> None:
        """A word in the status bar, gone after a while."""
        bar = self.statusBar()
        if bar is not None:
            bar.showMessage(hint, SAID_FOR)

    def choose_theme(self, choice: str) -> None:
        """Light, dark, or as the system says; remembered."""
        self.settings.set_text("theme", choice)
        theme.choose(choice)  # type: ignore[arg-type]

    def begin(self, files: Sequence[Path], *, demo: bool = False) -> None:
        """Open what the program was started with."""
        self.open(*files)
        if demo and not files:
            self.commands.open_demo()

    def open(self, *paths: Path) -> None:
        """Open files."""
        self.commands.open(*paths)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Files are welcome."""
        if event is not None and dropped(event.mimeData()):
            event.acceptProposedAction()
            self.welcome.show_over(True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent | None) -> None:
        """The file went elsewhere."""
        self.welcome.show_over(False)

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Open what was dropped."""
        self.welcome.show_over(False)
        if event is None:
            return
        self.open(*dropped(event.mimeData()))
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Remember the layout, stop the worker, give the canvases up."""
        if event is not None and not self._may_close():
            event.ignore()
            return
        self._glance.stop()
        theme.changed.disconnect(self._retheme)
        self.places.remember(self.settings)
        for shown in (*self.findChildren(QDialog), self):
            shown.hide()  # work that takes its time to stop holds up nobody's eyes
        self.jobs.shutdown()
        self.stage.close_scenes()
        super().closeEvent(event)

    def _may_close(self) -> bool:
        """False, once, while files are being written."""
        if self._told_to_wait or not self.commands.is_writing():
            return True
        self._told_to_wait = True
        self.errors.tell(
            UserError(
                "Particles are still being written",
                hint="Close the window again to stop that; nothing half-written will be left.",
            )
        )
        return False

    def _on_opened(self, particles: Particles) -> None:
        path = particles.table.path
        self.setWindowTitle(f"{path.name} — Evenview")
        self.settings.add_recent(path)
        self.pages.setCurrentWidget(self.stage)
        self.places.bring_back()
        self.stage.sphere.native.setFocus()
        self._refresh()

    def _on_failed(self, error: Exception) -> None:
        """Ask what only the user can know of a file; tell everything else."""
        columns = self.commands.columns
        if isinstance(error, ColumnsNeededError):
            columns.ask(error.preview)
        elif isinstance(error, ClassNeededError):
            self._open_first_class(error)
        elif not columns.takes(error):
            self.errors.tell(error)

    def _open_first_class(self, error: ClassNeededError) -> None:
        """Where the file does not say which class counts, the Data panel has the choice."""
        first = error.classes[0]
        hint = f"Class {first} is shown; choose another in Data, under Poses of."
        self.errors.tell(UserError(error.what, where=error.where, hint=hint))
        self.document.open(Path(error.where), Reading(chosen_class=first))

    def _on_display(self, before: Display | None, after: Display) -> None:
        if before is not after:
            self.errors.pass_on()
        if before is None:
            self.stage.face_views(after)
        elif before.plan.symmetry != after.plan.symmetry:
            QTimer.singleShot(0, self.places.show_all_of_data)
        self._refresh()

    def _on_checked(self) -> None:
        self.docks["check"].setWindowTitle(tab_title(self.checkup))

    def _on_idle(self) -> None:
        self._told_to_wait = False

    def _refresh(self) -> None:
        self.actions_made.refresh()

    def _retheme(self) -> None:
        retint(self)
