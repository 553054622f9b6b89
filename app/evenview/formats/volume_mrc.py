"""Maps in MRC and CCP4 files, through mrcfile, with their axes put in the order x, y, z.

Header words: MRC2014 (Cheng et al. 2015, J. Struct. Biol. 192, 146).
"""

from __future__ import annotations

import gzip
import warnings
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenview.core.errors import MalformedFileError, UserError
from evenview.core.particles import Note
from evenview.core.volume import Volume
from evenview.core.words import counted
from evenview.formats.foreign import is_mrc

_GZIP = b"\x1f\x8b"
_BZIP2 = b"BZh"
_HEADER = 1024
_STACK_HINT = "Open the map of the refinement instead, such as run_class001.mrc."
_COPY_HINT = "Copy or download the file again."
#: The header's MODE: densities as 1, 2 or 4 bytes (6 unsigned, 12 half precision), and pairs.
_DENSITIES, _TRANSFORMS = (0, 1, 2, 6, 12), (3, 4)
_NO_NUMBERS = ("voxel that is not a number", "voxels that are not numbers")
#: Voxel sizes that differ by less (relative) are the same, written with few digits.
_SAME_SIZE = 1e-3


def read_header(path: Path) -> tuple[tuple[int, int, int], float | None]:
    """Voxels along x, y, z and their size in Å (None where the header says none), without the map.

    Raises `UserError` where the file is missing or no MRC file, or has impossible axes or sides.
    """
    header = _sound_header(path)
    stored = dict(zip(_axes(header), _sides(header), strict=True))
    return (stored[1], stored[2], stored[3]), _voxel(header)[0]


def open_volume(path: Path | str) -> Volume:
    """Read a map: MRC or CCP4, any real mode, any order of axes, plain or packed with gzip.

    Raises
    ------
    UserError
        The file is missing, no MRC file, only a header, cut short, a stack of images, a Fourier
        transform, has impossible axes or sides, or voxels that are not numbers; the sentence says
        which.
    """
    path = Path(path)
    _sound_header(path)
    header, data = _load(path)
    values = _in_xyz(header, _require_map(header, data, path))
    if not np.isfinite([values.min(), values.max()]).all():  # NaN is the least and the most
        bad = int(np.count_nonzero(~np.isfinite(values)))
        raise MalformedFileError(
            f"the map has {counted(bad, *_NO_NUMBERS)}",
            where=str(path),
            hint="Was the job that wrote it stopped? Open the map of a finished one.",
        )
    voxel_size, stretch, notes = _voxel(header)
    origin, by_voxels = _origin(header, np.array(stretch) * (voxel_size or 1.0))
    labels = _labels(header)
    return Volume(values, voxel_size, origin, path.name, stretch, notes, labels, by_voxels)


def is_map(path: Path) -> bool:
    """Whether a file begins as MRC files do, packed or not; remembered while the file is the same.

    Raises `UserError` where it cannot be read.
    """
    try:
        found = path.stat()
    except OSError:
        return is_mrc(_head(path))  # which says why
    return _is_map(path, (found.st_ino, found.st_size, found.st_mtime_ns))


@lru_cache(maxsize=1024)
def _is_map(path: Path, _stamp: tuple[int, int, int]) -> bool:
    return is_mrc(_head(path))


def _sound_header(path: Path) -> Any:
    """The header of a file whose axes and sides are possible. Raises `UserError` for others."""
    _require_mrc(path)
    header, _ = _load(path, header_only=True)
    sides, axes = _sides(header), _axes(header)
    if min(sides) < 1:
        raise MalformedFileError(
            f"the header says {' × '.join(map(str, sides))} voxels, which cannot be",
            where=str(path),
            hint=_COPY_HINT,
        )
    if sorted(axes) != [1, 2, 3]:
        raise MalformedFileError(
            f"the header says that columns, rows and sections are the axes {axes}, "
            "which should be 1, 2 and 3 in some order",
            where=str(path),
            hint="Save the map again with the program that made it.",
        )
    return header


def _sides(header: Any) -> tuple[int, int, int]:
    """Columns, rows and sections."""
    return int(header.nx), int(header.ny), int(header.nz)


def _require_mrc(path: Path) -> None:
    if not is_map(path):
        raise MalformedFileError(
            "this is not a map in MRC or CCP4 form", where=str(path), hint="Open a .mrc or .map."
        )


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER)
        if head.startswith(_GZIP):
            with gzip.open(path) as packed:
                return packed.read(_HEADER)
        if head.startswith(_BZIP2):
            raise UserError(
                "the map is packed with bzip2", where=str(path), hint="Unpack it first (bunzip2)."
            )
    except FileNotFoundError:
        raise UserError("there is no such file", where=str(path), hint="Check its name.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise MalformedFileError(
            f"the packed file is damaged ({error})", where=str(path), hint=_COPY_HINT
        ) from error
    except OSError as error:
        raise UserError(
            f"the file could not be read ({error.strerror or error})", where=str(path)
        ) from error
    return head


