"""Score how much the FSC of two half-maps depends on direction."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core import halfmaps
from evenview.core.beside import Field
from evenview.core.directional import FIRST_SHELL, RUNNING, DirectionalScores
from evenview.core.fsc_volume import HIGH_PASS, SPHERICITY_THRESHOLD, FscVolume
from evenview.core.halfmaps import DirectionSums, HalfMaps, Settings
from evenview.core.progress import Progress, silent
from evenview.core.words import counted
from evenview.formats.output import check_targets
from evenview.formats.volume_mrc import open_volume
from evenview.formats.volume_writing import write_volume
from evenview.tasks import half_map_verdict
from evenview.tasks.result import Result
from evenview.tasks.textfile import write_csv

_RESOLUTION = (
    "A place is a direction of Fourier space here, not a view: the resolution in the cone of "
    "{0:g}° around it, from the half-maps."
)
_SIGNAL = (
    "A place is a view here: the area under the FSC of the half-maps in the torus of {0:g}° across "
    "it, which holds what that view samples; 1 for the largest."
)
_NO_MASK = (
    "There is no mask, so noise around the molecule counts, too. A soft mask is advised (--mask)."
)
#: A common default, which may mean that nobody set it.
_UNSET_SIZE = 1.0


@dataclass(frozen=True)
class HalfMapsRequest:
    """Two half-maps, how they are compared, and where curves and 3DFSC go.

    Attributes
    ----------
    mask
        Both maps are multiplied by it.
    pixel_size
        Å, instead of what the maps say.
    curves
        A .csv of all curves.
    volume
        The 3DFSC as .mrc.
    """

    first: Path
    second: Path
    mask: Path | None = None
    pixel_size: float | None = None
    settings: Settings = field(default_factory=Settings)
    curves: Path | None = None
    volume: Path | None = None

    @property
    def sources(self) -> tuple[Path, ...]:
        """The files that are read."""
        return tuple(path for path in (self.first, self.second, self.mask) if path is not None)

    @property
    def targets(self) -> tuple[Path, ...]:
        """The files that are written."""
        return tuple(path for path in (self.curves, self.volume) if path is not None)


@dataclass(frozen=True, eq=False)
class HalfMapsResult:
    """The scores, of the masked maps where there is a mask."""

    request: HalfMapsRequest
    maps: HalfMaps
    scores: DirectionalScores
    unmasked: DirectionalScores
    fsc_volume: FscVolume

    @property
    def side(self) -> float | None:
        """Å, of the maps; None where their pixel size may be nobody's."""
        unset = self.request.pixel_size is None and self.maps.voxel_size == _UNSET_SIZE
        return None if unset else self.scores.side

    @property
    def headline(self) -> str:
        """The first sentence of the verdict."""
        return half_map_verdict.headline(self.scores)

    @property
    def plain_note(self) -> str:
        """Why the plain cFAR says otherwise, "" where it does not."""
        return half_map_verdict.why_plain_differs(self.scores)

    @property
    def verdict(self) -> str:
        """Whether the resolution depends on direction, in a sentence or two."""
        return half_map_verdict.verdict(self.scores)

    @property
    def extremes(self) -> str:
        """Where the resolution is finest and coarsest, in words."""
        return half_map_verdict.extremes(self.scores)

    @property
    def mask_note(self) -> str:
        """What the numbers owe to there being no mask, "" where there is one."""
        return "" if self.maps.mask is not None else _NO_MASK

    @property
    def notes(self) -> tuple[str, ...]:
        """What the numbers may owe to the input, in words."""
        found = [self.mask_note] if self.mask_note else []
        if self.maps.hard_mask:
            found.append(
                "The mask has a hard edge, which itself makes half-maps alike. Use a soft one."
            )
        if self.side is None:
            found.append(
                "The maps say a pixel size of exactly 1 Å, which programs also write when they do "
                "not know it. If so, give the true one with --pixel-size."
            )
        if self.scores.early and not half_map_verdict.contradicts(self.scores):
            found.append(
                f"Along {counted(self.scores.early, 'axis', 'axes')} the FSC of one of the first "
                f"{FIRST_SHELL - 1} shells, which have few voxels, decides the plain cFAR. Trust "
                "the robust one."
            )
        if self.scores.to_the_end:
            found.append(
                f"Along {counted(self.scores.to_the_end, 'axis', 'axes')} the FSC stays above "
                "the threshold up to the last shell, so the resolution there is limited by the "
                "pixel size."
            )
        return tuple(found)

    def summary(self) -> str:
        request, scores = self.request, self.scores
        masked = f", times the mask {request.mask.name}" if request.mask else ", without a mask"
        without = f" ({self.unmasked.resolution:.2f} Å without the mask)" if request.mask else ""
        finest, middle, coarsest, sd = spread(scores.resolutions)
        better, worse = scores.resolution_range
        lines = [
            f"Half-maps: {request.first.name} and {request.second.name}, {self.maps.box} voxels of "
            f"{self.maps.voxel_size:.6g} Å a side{masked}",
            self.verdict,
            f"Resolution over all directions: {scores.resolution:.2f} Å{without}",
            f"By direction: {finest:.2f} to {coarsest:.2f} Å, median {middle:.2f} Å, sd "
            f"{sd:.2f} Å; the mean conical FSC ± 1 sd: {better:.2f} to {worse:.2f} Å",
            self.extremes,
            f"cFAR {scores.cfar:.3f}, robust {scores.cfar_robust:.3f} (1 is even; cryoSPARC, with "
            "a mask of its own, takes less than 0.5 for a sign of preferred views)",
            f"tFAR {scores.tfar:.3f}, sphericity of the 3DFSC {self.fsc_volume.sphericity:.3f}",
            f"Settings: {self.settings_in_words}",
            *(f"Note: {note}" for note in self.notes),
            *(f"Wrote {path}" for path in request.targets),
        ]
        return "\n".join(lines)

    @property
    def settings_in_words(self) -> str:
        """All that the scores depend on."""
        used = self.request.settings
        return (
            f"cone and torus of {used.half_angle:g}°, {used.axes} axes, threshold "
            f"{used.threshold:g}, shells weighted by their number squared; for resolutions and "
            f"the robust cFAR the mean of {RUNNING} shells counts, from shell {FIRST_SHELL} on; "
            f"sphericity at {SPHERICITY_THRESHOLD:g}, from shell {FIRST_SHELL} and {HIGH_PASS:g} Å "
            "on"
        )

    def as_json(self) -> dict[str, Any]:
        found = _as_json(self.scores)
        found["sphericity"] = self.fsc_volume.sphericity
        if self.maps.mask is not None:
            found["unmasked"] = _as_json(self.unmasked)
        found["verdict"] = self.verdict
        found["settings"] = self.settings
        found["notes"] = list(self.notes)
        found["written"] = [str(path) for path in self.request.targets]
        return found

    @property
    def fields(self) -> tuple[Field, ...]:
        """By direction: the resolution along it in Fourier space, the relative signal as a view."""
        scores, axes = self.scores, self.scores.axes
        along, signal = scores.resolutions, scores.relative_signal
        about, as_view = (
            words.format(self.request.settings.half_angle) for words in (_RESOLUTION, _SIGNAL)
        )
        return (
            Field("resolution", "Resolution (half-maps)", "Å", axes, along, about, loggable=True),
            Field("signal", "Signal (half-maps)", "relative signal", axes, signal, as_view),
        )

    @property
    def settings(self) -> dict[str, Any]:
        """All that the scores depend on, as plain values."""
        request = self.request
        return {
            "files": [str(request.first), str(request.second)],
            "mask": None if request.mask is None else str(request.mask),
            "box": self.maps.box,
            "pixel_size": self.maps.voxel_size,
            "cone": request.settings.half_angle,
            "axes": request.settings.axes,
            "threshold": request.settings.threshold,
            "shell_weight": "shell squared",
            "robust_mean_of_shells": RUNNING,
            "robust_first_shell": FIRST_SHELL,
            "sphericity_threshold": SPHERICITY_THRESHOLD,
            "sphericity_high_pass": HIGH_PASS,
        }


