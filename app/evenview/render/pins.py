"""Pins: small labelled markers of the axes, standing on the sphere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evenview.core.selection import Vector
from evenview.render.camera import SphereView, unit
from evenview.render.frame import Frame
from evenview.render.labels import Label
from evenview.render.lines import Lines
from evenview.render.theme import Theme

STEM, TEXT = 0.09, 0.15  # heights over what stands on the sphere, in its radii


@dataclass(frozen=True)
class Pin:
    """A labelled direction; kind "axis" for X, Y, Z, "symmetry" for a symmetry axis."""

    direction: Vector
    label: str
    kind: Literal["axis", "symmetry"] = "axis"


AXES = (Pin((1, 0, 0), "X"), Pin((0, 1, 0), "Y"), Pin((0, 0, 1), "Z"))


class PinBoard:
    """All pins of a sphere, drawn as short lines with their labels at the tips."""

    def __init__(self) -> None:
        self._pins: tuple[Pin, ...] = ()
        self._height = 1.0
        self._lines = {"axis": Lines(2.2, casing=0.8), "symmetry": Lines(1.6, casing=0.8)}

    def set_pins(self, pins: Sequence[Pin], height: float = 1.0) -> None:
        """Take the pins to show, on something that reaches to `height` sphere radii."""
        self._pins, self._height = tuple(pins), height
        for kind, lines in self._lines.items():
            roots = np.array([unit(pin.direction) for pin in pins if pin.kind == kind])
            stems = np.stack([roots, (height + STEM) * roots], axis=1) if len(roots) else None
            lines.set_segments(stems)

    @property
    def pins(self) -> tuple[Pin, ...]:
        """The pins on show."""
        return self._pins

    def draw(self, frame: Frame, theme: Theme) -> None:
        """Draw the stems."""
        for kind, lines in self._lines.items():
            lines.color = theme.foreground if kind == "axis" else theme.muted
            lines.casing_color = theme.background
            lines.draw(frame)

    def labels(self, view: SphereView, theme: Theme) -> list[Label]:
        """The texts at the tips that the sphere does not hide."""
        if not self._pins:
            return []
        tips = view.screen_of(
            (self._height + TEXT) * np.array([unit(pin.direction) for pin in self._pins])
        )
        away = np.hypot(*(tips[:, :2] - view.center).T)
        seen = (tips[:, 2] > 0) | (away > view.radius + 4)
        return [
            Label(
                pin.label,
                (float(x), float(y)),
                theme.foreground if pin.kind == "axis" else theme.muted,
                size=14 if pin.kind == "axis" else 12,
                halo=theme.background,
            )
            for pin, (x, y, _), shown in zip(self._pins, tips, seen, strict=True)
            if shown
        ]
