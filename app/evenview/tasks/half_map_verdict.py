"""What the scores of half-maps mean, in words: whether the resolution depends on direction."""

from __future__ import annotations

from dataclasses import dataclass

from evenview.core import convention
from evenview.core.directional import FIRST_SHELL, DirectionalScores, areas, robust_areas

#: cryoSPARC takes a cFAR below it for a sign of preferred views.
CFAR_THRESHOLD = 0.5
#: How far two sides may differ and still be called the same.
_SAME_SIDE = 0.02
#: Maps are cropped or padded by these.
_CROPPED = (0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Extreme:
    """The direction of Fourier space with the coarsest or the finest resolution.

    Attributes
    ----------
    azimuth, elevation
        Degrees.
    resolution
        Å.
    """

    azimuth: float
    elevation: float
    resolution: float

    @classmethod
    def at(cls, scores: DirectionalScores, axis: int) -> Extreme:
        """Of the axis of that number."""
        azimuth, elevation = _angles(scores, axis)
        return cls(azimuth, elevation, float(scores.resolutions[axis]))

    @property
    def words(self) -> str:
        return f"{self.resolution:.2f} Å along {_along(self.azimuth, self.elevation)}"

    def as_json(self) -> dict[str, float]:
        """As plain values."""
        return {
            "azimuth": self.azimuth,
            "elevation": self.elevation,
            "resolution": self.resolution,
        }


def finest(scores: DirectionalScores) -> Extreme:
    """Where the resolution is best."""
    return Extreme.at(scores, int(scores.resolutions.argmin()))


def coarsest(scores: DirectionalScores) -> Extreme:
    """Where the resolution is worst."""
    return Extreme.at(scores, int(scores.resolutions.argmax()))


def extremes(scores: DirectionalScores) -> str:
    """Both, in words."""
    return f"Finest {finest(scores).words}; coarsest {coarsest(scores).words}."


def headline(scores: DirectionalScores) -> str:
    """Whether the resolution depends on direction, by the robust cFAR, in a sentence."""
    if not _agree(scores):
        return "The half-maps agree in too few shells to say if resolution depends on direction."
    hardly = "hardly depends" if even(scores) else "depends"
    return (
        f"The resolution {hardly} on direction (robust cFAR {scores.cfar_robust:.2f}; cryoSPARC's "
        f"threshold is {CFAR_THRESHOLD:g})."
    )


def verdict(scores: DirectionalScores) -> str:
    """`headline`, where it is worst if it depends, and `why_plain_differs`."""
    said = [headline(scores)]
    if _agree(scores) and not even(scores):
        worst = coarsest(scores)
        along = f"azimuth {_whole(worst.azimuth)}, elevation {_whole(worst.elevation)}"
        said.append(f"It is worst along {along}.")
    return " ".join(filter(None, (*said, why_plain_differs(scores))))


def even(scores: DirectionalScores) -> bool:
    """Whether the robust cFAR reaches the threshold."""
    return scores.cfar_robust >= CFAR_THRESHOLD


def contradicts(scores: DirectionalScores) -> bool:
    """Whether the plain cFAR is on the other side of the threshold than the robust one."""
    return _agree(scores) and (scores.cfar >= CFAR_THRESHOLD) != even(scores)


def other_side(particles: float | None, maps: float | None) -> str:
    """A warning where maps can hardly be of particles, "" where they can or sides are unknown.

    Parameters
    ----------
    particles, maps
        Å, the sides of the particle images and of the half-maps, or None. Maps that were cropped or
        padded to half or twice the side are let pass.
    """
    if not particles or not maps:
        return ""
    if any(abs(maps / particles / ratio - 1.0) <= _SAME_SIDE for ratio in _CROPPED):
        return ""
    return (
        f"Half-maps of {maps:.0f} Å a side can hardly be of the open particles, whose images have "
        f"{particles:.0f} Å."
    )


def _agree(scores: DirectionalScores) -> bool:
    """Whether there is a shell beyond the first ones in which the maps are alike."""
    found = robust_areas(scores.fsc[None], scores.settings.threshold)
    return bool(found.shell[0] > FIRST_SHELL)


def why_plain_differs(scores: DirectionalScores) -> str:
    """Why the plain cFAR lies on the other side of the threshold, "" where it does not."""
    if not contradicts(scores):
        return ""
    plain = f"the plain cFAR ({scores.cfar:.3f})"
    threshold = scores.settings.threshold
    found, robust = areas(scores.cones, threshold), robust_areas(scores.cones, threshold)
    axis = int(found.area.argmin())
    if even(scores) and found.shell[axis] < robust.shell[axis]:
        return (
            f"One noisy shell, number {found.shell[axis]} along "
            f"{_along(*_angles(scores, axis))}, decides {plain}."
        )
    return f"Single shells decide {plain}, which no mean of shells confirms."


def _angles(scores: DirectionalScores, axis: int) -> tuple[float, float]:
    azimuth, elevation = convention.azimuth_elevation(scores.axes[axis : axis + 1])[0].tolist()
    return azimuth, elevation


def _along(azimuth: float, elevation: float) -> str:
    return f"az {_whole(azimuth)}, el {_whole(elevation)}"


def _whole(angle: float) -> str:
    return f"{round(angle)}°"
