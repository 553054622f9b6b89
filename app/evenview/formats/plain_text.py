"""Tables of text of any columns: the user says which of them hold the poses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.columns_word import columns_word
from evenview.core.errors import (
    ColumnsNeededError,
    MalformedFileError,
    NoOrientationsError,
    UserError,
)
from evenview.core.motion import Motion
from evenview.core.particles import Particles
from evenview.core.preview import TablePreview
from evenview.core.progress import Progress, silent
from evenview.core.reading import TextColumns
from evenview.core.record import Record
from evenview.formats.base import HEAD_BYTES
from evenview.formats.plain.layout import COMMENTS, Layout, has_rows, layout_of, number
from evenview.formats.plain.meaning import Meaning
from evenview.formats.star.source import Source
from evenview.formats.text.rows import Lines, TextRows
from evenview.formats.text.table import TextTable

#: How many rows a preview shows.
PREVIEW_ROWS = 8


@dataclass(frozen=True)
class PlainText:
    """Numbers and words between blanks, tabs, commas or semicolons; you say what columns hold.

    A heading, and comments that begin with # or %, stay as they are.
    """

    name: str = "plain-text"
    title: str = "Plain text table"
    suffixes: tuple[str, ...] = (".txt", ".csv", ".tsv", ".dat")

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name tells nothing
        """Whether it begins with rows of as many cells, three of them or more always numbers."""
        layout = layout_of(head)
        return layout is not None and bool(layout.rows)

    def read(self, path: Path, progress: Progress = silent) -> Particles:  # noqa: ARG002
        """Raises `ColumnsNeededError`: nothing but the user can tell what the columns hold."""
        preview = _layout(Source.open(path)).preview(path, PREVIEW_ROWS)
        raise ColumnsNeededError(
            "this is a table of text, and nothing in it says for certain which columns hold the "
            "orientations",
            preview,
            where=str(path),
            hint=_hint(preview),
        )

    def read_columns(
        self, path: Path, columns: TextColumns, progress: Progress = silent
    ) -> Particles:
        """Read the orientations of these columns; see `ByColumns.read_columns`."""
        source = Source.open(path)
        rows = _rows(source, _layout(source))
        progress(0.1, "Reading rows")
        try:
            meaning = Meaning.of(rows, columns)
        except UserError as error:
            raise type(error)(error.what, where=str(path), hint=error.hint) from None
        quaternions, notes = meaning.poses()
        halves, half_notes = meaning.halves()
        return Particles(
            table=PlainTable(meaning, self.title),
            quaternions=quaternions,
            halves=halves,
            pixel_size=columns.pixel_size,
            notes=(*notes, *half_notes),
        )

    def units(self, particles: Particles) -> Mapping[str, str]:
        """What the user said of the columns."""
        return _meaning(particles).units()

    def record(self, particles: Particles, progress: Progress = silent) -> Record:  # noqa: ARG002
        """Poses, shifts and half-sets; see `Described.record`."""
        meaning = _meaning(particles)
        size = particles.pixel_size
        return Record(
            quaternions=particles.quaternions,
            origins=meaning.origins(size),
            subtomograms=len(meaning.said.shifts) == 3,
            pixel_size=None if size is None else np.full(len(particles), size),
            halves=particles.halves,
            taken=frozenset(meaning.labels(meaning.said.in_use)),
        )

    def changes(self, particles: Particles, motion: Motion) -> Mapping[str, NDArray[np.float64]]:
        """The columns of poses and shifts that a motion changes; see `Movable.changes`."""
        return _meaning(particles).changes(particles, motion)


FORMAT = PlainText()


class PlainTable(TextTable):
    """A table of text whose columns were explained."""

    def __init__(self, meaning: Meaning, format_name: str) -> None:
        super().__init__(meaning.rows, format_name)
        self.meaning = meaning


def _meaning(particles: Particles) -> Meaning:
    assert isinstance(particles.table, PlainTable)
    return particles.table.meaning


def _layout(source: Source) -> Layout:
    head = source.text(0, min(source.size, HEAD_BYTES))
    layout = layout_of(head)
    if layout is None and not has_rows(head):
        raise _no_rows(source)
    if layout is None:
        raise MalformedFileError(
            "this is not a table of text: its first lines have not the same number of cells, or "
            "fewer than three columns of numbers",
            where=str(source.path),
            hint="Cells are parted by blanks, tabs, commas or semicolons; a cell in quotes may "
            "not have these in it.",
        )
    return layout


def _rows(source: Source, layout: Layout) -> TextRows:
    lines = Lines.of(source, layout.begin, COMMENTS)
    if not layout.rows:
        raise _no_rows(source)
    return TextRows(lines, layout.headings, layout.separator, number)


def _no_rows(source: Source) -> NoOrientationsError:
    return NoOrientationsError(
        "the table has no rows",
        where=str(source.path),
        hint="Was the selection that made this file empty?",
    )


def _hint(preview: TablePreview) -> str:
    suggestion = preview.suggestion
    if suggestion is None:
        return "Say which columns do, as in --columns rot=3,tilt=4,psi=5,half=8 (RELION's angles)."
    return f"If its headings mean what they seem to, say --columns {columns_word(suggestion)}"
