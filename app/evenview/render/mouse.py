"""From vispy's mouse events to kinds, buttons and keys, with drags kept track of.

vispy forgets the button of a drag that begins with the second press of a double click, and does
not count that press as one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from evenview.render.pointer import Kind

EVENTS = ("mouse_press", "mouse_double_click", "mouse_move", "mouse_release", "mouse_wheel")
_KINDS: dict[str, Kind] = {
    "mouse_press": "press",
    "mouse_double_click": "press",
    "mouse_release": "release",
    "mouse_wheel": "wheel",
}


@dataclass(frozen=True)
class MouseMove:
    """One event: where, what, with which button and keys."""

    kind: Kind
    xy: tuple[float, float]
    button: int | None
    modifiers: frozenset[str]
    wheel: float


class Mouse:
    """Listens to a canvas and calls `tell` for every mouse event on it."""

    def __init__(self, canvas: Any, tell: Callable[[MouseMove], None]) -> None:
        self._tell = tell
        self._held: int | None = None
        for name in EVENTS:
            emitter = getattr(canvas.events, name)
            # Errors go on to the program's own place for them, not to vispy's log.
            emitter.ignore_callback_errors = False
            emitter.connect(self._on_event)

    def _on_event(self, event: Any) -> None:
        kind = _KINDS.get(event.type, "move" if self._held is None else "drag")
        button = (event.button or None) if kind in ("press", "release") else self._held
        if kind == "press" and self._held is None:
            self._held = button
        elif kind == "release" and button == self._held:
            self._held = None
        event.handled = True
        self._tell(
            MouseMove(
                kind=kind,
                xy=(float(event.pos[0]), float(event.pos[1])),
                button=None if kind == "wheel" else button,
                modifiers=frozenset(key.name.lower() for key in event.modifiers),
                wheel=float(event.delta[1]) if kind == "wheel" else 0.0,
            )
        )
