"""Changes of some bytes of a file, and writing the file with them, all other bytes the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.progress import Progress, silent
from evenview.formats.output import atomic_writer
from evenview.formats.star.source import Source

Places = NDArray[np.int64]

_EDITS_AT_ONCE = 1 << 14
_BYTES_AT_ONCE = 1 << 23


@dataclass(frozen=True, eq=False)
class Edits:
    """Spans of a file and what stands there afterwards.

    Attributes
    ----------
    begins, ends
        (E,) int64: the bytes that go.
    texts
        E replacements, or None where all spans are cut out.
    """

    begins: Places
    ends: Places
    texts: tuple[bytes, ...] | None = None

    def __len__(self) -> int:
        return len(self.begins)


def write_edited(
    source: Source, changes: Iterable[Edits], path: Path, progress: Progress = silent
) -> None:
    """Write a file with edits to a new file.

    Of edits that overlap the one that begins first, and of those the longest, counts.

    Raises
    ------
    UserError
        As `atomic_writer`; and when the file has changed since it was read.
    """
    source.require_unchanged()
    begins, ends, texts = _merged(list(changes))
    with atomic_writer(path, [source.path]) as file:
        at = 0
        for first in range(0, len(begins), _EDITS_AT_ONCE):
            progress(at / source.size, f"Writing {path.name}")
            part = slice(first, first + _EDITS_AT_ONCE)
            file.writelines(_pieces(source, at, begins[part], ends[part], texts[part]))
            at = int(ends[part][-1])
        file.writelines(_between(source, at, source.size))


def _pieces(
    source: Source, at: int, begins: Places, ends: Places, texts: list[bytes]
) -> Iterator[bytes]:
    for begin, end, text in zip(begins.tolist(), ends.tolist(), texts, strict=True):
        yield from _between(source, at, begin)
        yield text
        at = end


def _between(source: Source, start: int, stop: int) -> Iterator[bytes]:
    for at in range(start, stop, _BYTES_AT_ONCE):
        yield source.text(at, min(at + _BYTES_AT_ONCE, stop))


def _merged(changes: list[Edits]) -> tuple[Places, Places, list[bytes]]:
    """All edits in the order of the file, those inside an earlier one left out."""
    begins = np.concatenate([edits.begins for edits in changes] or [np.empty(0, np.int64)])
    ends = np.concatenate([edits.ends for edits in changes] or [np.empty(0, np.int64)])
    texts = [text for edits in changes for text in (edits.texts or (b"",) * len(edits))]
    order = np.lexsort((-ends, begins))
    begins, ends = begins[order], ends[order]
    reach = np.maximum.accumulate(ends)
    kept = np.ones(len(begins), dtype=np.bool_)
    kept[1:] = begins[1:] >= reach[:-1]
    chosen = order[kept].tolist()
    return begins[kept], ends[kept], [texts[i] for i in chosen]
