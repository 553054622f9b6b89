"""The colour of every bin as a small texture: recolouring uploads four bytes a bin."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vispy import gloo

WIDTH = 512


class ColorTable:
    """(B, 4) RGBA bytes on the graphics card, shared by all layers of a scene."""

    def __init__(self, count: int = 1) -> None:
        self.count = 0
        self._texels = np.zeros((1, WIDTH, 4), dtype=np.uint8)
        self.texture: Any = gloo.Texture2D(self._texels, interpolation="nearest")
        self.resize(count)

    def resize(self, count: int, color: tuple[int, int, int, int] = (128, 128, 128, 255)) -> None:
        """Room for `count` bins, all of one colour."""
        self.count = count
        self._texels = np.empty((max(1, -(-count // WIDTH)), WIDTH, 4), dtype=np.uint8)
        self._texels[:] = color
        self.texture.set_data(self._texels, copy=True)

    def set_colors(self, colors: NDArray[np.uint8]) -> None:
        """Take (B, 4) RGBA bytes."""
        if colors.shape != (self.count, 4):
            raise ValueError(f"expected colours of shape ({self.count}, 4), got {colors.shape}")
        self._texels.reshape(-1, 4)[: self.count] = colors
        self.texture.set_data(self._texels, copy=True)

    @property
    def uniforms(self) -> dict[str, Any]:
        """As the shaders of `shaders.TABLE` name them."""
        return {"u_table": self.texture, "u_table_size": (WIDTH, self._texels.shape[0])}
