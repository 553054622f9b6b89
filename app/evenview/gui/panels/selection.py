"""Selection: how much of the sphere is chosen, and the tools that choose."""

from __future__ import annotations

from typing import Literal

from PyQt6.QtWidgets import QPushButton, QWidget

from evenview.core.display import Display
from evenview.core.selection import Threshold
from evenview.gui import edits
from evenview.gui.desk import Desk
from evenview.gui.fields import Choice, SliderField
from evenview.gui.text import TIMES, counted, share, times_uniform, whole
from evenview.gui.widgets import Facts, icon_button, panel_column, row, rule
from evenview.render.gestures import Tool

ThresholdKind = Literal["uniform", "percentile", "fullest", "redundant"]
#: tool: what it is called, and what to do with it
TOOLS: dict[Tool, tuple[str, str]] = {
    "point": ("Point (V)", "Click a bin to select it; drag to turn the sphere."),
    "paint": ("Paint (P)", "Drag over bins to select them one by one."),
    "cone": ("Cone (K)", "Press at the axis and drag: all bins within that angle are selected."),
    "lasso": ("Lasso (L)", "Draw around bins; a loop over a pole or the ±180° seam is safe."),
    "rectangle": ("Rectangle (M)", "Drag a box of azimuth and elevation, or of the screen."),
    "band": ("Band (E)", "Drag from one elevation to another: the ring between is selected."),
}
MODES = " Shift adds, Ctrl removes, Alt keeps what is in both."
#: kind: (title, low, high, step, usual, unit)
THRESHOLDS: dict[ThresholdKind, tuple[str, float, float, float, float, str]] = {
    "uniform": (f"k {TIMES} uniform", 0.0, 100.0, 0.1, 4.0, "×"),
    "percentile": ("Percentile of bins", 0.0, 100.0, 0.5, 90.0, "%"),
    "fullest": ("n fullest bins", 1.0, 5000.0, 1.0, 20.0, ""),
    "redundant": ("Value of a view, at most", 0.0, 2.0, 0.01, 0.5, "×"),
}


class SelectionPanel(QWidget):
    """Numbers, tools, threshold, and what one does to a selection."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.tools = {tool: self._tool(tool) for tool in TOOLS}
        column = panel_column(self)
        column.addLayout(row(*self.tools.values(), 1, *self._changes(), gap=2))
        column.addLayout(self._numbers())
        column.addWidget(rule())
        column.addLayout(self._threshold())
        column.addStretch(1)
        desk.tool_changed.connect(self._show_tool)
        desk.document.display_changed.connect(self._on_display)
        self._show_tool(desk.tool)
        self._show_kind()

    def _tool(self, tool: Tool) -> QWidget:
        title, what = TOOLS[tool]
        return icon_button(
            tool, f"{title}. {what}{MODES}", lambda: self._desk.take(tool), checkable=True
        )

    def _changes(self) -> tuple[QWidget, ...]:
        edit = self._desk.document.edit
        return (
            icon_button(
                "grow",
                "Grow (J). Adds the bins that touch the selection.",
                lambda: edit("Grow selection", edits.grow),
            ),
            icon_button(
                "invert",
                "Invert (I). Selects what was not selected.",
                lambda: edit("Invert selection", edits.invert),
            ),
            icon_button(
                "clear",
                "Clear (Esc). Selects nothing.",
                lambda: edit("Clear selection", edits.clear),
            ),
        )

    def _numbers(self) -> Facts:
        facts = Facts()
        self.bins = facts.add_number("Bins", "Bins of the grid that are selected.")
        self.area = facts.add_number(
            "Of the sphere", "Share of the sphere's area that the selected bins cover."
        )
        self.particles = facts.add_number(
            "Particles", "Particles whose own direction lies in a selected bin; copies never count."
        )
        self.density = facts.add_number(
            "Crowding",
            "Density of the selection in multiples of uniform: its share of the particles over its "
            "share of the sphere.",
        )
        return facts

    def _threshold(self) -> Facts:
        tip = (
            "Selects every bin above this, the n fullest, or those whose views are worth little. "
            "With k × uniform, 1 is what an even distribution would have, and 4 or more is usually "
            "a preferred view; value counts what one more particle adds, 1 on average."
        )
        self.kind = Choice([(kind, about[0]) for kind, about in THRESHOLDS.items()], tip)
        self.kind.chosen.connect(lambda _kind: self._show_kind())
        self.level = SliderField(0.0, 100.0, 0.1)
        self.level.explain("Threshold", tip)
        self.level.changed.connect(lambda _value, moving: self._apply(moving))
        self.apply_button = QPushButton("Select")
        self.apply_button.setToolTip(f"Select above the threshold (T). {tip}")
        self.apply_button.clicked.connect(lambda _checked: self._apply(False))
        facts = Facts()
        facts.add("Threshold", row(self.kind, self.apply_button), tip)
        facts.addWidget(self.level, facts.rowCount(), 0, 1, 2)
        return facts

    def threshold(self) -> Threshold:
        """The region the threshold describes now."""
        return Threshold(self._kind, self.level.value)

    def apply_threshold(self) -> None:
        """Select above the threshold."""
        self._apply(False)

    @property
    def _kind(self) -> ThresholdKind:
        return self.kind.key

    def _apply(self, moving: bool) -> None:
        region = self.threshold()
        self._desk.document.edit(
            "Select above threshold",
            lambda plan: edits.select(plan, region, "replace"),
            transient=moving,
        )

    def _show_kind(self) -> None:
        _, low, high, step, usual, unit = THRESHOLDS[self._kind]
        self.level.reset(low, high, step, unit)
        self.level.set_value(usual)

    def _show_tool(self, tool: str) -> None:
        for name, button in self.tools.items():
            button.setChecked(name == tool)  # type: ignore[attr-defined]

    def _on_display(self, before: Display | None, after: Display) -> None:
        if (
            before is not None
            and before.decision_selected is after.decision_selected
            and before.selected is after.selected
            and before.binning is after.binning
        ):
            return
        binning = after.binning
        inside = int(binning.decision_counts[after.decision_selected].sum())
        total = int(binning.decision_counts.sum())
        area = float(binning.areas[after.selected].sum() / binning.areas.sum())
        n = int(after.selected.sum())
        self.bins.setText(f"{whole(n)} of {counted(len(after.selected), 'bin')}")
        self.area.setText(share(area, 1.0))
        self.particles.setText(f"{whole(inside)}  ({share(inside, total)})")
        shown = binning.counts[after.selected].sum() / max(1, binning.counts.sum())
        crowding = float(shown) / area if area else float("nan")
        self.density.setText(times_uniform(crowding))
