"""What figures look like: inks, sizes of text, and matplotlib's settings for them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath
from numpy.typing import NDArray

from evenview.tasks.drawing.inks import EMPTY

#: matplotlib brings this font, so that a figure looks the same on every machine.
FONT = "DejaVu Sans"
INK = "#1a1a1a"
QUIET = "#666666"
FAINT = "#bfc7d1"
SOLID = "#2f5d8a"
OUTSIDE = (246, 247, 248, 255)

TITLE, TEXT, SMALL = 9.0, 7.5, 7.0
HAIR, THIN, LINE = 0.35, 0.6, 0.9

MM_PER_INCH = 25.4
MM_PER_POINT = MM_PER_INCH / 72

# matplotlib types its settings as a dict of hundreds of literal names.
SETTINGS: Any = {
    "font.family": FONT,
    "font.size": SMALL,
    "text.color": INK,
    "text.usetex": False,
    "text.parse_math": False,  # a $ in the name of a file is a $
    "mathtext.default": "regular",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": THIN,
    "xtick.color": INK,
    "ytick.color": INK,
    "path.simplify": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "evenview",
    "pdf.fonttype": 42,
}


@cache
def text_size(text: str, points: float, bold: bool = False) -> tuple[float, float]:
    """Width and height in mm of one line of text; the height of a line, not of its letters."""
    font = FontProperties(family=FONT, size=points, weight="bold" if bold else "normal")
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return width * MM_PER_POINT, points * 1.25 * MM_PER_POINT


def wrapped(
    words: list[str], width: float, points: float, joint: str = " ", bold: bool = False
) -> list[str]:
    """Words put together into lines of at most ``width`` mm; a longer word loses its middle."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]}{joint}{word}" if lines else word
        if lines and text_size(longer, points, bold)[0] <= width:
            lines[-1] = longer
        else:
            lines.append(_shortened(word, width, points, bold))
    return lines


def _shortened(word: str, width: float, points: float, bold: bool) -> str:
    if text_size(word, points, bold)[0] <= width:
        return word
    for kept in range(len(word) - 1, 1, -1):
        shorter = f"{word[: (kept + 1) // 2]}…{word[-(kept // 2) :]}"
        if text_size(shorter, points, bold)[0] <= width:
            break
    return shorter


def paper_colors(
    colors: NDArray[np.uint8], values: NDArray[np.float64], areas: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """(B, 4) colours for white paper: what is empty is grey, what is outside of the unit paler."""
    paper = np.array(colors, dtype=np.uint8)
    paper[np.isnan(values)] = EMPTY
    paper[areas == 0] = OUTSIDE
    return paper
