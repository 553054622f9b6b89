"""Lay maps over a reference, and carry everything that belongs to them along."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core import rotation
from evenview.core.align.aligning import Alignment, align
from evenview.core.align.prepare import require_map, require_size
from evenview.core.align.settings import Settings
from evenview.core.align.superpose import Likeness, difference, moved
from evenview.core.align.words import warnings
from evenview.core.errors import UserError
from evenview.core.motion import Motion
from evenview.core.progress import Progress, share, silent
from evenview.core.volume import Volume
from evenview.core.words import counted, with_minus
from evenview.formats import open_particles
from evenview.formats.foreign import is_mrc
from evenview.formats.output import check_targets
from evenview.formats.volume_mrc import open_volume, write_volume
from evenview.tasks import transform
from evenview.tasks.transform_file import TransformFile, chimerax, read_transform, write_transform
from evenview.tasks.turns import axis_angle

Floats = NDArray[np.float64]

#: Thresholds of the FSC against the reference.
_HALF, _SEVENTH = 0.5, 0.143


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
    """

    path: Path
    mask: Path | None = None
    pixel_size: float | None = None
    also: tuple[Path, ...] = ()
    particles: tuple[Path, ...] = ()


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
    """

    reference: Path
    maps: tuple[Moving, ...]
    mask: Path | None = None
    pixel_size: float | None = None
    settings: Settings = field(default_factory=Settings)
    folder: Path | None = None

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


@dataclass(frozen=True)
class Outputs:
    """The files of one map."""

    aligned: Path
    difference: Path
    transform: Path
    chimerax: Path
    also: tuple[Path, ...] = ()
    particles: tuple[Path, ...] = ()

    def all(self) -> tuple[Path, ...]:
        """Every one."""
        return (
            self.aligned,
            self.difference,
            self.transform,
            self.chimerax,
            *self.also,
            *self.particles,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "map": str(self.aligned),
            "difference": str(self.difference),
            "transform": str(self.transform),
            "chimerax": str(self.chimerax),
            "also": [str(path) for path in self.also],
            "particles": [str(path) for path in self.particles],
        }


@dataclass(frozen=True, eq=False)
class MapResult:
    """How one map came to lie, and what was written.

    Attributes
    ----------
    path
        The map.
    found
        Turn, shift and hand, and how sure they are.
    voxel_size
        Å, of the reference.
    likeness
        The FSC of the moved map against the reference.
    chimerax
        (3, 4) rows of the matrix in the coordinates of both headers.
    outputs
        None where nothing was to be written.
    notes
        What was odd about the files.
    """

    path: Path
    found: Alignment
    voxel_size: float
    likeness: Likeness
    chimerax: Floats
    outputs: Outputs | None
    notes: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes the answer doubtful."""
        return warnings(self.found)

    def facts(self) -> list[tuple[str, str]]:
        """The result in words, a fact a line."""
        found, pose = self.found, self.found.pose
        turn = axis_angle(pose.rotation)
        axis = ", ".join(f"{x:.4f}" for x in (turn.axis + 0.0).tolist())
        shift = ", ".join(f"{x:.3f}" for x in pose.shift.tolist())
        pixels = ", ".join(f"{x:.3f}" for x in (pose.shift / self.voxel_size).tolist())
        return [
            ("Map", str(self.path)),
            ("Turned", f"{turn.angle:.3f}° about ({axis})"),
            ("Shifted", f"({shift}) Å = ({pixels}) voxels of the reference"),
            ("Hand", self._hand()),
            ("Correlation", f"{found.before:.3f} before, {found.after:.3f} after"),
            ("FSC", self._fsc()),
            *(("Runner-up", words) for words in self._runners_up()),
        ]

    def _hand(self) -> str:
        done = "changed: mirrored in z first" if self.found.pose.flipped else "kept"
        margin = self.found.hand_margin
        return f"{done} (margin {margin:.2f})" if margin is not None else f"{done} (not tried)"

    def _fsc(self) -> str:
        parts = []
        for threshold in (_HALF, _SEVENTH):
            at = self.likeness.crossing(threshold)
            end = ", the last shell" if self.likeness.reaches_the_end(threshold) else ""
            reached = "nowhere" if at is None else f"{at:.2f} Å{end}"
            parts.append(f"{threshold:g} at {reached}")
        return ", ".join(parts)

    def _runners_up(self) -> Iterator[str]:
        for other in self.found.runners_up[:3]:
            hand = ", other hand" if other.pose.flipped != self.found.pose.flipped else ""
            apart = axis_angle(other.pose.rotation @ self.found.pose.rotation.T).angle
            where = f"{apart:.1f}° away" if not hand else f"turned by {other.pose.angle:.1f}°"
            yield f"{other.score:.0%} as good, {where}{hand}"

    def as_json(self) -> dict[str, Any]:
        found, pose = self.found, self.found.pose
        turn = axis_angle(pose.rotation)
        return {
            "map": str(self.path),
            "rotation": pose.rotation.tolist(),
            "shift_angstrom": pose.shift.tolist(),
            "shift_voxels": (pose.shift / self.voxel_size).tolist(),
            "axis": (turn.axis + 0.0).tolist(),
            "angle": turn.angle,
            "quaternion": rotation.from_matrix(pose.rotation).tolist(),
            "flipped": pose.flipped,
            "hand_margin": found.hand_margin,
            "correlation_before": found.before,
            "correlation_after": found.after,
            "compared_to": found.frame.side / found.frame.limit,
            "fsc_0.5": self.likeness.crossing(_HALF),
            "fsc_0.143": self.likeness.crossing(_SEVENTH),
            "fsc": _curve(self.likeness),
            "chimerax_matrix": self.chimerax.tolist(),
            "runners_up": [
                {
                    "rotation": other.pose.rotation.tolist(),
                    "shift_angstrom": other.pose.shift.tolist(),
                    "flipped": other.pose.flipped,
                    "score": other.score,
                }
                for other in found.runners_up
            ],
            "outputs": None if self.outputs is None else self.outputs.as_json(),
            "warnings": list(self.warnings),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, eq=False)
