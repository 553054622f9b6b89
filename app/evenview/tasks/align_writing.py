"""What is written of a map that was laid over the reference, and of all that goes with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.align.pose import Pose
from evenview.core.align.superpose import difference, moved
from evenview.core.errors import UserError
from evenview.core.progress import Progress, part
from evenview.core.volume import Volume
from evenview.formats.volume_writing import write_volume
from evenview.tasks.align_maps import Maps, is_mask, notes_of, read_other
from evenview.tasks.align_outputs import Outputs
from evenview.tasks.align_particles import Follower, follow_all
from evenview.tasks.align_result import MapResult
from evenview.tasks.align_words import doubt_of
from evenview.tasks.transform_file import TransformFile, write_transform


def write_map(
    maps: Maps,
    outputs: Outputs,
    followers: Sequence[Follower],
    result: MapResult,
    volume: Volume,
    laid: Volume,
    progress: Progress,
) -> MapResult:
    """Write everything of one map, or nothing of it where its particles cannot follow.

    Without a reliable answer the particles are left out, unless the request wants them even so.
    `volume` is the map, and `laid` is it on the voxels of the reference. Returns the result with
    its files and notes.

    Raises `UserError` where particles cannot follow, or a file cannot be read or written.
    """
    reference, sources, pose = maps.reference, maps.request.sources, result.found.pose
    moving, motion = maps.request.maps[result.place], pose.motion
    name = moving.path.name

    def told(start: float, stop: float) -> Progress:
        return part(progress, start, stop, f"{name}: ")

    doubt = doubt_of(result.found)
    refused = None
    if doubt and followers and not maps.request.even_so:
        refused = _left_out(result, doubt)
        followers, outputs = (), replace(outputs, particles=())
    notes = follow_all(followers, motion, outputs.particles, told(0.75, 0.75))
    progress(0.8, f"{name}: Writing")
    onto = maps.request.reference.name
    with ThreadPoolExecutor(1) as beside:  # the disk is slow, and the difference takes a while, too
        label = f"Evenview: {_done(pose)}; laid over {onto}"
        first = beside.submit(write_moved, outputs.aligned, laid, volume, label, sources)
        likeness, resolution = result.likeness, result.compared
        differs = difference(reference, laid, likeness, resolution, told(0.8, 0.85))
        first.result()
    label = f"Evenview: {name} minus {onto}, to {result.compared:.1f} A"
    _write(outputs.difference, differs, reference, label, sources)
    file = TransformFile.of(motion, maps.request.reference, reference, moving.path, volume, doubt)
    write_transform(outputs.transform, outputs.chimerax, file, sources, result.chimerax_sizes)
    for path, target in zip(moving.also, outputs.also, strict=True):
        progress(0.9, f"{name}: Moving {path.name}")
        other = read_other(path, volume)
        label = f"Evenview: {_done(pose)}; moved to {onto}"
        there = moved(other, motion, reference, told(0.9, 0.95))
        notes += [*notes_of(other), *write_moved(target, there, other, label, sources)]
    return replace(result, outputs=outputs, notes_of_writing=tuple(notes), refused=refused)


def _left_out(result: MapResult, doubt: str) -> UserError:
    """Why the particles of a map were not written."""
    return UserError(
        f"the particles were not written, as {doubt}",
        where=str(result.path),
        hint="Mend masks and limits, or say --even-so to write them all the same.",
    )


def write_moved(
    path: Path, laid: Volume, volume: Volume, label: str, sources: Iterable[Path]
) -> list[str]:
    """Write a map that was moved, with the lines of its header and another; returns notes.

    A mask stays between 0 and 1.
    """
    values, notes = laid.values, list[str]()
    if is_mask(volume):
        values = np.clip(values, 0.0, 1.0)
        notes = [f"{Path(volume.name).name}: It is a mask, and was kept between 0 and 1."]
    _write(path, values, laid, label, sources, volume.labels)
    return notes


def _write(
    path: Path,
    values: NDArray[np.float32],
    onto: Volume,
    label: str,
    sources: Iterable[Path],
    earlier: Sequence[str] = (),
) -> None:
    size = float(onto.voxel_size or 1.0)
    write_volume(path, values, size, onto.origin, label, sources, earlier)


def _done(pose: Pose) -> str:
    """What was done, in letters that a header takes."""
    words = f"turned {pose.angle:.2f} deg, moved {float(np.linalg.norm(pose.shift)):.2f} A"
    return f"mirrored in z, {words}" if pose.flipped else words
