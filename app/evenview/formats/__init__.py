"""Particle formats, one module each, found by folder and recognised by content."""

from __future__ import annotations

import stat
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from evenview.core.errors import UserError
from evenview.core.particles import Particles
from evenview.core.progress import Progress, silent
from evenview.core.reading import AS_IT_IS, Reading
from evenview.formats.base import HEAD_BYTES, ByClass, ByColumns, Format
from evenview.formats.foreign import explain

__all__ = ["Format", "find_format", "formats", "open_particles", "recognising"]


@cache
def formats() -> dict[str, Format]:
    """Every format by its name: the `FORMAT` of each module in this folder that has one."""
    names = sorted(module.name for module in iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    found: list[Format] = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return {form.name: form for form in found}


def open_particles(
    path: Path | str, progress: Progress = silent, reading: Reading = AS_IT_IS
) -> Particles:
    """Read the particles of a file of any known format, recognised by its content.

    `reading` says what a file may leave open. Where it has poses of each particle for several
    classes, they are those of the chosen one, or each particle's for its most probable class. A
    table that only the user can explain is read by the columns, and so is any table of text where
    columns are said.

    Raises
    ------
    ColumnsNeededError
        The file is a table of text, and no columns are said.
    UserError
        The file is missing, a folder, empty, unreadable, not a particle file, or has no
        orientations, or not the class or columns; the sentence says which and what to do.
    """
    path = Path(path)
    form = find_format(path) if reading.columns is None else _table_format(path)
    if reading.chosen_class is not None:
        particles = _by_class(form, path).read_class(path, reading.chosen_class, progress)
    elif reading.columns is not None and isinstance(form, ByColumns):
        particles = form.read_columns(path, reading.columns, progress)
    else:
        particles = form.read(path, progress)
    return replace(particles, reading=reading)


def find_format(path: Path) -> Format:
    """The format of a file, by its first bytes; raises `UserError` as `open_particles` does."""
    head = _head(path)
    found = recognising(head, path)
    if found:
        return found[0]
    what, hint = explain(head)
    raise UserError(what, where=str(path), hint=hint)


def recognising(head: bytes, path: Path) -> list[Format]:
    """The formats that say yes to a file that begins with `head`: one, if they keep their promise.

    Tables of any columns are those that no other format knows.
    """
    last = [form for form in formats().values() if isinstance(form, ByColumns)]
    first = [form for form in formats().values() if form not in last]
    found = [form for form in first if form.sniff(head, path)]
    return found or [form for form in last if form.sniff(head, path)]


def _by_class(form: Format, path: Path) -> ByClass:
    if isinstance(form, ByClass):
        return form
    raise UserError(
        f"a file of {form.title} does not have poses for several classes, so none can be chosen",
        where=str(path),
        hint="Open it without a class.",
    )


def _table_format(path: Path) -> Format:
    """The format of tables of any columns, which says itself what is none."""
    _head(path)
    return next(form for form in formats().values() if isinstance(form, ByColumns))


def _head(path: Path) -> bytes:
    try:
        _require_regular(path)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise UserError("there is no such file", where=str(path), hint="Check its name.") from None
    except PermissionError:
        raise UserError(
            "the file may not be read by you", where=str(path), hint="Ask its owner for access."
        ) from None
    except (OSError, ValueError) as error:
        raise UserError(f"the file could not be read ({error})", where=str(path)) from error
    if not head:
        raise UserError(
            "the file is empty", where=str(path), hint="Was the program that wrote it stopped?"
        )
    return head


def _require_regular(path: Path) -> None:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise UserError(
            "this is a folder, not a file",
            where=str(path),
            hint="Open a particle file inside it, such as run_data.star or a .cs file.",
        )
    if not stat.S_ISREG(mode):
        raise UserError(
            "this is a pipe or a device, which cannot be read twice",
            where=str(path),
            hint="Save it as a file first.",
        )
