"""What files say of each particle besides its pose, in one frame and in fixed units.

A format reads its own columns into a `Record` and writes a new file from one, so that any format
converts to any other. What a file does not say is None (a whole field) or NaN, 0 or "" (one row).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import UserError
from evenview.core.particles import Note

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Names:
    """Texts of rows, of which many are alike.

    Attributes
    ----------
    words
        The texts, each once.
    codes
        (N,) which of `words` a row has; -1 for none.
    """

    words: tuple[str, ...]
    codes: Whole

    @classmethod
    def of(cls, texts: Iterable[str]) -> Names:
        """The names of texts, a row each; "" is none."""
        places: dict[str, int] = {}
        codes = [places.setdefault(text, len(places)) if text else -1 for text in texts]
        return cls(tuple(places), np.array(codes, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.codes)

    def texts(self) -> list[str]:
        """A text a row."""
        words = [*self.words, ""]
        return [words[code] for code in self.codes.tolist()]

    def of_rows(self, rows: NDArray[Any]) -> Names:
        """Those of some rows, by number or mask; `words` stays."""
        return replace(self, codes=self.codes[rows])


@dataclass(frozen=True, eq=False)
class Images:
    """Where each particle's image is: its place in a stack (N,), from 1, 0 unknown, and the stack.

    `stacks` is None where the file does not name any.
    """

    index: Whole
    stacks: Names | None = None


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Where each particle is in its micrograph (N, 2) or tomogram (N, 3).

    Attributes
    ----------
    values
        x, y (, z): pixels from the corner of the first pixel ("pixel"), with y as RELION counts it,
        or Å about the centre of the tomogram ("centred", RELION 5).
    unit
        Which of the two.
    pixel_size
        Å, (N,), of those pixels, or of the tilt series where they are centred; None where the file
        does not say.
    assumed
        Whether the pixel size is not said of them, but taken from the images.
    """

    values: Floats
    unit: Literal["pixel", "centred"] = "pixel"
    pixel_size: Floats | None = None
    assumed: bool = False


@dataclass(frozen=True, eq=False)
class Ctf:
    """The contrast transfer function of each image: (N,) each, or None.

    Attributes
    ----------
    defocus_u, defocus_v
        Å, underfocus positive.
    angle
        Degrees from the image's x axis towards y, of the axis of `defocus_u`.
    phase_shift
        Degrees.
    voltage, spherical_aberration
        kV and mm.
    amplitude_contrast
        A fraction, 0 to 1.
    """

    defocus_u: Floats | None = None
    defocus_v: Floats | None = None
    angle: Floats | None = None
    phase_shift: Floats | None = None
    voltage: Floats | None = None
    spherical_aberration: Floats | None = None
    amplitude_contrast: Floats | None = None


#: The fields of a record that a file may say or not, and their words.
FIELDS = {
    "origins": "shifts",
    "pixel_size": "pixel size",
    "box": "box size",
    "halves": "half-sets",
    "classes": "classes",
    "images": "image references",
    "micrographs": "micrograph names",
    "tomograms": "tomogram names",
    "coordinates": "coordinates",
    "groups": "optics groups",
    "uids": "uids",
}
CTF_FIELDS = {
    "defocus_u": "defocus U",
    "defocus_v": "defocus V",
    "angle": "defocus angle",
    "phase_shift": "phase shift",
    "voltage": "voltage",
    "spherical_aberration": "spherical aberration",
    "amplitude_contrast": "amplitude contrast",
}


