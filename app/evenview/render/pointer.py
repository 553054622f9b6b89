"""What the pointer did over a scene, in the sphere's terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evenview.core.selection import Mode, Vector

Kind = Literal["move", "press", "drag", "release", "leave", "wheel"]
LEFT, RIGHT, MIDDLE = 1, 2, 3


@dataclass(frozen=True)
class Pointer:
    """One mouse event over a scene.

    Parameters
    ----------
    xy
        Place in the scene's logical pixels, from its top left corner.
    direction
        Unit vector under the pointer in the map's frame, None off the sphere or chart.
    button
        1 left, 2 right, 3 middle; None while no button takes part.
    wheel
        Steps of the wheel, positive away from the user.
    """

    kind: Kind
    xy: tuple[float, float] = (0.0, 0.0)
    direction: Vector | None = None
    button: int | None = None
    modifiers: frozenset[str] = frozenset()
    wheel: float = 0.0

    @property
    def mode(self) -> Mode:
        """How a selection made now combines with what is selected, from the held keys."""
        return mode_of(self.modifiers)


def mode_of(modifiers: frozenset[str]) -> Mode:
    """Shift adds, Ctrl subtracts, Alt (or Shift with Ctrl) intersects, nothing replaces."""
    if "alt" in modifiers or {"shift", "control"} <= modifiers:
        return "intersect"
    if "shift" in modifiers:
        return "add"
    return "subtract" if "control" in modifiers else "replace"
