"""The OpenGL canvas that a scene draws on, and whether there is OpenGL at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vispy import app, gloo
from vispy.gloo import gl

from evenview.core.errors import UserError

_SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "software", "swrast", "gdi generic", "warp")
_HINT = (
    "Install the graphics driver or Mesa (on Debian and Ubuntu: libgl1-mesa-dri), or use the "
    "command line, which needs no display."
)


@dataclass(frozen=True)
class GlInfo:
    """The OpenGL driver that draws the scenes."""

    version: str
    renderer: str

    @property
    def is_software(self) -> bool:
        """Whether the processor draws, as on a remote desktop or without a driver."""
        return any(word in self.renderer.lower() for word in _SOFTWARE)


def use_qt() -> None:
    """Let vispy draw into PyQt6 widgets; harmless when done twice."""
    app.use_app("pyqt6")


@cache
def check_gl() -> GlInfo:
    """The driver at hand; `UserError` in plain words where nothing can be drawn.

    Needs a running QApplication. Asked once: the answer does not change while the program runs.
    """
    use_qt()
    try:
        probe = app.Canvas(keys=None, size=(16, 16), show=False)
        probe.set_current()
        version = str(gl.glGetParameter(gl.GL_VERSION) or "")
        renderer = str(gl.glGetParameter(gl.GL_RENDERER) or "")
        give_up(probe)
    except Exception as error:  # whatever a driver comes up with, it means the same
        raise UserError("OpenGL does not start on this display", hint=_HINT) from error
    if not version or not version[:1].isdigit() or int(version.split(".")[0]) < 2:
        raise UserError("This display has no OpenGL 2.1 or later", hint=_HINT)
    return GlInfo(version, renderer)


def make_canvas(
    size: tuple[int, int], paint: Callable[[tuple[int, int], float], None], samples: int = 0
) -> Any:
    """A vispy canvas that calls `paint(physical size, physical pixels a logical one)`."""
    canvas = app.Canvas(
        keys=None,
        size=size,
        show=False,
        config={"samples": samples, "depth_size": 24},
        dpi=96,  # not asked of the display: nothing here is sized by it
    )

    def draw(_event: object) -> None:
        physical = canvas.physical_size
        gloo.set_viewport(0, 0, *physical)
        paint((int(physical[0]), int(physical[1])), float(canvas.pixel_scale))

    canvas.events.draw.connect(draw)
    # Errors go on to the program's own place for them, not to vispy's log.
    canvas.events.draw.ignore_callback_errors = False
    canvas.events.resize.ignore_callback_errors = False
    return canvas


def give_up(canvas: Any) -> None:
    """Close a canvas and have its widget deleted by the event loop.

    Left to the garbage collector, a widget could be deleted in the middle of the painting of
    another and take the OpenGL context away from it.
    """
    native = canvas.native
    canvas.close()
    native.deleteLater()


def picture(
    canvas: Any,
    size: tuple[int, int],
    paint: Callable[[tuple[int, int], float], None],
    scale: float,
) -> NDArray[np.uint8]:
    """(H, W, 4) bytes of what `paint` draws, `scale` pixels to a logical one.

    Drawn twice as fine and averaged, because an off-screen buffer has no multisampling.
    """
    shown = canvas.native.isVisible()
    if not canvas.native.isValid():
        canvas.show()
        canvas.app.process_events()
    canvas.set_current()
    fine = (round(2 * size[0] * scale), round(2 * size[1] * scale))
    buffer = gloo.FrameBuffer(gloo.RenderBuffer(fine[::-1]), gloo.RenderBuffer(fine[::-1]))
    with buffer:
        gloo.set_viewport(0, 0, *fine)
        paint(fine, 2 * scale)
        pixels: NDArray[np.uint8] = buffer.read("color")
    if not shown:
        canvas.show(False)
    return _halved(pixels)


def _halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mean of every 2 × 2 pixels.

    What was blended over a clear ground is multiplied by its alpha; the result is not.
    """
    high, wide = pixels.shape[0] // 2, pixels.shape[1] // 2
    blocks = pixels[: 2 * high, : 2 * wide].reshape(high, 2, wide, 2, 4).astype(np.float32)
    mean: NDArray[np.float32] = blocks.mean(axis=(1, 3))
    mean[..., :3] *= 255 / np.maximum(mean[..., 3:], 1.0)
    return np.rint(np.minimum(mean, 255)).astype(np.uint8)