@dataclass(frozen=True, eq=False)
class Together:
    """The scores of a file's views and of its half-maps as one result."""

    views: Result
    maps: HalfMapsResult

    def summary(self) -> str:
        return f"{self.views.summary()}\n\n{self.maps.summary()}"

    def as_json(self) -> dict[str, Any]:
        views, maps = self.views.as_json(), self.maps.as_json()
        assert isinstance(views, dict)
        settings = {**views["settings"], "half_maps": maps["settings"]}
        return {**views, **maps, "settings": settings}


def run(request: HalfMapsRequest, progress: Progress = silent) -> HalfMapsResult:
    """Read the maps, score them, and write what is wanted.

    Raises `UserError` where the maps cannot be compared, or a file cannot be written.
    """
    check_targets(request.targets, request.sources)
    maps = read(request, progress)
    progress(0.2, "Comparing the half-maps")
    sums = DirectionSums.of(maps)
    if halfmaps.alike(sums.fsc()):
        raise halfmaps.same_map(request.first.name, request.second.name)
    scores = DirectionalScores.of(sums, maps.voxel_size, request.settings)
    unmasked = scores
    if maps.mask is not None:
        progress(0.4, "Comparing them without the mask")
        bare = DirectionSums.of(maps, masked=False)
        unmasked = DirectionalScores.of(bare, maps.voxel_size, request.settings)
    progress(0.6, "Making the 3DFSC")
    result = HalfMapsResult(
        request, maps, scores, unmasked, FscVolume.of(sums, maps.voxel_size, request.settings)
    )
    if request.curves is not None:
        write_curves(result, request.curves, progress)
    if request.volume is not None:
        write_fsc_volume(result, request.volume)
    progress(1.0, "Comparing the half-maps")
    return result


