"""Opening a .cs file of either form."""

from __future__ import annotations

from pathlib import Path

from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.formats.cs.base import UID, Dataset
from evenview.formats.cs.numpy_form import NUMPY_MAGIC, open_numpy
from evenview.formats.cs.stream_form import open_stream
from evenview.formats.cs.stream_header import STREAM_MAGIC

__all__ = ["NUMPY_MAGIC", "STREAM_MAGIC", "Dataset", "open_dataset"]


def open_dataset(path: Path) -> Dataset:
    """Read what a .cs file says of its rows and check that they are there.

    Raises
    ------
    MalformedFileError
        Neither numpy nor a stream, cut short, not a table of fields, Python objects in it, no
        ``uid``.
    NoOrientationsError
        It has no rows.
    UserError
        It cannot be read.
    """
    try:
        dataset = _open(path)
    except OSError as error:
        words = error.strerror or error
        raise UserError(f"the file could not be read ({words})", where=str(path)) from error
    _require_uids(dataset)
    if len(dataset) == 0:
        raise NoOrientationsError(
            "the file has no particles (0 rows)", where=str(path), hint="Open another output."
        )
    return dataset


def _open(path: Path) -> Dataset:
    with path.open("rb") as file:
        magic = file.read(len(STREAM_MAGIC))
        file.seek(0)
        if magic == STREAM_MAGIC:
            return open_stream(file, path)
        if magic == NUMPY_MAGIC:
            return open_numpy(file, path)
    raise MalformedFileError("this is not a cryoSPARC .cs file", where=str(path))


def _require_uids(dataset: Dataset) -> None:
    if UID not in dataset.names:
        raise MalformedFileError(
            "the file has no uid field, so it is not a cryoSPARC dataset",
            where=str(dataset.path),
            hint="Open the particles .cs of a 3-D refinement.",
        )
    kind = dataset.dtype[UID]
    if kind.kind != "u" or kind.itemsize != 8:
        raise MalformedFileError(
            f"the uid field is {kind}, where cryoSPARC has 64-bit unsigned numbers",
            where=str(dataset.path),
            hint="A program that changed it has lost digits: open the file it was made from.",
        )
