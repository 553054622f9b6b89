"""Tilt series, a module a kind of file, found by folder and recognised by content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, TypeVar

from evenview.core.errors import UserError
from evenview.core.tilt.series import TiltSeries
from evenview.formats.tilt import imod
from evenview.formats.tilt.base import Given, TiltFormat
from evenview.formats.tilt.reading import bytes_of_file

__all__ = ["Given", "Outcome", "TiltFormat", "find_format", "formats", "open_series", "read_each"]

T = TypeVar("T")

_HEAD_BYTES = 1 << 16


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of a file: its series, or why there is none.

    `files` are those that were given for it: it, and the .xf that belongs to it.
    """

    path: Path
    files: tuple[Path, ...]
    found: TiltSeries | UserError


@cache
def formats() -> tuple[TiltFormat, ...]:
    """The `FORMAT` of each module in this folder that has one."""
    names = sorted(module.name for module in iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return tuple(module.FORMAT for module in modules if hasattr(module, "FORMAT"))


def find_format(path: Path) -> TiltFormat:
    """The kind of a file. Raises `UserError` where it is none that describes a tilt series."""
    head = bytes_of_file(path)[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf")
    found = [form for form in formats() if form.sniff(head)]
    if len(found) == 1:
        return found[0]
    titles = ", ".join(sorted(form.title for form in formats()))
    raise UserError(
        "this is not a file of a tilt series", where=str(path), hint=f"Known are: {titles}."
    )


def open_series(paths: Sequence[Path], given: Given) -> list[TiltSeries]:
    """The tilt series of some files; an .xf belongs to the .tlt that it is given with.

    Raises `UserError` where a file cannot be read, or nothing tells which .xf belongs to which.
    """
    series = []
    for outcome in read_each(paths, given):
        if isinstance(outcome.found, UserError):
            raise outcome.found
        series.append(outcome.found)
    return series


def read_each(paths: Sequence[Path], given: Given) -> list[Outcome]:
    """What becomes of each file, as `open_series` reads it; what it would raise is told, too."""
    kinds = [_tried(partial(find_format, path)) for path in paths]
    angles = [p for p, kind in zip(paths, kinds, strict=True) if kind is imod.FORMAT]
    transforms = [p for p, kind in zip(paths, kinds, strict=True) if kind is imod.TRANSFORMS]
    pairs = {path: _tried(partial(_companion, path, angles, transforms)) for path in angles}
    used = {pair for pair in pairs.values() if isinstance(pair, Path)}
    found = []
    for path, kind in zip(paths, kinds, strict=True):
        if path in used:
            continue
        pair = pairs.get(path)
        files = (path, pair) if isinstance(pair, Path) else (path,)
        wrong = next((each for each in (kind, pair) if isinstance(each, UserError)), None)
        found.append(Outcome(path, files, wrong or _read(path, kind, pair, given)))
    return found


def _read(path: Path, kind: Any, pair: Any, given: Given) -> TiltSeries | UserError:
    axis = given.axes.get(path, given.axis)
    return _tried(partial(kind.read, path, replace(given, axis=axis, companion=pair)))


def _tried(work: Callable[[], T]) -> T | UserError:
    """What some work gives, or why it cannot."""
    try:
        return work()
    except UserError as error:
        return error


def _companion(path: Path, angles: Sequence[Path], transforms: Sequence[Path]) -> Path | None:
    """The .xf of a file of angles: that of its name, or the only one for the only one."""
    alike = [other for other in transforms if other.stem == path.stem]
    if len(alike) == 1:
        return alike[0]
    if len(angles) == 1 and len(transforms) == 1:
        return transforms[0]
    if transforms and not alike and len(transforms) >= len(angles):
        raise UserError(
            "nothing tells which .xf belongs to this file",
            where=str(path),
            hint="Give one series at a time, or name its files alike (TS_01.tlt and TS_01.xf).",
        )
    return None