def read(request: HalfMapsRequest, progress: Progress = silent) -> HalfMaps:
    """The maps of a request."""
    volumes = []
    for i, path in enumerate(request.sources):
        progress(0.05 * i, f"Reading {path.name}")
        volumes.append(open_volume(path))
    mask = volumes[2] if request.mask is not None else None
    return halfmaps.pair(volumes[0], volumes[1], mask, request.pixel_size)


def write_curves(result: HalfMapsResult, path: Path, progress: Progress = silent) -> None:
    """Write `curves` as comma-separated text, never over a file that was read."""
    columns = curves(result)
    row_format = ",".join(["%d", *["%.6g"] * (len(columns) - 1)]) + "\n"
    write_csv(path, columns, row_format, result.request.sources, progress)


def write_fsc_volume(result: HalfMapsResult, path: Path) -> None:
    """Write the 3DFSC as MRC, never over a file that was read.

    It has the voxel size and origin of the maps, so that the two lie over each other when opened.
    """
    maps, angle = result.maps, result.request.settings.half_angle
    label = f"3DFSC, cone {angle:g} degrees, origin at voxel n // 2"
    values = result.fsc_volume.volume()
    write_volume(path, values, maps.voxel_size, maps.origin, label, result.request.sources)


def curves(result: HalfMapsResult) -> dict[str, NDArray[Any]]:
    """A column for each curve, a row for each shell from the first on.

    The names of the conical and toroidal ones hold their axis: "cone 0.0000 0.6000 0.8000".
    """
    scores = result.scores
    shell = np.arange(len(scores.fsc))
    with np.errstate(divide="ignore"):
        resolution = scores.side / shell
    columns = {
        "shell": shell,
        "frequency": shell / scores.side,
        "resolution": resolution,
        "fsc": scores.fsc,
        "fsc_unmasked": result.unmasked.fsc,
        "cone_mean": scores.mean,
        "cone_sd": scores.sd,
    }
    for region, values in (("cone", scores.cones), ("torus", scores.tori)):
        for axis, curve in zip(scores.axes.tolist(), values, strict=True):
            columns[" ".join([region, *(f"{c:.4f}" for c in axis)])] = curve
    return {name: column[1:] for name, column in columns.items()}


def spread(resolutions: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """The finest, the median, the coarsest and the standard deviation of resolutions (D,)."""
    least, most = float(resolutions.min()), float(resolutions.max())
    return least, float(np.median(resolutions)), most, float(resolutions.std())


def _as_json(scores: DirectionalScores) -> dict[str, Any]:
    finest, middle, coarsest, sd = spread(scores.resolutions)
    return {
        "cfar": scores.cfar,
        "cfar_robust": scores.cfar_robust,
        "tfar": scores.tfar,
        "resolution": scores.resolution,
        "resolution_min": finest,
        "resolution_median": middle,
        "resolution_max": coarsest,
        "resolution_sd": sd,
        "finest": half_map_verdict.finest(scores).as_json(),
        "coarsest": half_map_verdict.coarsest(scores).as_json(),
        "resolution_range": list(scores.resolution_range),
    }
