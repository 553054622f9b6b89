"""What a reader of tilt series is: one module of this folder that says `FORMAT = ...`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from evenview.core.tilt.series import TiltSeries


@dataclass(frozen=True)
class Given:
    """What the user says beside a file.

    Attributes
    ----------
    axis
        Degrees, in the place of what the file says.
    axes
        The same of single files, before `axis`.
    tomogram
        Which of several series of one file.
    pixel_size
        Å of the tilt images, where the file does not say it.
    companion
        The .xf that belongs to a .tlt.
    """

    axis: float | None = None
    tomogram: str | None = None
    pixel_size: float | None = None
    companion: Path | None = None
    axes: Mapping[Path, float] = field(default_factory=dict)


@runtime_checkable
class TiltFormat(Protocol):
    """A kind of file that describes a tilt series."""

    @property
    def title(self) -> str:
        """The name people know it by."""
        ...

    def sniff(self, head: bytes) -> bool:
        """Whether a file that begins with `head` is of this kind; for exactly one it is."""
        ...

    def read(self, path: Path, given: Given) -> TiltSeries:
        """Read the series. Raises `UserError` for whatever it is not."""
        ...
