"""Chart: the sphere laid flat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenview.charts import charts
from evenview.gui.desk import Desk
from evenview.gui.fields import Choice
from evenview.gui.panels.scene import ScenePanel
from evenview.gui.widgets import icon_button
from evenview.render.chart import ChartScene


class ChartPanel(ScenePanel):
    """The chart under a strip with the choice of charts."""

    def __init__(self, desk: Desk) -> None:
        scene = ChartScene()
        self.scene: ChartScene = scene
        self.choice = Choice(
            [(name, chart.title) for name, chart in charts().items()],
            "How the sphere is laid flat (keys 1 to 9). Azimuth / elevation is cryoSPARC's plot "
            "and stretches the poles; Mollweide and Lambert keep areas true.",
        )
        self.choice.setAccessibleName("Chart")
        self.choice.setMinimumContentsLength(19)
        self.choice.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self.follow = icon_button(
            "follow",
            "The sphere turns to where the pointer is in the chart (Shift+F). A quick way to find "
            "a spot of the chart on the map.",
            checkable=True,
        )
        fit = icon_button("fit", "Show the whole chart (F).", scene.fit)
        super().__init__(desk, scene, "Chart", [self.choice, self.follow, fit])
        self.native.setAccessibleName("Chart of the view directions")
        self.choice.chosen.connect(self.show_chart)
        self.show_chart(desk.settings.text("chart", next(iter(charts()))))

    def show_chart(self, name: str) -> None:
        """Lay the sphere flat another way."""
        chart = charts().get(name) or next(iter(charts().values()))
        self.cancel_gesture()
        self.choice.show_key(chart.name)
        self.scene.set_chart(chart)
        self._desk.settings.set_text("chart", chart.name)

    def _show_pointed(self, direction: NDArray[np.float64] | None) -> None:
        self.scene.set_hover(direction, self._desk.bin_of(direction))
