"""Short texts in a scene: each rasterised once by FreeType and drawn pixel for pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vispy import gloo
from vispy.util import fonts

from evenview.charts.room import Room
from evenview.render import shaders
from evenview.render.frame import Frame, give
from evenview.render.theme import Rgba

_CORNERS = np.array([(0, 0), (1, 0), (0, 1), (1, 1)], dtype=np.float32)
_TRIANGLES = np.array([0, 1, 2, 2, 1, 3], dtype=np.uint32)


@dataclass(frozen=True)
class Label:
    """A text at a place in logical pixels; `anchor` (0..1 right, 0..1 down) is the part there.

    `turned` runs the text upwards, as the title of a left axis; `halo` keeps it readable on data.
    """

    text: str
    xy: tuple[float, float]
    color: Rgba
    anchor: tuple[float, float] = (0.5, 0.5)
    size: float = 12.0
    turned: bool = False
    halo: Rgba = (0.0, 0.0, 0.0, 0.0)

    @property
    def room(self) -> Room:
        """Where its ink lies, in logical pixels to the right and down.

        The picture of a text is as high as the font, for accents and tails that figures lack.
        """
        height, width = _picture(self.text, round(self.size), self.turned).shape[:2]
        left, top = self.xy[0] - self.anchor[0] * width, self.xy[1] - self.anchor[1] * height
        spare = 0.0 if self.turned else max(height - self.size, 0.0)
        return left, top + spare / 2, width, height - spare


class Labels:
    """All texts of a scene."""

    def __init__(self) -> None:
        self._program: Any = gloo.Program(shaders.LABEL_VERTEX, shaders.LABEL_FRAGMENT)
        self._atlas: Any = gloo.Texture2D(np.zeros((1, 1, 2), np.uint8), interpolation="nearest")
        self._program["u_atlas"] = self._atlas
        self._packed: tuple[tuple[str, int, bool], ...] = ()
        self._boxes: dict[tuple[str, int, bool], tuple[int, int, int, int]] = {}

    def draw(self, frame: Frame, labels: list[Label]) -> None:
        """Draw them on top of everything."""
        if not labels:
            return
        keys = [(one.text, round(one.size * frame.scale), one.turned) for one in labels]
        self._pack(tuple(dict.fromkeys(keys)))
        boxes = np.array([self._boxes[key] for key in keys], dtype=np.float32)
        self._place(labels, boxes, frame)
        gloo.set_state(
            depth_test=False,
            blend=True,
            blend_func=("src_alpha", "one_minus_src_alpha", "one", "one_minus_src_alpha"),
        )
        give(self._program, {"u_half_view": frame.half})
        self._program.draw("triangles", _quads(len(labels)))

    def _place(self, labels: list[Label], boxes: NDArray[np.float32], frame: Frame) -> None:
        """Quads from boxes (L, 4: left, top, width, height in the atlas) to whole pixels."""
        sizes = boxes[:, None, 2:]
        anchors = np.array([one.anchor for one in labels])
        places = np.array([one.xy for one in labels]) * frame.scale
        corner = np.round(places - anchors * boxes[:, 2:])[:, None]
        atlas = np.array(self._atlas.shape[1::-1], dtype=np.float32)
        colors = np.array([(one.color, one.halo) for one in labels], dtype=np.float32)
        self._program["a_pixel"] = (corner + _CORNERS * sizes).reshape(-1, 2).astype(np.float32)
        self._program["a_texel"] = ((boxes[:, None, :2] + _CORNERS * sizes) / atlas).reshape(-1, 2)
        self._program["a_color"] = np.repeat(colors[:, 0], 4, axis=0)
        self._program["a_halo"] = np.repeat(colors[:, 1], 4, axis=0)

    def _pack(self, keys: tuple[tuple[str, int, bool], ...]) -> None:
        """Put the texts below one another into the atlas, if they are not there yet."""
        if keys == self._packed or set(keys) <= self._boxes.keys():
            return
        pictures = [_picture(text, size, turned) for text, size, turned in keys]
        width = max(picture.shape[1] for picture in pictures)
        atlas = np.zeros((sum(picture.shape[0] for picture in pictures), width, 2), np.uint8)
        self._boxes, top = {}, 0
        for key, picture in zip(keys, pictures, strict=True):
            high, wide = picture.shape[:2]
            atlas[top : top + high, :wide] = picture
            self._boxes[key] = (0, top, wide, high)
            top += high
        self._packed = keys
        self._atlas.set_data(atlas)


def _quads(count: int) -> Any:
    first = 4 * np.arange(count, dtype=np.uint32)
    return gloo.IndexBuffer((first[:, None] + _TRIANGLES).ravel())


@lru_cache(maxsize=512)
def _picture(text: str, size: int, turned: bool) -> NDArray[np.uint8]:
    """Coverage 0..255 of a text on its own line and of a halo around it, (height, width, 2)."""
    rim = 1 + size // 14
    cover = np.pad(_coverage(text, size), rim)
    grown = cover
    for axis in (0, 1):
        shifts = [np.roll(grown, step, axis=axis) for step in range(-rim, rim + 1)]
        grown = np.max(shifts, axis=0)
    both = np.stack([cover, grown], axis=2)
    return np.ascontiguousarray(np.rot90(both) if turned else both)


def _coverage(text: str, size: int) -> NDArray[np.uint8]:
    """(height, width) coverage 0..255; the height is the font's, whatever the letters."""
    face = _face()
    face.set_pixel_sizes(0, size)
    above, below = face.size.ascender // 64 + 1, -(face.size.descender // 64) + 1
    pen, marks = 1, []
    for letter in text:
        face.load_char(letter)
        glyph = face.glyph
        rows, pitch = glyph.bitmap.rows, glyph.bitmap.pitch
        pixels = np.array(glyph.bitmap.buffer, dtype=np.uint8).reshape(rows, pitch)
        marks.append((pen + glyph.bitmap_left, glyph.bitmap_top, pixels[:, : glyph.bitmap.width]))
        pen += glyph.advance.x >> 6
    canvas = np.zeros((above + below, pen + 3), dtype=np.uint8)
    for left, rise, pixels in marks:
        high, wide = pixels.shape
        spot = canvas[above - rise : above - rise + high, left : left + wide]
        np.maximum(spot, pixels[: spot.shape[0], : spot.shape[1]], out=spot)
    return canvas


@lru_cache(maxsize=1)
def _face() -> Any:
    """Open Sans, the font that travels with vispy: the same labels on every machine."""
    from freetype import Face  # type: ignore[import-untyped]

    return Face(str(Path(fonts.__file__).parent / "data" / "OpenSans-Regular.ttf"))
