"""Reading pictures by meaning."""

from __future__ import annotations

import numpy as np

COLD, HOT = (30, 60, 160, 255), (250, 200, 20, 255)


def at(picture, xy):
    """RGB at a pixel (x, y), as whole numbers."""
    x, y = (round(c) for c in xy)
    return picture[y, x, :3].astype(int)


def near(picture, color, tolerance=40):
    """(H, W) where a picture has about this colour (RGB 0..255)."""
    return (np.abs(picture[..., :3].astype(int) - np.array(color[:3])) <= tolerance).all(axis=-1)


def rgb(color):
    """A theme's colour as RGB 0..255."""
    return np.round(255 * np.array(color[:3])).astype(int)
