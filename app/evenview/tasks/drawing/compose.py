"""A figure from what is on display: title, drawings, colour bar and the line of facts below."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from matplotlib import rc_context
from matplotlib.figure import Figure

from evenview.charts import chart_named
from evenview.core.symmetry import parse_group
from evenview.tasks.drawing import chart, heatmap, histogram, legend, sphere
from evenview.tasks.drawing.page import Box, Margins, Page
from evenview.tasks.drawing.picture import pictures, require_after
from evenview.tasks.drawing.style import (
    QUIET,
    SETTINGS,
    SMALL,
    TITLE,
    text_size,
    wrapped,
)
from evenview.tasks.drawing.views import in_words, view_rotation

if TYPE_CHECKING:
    from evenview.core.display import Display
    from evenview.tasks.figure import FigureRequest

_EDGE = 2.0  # mm of white around everything
_AFTER_TITLE, _BEFORE_FACTS = 2.0, 2.0
_HISTOGRAM_ASPECT = 1.6
_HISTOGRAM = Margins(left=13.0, right=3.0, bottom=8.5, top=1.5)
_LEGEND = 4.0  # mm
_LOOKS = {"stored": "as stored", "expanded": "all copies", "folded": "one asymmetric unit"}


def compose(display: Display, request: FigureRequest) -> Figure:
    """The figure, of the size that the request asks for. `UserError` if there is no room for it."""
    with rc_context(SETTINGS):
        if request.what == "histogram":
            return _histogram(display, request)
        return _heat_maps(display, request)


class _Frame:
    """The page's text, measured: title above, facts below, room for the rest between them."""

    def __init__(self, display: Display, request: FigureRequest) -> None:
        self.width = request.width_mm
        self.room = request.width_mm - 2 * _EDGE
        title = display.particles.table.path.name if request.title is None else request.title
        title = title.encode(errors="replace").decode()  # a name may have bytes that are no letters
        self.title = wrapped(title.split(), self.room, TITLE, bold=True)
        self.facts = wrapped(facts(display, request), self.room, SMALL, joint="  ·  ")
        self.title_line = text_size("0", TITLE)[1]
        self.facts_line = text_size("0", SMALL)[1] * 1.1
        head = len(self.title) * self.title_line
        self.head = head + (_AFTER_TITLE if head else 0)
        self.foot = len(self.facts) * self.facts_line + _BEFORE_FACTS

    def body_height(self, request: FigureRequest) -> float | None:
        """What the request leaves for the drawing, mm; None if its height is free."""
        if request.height_mm is None:
            return None
        return request.height_mm - self.head - self.foot - 2 * _EDGE

    def page(self, body_height: float, request: FigureRequest) -> tuple[Page, Box]:
        """A page with its text, and the box for the drawing."""
        height = body_height + self.head + self.foot + 2 * _EDGE
        page = Page(self.width, height, request.drawing_dpi, request.suffix == "png")
        for i, line in enumerate(self.title):
            top = height - _EDGE - i * self.title_line
            page.text(_EDGE, top, line, fontsize=TITLE, fontweight="bold", va="top")
        for i, line in enumerate(reversed(self.facts)):
            page.text(_EDGE, _EDGE + i * self.facts_line, line, color=QUIET, va="bottom")
        return page, Box(_EDGE, _EDGE + self.foot, self.room, body_height)


def _heat_maps(display: Display, request: FigureRequest) -> Figure:
    shown = pictures(display, request.state, request.outline)
    if request.what == "sphere":
        rotation = view_rotation(request.view)
        group = parse_group(display.plan.symmetry) if request.pins else None
        draw_one = partial(sphere.draw, rotation=rotation, group=group)
        aspect, margins = 1.0, sphere.margins(request.pins)
    else:
        flat = chart_named(request.chart)
        draw_one = partial(chart.draw, chart=flat, width=request.width_mm)
        aspect, margins = flat.aspect, chart.margins(flat, request.width_mm)
    frame = _Frame(display, request)
    bar = legend.describe(display, request.state)
    room = (frame.room, frame.body_height(request))
    plan = heatmap.arrange(aspect, margins, shown, bar, room)
    page, body = frame.page(room[1] or plan.size[1], request)
    draw_one = partial(draw_one, grid=display.binning.grid)
    heatmap.draw(page, body, plan, shown, lambda p, b, one: draw_one(p, b, picture=one))
    return page.figure


def _histogram(display: Display, request: FigureRequest) -> Figure:
    require_after(display, request.state)
    frame = _Frame(display, request)
    legend = _LEGEND if request.state == "both" else 0.0
    margins = replace(_HISTOGRAM, top=_HISTOGRAM.top + legend)
    free = (frame.room - margins.left - margins.right) / _HISTOGRAM_ASPECT
    height = frame.body_height(request) or free + margins.bottom + margins.top
    page, body = frame.page(height, request)
    box = body.inside(margins)
    box.fitted(1.0)
    histogram.draw(page, box, display, request.state)
    return page.figure


def facts(display: Display, request: FigureRequest) -> list[str]:
    """What the reader of a figure must know: N, grid, symmetry, and from where it is seen."""
    plan = display.plan
    words = [_number_of_particles(display, request)]
    if display.summary.before.unplaced:
        words.append(f"{display.summary.before.unplaced:,} without a pose")
    words.append(display.binning.grid.title)
    look = "" if plan.symmetry == "C1" else f", {_LOOKS[plan.look]}"
    words.append(plan.symmetry + look)
    if request.what == "sphere":
        words.append(in_words(view_rotation(request.view)))
    return words


def _number_of_particles(display: Display, request: FigureRequest) -> str:
    before, after = display.summary.before.particles, display.summary.after.particles
    if request.state == "both":
        return f"N = {before:,} before, {after:,} after"
    return f"N = {before if request.state == 'before' else after:,}"
