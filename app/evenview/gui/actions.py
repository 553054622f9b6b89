"""Everything one can do, as a table that menus, keys, tooltips and the shortcuts list come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu, QWidget

from evenview.charts import charts
from evenview.gui.commands import KEEP_ALL, Commands
from evenview.gui.panels.selection import TOOLS
from evenview.gui.panels.sphere import PLACES
from evenview.gui.stage import Which
from evenview.gui.widgets import name_icon
from evenview.strategies import strategies

When = Literal[
    "always", "open", "selected", "thinned", "undo", "redo", "volume", "convertible", "movable"
]


@dataclass(frozen=True)
class Act:
    """One line of a menu. An empty title is a separator.

    ``menu`` may name a submenu: "View/Sphere from". ``on`` is a word of `Commands.checked` for
    what can be on or off, with ``choice`` the key that turns it on where there are several.
    """

    menu: str
    title: str = ""
    key: str = ""
    help: str = ""
    run: Callable[[Commands], object] = lambda _commands: None
    icon: str = ""
    when: When = "open"
    on: str = ""
    choice: str = ""

    def is_on(self, checked: Mapping[str, str | bool]) -> bool:
        """Whether it has its check mark."""
        found = checked.get(self.on, False)
        return found == self.choice if self.choice else bool(found)


def table() -> tuple[Act, ...]:
    """Every action, in the order of the menus."""
    return (*FILE, *EDIT, *_view(), *_select(), *_strategies(), *REBALANCE, *TOOLS_MENU, *HELP)


FILE = (
    Act("File", "Open…", "Ctrl+O", "Open a particle file, whatever program it comes from.",
        Commands.ask_open, "open", "always"),
    Act("File", "Open map…", "Ctrl+M", "Show a map inside the sphere, in the same frame.",
        Commands.ask_map, "volume", "always"),
    Act("File", "Open the demo", "", "A made-up C3 trimer that strongly prefers top views.",
        Commands.open_demo, "demo", "always"),
    Act("File"),
    Act("File", "Export particles…", "Ctrl+E", "Write the kept and the excluded particles.",
        Commands.ask_export, "export", "thinned"),
    Act("File", "Export figure…", "Ctrl+Shift+E", "Save the chart, the sphere or the histogram.",
        Commands.ask_figure, "figure"),
    Act("File"),
    Act("File", "Convert to another format…", "Ctrl+Shift+S", "Write all particles of the open "
        "file as a new file of another program, and see what does not go along.",
        Commands.ask_format, "reformat", "convertible"),
    Act("File", "Turn, move or mirror the map…", "Ctrl+T", "Write poses and shifts that go with a "
        "map that was turned, moved or mirrored, in a new file of the same format.",
        Commands.ask_motion, "turn", "movable"),
    Act("File"),
    Act("File", "Quit", "Ctrl+Q", "Close the window. Its layout is remembered.",
        Commands.quit, when="always"),
)  # fmt: skip

EDIT = (
    Act("Edit", "Undo", "Ctrl+Z", "Take the last change back.", Commands.undo, "undo", "undo"),
    Act("Edit", "Redo", "Ctrl+Shift+Z", "Bring back what was taken back.", Commands.redo, "redo",
        "redo"),
    Act("Edit"),
    Act("Edit", "Copy picture", "Ctrl+Shift+C", "Copy the chart (or the sphere, if it is alone) "
        "with its colour bar.", Commands.copy_picture, "copy"),
)  # fmt: skip

REBALANCE = (
    Act("Rebalance", "Show after", "A", "Sphere and chart show what thinning leaves. Hold the "
        "space bar to glance at it.", Commands.toggle_after, "preview", "thinned", "after"),
    Act("Rebalance", "Trade-off", "Shift+T", "What a thinning gains in evenness and loses in "
        "signal, with the best trades as a line to drag along.", Commands.show_trade, "threshold"),
    Act("Rebalance"),
    Act("Rebalance", "Export particles…", "", "Write the kept and the excluded particles.",
        Commands.ask_export, "export", "thinned"),
)  # fmt: skip

TOOLS_MENU = (
    Act("Tools", "How does a pose become azimuth and elevation?", "Ctrl+P",
        "One particle's own numbers, step by step.", Commands.show_pose, "help"),
    Act("Tools", "Convert a pose…", "Ctrl+Shift+P",
        "Paste the numbers of one pose and read them as every package writes them.",
        Commands.ask_convert, "convert", "always"),
    Act("Tools", "Check the file", "Ctrl+K", "Everything in this file that a program will stumble "
        "on, and a fix where one is safe.", Commands.show_check, "check"),
    Act("Tools", "Scores of the views", "Ctrl+Shift+K", "How evenly the views fill Fourier space, "
        "in numbers and in words.", Commands.show_scores, "scores"),
    Act("Tools", "Stage tilt", "Ctrl+Shift+T", "What the same particles would score on a tilted "
        "stage.", Commands.show_tilt, "tilt"),
    Act("Tools", "Score half-maps…", "Ctrl+Shift+H", "How alike the two half-maps of a refinement "
        "are in each direction, beside the views.", Commands.show_half_maps, "", "always"),
    Act("Tools", "Tilt axis and handedness…", "Ctrl+Shift+A", "Tilt series of tomograms: the same "
        "geometry in every package's convention, drawn, and which hand is right.",
        Commands.ask_tilt_series, "", "always"),
    Act("Tools", "Align 3D maps…", "Ctrl+Shift+M", "Lay maps over a reference: turn, shift and "
        "hand, with the particles that go with them.", Commands.ask_align, "volume", "always"),
    Act("Tools", "Compare with another file…", "Ctrl+D", "Which poses of the same particles agree "
        "in another file, and how its map is turned.", Commands.ask_compare, "both"),
    Act("Tools"),
    Act("Tools", "Close the map", "", "Draw no map inside the sphere.", Commands.close_map,
        "", "volume"),
)  # fmt: skip

HELP = (
    Act("Help", "Keyboard shortcuts", "F1", "Every key on one page.", Commands.show_shortcuts,
        "help", "always"),
    Act("Help", "About Evenview", "", "Version and licence.", Commands.show_about, "note",
        "always"),
)  # fmt: skip


SCENES: dict[Which, tuple[str, str, str]] = {
    "sphere": ("Sphere only", "S", "Give the sphere all the room."),
    "chart": ("Chart only", "C", "Give the chart all the room."),
    "both": ("Both", "B", "Sphere and chart side by side."),
}


def _view() -> Iterator[Act]:
    for number, (name, chart) in enumerate(charts().items(), start=1):
        run = partial(Commands.show_chart, name=name)
        help_text = "Lay the sphere flat this way."
        key = chart.key or str(number)
        yield Act("View/Chart", chart.title, key, help_text, run, on="chart", choice=name)
    for place, (text, key, where) in PLACES.items():
        title = {"Top": "Top", "Bot": "Bottom"}.get(text, text)
        yield Act("View/Sphere from", title, key, f"Look {where}.",
                  partial(Commands.look_from, place=place))  # fmt: skip
    yield Act("View")
    for which, (title, key, help_text) in SCENES.items():
        run = partial(Commands.show_scenes, which=which)
        yield Act("View", title, key, help_text, run, which, on="scenes", choice=which)
    yield Act("View")
    yield Act("View", "Fit the chart", "F", "Show the whole chart.", Commands.fit, "fit")
    yield Act("View", "Reset the camera", "R", "Look as at the start.", Commands.reset, "reset")
    yield Act("View", "Graticule", "G", "Meridians and parallels on the sphere.",
              Commands.toggle_graticule, "graticule", on="graticule")  # fmt: skip
    yield Act("View", "Pillars", "H", "Bars on the sphere, as tall as the quantity shown.",
              Commands.toggle_pillars, "pillars", on="pillars")  # fmt: skip
    yield Act("View", "Map inside", "O", "The map in the sphere, in the same frame.",
              Commands.toggle_map, "volume", on="map")  # fmt: skip
    yield Act("View", "Sphere follows the pointer", "Shift+F",
              "The sphere turns to where the pointer is in the chart.",
              Commands.toggle_follow, "follow", on="follow")  # fmt: skip
    yield Act("View", "Animate the camera", "",
              "A short turn from one view of the sphere to the next. Off at first where the "
              "processor draws, as on a remote desktop.",
              Commands.toggle_animation, on="animate")  # fmt: skip


def _select() -> Iterator[Act]:
    for tool, (title, what) in TOOLS.items():
        name, _, key = title.removesuffix(")").partition(" (")
        yield Act("Select", name, key, what, partial(Commands.take, tool=tool), tool,
                  on="tool", choice=tool)  # fmt: skip
    yield Act("Select")
    yield Act("Select", "Above the threshold", "T", "Select by the threshold in the panel.",
              Commands.threshold, "threshold")  # fmt: skip
    yield Act("Select", "Grow", "J", "Add the bins that touch the selection.", Commands.grow,
              "grow", "selected")  # fmt: skip
    yield Act("Select", "Invert", "I", "Select what was not selected.", Commands.invert, "invert")
    yield Act("Select", "Clear", "Esc", "Select nothing.", Commands.clear, "clear")


def _strategies() -> Iterator[Act]:
    keep_all = partial(Commands.thin, strategy=KEEP_ALL)
    yield Act("Rebalance/Strategy", "Keep everything", "Ctrl+0", "Thin nothing.", keep_all,
              on="strategy", choice=KEEP_ALL)  # fmt: skip
    for number, (name, strategy) in enumerate(strategies().items(), start=1):
        key = f"Ctrl+{number}" if number < 10 else ""
        yield Act("Rebalance/Strategy", strategy.title, key, strategy.help,
                  partial(Commands.thin, strategy=name), on="strategy", choice=name)  # fmt: skip


class ActionSet:
    """The actions of a window, made from the table."""

    def __init__(self, window: QWidget, commands: Commands) -> None:
        self._commands = commands
        self.made: list[tuple[Act, QAction | None]] = [
            (act, self._make(window, act) if act.title else None) for act in table()
        ]

    def fill(self, menu_of: Callable[[str], QMenu]) -> None:
        """Put every action into its menu."""
        for act, action in self.made:
            menu = menu_of(act.menu)
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)

    def named(self, title: str) -> QAction:
        """The action of a title."""
        return next(made for act, made in self.made if act.title == title and made is not None)

    def refresh(self) -> None:
        """Grey out what cannot be done now, mark what is on, name what undo and redo would do."""
        state, checked = self._commands.state(), self._commands.checked()
        reasons = self._commands.why_not()
        for act, action in self.made:
            if action is not None:
                action.setEnabled(state[act.when])
                said = act.help if state[act.when] else reasons.get(act.when, act.help)
                action.setToolTip(said)
                action.setStatusTip(said)
                action.setChecked(act.is_on(checked))
        document = self._commands.desk.document
        self.named("Undo").setText(f"Undo {document.undo_label or ''}".strip())
        self.named("Redo").setText(f"Redo {document.redo_label or ''}".strip())

    def _make(self, window: QWidget, act: Act) -> QAction:
        action = QAction(act.title, window)
        if act.icon:
            name_icon(action, act.icon)
        if act.key:
            action.setShortcut(QKeySequence(act.key))
        action.setCheckable(bool(act.on))
        action.triggered.connect(lambda _checked: self._do(act))
        window.addAction(action)
        return action

    def _do(self, act: Act) -> None:
        act.run(self._commands)
        self.refresh()
