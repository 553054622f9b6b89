"""Tilt series, a module a kind of file, found by folder and recognised by content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from evenview.core.errors import UserError
from evenview.core.tilt.series import TiltSeries
from evenview.formats.tilt import imod
from evenview.formats.tilt.base import Given, TiltFormat
from evenview.formats.tilt.reading import bytes_of_file

__all__ = ["Given", "TiltFormat", "find_format", "formats", "open_series"]

_HEAD_BYTES = 1 << 16


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
    kinds = [find_format(path) for path in paths]
    angles = [p for p, kind in zip(paths, kinds, strict=True) if kind is imod.FORMAT]
    transforms = [p for p, kind in zip(paths, kinds, strict=True) if kind is imod.TRANSFORMS]
    pairs = {path: _companion(path, angles, transforms) for path in angles}
    used = set(pairs.values())
    series = []
    for path, kind in zip(paths, kinds, strict=True):
        if kind is imod.TRANSFORMS and path in used:
            continue
        series.append(kind.read(path, replace(given, companion=pairs.get(path))))
    return series


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