class AlignResult:
    """How all maps came to lie."""

    reference: Path
    maps: tuple[MapResult, ...]

    def summary(self) -> str:
        lines = [f"Reference:    {self.reference}"]
        for one in self.maps:
            lines.append("")
            lines += [f"{name + ':':<14}{with_minus(value)}" for name, value in one.facts()]
            lines += [f"Note: {note}" for note in one.notes]
            lines += [f"Wrote {path}" for path in (one.outputs.all() if one.outputs else ())]
            lines += [f"Warning: {warning}" for warning in one.warnings]
        return "\n".join(lines)

    def as_json(self) -> list[dict[str, Any]]:
        return [one.as_json() for one in self.maps]


def run(request: AlignRequest, progress: Progress = silent) -> AlignResult:
    """Align every map, one after the other, each on all cores.

    Everything that can be refused is refused before the first map is aligned. What is written is
    whole or not there; maps that were done before a cancel stay.

    Raises
    ------
    UserError
        A file cannot be read or is no map, maps cannot be compared, poses cannot be written again.
    """
    work = Work(request)
    work.check(progress)
    n = len(request.maps)
    done = tuple(work.one(i, share(progress, i, n)) for i in range(n))
    progress(1.0, "Aligning")
    return AlignResult(request.reference, done)


def read_map(path: Path, pixel_size: float | None = None) -> Volume:
    """A map with a voxel size that can be true: the header's, or another.

    Raises `UserError` where there is none, or no map.
    """
    volume = open_volume(path)
    if pixel_size is not None:
        volume = replace(volume, voxel_size=pixel_size, stretch=(1.0, 1.0, 1.0))
    require_size(volume)
    return volume


