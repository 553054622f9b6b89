"""Room for the texts of a chart, wherever it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

#: Left, lower end, width and height of a text, in any unit.
Room: TypeAlias = tuple[float, float, float, float]


def apart(rooms: Sequence[Room], gap: float) -> list[int]:
    """Which texts stay where there is not room for all: the first keeps its place, and a later one
    stays if it touches none of those before and leaves a gap beside them."""
    stay: list[int] = []
    for index, room in enumerate(rooms):
        if not any(_touch(room, rooms[other], gap) for other in stay):
            stay.append(index)
    return stay


def _touch(one: Room, other: Room, gap: float) -> bool:
    (x, y, width, height), (left, low, wide, high) = one, other
    beside = x >= left + wide + gap or left >= x + width + gap
    return not beside and y < low + high and low < y + height
