"""What the columns of one RELION file mean, in words."""

from __future__ import annotations

from evenview.core.record import same_everywhere
from evenview.formats.relion.file import RelionFile
from evenview.formats.relion.labels import (
    ANGLES,
    CENTRED_COORDINATES,
    COORDINATES,
    DEFOCUS_ANGLE,
    DETECTOR_PIXEL,
    HALF,
    IMAGE,
    MAGNIFICATION,
    MICROGRAPH,
    PARTICLE_CTF,
    PIXEL_ORIGINS,
    SUBTOMOGRAM_ANGLES,
    TILT_SERIES_PIXEL,
    TOMOGRAM,
)

_UNSAID = "not said"


def units(file: RelionFile) -> dict[str, str]:
    """What was understood in a file; see `formats.base.Described`."""
    said = {
        "poses": _poses(file),
        "shifts": _shifts(file),
        "pixel size": _pixel_size(file),
        "half-sets": _halves(file),
        "coordinates": _coordinates(file),
        "image references": f"{IMAGE}: number@stack, from 1" if file.has(IMAGE) else _UNSAID,
        "defocus": _defocus(file),
    }
    if file.subtomograms:
        names = file.present([TOMOGRAM, MICROGRAPH])[:1]
        said["tomograms"] = names[0] if names else _UNSAID
        if said["defocus"] == _UNSAID:
            del said["defocus"]  # that of tilts, which other files say
    return said


def _poses(file: RelionFile) -> str:
    said = f"{', '.join(ANGLES)} in degrees: A = [Rz(rot) Ry(tilt) Rz(psi)]ᵀ"
    if not file.has(*SUBTOMOGRAM_ANGLES):
        return said
    boxes = ", ".join(SUBTOMOGRAM_ANGLES)
    return (
        f"{said} of the particle in its box, and {boxes} likewise of the box: A = A_box A_particle"
    )


def _shifts(file: RelionFile) -> str:
    labels = file.shift_labels
    if not labels:
        if file.stray_shift_labels:
            return (
                f"none: {', '.join(file.stray_shift_labels)} in pixels is not read by RELION 3.1 "
                "and later"
            )
        return "none: the file has no columns for them"
    unit = "pixels of the image" if labels[0] in PIXEL_ORIGINS else "Å"
    image = "subtomogram" if file.subtomograms else "image"
    said = f"{', '.join(labels)} in {unit}: the {image} moved by +origin is centred"
    if file.has(*SUBTOMOGRAM_ANGLES):
        said += "; in the frame of the box"
    return said


def _pixel_size(file: RelionFile) -> str:
    labels = file.pixel_size_labels
    if not labels:
        return _UNSAID
    if labels == [MAGNIFICATION, DETECTOR_PIXEL]:
        return f"10,000 {DETECTOR_PIXEL} / {MAGNIFICATION} in Å"
    place = "the optics group" if file.optics_has(labels[0]) else "each row"
    return f"{labels[0]} of {place}, in Å"


def _halves(file: RelionFile) -> str:
    if not file.has(HALF):
        return _UNSAID
    if file.particles.halves is not None:
        return f"{HALF}: 1 or 2"
    only = same_everywhere(file.table.floats([HALF])[HALF])
    values = "neither 1 nor 2" if only is None else f"all {only:g}"
    return f"{HALF}: {values}, so there are no halves"


def _coordinates(file: RelionFile) -> str:
    if file.has(*CENTRED_COORDINATES):
        return f"{', '.join(CENTRED_COORDINATES)} in Å about the centre of the tomogram"
    labels = file.present(COORDINATES)
    if not labels:
        return _UNSAID
    place = "tomogram" if file.subtomograms else "micrograph"
    if file.has(TOMOGRAM) or file.optics_has(TILT_SERIES_PIXEL):
        place = "unbinned tilt series"
    return f"{', '.join(labels)} in pixels of the {place}, from the corner of the first"


def _defocus(file: RelionFile) -> str:
    labels = file.present(list(PARTICLE_CTF.values())[:2])
    if not labels:
        return _UNSAID
    said = f"{', '.join(labels)} in Å, underfocus positive"
    if file.has(DEFOCUS_ANGLE):
        said += f"; {DEFOCUS_ANGLE} in degrees from x towards y"
    return said
