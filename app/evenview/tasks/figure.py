"""Figures of what is on display: sphere, chart or histogram, as PNG, SVG or PDF; no screen."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from evenview import __version__
from evenview.core.errors import UserError
from evenview.core.progress import Progress, silent
from evenview.formats.output import atomic_writer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from evenview.core.display import Display
    from evenview.tasks.drawing.picture import State
    from evenview.tasks.drawing.views import View

What = Literal["sphere", "chart", "histogram"]
SUFFIXES = ("png", "svg", "pdf")
#: Widths of one and of two columns of most journals, mm.
COLUMN, TWO_COLUMNS = 85.0, 170.0
# Heat maps in SVG and PDF are images; they have at least this many pixels an inch.
_LEAST_DPI = 300.0
_DPI = (30.0, 1200.0)
_MM = (40.0, 1000.0)


@dataclass(frozen=True)
class FigureRequest:
    """A figure, its size and what it shows.

    Attributes
    ----------
    path
        The file to write; its suffix (.png, .svg, .pdf) says the format. None for a picture that
        stays in memory.
    what
        "chart", "sphere" or "histogram" (of particles per bin).
    chart
        Which chart, a name of `evenview.charts.charts`.
    width_mm, height_mm
        Size on paper; without a height it comes from what is drawn.
    dpi
        Pixels an inch of a PNG, and of the heat map in SVG and PDF (there at least 300).
    transparent
        Without the white page.
    title
        Above the drawing; None for the name of the file, "" for no title.
    view
        From where the sphere is seen: a name of `drawing.views.VIEWS`, or the rows of a rotation
        from the map's frame to the screen's (x to the right, y up, z towards the reader).
    outline
        With the border of the selection.
    pins
        With X, Y, Z and symmetry axes on the sphere.
    state
        "before" thinning, "after" it, or "both".
    """

    path: Path | None = None
    what: What = "chart"
    chart: str = "azel"
    width_mm: float = TWO_COLUMNS
    height_mm: float | None = None
    dpi: float = 300.0
    transparent: bool = False
    title: str | None = None
    view: View = "reset"
    outline: bool = True
    pins: bool = True
    state: State = "before"

    @property
    def suffix(self) -> str:
        """ "png", "svg" or "pdf". Raises `UserError` for anything else."""
        suffix = "png" if self.path is None else self.path.suffix.lower().removeprefix(".")
        if suffix not in SUFFIXES:
            raise UserError(
                f"a figure cannot be written as “{suffix}”" if suffix else "the name has no suffix",
                where=str(self.path),
                hint=f"Formats are {', '.join(SUFFIXES)}.",
            )
        return suffix

    @property
    def drawing_dpi(self) -> float:
        """Pixels an inch of the heat map."""
        return self.dpi if self.suffix == "png" else max(self.dpi, _LEAST_DPI)


@dataclass(frozen=True)
class Result:
    """A figure that was written: its file, size in mm, and size in pixels if it is a PNG."""

    path: Path
    size_mm: tuple[float, float]
    size_pixels: tuple[int, int] | None

    def summary(self) -> str:
        """One line for people."""
        width, height = self.size_mm
        words = f"{self.path}: {width:.0f} × {height:.0f} mm"
        if self.size_pixels is None:
            return words
        return f"{words}, {self.size_pixels[0]:,} × {self.size_pixels[1]:,} pixels"

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "path": str(self.path),
            "size_mm": list(self.size_mm),
            "size_pixels": list(self.size_pixels) if self.size_pixels else None,
        }


def draw(display: Display, request: FigureRequest) -> Figure:
    """The figure as matplotlib has it, with no canvas but Agg's. Raises `UserError`."""
    _check(request)
    from evenview.tasks.drawing.compose import compose

    return compose(display, request)


def run(display: Display, request: FigureRequest, progress: Progress = silent) -> Result:
    """Draw and write; the file is whole or not there.

    Raises `UserError` for an unknown suffix, chart or view, a size without room, a missing folder,
    and when the figure would replace the particle file.
    """
    if request.path is None:
        raise UserError("The figure has no file name")
    progress(0.0, "drawing the figure")
    figure = draw(display, request)
    progress(0.7, "writing the figure")
    with atomic_writer(request.path, display.particles.table.sources) as file:
        _save(figure, request, file)
    progress(1.0, "the figure is written")
    width, height = (float(size) for size in figure.get_size_inches())
    pixels = (int(width * request.dpi), int(height * request.dpi))
    return Result(
        request.path,
        (round(width * 25.4, 2), round(height * 25.4, 2)),
        pixels if request.suffix == "png" else None,
    )


def to_bytes(display: Display, request: FigureRequest) -> bytes:
    """The same figure in memory, in the format of the request's suffix (PNG without a path)."""
    file = io.BytesIO()
    _save(draw(display, request), request, file)
    return file.getvalue()


def to_rgba(display: Display, request: FigureRequest) -> NDArray[np.uint8]:
    """The same figure as (height, width, 4) pixels, alpha not multiplied in, first row on top."""
    from matplotlib.image import imread

    png = to_bytes(display, replace(request, path=None))
    rgba: NDArray[np.uint8] = np.rint(imread(io.BytesIO(png)) * 255).astype(np.uint8)
    return rgba


def _check(request: FigureRequest) -> None:
    """Refuse what cannot be drawn, before anything is."""
    _ = request.suffix
    if request.what not in ("sphere", "chart", "histogram"):
        raise UserError(
            f"There is no figure “{request.what}”", hint="Figures are: sphere, chart, histogram."
        )
    sizes = [("width", request.width_mm, _MM, "mm"), ("dpi", request.dpi, _DPI, "")]
    if request.height_mm is not None:
        sizes.append(("height", request.height_mm, _MM, "mm"))
    for name, value, (low, high), unit in sizes:
        if not low <= value <= high:
            raise UserError(
                f"The {name} of a figure cannot be {value:g} {unit}".rstrip(),
                hint=f"It lies between {low:g} and {high:g}{' ' + unit if unit else ''}.",
            )


def _save(figure: Figure, request: FigureRequest, file: IO[bytes]) -> None:
    """Write without a date, so that the same figure is the same bytes."""
    from matplotlib import rc_context

    from evenview.tasks.drawing.style import SETTINGS

    program = f"Evenview {__version__}"
    metadata: dict[str, dict[str, str | None]] = {
        "png": {"Software": program},
        "svg": {"Date": None, "Creator": program},
        "pdf": {"CreationDate": None, "Creator": program},
    }
    with rc_context(SETTINGS):
        figure.savefig(
            file,
            format=request.suffix,
            dpi=request.drawing_dpi,
            transparent=request.transparent,
            metadata=metadata[request.suffix],
        )
