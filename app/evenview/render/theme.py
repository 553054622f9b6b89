"""Colours of the scenes: a light and a dark set, quiet so that the data speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from evenview.tasks.drawing import inks

Rgba: TypeAlias = tuple[float, float, float, float]


def _rgba(hexadecimal: str, alpha: float = 1.0) -> Rgba:
    digits = hexadecimal.removeprefix("#")
    red, green, blue = (int(digits[i : i + 2], 16) / 255.0 for i in (0, 2, 4))
    return (red, green, blue, alpha)


@dataclass(frozen=True)
class Theme:
    """Colours as RGBA in 0..1.

    `empty` is for bins without particles (hand it to `colormap.colorize`), `casing` the dark
    rim that lets the bright `accent` line read on any colour map.
    """

    name: str
    background: Rgba
    foreground: Rgba
    muted: Rgba
    grid: Rgba
    accent: Rgba
    casing: Rgba
    hover: Rgba
    empty: Rgba
    surface: Rgba

    @property
    def empty_bytes(self) -> tuple[int, int, int, int]:
        """`empty` as 0..255, as the colour table of the bins wants it."""
        red, green, blue, alpha = (round(255 * part) for part in self.empty)
        return (red, green, blue, alpha)


LIGHT = Theme(
    name="light",
    background=_rgba("ffffff"),
    foreground=_rgba("24292f"),
    muted=_rgba("68717b"),
    grid=_rgba("8c959f", 0.55),
    accent=_rgba(inks.ACCENT),
    casing=_rgba(inks.CASING, 0.85),
    hover=_rgba("ffffff"),
    empty=_rgba(bytes(inks.EMPTY[:3]).hex()),
    surface=_rgba("b9c4d0"),
)
DARK = Theme(
    name="dark",
    background=_rgba("16181c"),
    foreground=_rgba("e4e7eb"),
    muted=_rgba("9aa3ad"),
    grid=_rgba("98a1ab", 0.40),
    accent=_rgba("ff4d9d"),
    casing=_rgba("0b0c0e", 0.9),
    hover=_rgba("ffffff"),
    empty=_rgba("a3afbd"),
    surface=_rgba("aab6c3"),
)
