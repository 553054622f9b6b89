"""What is asked for: maps to be laid over a reference, and what goes with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from evenview.core.align.settings import Settings


@dataclass(frozen=True)
class Moving:
    """A map to be moved, and what goes with it.

    Attributes
    ----------
    path, mask, pixel_size
        The map, a mask of its box, and Å instead of what its header says.
    also
        Other maps of its group (sharpened, half-maps, masks), moved alike.
    particles
        Files whose poses go with the map.
    pose
        0 for the best one, n for that of the n-th runner-up.
    """

    path: Path
    mask: Path | None = None
    pixel_size: float | None = None
    also: tuple[Path, ...] = ()
    particles: tuple[Path, ...] = ()
    pose: int = 0


@dataclass(frozen=True)
class AlignRequest:
    """Maps to be laid over a reference.

    Attributes
    ----------
    reference, mask, pixel_size
        The map that stays, a mask of its box, and Å instead of what its header says.
    maps
        Those that move.
    folder
        Where everything is written; None for nothing.
    even_so
        Particles are written, too, where there is no reliable answer.
    """

    reference: Path
    maps: tuple[Moving, ...]
    mask: Path | None = None
    pixel_size: float | None = None
    settings: Settings = field(default_factory=Settings)
    folder: Path | None = None
    even_so: bool = False

    @property
    def sources(self) -> tuple[Path, ...]:
        """All files that are read."""
        return tuple(self._sources())

    def _sources(self) -> Iterator[Path]:
        yield self.reference
        if self.mask is not None:
            yield self.mask
        for moving in self.maps:
            yield moving.path
            yield from moving.also
            yield from moving.particles
            if moving.mask is not None:
                yield moving.mask
