"""A page in millimetres: boxes on it, axes in the boxes, text in its places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from evenview.core.errors import UserError
from evenview.tasks.drawing.style import MM_PER_INCH, SMALL

#: Nothing is drawn smaller than this, mm.
SMALLEST = 12.0


@dataclass(frozen=True)
class Margins:
    """Room around a box for what is written beside it, mm."""

    left: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    top: float = 0.0


@dataclass(frozen=True)
class Box:
    """A rectangle on the page, mm from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def top(self) -> float:
        return self.bottom + self.height

    def inside(self, margins: Margins) -> Box:
        """What is left within margins."""
        return Box(
            self.left + margins.left,
            self.bottom + margins.bottom,
            self.width - margins.left - margins.right,
            self.height - margins.bottom - margins.top,
        )

    def fitted(self, aspect: float) -> Box:
        """The largest box of that width over height within this one, in its middle."""
        if min(self.width, self.height) < SMALLEST:
            raise UserError(
                "There is no room for the drawing on a figure of this size",
                hint="Give it a larger width or height.",
            )
        width = min(self.width, self.height * aspect)
        height = width / aspect
        left = self.left + (self.width - width) / 2
        return Box(left, self.bottom + (self.height - height) / 2, width, height)


class Page:
    """A figure measured in mm, ``dpi`` pixels an inch; ``whole`` pixels, if so asked."""

    def __init__(self, width: float, height: float, dpi: float, whole: bool) -> None:
        pixel = MM_PER_INCH / dpi
        self.dpi = dpi
        self.width, self.height = (
            round(size / pixel) * pixel if whole else size for size in (width, height)
        )
        # matplotlib cuts off fractions of a pixel: a hair more keeps a whole one from being lost.
        hair = 1e-3 / dpi
        inches = (self.width / MM_PER_INCH + hair, self.height / MM_PER_INCH + hair)
        self.figure = Figure(figsize=inches, dpi=dpi)

    def axes(self, box: Box, extent: tuple[float, float, float, float]) -> Axes:
        """Empty axes without a frame, that begin and end on whole pixels of the figure."""
        box = self.snapped(box)
        rectangle = (
            box.left / self.width,
            box.bottom / self.height,
            box.width / self.width,
            box.height / self.height,
        )
        axes = self.figure.add_axes(rectangle)
        axes.set_axis_off()
        axes.set_xlim(extent[:2])
        axes.set_ylim(extent[2:])
        return axes

    def snapped(self, box: Box) -> Box:
        """The box moved onto the pixels, so that an image in it is shown pixel by pixel."""
        pixel = MM_PER_INCH / self.dpi
        left, bottom, right, top = (
            round(edge / pixel) * pixel for edge in (box.left, box.bottom, box.right, box.top)
        )
        return Box(left, bottom, right - left, top - bottom)

    def text(self, x: float, y: float, words: str, **style: Any) -> Text:
        """Text at a place in mm."""
        style.setdefault("fontsize", SMALL)
        return self.figure.text(x / self.width, y / self.height, words, **style)
