"""A whole figure of heat maps: one or two drawings and the colour bar, on a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evenview.core.errors import UserError
from evenview.tasks.drawing import colorbar
from evenview.tasks.drawing.legend import ColorBar
from evenview.tasks.drawing.page import SMALLEST, Box, Margins, Page
from evenview.tasks.drawing.picture import Picture
from evenview.tasks.drawing.style import TEXT, text_size

#: A wide drawing has its colour bar below, and a second one under it instead of beside it.
_WIDE = 1.8
_GAP = 3.5  # mm between drawings, and to the bar
_TALLEST = 110.0  # mm of one drawing, if nobody asks for more


@dataclass(frozen=True)
class Arrangement:
    """Drawings of ``width`` by ``height`` mm in columns and rows, each with its margins.

    ``heading`` is the room above each for words, ``bar`` that of the colour bar at the right
    (upright) or below (lying).
    """

    width: float
    height: float
    columns: int
    rows: int
    margins: Margins
    heading: float
    bar: ColorBar
    lying: bool

    @property
    def step(self) -> tuple[float, float]:
        """From one drawing to the next, to the right and down, mm."""
        across = self.margins.left + self.width + self.margins.right + _GAP
        down = self.heading + self.margins.top + self.height + self.margins.bottom + _GAP
        return across, down

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of everything, mm."""
        across, down = self.step
        width, height = self.columns * across - _GAP, self.rows * down - _GAP
        if self.lying:
            inner = width - self.margins.left - self.margins.right
            return width, height + _GAP + self.bar.height(inner)
        return width + _GAP + self.bar.width, height


def arrange(
    aspect: float,
    margins: Margins,
    pictures: tuple[Picture, ...],
    bar: ColorBar,
    room: tuple[float, float | None],
) -> Arrangement:
    """The largest drawings that fit in a room, mm; its height may be None for "as it comes"."""
    lying = aspect >= _WIDE
    columns = 1 if lying else len(pictures)
    rows = len(pictures) // columns
    heading = text_size("0", TEXT)[1] + 0.8 if pictures[0].heading else 0.0
    bare = Arrangement(0, 0, columns, rows, margins, heading, bar, lying)
    free_width = (room[0] - bare.size[0]) / columns
    free_height = _TALLEST if room[1] is None else (room[1] - bare.size[1]) / rows
    width = min(free_width, free_height * aspect)
    if min(width, width / aspect) < SMALLEST:
        raise UserError(
            f"There is no room for the drawing on a figure {room[0]:.0f} mm wide"
            + (f" and {room[1]:.0f} mm high, its text set aside" if room[1] is not None else ""),
            hint="Give it a larger width or height.",
        )
    return Arrangement(width, width / aspect, columns, rows, margins, heading, bar, lying)


def draw(
    page: Page,
    body: Box,
    plan: Arrangement,
    pictures: tuple[Picture, ...],
    draw_one: Callable[[Page, Box, Picture], object],
) -> None:
    """Draw all of an arrangement in the middle of a box."""
    width, height = plan.size
    left = body.left + (body.width - width) / 2
    top = body.top - (body.height - height) / 2
    across, down = plan.step
    for i, picture in enumerate(pictures):
        row, column = divmod(i, plan.columns)
        x, y = left + column * across, top - row * down
        page.text(x, y, picture.heading, fontsize=TEXT, va="top")
        bottom = y - plan.heading - plan.margins.top - plan.height
        draw_one(page, Box(x + plan.margins.left, bottom, plan.width, plan.height), picture)
    _draw_bar(page, Box(left, top - height, width, height), plan)


def _draw_bar(page: Page, everything: Box, plan: Arrangement) -> None:
    margins, bar = plan.margins, plan.bar
    if plan.lying:
        beside = Margins(left=margins.left, right=margins.right)
        inner = everything.inside(beside)
        foot = Box(inner.left, inner.bottom, inner.width, bar.height(inner.width))
        colorbar.draw_lying(page, foot, bar)
        return
    tall = everything.inside(Margins(0, 0, margins.bottom, plan.heading + margins.top))
    box = Box(everything.right - bar.width, tall.bottom, bar.width, tall.height)
    colorbar.draw_upright(page, box, bar)