@dataclass(frozen=True)
class Work:
    """A request, and what its maps share."""

    request: AlignRequest

    @cached_property
    def reference(self) -> Volume:
        volume = read_map(self.request.reference, self.request.pixel_size)
        require_map(volume)
        if volume.stretch != (1.0, 1.0, 1.0):
            raise UserError(
                "the voxels of the reference are not cubes",
                where=str(self.request.reference),
                hint="Give a reference from single particles, or its pixel size (--pixel-size).",
            )
        return volume

    @cached_property
    def mask(self) -> Volume | None:
        return None if self.request.mask is None else open_volume(self.request.mask)

    @cached_property
    def names(self) -> list[str]:
        """What the files of each map begin with, no two alike."""
        return _names([moving.path for moving in self.request.maps])

    def check(self, progress: Progress) -> None:
        """Raise what can be raised before the work begins."""
        request = self.request
        wanted = any(moving.also or moving.particles for moving in request.maps)
        if wanted and request.folder is None:
            raise UserError(
                "nothing says where particles and other maps are to be written",
                hint="Give a folder with -o.",
            )
        _ = self.reference
        for moving in request.maps:
            for path in moving.particles:
                transform.require_movable(open_particles(path, progress))
        if request.folder is not None:
            request.folder.mkdir(parents=True, exist_ok=True)
            for i in range(len(request.maps)):
                check_targets(self.outputs(i).all(), request.sources)

    def one(self, i: int, progress: Progress) -> MapResult:
        """Align the `i`-th map and write what goes with it."""
        moving = self.request.maps[i]
        volume = read_map(moving.path, moving.pixel_size)
        mask = None if moving.mask is None else open_volume(moving.mask)
        found = align(
            self.reference,
            volume,
            self.request.settings,
            self.mask,
            mask,
            lambda fraction, phrase: progress(0.7 * fraction, f"{moving.path.name}: {phrase}"),
        )
        progress(0.7, f"{moving.path.name}: Moving the map")
        motion = found.pose.motion
        laid = moved(volume, motion, self.reference)
        likeness = Likeness.of(self.reference, laid, self.mask)
        result = MapResult(
            moving.path,
            found,
            float(self.reference.voxel_size or 1.0),
            likeness,
            chimerax(motion, volume, self.reference),
            None,
            tuple(map(str, volume.notes)),
        )
        if self.request.folder is None:
            return result
        return self.written(i, result, laid, volume, progress)

    def written(
        self, i: int, result: MapResult, laid: Volume, volume: Volume, progress: Progress
    ) -> MapResult:
        outputs, moving = self.outputs(i), self.request.maps[i]
        motion = result.found.pose.motion
        file = TransformFile.of(motion, self.request.reference, self.reference, moving.path, volume)
        notes = list(result.notes)  # particles first: they are what can be refused
        for path, target in zip(moving.particles, outputs.particles, strict=True):
            notes += carry(path, target, motion, progress)
        progress(0.8, f"{moving.path.name}: Writing")
        self._write(outputs.aligned, laid.values, f"{moving.path.name} aligned to")
        differs = difference(self.reference, laid, result.likeness, compared(result))
        self._write(outputs.difference, differs, f"{moving.path.name} minus")
        write_transform(outputs.transform, outputs.chimerax, file, self.request.sources)
        for path, target in zip(moving.also, outputs.also, strict=True):
            progress(0.85, f"{moving.path.name}: Moving {path.name}")
            other = read_map(path, moving.pixel_size or volume.voxel_size)
            self._write(
                target, moved(other, motion, self.reference).values, f"{path.name} moved to"
            )
        return replace(result, outputs=outputs, notes=tuple(notes))

    def _write(self, path: Path, values: NDArray[np.float32], what: str) -> None:
        label = f"Evenview: {what} {self.request.reference.name}"
        size = float(self.reference.voxel_size or 1.0)
        write_volume(path, values, size, self.reference.origin, label, self.request.sources)

    def outputs(self, i: int) -> Outputs:
        """The files of the `i`-th map."""
        folder, moving, name = self.request.folder, self.request.maps[i], self.names[i]
        assert folder is not None
        also = [f"{other}_aligned.mrc" for other in _names(moving.also)]
        if len(self.request.maps) > 1:
            also = [f"{name}_{other}" for other in also]
        return Outputs(
            folder / f"{name}_aligned.mrc",
            folder / f"{name}_difference.mrc",
            folder / f"{name}_transform.json",
            folder / f"{name}_chimerax.cxc",
            tuple(folder / other for other in also),
            tuple(
                folder / f"{stem}_aligned{path.suffix}"
                for stem, path in zip(
                    _names(moving.particles, name if len(self.request.maps) > 1 else ""),
                    moving.particles,
                    strict=True,
                )
            ),
        )