@dataclass(frozen=True, eq=False)
class Record:
    """What is known of N particles.

    Attributes
    ----------
    quaternions
        (N, 4), (w, x, y, z) of A (``r_image = A r_map``); of a subtomogram from the reference to
        the tomogram's frame, with the rotation of its box in it. NaN where there is no pose.
    origins
        (N, 2), of subtomograms (N, 3), Å: the image moved by +origin is centred (RELION's sign;
        the particle is at -origin), in the frame of the image or, of subtomograms, the tomogram.
    subtomograms
        Whether the particles are parts of tomograms.
    stacks_2d
        Whether the images of subtomograms are stacks of 2-D tilt images (RELION 5) and not volumes;
        None where the file does not say.
    pixel_size
        (N,) Å per pixel of the images.
    box
        (N,) pixels, the side of an image.
    halves
        (N,) int8: 1, 2, or 0 for none.
    classes
        (N,) from 1; 0 for none.
    images, micrographs, tomograms, coordinates, ctf
        See their types.
    groups
        Names of the optics groups.
    uids
        (N,) uint64, cryoSPARC's own numbers.
    taken
        Columns of the source, by the names in `Table.cells`, that this record says in full; the
        others are left behind when a file is made from it.
    left
        What else is left behind, beside the columns of particles ("data_optics: rlnBeamTiltX").
    notes
        What was assumed or not certain in reading it.
    """

    quaternions: Floats
    origins: Floats | None = None
    subtomograms: bool = False
    stacks_2d: bool | None = None
    pixel_size: Floats | None = None
    box: Whole | None = None
    halves: NDArray[np.int8] | None = None
    classes: Whole | None = None
    images: Images | None = None
    micrographs: Names | None = None
    tomograms: Names | None = None
    coordinates: Coordinates | None = None
    ctf: Ctf = field(default_factory=Ctf)
    groups: Names | None = None
    uids: NDArray[np.uint64] | None = None
    taken: frozenset[str] = frozenset()
    left: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.quaternions)

    @property
    def placed(self) -> NDArray[np.bool_]:
        """(N,) bool: particles that have a pose."""
        return np.isfinite(self.quaternions[:, 0])

    def said(self) -> dict[str, str]:
        """The fields that are said and their words; those of the CTF by their own names."""
        own = {name: words for name, words in FIELDS.items() if getattr(self, name) is not None}
        ctf = {f.name: CTF_FIELDS[f.name] for f in fields(Ctf) if self._ctf(f.name) is not None}
        return own | ctf

    def not_said_by(self, names: Iterable[str]) -> tuple[str, ...]:
        """The words of what is said here beyond the fields `names` that a format can say."""
        sayable = set(names)
        return tuple(words for name, words in self.said().items() if name not in sayable)

    def require_pixel_size(self, why: str) -> Floats:
        """(N,) Å per pixel. Raises `UserError` ("`why` need a pixel size") where it is missing."""
        sizes = self.pixel_size
        if sizes is None or not (np.isfinite(sizes) & (sizes > 0)).all():
            raise UserError(
                f"{why} need a pixel size, which the file does not say",
                hint="Give it with --pixel-size.",
            )
        return sizes

    def require_box(self, why: str) -> Whole:
        """(N,) pixels. Raises `UserError` ("`why` need a box size") where it is missing."""
        if self.box is None or not (self.box > 0).all():
            raise UserError(
                f"{why} need a box size, which the file does not say", hint="Give it with --box."
            )
        return self.box

    def origins_in_pixels(self, dimensions: int) -> Floats | None:
        """(N, `dimensions`) pixels; None where there are no shifts. A third is 0 where not said.

        Raises `UserError` where the pixel size is missing.
        """
        origins = self.origins_of(dimensions)
        if origins is None:
            return None
        return origins / self.require_pixel_size("shifts in pixels")[:, None]

    def origins_of(self, dimensions: int) -> Floats | None:
        """(N, `dimensions`) Å; None where there are no shifts. A third is 0 where not said."""
        if self.origins is None:
            return None
        missing = max(0, dimensions - self.origins.shape[1])
        return np.pad(self.origins[:, :dimensions], ((0, 0), (0, missing)))

    def _ctf(self, name: str) -> Floats | None:
        values: Floats | None = getattr(self.ctf, name)
        return values


@dataclass(frozen=True)
class Created:
    """What became of a record in a new file.

    Attributes
    ----------
    files
        What was written.
    dropped
        Words for what the record says and the format cannot.
    filled
        What the format demands and the record does not say, and the value that stands there.
    why
        For some of `dropped` the reason, where it lies in these particles: "1 of 6 particles has
        none".
    """

    files: tuple[Path, ...]
    dropped: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    why: Mapping[str, str] = field(default_factory=dict)

    @property
    def lost(self) -> tuple[str, ...]:
        """The words of `dropped`, with the reasons."""
        return tuple(f"{w} ({self.why[w]})" if w in self.why else w for w in self.dropped)


def same_everywhere(values: Sequence[float] | Floats) -> float | None:
    """The one value that all finite `values` have (to 1e-6 of it), or None."""
    finite = np.asarray(values, dtype=np.float64)
    finite = finite[np.isfinite(finite)]
    if not finite.size or np.ptp(finite) > 1e-6 * np.abs(finite).max():
        return None
    return float(finite[0])
