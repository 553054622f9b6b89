"""Texts and tick marks around a chart, and its graticule, as fine as the zoom asks for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenview.charts.base import Chart, Tick, signed
from evenview.charts.room import apart
from evenview.render.labels import Label
from evenview.render.lines import segments_of
from evenview.render.plane import EDGE, PlaneView, margins
from evenview.render.theme import Theme

# Logical pixels: a tick mark, from a mark to its text, between two texts.
MARK, GAP, BETWEEN = 5.0, 8.0, 2.0
_STEPS = (60.0, 30.0, 15.0, 10.0, 5.0, 2.0, 1.0)


def graticule(chart: Chart, zoom: float) -> NDArray[np.float64]:
    """Pieces (K, 2, 2) of meridians and parallels in chart units, every 30° unless zoomed in."""
    step = next((s for s in _STEPS[1:] if s <= 30 / zoom * 1.5), _STEPS[-1])
    pieces = [segments_of(line.points) for line in chart.graticule(step)]
    return np.concatenate(pieces) if pieces else np.zeros((0, 2, 2))


def outline(chart: Chart) -> NDArray[np.float64]:
    """Pieces (K, 2, 2) of a chart's outlines."""
    return np.concatenate([segments_of(ring) for ring in chart.outlines])


def ticks(view: PlaneView) -> list[Tick]:
    """The chart's ticks; those on straight axes multiplied as one zooms in, kept at the border."""
    marked = [tick for tick in view.chart.ticks if tick.mark]
    others = [tick for tick in view.chart.ticks if not tick.mark]
    if view.zoom <= 1 or not marked:
        return [*marked, *others]
    return [*_finer(marked, view, "bottom"), *_finer(marked, view, "left"), *others]


def _finer(marked: list[Tick], view: PlaneView, side: str) -> list[Tick]:
    """Ticks of a straight axis in degrees over its visible part, some four or more of them."""
    along = 0 if side == "bottom" else 1
    model = [tick for tick in marked if tick.side == side]
    if not model:
        return []
    xmin, xmax, ymin, ymax = view.visible
    low, high = ((xmin, xmax), (ymin, ymax))[along]
    step = next((s for s in _STEPS if (high - low) / s >= 4), _STEPS[-1])
    values = step * np.arange(np.ceil(low / step), np.floor(high / step) + 1)
    places = [(v, ymin) if along == 0 else (xmin, v) for v in values.tolist()]
    return [Tick(x, y, signed((x, y)[along]), model[0].side, mark=True) for x, y in places]


def mark_segments(view: PlaneView, found: list[Tick]) -> NDArray[np.float64]:
    """Tick marks (K, 2, 2) in chart units, pointing outwards."""
    marked = [tick for tick in found if tick.mark]
    if not marked:
        return np.zeros((0, 2, 2))
    feet = np.array([(tick.x, tick.y) for tick in marked])
    away = np.array([tick.away for tick in marked]) * MARK / np.abs(view.step)
    return np.stack([feet, feet + away], axis=1)


def labels(view: PlaneView, found: list[Tick], theme: Theme) -> list[Label]:
    """All texts around and on a chart."""
    captions = _tick_labels(view, view.chart.captions, theme, gap=0)
    both = [*captions, *_tick_labels(view, _seen(view, found), theme)]
    stay = apart([label.room for label in both], BETWEEN)
    return [*(both[index] for index in stay), *_titles(view, theme)]


def _pixels_of(view: PlaneView, some: Sequence[Tick]) -> NDArray[np.float64]:
    """(N, 2) where they are."""
    return view.to_pixels(np.array([(tick.x, tick.y) for tick in some]).reshape(-1, 2))


def _seen(view: PlaneView, found: Sequence[Tick]) -> list[Tick]:
    places = _pixels_of(view, found).tolist()
    return [tick for tick, (x, y) in zip(found, places, strict=True) if view.holds((x, y))]


def _tick_labels(
    view: PlaneView, some: Sequence[Tick], theme: Theme, gap: float = GAP
) -> list[Label]:
    away = np.array([tick.away for tick in some], dtype=np.float64).reshape(-1, 2)
    places = _pixels_of(view, some) + gap * away * [1, -1]
    on_data = np.asarray(np.isfinite(view.directions_of(places)).all(axis=1))
    return [
        Label(
            tick.text,
            (x, y),
            theme.foreground if on_data[k] else theme.muted,
            anchor=((1 - tick.away[0]) / 2, (1 + tick.away[1]) / 2),
            size=12,
            halo=(*theme.background[:3], 0.8),
        )
        for k, (tick, (x, y)) in enumerate(zip(some, places.tolist(), strict=True))
    ]


def _titles(view: PlaneView, theme: Theme) -> list[Label]:
    """The chart's titles, close around what is seen of it."""
    left, top, right, bottom = view.box
    west, _, east, south = (m - EDGE / 2 for m in margins(view.chart))
    across, down = (left + right) / 2, (top + bottom) / 2
    chart, color = view.chart, theme.foreground
    titles = [
        Label(chart.x_title, (across, bottom + south), color, anchor=(0.5, 1.0)),
        Label(chart.y_title, (left - west, down), color, anchor=(0.0, 0.5), turned=True),
        Label(chart.right_title, (right + east, down), color, anchor=(1.0, 0.5), turned=True),
    ]
    return [title for title in titles if title.text]
