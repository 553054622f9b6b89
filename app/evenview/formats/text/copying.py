"""A file written again without some of its rows, all other bytes as they are."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from evenview.core.progress import Progress
from evenview.formats.star.source import Source

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
    """Copy spans of the source one behind the other, a window at a time."""
    from evenview.core.kernels import star

    ends = np.cumsum(lengths)
    window = np.empty(_WINDOW_BYTES, dtype=np.uint8)
    span, done = 0, 0
    while span < len(begins):
        progress(done / int(ends[-1]), "Writing rows")
        next_span = int(np.searchsorted(ends, done + _WINDOW_BYTES, side="right"))
        if next_span == span:
            _copy_long(source, int(begins[span]), int(lengths[span]), file, progress)
            next_span = span + 1
        else:
            part = slice(span, next_span)
            star.gather(source.data, begins[part], lengths[part], window)
            file.write(window[: ends[next_span - 1] - done].data)
            source.release(int(begins[span]), int(begins[next_span - 1] + lengths[next_span - 1]))
        span, done = next_span, int(ends[next_span - 1])


def _copy_long(source: Source, begin: int, length: int, file: BinaryIO, progress: Progress) -> None:
    for start in range(begin, begin + length, _WINDOW_BYTES):
        progress((start - begin) / length, "Writing rows")
        stop = min(start + _WINDOW_BYTES, begin + length)
        file.write(source.text(start, stop))
        source.release(start, stop)
