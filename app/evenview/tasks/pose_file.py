"""Tables of poses that people make: numbers between commas, semicolons, blanks or tabs."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenview.core.conventions import Convention
from evenview.core.errors import MalformedFileError, UserError

#: Largest file that is read, in bytes (millions of poses), and longest line, in letters.
LARGEST, LONGEST = 1 << 28, 100_000

_SEPARATOR = re.compile(r"\s*[,;]\s*|\s+")
_INSIDE = re.compile(r"[\s,;]+")
_QUOTED = re.compile(r'"([^"]*)"')
#: Brackets of pasted lists count as blanks; people paste true minus signs, too.
_ODD = str.maketrans(dict.fromkeys("[](){}", " ") | {"−": "-"})


@dataclass(frozen=True)
class PoseTable:
    """Numbers (N, k) in a convention's order, and the line (N,) that each row stands in, from 1."""

    path: Path
    values: NDArray[np.float64]
    lines: NDArray[np.int64]

    def place(self, row: int) -> str:
        """Where a row stands."""
        return f"{self.path}, line {int(self.lines[row]):,}" if row < len(self.lines) else ""


def cells(text: str) -> list[str]:
    """The words of a line; one in quotes may have blanks and commas in it."""
    plain = text.translate(_ODD)
    line = _QUOTED.sub(lambda quoted: _INSIDE.sub("_", quoted[1].strip()), plain).strip()
    return _SEPARATOR.split(line) if line else []


def numbers(words: Sequence[str], where: str = "", columns: Sequence[int] = ()) -> list[float]:
    """The numbers of words. Raises `UserError` that names the first that is none.

    `where` is the line that they are from and `columns` are their columns in it, from 0.
    """
    found = [_number(word) for word in words]
    wrong = next((i for i, number in enumerate(found) if number is None), None)
    if wrong is None:
        return [number for number in found if number is not None]
    word = words[wrong][:40]
    column = (columns or range(len(words)))[wrong] + 1
    raise MalformedFileError(
        f'"{word}" is not a number' if word else "there is no number",
        where=f"{where}, column {column}" if where else "",
        hint="Numbers are written like -12.5 or 1e-3.",
    )


def read_poses(path: Path, convention: Convention) -> PoseTable:
    """Read the poses of a text file.

    One pose a line. Empty lines and those that begin with # are skipped. The first line may name
    the columns; where it has the names of the convention's numbers, these columns are taken, in
    whatever order they stand. Without such names a line must hold the convention's numbers alone.

    Raises
    ------
    UserError
        The file cannot be read or is not text; a line has another count of cells; a cell is not a
        number. It says line and column.
    """
    values, lines = array("d"), array("q")
    columns: Sequence[int] = ()
    width = 0
    for number, line in enumerate(_text(path).split("\n"), 1):
        where = f"{path}, line {number:,}"
        words = _words(line, where)
        if not words:
            continue
        if not width and all(_number(word) is None for word in words):
            columns, width = _header(words, convention, where), len(words)
            continue
        if columns and len(words) != width:
            raise MalformedFileError(
                f"this line has {len(words)} columns, but the first line names {width}", where=where
            )
        chosen = [words[column] for column in columns] if columns else words
        row = numbers(chosen, where, columns)
        convention.expect(len(row), where)
        values.extend(row)
        lines.append(number)
        width = width or len(words)
    if not lines:
        raise UserError("there are no poses in this file", where=str(path))
    rows = np.array(values).reshape(len(lines), -1)
    return PoseTable(path, rows, np.array(lines))


def _words(line: str, where: str) -> list[str]:
    if len(line) > LONGEST:
        raise MalformedFileError(
            "this line is too long for a pose", where=where, hint="Write one pose a line."
        )
    return [] if line.lstrip().startswith("#") else cells(line)


def _header(words: list[str], convention: Convention, where: str) -> list[int]:
    """Which columns hold the convention's numbers, by name or else by place."""
    names = [word.lower().lstrip("_") for word in words]
    found = convention.columns_of(names)
    columns = [place for place in found if place is not None]
    if len(columns) == len(found):
        return columns
    if not columns and len(words) == len(found):
        return list(range(len(words)))
    missing = ", ".join(
        number.name for number, at in zip(convention.numbers, found, strict=True) if at is None
    )
    raise UserError(
        f"the first line names columns, but none for {missing}",
        where=where,
        hint=f"Columns of {convention.title} are named {convention.order}.",
    )


def _number(word: str) -> float | None:
    try:
        return None if "_" in word else float(word)
    except ValueError:
        return None


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise UserError("this is not a file", where=str(path), hint="Give the name of a file.")
        if path.stat().st_size > LARGEST:
            raise UserError("the file is larger than 256 MB", where=str(path), hint="Split it.")
        content = path.read_bytes()
    except FileNotFoundError:
        raise UserError("there is no such file", where=str(path), hint="Check its name.") from None
    except (OSError, ValueError) as error:
        raise UserError(f"the file could not be read ({error})", where=str(path)) from error
    try:
        if b"\0" in content:
            raise ValueError("a zero byte")
        text = content.decode("utf-8-sig")
    except ValueError as error:
        raise MalformedFileError("the file is not plain text", where=str(path)) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
