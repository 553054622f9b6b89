"""Cells of tables that people type, copy from spreadsheets and keep in texts.

Columns stand between tabs, else between semicolons, else between commas and spaces. A comma inside
a cell that tabs or semicolons leave whole is a decimal comma.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from evenview.core.errors import UserError
from evenview.formats.texts import shown

_ANY = re.compile(r"\s*[,;]\s*|\s+")
_NUMBER = re.compile(r"[-+\N{MINUS SIGN}]?(\d*),(\d+)")
_THOUSANDS = re.compile(r"[-+\N{MINUS SIGN}]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_SPACE, _COMMA = re.compile(r"\s"), re.compile(r"\d,\d")
#: Digits after the one comma of a row that may be the decimals of a single number.
_DECIMALS = 3
_HINT = "Write 3.9 for 3,9, without a comma at the thousands, and tabs between the columns."


def cells_of(lines: Sequence[str], where: str = "") -> list[list[str]]:
    """The cells of each line, decimal commas as points.

    Raises `UserError` where a comma may be between two columns or inside a number.
    """
    mark = next((mark for mark in "\t;" if any(mark in line.strip() for line in lines)), None)
    if mark is None:
        _require_columns(lines, where)
        return [_ANY.split(line.strip()) for line in lines]
    rows = [[cell.strip() for cell in line.split(mark)] for line in lines]
    while rows and all(len(row) > 1 and not row[-1] for row in rows):
        rows = [row[:-1] for row in rows]
    return _with_points(rows, where)


def heading_of(line: str) -> list[str]:
    """The cells of the line of headings; spaces inside of one are underscores."""
    mark = next((mark for mark in "\t;," if mark in line), None)
    words = line.split() if mark is None else line.split(mark)
    return ["_".join(word.strip().strip('"').split()).lower() for word in words]


def _require_columns(lines: Sequence[str], where: str) -> None:
    """Refuse commas that may be those of numbers."""
    commas = [line for line in lines if _COMMA.search(line)]
    odd = next((line for line in commas if _SPACE.search(line.strip())), None)
    if odd is None and commas and len(commas) == len(lines):
        single = all(_may_be_one(line.strip()) for line in lines)
        odd = lines[0] if single else None
    if odd is not None:
        raise UserError(
            f'in "{shown(odd.strip())}" a comma may be that of a number, or between two columns',
            where=where,
            hint=_HINT,
        )


def _may_be_one(line: str) -> bool:
    found = _NUMBER.fullmatch(line)
    return found is not None and len(found[2]) <= _DECIMALS


def _with_points(rows: list[list[str]], where: str) -> list[list[str]]:
    """Numbers with points for decimal commas, where that is what they are."""
    commas = [cell for row in rows for cell in row if _is_with_comma(cell)]
    if not commas:
        return rows
    decimals = all(_NUMBER.fullmatch(cell) for cell in commas)
    points = any("." in cell and _is_plain(cell) for row in rows for cell in row)
    if not decimals or points or all(_THOUSANDS.fullmatch(cell) for cell in commas):
        raise UserError(
            f'whether the comma of "{shown(commas[0])}" stands at the decimals or at the thousands '
            "is not certain",
            where=where,
            hint=_HINT,
        )
    return [[c.replace(",", ".") if _NUMBER.fullmatch(c) else c for c in row] for row in rows]


def _is_with_comma(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _THOUSANDS.fullmatch(cell))


def _is_plain(cell: str) -> bool:
    return re.fullmatch(r"[-+\N{MINUS SIGN}]?\d*\.\d*", cell) is not None