def _load(path: Path, *, header_only: bool = False) -> tuple[Any, NDArray[Any] | None]:
    """Header and values, None where they are not all there (what mrcfile only warns of)."""
    import mrcfile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with mrcfile.open(path, permissive=True, header_only=header_only) as file:
                return file.header.copy(), None if header_only else file.data
    except (ValueError, EOFError, OSError, zlib.error, MemoryError, OverflowError) as error:
        raise MalformedFileError(
            f"the map cannot be read ({str(error).rstrip('.')})", where=str(path), hint=_COPY_HINT
        ) from error


def _require_map(header: Any, data: NDArray[Any] | None, path: Path) -> NDArray[Any]:
    where = str(path)
    _require_real(int(header.mode), where)
    if data is None:
        size = f"{header.nx} × {header.ny} × {header.nz}"
        only = path.stat().st_size <= _HEADER + max(0, int(header.nsymbt))
        what = "the file is only a header" if only else "the map is cut short"
        raise MalformedFileError(
            f"{what}: it promises {size} voxels that are not all there",
            where=where,
            hint=_COPY_HINT,
        )
    if _is_stack(header, data, path):
        raise UserError(
            "this is an image or a stack of them, not a map", where=where, hint=_STACK_HINT
        )
    return data


def _require_real(mode: int, where: str) -> None:
    """Raise `UserError` unless the header's MODE is one of a map's densities."""
    if mode in _TRANSFORMS:
        raise UserError(
            f"this is a Fourier transform (mode {mode}), not a map", where=where, hint=_STACK_HINT
        )
    if mode not in _DENSITIES:
        raise UserError(
            f"the voxels are stored in mode {mode}, which is not read here",
            where=where,
            hint="Write the map again as mode 2, with the program that made it.",
        )


def _is_stack(header: Any, data: NDArray[Any], path: Path) -> bool:
    """By the header's words (space group 0 with sections of one image each, or 401), or .mrcs."""
    if data.ndim != 3 or data.shape[0] == 1 or ".mrcs" in path.suffixes:
        return True
    return int(header.ispg) == 0 and int(header.mz) == 1


def _in_xyz(header: Any, data: NDArray[Any]) -> NDArray[np.float32]:
    """Values as (Z, Y, X): MAPC, MAPR, MAPS say which axis columns, rows and sections are."""
    stored = {axis: 2 - i for i, axis in enumerate(_axes(header))}
    turned = data.transpose(stored[3], stored[2], stored[1])
    return np.ascontiguousarray(turned, dtype=np.float32)


def _axes(header: Any) -> tuple[int, int, int]:
    axes = int(header.mapc), int(header.mapr), int(header.maps)
    return (1, 2, 3) if axes == (0, 0, 0) else axes  # old files leave the words empty


def _voxel(header: Any) -> tuple[float | None, tuple[float, float, float], tuple[Note, ...]]:
    """Voxel size in Å, how each axis differs from it, and what is odd about the box."""
    lengths = np.array([header.cella.x, header.cella.y, header.cella.z], float)
    samples = np.array([header.mx, header.my, header.mz], float)
    notes = _box_notes(header)
    if not ((lengths > 0).all() and (samples > 0).all() and np.isfinite(lengths).all()):
        unknown = Note("The map does not say its voxel size.", "Lengths are in voxels.")
        return None, (1.0, 1.0, 1.0), (*notes, unknown)
    sizes = lengths / samples
    mean = float(np.prod(sizes) ** (1 / 3))
    if np.ptp(sizes) <= _SAME_SIZE * mean:
        return float(f"{mean:.7g}"), (1.0, 1.0, 1.0), notes
    uneven = Note(
        "Its voxels are not cubes: " + " × ".join(f"{size:.4g}" for size in sizes) + " Å.",
        "A map from single particles has cubes: is this the right one?",
    )
    x, y, z = (float(size) for size in sizes / mean)
    return mean, (x, y, z), (*notes, uneven)


def _box_notes(header: Any) -> tuple[Note, ...]:
    notes = []
    angles = [float(header.cellb[name]) for name in ("alpha", "beta", "gamma")]
    if any(angle not in (0.0, 90.0) for angle in angles):
        notes.append(
            Note(
                "Its cell is not rectangular.", "It is drawn as if it were, so its shape is skewed."
            )
        )
    if int(header.ispg) == 0 and header.nx == header.ny != header.nz:
        notes.append(
            Note(
                f"Its box is {header.nx} × {header.ny} × {header.nz} voxels, long in z.",
                "It may be a stack of images rather than a map.",
            )
        )
    return tuple(notes)


def _labels(header: Any) -> tuple[str, ...]:
    """The lines of the header that say something."""
    lines = (bytes(line).rstrip(b"\x00 ") for line in header.label.tolist())
    return tuple(line.decode("ascii", "replace") for line in lines if line)


def _origin(header: Any, spacing: NDArray[np.float64]) -> tuple[NDArray[np.float64], bool]:
    """(3,) Å of the first voxel, and whether the file counts voxels up to it.

    The ORIGIN words say it, else the start indices (in the file's order).
    """
    origin = np.array([header.origin.x, header.origin.y, header.origin.z], float)
    if origin.any() and np.isfinite(origin).all():
        return origin, False
    starts = np.zeros(3)
    for axis, name in zip(_axes(header), ("nxstart", "nystart", "nzstart"), strict=True):
        starts[axis - 1] = float(header[name])
    return starts * spacing, True