def carry(source: Path, target: Path, motion: Motion, progress: Progress) -> list[str]:
    """Write particles in their own format with the poses that go with a map; returns notes."""
    steps = transform.Steps(turn=motion.matrix, shift=motion.shift)
    done = transform.run(transform.TransformRequest(source, target, steps), progress)
    return [*done.notes, *done.warnings]


def compared(result: MapResult) -> float:
    """Å: down to where the maps are compared by eye."""
    lowpass = result.found.settings.lowpass
    at = result.likeness.crossing(_HALF)
    side = result.likeness.side
    resolution = side / 3.0 if at is None else at
    return max(resolution, lowpass or 0.0)


def _curve(likeness: Likeness) -> list[list[float]]:
    """Frequency (1/Å) and FSC of each shell from the first on."""
    return [[s / likeness.side, float(v)] for s, v in enumerate(likeness.fsc) if s]


def _names(paths: Sequence[Path], before: str = "") -> list[str]:
    """Beginnings of file names, told apart by the folder, else by a number."""
    plain = [_stem(path) for path in paths]
    if len(set(plain)) < len(plain):
        plain = [
            f"{path.resolve().parent.name}_{stem}" for path, stem in zip(paths, plain, strict=True)
        ]
    if len(set(plain)) < len(plain):
        plain = [f"{stem}_{i + 1}" for i, stem in enumerate(plain)]
    return [f"{before}_{stem}" if before else stem for stem in plain]


def _stem(path: Path) -> str:
    name = path.name
    for suffix in (".gz", ".mrc", ".map", ".ccp4", path.suffix):
        if suffix:
            name = name.removesuffix(suffix)
    return name or path.name


@dataclass(frozen=True)
class ApplyRequest:
    """Maps and particle files that a transform, found before, is to move into a folder."""

    transform: Path
    files: tuple[Path, ...]
    folder: Path
    pixel_size: float | None = None


@dataclass(frozen=True, eq=False)
class ApplyResult:
    """What was moved, and where to."""

    transform: Path
    written: tuple[tuple[Path, Path], ...]
    notes: tuple[str, ...]

    def summary(self) -> str:
        lines = [f"{counted(len(self.written), 'file')} moved by {self.transform}"]
        lines += [f"Note: {note}" for note in self.notes]
        return "\n".join([*lines, *(f"Wrote {target}" for _, target in self.written)])

    def as_json(self) -> list[dict[str, Any]]:
        return [{"file": str(source), "output": str(target)} for source, target in self.written]


def apply(request: ApplyRequest, progress: Progress = silent) -> ApplyResult:
    """Move maps and particles as a transform file says.

    Raises `UserError` where that file or another cannot be read or written.
    """
    file = read_transform(request.transform)
    request.folder.mkdir(parents=True, exist_ok=True)
    sources = (request.transform, *request.files)
    names = _names(request.files)
    written, notes = [], list[str]()
    maps = [_is_map(path) for path in request.files]
    targets = [
        request.folder / f"{name}_aligned{'.mrc' if is_map else path.suffix}"
        for path, name, is_map in zip(request.files, names, maps, strict=True)
    ]
    check_targets(targets, sources)
    for i, (path, target, is_map) in enumerate(zip(request.files, targets, maps, strict=True)):
        step = share(progress, i, len(targets))
        step(0.0, f"Moving {path.name}")
        if is_map:
            volume = read_map(path, request.pixel_size)
            onto = file.grid()
            laid = moved(volume, file.motion, onto)
            label = f"Evenview: {path.name} moved by {request.transform.name}"
            write_volume(target, laid.values, file.voxel_size, onto.origin, label, sources)
            notes += map(str, volume.notes)
        else:
            notes += carry(path, target, file.motion, step)
        written.append((path, target))
    return ApplyResult(request.transform, tuple(written), tuple(notes))


def _is_map(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(1024)
        if head[:2] == b"\x1f\x8b":
            with gzip.open(path) as packed:
                head = packed.read(1024)
    except FileNotFoundError:
        raise UserError("there is no such file", where=str(path), hint="Check its name.") from None
    except OSError as error:
        raise UserError(f"the file could not be read ({error})", where=str(path)) from error
    return bool(is_mrc(head))
