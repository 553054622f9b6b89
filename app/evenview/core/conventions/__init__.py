"""How each package writes a rotation: one file a convention, found by folder.

A module here that names a `Convention` in ``CONVENTION`` is one. The conversions that they point to
are in `evenview.core.convention`, where the signs are; this is the table of them for people, for
``evenview pose`` and for docs/conventions.md, which is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from evenview.core.conventions.base import Convention, Number
from evenview.core.errors import UserError

__all__ = ["Convention", "Number", "conventions", "find_convention"]


@cache
def conventions() -> Mapping[str, Convention]:
    """Every convention by its name, in the order of tables."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    found: list[Convention] = [m.CONVENTION for m in modules if hasattr(m, "CONVENTION")]
    return MappingProxyType({c.name: c for c in sorted(found, key=lambda c: c.place)})


def find_convention(name: str) -> Convention:
    """The convention of a name or an alias, in any case, with - or _.

    Raises
    ------
    UserError
        There is none of that name.
    """
    wanted = name.strip().lower().replace("-", "_")
    for convention in conventions().values():
        if wanted in (convention.name, *convention.aliases):
            return convention
    raise UserError(
        f'"{name}" is not a known convention', hint=f"Known are {', '.join(conventions())}."
    )
