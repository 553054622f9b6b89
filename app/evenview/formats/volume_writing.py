"""Maps written as MRC2014 (Cheng et al. 2015, J. Struct. Biol. 192, 146), mode 2."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.formats.output import atomic_writer

#: A header has room for ten lines of so many letters.
LABELS, LETTERS = 10, 80


def write_volume(
    path: Path,
    values: NDArray[np.float32],
    voxel_size: float,
    origin: NDArray[np.float64],
    label: str,
    sources: Iterable[Path] = (),
    earlier: Sequence[str] = (),
) -> None:
    """Write a map, whole or not at all, and never over one of `sources`.

    There is no extended header: those of other maps tell of their images, or of a crystal.

    Parameters
    ----------
    values
        (Z, Y, X).
    voxel_size
        Å.
    origin
        (3,) x, y, z in Å of the first voxel.
    label
        A line for the header, of at most 80 letters, on what was done.
    earlier
        Lines of the map that this one was made of, which come first. Of ten or more the first nine
        are kept: they say where it is from.
    """
    values = np.ascontiguousarray(values, dtype="<f4")
    with atomic_writer(path, sources) as file:
        file.write(_header(values, voxel_size, origin, (*islice(earlier, LABELS - 1), label)))
        file.write(values.data)


def _header(
    values: NDArray[np.float32],
    voxel_size: float,
    origin: NDArray[np.float64],
    labels: Sequence[str],
) -> bytes:
    from mrcfile.dtypes import HEADER_DTYPE

    header = np.zeros((), HEADER_DTYPE.newbyteorder("<"))
    header["nz"], header["ny"], header["nx"] = values.shape
    header["mz"], header["my"], header["mx"] = values.shape
    header["mode"], header["ispg"], header["nversion"] = 2, 1, 20141
    header["mapc"], header["mapr"], header["maps"] = 1, 2, 3
    for axis, length, start in zip("xyz", reversed(values.shape), origin, strict=True):
        header["cella"][axis] = length * voxel_size
        header["origin"][axis] = start
    for angle in ("alpha", "beta", "gamma"):
        header["cellb"][angle] = 90.0
    header["dmin"], header["dmax"] = values.min(), values.max()
    header["dmean"], header["rms"] = _mean_and_deviation(values)
    header["map"] = b"MAP "
    header["machst"] = [0x44, 0x44, 0, 0]  # little-endian
    header["nlabl"] = len(labels)
    for i, label in enumerate(labels):
        header["label"][i] = label.encode("ascii", "replace")[:LETTERS]
    return header.tobytes()


def _mean_and_deviation(values: NDArray[np.float32]) -> tuple[float, float]:
    """In double precision, a section at a time: a copy of a large map would be larger still."""
    mean = float(np.mean([section.mean(dtype=np.float64) for section in values]))
    squares = [np.square(section - np.float32(mean)).mean(dtype=np.float64) for section in values]
    return mean, float(np.sqrt(np.mean(squares)))
