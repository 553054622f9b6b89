"""What the actions do. Buttons, menus and keys all end here."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtWidgets import QApplication

from evenview import resources
from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.gui import edits
from evenview.gui.aligning.dialog import AlignDialog
from evenview.gui.aligning.work import WRITE as ALIGNED
from evenview.gui.another_format import FormatInputs
from evenview.gui.columns import ColumnsDialog
from evenview.gui.comparing import WRITE as COMPARED
from evenview.gui.convert import ConvertDialog
from evenview.gui.desk import Desk
from evenview.gui.export import EXPORT, ExportDialog
from evenview.gui.fields import forget_typed
from evenview.gui.figures import FigureDialog
from evenview.gui.files import MAPS, ask_open, is_map, names, particle_kinds
from evenview.gui.help import AboutDialog, ShortcutsDialog
from evenview.gui.motion import MotionInputs
from evenview.gui.panels import compare as compare_panel
from evenview.gui.panels.half_maps import ROOM
from evenview.gui.panels.selection import SelectionPanel
from evenview.gui.stage import Stage, Which
from evenview.gui.tilt_series.dialog import TiltSeriesDialog
from evenview.gui.tilt_series.moving import SLOT as MOVING
from evenview.gui.writing import WriteDialog
from evenview.render.gestures import Tool
from evenview.tasks import described, transform
from evenview.tasks.half_names import in_order

if TYPE_CHECKING:
    from evenview.gui.window import Window


#: Of the menu's strategies, the one that thins nothing.
KEEP_ALL = "none"
NO_FILE = "Open a particle file first."
NOT_THINNED = "Choose a strategy first: nothing is thinned yet."


class Commands:
    """The verbs of the window."""

    def __init__(self, window: Window, desk: Desk, stage: Stage, selection: SelectionPanel) -> None:
        self.desk = desk
        self._window, self._stage, self._selection = window, stage, selection
        self.export = ExportDialog(desk, window)
        self.export.check_wanted.connect(self.show_check)
        self.columns = ColumnsDialog(desk, window)
        self.figure = FigureDialog(desk, stage.look, window)
        self.convert = ConvertDialog(desk, lambda: window.pose.pose, window)
        self.convert.show_wanted.connect(self.show_direction)
        self.reformat = WriteDialog(desk, FormatInputs(), window)
        self.move = WriteDialog(desk, MotionInputs(), window)
        self._reasons: dict[str, str] = {}
        desk.document.opened.connect(self._find_reasons)

    @cached_property
    def tilt_series(self) -> TiltSeriesDialog:
        """Made when it is first asked for: few who open particles look at tilts."""
        return TiltSeriesDialog(self.desk, self._window)

    @cached_property
    def align(self) -> AlignDialog:
        """Made when it is first asked for, which the start of the program need not wait for."""
        return AlignDialog(self.desk, self._window)

    def state(self) -> dict[str, bool]:
        """What can be done now, by the table's words."""
        document = self.desk.document
        is_open = document.particles is not None
        return {
            "always": True,
            "open": is_open,
            "selected": is_open and bool(document.plan.selection),
            "thinned": document.display is not None and document.display.quotas is not None,
            "undo": document.undo_label is not None,
            "redo": document.redo_label is not None,
            "volume": document.volume is not None,
            "convertible": is_open and not self._reasons["convertible"],
            "movable": is_open and not self._reasons["movable"],
        }

    def is_writing(self) -> bool:
        """Whether particles are being written."""
        slots = (
            EXPORT,
            COMPARED,
            MOVING,
            ALIGNED,
            self.reformat.inputs.slot,
            self.move.inputs.slot,
        )
        return any(map(self.desk.jobs.is_running, slots))

    def why_not(self) -> dict[str, str]:
        """Why something cannot be done now, by the table's words; "" or none where it can."""
        if self.desk.document.particles is None:
            return dict.fromkeys(("open", "thinned", "convertible", "movable"), NO_FILE)
        return {"thinned": NOT_THINNED, **self._reasons}

    def checked(self) -> dict[str, str | bool]:
        """What is on, by the table's words: a choice by its key, the rest by yes and no."""
        sphere, chart = self._stage.sphere, self._stage.chart
        return {
            "tool": self.desk.tool,
            "chart": chart.choice.key,
            "scenes": self._stage.which,
            "graticule": sphere.graticule.isChecked(),
            "pillars": sphere.pillars.isChecked(),
            "map": sphere.map.isChecked(),
            "follow": chart.follow.isChecked(),
            "animate": sphere.scene.animate,
            "after": self.desk.after,
            "strategy": self._window.rebalance.strategy.key or KEEP_ALL,
        }

    def open(self, *paths: Path) -> None:
        """Open a particle file, a map, or one of each."""
        self._window.errors.dismiss_all()
        particles = [path for path in paths if not is_map(path)]
        maps = [path for path in paths if is_map(path)]
        halves = in_order(*maps) if len(maps) == 2 else None
        if halves is not None:
            maps = []
            self.show_half_maps()
            self._window.half_maps.take(*halves)
        if particles:
            self.desk.document.open(particles[0])
        if maps:
            self.desk.document.open_volume(maps[0])
        left = [*particles[1:], *maps[1:]]
        if left:
            what = "One particle file and one map can be open at a time"
            hint = f"Not opened: {names(left)}."
            self.desk.failed.emit(UserError(what, hint=hint))

    def ask_open(self) -> None:
        path = ask_open(self._window, "Open particles", particle_kinds(), self._folder())
        if path is not None:
            self.open(path)

    def show_some_map(self) -> None:
        """A map is to be shown and none is open: the demo has its own, else ask for one."""
        if resources.is_demo(self.desk.document.path):
            self.desk.document.open_volume(resources.demo("map"))
        else:
            self.ask_map()

    def ask_map(self) -> None:
        path = ask_open(self._window, "Open map", MAPS, self._folder())
        if path is not None:
            self.desk.document.open_volume(path)

    def open_demo(self) -> None:
        self.open(resources.demo("star"))
        self._window.say("The demo has a map too: press O to see it inside the sphere.")

    def ask_export(self) -> None:
        self.export.ask()

    def ask_format(self) -> None:
        self.reformat.ask()

    def ask_motion(self) -> None:
        self.move.ask()

    def ask_figure(self) -> None:
        self.figure.ask("sphere" if self._stage.which == "sphere" else "chart")

    def copy_picture(self) -> None:
        self.figure.copy("sphere" if self._stage.which == "sphere" else "chart")

    def quit(self) -> None:
        self._window.close()

    def undo(self) -> None:
        self.desk.document.undo()

    def redo(self) -> None:
        self.desk.document.redo()

    def show_chart(self, name: str) -> None:
        self._stage.chart.show_chart(name)

    def look_from(self, place: str) -> None:
        self._stage.sphere.scene.look_from(place)

    def show_scenes(self, which: Which) -> None:
        self._stage.show_scenes(which)

    def fit(self) -> None:
        self._stage.chart.scene.fit()

    def reset(self) -> None:
        self._stage.sphere.scene.look_from("reset")

    def toggle_graticule(self) -> None:
        self._stage.sphere.graticule.toggle()

    def toggle_pillars(self) -> None:
        self._stage.sphere.pillars.toggle()

    def toggle_map(self) -> None:
        self._stage.sphere.map.toggle()

    def toggle_animation(self) -> None:
        scene = self._stage.sphere.scene
        scene.animate = not scene.animate
        self.desk.settings.set_flag("animate", scene.animate)

    def toggle_follow(self) -> None:
        self._stage.chart.follow.toggle()

    def take(self, tool: Tool) -> None:
        self.desk.take(tool)

    def threshold(self) -> None:
        self._selection.apply_threshold()

    def grow(self) -> None:
        self.desk.document.edit("Grow selection", edits.grow)

    def invert(self) -> None:
        self.desk.document.edit("Invert selection", edits.invert)

    def clear(self) -> None:
        """Esc goes back by one thing: what is being typed, what is being drawn, the selection."""
        if forget_typed(QApplication.focusWidget()):
            self._stage.sphere.native.setFocus()
        elif not self._stage.cancel_gesture():
            self.desk.document.edit("Clear selection", edits.clear)

    def toggle_after(self) -> None:
        self.desk.show_after(not self.desk.after)

    def thin(self, strategy: str) -> None:
        self._window.rebalance.choose("" if strategy == KEEP_ALL else strategy)

    def show_trade(self) -> None:
        self._window.places.show_behind("trade")

    def show_pose(self) -> None:
        self._window.places.show_aside("pose")

    def show_check(self) -> None:
        self._window.places.show_aside("check")

    def show_scores(self) -> None:
        self._window.places.show_aside("scores")

    def show_tilt(self) -> None:
        self._window.places.show_behind("tilt")

    def show_half_maps(self) -> None:
        self._window.places.show_behind("half_maps", ROOM)
        self._window.half_maps.begin()

    def ask_compare(self) -> None:
        self._window.places.show_behind("compare", compare_panel.ROOM)
        self._window.compare.ask()

    def ask_convert(self) -> None:
        self.convert.ask()

    def ask_tilt_series(self) -> None:
        self.tilt_series.ask()

    def ask_align(self) -> None:
        self.align.ask()

    def convert_particle(self, pose: NDArray[np.float64]) -> None:
        self.convert.take_pose(pose)
        self.convert.ask()

    def show_direction(self, direction: NDArray[np.float64]) -> None:
        """Turn the sphere to a direction (3,) and mark it, as the pointer does."""
        self._stage.sphere.scene.look_from(direction)
        self.desk.point(direction)

    def close_map(self) -> None:
        self.desk.document.close_volume()

    def show_shortcuts(self) -> None:
        ShortcutsDialog.open_for(self._window)

    def show_about(self) -> None:
        AboutDialog.open_for(self._window)

    def _find_reasons(self) -> None:
        """What the format of the file that was opened cannot do, and why."""
        particles = self.desk.document.particles
        if particles is not None:
            self._reasons = {
                "convertible": _why_not(described.require_described, particles),
                "movable": _why_not(transform.require_movable, particles),
            }

    def _folder(self) -> Path | None:
        path = self.desk.document.path
        recent = self.desk.settings.recent
        return path.parent if path else recent[0].parent if recent else None


def _why_not(require: Callable[[Particles], object], particles: Particles) -> str:
    """What a requirement says of particles; "" where it is met."""
    try:
        require(particles)
    except UserError as error:
        return str(error)
    return ""
