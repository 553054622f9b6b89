"""The word that says the columns of a table of text: of ``--columns``, of recipes, of settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar, get_args

from evenview.core.conventions import Convention, conventions, find_convention
from evenview.core.errors import UserError
from evenview.core.reading import AngleUnit, ShiftSense, ShiftUnit, TextColumns

T = TypeVar("T", bound=str)

_ANGLES: tuple[AngleUnit, ...] = get_args(AngleUnit)
_UNITS: tuple[ShiftUnit, ...] = get_args(ShiftUnit)
_SENSES: tuple[ShiftSense, ...] = get_args(ShiftSense)
_SHIFTS = ("dx", "dy", "dz")
_OTHERS = ("angles", "half", *_SHIFTS, "shift", "sign", "apix")
_HINT = "Write them as in rot=3,tilt=4,psi=5,half=8: a name, and a column's number or heading."
_ITEM = re.compile(
    r"""\s*(?P<key>[A-Za-z]\w*)\s*=\s*
    (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<plain>[^\s,;"']+))\s*(?:[,;]|\s|$)""",
    re.VERBOSE,
)
_PLAIN = re.compile(r"[^\s,;\"']+")


def columns_word(columns: TextColumns) -> str:
    """The word that `parse_columns` reads: ``convention=relion,rot=3,tilt=4,psi=5``."""
    return ",".join(f"{key}={_quoted(value)}" for key, value in _items(columns))


def parse_columns(text: str, convention: str | None = None) -> TextColumns:
    """The columns of a word such as ``rot=3,tilt=4,psi=5,half=8``.

    Names are those of the numbers of a convention, which they tell unless several have the same;
    then ``convention=emmotl`` or the parameter does. Others: ``half``, ``dx``, ``dy``, ``dz`` with
    ``shift`` (px, A) and ``sign`` (origin, position), ``apix``, ``angles`` (degrees, radians).

    Raises `UserError`, which says what is missing or not understood.
    """
    said = _items_of(text)
    name = said.pop("convention", None) or convention
    others = {key: said.pop(key) for key in _OTHERS if key in said}
    about = find_convention(name) if name else _told_by(tuple(said))
    names = [number.name for number in about.numbers]
    if set(said) != set(names):
        raise _unlike(about, said)
    return TextColumns(
        convention=about.name,
        numbers=tuple(said[name] for name in names),
        angles=_one_of(_ANGLES, "angles", others),
        half=others.get("half"),
        shifts=_shifts(others),
        shift_unit=_one_of(_UNITS, "shift", others),
        shift_sense=_one_of(_SENSES, "sign", others),
        pixel_size=_size(others.get("apix")),
    )


def _items_of(text: str) -> dict[str, str]:
    said: dict[str, str] = {}
    at = 0
    while text[at:].strip():
        found = _ITEM.match(text, at)
        if found is None:
            raise UserError(f'"{text[at:].strip()}" is not understood', hint=_HINT)
        key, value = found["key"].lower(), found[found.lastgroup or "plain"]
        if key in said:
            raise UserError(f"{key} is said twice", hint=_HINT)
        said[key], at = value, found.end()
    if not said:
        raise UserError("no columns are named", hint=_HINT)
    return said


def _told_by(names: tuple[str, ...]) -> Convention:
    """The one convention whose numbers have these names."""
    own = {name: {n.name for n in about.numbers} for name, about in conventions().items()}
    fits = [find_convention(name) for name in own if own[name] == set(names)]
    fits = fits or [find_convention(name) for name in own if own[name] < set(names)]
    listed = ", ".join(names) or "none"
    if len(fits) == 1:
        return fits[0]
    if fits:
        known = ", ".join(about.name for about in fits)
        raise UserError(
            f"{listed} are names of several conventions: {known}",
            hint=f"Add --convention {fits[0].name}, or another of them.",
        )
    raise UserError(
        f"no convention has numbers of these names: {listed}",
        hint="Known are "
        + "; ".join(f"{about.order} ({name})" for name, about in conventions().items())
        + ".",
    )


def _unlike(about: Convention, said: Mapping[str, str]) -> UserError:
    names = [number.name for number in about.numbers]
    missing = [name for name in names if name not in said]
    strange = [name for name in said if name not in names]
    what = f"no column is said for {', '.join(missing)}" if missing else ""
    also = f"{', '.join(strange)} is not known" if strange else ""
    return UserError(
        "; ".join(filter(None, (what, also))),
        hint=f"{about.title} needs {about.order}; besides there are {', '.join(_OTHERS)}.",
    )


def _shifts(others: Mapping[str, str]) -> tuple[str, ...]:
    said = [name for name in _SHIFTS if name in others]
    if said != list(_SHIFTS[: len(said)]):
        raise UserError("shifts need two columns, dx and dy", hint="Subtomograms need dz, too.")
    return tuple(others[name] for name in said)


def _one_of(choices: tuple[T, ...], key: str, others: Mapping[str, str]) -> T | None:
    value = others.get(key)
    if value is None:
        return None
    for choice in choices:
        if choice == value:
            return choice
    raise UserError(f"{key}={value} is not understood", hint=f"Say {' or '.join(choices)}.")


def _size(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        raise UserError(f"apix={text} is not a number", hint="Say it as in apix=1.2") from None


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else f'"{value}"'


def _items(columns: TextColumns) -> Iterator[tuple[str, str]]:
    yield "convention", columns.convention
    yield from zip((n.name for n in columns.about.numbers), columns.numbers, strict=True)
    yield from zip(_SHIFTS, columns.shifts, strict=False)
    size = None if columns.pixel_size is None else repr(columns.pixel_size)
    for key, value in (
        ("angles", columns.angles),
        ("half", columns.half),
        ("shift", columns.shift_unit),
        ("sign", columns.shift_sense),
        ("apix", size),
    ):
        if value is not None:
            yield key, value
