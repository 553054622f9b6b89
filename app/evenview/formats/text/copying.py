"""A file written again without some of its rows, all other bytes as they are."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evenview.core.progress import Progress
from evenview.formats.star.source import Source, parts

Places = NDArray[np.int64]

_WINDOW_BYTES = 1 << 23


def copy_without(
    source: Source, starts: Places, lengths: Places, file: BinaryIO, progress: Progress
) -> None:
    """Write a whole file but for the spans at `starts` (n,), ascending, of `lengths` (n,)."""
    begins = np.concatenate([[0], starts + lengths])
    sizes = np.concatenate([starts, [source.size]]) - begins
    some = sizes > 0
    copy_spans(source, begins[some], sizes[some], file, progress)


def copy_spans(
    source: Source, begins: Places, lengths: Places, file: BinaryIO, progress: Progress
) -> None:
    """Copy spans of the source, ascending, one behind the other, a window at a time."""
    from evenview.core.kernels import star

    for part, begin, end in parts(begins, lengths, _WINDOW_BYTES):
        progress(begin / source.size, "Writing rows")
        if part.stop - part.start == 1:
            _copy_long(source, begin, end, file, progress)
        else:
            out = np.empty(int(lengths[part].sum()), dtype=np.uint8)
            star.gather(source.array(begin, end), begins[part] - begin, lengths[part], out)
            file.write(out.data)


def _copy_long(source: Source, begin: int, end: int, file: BinaryIO, progress: Progress) -> None:
    for start in range(begin, end, _WINDOW_BYTES):
        progress(start / source.size, "Writing rows")
        file.write(source.array(start, min(start + _WINDOW_BYTES, end)).data)
